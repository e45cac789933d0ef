"""Coded lessons for the tests, written as rows."""

from __future__ import annotations

from collections.abc import Sequence

from classwatch.core.codes import (
    QUIET_ACTS,
    STUDENT_ACTS,
    TEACHER_ACTS,
    ActCode,
    CodedAct,
    CodeStream,
)
from classwatch.core.speech import Origin, SpeakerRole
from classwatch.core.time import Interval
from classwatch.metrics.facts import LessonFacts

Row = tuple[float, float, ActCode]


def act(start_s: float, end_s: float, code: ActCode, **rest: object) -> CodedAct:
    """An act that a person coded."""
    role = None
    if code in TEACHER_ACTS and code is not ActCode.WRITES:
        role = SpeakerRole.TEACHER
    elif code in STUDENT_ACTS:
        several = code in (ActCode.CHORAL, ActCode.PEER_TALK)
        role = SpeakerRole.STUDENTS if several else SpeakerRole.STUDENT
    assert role is None or code not in QUIET_ACTS
    return CodedAct(start_s, end_s, code, role, origin=Origin.ANNOTATED, **rest)  # type: ignore[arg-type]


def stream(length_s: float, acts: Sequence[CodedAct]) -> CodeStream:
    return CodeStream(Interval(0.0, length_s), tuple(acts))


def in_a_row(step_s: float, codes: Sequence[ActCode]) -> CodeStream:
    """Codes of ``step_s`` each, one after the other."""
    rows = [act(step_s * i, step_s * (i + 1), code) for i, code in enumerate(codes)]
    return stream(step_s * len(codes), rows)


def coded_lesson(codes: CodeStream, **rest: object) -> LessonFacts:
    return LessonFacts(codes.span, codes=codes, **rest)  # type: ignore[arg-type]
