"""How sure a figure is: 95 % intervals by drawing lessons anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.evaluate.tally import Scorer, Tally, pool

MIN_LESSONS = 3
_SEED = 20_240_229
_LEVEL = 0.95
_MIN_DEFINED = 0.9


@dataclass(frozen=True, slots=True)
class FigureInterval:
    """The 95 % interval of one figure; ``low`` and ``high`` are None where ``why`` says so."""

    metric: str
    group: str
    low: float | None
    high: float | None
    why: str = ""


def interval(
    tallies: Sequence[Tally], scorer: Scorer, *, repeats: int = 1000, seed: int = _SEED
) -> tuple[FigureInterval, ...]:
    """Percentile intervals of the scorer's figures over lessons, in the order of the figures.

    Whole lessons are drawn with replacement (Efron and Tibshirani 1993, chapter 13), because what
    is said and seen within one lesson hangs together. None with fewer than ``MIN_LESSONS`` lessons,
    or where a figure is defined in fewer than nine of ten draws.
    """
    figures = scorer.figures(pool(tallies))
    if len(tallies) < MIN_LESSONS:
        why = f"fewer than {MIN_LESSONS} lessons"
        return tuple(FigureInterval(f.metric, f.group, None, None, why) for f in figures)
    drawn: dict[tuple[str, str], list[float]] = {(f.metric, f.group): [] for f in figures}
    for tally in _draws(tallies, repeats, seed):
        for figure in scorer.figures(tally):
            name = (figure.metric, figure.group)
            if figure.value is not None and name in drawn:
                drawn[name].append(figure.value)
    return tuple(
        _percentiles(f.metric, f.group, drawn[f.metric, f.group], repeats) for f in figures
    )


def _percentiles(metric: str, group: str, values: list[float], repeats: int) -> FigureInterval:
    if len(values) < _MIN_DEFINED * repeats:
        return FigureInterval(metric, group, None, None, "defined in too few draws")
    tail = (1 - _LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return FigureInterval(metric, group, float(low), float(high))


def _draws(tallies: Sequence[Tally], repeats: int, seed: int) -> Iterator[Tally]:
    """Pooled tallies of lessons drawn with replacement.

    Counts are added as a product of matrices, which is far quicker than pooling each draw.
    """
    names = sorted({name for tally in tallies for name in tally.counts})
    table = np.asarray([[tally.counts.get(name, 0.0) for name in names] for tally in tallies])
    lessons = len(tallies)
    picks = np.random.default_rng(seed).integers(0, lessons, size=(repeats, lessons))
    for pick in picks:
        times = np.bincount(pick, minlength=lessons)
        sums = times @ table
        counts = {name: float(value) for name, value in zip(names, sums, strict=True)}
        yield Tally(counts, _rows(tallies, pick))


def _rows(tallies: Sequence[Tally], pick: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    return dict(pool([Tally({}, tallies[number].rows) for number in pick]).rows)
