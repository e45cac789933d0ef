"""What of a lesson goes into the scores of events, codes, questions and measures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from classwatch.core.code_rows import ACTS
from classwatch.core.codes import ActCode, QuestionPurpose
from classwatch.core.errors import UsageError
from classwatch.core.events import EventKind
from classwatch.core.speech import SpeakerRole
from classwatch.core.time import Interval
from classwatch.evaluate.material import Material
from classwatch.evaluate.not_scored import NotScored, unknown
from classwatch.evaluate.scores.codes import Codes, sampled
from classwatch.evaluate.scores.events import Events
from classwatch.evaluate.scores.measures import MeasureErrors
from classwatch.evaluate.scores.questions import Questions
from classwatch.evaluate.scores.spans import (
    CoverRule,
    OnsetRule,
    OverlapRule,
    Span,
    SpanRule,
    spans_of_events,
    spans_of_questions,
)
from classwatch.evaluate.tally import Figure, Tally
from classwatch.exchange.intervals import Labelled

__all__ = ["MeasureErrors"]

QUESTION_CODES = "question"
"""Name of the code stream of a truth that holds its questions."""
NO_QUESTION = "none"

DETECTED = frozenset(EventKind) - {EventKind.SPEAKING}
"""Kinds that an analysis looks for; a truth may know more."""


def _rule(min_iou: float, tolerance_s: float | None) -> SpanRule:
    return OverlapRule(min_iou) if tolerance_s is None else OnsetRule(tolerance_s)


@dataclass(frozen=True, slots=True)
class KindsOfEvents:
    """Events of chosen kinds (none: see ``events``)."""

    kinds: tuple[EventKind, ...]
    scorer: Events

    @property
    def name(self) -> str:
        return self.scorer.name

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """Figures of the events."""
        return self.scorer.figures(tally)


def make_events(
    *, min_iou: float = 0.5, tolerance_s: float | None = None, kinds: Sequence[str] = ()
) -> KindsOfEvents:
    """Events that are the same by overlap, or by their onset where a tolerance is given.

    Raises UsageError for a kind that does not exist.
    """
    unknown_kinds = sorted({str(kind) for kind in kinds} - set(EventKind))
    if unknown_kinds:
        raise UsageError(
            f"there is no kind of event {unknown_kinds[0]!r}",
            subject="events: kinds",
            remedy=f"kinds: {', '.join(EventKind)}",
        )
    chosen = tuple(EventKind(kind) for kind in kinds)
    return KindsOfEvents(chosen, Events(_rule(min_iou, tolerance_s)))


def events(scorer: KindsOfEvents, truth: Material, found: Material) -> Tally:
    """Events against events, stream by stream.

    Without chosen kinds those count that an analysis can find and the truth of the lesson has:
    what was not annotated is not false. A truth without stream names speaks of what happens,
    whichever camera shows it.
    """
    if truth.events is None:
        raise unknown("events", truth=True)
    if found.events is None:
        raise unknown("events", truth=False, material=found)
    kinds = set(scorer.kinds) or {e.kind for e in truth.events} & DETECTED
    true = [e for e in truth.events if e.kind in kinds]
    by_stream = any(e.stream for e in truth.events)
    streams = {e.stream for e in truth.events} | truth.people.keys()
    other = [e for e in found.events if e.kind in kinds and (not by_stream or e.stream in streams)]
    return scorer.scorer.count(
        spans_of_events(true, by_stream=by_stream), spans_of_events(other, by_stream=by_stream)
    )


@dataclass(frozen=True, slots=True)
class StreamCodes:
    """Codes of one code stream, in equal steps; ``rest`` is the code of time without any."""

    stream: str
    step_s: float
    codes: Codes
    rest: str = ""

    @property
    def name(self) -> str:
        return self.codes.name

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """Figures of the codes."""
        return self.codes.figures(tally)


def make_codes(*, stream: str = "codes", step_s: float = 3.0, rest: str = "") -> StreamCodes:
    """Agreement of the codings called ``stream``.

    ``rest`` is what both mean by time without a code, such as 10 (silence) in FIAS.
    """
    if step_s <= 0:
        raise ValueError("step_s must be above 0")
    return StreamCodes(stream, step_s, Codes(name=f"codes.{stream}"), rest)


def codes(scorer: StreamCodes, truth: Material, found: Material) -> Tally:
    """Two codings of the same time, step by step over what the truth covers."""
    true, other = _coded(scorer.stream, truth, found)
    span = truth.span or Interval(0.0, max((c.end_s for c in (*true, *other)), default=0.0))
    sides = [sampled(_spans(rows), span, scorer.step_s) for rows in (true, other)]
    return scorer.codes.count(*([code or scorer.rest for code in side] for side in sides))


@dataclass(frozen=True, slots=True)
class StreamSpans:
    """Labelled stretches of one code stream."""

    stream: str
    spans: Events

    @property
    def name(self) -> str:
        return self.spans.name

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """Figures of the stretches."""
        return self.spans.figures(tally)


def make_code_spans(
    *, stream: str = "codes", min_iou: float = 0.5, tolerance_s: float | None = None
) -> StreamSpans:
    """Stretches of the codings called ``stream``, one to one."""
    return StreamSpans(stream, Events(_rule(min_iou, tolerance_s), name=f"code_spans.{stream}"))


def code_spans(scorer: StreamSpans, truth: Material, found: Material) -> Tally:
    """Labelled stretches against labelled stretches."""
    true, other = _coded(scorer.stream, truth, found)
    return scorer.spans.count(_spans(true), _spans(other))


def _coded(
    stream: str, truth: Material, found: Material
) -> tuple[tuple[Labelled, ...], tuple[Labelled, ...]]:
    if stream not in truth.codes:
        raise NotScored(f"the truth has no coding {stream!r}")
    if stream not in found.codes:
        raise NotScored(f"the results have no coding {stream!r}")
    return truth.codes[stream], found.codes[stream]


def _spans(rows: Iterable[Labelled]) -> tuple[Span, ...]:
    return tuple(Span(r.start_s, r.end_s, r.label) for r in rows)


@dataclass(frozen=True, slots=True)
class FoundQuestions:
    """Questions of one source: the wording of the words, or with ``coded`` the code stream."""

    scorer: Questions
    coded: bool

    @property
    def name(self) -> str:
        return self.scorer.name

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """Figures of the questions."""
        return self.scorer.figures(tally)


def make_questions(*, min_cover: float = 0.5, coded: bool = False) -> FoundQuestions:
    """Questions that are the same where most of the shorter lies within the other."""
    name = "questions.coded" if coded else "questions"
    return FoundQuestions(Questions(CoverRule(min_cover), name), coded)


def questions(source: FoundQuestions, truth: Material, found: Material) -> Tally:
    """Questions as annotated, against those found in the words or, ``coded``, among the acts.

    Coded questions are those of teacher and students, whose kinds (open, closed, rhetorical) are
    compared; found in the words are only the teacher's, by forms that annotators do not use.
    """
    if source.coded:
        return _coded_questions(source.scorer, truth, found)
    scorer = source.scorer
    if QUESTION_CODES in truth.codes:
        # Annotators' kinds (open, closed) are not the forms that the program tells apart.
        asked = [c for c in truth.codes[QUESTION_CODES] if c.label != NO_QUESTION]
        true = tuple(Span(c.start_s, c.end_s) for c in asked)
    elif truth.transcript is not None and not truth.untimed_text:
        true = _asked(truth)
    else:
        raise NotScored("the truth does not say which questions there are")
    if found.transcript is None:
        raise unknown("transcript", truth=False, material=found)
    return scorer.count(true, _asked(found))


def _coded_questions(scorer: Questions, truth: Material, found: Material) -> Tally:
    if QUESTION_CODES not in truth.codes:
        raise NotScored("the truth does not say which questions there are")
    if ACTS not in found.codes:
        raise unknown("codes", truth=False, material=found)
    true = [c for c in truth.codes[QUESTION_CODES] if c.label != NO_QUESTION]
    kinds = {(c.start_s, c.end_s): c.label for c in found.codes.get("openness", ())}
    kinds |= {
        (c.start_s, c.end_s): c.label
        for c in found.codes.get("purpose", ())
        if c.label == QuestionPurpose.RHETORICAL
    }
    asks = {ActCode.ASKS, ActCode.STUDENT_ASKS}
    other = [
        Span(c.start_s, c.end_s, kinds.get((c.start_s, c.end_s), ""))
        for c in found.codes[ACTS]
        if c.label in asks
    ]
    return scorer.count(_spans(true), other)


def _asked(side: Material) -> tuple[Span, ...]:
    from classwatch.discourse.questions import find_questions

    assert side.transcript is not None
    asked = find_questions(side.transcript)
    return spans_of_questions(q for q in asked if q.role is SpeakerRole.TEACHER)


def measures(scorer: MeasureErrors, truth: Material, found: Material) -> Tally:
    """Every measure against its true value."""
    if truth.measures is None:
        raise unknown("measures", truth=True)
    if found.measures is None:
        raise unknown("measures", truth=False, material=found)
    return scorer.count(truth.measures, found.measures)
