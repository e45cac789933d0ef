"""Building the cells of a measure: given, or absent with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.time import Interval
from classwatch.metrics.bootstrap import BLOCK_S, ratio_interval
from classwatch.metrics.timeline import TOUCH_S, blocks


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the cells of one measure have in common; ``give`` and ``absent`` make the cells."""

    id: str
    unit: Unit
    formula: str
    sampling: str
    gates: tuple[Gate, ...] = ()
    coverage: float | None = None
    stream: str = ""

    def give(
        self,
        value: float,
        numerator: float | None = None,
        denominator: float | None = None,
        *,
        part: str = "",
        evidence: tuple[Interval, ...] = (),
    ) -> Measure:
        """A cell with a number."""
        return Measure(
            id=self.id,
            unit=self.unit,
            formula=self.formula,
            sampling=self.sampling,
            value=float(value),
            numerator=None if numerator is None else float(numerator),
            denominator=None if denominator is None else float(denominator),
            coverage=self.coverage,
            part=part,
            stream=self.stream,
            gates=self.gates,
            evidence=evidence,
        )

    def ratio(
        self,
        numerator: float,
        denominator: float,
        *,
        part: str = "",
        evidence: tuple[Interval, ...] = (),
    ) -> Measure:
        """A cell ``numerator / denominator``; absent (nothing found) where nothing is below."""
        if denominator <= 0:
            return self.absent(Why(Reason.NONE_FOUND), part=part)
        value = numerator / denominator
        return self.give(value, numerator, denominator, part=part, evidence=evidence)

    def named(
        self, category: str, *, part: str = "", evidence: tuple[Interval, ...] = ()
    ) -> Measure:
        """A cell whose answer is a name and no number."""
        return Measure(
            id=self.id,
            unit=self.unit,
            formula=self.formula,
            sampling=self.sampling,
            category=category,
            coverage=self.coverage,
            part=part,
            stream=self.stream,
            gates=self.gates,
            evidence=evidence,
        )

    def absent(self, why: Why, *, part: str = "") -> Measure:
        """A cell without a number."""
        return Measure(
            id=self.id,
            unit=self.unit,
            formula=self.formula,
            sampling=self.sampling,
            coverage=self.coverage,
            part=part,
            stream=self.stream,
            why=why,
            gates=self.gates,
        )

    def all_absent(self, why: Why, parts: Iterable[str] = ("",)) -> tuple[Measure, ...]:
        """One absent cell per part, so that tables keep their columns."""
        return tuple(self.absent(why, part=part) for part in parts)


def with_interval(
    cell: Measure, numerators: NDArray[np.float64], denominators: NDArray[np.float64]
) -> Measure:
    """The same cell with a 95 % interval from blocks (b,), where one is honest."""
    found = None if cell.value is None else ratio_interval(numerators, denominators)
    return cell if found is None else replace(cell, ci_low=found[0], ci_high=found[1])


Starts = Sequence[float] | NDArray[np.float64]
"""When things begin, in seconds on the lesson's clock."""


def in_minutes(starts_s: Starts, span: Interval) -> NDArray[np.float64]:
    """How many of the times lie in each whole minute of ``span`` (b,)."""
    counts = np.zeros(len(blocks(span, BLOCK_S)))
    starts = np.asarray(starts_s, dtype=np.float64)
    at = ((starts - span.start_s + TOUCH_S) // BLOCK_S).astype(np.int64)
    np.add.at(counts, at[(at >= 0) & (at < len(counts))], 1.0)
    return counts


def with_share_interval(cell: Measure, own_s: Starts, all_s: Starts, span: Interval) -> Measure:
    """A share of things that begin at ``all_s``, those at ``own_s``, with its 95 % interval."""
    return with_interval(cell, in_minutes(own_s, span), in_minutes(all_s, span))


def with_count_interval(cell: Measure, starts_s: Starts, span: Interval) -> Measure:
    """A count with its 95 % interval, from what begins in each whole minute of ``span``.

    The minutes are scaled to the length of the lesson, so a rest under a minute widens nothing.
    """
    return _with_sum_interval(cell, in_minutes(starts_s, span), span.duration_s / BLOCK_S)


def with_rate_interval(cell: Measure, starts_s: Starts, span: Interval) -> Measure:
    """A count for each minute of the lesson with its 95 % interval."""
    return _with_sum_interval(cell, in_minutes(starts_s, span), 1.0)


def with_length_interval(cell: Measure, seconds: NDArray[np.float64], span: Interval) -> Measure:
    """Seconds in all, with the 95 % interval from those in each whole minute of ``span`` (b,)."""
    return _with_sum_interval(cell, seconds, span.duration_s / BLOCK_S)


def _with_sum_interval(cell: Measure, sums: NDArray[np.float64], minutes: float) -> Measure:
    """The interval of what ``minutes`` minutes hold, from sums of whole ones (b,)."""
    return with_interval(cell, sums, np.full(len(sums), 1.0 / minutes)) if len(sums) else cell
