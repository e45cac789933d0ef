"""Following bodies through sampled pictures, with all limits in seconds and body heights.

The camera stands still, so a seated body is expected where it was; a walking one within its
speed. Nothing is known but boxes and points: no appearance is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import TrackConfig
from classwatch.core.people import NO_TRACK
from classwatch.core.pose import PoseSeries
from classwatch.vision.body import LEFT_SHOULDER, RIGHT_SHOULDER, upright

_SLACK_HEIGHTS = 0.2
"""Jitter of a body that does not move."""
_WALK_S = 3.0
"""After this long out of sight a walker could be anywhere; only its last place still matches."""
_SETTLED_SAMPLES = 5
_SETTLED_HEIGHTS = 0.35
"""A track this long that stayed this close to its mean place is seated."""
_SEATED_REACH_HEIGHTS = 0.7
"""What a seated body may rise between two sightings when it gets up."""
_SIDEWAYS = 2.3
"""How many times less it may move sideways or down."""
_COST_SEATED = 1.6
_COST_WALKING = 2.6
"""Dearest link of a body that keeps its place and of one that was seen moving; on a rendered class
99 % of a seated body's links cost under 1.3 and 99 % of false ones over 1.38."""
_MAX_SCALE = 1.9
"""Largest ratio of two sizes (root of the box area) of one body from one sighting to the next."""
_FORBIDDEN = 4.0
"""Price of no link: dearer than any link, but not so dear that one more link is worth shifting a
whole row of people by a seat."""


@dataclass(slots=True, eq=False)
class _Active:
    """State of the tracks that may still be matched, m of them; rows are parallel."""

    number: NDArray[np.int32]
    time_s: NDArray[np.float64]
    box: NDArray[np.float32]
    points: NDArray[np.float32]
    """(m, 7, 2) head and shoulder points."""
    home: NDArray[np.float32]
    """(m, 2) running mean of the anchor."""
    wander: NDArray[np.float32]
    """Largest distance from home so far, in heights."""
    samples: NDArray[np.int32]

    def keep(self, mask: NDArray[np.bool_]) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name)[mask])


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """The detections of one picture, n of them."""

    box: NDArray[np.float32]
    points: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.box)


def track(poses: PoseSeries, cfg: TrackConfig) -> NDArray[np.int32]:
    """Track number of every detection (n,), from 0 in order of first appearance.

    Each picture's detections are assigned to the tracks of the last ``cfg.max_gap_s`` seconds at
    the least total cost (Hungarian method); what fits none starts a track. Works at any sampling
    step, also an uneven one.
    """
    from scipy.optimize import linear_sum_assignment

    numbers = np.full(len(poses.people), NO_TRACK, np.int32)
    bounds = np.searchsorted(poses.frame, np.arange(len(poses) + 1))
    active = _nobody()
    started = 0
    for index, time_s in enumerate(poses.frame_times_s):
        rows = slice(int(bounds[index]), int(bounds[index + 1]))
        active.keep(time_s - active.time_s <= cfg.max_gap_s)
        seen = _Seen(
            poses.people.boxes_px[rows], poses.people.keypoints[rows, : RIGHT_SHOULDER + 1, :2]
        )
        cost = _costs(active, seen, float(time_s), cfg)
        old, new = linear_sum_assignment(cost)
        linked = cost[old, new] < _FORBIDDEN
        old, new = old[linked], new[linked]
        found = np.full(len(seen), NO_TRACK, np.int32)
        found[new] = active.number[old]
        fresh = np.flatnonzero(found == NO_TRACK)
        found[fresh] = np.arange(started, started + len(fresh), dtype=np.int32)
        started += len(fresh)
        numbers[rows] = found
        _update(active, old, _pick(seen, new), float(time_s))
        active = _joined(active, _pick(seen, fresh), found[fresh], float(time_s))
    return numbers


