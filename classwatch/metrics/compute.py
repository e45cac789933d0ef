"""All measures of one lesson, in a fixed order."""

from __future__ import annotations

from classwatch.config.schema import MetricsConfig
from classwatch.core.codes import CodeStream
from classwatch.core.measures import Definition, Measure
from classwatch.core.reasons import Reason
from classwatch.metrics import (
    bloom,
    board,
    chains,
    checklist,
    class_picture,
    copus,
    dart,
    equity,
    fias,
    hands,
    hands_answers,
    heads,
    ifias,
    instruction,
    itias,
    lag_sequential,
    movement,
    phases,
    place,
    places_taken,
    questions,
    snapshots,
    speech_rate,
    st,
    st_codes,
    std,
    talk,
    talk_moves,
    teaching,
    time_use,
    wait_bands,
    wait_splits,
    wait_time,
)
from classwatch.metrics.basis import prepare
from classwatch.metrics.definition import Measured
from classwatch.metrics.facts import LessonFacts
from classwatch.metrics.sequence import CodeSequence, span_of

MEASURES: tuple[Measured, ...] = (
    *talk.MEASURES,
    *dart.MEASURES,
    *st.MEASURES,
    *st_codes.MEASURES,
    *std.MEASURES,
    *wait_time.MEASURES,
    *wait_bands.MEASURES,
    *wait_splits.MEASURES,
    *questions.MEASURES,
    *bloom.MEASURES,
    *chains.MEASURES,
    *talk_moves.MEASURES,
    *instruction.MEASURES,
    *speech_rate.MEASURES,
    *hands.MEASURES,
    *hands_answers.MEASURES,
    *equity.MEASURES,
    *heads.MEASURES,
    *class_picture.MEASURES,
    *places_taken.MEASURES,
    *place.MEASURES,
    *teaching.MEASURES,
    *movement.MEASURES,
    *board.MEASURES,
    *time_use.MEASURES,
    *phases.MEASURES,
    *checklist.MEASURES,
    *fias.MEASURES,
    *ifias.MEASURES,
    *itias.MEASURES,
    *lag_sequential.MEASURES,
    *copus.MEASURES,
    *snapshots.MEASURES,
)
"""Every measure there is, in the order of the report."""


def compute(facts: LessonFacts, cfg: MetricsConfig) -> tuple[Measure, ...]:
    """Compute every measure; each has at least one cell, given or absent with a reason.

    Pure: equal facts give equal measures, whatever the order of turns and events. A measure
    never fails because a source is missing.
    """
    basis = prepare(facts, cfg)
    return tuple(cell for entry in MEASURES for cell in entry(basis))


_FROM_CODES = frozenset(
    {
        *("fias", "ifias", "itias", "lag", "chain", "moves", "instruction", "time"),
        *("copus", "teach", "stallings", "st", "std", "question"),
    }
)


def compute_coded(
    codes: CodeStream | None, sequences: tuple[CodeSequence, ...], cfg: MetricsConfig
) -> tuple[Measure, ...]:
    """The protocols from codes alone, with no recording: coded acts, series, or both.

    The lesson is the span of the acts, else of the longest series. Only what codes can show is
    returned: cells whose source is missing altogether are left out, other abstentions are kept.
    """
    spans = [span_of(sequence) for sequence in sequences]
    span = codes.span if codes is not None else max(spans, key=lambda s: s.duration_s)
    facts = LessonFacts(span, codes=codes, sequences=sequences)
    basis = prepare(facts, cfg)
    found = [cell for entry in MEASURES if _group(entry) in _FROM_CODES for cell in entry(basis)]
    return tuple(cell for cell in found if cell.why is None or cell.why.code not in _NO_SOURCE)


_NO_SOURCE = frozenset(
    {Reason.NO_CODES, Reason.NO_WORDS, Reason.NO_SOUND, Reason.NO_TURNS, Reason.NO_TEACHER_SEEN}
)


def _group(entry: Measured) -> str:
    return entry.entry.definition.group


def definitions() -> tuple[Definition, ...]:
    """The glossary, in the order of ``compute``; a measure's id starts with a definition's id."""
    return tuple(entry.entry.definition for entry in MEASURES)
