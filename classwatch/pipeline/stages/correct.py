"""What people corrected, in the place of what was predicted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from classwatch.core.issues import Issue, Severity
from classwatch.core.speech import Origin, Segment, SpeakerRole, SpeechActivity, Turn
from classwatch.core.time import Interval, contains, intersect, intervals, subtract, union
from classwatch.exchange.correcting import (
    LessonState,
    corrected,
    corrected_time,
    event_key,
    extent,
    segment_key,
    turn_key,
)
from classwatch.exchange.corrections import CORRECTIONS
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.media import read_media
from classwatch.pipeline.stages.speech import WORDS, Words, read_words
from classwatch.speech.labels import assign_transcript_roles
from classwatch.store.artifacts import (
    load_document,
    load_events,
    load_turns,
    save_document,
    save_events,
    save_turns,
)
from classwatch.store.documents import DocumentSchema, read_document


@dataclass(frozen=True, slots=True)
class Judged:
    """The time in which a person said who talks and who does not."""

    times: tuple[Interval, ...]


_JUDGED: DocumentSchema[Judged] = DocumentSchema(
    "judged", 1, Judged, "Where people corrected the turns (cache only)."
)


def run_correct(context: StageContext) -> None:
    """Turns, words and events with the corrections in place, and what they amount to."""
    if context.lesson.corrections is None:
        raise ValueError("no corrections to put in place")
    found = read_document(context.lesson.corrections, CORRECTIONS).corrections
    people = context.stream_inputs("people").values()
    before = LessonState(
        load_turns(context.inputs["turns"]),
        read_words(context.inputs["turns"]),
        tuple(event for folder in people for event in load_events(folder)),
    )
    media = context.stream_inputs("media")
    ends = [s.lesson_s(read_media(media[s.name]).duration_s) for s in context.lesson.streams]
    judged = corrected_time(found, Interval(0.0, max(ends, default=0.0)))
    after = _with_roles(corrected(before, found), judged)
    save_turns(context.out, after.turns)
    save_document(context.out, WORDS, Words(after.transcript))
    save_events(context.out, after.events)
    save_document(context.out, _JUDGED, Judged(judged))
    _report(context, before, after, len(found))


def _with_roles(state: LessonState, judged: Iterable[Interval]) -> LessonState:
    """Roles of the words after the corrected turns, within the time that a person judged.

    They win over labels of a transcript that was given; what a person said of a text stays.
    """
    if state.transcript is None:
        return state
    theirs = state.transcript.origin is Origin.ANNOTATED
    before = state.transcript.segments
    bare = replace(state.transcript, segments=tuple(replace(s, speaker="") for s in before))
    assigned = assign_transcript_roles(bare, state.turns).segments
    times = union(intervals(judged))
    middles_s = np.array([(s.start_s + s.end_s) / 2 for s in before], dtype=np.float64)
    segments = tuple(
        replace(segment, role=new.role)
        if (inside and not theirs) or segment.role is SpeakerRole.UNKNOWN
        else segment
        for segment, new, inside in zip(before, assigned, contains(times, middles_s), strict=True)
    )
    return replace(state, transcript=replace(state.transcript, segments=segments))


def _report(context: StageContext, before: LessonState, after: LessonState, files: int) -> None:
    turns = extent(before.turns, after.turns, turn_key)
    events = extent(before.events, after.events, event_key)
    words = extent(_segments(before), _segments(after), segment_key)
    context.report(
        Issue(
            "correct.used",
            Severity.INFO,
            "correct",
            f"people corrected this lesson ({files} files). Theirs are {turns.theirs} turns, "
            f"{words.theirs} stretches of text and {events.theirs} events; they removed "
            f"{turns.removed}, {words.removed} and {events.removed} that were predicted, "
            "which are kept beside",
            detail={
                "files": files,
                "turns": turns.theirs,
                "turns_removed": turns.removed,
                "words": words.theirs,
                "words_removed": words.removed,
                "events": events.theirs,
                "events_removed": events.removed,
            },
        )
    )


def _segments(state: LessonState) -> tuple[Segment, ...]:
    return () if state.transcript is None else state.transcript.segments


def read_judged(folder: Path) -> tuple[Interval, ...]:
    """The time in which a person said who talks, from the stage's folder."""
    return load_document(folder, _JUDGED).times


def corrected_activity(
    activity: SpeechActivity, turns: tuple[Turn, ...], judged: tuple[Interval, ...]
) -> SpeechActivity:
    """Speech is where a person says that somebody talks, within the time that they judged.

    Else sound that they listened to and gave to nobody would count as an unknown voice.
    """
    if not judged:
        return activity
    within = union(intervals(judged))
    talk = union(intervals((t.start_s, t.end_s) for t in turns))
    speech = union(subtract(activity.speech, within), intersect(talk, within))
    return replace(activity, speech=speech)
