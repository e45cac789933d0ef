"""Everything upstream as facts, and the measures of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from classwatch.core.events import Event
from classwatch.core.issues import Issue, Severity
from classwatch.core.lesson import StreamSpec
from classwatch.core.measures import Measure, Why
from classwatch.core.people import ClassPictures, PersonRole
from classwatch.core.reasons import Reason
from classwatch.core.speech import Origin, Turn
from classwatch.core.time import Interval
from classwatch.discourse.classifiers import Classifiers, load_classifiers, shipped_models
from classwatch.discourse.coder import Heard, code_lesson
from classwatch.discourse.questions import find_questions
from classwatch.metrics.compute import compute
from classwatch.metrics.facts import LessonFacts, PictureFacts, TeacherTrace
from classwatch.pipeline.record import read_result
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.correct import corrected_activity, read_judged
from classwatch.pipeline.stages.media import read_media
from classwatch.pipeline.stages.people import People, read_all_people
from classwatch.pipeline.stages.speech import read_optional_activity, read_words
from classwatch.store.artifacts import load_events, load_turns, save_document
from classwatch.store.documents import MEASURES, DocumentSchema

PREDICTED: DocumentSchema[tuple[Measure, ...]] = DocumentSchema(
    "predicted_measures", 1, tuple[Measure, ...], "Measures without corrections (cache only)."
)
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
    facts = with_codes(gather_facts(context))
    measures = compute(facts, context.config.metrics)
    save_document(context.out, MEASURES, measures)
    if "correct" in context.inputs:
        predicted = compute(
            with_codes(gather_facts(context, predicted=True)), context.config.metrics
        )
        save_document(context.out, PREDICTED, predicted)
        _report_corrected(context, predicted, measures)
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


def gather_facts(context: StageContext, *, predicted: bool = False) -> LessonFacts:
    """All upstream artifacts as the value that measures are computed from.

    What people corrected takes the place of predictions, unless ``predicted``.
    """
    correct = None if predicted else context.inputs.get("correct")
    speech = correct or context.inputs["turns"]
    transcript = read_words(speech)
    people = read_all_people(context)
    events: list[Event] = []
    for folder in [correct] if correct else context.stream_inputs("people").values():
        events.extend(load_events(folder))
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
        events=tuple(events),
        pictures=tuple(
            _picture(seen, seen.counts) for seen in people.values() if seen.counts is not None
        ),
        missing=_missing(context, people, turns),
    )


def with_codes(facts: LessonFacts) -> LessonFacts:
    """The facts with the coded acts of the lesson, where its words are known."""
    if facts.transcript is None:
        return facts
    heard = Heard(facts.span, facts.transcript, facts.turns, facts.events, facts.activity)
    return replace(facts, codes=code_lesson(heard, _classifiers()))


@cache
def _classifiers() -> Classifiers:
    return load_classifiers(shipped_models())


def _report_corrected(
    context: StageContext, before: tuple[Measure, ...], after: tuple[Measure, ...]
) -> None:
    """Say which figures rest on what people corrected: those that are other than without it."""
    changed = {_cell(m) for m in uncorrected(before, after)}
    other = [m.id + (f" [{m.part}]" if m.part else "") for m in after if _cell(m) in changed]
    if other:
        context.report(
            Issue(
                "measures.corrected",
                Severity.INFO,
                "measures",
                f"{len(other)} of {len(after)} figures rest on corrections by people and would be "
                f"other without them: {', '.join(other)}",
                detail={"other": len(other), "all": len(after), "names": ", ".join(other)},
            )
        )


def uncorrected(before: tuple[Measure, ...], after: tuple[Measure, ...]) -> tuple[Measure, ...]:
    """The measures ``before`` corrections that are other ``after`` them."""
    now = {_cell(m): _figure(m) for m in after}
    return tuple(m for m in before if now.get(_cell(m)) != _figure(m))


def _cell(measure: Measure) -> tuple[str, str, str]:
    return (measure.id, measure.part, measure.stream)


def _figure(measure: Measure) -> tuple[object, ...]:
    return (measure.value, measure.category, measure.numerator, measure.denominator, measure.why)


def lesson_span(streams: tuple[StreamSpec, ...], media: dict[str, Path]) -> Interval:
    """From the start of the earliest stream to the end of the last, on the lesson clock."""
    ends = [s.offset_s + read_media(media[s.name]).duration_s for s in streams]
    return Interval(min(s.offset_s for s in streams), max(ends))


def _picture(seen: People, counts: ClassPictures) -> PictureFacts:
    path = seen.path
    width_px, height_px = seen.series.size_px
    trace = None
    if len(path):
        trace = TeacherTrace(
            times_s=path.times_s,
            x=path.x.astype(float),
            y=path.y.astype(float),
            height=path.height.astype(float),
            aspect=width_px / height_px,
        )
    return PictureFacts(counts, trace, _student_px(seen), seen.gestures)


def _student_px(seen: People) -> float | None:
    """Median height of the students in the picture that the pose model saw, in pixels."""
    students = seen.tracks.of_role(PersonRole.STUDENT)
    if not students.any():
        return None
    boxes = seen.series.people.boxes_px[students]
    return round(float(np.median(boxes[:, 3] - boxes[:, 1])) * seen.model_scale, 1)


def _missing(
    context: StageContext, people: dict[str, People], turns: tuple[Turn, ...]
) -> dict[str, Why]:
    missing: dict[str, Why] = {}
    for folder in context.inputs.values():
        for issue in read_result(folder).issues:
            if issue.code in _ABSENCES:
                source, reason = _ABSENCES[issue.code]
                missing.setdefault(source, Why(reason))
    if any(turn.origin is not Origin.PREDICTED for turn in turns):
        missing.pop("roles", None)
    if "pose" not in missing and not any(len(p.series) for p in people.values()):
        missing["pose"] = Why(Reason.NO_PICTURE)
    roles = [r.role for p in people.values() for r in p.tracks.roles]
    if "pose" in missing:
        missing["teacher"] = missing["pose"]
    elif PersonRole.TEACHER not in roles:
        missing["teacher"] = Why(Reason.NO_TEACHER_SEEN)
    return missing
