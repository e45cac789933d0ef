"""From what is seen in single pictures to events with a beginning and an end.

A state seen in a sampled picture holds until the next one, but never longer than one and a half
sampling steps: pictures that are missing are not filled in. Interruptions up to
``EventsConfig.join_gap_s`` are closed, then events under ``min_duration_s`` are dropped.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import EventsConfig
from classwatch.core.events import Event, EventKind
from classwatch.core.media import StreamRole
from classwatch.core.people import NO_TRACK, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.vision.posture import Postures, read_postures
from classwatch.vision.scene import Scene, read_scene
from classwatch.vision.seats import rows_of

_LONGEST_STEPS = 1.5
_ROUNDING_S = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class _Spells:
    """Moments at which one state was seen, k of them, ascending, each with its own span."""

    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    confidence: NDArray[np.float32]
    zone: tuple[str, ...]


def detect_events(
    poses: PoseSeries,
    tracks: Tracks,
    *,
    stream: str,
    stream_role: StreamRole,
    cfg: EventsConfig,
) -> tuple[Event, ...]:
    """All events of one stream, ordered by start, kind and track.

    Students: hand raised, standing, head up and head down, each with the anonymous track number
    within the stream. Teacher: one of at the board, front and among the desks at each sighting
    whose zone can be told, and not visible between and outside sightings of a stream that shows
    a teacher at all. Confidence is the mean keypoint confidence behind the decision, for the
    teacher the share of the sampled pictures under the event that show it.
    """
    scene = read_scene(poses, tracks, stream_role, cfg.min_keypoint)
    postures = read_postures(poses.people, scene.bodies, scene.seats, cfg)
    spans = sample_spans(poses)
    events = [
        *_student_events(poses, tracks, scene, postures, spans),
        *_teacher_events(poses, tracks, scene, spans),
    ]
    tidy = [
        Event(kind, start, end, stream, track, round(confidence, 4), zone)
        for (kind, track), spells in events
        for start, end, confidence, zone in _joined(spells, cfg)
    ]
    return tuple(sorted(tidy, key=lambda e: (e.start_s, e.kind, e.track_id, e.end_s)))


def sample_spans(poses: PoseSeries) -> NDArray[np.float64]:
    """The span (f, 2) of lesson time that each sampled picture stands for."""
    times = poses.frame_times_s
    longest = _LONGEST_STEPS * poses.every_s
    following = np.append(times[1:], times[-1:] + poses.every_s)
    return np.stack([times, np.minimum(following, times + longest)], axis=1).reshape(-1, 2)


def _student_events(
    poses: PoseSeries,
    tracks: Tracks,
    scene: Scene,
    postures: Postures,
    spans: NDArray[np.float64],
) -> list[tuple[tuple[EventKind, int], _Spells]]:
    states = (
        (EventKind.HAND_RAISED, postures.raised, postures.hand_confidence),
        (EventKind.STANDING, postures.standing, postures.stand_confidence),
        (EventKind.HEAD_DOWN, postures.head < 0, postures.head_confidence),
        (EventKind.HEAD_UP, postures.head > 0, postures.head_confidence),
    )
    found: list[tuple[tuple[EventKind, int], _Spells]] = []
    for track, rows in enumerate(rows_of(tracks.track_id, len(tracks.roles))):
        if len(rows) == 0 or not scene.student[rows[0]]:
            continue
        for kind, holds, confidence in states:
            own = rows[holds[rows]]
            if len(own) == 0:
                continue
            at = spans[poses.frame[own]]
            nowhere = ("",) * len(own)
            found.append(((kind, track), _Spells(at[:, 0], at[:, 1], confidence[own], nowhere)))
    return found


def _teacher_events(
    poses: PoseSeries, tracks: Tracks, scene: Scene, spans: NDArray[np.float64]
) -> list[tuple[tuple[EventKind, int], _Spells]]:
    rows = np.flatnonzero(scene.teacher)
    if len(rows) == 0:
        return []
    zones = scene.view.zones(scene.bodies)
    in_front = scene.view.in_front(scene.bodies)[rows]
    facing = scene.bodies.facing[rows]
    told = np.full(len(rows), scene.view.front_line_px is not None)
    # Whoever looks the way the class looks has the back turned to it.
    board = told & in_front & (facing == scene.view.class_facing) & (facing != 0)
    states = (
        (EventKind.TEACHER_AT_BOARD, board),
        (EventKind.TEACHER_FRONT, told & in_front & ~board),
        (EventKind.TEACHER_AMONG_DESKS, told & ~in_front),
    )
    found = [
        ((kind, NO_TRACK), _spells(poses, rows[holds], spans, zones)) for kind, holds in states
    ]
    unseen = np.setdiff1d(np.arange(len(poses)), poses.frame[rows])
    gone = spans[unseen]
    nothing = _Spells(gone[:, 0], gone[:, 1], np.ones(len(gone), np.float32), ("",) * len(gone))
    return [*found, ((EventKind.TEACHER_NOT_VISIBLE, NO_TRACK), nothing)]


def _spells(
    poses: PoseSeries,
    rows: NDArray[np.intp],
    spans: NDArray[np.float64],
    zones: tuple[str, ...],
) -> _Spells:
    at = spans[poses.frame[rows]]
    return _Spells(
        at[:, 0], at[:, 1], poses.people.scores[rows], tuple(zones[row] for row in rows.tolist())
    )


def _joined(spells: _Spells, cfg: EventsConfig) -> list[tuple[float, float, float, str]]:
    """Start, end, mean confidence and most frequent zone of each event."""
    if len(spells.start_s) == 0:
        return []
    gap = spells.start_s[1:] - spells.end_s[:-1]
    first = np.flatnonzero(np.concatenate([[True], gap > cfg.join_gap_s + _ROUNDING_S]))
    events: list[tuple[float, float, float, str]] = []
    for low, high in zip(first, [*first[1:], len(spells.start_s)], strict=True):
        start, end = float(spells.start_s[low]), float(spells.end_s[high - 1])
        if end - start < cfg.min_duration_s - _ROUNDING_S:
            continue
        zones = spells.zone[low:high]
        # Ties go to the zone seen first, so the answer does not depend on hashing.
        zone = max(dict.fromkeys(zones), key=zones.count)
        events.append((start, end, float(spells.confidence[low:high].mean()), zone))
    return events
