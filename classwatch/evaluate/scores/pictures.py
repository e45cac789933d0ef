"""True people of one camera, and which found person is which true one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import PoseSeries
from classwatch.evaluate.scores.matching import Pairs, area, intersection, iou, match, match_frames

BODY_SHARE = 0.53
"""Area of a body in its box, where no outline is known: the share that ultralytics uses."""
SEEN = 0.75
"""A true keypoint of at least this confidence is seen; from 0 to it, hidden; 0: not there."""


@dataclass(frozen=True, slots=True, eq=False)
class TruePeople:
    """Everybody in the pictures of one camera, in truth.

    ``series`` has n people; the confidence of a true keypoint is 1 where it is seen, 0.5 where
    something hides it, 0 where it is not in the picture or not known. ``ignore`` (n,) marks people
    who are neither hit nor miss, and whatever is found on them does not count either (barely
    visible, or a box around a crowd). ``area_px`` (n,) float64 is the visible area of the body.
    """

    camera: str
    series: PoseSeries
    ignore: NDArray[np.bool_]
    area_px: NDArray[np.float64]

    def __post_init__(self) -> None:
        expected = (len(self.series.people),)
        for name, shape in (("ignore", self.ignore.shape), ("area_px", self.area_px.shape)):
            if shape != expected:
                raise ValueError(f"{self.camera}.{name}: expected shape {expected}, got {shape}")


def true_people(
    camera: str,
    series: PoseSeries,
    *,
    visible_share: NDArray[np.float64] | None = None,
    min_visible: float = 0.25,
    crowd: NDArray[np.bool_] | None = None,
    area_px: NDArray[np.float64] | None = None,
) -> TruePeople:
    """Truth of one camera; people with a ``visible_share`` (n,) below ``min_visible`` are ignored.

    Without ``area_px`` it is estimated from the boxes.
    """
    n = len(series.people)
    ignore = np.zeros(n, np.bool_)
    if crowd is not None:
        ignore[crowd.astype(np.bool_)] = True
    if visible_share is not None:
        ignore[visible_share < min_visible] = True
    if area_px is None:
        area_px = area(series.people.boxes_px) * BODY_SHARE
    return TruePeople(camera, series, ignore, area_px)


def seen_share(series: PoseSeries, joints: slice = slice(0, 11)) -> NDArray[np.float64]:
    """Share (n,) of the true keypoints (head and arms by default) that are seen.

    A stand-in for the visible share of the body where truth does not hold it.
    """
    seen: NDArray[np.float64] = (series.people.keypoints[:, joints, 2] >= SEEN).mean(axis=1)
    return seen.astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class PicturePair:
    """One picture that both sides looked at, with rows into the two series.

    ``truth`` (t,) and ``found`` (f,) are the rows that are scored; ``pairs`` (k, 2) are positions
    in these two; ``affinity`` (t, f) is the intersection over union of the boxes.
    """

    truth: NDArray[np.int64]
    found: NDArray[np.int64]
    pairs: Pairs
    affinity: NDArray[np.float64]


def picture_pairs(
    truth: TruePeople, found: PoseSeries, *, min_iou: float = 0.5, tolerance_s: float = 0.05
) -> Iterator[PicturePair]:
    """Every picture looked at on both sides (times at most ``tolerance_s`` apart), in order.

    People are matched one-to-one where boxes overlap by ``min_iou``. True people to be ignored are
    left out, and so is what matches no scored person and lies by half or more in an ignored box.
    """
    frames = match_frames(truth.series.frame_times_s, found.frame_times_s, tolerance_s)
    for true_frame, found_frame in frames:
        true_rows = _rows(truth.series, int(true_frame))
        found_rows = _rows(found, int(found_frame))
        yield _pair(truth, found, (true_rows, found_rows), min_iou)


def _rows(series: PoseSeries, frame: int) -> NDArray[np.int64]:
    first, last = np.searchsorted(series.frame, [frame, frame + 1])
    return np.arange(first, last, dtype=np.int64)


def _pair(
    truth: TruePeople,
    found: PoseSeries,
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
    min_iou: float,
) -> PicturePair:
    true_rows, found_rows = rows
    ignored = true_rows[truth.ignore[true_rows]]
    scored = true_rows[~truth.ignore[true_rows]]
    boxes = found.people.boxes_px
    overlap = iou(truth.series.people.boxes_px[scored], boxes[found_rows])
    pairs = match(np.where(overlap >= min_iou, overlap, 0.0))
    free = np.ones(len(found_rows), np.bool_)
    free[pairs[:, 1]] = False
    on_ignored = _lies_on(boxes[found_rows], truth.series.people.boxes_px[ignored])
    kept = ~(free & on_ignored)
    place = np.cumsum(kept) - 1
    moved = np.stack([pairs[:, 0], place[pairs[:, 1]]], axis=1)
    return PicturePair(scored, found_rows[kept], moved, overlap[:, kept])


def _lies_on(found_px: NDArray[np.float32], ignored_px: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether at least half of a found box (f, 4) lies in one ignored box (i, 4)."""
    shared = intersection(found_px, ignored_px)
    lies = (shared >= 0.5 * area(found_px)[:, None]) & (shared > 0)
    return np.asarray(lies.any(axis=1), np.bool_)
