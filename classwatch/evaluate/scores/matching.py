"""One-to-one matches between what is true and what was found."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pairs = NDArray[np.int64]
"""Array (k, 2): row of the truth and row of the finding, ascending by the first."""


def match(affinity: NDArray[np.float64]) -> Pairs:
    """One-to-one pairs: as many as possible, and among those the ones with the greatest sum.

    ``affinity`` (t, f) is at least 0; 0 says that two cannot be a pair. Pairs that hang together
    are assigned on their own (Hungarian algorithm of scipy), so that a whole lesson stays quick.
    """
    if (affinity < 0).any() or not np.isfinite(affinity).all():
        raise ValueError("affinities must be finite and not negative")
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    truths, founds = affinity.shape
    rows, columns = np.nonzero(affinity)
    if len(rows) == 0:
        return np.zeros((0, 2), np.int64)
    links = coo_matrix((np.ones(len(rows)), (rows, columns + truths)), (truths + founds,) * 2)
    _, part = connected_components(links, directed=False)
    found: list[Pairs] = []
    for number in np.unique(part[rows]):
        left = np.flatnonzero(part[:truths] == number)
        right = np.flatnonzero(part[truths:] == number)
        inner = _assign(affinity[np.ix_(left, right)])
        found.append(np.stack([left[inner[:, 0]], right[inner[:, 1]]], axis=1))
    pairs = np.concatenate(found)
    ordered: Pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    return ordered


def _assign(affinity: NDArray[np.float64]) -> Pairs:
    from scipy.optimize import linear_sum_assignment

    # One more pair outweighs any gain in the sum of affinities.
    bonus = affinity.max() * (min(affinity.shape) + 1)
    rows, columns = linear_sum_assignment(
        np.where(affinity > 0, affinity + bonus, 0.0), maximize=True
    )
    kept = affinity[rows, columns] > 0
    return np.stack([rows[kept], columns[kept]], axis=1)


def match_times(
    truth_s: NDArray[np.float64], found_s: NDArray[np.float64], tolerance_s: float
) -> Pairs:
    """Pairs of moments at most ``tolerance_s`` apart: as many as possible, then the closest."""
    apart_s = np.abs(truth_s[:, None] - found_s[None, :])
    # A distance of exactly the tolerance still counts, also where it is off by the last bit.
    near = apart_s <= tolerance_s + 1e-9
    return match(np.where(near, 1.0 + np.maximum(tolerance_s - apart_s, 0.0), 0.0))


def match_frames(
    truth_s: NDArray[np.float64], found_s: NDArray[np.float64], tolerance_s: float
) -> Pairs:
    """Pictures that both sides looked at: for each found picture the nearest true one.

    Times (t,) and (f,) ascend. A pair is at most ``tolerance_s`` apart; of several found pictures
    next to one true picture only the nearest is kept. Pictures of one side only are not scored.
    """
    if len(truth_s) == 0 or len(found_s) == 0:
        return np.zeros((0, 2), np.int64)
    after = np.clip(np.searchsorted(truth_s, found_s), 1, max(len(truth_s) - 1, 1))
    after = np.minimum(after, len(truth_s) - 1)
    before = np.maximum(after - 1, 0)
    closer = np.abs(truth_s[before] - found_s) <= np.abs(truth_s[after] - found_s)
    nearest = np.where(closer, before, after)
    apart_s = np.abs(truth_s[nearest] - found_s)
    order = np.lexsort((apart_s, nearest))
    order = order[apart_s[order] <= tolerance_s + 1e-9]
    _, first = np.unique(nearest[order], return_index=True)
    kept = order[first]
    pairs: Pairs = np.stack([nearest[kept], kept], axis=1).astype(np.int64)
    return pairs


def iou(left_px: NDArray[np.float32], right_px: NDArray[np.float32]) -> NDArray[np.float64]:
    """Intersection over union (l, r) of boxes (l, 4) and (r, 4) as x0, y0, x1, y1."""
    shared = intersection(left_px, right_px)
    both = area(left_px)[:, None] + area(right_px)[None, :] - shared
    ratio: NDArray[np.float64] = np.divide(shared, both, out=np.zeros_like(shared), where=both > 0)
    return ratio


def intersection(
    left_px: NDArray[np.float32], right_px: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Shared area (l, r) of boxes (l, 4) and (r, 4), in square pixels."""
    left, right = left_px.astype(np.float64), right_px.astype(np.float64)
    low = np.maximum(left[:, None, :2], right[None, :, :2])
    high = np.minimum(left[:, None, 2:], right[None, :, 2:])
    side = np.maximum(high - low, 0.0)
    shared: NDArray[np.float64] = side[..., 0] * side[..., 1]
    return shared


def area(boxes_px: NDArray[np.float32]) -> NDArray[np.float64]:
    """Area (n,) of boxes (n, 4), in square pixels; 0 for a box turned inside out."""
    boxes = boxes_px.astype(np.float64)
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0.0)
    size: NDArray[np.float64] = sides[:, 0] * sides[:, 1]
    return size
