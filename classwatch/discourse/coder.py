"""One stream of coded acts from a lesson's words, turns and events."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from classwatch.core.codes import ActCode, CodedAct, CodeStream, QuestionPurpose
from classwatch.core.events import Event
from classwatch.core.speech import (
    STUDENT_ROLES,
    SpeakerRole,
    SpeechActivity,
    Transcript,
    Turn,
)
from classwatch.core.time import Interval, Intervals, intervals, subtract, union
from classwatch.discourse.classifiers import RULES_ONLY, Classifiers
from classwatch.discourse.quiet import Surroundings, fill
from classwatch.discourse.students import Before, raised_hands, student_act
from classwatch.discourse.teacher import Answer, cue_of, teacher_act
from classwatch.discourse.told import Told
from classwatch.discourse.units import Unit, units

WORDLESS_S = 0.5
"""A turn without words is an act from this length on."""
GOES_ON_S = 0.5
"""A teacher who goes on within this time waits for no answer."""
OWN_ANSWER_S = 5.0
"""… and who then explains for this long answers the question in person."""


@dataclass(frozen=True, slots=True)
class Heard:
    """All that the coder reads. ``transcript`` is None when no words are known."""

    span: Interval
    transcript: Transcript | None
    turns: tuple[Turn, ...] = ()
    events: tuple[Event, ...] = ()
    activity: SpeechActivity | None = None


_Piece = tuple[Unit | CodedAct, Told | None]


def utterances(heard: Heard) -> tuple[Unit, ...]:
    """What is said within the span, in order of time: what can be coded by its words."""
    spoken = () if heard.transcript is None else units(heard.transcript)
    return tuple(u for u in (_within(u, heard.span) for u in spoken) if u is not None)


def code_lesson(
    heard: Heard,
    classifiers: Classifiers = RULES_ONLY,
    told: Mapping[int, Told] = MappingProxyType({}),
) -> CodeStream:
    """The acts of a lesson; they cover the whole span.

    ``told`` is what another back end says of single ``utterances``, by their number; the rules
    and ``classifiers`` decide the others, and everything without words.

    Pauses under a second belong to the act before them. Turns without words keep their role and
    are ``UNKNOWN``, as are voices that no turn explains. Acts overlap where people do, and the
    stream then says so.
    """
    spoken = utterances(heard)
    pieces: list[_Piece] = [(unit, told.get(at)) for at, unit in enumerate(spoken)]
    pieces += [(act, None) for act in _wordless(heard, spoken)]
    pieces.sort(key=lambda p: (p[0].start_s, p[0].end_s))
    acts = _without_own_answers(_code(pieces, raised_hands(heard.events), classifiers))
    filled = fill(acts, Surroundings(heard.span, heard.events, heard.activity))
    overlapping = any(
        later.start_s < earlier.end_s for earlier, later in itertools.pairwise(filled)
    )
    return CodeStream(heard.span, filled, overlapping)


def _within(unit: Unit, span: Interval) -> Unit | None:
    start_s, end_s = max(unit.start_s, span.start_s), min(unit.end_s, span.end_s)
    return None if end_s < start_s else replace(unit, start_s=start_s, end_s=end_s)


def _wordless(heard: Heard, spoken: tuple[Unit, ...]) -> Iterator[CodedAct]:
    """Parts of turns for which there are no words: a voice with a role, and an unknown act."""
    worded = union(intervals([(u.start_s, u.end_s) for u in spoken]))
    for role in SpeakerRole:
        own = union(intervals([(t.start_s, t.end_s) for t in heard.turns if t.role is role]))
        for start, end in subtract(own, worded):
            start_s = max(float(start), heard.span.start_s)
            end_s = min(float(end), heard.span.end_s)
            if end_s - start_s >= WORDLESS_S:
                yield _voice_alone(start_s, end_s, role)


def _voice_alone(start_s: float, end_s: float, role: SpeakerRole) -> CodedAct:
    if role is SpeakerRole.PLAYBACK:
        return CodedAct(start_s, end_s, ActCode.MEDIA, None, 0.8, rule="rule:playback")
    act, confidence = ActCode.UNKNOWN, 0.0
    if role is SpeakerRole.CHORAL:
        act, confidence = ActCode.CHORAL, 0.6
    return CodedAct(start_s, end_s, act, role, confidence, rule="rule:turn_without_words")


def _code(pieces: list[_Piece], hands: Intervals, classifiers: Classifiers) -> tuple[CodedAct, ...]:
    acts: list[CodedAct] = []
    answer: Answer | None = None
    before = Before(None, "", None)
    for piece, said in pieces:
        if isinstance(piece, CodedAct):
            act = piece
        elif piece.role is SpeakerRole.TEACHER:
            act = _as_told(teacher_act(piece, answer, classifiers), said)
        elif piece.role in STUDENT_ROLES:
            act = _as_told(student_act(piece, before, hands), said)
            answer = _answer(answer, act, before)
        else:
            act = _unknown(piece, before)
        acts.append(act)
        before = _after(before, act)
    return tuple(acts)


def _as_told(act: CodedAct, told: Told | None) -> CodedAct:
    """The act as another back end tells it; a cue that its words give stays one."""
    if told is None:
        return act
    cue = cue_of(act) if told.act is act.act else ""
    return replace(
        act,
        act=told.act,
        confidence=told.confidence,
        rule=f"{told.rule}.{cue}" if cue else told.rule,
        quote=told.quote,
        purpose=told.purpose,
        openness=told.openness,
        bloom=told.bloom,
        sihe=told.sihe,
    )


def _answer(answer: Answer | None, act: CodedAct, before: Before) -> Answer:
    """What the student said, with what the same student said just before it."""
    if answer is not None and before.last is not None and before.last.role in STUDENT_ROLES:
        return Answer(f"{answer.text} {act.text}", act.end_s)
    return Answer(act.text, act.end_s)


def _after(before: Before, act: CodedAct) -> Before:
    asked_s, cue = before.asked_s, before.cue
    if act.role is SpeakerRole.TEACHER:
        cue = cue_of(act)
        if act.act is ActCode.ASKS or cue == "nominates":
            asked_s = act.end_s
    return Before(asked_s, cue, act)


def _unknown(unit: Unit, before: Before) -> CodedAct:
    act, confidence, rule = ActCode.UNKNOWN, 0.0, f"role_{unit.role}"
    if unit.role is SpeakerRole.PLAYBACK:
        act, confidence, rule = ActCode.MEDIA, 0.8, "playback"
    elif unit.role is SpeakerRole.ADULT:
        pass
    elif before.cue == "discuss":
        act, confidence, rule = ActCode.PEER_TALK, 0.6, "told_to_discuss"
    elif before.cue == "media":
        act, confidence, rule = ActCode.MEDIA, 0.6, "told_to_watch"
    return CodedAct(
        unit.start_s,
        unit.end_s,
        act,
        None if act is ActCode.MEDIA else unit.role,
        confidence,
        text=unit.text,
        rule=f"rule:{rule}",
    )


def _without_own_answers(acts: tuple[CodedAct, ...]) -> tuple[CodedAct, ...]:
    """Questions that wait for no answer become rhetorical.

    A tag whose teacher talks on at once is one, and so is any question whose teacher goes straight
    on to explain at length.
    """
    found = list(acts)
    for at in range(len(acts) - 1):
        act, follower = acts[at], acts[at + 1]
        goes_on = follower.role is SpeakerRole.TEACHER and follower.start_s - act.end_s < GOES_ON_S
        if act.act is not ActCode.ASKS or not goes_on or cue_of(follower):
            continue
        tag = act.rule.endswith(".tag") and follower.act is not ActCode.ASKS
        if tag or _explains(acts, at + 1):
            found[at] = replace(
                act, purpose=QuestionPurpose.RHETORICAL, confidence=min(act.confidence, 0.6)
            )
    return tuple(found)


def _explains(acts: tuple[CodedAct, ...], at: int) -> bool:
    """Whether the teacher lectures from act ``at`` on for ``OWN_ANSWER_S`` without stopping."""
    start_s = end_s = acts[at].start_s
    for act in acts[at:]:
        if act.act is not ActCode.LECTURES or act.start_s - end_s > GOES_ON_S:
            break
        end_s = act.end_s
    return end_s - start_s >= OWN_ANSWER_S
