"""What the measures on coded acts share: the sheet, sets of time, and shares of acts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from classwatch.core.codes import ActCode, CodedAct, CodeStream, QuestionPurpose
from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.time import Interval, Intervals, intervals, normalise
from classwatch.metrics.basis import Basis, codes_gates, codes_why
from classwatch.metrics.cells import Sheet, in_minutes, with_interval

_NO_ANSWER = frozenset({QuestionPurpose.MANAGEMENT, QuestionPurpose.RHETORICAL})


def acts_sheet(
    basis: Basis, measure_id: str, unit: Unit, sampling: str = "exact time of coded acts"
) -> tuple[Sheet, CodeStream | Why]:
    """Sheet of a measure on coded acts, and the acts or why nothing can be read from them."""
    stream = basis.facts.codes
    gates = codes_gates(basis)
    coverage = next((g.value for g in gates if g.id == "coded" and g.value is not None), None)
    formula = f"{measure_id.partition('@')[0]}/1"
    sheet = Sheet(measure_id, unit, formula, sampling, gates, coverage)
    return sheet, codes_why(basis) or stream or Why(Reason.NO_CODES)


def coded_time(stream: CodeStream, acts: Iterable[ActCode]) -> Intervals:
    """Time (n, 2) of acts with one of the codes, normalised."""
    wanted = frozenset(acts)
    return normalise(intervals((a.start_s, a.end_s) for a in stream.acts if a.act in wanted))


def content_questions(stream: CodeStream) -> tuple[CodedAct, ...]:
    """The teacher's questions that ask for an answer about content.

    Questions of management and rhetorical ones are left out; a question whose purpose could not
    be told is kept.
    """
    return tuple(a for a in stream.of(ActCode.ASKS) if a.purpose not in _NO_ANSWER)


def moments(acts: Sequence[CodedAct], limit: int = 200) -> tuple[Interval, ...]:
    """The acts as evidence, in order."""
    return tuple(Interval(act.start_s, act.end_s) for act in acts[:limit])


def per_minute(acts: Sequence[CodedAct], span: Interval) -> NDArray[np.float64]:
    """How many of the acts begin in each whole minute of ``span`` (b,)."""
    return in_minutes([act.start_s for act in acts], span)


def act_shares(
    sheet: Sheet,
    span: Interval,
    acts: Sequence[CodedAct],
    parts: Iterable[str],
    part_of: Callable[[CodedAct], str | None],
) -> tuple[Measure, ...]:
    """Share of the acts in each part, with intervals; acts that ``part_of`` leaves out count not.

    The denominator is the number of acts that have a part.
    """
    named = [(act, part_of(act)) for act in acts]
    known = [act for act, part in named if part is not None]
    below = per_minute(known, span)
    cells = []
    for part in parts:
        own = [act for act, name in named if name == part]
        cell = sheet.ratio(len(own), len(known), part=part, evidence=moments(own, 50))
        cells.append(with_interval(cell, per_minute(own, span), below))
    return tuple(cells)
