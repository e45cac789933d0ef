"""Every measure against its true value: error, bias, order of lessons, interval coverage."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.measures import Measure, Unit
from classwatch.evaluate.scores.figures import NOTHING, mean, root_mean
from classwatch.evaluate.scores.keys import key, named, total
from classwatch.evaluate.tally import Figure, Tally, share

MIN_LESSONS = 3
"""Fewer lessons have no order worth a correlation."""


@dataclass(frozen=True, slots=True)
class MeasureErrors:
    """Error (found minus true) of each measure, in the measure's own unit.

    Where truth has no number there is nothing to score, but a number given there is counted as
    invented. A measure that abstained is never taken for 0: it lowers ``given`` instead.
    """

    name = "measures"

    def count(self, truth: Sequence[Measure], found: Sequence[Measure]) -> Tally:
        """One lesson; measures are the same where id, part and stream are."""
        by_place = {(m.id, m.part, m.stream): m for m in found}
        counts: dict[str, float] = {}
        rows: dict[str, list[tuple[float, float, float, float]]] = {}
        for true in truth:
            other = by_place.get((true.id, true.part, true.stream))
            for name in _states(true, other):
                cell = key(name, *_place(true))
                counts[cell] = counts.get(cell, 0.0) + 1
            if true.value is not None:
                rows.setdefault(key("values", *_place(true)), []).append(_row(true.value, other))
        return Tally(
            dict(sorted(counts.items())),
            {name: np.asarray(rows[name], np.float64) for name in sorted(rows)},
        )

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """For all together, then for each measure: the group is its id, the part in brackets."""
        places = {parts for n in ("known", "unknown") for parts in named(tally.counts, n)}
        each = [
            figure
            for place in sorted(places, key=lambda place: place[1:])
            for figure in self._of(tally, place)
        ]
        known, unknown, given, invented, _ = (total(tally.counts, state) for state in _STATES)
        rows = [block for name, block in sorted(tally.rows.items())]
        held, printed = _interval_hits(np.concatenate([np.zeros((0, 4)), *rows]))
        return (
            share(f"{self.name}.given", given, known, better="higher"),
            share(f"{self.name}.invented", invented, unknown, better="lower"),
            share(f"{self.name}.interval_coverage", held, printed, better="higher"),
            *each,
        )

    def _of(self, tally: Tally, place: tuple[str, ...]) -> tuple[Figure, ...]:
        unit, measure, part = place
        group = f"{measure} [{part}]" if part else measure
        known, unknown, given, invented, same = (
            tally.counts.get(key(state, *place), 0.0) for state in _STATES
        )
        both = (
            share(f"{self.name}.given", given, known, better="higher", group=group),
            share(f"{self.name}.invented", invented, unknown, better="lower", group=group),
        )
        if unit == Unit.CATEGORY:
            metric = f"{self.name}.same_category"
            return (*both, share(metric, same, given, better="higher", group=group))
        rows = tally.rows.get(key("values", *place), np.zeros((0, 4)))
        return (*both, *_number_figures(self.name, rows, unit, group))


_STATES = ("known", "unknown", "given", "invented", "same")


def _place(measure: Measure) -> tuple[str, str, str]:
    return (str(measure.unit), measure.id, measure.part)


def _states(true: Measure, found: Measure | None) -> list[str]:
    """What holds of one pair: names of counts."""
    given = found is not None and found.why is None
    if true.why is not None:
        return ["unknown", "invented"] if given else ["unknown"]
    if not given:
        return ["known"]
    same = found is not None and true.category is not None and true.category == found.category
    return ["known", "given", "same"] if same else ["known", "given"]


def _row(truth: float, found: Measure | None) -> tuple[float, float, float, float]:
    """True value, found value, ends of the found interval; NaN for what is not there."""
    if found is None:
        return truth, math.nan, math.nan, math.nan
    value, low, high = (
        math.nan if number is None else number
        for number in (found.value, found.ci_low, found.ci_high)
    )
    return truth, value, low, high


def _number_figures(
    name: str, rows: NDArray[np.float64], unit: str, group: str
) -> tuple[Figure, ...]:
    """``rows`` (lessons, 4): true value, found value, lower and upper end of its interval."""
    given = rows[np.isfinite(rows[:, 1])]
    errors = given[:, 1] - given[:, 0]
    count = len(errors)
    off, error = float(np.abs(errors).sum()), float(errors.sum())
    held, printed = _interval_hits(rows)
    coverage = f"{name}.interval_coverage"
    return (
        mean(f"{name}.mae", off, count, unit=unit, better="lower", group=group),
        mean(f"{name}.bias", error, count, unit=unit, better="zero", group=group),
        root_mean(f"{name}.rmse", float((errors**2).sum()), count, unit=unit, group=group),
        _spearman(f"{name}.spearman", given, group),
        share(coverage, held, printed, better="higher", group=group),
    )


def _interval_hits(rows: NDArray[np.float64]) -> tuple[float, float]:
    """How many printed intervals hold the true value, and how many were printed."""
    printed = rows[np.isfinite(rows[:, 1:]).all(axis=1)]
    held = (printed[:, 2] - 1e-9 <= printed[:, 0]) & (printed[:, 0] <= printed[:, 3] + 1e-9)
    return float(held.sum()), float(len(printed))


def _spearman(metric: str, given: NDArray[np.float64], group: str) -> Figure:
    """Spearman's rank correlation over lessons, ties by mean ranks."""
    from scipy.stats import rankdata

    if len(given) < MIN_LESSONS:
        why = f"fewer than {MIN_LESSONS} lessons" if len(given) else NOTHING
        return Figure(metric, None, "rho", "higher", group, why=why)
    ranks = [rankdata(given[:, side]) for side in (0, 1)]
    if any(np.ptp(side) == 0 for side in ranks):
        return Figure(metric, None, "rho", "higher", group, why="all lessons are equal")
    return Figure(metric, float(np.corrcoef(*ranks)[0, 1]), "rho", "higher", group)
