"""Figures and true roles of turns, and the same with words and pictures spoilt or missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import SpeakersConfig
from classwatch.core.events import Event, EventKind
from classwatch.core.motion import Motion
from classwatch.core.speech import (
    Origin,
    Segment,
    SoundKind,
    SoundSpan,
    SpeakerRole,
    Transcript,
)
from classwatch.speech.roles import gather
from classwatch.train.roles.lessons import STREAM, HeardLesson
from classwatch.train.roles.moving import moving

ROLES = tuple(SpeakerRole)
SINGLE = (SpeakerRole.TEACHER, SpeakerRole.STUDENT, SpeakerRole.ADULT, SpeakerRole.UNKNOWN)
COPIES = 4
_MOSTLY = 0.6
"""A turn has a role where one speaks for so much of the time in which anybody does ..."""
_SPOKEN = 0.3
"""... and somebody does for so much of the turn."""
_NO_WORDS, _NO_PICTURE, _NO_MOTION = 0.5, 0.4, 0.25
_SEGMENT_LOST, _LETTER_LOST = 0.1, 0.12
_HAND_LOST, _STANDING_LOST = 0.35, 0.4
_FALSE_PER_MIN = {EventKind.HAND_RAISED: 1.0, EventKind.STANDING: 1.5}
_FALSE_S = 3.0
_JITTER_S = 0.8
_PLACE_WRONG = 0.2
_CONFUSED, _CONFUSED_MOST = 0.5, 0.35
_CONFUSED_WITH = {SoundKind.CHORUS: 0.5, SoundKind.PLAYBACK: 0.35, SoundKind.BABBLE: 0.15}
"""The kinds of sound were fitted on the voices of these lessons: of voices that they never heard
they are less sure, so that half of the voices of a lesson get up to so much of another kind."""
_PLACES = (
    EventKind.TEACHER_FRONT,
    EventKind.TEACHER_AT_BOARD,
    EventKind.TEACHER_AMONG_DESKS,
    EventKind.TEACHER_NOT_VISIBLE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Figures (n, d) of turns, index of the true role in ``ROLES`` (n,), and lengths in s (n,)."""

    features: NDArray[np.float32]
    role: NDArray[np.int64]
    length_s: NDArray[np.float64]


def joined(parts: Iterable[Examples]) -> Examples:
    """All examples as one."""
    own = list(parts)
    return Examples(
        np.concatenate([p.features for p in own]),
        np.concatenate([p.role for p in own]),
        np.concatenate([p.length_s for p in own]),
    )


def examples(lesson: HeardLesson, seed: int) -> Iterator[Examples]:
    """The turns of a lesson, several times where words and pictures can be spoilt differently.

    A lesson with one part of one voice gives nothing: its role stays unknown.
    """
    rng = np.random.default_rng([seed, 977])
    copies = COPIES if lesson.transcript is not None else COPIES // 2
    for _ in range(copies):
        evidence = gather(spoilt(lesson, rng).known, SpeakersConfig())
        if not evidence.tellable:
            continue
        features = evidence.features
        role = true_roles(lesson, evidence.units.span)
        kept = role >= 0
        length_s = evidence.units.span[:, 1] - evidence.units.span[:, 0]
        yield Examples(features[kept].astype(np.float32), role[kept], length_s[kept])


def true_roles(lesson: HeardLesson, span: NDArray[np.float64]) -> NDArray[np.int64]:
    """Index in ``ROLES`` of who speaks for most of each row of ``span`` (n, 2), -1 if unclear."""
    times = np.array([(t.start_s, t.end_s) for t in lesson.truth]).reshape(-1, 2)
    owner = np.array([ROLES.index(t.role) for t in lesson.truth], np.int64)
    found = np.full(len(span), -1, np.int64)
    for at, (start_s, end_s) in enumerate(span.tolist()):
        shared = np.minimum(times[:, 1], end_s) - np.maximum(times[:, 0], start_s)
        seconds = np.bincount(owner, np.maximum(shared, 0.0), minlength=len(ROLES))
        clear = seconds.max() >= _MOSTLY * seconds.sum()
        if clear and seconds.sum() >= _SPOKEN * (end_s - start_s):
            found[at] = int(seconds.argmax())
    return found


