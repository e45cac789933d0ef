"""Arithmetic on sets of intervals that several measures share, vectorised."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classwatch.core.time import Interval, Intervals, intersect, normalise

TOUCH_S = 1e-6
"""Shorter gaps are rounding, not pauses."""


def clip(array: Intervals, span: Interval) -> Intervals:
    """The part of a set inside ``span``, row by row; empty rows are dropped."""
    cut = np.clip(array, span.start_s, span.end_s)
    kept: Intervals = cut[cut[:, 1] > cut[:, 0]]
    return kept


def covered_until(normal: Intervals, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Seconds of a normalised set before each time (k,)."""
    if len(normal) == 0:
        return np.zeros(len(times_s))
    before = np.concatenate([[0.0], np.cumsum(normal[:, 1] - normal[:, 0])])
    at = np.searchsorted(normal[:, 0], times_s, side="right")
    inside = np.where(at > 0, np.maximum(0.0, normal[at - 1, 1] - times_s), 0.0)
    found: NDArray[np.float64] = before[at] - inside
    return found


def covered_within(normal: Intervals, spans: Intervals) -> NDArray[np.float64]:
    """Seconds of a normalised set inside each row of ``spans`` (k, 2)."""
    ends = covered_until(normal, spans[:, 1])
    found: NDArray[np.float64] = ends - covered_until(normal, spans[:, 0])
    return found


def joined(own: Intervals, others: Intervals, gap_s: float) -> Intervals:
    """``own`` with pauses of at most ``gap_s`` closed, unless somebody else talks in the pause.

    Speech of others that overlaps ``own`` breaks nothing. Both sets may be unordered; the result
    is sorted and disjoint, and does not depend on how the rows of ``own`` were cut.
    """
    pieces = normalise(own, join_gap_s=TOUCH_S)
    if len(pieces) < 2:
        return pieces
    gaps = np.stack([pieces[:-1, 1], pieces[1:, 0]], axis=1)
    quiet = covered_within(normalise(others), gaps) <= TOUCH_S
    breaks = ((gaps[:, 1] - gaps[:, 0]) > gap_s + TOUCH_S) | ~quiet
    starts = pieces[np.concatenate([[True], breaks]), 0]
    ends = pieces[np.concatenate([breaks, [True]]), 1]
    return np.stack([starts, ends], axis=1)


def blocks(span: Interval, length_s: float) -> Intervals:
    """``span`` cut into whole blocks of ``length_s`` (n, 2); a shorter rest is left out."""
    count = int((span.duration_s + TOUCH_S) // length_s)
    edges = span.start_s + length_s * np.arange(count + 1)
    return np.stack([edges[:-1], edges[1:]], axis=1)


def longest_first(array: Intervals, limit: int = 50) -> tuple[Interval, ...]:
    """The longest rows of a set as values, longest first, earlier first among equals."""
    order = np.lexsort((array[:, 0], -(array[:, 1] - array[:, 0])))[:limit]
    return as_values(array[order])


def as_values(array: Intervals, limit: int = 200) -> tuple[Interval, ...]:
    """The first rows of a set as values."""
    return tuple(Interval(float(a), float(b)) for a, b in array[:limit])


def common(left: Intervals, right: Intervals) -> Intervals:
    """Normalised intersection; quick where either set is empty."""
    if len(left) == 0 or len(right) == 0:
        return np.zeros((0, 2))
    return intersect(left, right)


def at_once(spans: Intervals, times_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many of the spans (n, 2) hold each time (f,)."""
    begun = np.searchsorted(np.sort(spans[:, 0]), times_s, side="right")
    over = np.searchsorted(np.sort(spans[:, 1]), times_s, side="right")
    return np.asarray(begun - over, np.int64)
