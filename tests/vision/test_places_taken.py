"""Empty seats and students before the class, told of the class alone, from drawn figures."""

from __future__ import annotations

import numpy as np

from classwatch.config.schema import EventsConfig
from classwatch.core.events import EventKind
from classwatch.core.media import StreamRole
from classwatch.core.people import PersonRole, TrackRole, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.vision.events import detect_events
from classwatch.vision.places_taken import at_board, seats_empty
from classwatch.vision.scene import read_scene
from tests.vision.made import Figure, series

PLACES = ((200, 500, 40.0), (500, 500, 40.0), (800, 500, 40.0), (350, 400, 34.0), (650, 400, 34.0))


def _class(length: int, away: dict[int, range]) -> tuple[PoseSeries, Tracks]:
    """Five students, a picture a second; ``away`` says who is not there when."""
    shown = [[s for s in range(5) if t not in away.get(s, range(0))] for t in range(length)]
    poses = series([[Figure(*PLACES[s]) for s in present] for present in shown])
    numbers = np.asarray([s for present in shown for s in present], np.int32)
    return poses, Tracks(
        numbers, tuple(TrackRole(s, PersonRole.STUDENT, 1.0, ()) for s in range(5))
    )


def _empty(length: int, away: dict[int, range]) -> list[int]:
    poses, tracks = _class(length, away)
    scene = read_scene(poses, tracks, StreamRole.STUDENT_CAM)
    counted: list[int] = seats_empty(poses, scene).sum(axis=0).tolist()
    return counted


def test_seats_left_for_long_are_counted_and_missed_people_are_not() -> None:
    assert _empty(180, {1: range(30, 90), 3: range(60, 120)}) == (
        [0] * 30 + [1] * 30 + [2] * 30 + [1] * 30 + [0] * 60
    )
    assert _empty(180, {1: range(30, 60)}) == [0] * 180


def test_nobody_is_missing_where_most_get_up() -> None:
    away = {s: range(30, 80) for s in range(4)}
    assert _empty(180, away) == [0] * 180


def test_an_empty_seat_is_an_event_of_nobody_in_particular() -> None:
    poses, tracks = _class(180, {1: range(30, 90)})
    scene = read_scene(poses, tracks, StreamRole.STUDENT_CAM)
    events = detect_events(poses, tracks, scene, stream="class", cfg=EventsConfig())
    (event,) = (e for e in events if e.kind is EventKind.SEAT_EMPTY)
    assert (event.start_s, event.end_s, event.track_id, event.zone) == (30.0, 90.0, -1, "")


def test_a_class_that_looks_at_the_camera_hides_its_board() -> None:
    poses, tracks = _class(30, {})
    scene = read_scene(poses, tracks, StreamRole.STUDENT_CAM)
    assert not at_board(poses, scene).any()


def test_somebody_besides_the_teacher_stands_before_the_class() -> None:
    seats = [Figure(x, 600, 50.0, back=True) for x in (200, 450, 700, 950)]
    seats += [Figure(x, 450, 35.0, back=True) for x in (250, 480, 710, 940)]
    teacher, guest = Figure(400, 345, 28.0, tall=True), Figure(750, 340, 28.0, back=True, tall=True)
    pictures, numbers = [], []
    for time_s in range(40):
        people = [*range(8), *([8] if time_s < 30 else []), *([9] if 10 <= time_s < 35 else [])]
        pictures.append([[*seats, teacher, guest][p] for p in people])
        numbers += people
    roles = [PersonRole.STUDENT] * 8 + [PersonRole.TEACHER, PersonRole.UNKNOWN]
    tracks = Tracks(
        np.asarray(numbers, np.int32), tuple(TrackRole(i, r, 1.0, ()) for i, r in enumerate(roles))
    )
    poses = series(pictures)
    scene = read_scene(poses, tracks, StreamRole.TEACHER_CAM)
    assert scene.view.class_facing == -1
    shown = np.flatnonzero(at_board(poses, scene))
    # From 30 s on the teacher is lost: whoever is there could be the teacher.
    assert shown.tolist() == list(range(10, 30))
