"""The time axis that all strips share: ticks, binning, and the nearest words to a moment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.speech import Segment
from classwatch.core.time import Interval, clock

_TICK_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)
_BIN_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 15, 30, 60, 120, 300)
MAX_TICKS = 10
COARSE_BINS, FINE_BINS = 300, 900


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis: place as a share of the span in [0, 1], and its text."""

    at: float
    label: str


def ticks(span: Interval) -> tuple[Tick, ...]:
    """At most ``MAX_TICKS`` + 1 round marks; whole minutes where the lesson is long enough."""
    length_s = span.duration_s
    if length_s <= 0:
        return ()
    step = next((s for s in _TICK_STEPS_S if length_s / s <= MAX_TICKS), _TICK_STEPS_S[-1])
    first = int(np.ceil(span.start_s / step)) * step
    times = np.arange(first, span.end_s, step)
    in_minutes = step % 60 == 0
    return tuple(
        Tick(
            (float(t) - span.start_s) / length_s,
            str(round(float(t) / 60)) if in_minutes else clock(float(t)),
        )
        for t in times
    )


def ticks_in_minutes(span: Interval) -> bool:
    """Whether ``ticks`` writes minutes (otherwise ``m:ss``)."""
    return span.duration_s > 30 * MAX_TICKS


def bin_edges(span: Interval, least_step_s: float, most: int) -> NDArray[np.float64]:
    """Edges (b+1,) of equal bins over the span, at most ``most``, none below ``least_step_s``.

    The last bin is cut off by the end of the span.
    """
    need = max(least_step_s, span.duration_s / most)
    step = next((float(s) for s in _BIN_STEPS_S if s >= need), need)
    edges = np.arange(span.start_s, span.end_s, step)
    return np.append(edges, span.end_s)


def bin_index(times_s: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Bin of each time (k,), -1 outside."""
    at = np.searchsorted(edges, times_s, side="right") - 1
    inside = (times_s >= edges[0]) & (times_s < edges[-1])
    found: NDArray[np.int64] = np.where(inside, at, -1).astype(np.int64)
    return found


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds the transcript row that belongs to a moment."""

    starts_s: tuple[float, ...]
    order: tuple[int, ...]

    @staticmethod
    def of(segments: Sequence[Segment]) -> Finder:
        order = sorted(range(len(segments)), key=lambda i: segments[i].start_s)
        return Finder(tuple(segments[i].start_s for i in order), tuple(order))

    def anchor(self, time_s: float) -> str:
        """Fragment of the row at ``time_s`` or the last before it; the strips without words."""
        if not self.starts_s:
            return "#strips"
        at = max(0, bisect_right(self.starts_s, time_s + 1e-6) - 1)
        return f"#seg-{self.order[at]}"


@dataclass(frozen=True, slots=True)
class TimeLink:
    """A moment that can be clicked: seconds, what to write, where it leads, and how long it is."""

    time_s: float
    label: str
    href: str
    length_s: float = 0.0


def link(interval: Interval, finder: Finder) -> TimeLink:
    """The link to the start of ``interval``."""
    return TimeLink(
        round(interval.start_s, 2),
        clock(interval.start_s),
        finder.anchor(interval.start_s),
        interval.duration_s,
    )
