"""Counts first: what a scorer counts in one lesson, pooled over lessons by sums.

A figure is computed from pooled counts only, never as a mean of per-lesson figures, so that it
does not depend on how lessons are cut. Where a figure needs more than sums (average precision, a
correlation), the tally carries one row per item and pooling puts the rows one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Counts by name, and rows (n, k) float64 by name where sums do not suffice."""

    counts: Mapping[str, float]
    rows: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)


def pool(tallies: Iterable[Tally]) -> Tally:
    """Counts added by name, rows put one after the other; a missing name counts as nothing."""
    counts: dict[str, float] = {}
    rows: dict[str, list[NDArray[np.float64]]] = {}
    for tally in tallies:
        for name, value in tally.counts.items():
            counts[name] = counts.get(name, 0.0) + value
        for name, block in tally.rows.items():
            rows.setdefault(name, []).append(block)
    return Tally(counts, {name: np.concatenate(blocks) for name, blocks in rows.items()})


@dataclass(frozen=True, slots=True)
class Figure:
    """One score of a pooled tally.

    ``value`` is None where it is not defined (``why`` says what was missing). ``numerator`` and
    ``denominator`` are given for shares. ``group`` is the part of the data it is about, such as
    ``height 60-100 px`` or ``camera front``; "" for all. ``better`` says which way is good.
    """

    metric: str
    value: float | None
    unit: str
    better: str
    """``higher``, ``lower`` or ``zero`` (a bias)."""
    group: str = ""
    numerator: float | None = None
    denominator: float | None = None
    why: str = ""


def share(
    metric: str, numerator: float, denominator: float, *, better: str, group: str = ""
) -> Figure:
    """Figure of a share; not defined where the denominator is 0."""
    value = numerator / denominator if denominator else None
    why = "" if denominator else "nothing to count"
    return Figure(metric, value, "share", better, group, numerator, denominator, why)


class Scorer(Protocol):
    """Turns pooled counts into figures; its ``count`` takes what it scores, one lesson at a time.

    The argument types of ``count`` differ between scorers (turns, detections, words …), therefore
    it is not part of this protocol.
    """

    @property
    def name(self) -> str:
        """Id such as ``speech.der``, unique among scorers."""
        ...

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """Figures of a pooled tally, in a fixed order."""
        ...
