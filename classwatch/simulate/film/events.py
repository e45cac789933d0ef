"""What happens in the pictures of one stream, from what people do and when they are seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import Event, EventKind
from classwatch.core.people import NO_TRACK
from classwatch.core.speech import Origin
from classwatch.core.time import Intervals, intersect, intervals, normalise, subtract, total_s
from classwatch.simulate.film.sightings import Sightings, Who
from classwatch.simulate.script import ActKind, PersonKind

HIDDEN_S = 2.0
"""Somebody who is hidden no longer than this within one shot goes on doing what they do."""
MIN_EVENT_S = 0.2
"""What is in the picture for a shorter time is no event."""
TURNED_AWAY = -0.5
"""Cosine under which a chest is turned away from the class: more than 120 degrees."""

STUDENT_EVENTS: Mapping[ActKind, tuple[EventKind, ...]] = {
    ActKind.RAISE_HAND: (EventKind.HAND_RAISED,),
    ActKind.STAND: (EventKind.STANDING,),
    ActKind.WRITE: (EventKind.WRITING,),
    ActKind.READ: (EventKind.READING,),
    ActKind.SLEEP: (EventKind.LYING,),
    ActKind.DEVICE: (EventKind.DEVICE,),
    ActKind.TURN_LEFT: (EventKind.TURNED,),
    ActKind.TURN_RIGHT: (EventKind.TURNED,),
    ActKind.TURN_BACK: (EventKind.TURNED,),
}
ADULT_EVENTS: Mapping[ActKind, tuple[EventKind, ...]] = {
    ActKind.POINT: (EventKind.POINTING,),
    ActKind.PODIUM: (EventKind.PODIUM,),
    ActKind.BOARD: (EventKind.TEACHER_WRITING,),
    ActKind.LEAN: (EventKind.TEACHER_BENDING,),
    ActKind.SIT: (EventKind.TEACHER_SITTING,),
}
HEAD_DOWN = frozenset({ActKind.WRITE, ActKind.READ, ActKind.SLEEP, ActKind.DEVICE})
"""Acts with the eyes on the desk."""
HEAD_UNDECIDED = frozenset({ActKind.TURN_LEFT, ActKind.TURN_RIGHT, ActKind.TURN_BACK})
_GONE = frozenset({ActKind.OUT})


@dataclass(frozen=True, slots=True)
class Doing:
    """One person doing one thing on the lesson clock; the spells of one person do not overlap."""

    person_id: str
    kind: ActKind
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Happening:
    """What happens in a room: acts, speech by person id, and where the front zone ends (z in m)."""

    doings: tuple[Doing, ...]
    speech: Mapping[str, Intervals]
    front_z_m: float


def seen_times(sightings: Sightings, spans: Intervals, person: int) -> tuple[Intervals, Intervals]:
    """When somebody is seen: exactly, and with short hiding within a shot closed.

    ``spans`` (f, 2) is the time that each picture stands for.
    """
    seen = sightings.seen()[:, person]
    exact = normalise(spans[seen])
    closed = [
        normalise(spans[first:last][seen[first:last]], join_gap_s=HIDDEN_S)
        for first, last in shots(sightings.shot)
    ]
    return exact, normalise(np.concatenate([np.zeros((0, 2)), *closed]))


def shots(shot: NDArray[np.int32]) -> list[tuple[int, int]]:
    """First picture, and first picture after, of each unbroken run of one camera."""
    if len(shot) == 0:
        return []
    borders = [0, *(np.flatnonzero(np.diff(shot)) + 1).tolist(), len(shot)]
    return list(pairwise(borders))


def events_of(
    stream: str,
    people: Sequence[Who],
    sightings: Sightings,
    spans: Intervals,
    track_of: Sequence[int],
    happening: Happening,
) -> tuple[Event, ...]:
    """All events of one stream, in order of start, kind and track; confidence is the share of the
    event in which the person is really seen.

    An act counts while the person is seen in the picture (hidden for at most ``HIDDEN_S``). Of the
    teacher the place is told for every picture of a stream in which the teacher is seen at all, by
    the floor and the chest, without a track as in analysed lessons. ``track_of`` (p,) is the
    track of each person, ``NO_TRACK`` for who is never seen.
    """
    found: list[Event] = []
    for index, who in enumerate(people):
        if track_of[index] == NO_TRACK:
            continue
        exact, closed = seen_times(sightings, spans, index)
        for kind, times in _acts(who, happening, closed):
            for start_s, end_s in intersect(times, closed):
                if end_s - start_s < MIN_EVENT_S:
                    continue
                shown = total_s(intersect(exact, np.array([[start_s, end_s]])))
                share = shown / (end_s - start_s)
                found.append(_event(kind, (start_s, end_s), stream, track_of[index], share))
        if who.kind is PersonKind.TEACHER:
            found += _teacher_events(stream, sightings, spans, index, happening.front_z_m)
    return tuple(sorted(found, key=lambda e: (e.start_s, e.kind, e.track_id, e.end_s)))


def _acts(
    who: Who, happening: Happening, closed: Intervals
) -> Iterator[tuple[EventKind, Intervals]]:
    """Times of every kind of event of one person, whether seen or not."""
    own = [d for d in happening.doings if d.person_id == who.person_id]
    named = STUDENT_EVENTS if who.kind is PersonKind.STUDENT else ADULT_EVENTS
    kinds: dict[EventKind, list[tuple[float, float]]] = {}
    for doing in own:
        for kind in named.get(doing.kind, ()):
            kinds.setdefault(kind, []).append((doing.start_s, doing.end_s))
    if who.kind is PersonKind.STUDENT:
        down = _times(own, HEAD_DOWN)
        elsewhere = _times(own, HEAD_DOWN | HEAD_UNDECIDED | _GONE)
        yield EventKind.HEAD_DOWN, down
        yield EventKind.HEAD_UP, subtract(closed, elsewhere)
    elif who.kind is PersonKind.ADULT:
        yield EventKind.OTHER_ADULT, closed
    for kind, times in kinds.items():
        yield kind, normalise(intervals(times))
    yield EventKind.SPEAKING, happening.speech.get(who.person_id, np.zeros((0, 2)))


def _times(doings: Sequence[Doing], kinds: frozenset[ActKind]) -> Intervals:
    return normalise(intervals((d.start_s, d.end_s) for d in doings if d.kind in kinds))


def _teacher_events(
    stream: str, sightings: Sightings, spans: Intervals, person: int, front_z_m: float
) -> Iterator[Event]:
    kinds = teacher_states(sightings, person, front_z_m)
    if all(kind is EventKind.TEACHER_NOT_VISIBLE for kind in kinds):
        return
    start = 0
    for i in range(1, len(kinds) + 1):
        if i < len(kinds) and kinds[i] is kinds[start]:
            continue
        for start_s, end_s in normalise(spans[start:i], join_gap_s=1e-6):
            yield _event(kinds[start], (start_s, end_s), stream, NO_TRACK, 1.0)
        start = i


def teacher_states(sightings: Sightings, person: int, front_z_m: float) -> tuple[EventKind, ...]:
    """Where the teacher is in each picture (f): by the floor, and by where the chest points."""
    seen = sightings.seen()[:, person]
    with np.errstate(invalid="ignore"):
        front = sightings.place_m[:, person, 1] < front_z_m
    away = sightings.facing[:, person] < TURNED_AWAY
    kinds: list[EventKind] = []
    for is_seen, is_front, is_away in zip(seen, front, away, strict=True):
        if not is_seen:
            kinds.append(EventKind.TEACHER_NOT_VISIBLE)
        elif not is_front:
            kinds.append(EventKind.TEACHER_AMONG_DESKS)
        else:
            kinds.append(EventKind.TEACHER_AT_BOARD if is_away else EventKind.TEACHER_FRONT)
    return tuple(kinds)


def _event(
    kind: EventKind, span: tuple[float, float], stream: str, track: int, share: float
) -> Event:
    start_s, end_s = (float(t) for t in span)
    return Event(
        kind,
        start_s,
        end_s,
        stream,
        track,
        round(min(1.0, share), 4),
        origin=Origin.ANNOTATED,
    )
