"""Arms and mouths of the teacher, of another adult and of standing students, picture by picture."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import Event, EventKind
from classwatch.core.motion import MOVERS, Motion
from classwatch.core.people import NO_TRACK, PersonRole, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.vision.body import (
    LEFT_ELBOW,
    LEFT_HIP,
    LEFT_SHOULDER,
    LEFT_WRIST,
    RIGHT_ELBOW,
    RIGHT_HIP,
    RIGHT_SHOULDER,
    RIGHT_WRIST,
    SEEN,
)

_ARMS = ((LEFT_ELBOW, LEFT_WRIST), (RIGHT_ELBOW, RIGHT_WRIST))
_LONGEST_STEPS = 2.5
"""Sampling steps between two sightings of one body beyond which nothing is said of its arms."""
_SHOULDERS_TO_HIPS = 0.6
"""Least distance of the shoulders, of that from shoulders to hips: a body turned aside is not
taken for a small one."""
_MOST = 8.0
"""Distances of the shoulders a second; faster is two bodies taken for one."""
_OTHERS = (PersonRole.TEACHER, PersonRole.ADULT)


def find_motion(
    poses: PoseSeries, tracks: Tracks, events: Iterable[Event], mouth: NDArray[np.float32]
) -> Motion:
    """The movement of those who may be speaking; ``mouth`` (n,) as ``mouths`` found it.

    Standing students are those of the stream's ``STANDING`` events. Of several the greatest
    movement counts.
    """
    arms = arm_motion(poses, tracks.track_id)
    found = np.full((2, len(poses), len(MOVERS)), -np.inf, np.float32)
    masks = [tracks.of_role(role) for role in _OTHERS]
    for column, mask in enumerate((*masks, _standing(poses, tracks, events))):
        for values, table in zip((arms, mouth), found, strict=True):
            rows = np.flatnonzero(mask & np.isfinite(values))
            np.maximum.at(table[:, column], poses.frame[rows], values[rows])
    found[np.isneginf(found)] = np.nan
    return Motion(poses.frame_times_s, poses.every_s, found[0], found[1])


def _standing(poses: PoseSeries, tracks: Tracks, events: Iterable[Event]) -> NDArray[np.bool_]:
    mask = np.zeros(len(poses.people), np.bool_)
    times_s = poses.times_s
    for event in events:
        if event.kind is EventKind.STANDING and event.track_id != NO_TRACK:
            during = (times_s >= event.start_s) & (times_s < event.end_s)
            mask |= during & (tracks.track_id == event.track_id)
    return mask & ~tracks.of_role(PersonRole.TEACHER)


def arm_motion(poses: PoseSeries, track_id: NDArray[np.int32]) -> NDArray[np.float32]:
    """Speed (n,) of the arm that moves more, in distances of the shoulders a second.

    Mean way of wrist and elbow against the middle of the shoulders since the body's sighting
    before; NaN where neither arm is seen in both, or they lie too far apart in time.
    """
    speed = np.full(len(poses.people), np.nan, np.float32)
    order = np.lexsort((poses.frame, track_id))
    before, after = order[:-1], order[1:]
    gap_s = poses.times_s[after] - poses.times_s[before]
    paired = (track_id[before] == track_id[after]) & (track_id[after] != NO_TRACK)
    paired &= (gap_s > 0) & (gap_s <= _LONGEST_STEPS * poses.every_s)
    before, after, gap_s = before[paired], after[paired], gap_s[paired]
    points = poses.people.keypoints
    middle = points[:, [LEFT_SHOULDER, RIGHT_SHOULDER], :2].mean(axis=1)
    size = _size(points, middle)
    unit = (size[before] + size[after]) / 2
    sides = np.full((len(_ARMS), len(after)), np.nan)
    for side, joints in enumerate(_ARMS):
        own = points[:, joints]
        ways = own[..., :2] - middle[:, None]
        way = np.linalg.norm(ways[after] - ways[before], axis=2).mean(axis=1)
        sure = np.minimum(own[before, :, 2], own[after, :, 2]).min(axis=1) >= SEEN
        sides[side, sure] = (way / unit / gap_s)[sure]
    seen = np.isfinite(sides).any(axis=0)
    most = np.where(np.isfinite(sides), sides, -np.inf).max(axis=0, initial=-np.inf)
    kept = seen & (most <= _MOST)
    speed[after[kept]] = most[kept]
    return speed


def _size(points: NDArray[np.float32], middle: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distance of the shoulders (n,) in pixels, never 0."""
    shoulders = np.linalg.norm(points[:, LEFT_SHOULDER, :2] - points[:, RIGHT_SHOULDER, :2], axis=1)
    hips = points[:, [LEFT_HIP, RIGHT_HIP], :2].mean(axis=1)
    trunk = np.linalg.norm(hips - middle, axis=1)
    return np.asarray(np.maximum(np.maximum(shoulders, _SHOULDERS_TO_HIPS * trunk), 1.0))
