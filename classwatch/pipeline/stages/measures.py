"""Everything upstream as facts, and the measures of them."""

from __future__ import annotations

from pathlib import Path

from classwatch.core.events import Event
from classwatch.core.issues import Issue, Severity
from classwatch.core.lesson import StreamSpec
from classwatch.core.measures import Why
from classwatch.core.people import ClassCounts, PersonRole
from classwatch.core.reasons import Reason
from classwatch.core.time import Interval
from classwatch.discourse.questions import find_questions
from classwatch.metrics.compute import compute
from classwatch.metrics.facts import LessonFacts, PictureFacts, TeacherTrace
from classwatch.pipeline.record import read_result
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.media import read_media
from classwatch.pipeline.stages.people import People, read_all_people
from classwatch.pipeline.stages.speech import read_optional_activity, read_words
from classwatch.store.artifacts import load_events, load_turns, save_document
from classwatch.store.documents import MEASURES

_ABSENCES: dict[str, tuple[str, Reason]] = {
    "sound.absent": ("speech", Reason.NO_SOUND),
    "words.no_model": ("words", Reason.NO_SPEECH_MODEL),
    "roles.no_clear_teacher": ("roles", Reason.NO_CLEAR_TEACHER),
    "roles.one_voice": ("roles", Reason.ONE_VOICE),
    "pose.no_model": ("pose", Reason.NO_POSE_MODEL),
}
"""Findings that explain the absence of a whole source."""


def run_measures(context: StageContext) -> None:
    """Compute every measure of the lesson."""
    facts = gather_facts(context)
    measures = compute(facts, context.config.metrics)
    save_document(context.out, MEASURES, measures)
    absent = sum(1 for m in measures if m.why is not None)
    if absent:
        context.report(
            Issue(
                "measures.absent",
                Severity.INFO,
                "measures",
                f"{absent} of {len(measures)} figures could not be given; each says why",
                detail={"absent": absent, "all": len(measures)},
            )
        )


def gather_facts(context: StageContext) -> LessonFacts:
    """All upstream artifacts as the value that measures are computed from."""
    transcript = read_words(context.inputs["turns"])
    people = read_all_people(context)
    events: list[Event] = []
    for folder in context.stream_inputs("people").values():
        events.extend(load_events(folder))
    return LessonFacts(
        span=lesson_span(context.lesson.streams, context.stream_inputs("media")),
        turns=load_turns(context.inputs["turns"]),
        transcript=transcript,
        questions=None if transcript is None else find_questions(transcript),
        activity=read_optional_activity(context.inputs["vad"]),
        events=tuple(events),
        pictures=tuple(
            _picture(stream, seen, seen.counts)
            for stream in context.lesson.video_streams
            if (seen := people[stream.name]).counts is not None and len(seen.series)
        ),
        missing=_missing(context, people),
    )


def lesson_span(streams: tuple[StreamSpec, ...], media: dict[str, Path]) -> Interval:
    """From the start of the earliest stream to the end of the last, on the lesson clock."""
    ends = [s.offset_s + read_media(media[s.name]).duration_s for s in streams]
    return Interval(min(s.offset_s for s in streams), max(ends))


def _picture(stream: StreamSpec, seen: People, counts: ClassCounts) -> PictureFacts:
    series, path = seen.series, seen.path
    width_px, height_px = series.size_px
    trace = None
    if len(path):
        trace = TeacherTrace(
            times_s=path.times_s,
            x=path.x.astype(float),
            y=path.y.astype(float),
            height=path.height.astype(float),
            aspect=width_px / height_px,
        )
    return PictureFacts(
        stream=stream.name,
        role=stream.role,
        frame_times_s=series.frame_times_s,
        every_s=series.every_s,
        students_seen=counts.students_seen,
        hands_raised=counts.hands_raised,
        hands_judged=counts.hands_judged,
        heads_up=counts.heads_up,
        heads_down=counts.heads_down,
        heads_undecided=counts.heads_undecided,
        teacher=trace,
    )


def _missing(context: StageContext, people: dict[str, People]) -> dict[str, Why]:
    missing: dict[str, Why] = {}
    for folder in context.inputs.values():
        for issue in read_result(folder).issues:
            if issue.code in _ABSENCES:
                source, reason = _ABSENCES[issue.code]
                missing.setdefault(source, Why(reason))
    if "pose" not in missing and not any(len(p.series) for p in people.values()):
        missing["pose"] = Why(Reason.NO_PICTURE)
    roles = [r.role for p in people.values() for r in p.tracks.roles]
    if "pose" in missing:
        missing["teacher"] = missing["pose"]
    elif PersonRole.TEACHER not in roles:
        missing["teacher"] = Why(Reason.NO_TEACHER_SEEN)
    return missing