def _costs(active: _Active, seen: _Seen, time_s: float, cfg: TrackConfig) -> NDArray[np.float64]:
    """Cost (m, n) of taking detection n for track m; ``_FORBIDDEN`` where it cannot be."""
    iou = _iou(active.box, seen.box)
    height = np.maximum(_heights(active.box)[:, None], _heights(seen.box)[None, :])
    here = active.points.mean(axis=1)
    there = seen.points.mean(axis=1)
    step = (there[None] - here[:, None]) / height[..., None]
    gap = np.linalg.norm(step, axis=2)
    shape = _shape_gap(active.points - here[:, None], seen.points - there[:, None]) / height
    scale = _log_ratio(_sizes(active.box), _sizes(seen.box))

    elapsed_s = time_s - active.time_s
    # Staleness only breaks ties: the seat's own track before one that strayed there.
    stale = 0.05 * np.log1p(np.maximum(elapsed_s, 0.0))[:, None]
    cost = (1.0 - iou) + gap + 2.0 * shape + scale + stale

    stayed = (iou >= cfg.min_iou) & (_seated_gap(step) <= _SEATED_REACH_HEIGHTS)
    walked = cfg.max_speed_heights_per_s * np.where(elapsed_s <= _WALK_S, elapsed_s, 0.0)
    near = gap <= (walked + _SLACK_HEIGHTS)[:, None]
    mobile = active.wander > _SETTLED_HEIGHTS
    settled = ~mobile & (active.samples >= _SETTLED_SAMPLES) & ~_walks_off(active.box)
    dearest = np.where(mobile | _walks_off(active.box), _COST_WALKING, _COST_SEATED)[:, None]
    allowed = (stayed & (cost <= _COST_SEATED)) | (near & ~settled[:, None] & (cost <= dearest))
    return np.where(allowed & (scale <= np.log(_MAX_SCALE)), cost, _FORBIDDEN)


def _log_ratio(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.abs(np.log(left[:, None] / right[None, :])), np.float32)


def _walks_off(box: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Who (n,) stands in full view and may walk off at any time."""
    return upright(box[:, 2] - box[:, 0], _heights(box))


def _seated_gap(step: NDArray[np.float32]) -> NDArray[np.float32]:
    """Length (m, n) of steps in which only getting up counts in full: the next seat is close."""
    stretched = step * np.where(step > 0, _SIDEWAYS, np.asarray([_SIDEWAYS, 1.0]))
    return np.asarray(np.hypot(stretched[..., 0], stretched[..., 1]), np.float32)


def _shape_gap(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean distance (m, n) of shoulder points about their centres: large when facing differs."""
    span = slice(LEFT_SHOULDER, RIGHT_SHOULDER + 1)
    gap = np.linalg.norm(left[:, None, span] - right[None, :, span], axis=3)
    return np.asarray(gap.mean(axis=2), np.float32)


def _iou(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    low = np.maximum(left[:, None, :2], right[None, :, :2])
    high = np.minimum(left[:, None, 2:], right[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    area = _sizes(left)[:, None] ** 2 + _sizes(right)[None, :] ** 2
    return np.asarray(shared / np.maximum(area - shared, 1e-6), np.float32)


def _heights(box: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.maximum(box[:, 3] - box[:, 1], 1.0), np.float32)


def _sizes(box: NDArray[np.float32]) -> NDArray[np.float32]:
    """Root of the area (n,), at least 1 pixel."""
    sides = box[:, 2:] - box[:, :2]
    return np.asarray(np.sqrt(np.maximum(np.prod(sides, axis=1), 1.0)), np.float32)


def _pick(seen: _Seen, rows: NDArray[np.intp]) -> _Seen:
    return _Seen(seen.box[rows], seen.points[rows])


def _update(active: _Active, rows: NDArray[np.intp], seen: _Seen, time_s: float) -> None:
    active.time_s[rows] = time_s
    active.box[rows] = seen.box
    active.points[rows] = seen.points
    active.samples[rows] += 1
    anchor = seen.points.mean(axis=1)
    away = np.linalg.norm(anchor - active.home[rows], axis=1) / _heights(seen.box)
    active.wander[rows] = np.maximum(active.wander[rows], away)
    # A mean over the last ten samples or so forgets the way to the seat.
    weight = (1.0 / np.minimum(active.samples[rows], 10))[:, None].astype(np.float32)
    active.home[rows] += weight * (anchor - active.home[rows])


def _joined(active: _Active, seen: _Seen, number: NDArray[np.int32], time_s: float) -> _Active:
    n = len(seen)
    return _Active(
        np.concatenate([active.number, number]),
        np.concatenate([active.time_s, np.full(n, time_s)]),
        np.concatenate([active.box, seen.box]),
        np.concatenate([active.points, seen.points]),
        np.concatenate([active.home, seen.points.mean(axis=1)]),
        np.concatenate([active.wander, np.zeros(n, np.float32)]),
        np.concatenate([active.samples, np.ones(n, np.int32)]),
    )


def _nobody() -> _Active:
    return _Active(
        np.zeros(0, np.int32),
        np.zeros(0),
        np.zeros((0, 4), np.float32),
        np.zeros((0, RIGHT_SHOULDER + 1, 2), np.float32),
        np.zeros((0, 2), np.float32),
        np.zeros(0, np.float32),
        np.zeros(0, np.int32),
    )
