"""Numbers from which the teacher's acts are told: a few seconds of keypoints, and the place.

A teacher has no seat to be held against. Keypoints are measured from the shoulders of the same
moment, in the body's own size over the window; the way walked and the place against the seats of
the class come beside them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import PoseSeries
from classwatch.vision.body import LEFT_SHOULDER, RIGHT_SHOULDER
from classwatch.vision.scene import Scene
from classwatch.vision.seats import seated_height

OFFSETS_S = (-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0)
"""When the window looks, against the moment that is told."""
_COUNT = 17
_UPPER = slice(0, 11)
_KNOWN = 0.05
_FARTHEST = 4.0
_FAR_WAY = 6.0
_NEAR_S = 0.6
_WINDOW_S = 8.0
_PER_LOOK = 3 * _COUNT + 5
"""Keypoints with confidence; shown; way walked since or until the moment (2); turned away; in
front."""
_PLACE = 14
WIDTH = len(OFFSETS_S) * _PER_LOOK + _PLACE
"""Numbers for each sighting."""
_MIRROR = (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15)
_ASIDE = (0, 3, 12)
"""Which numbers of the place change sign in a mirror."""


@dataclass(frozen=True, slots=True, eq=False)
class _Body:
    """The teacher's sightings, k of them: shoulders (k, 2), size (k,), points (k, 17, 3)."""

    times_s: NDArray[np.float64]
    shoulder: NDArray[np.float64]
    size: NDArray[np.float64]
    points: NDArray[np.float64]


