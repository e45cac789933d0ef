"""Which places of the class are left, and whether somebody of it stands before the board.

Told of the class as a whole: no seat and no person comes out of here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import PoseSeries
from classwatch.vision.scene import Scene
from classwatch.vision.seats import NO_SEAT, rows_of, seated_height

_TAKEN = 0.5
"""A seat that is taken in this share of the pictures is somebody's."""
_LEFT_S = 45.0
"""Who is not seen for so long has left: a pose model misses a seated body for up to half of it."""
_FEWEST_SEATS = 3
_AT_SEAT = 0.8
"""Who is farther from the own seat than this share of its height has left it."""
_HIDING = 0.4
"""Share of a seat's height to the side and below within which another body hides it."""
_STANDS = 1.5
"""The same upwards: who stands at a seat is seen above it."""
_APART = 1.0
"""Nearer to the teacher, in the teacher's heights, a second body may be the teacher seen twice."""
_RISE = 0.5
"""Shoulders of who stands are this much above those of the seated as far away, in their width."""
_ALMOST = 0.6
"""Share of the class that has to be on its seats: where all get up nobody is missing."""


def seats_empty(poses: PoseSeries, scene: Scene) -> NDArray[np.bool_]:
    """Whether (s, f) each of some seats is left empty in each picture while most of the class sits.

    A seat counts that is somebody's (taken in half of the pictures or more) and then shows nobody
    for 45 s, nor anybody else before it.
    """
    f = len(poses)
    seated = np.where(_on_seat(scene), scene.seats.of_detection, NO_SEAT).astype(np.int32)
    frames = [np.unique(poses.frame[rows]) for rows in rows_of(seated, len(scene.seats))]
    owned = [seat for seat, own in enumerate(frames) if len(own) >= _TAKEN * f]
    if len(owned) < _FEWEST_SEATS:
        return np.zeros((0, f), np.bool_)
    sitting = np.zeros(f, np.int64)
    for seat in owned:
        sitting[frames[seat]] += 1
    missing = np.stack([_left(poses, scene, seat, frames[seat]) for seat in owned])
    missing[:, sitting < _ALMOST * len(owned)] = False
    return missing


def _on_seat(scene: Scene) -> NDArray[np.bool_]:
    """Detections (n,) that are at the seat of their track."""
    seat = scene.seats.of_detection
    if len(scene.seats) == 0:
        return np.zeros(len(seat), np.bool_)
    away = np.linalg.norm(scene.bodies.anchor - scene.seats.anchor[seat], axis=1)
    on: NDArray[np.bool_] = (seat != NO_SEAT) & (away <= _AT_SEAT * scene.seats.height_px[seat])
    return on


def _left(
    poses: PoseSeries, scene: Scene, seat: int, taken: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """Pictures (f,) in which a seat is empty, over stretches that are long enough."""
    times_s = poses.frame_times_s
    height = float(scene.seats.height_px[seat])
    away = (scene.bodies.anchor - scene.seats.anchor[seat]) / height
    # Whoever stands up there has not left, nor can be told who is hidden by somebody before it.
    near = (np.abs(away[:, 0]) <= _HIDING) & (away[:, 1] >= -_STANDS) & (away[:, 1] <= _HIDING)
    full = np.zeros(len(poses), np.bool_)
    full[poses.frame[near]] = True
    full[taken] = True
    left = np.zeros(len(poses), np.bool_)
    borders = np.flatnonzero(np.diff(np.concatenate([[True], full, [True]]).astype(np.int8)))
    for first, last in borders.reshape(-1, 2).tolist():
        end_s = times_s[last] if last < len(poses) else times_s[-1] + poses.every_s
        if end_s - times_s[first] >= _LEFT_S:
            left[first:last] = True
    return left


def at_board(poses: PoseSeries, scene: Scene) -> NDArray[np.bool_]:
    """Pictures (f,) in which somebody besides the teacher stands before the class.

    The teacher has to be seen in the same picture: a lost track of the teacher is no student. Told
    only where the front lies beyond the class, in sight of the camera.
    """
    shown = np.zeros(len(poses), np.bool_)
    line = seated_height(scene.seats)
    if scene.view.front_line_px is None or scene.view.class_facing >= 0 or line is None:
        return shown
    bodies = scene.bodies
    seated = line.horizon_px + line.slope * bodies.shoulder_px
    stands = seated - bodies.shoulder[:, 1] >= _RISE * bodies.shoulder_px
    other = scene.view.in_front(bodies) & stands & ~scene.teacher & ~_on_seat(scene)
    rows = np.flatnonzero(scene.teacher)
    taught = np.full((len(poses), 3), np.nan)
    taught[poses.frame[rows], :2] = bodies.anchor[rows]
    taught[poses.frame[rows], 2] = bodies.height_px[rows]
    beside = taught[poses.frame]
    apart = np.linalg.norm(bodies.anchor - beside[:, :2], axis=1) >= _APART * beside[:, 2]
    shown[poses.frame[other & apart]] = True
    return shown
