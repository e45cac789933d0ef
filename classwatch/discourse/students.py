"""What students do when they speak: by who speaks, what came before, and raised hands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classwatch.core.codes import ANSWER_ACTS, ActCode, CodedAct
from classwatch.core.events import Event, EventKind
from classwatch.core.questions import QuestionKind
from classwatch.core.speech import SpeakerRole
from classwatch.core.time import Intervals, intervals, normalise
from classwatch.discourse.units import Unit

ANSWER_WITHIN_S = 15.0
"""A student who speaks within this time after a question answers it."""
GO_ON_S = 3.0
"""Students who go on within this time do what was done before."""
PEER_S = 8.0
"""Several students who talk at least this long together, without a cue, talk to each other."""


@dataclass(frozen=True, slots=True)
class Before:
    """What a student's words are judged by.

    ``asked_s`` is the end of the last question or nomination (None: none yet), ``cue`` the last
    cue of the teacher, ``last`` the act before.
    """

    asked_s: float | None
    cue: str
    last: CodedAct | None


def raised_hands(events: tuple[Event, ...]) -> Intervals:
    """Times (n, 2) with at least one raised hand, normalised."""
    hands = [(e.start_s, e.end_s) for e in events if e.kind is EventKind.HAND_RAISED]
    return normalise(intervals(hands))


def student_act(unit: Unit, before: Before, hands: Intervals) -> CodedAct:
    """The act of one unit of a student or of several."""
    act, confidence, rule = _told(unit, before, hands)
    return CodedAct(
        start_s=unit.start_s,
        end_s=unit.end_s,
        act=act,
        role=unit.role,
        confidence=confidence,
        text=unit.text,
        rule=f"rule:{rule}",
    )


def _told(unit: Unit, before: Before, hands: Intervals) -> tuple[ActCode, float, str]:
    last = before.last
    if before.cue == "discuss":
        return ActCode.PEER_TALK, 0.7, "told_to_discuss"
    if unit.role is SpeakerRole.CHORAL:
        return ActCode.CHORAL, 0.8, "chorus"
    if unit.role is SpeakerRole.STUDENTS:
        if unit.end_s - unit.start_s >= PEER_S and not _asked(unit, before):
            return ActCode.PEER_TALK, 0.5, "several_for_long"
        return ActCode.CHORAL, 0.8 if _asked(unit, before) else 0.6, "several_together"
    goes_on = last is not None and unit.start_s - last.end_s <= GO_ON_S
    if last is not None and goes_on and last.act in ANSWER_ACTS and not unit.marked:
        return last.act, last.confidence, "goes_on_answering"
    if _inquires(unit, before):
        return ActCode.STUDENT_ASKS, 0.8 if unit.marked else 0.6, "student_question"
    if _asked(unit, before):
        if _hand_before(unit, before, hands):
            return ActCode.VOLUNTEERS, 0.8, "answers_after_raised_hand"
        return ActCode.RESPONDS, 0.8, "answers_after_question"
    if last is not None and goes_on and last.act is ActCode.INITIATES:
        return last.act, last.confidence, "goes_on"
    return ActCode.INITIATES, 0.6, "nobody_asked"


def _asked(unit: Unit, before: Before) -> bool:
    return before.asked_s is not None and unit.start_s - before.asked_s <= ANSWER_WITHIN_S


def _inquires(unit: Unit, before: Before) -> bool:
    """Whether the words ask; an unsure answer ("是三吗") after a question does not."""
    if unit.form is None and not unit.marked:
        return False
    if not _asked(unit, before):
        return True
    return unit.marked and unit.form is not None and unit.form.kind is QuestionKind.WH


def _hand_before(unit: Unit, before: Before, hands: Intervals) -> bool:
    """Whether a hand was up between the question and the answer."""
    start_s = before.asked_s if before.asked_s is not None else unit.start_s
    overlaps = (hands[:, 0] < unit.start_s) & (hands[:, 1] > start_s)
    return bool(np.any(overlaps))
