"""Measures of a made lesson, from its truth instead of from detections."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classwatch.config.schema import MetricsConfig
from classwatch.core.events import Event
from classwatch.core.measures import Measure, Why
from classwatch.core.people import ClassPictures, PersonRole, TeacherPath
from classwatch.core.reasons import Reason
from classwatch.core.speech import SpeechActivity, Transcript, Turn
from classwatch.core.time import Interval, Intervals
from classwatch.metrics.compute import compute
from classwatch.metrics.facts import LessonFacts, PictureFacts, TeacherTrace
from classwatch.simulate.sound import truth
from classwatch.simulate.sound.playback import Played
from classwatch.simulate.timeline import Timeline
from classwatch.simulate.truth.fronts import front_of
from classwatch.simulate.truth.questions import true_questions


@dataclass(frozen=True, slots=True, eq=False)
class SpeechTruth:
    """Who really spoke when and what.

    ``voiced`` (n, 2) is every stretch of speech and ``overlap`` (m, 2) of speech by two or more
    speakers, both normalised.
    """

    turns: tuple[Turn, ...]
    transcript: Transcript
    voiced: Intervals
    overlap: Intervals


def speech_truth(timeline: Timeline, played: tuple[Played, ...] = ()) -> SpeechTruth:
    """The truth of a lesson's sound; ``played`` is what came from the loudspeaker."""
    return SpeechTruth(
        truth.turns(timeline, played),
        truth.transcript(timeline, played),
        truth.speech(timeline, played),
        truth.overlap(timeline, played),
    )


@dataclass(frozen=True, slots=True, eq=False)
class PictureTruth:
    """What the pictures of one stream really show; ``aspect`` is width over height."""

    counts: ClassPictures
    events: tuple[Event, ...]
    path: TeacherPath
    aspect: float
    roles: tuple[PersonRole, ...]
    """Role of every track."""


def true_measures(
    timeline: Timeline, speech: SpeechTruth, pictures: Sequence[PictureTruth]
) -> tuple[Measure, ...]:
    """Every measure, computed by ``classwatch.metrics`` as for an analysed lesson.

    What an analysis detects is replaced by what is true. Gates on recording quality pass (truth
    has no noise and no small students); those on the amount of speech and the length of the lesson
    hold as ever, so short clips abstain.
    """
    return compute(true_facts(timeline, speech, pictures), MetricsConfig())


def true_facts(
    timeline: Timeline, speech: SpeechTruth, pictures: Sequence[PictureTruth]
) -> LessonFacts:
    """The facts behind ``true_measures``."""
    return LessonFacts(
        span=Interval(0.0, timeline.duration_s),
        turns=speech.turns,
        transcript=speech.transcript,
        questions=true_questions(timeline, speech.transcript),
        activity=_activity(speech.voiced),
        events=tuple(event for p in pictures for event in p.events),
        fronts=tuple(front for p in pictures if (front := front_of(p.counts)) is not None),
        pictures=tuple(PictureFacts(p.counts, _trace(p)) for p in pictures),
        missing=_missing(pictures),
    )


def _activity(voiced: Intervals) -> SpeechActivity:
    """Speech without levels: nothing was recorded that a level could be measured on."""
    return SpeechActivity(voiced, np.zeros(0, np.float32), 0.1, math.nan, math.nan, 0.0)


def _trace(picture: PictureTruth) -> TeacherTrace | None:
    return TeacherTrace.of(picture.path, picture.aspect) if len(picture.path) else None


def _missing(pictures: Sequence[PictureTruth]) -> dict[str, Why]:
    if not pictures:
        return {"pose": Why(Reason.NO_PICTURE), "teacher": Why(Reason.NO_PICTURE)}
    if not any(PersonRole.TEACHER in picture.roles for picture in pictures):
        return {"teacher": Why(Reason.NO_TEACHER_SEEN)}
    return {}
