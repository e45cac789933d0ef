"""The moments at which results and truth disagree most, so that a person can look at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import Event
from classwatch.core.speech import STUDENT_ROLES, SpeakerRole, Turn
from classwatch.core.time import contains
from classwatch.evaluate.material import Material, PeopleSeen
from classwatch.evaluate.not_scored import NotScored
from classwatch.evaluate.scores.matching import match
from classwatch.evaluate.scores.pictures import PicturePair, picture_pairs
from classwatch.evaluate.scores.spans import OverlapRule, spans_of_events, times_of
from classwatch.evaluate.scoring_pictures import as_truth, paired
from classwatch.evaluate.scoring_speech import scored_part

SPEECH = "speech"
"""What a voice is called where truth does not say whose it is."""
NOBODY = ""
_LEAST_S = 0.3
_APART_S = 2.0
_ALIKE = 2


class MomentKind(StrEnum):
    """What a moment is about."""

    VOICE = "voice"
    PEOPLE = "people"
    EVENT = "event"


class BoxKind(StrEnum):
    """How a box fared."""

    HIT_TRUE = "hit_true"
    HIT_FOUND = "hit_found"
    MISSED = "missed"
    FALSE = "false"


@dataclass(frozen=True, slots=True)
class Box:
    """A box in pixels of the full-size picture."""

    kind: BoxKind
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Moment:
    """One disagreement on the lesson clock; ``weight`` orders moments of one kind.

    ``truth`` and ``found`` are what either side says: roles, a number of people, a kind of event,
    "" for nothing. ``boxes`` belong to the picture at ``picture_s``, which is ``size_px`` wide and
    high.
    """

    lesson_id: str
    kind: MomentKind
    start_s: float
    end_s: float
    weight: float
    truth: str
    found: str
    stream: str = ""
    picture_s: float | None = None
    size_px: tuple[int, int] = (0, 0)
    boxes: tuple[Box, ...] = ()


def worst_moments(
    lesson_id: str, truth: Material, found: Material, *, most: int = 4
) -> tuple[Moment, ...]:
    """At most ``most`` moments of each kind and stream, the worst first."""
    voices = _longest(_voices(lesson_id, truth, found), most)
    people = [m for group in _people(lesson_id, truth, found) for m in _apart(group, most)]
    events = _of_every_kind(_events(lesson_id, truth, found), most)
    return (*voices, *people, *events)


def _longest(moments: Iterator[Moment], most: int) -> list[Moment]:
    return sorted(moments, key=lambda m: (-m.weight, m.start_s, m.truth, m.found))[:most]


def _of_every_kind(moments: Iterator[Moment], most: int) -> list[Moment]:
    """The longest, at most two that are alike: long states would leave no room for the others."""
    chosen: list[Moment] = []
    for moment in sorted(moments, key=lambda m: (-m.weight, m.start_s, m.truth, m.found)):
        alike = sum((m.truth, m.found) == (moment.truth, moment.found) for m in chosen)
        if alike < _ALIKE and len(chosen) < 2 * most:
            chosen.append(moment)
    return chosen


def _apart(moments: Sequence[Moment], most: int) -> list[Moment]:
    """The worst that are not nearly the same picture."""
    chosen: list[Moment] = []
    for moment in sorted(moments, key=lambda m: (-m.weight, m.start_s)):
        if len(chosen) < most and all(
            abs(moment.start_s - other.start_s) >= _APART_S for other in chosen
        ):
            chosen.append(moment)
    return chosen


# ---------------------------------------------------------------- voices


def _voices(lesson_id: str, truth: Material, found: Material) -> Iterator[Moment]:
    """Stretches in which another role, or nobody, is found."""
    if truth.turns is None or found.turns is None:
        return
    known = any(t.role is not SpeakerRole.UNKNOWN for t in truth.turns)
    part = scored_part(truth, found)
    ends = [e for t in (*truth.turns, *found.turns) for e in (t.start_s, t.end_s)]
    edges = np.unique([*ends, *part.ravel().tolist()])
    if len(edges) < 2:
        return
    middles: NDArray[np.float64] = (edges[:-1] + edges[1:]) / 2
    inside = contains(part, middles)
    true, other = (_labels(turns, middles, known) for turns in (truth.turns, found.turns))
    for first, last in _runs(true, other, inside):
        start_s, end_s = float(edges[first]), float(edges[last])
        if end_s - start_s >= _LEAST_S:
            yield Moment(
                lesson_id,
                MomentKind.VOICE,
                start_s,
                end_s,
                _weight(end_s - start_s, true[first]),
                true[first],
                other[first],
            )


def _weight(length_s: float, truth: str) -> float:
    """Length, halved where it is neither teacher nor student (a recording, a visitor)."""
    aside = (SpeakerRole.UNKNOWN, SpeakerRole.ADULT, SpeakerRole.PLAYBACK)
    return length_s / 2 if truth in aside else length_s


def _labels(turns: Sequence[Turn], times_s: NDArray[np.float64], known: bool) -> list[str]:
    """Who speaks at each time, as sorted role names joined by ``+``."""
    roles: dict[str, NDArray[np.bool_]] = {}
    for turn in turns:
        name = _voice_name(turn.role) if known else SPEECH
        during = (times_s >= turn.start_s) & (times_s < turn.end_s)
        roles[name] = roles.get(name, np.zeros(len(times_s), np.bool_)) | during
    return ["+".join(name for name in sorted(roles) if roles[name][k]) for k in range(len(times_s))]


def _voice_name(role: SpeakerRole) -> str:
    """Several students at once count as students: the difference is not what is looked for."""
    return "student" if role in STUDENT_ROLES else role.value


def _runs(
    true: Sequence[str], other: Sequence[str], inside: NDArray[np.bool_]
) -> Iterator[tuple[int, int]]:
    """Stretches ``[first, last)`` of the same disagreement."""
    first = 0
    for k in range(1, len(true) + 1):
        ended = k == len(true) or (true[k], other[k], inside[k]) != (
            true[first],
            other[first],
            inside[first],
        )
        if ended:
            if inside[first] and true[first] != other[first]:
                yield first, k
            first = k


# ---------------------------------------------------------------- pictures


def _people(lesson_id: str, truth: Material, found: Material) -> Iterator[list[Moment]]:
    try:
        streams = list(paired(truth, found))
    except NotScored:
        return
    for name, true, other in streams:
        pairs = picture_pairs(as_truth(true, name), other.series)
        seen = [_picture(lesson_id, name, (true, other), pair) for pair in pairs]
        yield [moment for moment in seen if moment is not None]


def _picture(
    lesson_id: str, stream: str, sides: tuple[PeopleSeen, PeopleSeen], pair: PicturePair
) -> Moment | None:
    true, other = sides
    missed = np.delete(pair.truth, pair.pairs[:, 0])
    false = np.delete(pair.found, pair.pairs[:, 1])
    if len(missed) + len(false) == 0:
        return None
    rows = pair.found if len(pair.found) else pair.truth
    series = other.series if len(pair.found) else true.series
    time_s = float(series.times_s[rows[0]])
    groups = (
        (BoxKind.HIT_TRUE, true, pair.truth[pair.pairs[:, 0]]),
        (BoxKind.HIT_FOUND, other, pair.found[pair.pairs[:, 1]]),
        (BoxKind.MISSED, true, missed),
        (BoxKind.FALSE, other, false),
    )
    boxes = tuple(
        Box(kind, *(float(v) for v in side.series.people.boxes_px[row]))
        for kind, side, group in groups
        for row in group
    )
    return Moment(
        lesson_id,
        MomentKind.PEOPLE,
        time_s,
        time_s,
        float(len(missed) + len(false)),
        str(len(pair.truth)),
        str(len(pair.found)),
        stream,
        time_s,
        other.series.size_px,
        boxes,
    )


# ---------------------------------------------------------------- events


def _events(lesson_id: str, truth: Material, found: Material) -> Iterator[Moment]:
    """Events of one side that the other does not have."""
    if truth.events is None or found.events is None:
        return
    kinds = {e.kind for e in truth.events}
    for kind in sorted(kinds):
        true = [e for e in truth.events if e.kind is kind]
        other = [e for e in found.events if e.kind is kind]
        pairs = match(
            OverlapRule(0.5).affinity(
                times_of(spans_of_events(true)), times_of(spans_of_events(other))
            )
        )
        for row in np.delete(np.arange(len(true)), pairs[:, 0]):
            yield _event(lesson_id, true[row], truth, missed=True)
        for row in np.delete(np.arange(len(other)), pairs[:, 1]):
            yield _event(lesson_id, other[row], found, missed=False)


def _event(lesson_id: str, event: Event, side: Material, *, missed: bool) -> Moment:
    """An event of one side, with the box of whom it is about where that side knows it."""
    seen = side.people.get(event.stream)
    middle_s = (event.start_s + event.end_s) / 2
    boxes: tuple[Box, ...] = ()
    if seen is not None and seen.tracks is not None and len(seen.series):
        fate = BoxKind.MISSED if missed else BoxKind.FALSE
        times_s = seen.series.frame_times_s
        frame = int(np.argmin(np.abs(times_s - middle_s)))
        middle_s = float(times_s[frame])
        own = (seen.series.frame == frame) & (seen.tracks.track_id == event.track_id)
        boxes = tuple(
            Box(fate, *(float(v) for v in box)) for box in seen.series.people.boxes_px[own]
        )
    return Moment(
        lesson_id,
        MomentKind.EVENT,
        event.start_s,
        event.end_s,
        event.end_s - event.start_s,
        event.kind.value if missed else NOBODY,
        NOBODY if missed else event.kind.value,
        event.stream,
        middle_s,
        seen.series.size_px if seen is not None else (0, 0),
        boxes,
    )
