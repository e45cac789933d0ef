"""How far two or more codings of one lesson agree: people with people, people with the program.

On a grid of equal steps: Cohen's kappa of all codes and of each, exactly and with a tolerance, and
Krippendorff's alpha of all raters. By events: F1 of what begins at the same time. By turns: the
diarisation error rate. Steps without a code are a code of their own, ``(none)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import InputError, ModelError
from classwatch.core.time import Interval, intervals
from classwatch.evaluate.agreement_events import event_counts, f1
from classwatch.evaluate.agreement_raters import Rater, aligned, clipped, common_span
from classwatch.evaluate.agreement_tables import (
    BLOCK_S,
    MIN_BLOCKS,
    alpha,
    code_kappa,
    code_numbers,
    coincidences,
    kappa,
    mean_kappa,
    pair_tables,
    percentiles,
    share_agreed,
    tolerant,
)
from classwatch.evaluate.scores.codes import NO_CODE, sampled
from classwatch.evaluate.scores.confusion import Confusion
from classwatch.evaluate.scores.diarisation import Diarisation
from classwatch.evaluate.scores.spans import OnsetRule, Span
from classwatch.exchange.lesson_coding import TURNS

_FEW = f"an interval needs {MIN_BLOCKS} minutes that both coded"
_MOST_STEPS = 2_000_000

Statistic = Callable[[NDArray[np.float64]], float | None]


@dataclass(frozen=True, slots=True)
class AgreeOptions:
    """``step_s`` is the grid, ``tolerance_s`` how far apart the same thing may begin; ``within``
    limits the time that is compared."""

    step_s: float = 1.0
    tolerance_s: float = 1.0
    within: Interval | None = None


@dataclass(frozen=True, slots=True)
class AgreementFigure:
    """One figure with its 95 % interval; ``why`` says why the value or the interval is absent."""

    metric: str
    value: float | None
    code: str = ""
    low: float | None = None
    high: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class PairAgreement:
    """Two raters on one stream. ``kind`` is ``human-human``, ``machine-human`` or
    ``machine-machine``; ``table`` counts steps, the first rater by row."""

    stream: str
    left: str
    right: str
    kind: str
    span: Interval
    figures: tuple[AgreementFigure, ...]
    table: Confusion

    def figure(self, metric: str, code: str = "") -> AgreementFigure:
        """The figure of that name; KeyError where there is none."""
        for one in self.figures:
            if one.metric == metric and one.code == code:
                return one
        raise KeyError(metric)


@dataclass(frozen=True, slots=True)
class StreamAlpha:
    """Krippendorff's alpha of all raters of one stream."""

    stream: str
    raters: tuple[str, ...]
    kind: str
    figure: AgreementFigure


@dataclass(frozen=True, slots=True)
class Agreement:
    """Everything that was compared."""

    pairs: tuple[PairAgreement, ...]
    alphas: tuple[StreamAlpha, ...]


def agree(raters: Sequence[Rater], options: AgreeOptions | None = None) -> Agreement:
    """Compare every pair of raters on every stream that both have, and all of them by alpha.

    Raises InputError where there is nothing that two of them have in common.
    """
    chosen = options or AgreeOptions()
    ready = aligned(raters)
    pairs = [
        _pair(left, right, stream, chosen)
        for left, right in combinations(ready, 2)
        for stream in sorted(left.streams.keys() & right.streams.keys())
    ]
    if not pairs:
        names = "; ".join(f"{r.name}: {', '.join(r.streams) or 'nothing'}" for r in ready)
        raise InputError(
            "the codings have nothing in common",
            subject=names,
            remedy="name the tier to compare as FILE#TIER",
        )
    streams = sorted({pair.stream for pair in pairs})
    alphas = [_alpha(s, group, chosen) for s in streams for group in _groups(ready, s)]
    return Agreement(tuple(pairs), tuple(alphas))


def _groups(raters: Sequence[Rater], stream: str) -> Iterator[list[Rater]]:
    """All who coded the stream; and the people among them, where there is a machine too."""
    own = [rater for rater in raters if stream in rater.streams]
    people = [rater for rater in own if not rater.machine]
    yield own
    if 2 <= len(people) < len(own):
        yield people


def kind_of(raters: Sequence[Rater]) -> str:
    """Who is compared with whom."""
    machines = sum(rater.machine for rater in raters)
    if machines == 0:
        return "human-human"
    return "machine-machine" if machines == len(raters) else "machine-human"


# ---------------------------------------------------------------- two raters


