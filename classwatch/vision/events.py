"""Countable events of one stream, from poses and roles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import EventsConfig
from classwatch.core.events import Event, EventKind
from classwatch.core.people import NO_TRACK, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.vision.acts import ACTIVITIES, Acts
from classwatch.vision.places_taken import at_board, seats_empty
from classwatch.vision.posture import Postures, read_postures
from classwatch.vision.scene import Scene
from classwatch.vision.seats import rows_of
from classwatch.vision.teacher_acts import TEACHER_ACTS, Teaching
from classwatch.vision.timeline import NOTHING, Spell, sample_spans, spells
from classwatch.vision.zones import track_zones

_HEADS = {1: EventKind.HEAD_UP, 2: EventKind.HEAD_DOWN}
_HANDS = {1: EventKind.HAND_RAISED}
_STANCE = {1: EventKind.STANDING}
_OF_THE_CLASS = 0.7
"""Confidence of what a rule tells of the class as a whole."""
_LONG_ENOUGH_S = 5.0
"""Shorter is no walk to the board and back, but a body in the wrong place for a moment."""
_STAYED_S, _STAYED_HEIGHTS = 10.0, 0.5
"""Who is lost for no longer than this, and found again no farther than this off, has stayed."""
_ELSEWHERE = 5
"""The teacher is seen, in a picture whose zones cannot be told."""
_TEACHER = {
    1: EventKind.TEACHER_AT_BOARD,
    2: EventKind.TEACHER_FRONT,
    3: EventKind.TEACHER_AMONG_DESKS,
    4: EventKind.TEACHER_NOT_VISIBLE,
}


@dataclass(frozen=True, slots=True, eq=False)
class Doing:
    """What networks tell of a stream; None where one did not look, and rules tell what they can."""

    students: Acts | None = None
    teacher: Teaching | None = None


def detect_events(
    poses: PoseSeries,
    tracks: Tracks,
    scene: Scene,
    *,
    stream: str,
    cfg: EventsConfig,
    acts: Doing | None = None,
) -> tuple[Event, ...]:
    """All events of one stream, ordered by start, kind and track; ``scene`` is its reading.

    Students: hand raised, standing, head up and head down, each with the anonymous track number
    within the stream and the zone of the seat where that holds enough of them; with ``acts`` of
    networks these, and also writing, reading, lying, device and turned. Teacher, where one is
    seen at all: at the board, at the front, among the desks or not visible, one at a time over the
    sampled pictures; nothing while the teacher is seen but the zones of the picture cannot be told;
    with ``acts`` also what the teacher does there. Other adults: one event while any is shown.
    Seen from behind the class, lost for at most 10 s and found again at the same place in the same
    zone, the teacher has stayed there, at confidence 0. ``timeline.spells`` gives the rules of
    time; confidence comes from the keypoints (students) or the detection score (teacher, adults)
    and from the share of the event's pictures that show it.
    """
    spans = sample_spans(poses)
    doing = acts or Doing()
    found = [
        *_students(poses, tracks, scene, spans, (cfg, doing.students)),
        *_teacher(poses, scene, spans, cfg),
        *_adults(poses, scene, spans, cfg),
        *_teaching(doing.teacher, spans, cfg),
        *_of_the_class(poses, scene, spans, cfg),
    ]
    events = [
        Event(kind, s.start_s, s.end_s, stream, track, round(s.confidence, 4), zone)
        for kind, track, s, zone in found
    ]
    return tuple(sorted(events, key=lambda e: (e.start_s, e.kind, e.track_id, e.end_s)))


_Found = tuple[EventKind, int, Spell, str]


def _students(
    poses: PoseSeries,
    tracks: Tracks,
    scene: Scene,
    spans: NDArray[np.float64],
    told_by: tuple[EventsConfig, Acts | None],
) -> Iterator[_Found]:
    cfg, acts = told_by
    if acts is None:
        groups = _student_states(read_postures(poses.people, scene.bodies, scene.seats, cfg))
    else:
        doing = (ACTIVITIES, acts.activity, acts.activity_confidence)
        groups = (*_student_states(acts.postures), doing)
    zones = track_zones(scene.seats, scene.view)
    for track, rows in enumerate(rows_of(tracks.track_id, len(tracks.roles))):
        if len(rows) == 0 or not scene.student[rows[0]]:
            continue
        first = int(poses.frame[rows[0]])
        frames = poses.frame[rows] - first
        own = spans[first : first + int(frames[-1]) + 1]
        for kinds, state, confidence in groups:
            if not state[rows].any():
                continue
            states = np.full(len(own), NOTHING, np.int8)
            sure = np.zeros(len(own), np.float32)
            states[frames], sure[frames] = state[rows], confidence[rows]
            for spell in spells(states, sure, own, cfg):
                yield kinds[spell.state], track, spell, zones[track]


_States = tuple[dict[int, EventKind], NDArray[np.int8], NDArray[np.float32]]


def _student_states(postures: Postures) -> tuple[_States, ...]:
    heads = np.where(postures.head < 0, 2, postures.head).astype(np.int8)
    return (
        (_HEADS, heads, postures.head_confidence),
        (_HANDS, postures.raised.astype(np.int8), postures.hand_confidence),
        (_STANCE, postures.standing.astype(np.int8), postures.stand_confidence),
    )


def _teacher(
    poses: PoseSeries, scene: Scene, spans: NDArray[np.float64], cfg: EventsConfig
) -> Iterator[_Found]:
    rows = np.flatnonzero(scene.teacher)
    if len(rows) == 0:
        return
    states = np.full(len(poses), 4, np.int8)
    sure = np.ones(len(poses), np.float32)
    zones = np.full(len(poses), "", dtype="<U16")
    states[poses.frame[rows]] = _teacher_states(scene)[rows]
    sure[poses.frame[rows]] = poses.people.scores[rows]
    zones[poses.frame[rows]] = np.asarray(scene.view.zones(scene.bodies))[rows]
    for first, last in _stayed(poses, scene, rows):
        if states[first] == states[last]:
            states[first:last], zones[first:last] = states[first], zones[first]
            sure[first + 1 : last] = 0.0
    for spell in spells(states, sure, spans, cfg):
        if spell.state == _ELSEWHERE:
            continue
        shown = states[spell.first : spell.last + 1] == spell.state
        zone = _most_frequent(zones[spell.first : spell.last + 1][shown].tolist())
        yield _TEACHER[spell.state], NO_TRACK, spell, zone


def _stayed(poses: PoseSeries, scene: Scene, rows: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Pictures of the last and the next sighting of the teacher ``rows`` where the teacher was
    lost for a while and found again at the same place: bent to a desk, or behind somebody.

    Told only where the front lies in sight, beyond the class: from the board's side whoever leaves
    the desks may be out of the picture.
    """
    if scene.view.class_facing >= 0:
        return
    bodies = scene.bodies
    for left, right in pairwise(rows.tolist()):
        first, last = int(poses.frame[left]), int(poses.frame[right])
        away = np.linalg.norm(bodies.anchor[right] - bodies.anchor[left])
        near = away <= _STAYED_HEIGHTS * max(bodies.height_px[left], bodies.height_px[right])
        if last > first + 1 and near and poses.times_s[right] - poses.times_s[left] <= _STAYED_S:
            yield first, last