def spoilt(lesson: HeardLesson, rng: np.random.Generator) -> HeardLesson:
    """The lesson with words and pictures as programs find them, or without, and with kinds of sound
    as of voices that nothing was fitted on."""
    words, events = lesson.transcript, lesson.events
    lesson = replace(lesson, sounds=tuple(confused(lesson, rng)))
    if words is not None:
        words = None if rng.random() < _NO_WORDS else misheard(words, rng)
    pictured, moved = rng.random() >= _NO_PICTURE, rng.random() >= _NO_MOTION
    if events is not None:
        events = tuple(misseen(events, lesson.duration_s, rng)) if pictured else None
    lesson = replace(lesson, transcript=words, events=events)
    return replace(lesson, motions=_moving(lesson, rng) if pictured and moved else ())


def confused(lesson: HeardLesson, rng: np.random.Generator) -> Iterator[SoundSpan]:
    """The kinds of sound with less sure shares where single voices speak."""
    kinds = tuple(SoundKind)
    weights = np.array([_CONFUSED_WITH.get(kind, 0.0) for kind in kinds])
    more: dict[tuple[SpeakerRole, str], NDArray[np.float64]] = {}
    for turn in lesson.truth:
        if turn.role in SINGLE and (turn.role, turn.speaker) not in more:
            much = rng.uniform(0.0, _CONFUSED_MOST) if rng.random() < _CONFUSED else 0.0
            kind = int(rng.choice(len(kinds), p=weights))
            more[turn.role, turn.speaker] = much * np.eye(len(kinds))[kind]
    times = np.array([(t.start_s, t.end_s) for t in lesson.truth]).reshape(-1, 2)
    added = np.array([more.get((t.role, t.speaker), 0.0 * weights) for t in lesson.truth])
    for span in lesson.sounds:
        if not span.shares:
            yield span
            continue
        shared = np.minimum(times[:, 1], span.end_s) - np.maximum(times[:, 0], span.start_s)
        shared = np.maximum(shared, 0.0) / (span.end_s - span.start_s)
        taken = shared @ added / max(float(shared.sum()), 1.0)
        shares = (1.0 - taken.sum()) * np.array(span.shares) + taken
        yield replace(span, shares=tuple(shares.tolist()))


def _moving(lesson: HeardLesson, rng: np.random.Generator) -> tuple[Motion, ...]:
    """The movement in a lesson, also in one of which nothing else is seen; none without lesson.

    Those who stand are those whom the lesson's events, spoilt before, call so.
    """
    if not any(turn.role is SpeakerRole.TEACHER for turn in lesson.truth):
        return ()
    return moving(lesson.truth, lesson.events or (), lesson.duration_s, rng)


def misheard(transcript: Transcript, rng: np.random.Generator) -> Transcript:
    """The words without labels, with segments and letters missing."""
    segments = tuple(
        Segment(
            s.start_s,
            s.end_s,
            "".join(c for c in s.text if c in "?？" or rng.random() >= _LETTER_LOST),
        )
        for s in transcript.segments
        if rng.random() >= _SEGMENT_LOST
    )
    return Transcript(segments, transcript.language, Origin.PREDICTED)


def misseen(
    events: tuple[Event, ...], duration_s: float, rng: np.random.Generator
) -> Iterator[Event]:
    """The events with some missing, some invented, edges moved and places of the teacher wrong."""
    lost = {EventKind.HAND_RAISED: _HAND_LOST, EventKind.STANDING: _STANDING_LOST}
    for event in events:
        if event.kind in _PLACES:
            if rng.random() < _PLACE_WRONG:
                event = replace(event, kind=_PLACES[int(rng.integers(len(_PLACES)))])
            yield event
        elif rng.random() >= lost.get(event.kind, 0.0):
            start_s = max(0.0, event.start_s + float(rng.normal(0.0, _JITTER_S)))
            end_s = event.end_s + float(rng.normal(0.0, _JITTER_S))
            yield replace(event, start_s=start_s, end_s=max(end_s, start_s + 0.5))
    for kind, rate in _FALSE_PER_MIN.items():
        for _ in range(int(rng.poisson(rate * duration_s / 60.0))):
            start_s = float(rng.uniform(0.0, duration_s))
            yield Event(kind, start_s, start_s + _FALSE_S, STREAM, 0, 0.5)