def _pair(left: Rater, right: Rater, stream: str, options: AgreeOptions) -> PairAgreement:
    span = common_span((left, right), options.within)
    spans = [clipped(rater.streams[stream], span) for rater in (left, right)]
    codes = [_codes(one, span, options.step_s) for one in spans]
    labels = sorted(set(codes[0]) | set(codes[1]), key=_natural)
    numbers = [code_numbers(one, labels) for one in codes]
    block = _blocks(len(codes[0]), options.step_s)
    tables = pair_tables(numbers[0], numbers[1], block, len(labels))
    whole = tables.sum(axis=0) if len(tables) else np.zeros((len(labels), len(labels)))
    tag = f"@{options.step_s:g}s"
    steps = int(options.tolerance_s / options.step_s + 1e-9)
    figures = [
        _figure(f"kappa{tag}", tables, kappa),
        _tolerant(f"kappa{tag}±{options.tolerance_s:g}s", numbers, block, steps),
        _figure(f"agreement{tag}", tables, share_agreed),
    ]
    figures += [
        _figure(f"kappa{tag}", tables, partial(code_kappa, code=number), code=label)
        for number, label in enumerate(labels)
        if label != NO_CODE
    ]
    figures += _event_figures(spans[0], spans[1], options.tolerance_s, span)
    if stream == TURNS:
        figures.append(_der(left, right, span))
    return PairAgreement(
        stream,
        left.name,
        right.name,
        kind_of((left, right)),
        span,
        tuple(figures),
        Confusion(tuple(labels), whole),
    )


def _natural(label: str) -> tuple[int, float, str]:
    """No code first, then numbers by value, then words."""
    if label == NO_CODE:
        return (0, 0.0, "")
    try:
        return (1, float(label), label)
    except ValueError:
        return (2, 0.0, label)


def _codes(spans: Sequence[Span], span: Interval, step_s: float) -> list[str]:
    if span.duration_s / step_s > _MOST_STEPS:
        raise InputError(f"a grid of {step_s:g} s is too fine for this lesson")
    return [code or NO_CODE for code in sampled(spans, span, step_s)]


def _blocks(steps: int, step_s: float) -> NDArray[np.int64]:
    """Number of the minute of each step (k,); a rest of under half a minute joins the last."""
    block = (np.arange(steps) * step_s / BLOCK_S).astype(np.int64)
    if len(block) and block[-1] > 0 and np.sum(block == block[-1]) * step_s < BLOCK_S / 2:
        block[block == block[-1]] -= 1
    return block


def _figure(
    metric: str, tables: NDArray[np.float64], statistic: Statistic, code: str = ""
) -> AgreementFigure:
    """The statistic of all blocks' tables together, with its interval over blocks."""
    value = statistic(tables.sum(axis=0)) if len(tables) else None
    if value is None:
        why = "one code is all there is" if len(tables) else "no common time"
        return AgreementFigure(metric, None, code, why=why)
    found = percentiles(tables, statistic)
    if found is None:
        return AgreementFigure(metric, value, code, why=_FEW)
    return AgreementFigure(metric, value, code, *found)


def _tolerant(
    metric: str, codes: Sequence[NDArray[np.int64]], block: NDArray[np.int64], steps: int
) -> AgreementFigure:
    """Kappa with tolerance: the mean of both raters as the one that leads."""
    left, right = codes
    labels = int(max(left.max(initial=0), right.max(initial=0))) + 1
    as_right, as_left = tolerant(left, right, steps)
    tables = np.stack(
        [pair_tables(left, as_right, block, labels), pair_tables(as_left, right, block, labels)],
        axis=1,
    )
    return _figure(metric, tables, mean_kappa)


def _event_figures(
    left: Sequence[Span], right: Sequence[Span], tolerance_s: float, span: Interval
) -> list[AgreementFigure]:
    """F1 of what begins at most ``tolerance_s`` apart, of all and of each label."""
    rule = OnsetRule(tolerance_s)
    counts = event_counts(left, right, rule, span)
    metric = f"event_f1@{rule.tag}"
    if not counts:
        return [AgreementFigure(metric, None, why="nobody coded an event")]
    whole = np.sum(list(counts.values()), axis=0)
    return [
        _figure(metric, whole, f1),
        *(_figure(metric, own, f1, code=label) for label, own in counts.items()),
    ]


def _der(left: Rater, right: Rater, span: Interval) -> AgreementFigure:
    """Diarisation error rate with the first rater as the truth, collar 0.25 s, overlap scored."""
    scorer = Diarisation()
    try:
        tally = scorer.count(left.turns, right.turns, intervals([span]))
    except ModelError as error:
        return AgreementFigure("der", None, why=str(error))
    first = scorer.figures(tally)[0]
    return AgreementFigure(first.metric.removeprefix("speech."), first.value, why=first.why)


# ---------------------------------------------------------------- all raters


def _alpha(stream: str, raters: Sequence[Rater], options: AgreeOptions) -> StreamAlpha:
    """Nominal alpha on the grid; beyond the end of a rater's coding their value is missing."""
    end_s = max(rater.end_s for rater in raters)
    within = options.within or Interval(0.0, end_s)
    span = Interval(min(within.start_s, end_s), max(within.start_s, min(within.end_s, end_s)))
    rows = []
    for rater in raters:
        codes = _codes(clipped(rater.streams[stream], span), span, options.step_s)
        middles_s = span.start_s + (np.arange(len(codes)) + 0.5) * options.step_s
        rows.append((codes, middles_s < rater.end_s))
    labels = sorted({code for codes, _ in rows for code in codes})
    ratings = np.stack([np.where(coded, code_numbers(codes, labels), -1) for codes, coded in rows])
    block = _blocks(ratings.shape[1], options.step_s)
    figure = _figure(f"alpha@{options.step_s:g}s", coincidences(ratings, block, len(labels)), alpha)
    return StreamAlpha(stream, tuple(r.name for r in raters), kind_of(raters), figure)
