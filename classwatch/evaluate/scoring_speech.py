"""What of a lesson goes into the scores of sound."""

from __future__ import annotations

from typing import Any

import numpy as np

from classwatch.core.speech import Segment, SpeakerRole, SpeechActivity, Turn
from classwatch.core.time import Interval, Intervals, contains, intervals
from classwatch.evaluate.material import Material
from classwatch.evaluate.not_scored import NotScored, unknown
from classwatch.evaluate.scores.boundaries import TurnBoundaries
from classwatch.evaluate.scores.diarisation import (
    Diarisation,
    Jaccard,
    RoleDiarisation,
    SpeakerCount,
)
from classwatch.evaluate.scores.roles import SpeakerRoles
from classwatch.evaluate.scores.voice_activity import VoiceActivity
from classwatch.evaluate.scores.wait_time import WaitTime
from classwatch.evaluate.scores.words import Words
from classwatch.evaluate.tally import Tally

__all__ = [
    "Diarisation",
    "Jaccard",
    "RoleDiarisation",
    "SpeakerCount",
    "SpeakerRoles",
    "TurnBoundaries",
    "VoiceActivity",
    "WaitTime",
    "Words",
]
LANGUAGES = ("zh", "en")


def scored_part(truth: Material, found: Material) -> Intervals:
    """The annotated part of the lesson; the whole of it where truth names none."""
    if truth.scored is not None:
        return truth.scored
    span = found.span or truth.span
    if span is None:
        ends = [t.end_s for t in (*(truth.turns or ()), *(found.turns or ()))]
        ends += [
            float(s[:, 1].max()) for s in (truth.speech, found.speech) if s is not None and len(s)
        ]
        span = Interval(0.0, max(ends, default=0.0))
    return intervals([span])


def vad(scorer: VoiceActivity, truth: Material, found: Material) -> Tally:
    """Speech against speech."""
    if truth.speech is None:
        raise unknown("speech", truth=True)
    if found.speech is None:
        raise unknown("speech", truth=False, material=found)
    return scorer.count(truth.speech, found.speech, scored_part(truth, found))


def turns(scorer: Any, truth: Material, found: Material) -> Tally:
    """Turns against turns, within the annotated part."""
    true, other = _turns(truth, found)
    tally: Tally = scorer.count(true, other, scored_part(truth, found))
    return tally


def role_turns(scorer: Any, truth: Material, found: Material) -> Tally:
    """As ``turns``, where truth says who is teacher and who student."""
    true, _ = _turns(truth, found)
    if true and all(t.role is SpeakerRole.UNKNOWN for t in true):
        raise NotScored("the truth does not say who is the teacher")
    return turns(scorer, truth, found)


def _turns(truth: Material, found: Material) -> tuple[tuple[Turn, ...], tuple[Turn, ...]]:
    if truth.turns is None:
        raise unknown("turns", truth=True)
    if found.turns is None:
        raise unknown("turns", truth=False, material=found)
    return truth.turns, found.turns


def words(scorer: Words, truth: Material, found: Material) -> Tally:
    """Words against words, of the annotated part."""
    if truth.transcript is None:
        raise unknown("transcript", truth=True)
    if found.transcript is None:
        raise unknown("transcript", truth=False, material=found)
    language = truth.transcript.language.split("-")[0]
    if language not in LANGUAGES:
        raise NotScored(f"no normaliser for language {language or 'unknown'!r}")
    true, other = truth.transcript.segments, found.transcript.segments
    if truth.scored is not None and not truth.untimed_text:
        true, other = _within(true, truth.scored), _within(other, truth.scored)
    return scorer.count(true, other, language)


def _within(segments: tuple[Segment, ...], scored: Intervals) -> tuple[Segment, ...]:
    """The segments whose middle lies in the annotated part."""
    middles_s = np.array([(s.start_s + s.end_s) / 2 for s in segments], dtype=np.float64)
    inside = contains(scored, middles_s)
    return tuple(s for s, is_in in zip(segments, inside, strict=True) if is_in)


def wait_time(scorer: WaitTime, truth: Material, found: Material) -> Tally:
    """Pauses after the teacher's questions, by the same rules on both sides."""
    role_turns(SpeakerCount(), truth, found)
    return scorer.count(
        _pauses(truth, truth=True, other=found), _pauses(found, truth=False, other=truth)
    )


def _pauses(side: Material, *, truth: bool, other: Material) -> Intervals:
    from classwatch.config.schema import MetricsConfig
    from classwatch.discourse.questions import find_questions
    from classwatch.metrics.basis import prepare
    from classwatch.metrics.facts import LessonFacts
    from classwatch.metrics.wait_time import after_questions

    if side.transcript is None or side.untimed_text:
        raise unknown("transcript", truth=truth, material=side)
    if side.speech is None:
        raise unknown("speech", truth=truth, material=side)
    span = side.span or other.span
    if span is None:
        raise NotScored("how long the lesson is, is not known")
    activity = SpeechActivity(side.speech, np.zeros(0, np.float32), 0.1, -60.0, -20.0, 0.0)
    facts = LessonFacts(
        span,
        side.turns or (),
        side.transcript,
        find_questions(side.transcript),
        activity,
    )
    pauses = after_questions(prepare(facts, MetricsConfig()))
    return intervals((p.start_s, p.end_s) for p in pauses)
