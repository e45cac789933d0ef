"""Building the cells of a measure: given, or absent with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.time import Interval
from classwatch.metrics.bootstrap import ratio_interval


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
