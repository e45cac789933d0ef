"""The time in which nobody's words were coded: voices without words, and kinds of silence."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from classwatch.core.codes import ActCode, CodedAct, QuestionPurpose
from classwatch.core.events import Event, EventKind
from classwatch.core.speech import SpeakerRole, SpeechActivity
from classwatch.core.time import (
    Interval,
    Intervals,
    complement,
    intersect,
    intervals,
    subtract,
    total_s,
    union,
)
from classwatch.discourse.teacher import cue_of

JOIN_GAP_S = 1.0
"""A shorter pause belongs to the act before it."""
VOICE_S = 1.0
"""Voices of at least this length that nobody's turn explains are acts of their own."""
BOARD_S = 3.0
"""Writing or showing of at least this length is an act of its own within a longer silence."""
PRACTICE_S = 3.0
DOWN_S = 10.0
"""From this length on, a class with its heads down is at work."""
DOWN_HEADS = 3
NOISE_DB = 6.0
"""Noise this little below the level of speech, without speech, is disorder."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of the lesson besides its words."""

    span: Interval
    events: tuple[Event, ...] = ()
    activity: SpeechActivity | None = None


def fill(acts: tuple[CodedAct, ...], around: Surroundings) -> tuple[CodedAct, ...]:
    """The acts, sorted, and acts for all the time that they leave; nothing is uncovered."""
    acts = tuple(sorted(acts, key=lambda a: (a.start_s, a.end_s)))
    covered = intervals([(a.start_s, a.end_s) for a in acts])
    kept = list(acts)
    ends = {act.end_s: at for at, act in enumerate(acts)}
    found: list[CodedAct] = []
    starts = [act.start_s for act in acts]
    for start, end in complement(covered, around.span):
        start_s, end_s = float(start), float(end)
        before = acts[: bisect_right(starts, start_s)]
        if end_s - start_s < JOIN_GAP_S and start_s in ends:
            at = ends[start_s]
            kept[at] = replace(kept[at], end_s=end_s)
        else:
            found.extend(_gap(Interval(start_s, end_s), before, around))
    return tuple(sorted([*kept, *found], key=lambda a: (a.start_s, a.end_s)))


def _gap(gap: Interval, before: tuple[CodedAct, ...], around: Surroundings) -> Iterator[CodedAct]:
    voices = intervals()
    if around.activity is not None:
        voices = intersect(around.activity.speech, intervals([gap]))
        voices = voices[voices[:, 1] - voices[:, 0] >= VOICE_S]
    cue = _last_cue(before)
    for start, end in voices:
        yield _voice(float(start), float(end), cue)
    for start, end in subtract(intervals([gap]), voices):
        for piece in _by_board(Interval(float(start), float(end)), around):
            yield _silence(piece, before, around)


def _by_board(gap: Interval, around: Surroundings) -> Iterator[Interval]:
    """The gap in pieces: in which the teacher is at the board, and in which not.

    Nothing is cut that would leave a piece under ``JOIN_GAP_S``.
    """
    board = intersect(_times(around.events, EventKind.TEACHER_AT_BOARD), intervals([gap]))
    board = board[board[:, 1] - board[:, 0] >= BOARD_S]
    edges = [gap.start_s]
    for edge in board.ravel().tolist():
        if edge - edges[-1] >= JOIN_GAP_S and gap.end_s - edge >= JOIN_GAP_S:
            edges.append(edge)
    for start_s, end_s in itertools.pairwise([*edges, gap.end_s]):
        yield Interval(start_s, end_s)


def _last_cue(before: tuple[CodedAct, ...]) -> str:
    taught = next((a for a in reversed(before) if a.role is SpeakerRole.TEACHER), None)
    return "" if taught is None else cue_of(taught)


def _voice(start_s: float, end_s: float, cue: str) -> CodedAct:
    act, confidence, rule = {
        "discuss": (ActCode.PEER_TALK, 0.6, "told_to_discuss"),
        "media": (ActCode.MEDIA, 0.6, "told_to_watch"),
    }.get(cue, (ActCode.UNKNOWN, 0.0, "voice_without_turn"))
    role = SpeakerRole.STUDENTS if act is ActCode.PEER_TALK else SpeakerRole.UNKNOWN
    return CodedAct(
        start_s,
        end_s,
        act,
        None if act is ActCode.MEDIA else role,
        confidence,
        rule=f"rule:{rule}",
    )


def _silence(gap: Interval, before: tuple[CodedAct, ...], around: Surroundings) -> CodedAct:
    act, confidence, rule = _kind(gap, before, around)
    role = SpeakerRole.TEACHER if act is ActCode.WRITES else None
    return CodedAct(gap.start_s, gap.end_s, act, role, confidence, rule=f"rule:{rule}")


def _kind(
    gap: Interval, before: tuple[CodedAct, ...], around: Surroundings
) -> tuple[ActCode, float, str]:
    last = before[-1] if before else None
    cue = _last_cue(before)
    if _share(gap, around.events, EventKind.TEACHER_AT_BOARD) >= 0.5:
        return ActCode.WRITES, 0.7, "at_board"
    if last is not None and _waits(last, cue):
        return ActCode.THINKING, 0.7, "after_question"
    if gap.duration_s >= PRACTICE_S and cue == "practise":
        return ActCode.PRACTICE, 0.8, "told_to_work"
    if gap.duration_s >= PRACTICE_S and cue == "device":
        return ActCode.STUDENT_TECH, 0.6, "told_to_use_device"
    if gap.duration_s >= DOWN_S and _heads_down(gap, around.events) >= DOWN_HEADS:
        return ActCode.PRACTICE, 0.6, "heads_down"
    if _noisy(gap, around.activity):
        return ActCode.CONFUSION, 0.4, "noise_without_speech"
    return ActCode.SILENCE, 0.6, "silence"


def _waits(last: CodedAct, cue: str) -> bool:
    if last.act is ActCode.ASKS:
        return last.purpose not in (QuestionPurpose.RHETORICAL, QuestionPurpose.MANAGEMENT)
    return last.role is SpeakerRole.TEACHER and cue == "nominates"


def _share(gap: Interval, events: tuple[Event, ...], kind: EventKind) -> float:
    return total_s(intersect(_times(events, kind), intervals([gap]))) / max(gap.duration_s, 1e-9)


def _times(events: tuple[Event, ...], kind: EventKind) -> Intervals:
    """Time (n, 2) of the events of one kind, normalised."""
    return union(intervals([(e.start_s, e.end_s) for e in events if e.kind is kind]))


def _heads_down(gap: Interval, events: tuple[Event, ...]) -> int:
    """Number of tracks whose head is down for at least half of the gap."""
    own: dict[tuple[str, int], Intervals] = {}
    for event in events:
        if event.kind is EventKind.HEAD_DOWN:
            track = (event.stream, event.track_id)
            row = intervals([(event.start_s, event.end_s)])
            own[track] = union(own.get(track, intervals()), row)
    half = gap.duration_s / 2
    return sum(total_s(intersect(rows, intervals([gap]))) >= half for rows in own.values())


def _noisy(gap: Interval, activity: SpeechActivity | None) -> bool:
    if activity is None or gap.duration_s < PRACTICE_S:
        return False
    first, stop = (round(t / activity.level_step_s) for t in (gap.start_s, gap.end_s))
    level = activity.level_db[max(0, first) : stop]
    if not len(level) or not np.isfinite(activity.speech_db):
        return False
    return float(np.median(level)) >= activity.speech_db - NOISE_DB
