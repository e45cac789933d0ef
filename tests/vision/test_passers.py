"""Who only stops among the seated: stick figures with known truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from classwatch.config.schema import TrackConfig
from classwatch.core.media import StreamRole
from classwatch.core.people import PersonRole, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.vision.others import tell_others
from classwatch.vision.people import assign_roles
from classwatch.vision.seats import perspective
from tests.vision.made import Figure, desks, series

LENGTH = 60
CLASS = desks(back=False)
# Shoulders of 50 pixels lie at 486 on those who sit; an adult's, who stands, a good 80 higher.
STOPS = Figure(570, 405, 50)
PUPIL = 7


def _lesson(
    others: dict[int, list[tuple[int, Figure]]], class_: list[Figure] = CLASS
) -> tuple[PoseSeries, np.ndarray]:
    """A class that looks at the camera, with further (track, body) by picture, and all tracks."""
    shown = [[*class_, *(f for _, f in others.get(k, []))] for k in range(LENGTH)]
    numbers = [
        [*range(len(class_)), *(len(class_) + n for n, _ in others.get(k, []))]
        for k in range(LENGTH)
    ]
    return series(shown), np.concatenate([np.asarray(n, np.int32) for n in numbers])


def _told(poses: PoseSeries, track_id: np.ndarray, role: StreamRole = StreamRole.MIXED) -> Tracks:
    return tell_others(poses, assign_roles(poses, track_id, role), role, TrackConfig())


def _roles(tracks: Tracks, rows: np.ndarray) -> set[PersonRole]:
    roles = {r.track_id: r.role for r in tracks.roles}
    return {roles[int(t)] for t in tracks.track_id[rows]}


@pytest.mark.parametrize("start", [0, 20, 40])
def test_who_comes_stands_among_the_desks_and_leaves_is_no_student(start: int) -> None:
    poses, given = _lesson({k: [(0, STOPS)] for k in range(start, start + 20)})
    tracks = _told(poses, given)
    assert _roles(tracks, given == len(CLASS)) == {PersonRole.UNKNOWN}
    assert _roles(tracks, given < len(CLASS)) == {PersonRole.STUDENT}


def test_who_stands_before_a_pupil_is_not_that_pupil() -> None:
    seat = CLASS[PUPIL]
    hides = Figure(seat.x, seat.y - 15, 58)
    away = range(20, 40)
    shown = [
        [hides if i == PUPIL and k in away else f for i, f in enumerate(CLASS)]
        for k in range(LENGTH)
    ]
    poses = series(shown)
    given = np.tile(np.arange(len(CLASS), dtype=np.int32), LENGTH)
    before = (given == PUPIL) & np.isin(poses.frame, away)
    given[before] = len(CLASS)
    tracks = _told(poses, given)
    assert _roles(tracks, before) == {PersonRole.UNKNOWN}
    assert _roles(tracks, given == PUPIL) == {PersonRole.STUDENT}


def test_a_pupil_who_stands_up_is_still_a_student() -> None:
    risen = replace(CLASS[PUPIL], y=CLASS[PUPIL].y - 1.2 * CLASS[PUPIL].unit)
    up = range(20, 40)
    poses = series(
        [
            [risen if i == PUPIL and k in up else f for i, f in enumerate(CLASS)]
            for k in range(LENGTH)
        ]
    )
    given = np.tile(np.arange(len(CLASS), dtype=np.int32), LENGTH)
    stands = (given == PUPIL) & np.isin(poses.frame, up)
    # The tracker has lost the pupil who got up, and found the seat again.
    given[stands] = len(CLASS)
    assert _roles(_told(poses, given), stands) == {PersonRole.STUDENT}


def test_who_sits_higher_than_all_others_keeps_the_place_over_broken_tracks() -> None:
    others = {k: [(k // 20, STOPS)] for k in range(LENGTH)}
    poses, given = _lesson(others)
    assert _roles(_told(poses, given), given >= len(CLASS)) == {PersonRole.STUDENT}


def test_who_stands_behind_a_pupil_in_sight_has_not_risen_from_the_seat() -> None:
    behind = replace(CLASS[PUPIL], y=CLASS[PUPIL].y - 1.2 * CLASS[PUPIL].unit)
    poses, given = _lesson({k: [(0, behind)] for k in range(20, 40)})
    assert _roles(_told(poses, given), given == len(CLASS)) == {PersonRole.UNKNOWN}


@pytest.mark.parametrize(
    ("back", "role"),
    [
        (True, StreamRole.MIXED),
        (True, StreamRole.TEACHER_CAM),
        (False, StreamRole.TEACHER_CAM),
    ],
)
def test_seen_from_behind_whoever_comes_into_sight_is_a_student(
    back: bool, role: StreamRole
) -> None:
    stops = replace(STOPS, back=back)
    poses, given = _lesson({k: [(0, stops)] for k in range(20, 40)}, desks(back=back))
    assert _roles(_told(poses, given, role), given == len(CLASS)) == {PersonRole.STUDENT}


def _goes_about(track: int, shift: float) -> dict[int, tuple[int, Figure]]:
    """Comes from the left in 8 s and stops for 20; the tracker takes the stop for somebody new."""
    coming = {k: (track, STOPS.at(STOPS.x + shift - 40 * (28 - k), STOPS.y)) for k in range(20, 28)}
    return coming | {k: (track + 1, STOPS.at(STOPS.x + shift, STOPS.y)) for k in range(28, 48)}


def test_the_only_one_who_stops_and_walks_among_the_seated_is_the_teacher() -> None:
    way = _goes_about(0, 0)
    poses, given = _lesson({k: [body] for k, body in way.items()})
    tracks = _told(poses, given)
    assert _roles(tracks, given >= len(CLASS)) == {PersonRole.TEACHER}
    assert _roles(tracks, given < len(CLASS)) == {PersonRole.STUDENT}


def test_of_two_who_go_about_neither_is_the_teacher() -> None:
    one, other = _goes_about(0, 0), _goes_about(2, 420)
    poses, given = _lesson({k: [one[k], other[k]] for k in one})
    tracks = _told(poses, given)
    assert _roles(tracks, given >= len(CLASS)) == {PersonRole.UNKNOWN}


def test_the_line_of_those_who_sit_needs_seats_at_several_distances() -> None:
    size = np.asarray([20.0, 20, 30, 30, 40, 40])
    line = perspective(size, 100 + 5 * size)
    assert line is not None
    assert (line.horizon_px, line.slope) == pytest.approx((100, 5))
    assert perspective(np.full(6, 20.0), np.arange(6.0)) is None
    assert perspective(size[:5], 100 + 5 * size[:5]) is None
    assert perspective(size, 500 - 5 * size) is None