def teacher_features(
    poses: PoseSeries, scene: Scene, rows: NDArray[np.intp], scale: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Numbers (k, ``WIDTH``) of the detections ``rows`` (k,), all of one teacher, in order of time.

    ``scale`` (k,) is the number of the model's pixels for each pixel of the recording.
    """
    body = _read(poses, rows)
    own = np.concatenate([_own(body), _where(scene, rows)], axis=1)
    table = np.zeros((len(rows), WIDTH), np.float32)
    for number, offset_s in enumerate(OFFSETS_S):
        wanted = body.times_s + offset_s
        at = np.searchsorted(body.times_s, wanted)
        left, right = np.maximum(at - 1, 0), np.minimum(at, len(rows) - 1)
        nearer = np.abs(body.times_s[left] - wanted) < np.abs(body.times_s[right] - wanted)
        best = np.where(nearer, left, right)
        shown = np.abs(body.times_s[best] - wanted) <= _NEAR_S
        way = (body.shoulder[best] - body.shoulder) / body.size[:, None]
        look = np.concatenate(
            [
                own[best, : 3 * _COUNT],
                np.ones((len(rows), 1)),
                np.clip(way, -_FAR_WAY, _FAR_WAY),
                own[best, 3 * _COUNT :],
            ],
            axis=1,
        )
        first = number * _PER_LOOK
        table[shown, first : first + _PER_LOOK] = look[shown]
    table[:, -_PLACE:] = _place(body, scene, rows, scale)
    return table


def mirrored(table: NDArray[np.float32]) -> NDArray[np.float32]:
    """The features of the same moments in a mirror."""
    turned = table.copy()
    for first in range(0, WIDTH - _PLACE, _PER_LOOK):
        points = table[:, first : first + 3 * _COUNT].reshape(-1, _COUNT, 3)[:, _MIRROR].copy()
        points[..., 0] *= -1
        turned[:, first : first + 3 * _COUNT] = points.reshape(len(table), -1)
        turned[:, first + 3 * _COUNT + 1] *= -1
    for number in _ASIDE:
        turned[:, WIDTH - _PLACE + number] *= -1
    return turned


def _read(poses: PoseSeries, rows: NDArray[np.intp]) -> _Body:
    points = poses.people.keypoints[rows].astype(np.float64)
    times_s = poses.times_s[rows]
    upper = points[:, _UPPER, :2]
    away = upper - upper.mean(axis=1, keepdims=True)
    spread = 2.0 * np.sqrt((away**2).sum(axis=2).mean(axis=1))
    low = np.searchsorted(times_s, times_s - _WINDOW_S / 2)
    high = np.searchsorted(times_s, times_s + _WINDOW_S / 2, side="right")
    size = [np.median(spread[a:b]) for a, b in zip(low, high, strict=True)]
    shoulder = points[:, LEFT_SHOULDER : RIGHT_SHOULDER + 1, :2].mean(axis=1)
    return _Body(times_s, shoulder, np.maximum(np.asarray(size), 1.0), points)


def _own(body: _Body) -> NDArray[np.float64]:
    """Keypoints (k, 51) from the shoulders, in sizes, with confidence."""
    placed = (body.points[..., :2] - body.shoulder[:, None]) / body.size[:, None, None]
    known = body.points[..., 2:] > _KNOWN
    placed = np.where(known, np.clip(placed, -_FARTHEST, _FARTHEST), 0.0)
    return np.concatenate([placed, body.points[..., 2:]], axis=2).reshape(len(placed), -1)


def _where(scene: Scene, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """Whether (k, 2) the back is turned to the class (1, facing it -1), and in front (1, else
    -1); 0 where not to be told."""
    turned = scene.bodies.facing[rows] * scene.view.class_facing
    if scene.view.front_line_px is None:
        front = np.zeros(len(rows))
    else:
        front = np.where(scene.view.in_front(scene.bodies)[rows], 1.0, -1.0)
    return np.stack([turned.astype(np.float64), front], axis=1)


def _place(
    body: _Body, scene: Scene, rows: NDArray[np.intp], scale: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Numbers (k, ``_PLACE``) about where the body is, among the seats and against its own way."""
    k, view, seats = len(rows), scene.view, scene.seats
    place = np.zeros((k, _PLACE))
    low, high = view.edges_px
    place[:, 0] = (body.shoulder[:, 0] - (low + high) / 2) / max(high - low, 1.0)
    place[:, 1] = view.class_facing
    line = view.front_line_px
    if line is not None and np.isfinite(line):
        hips = scene.bodies.hip[rows, 1]
        place[:, 2] = (hips - line) / body.size * (1 if view.class_facing > 0 else -1)
    low_s = np.searchsorted(body.times_s, body.times_s - 1.5)
    high_s = np.searchsorted(body.times_s, body.times_s + 1.5, side="right") - 1
    way = (body.shoulder[high_s] - body.shoulder[low_s]) / body.size[:, None]
    place[:, 3] = way[:, 0]
    place[:, 4] = np.linalg.norm(way, axis=1)
    place[:, 5] = (np.median(body.shoulder[:, 1]) - body.shoulder[:, 1]) / body.size
    place[:, 6] = np.log(np.maximum(body.size * scale, 1.0)) - 4.0
    seated = seated_height(seats)
    if seated is not None:
        rise = seated.horizon_px + seated.slope * scene.bodies.shoulder_px[rows]
        place[:, 7] = (rise - body.shoulder[:, 1]) / body.size
        # Shoulders seen from the side are narrow: the usual size tells the distance better.
        usual = seated.slope * float(np.median(scene.bodies.shoulder_px[rows] / body.size))
        place[:, 8] = (seated.horizon_px + usual * body.size - body.shoulder[:, 1]) / body.size
    place[:, 9] = scene.bodies.height_px[rows] / body.size
    place[:, 10] = scene.bodies.width_px[rows] / scene.bodies.height_px[rows]
    if len(seats):
        gap = seats.anchor[None] - scene.bodies.anchor[rows][:, None]
        nearest = np.linalg.norm(gap, axis=2).argmin(axis=1)
        beside = gap[np.arange(k), nearest] / body.size[:, None]
        place[:, 11] = np.linalg.norm(beside, axis=1)
        place[:, 12], place[:, 13] = beside[:, 0], beside[:, 1]
    return np.clip(place, -_FAR_WAY, _FAR_WAY)
