"""The lesson clock: half-open intervals in float seconds, and set algebra on them.

Every time in classwatch is seconds on the lesson's own clock. A set of intervals is a float64
array of shape (n, 2) holding ``[start_s, end_s)``; *normalised* means sorted, non-empty,
disjoint and not touching.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Intervals = NDArray[np.float64]
"""Array (n, 2) of ``[start_s, end_s)``."""


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Half-open ``[start_s, end_s)`` on the lesson clock, ``end_s >= start_s``."""

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.start_s) and np.isfinite(self.end_s)):
            raise ValueError(f"interval must be finite, got [{self.start_s}, {self.end_s})")
        if self.end_s < self.start_s:
            raise ValueError(f"interval ends before it starts: [{self.start_s}, {self.end_s})")

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s

    def overlap_s(self, other: Interval) -> float:
        """Seconds shared with ``other``."""
        return max(0.0, min(self.end_s, other.end_s) - max(self.start_s, other.start_s))


def intervals(pairs: Iterable[Interval | tuple[float, float]] = ()) -> Intervals:
    """Array (n, 2) from intervals or pairs, in the order given."""
    rows = [(p.start_s, p.end_s) if isinstance(p, Interval) else p for p in pairs]
    return check_intervals(np.asarray(rows, dtype=np.float64).reshape(-1, 2))


def check_intervals(array: Intervals) -> Intervals:
    """The same array, after checking shape (n, 2), finiteness and order of ends."""
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"expected shape (n, 2), got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError("interval bounds must be finite")
    if (array[:, 1] < array[:, 0]).any():
        raise ValueError("an interval ends before it starts")
    return array


def normalise(array: Intervals, *, join_gap_s: float = 0.0) -> Intervals:
    """Union as a normalised set; gaps of at most ``join_gap_s`` are closed."""
    check_intervals(array)
    kept = array[array[:, 1] > array[:, 0]]
    if len(kept) == 0:
        return np.zeros((0, 2))
    kept = kept[np.argsort(kept[:, 0], kind="stable")]
    reach = np.maximum.accumulate(kept[:, 1])
    new = np.concatenate([[True], kept[1:, 0] > reach[:-1] + join_gap_s])
    starts = kept[new, 0]
    ends = reach[np.concatenate([np.flatnonzero(new)[1:] - 1, [len(kept) - 1]])]
    return np.stack([starts, ends], axis=1)


def union(*sets: Intervals) -> Intervals:
    """Normalised union of any number of sets."""
    return normalise(np.concatenate([np.zeros((0, 2)), *sets]))


def intersect(left: Intervals, right: Intervals) -> Intervals:
    """Normalised intersection of two sets."""
    a, b = normalise(left), normalise(right)
    rows: list[tuple[float, float]] = []
    i = j = 0
    while i < len(a) and j < len(b):
        start, end = max(a[i, 0], b[j, 0]), min(a[i, 1], b[j, 1])
        if end > start:
            rows.append((float(start), float(end)))
        if a[i, 1] <= b[j, 1]:
            i += 1
        else:
            j += 1
    return intervals(rows)


def complement(array: Intervals, within: Interval) -> Intervals:
    """What of ``within`` the set leaves uncovered, normalised."""
    inside = intersect(array, intervals([within]))
    edges = np.concatenate([[within.start_s], inside.ravel(), [within.end_s]])
    return normalise(edges.reshape(-1, 2))


def subtract(left: Intervals, right: Intervals) -> Intervals:
    """Normalised set of times in ``left`` and not in ``right``."""
    base = normalise(left)
    if len(base) == 0:
        return base
    return intersect(base, complement(right, Interval(float(base[0, 0]), float(base[-1, 1]))))


def total_s(array: Intervals) -> float:
    """Seconds covered by the set, overlaps counted once."""
    normal = normalise(array)
    return float((normal[:, 1] - normal[:, 0]).sum())


def contains(array: Intervals, times_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """For each time (k,), whether the set covers it."""
    normal = normalise(array)
    if len(normal) == 0:
        return np.zeros(len(times_s), dtype=np.bool_)
    at = np.searchsorted(normal[:, 0], times_s, side="right") - 1
    found: NDArray[np.bool_] = (at >= 0) & (times_s < normal[np.maximum(at, 0), 1])
    return found


def clock(seconds: float) -> str:
    """``m:ss`` or ``h:mm:ss`` for people; rounds to the nearest second."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{secs:02d}" if hours else f"{minutes}:{secs:02d}"