def _adults(
    poses: PoseSeries, scene: Scene, spans: NDArray[np.float64], cfg: EventsConfig
) -> Iterator[_Found]:
    rows = np.flatnonzero(scene.adult)
    states = np.full(len(poses), NOTHING, np.int8)
    sure = np.zeros(len(poses), np.float32)
    states[poses.frame[rows]] = 1
    sure[poses.frame[rows]] = poses.people.scores[rows]
    for spell in spells(states, sure, spans, cfg):
        yield EventKind.OTHER_ADULT, NO_TRACK, spell, ""


def _teaching(
    teaching: Teaching | None, spans: NDArray[np.float64], cfg: EventsConfig
) -> Iterator[_Found]:
    if teaching is None:
        return
    for spell in spells(teaching.state, teaching.confidence, spans, cfg):
        if spell.state in TEACHER_ACTS:
            yield TEACHER_ACTS[spell.state], NO_TRACK, spell, ""


def _of_the_class(
    poses: PoseSeries, scene: Scene, spans: NDArray[np.float64], cfg: EventsConfig
) -> Iterator[_Found]:
    """What is told of the class as a whole, without saying of whom."""
    seats = ((EventKind.SEAT_EMPTY, empty) for empty in seats_empty(poses, scene))
    for kind, shown in ((EventKind.STUDENT_AT_BOARD, at_board(poses, scene)), *seats):
        sure = np.full(len(poses), _OF_THE_CLASS, np.float32)
        for spell in spells(shown.astype(np.int8), sure, spans, cfg):
            if spell.end_s - spell.start_s >= _LONG_ENOUGH_S:
                yield kind, NO_TRACK, spell, ""


def _teacher_states(scene: Scene) -> NDArray[np.int8]:
    """State (n,) of each body as if it were the teacher's."""
    if scene.view.front_line_px is None:
        return np.full(len(scene.teacher), _ELSEWHERE, np.int8)
    facing = scene.bodies.facing
    # Whoever looks the way the class looks has the back turned to it.
    turned = (facing == scene.view.class_facing) & (facing != 0)
    front = scene.view.in_front(scene.bodies)
    return np.where(front, np.where(turned, 1, 2), 3).astype(np.int8)


def _most_frequent(zones: list[str]) -> str:
    # Ties go to the zone seen first, so the answer does not depend on hashing.
    return max(dict.fromkeys(zones), key=zones.count)
