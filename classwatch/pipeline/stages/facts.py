"""Everything upstream of the measures as one value."""

from __future__ import annotations

from collections.abc import Sequence, Set
from pathlib import Path

import numpy as np

from classwatch.core.events import OF_TEACHER, Event
from classwatch.core.issues import Issue
from classwatch.core.lesson import StreamSpec
from classwatch.core.measures import Why
from classwatch.core.people import ClassPictures, PersonRole
from classwatch.core.reasons import Reason
from classwatch.core.speech import Origin, Turn
from classwatch.core.time import Interval
from classwatch.discourse.questions import find_questions
from classwatch.metrics.facts import FrontFacts, LessonFacts, PictureFacts, TeacherTrace
from classwatch.metrics.place import TEACHER_ORDER
from classwatch.pipeline.record import read_result
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.correct import corrected_activity, read_judged
from classwatch.pipeline.stages.media import read_media
from classwatch.pipeline.stages.people import TWO_ADULTS, People, read_all_people
from classwatch.pipeline.stages.speech import read_optional_activity, read_words
from classwatch.store.artifacts import load_events, load_turns

_ABSENCES: dict[str, tuple[str, Reason]] = {
    "sound.absent": ("speech", Reason.NO_SOUND),
    "words.no_model": ("words", Reason.NO_SPEECH_MODEL),
    "roles.no_clear_teacher": ("roles", Reason.NO_CLEAR_TEACHER),
    "roles.nobody_teaches": ("roles", Reason.NO_CLEAR_TEACHER),
    "roles.one_voice": ("roles", Reason.ONE_VOICE),
    "pose.no_model": ("pose", Reason.NO_POSE_MODEL),
}
"""Findings that explain the absence of a whole source."""


def gather_facts(context: StageContext, *, predicted: bool = False) -> LessonFacts:
    """All upstream artifacts as the value that measures are computed from.

    What people corrected takes the place of predictions, unless ``predicted``. The codes are
    left out: they are read from these facts (``stages.codes``).
    """
    correct = None if predicted else context.inputs.get("correct")
    speech = correct or context.inputs["turns"]
    transcript = read_words(speech)
    people = read_all_people(context)
    events: list[Event] = []
    for folder in [correct] if correct else context.stream_inputs("people").values():
        events.extend(load_events(folder))
    issues = [issue for folder in context.inputs.values() for issue in read_result(folder).issues]
    known = teacher_known(context.lesson.video_streams, _doubtful(issues))
    span = lesson_span(context.lesson.streams, context.stream_inputs("media"))
    turns = load_turns(speech)
    activity = read_optional_activity(context.inputs["vad"])
    if correct and activity is not None:
        activity = corrected_activity(activity, turns, read_judged(correct))
    return LessonFacts(
        span=span,
        turns=turns,
        transcript=transcript,
        questions=None if transcript is None else find_questions(transcript),
        activity=activity,
        events=tuple(e for e in events if e.stream in known or not _guessed(e)),
        pictures=tuple(
            _picture(seen, seen.counts, path=name in known)
            for name, seen in people.items()
            if seen.counts is not None
        ),
        fronts=_fronts(context.lesson.video_streams, people),
        missing=_missing(issues, people, turns, known),
    )


def teacher_known(streams: Sequence[StreamSpec], doubtful: Set[str]) -> frozenset[str]:
    """Names of the streams whose teacher is believed: none of those that are asked after a
    ``doubtful`` one, in which two adults may be the teacher: whom they show alone may be the other.
    """
    known: set[str] = set()
    for stream in sorted(streams, key=lambda s: (TEACHER_ORDER.index(s.role), s.name)):
        if stream.name in doubtful:
            break
        known.add(stream.name)
    return frozenset(known)


def _doubtful(issues: Sequence[Issue]) -> frozenset[str]:
    """Streams in which it stayed undecided who of two adults the teacher is."""
    found = (issue.detail for issue in issues if issue.code == TWO_ADULTS)
    return frozenset(str(detail["stream"]) for detail in found)


def _guessed(event: Event) -> bool:
    return event.kind in OF_TEACHER and event.origin is Origin.PREDICTED


def lesson_span(streams: tuple[StreamSpec, ...], media: dict[str, Path]) -> Interval:
    """From the start of the earliest stream to the end of the last, on the lesson clock."""
    ends = [s.lesson_s(read_media(media[s.name]).duration_s) for s in streams]
    return Interval(min(s.offset_s for s in streams), max(ends))


def _fronts(streams: tuple[StreamSpec, ...], people: dict[str, People]) -> tuple[FrontFacts, ...]:
    """Of every stream the pictures that show the board or the screen."""
    return tuple(
        FrontFacts(
            stream.name,
            stream.role,
            people[stream.name].series.frame_times_s[people[stream.name].front],
            people[stream.name].series.every_s,
        )
        for stream in streams
    )


def _picture(seen: People, counts: ClassPictures, *, path: bool) -> PictureFacts:
    width_px, height_px = seen.series.size_px
    known = path and len(seen.path) > 0
    trace = TeacherTrace.of(seen.path, width_px / height_px) if known else None
    return PictureFacts(counts, trace, _student_px(seen), seen.gestures, seen.closer)


def _student_px(seen: People) -> float | None:
    """Median height of the students in the picture that their arms are told from, in pixels."""
    students = seen.tracks.of_role(PersonRole.STUDENT)
    if not students.any():
        return None
    boxes = seen.series.people.boxes_px
    heights_px = boxes[:, 3] - boxes[:, 1]
    if not seen.closer:
        heights_px = heights_px * seen.model_scale
    return round(float(np.median(heights_px[students])), 1)


def _missing(
    issues: Sequence[Issue],
    people: dict[str, People],
    turns: tuple[Turn, ...],
    known: frozenset[str],
) -> dict[str, Why]:
    missing: dict[str, Why] = {}
    for issue in issues:
        if issue.code in _ABSENCES:
            source, reason = _ABSENCES[issue.code]
            missing.setdefault(source, Why(reason))
    if any(turn.origin is not Origin.PREDICTED for turn in turns):
        missing.pop("roles", None)
    if "pose" not in missing and not any(len(p.series) for p in people.values()):
        missing["pose"] = Why(Reason.NO_PICTURE)
    roles = [r.role for name, p in people.items() if name in known for r in p.tracks.roles]
    if "pose" in missing:
        missing["teacher"] = missing["pose"]
    elif PersonRole.TEACHER not in roles:
        doubt = people.keys() > known
        missing["teacher"] = Why(Reason.TWO_ADULTS if doubt else Reason.NO_TEACHER_SEEN)
    return missing
