"""Other adults, and pupils who are up: stick figures with known truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from classwatch.config.schema import EventsConfig, TrackConfig
from classwatch.core.events import EventKind
from classwatch.core.media import StreamRole
from classwatch.core.people import PersonRole, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.vision.events import detect_events
from classwatch.vision.others import tell_others
from classwatch.vision.people import assign_roles
from classwatch.vision.scene import read_scene
from classwatch.vision.track import track
from tests.vision.made import Figure, desks, series

CFG = TrackConfig()
TEACHER = [Figure(500 + 8 * k, 130, 26, tall=True) for k in range(60)]
"""Walks to and fro before the board at the far end, facing the class."""


def _told(poses: PoseSeries) -> Tracks:
    tracks = assign_roles(poses, track(poses, CFG), StreamRole.MIXED)
    return tell_others(poses, tracks, StreamRole.MIXED, CFG)


def _roles(tracks: Tracks, rows: np.ndarray) -> set[PersonRole]:
    roles = {r.track_id: r.role for r in tracks.roles}
    return {roles[int(t)] for t in tracks.track_id[rows]}


def _with(others: list[list[Figure]], class_: list[Figure] | None = None) -> PoseSeries:
    """The class, the teacher, and further people in each of 60 pictures, in this order."""
    return series(
        [[*(class_ or desks()), t, *more] for t, more in zip(TEACHER, others, strict=True)]
    )


def _last(poses: PoseSeries, count: int) -> np.ndarray:
    """Rows of whoever comes after the first ``count`` of each picture."""
    place = np.arange(len(poses.frame)) - np.searchsorted(poses.frame, poses.frame)
    return np.flatnonzero(place >= count)


@pytest.fixture
def assistant() -> PoseSeries:
    """Comes in after 10 s, goes between the desks at the height of the second row, leaves at 50."""
    # Standing shoulders lie a good shoulder width over those of the seated at the same distance.
    there = [Figure(420 + 8 * k, 370, 44, tall=True) for k in range(60)]
    return _with([[there[k]] if 10 <= k < 50 else [] for k in range(60)])


def test_an_assistant_among_the_desks_is_another_adult(assistant: PoseSeries) -> None:
    tracks = _told(assistant)
    assert _roles(tracks, _last(assistant, 16)) == {PersonRole.ADULT}
    place = np.arange(len(assistant.frame)) - np.searchsorted(assistant.frame, assistant.frame)
    assert _roles(tracks, np.flatnonzero(place == 15)) == {PersonRole.TEACHER}
    assert _roles(tracks, np.flatnonzero(place < 15)) == {PersonRole.STUDENT}


def test_when_the_assistant_came_and_went(assistant: PoseSeries) -> None:
    tracks = _told(assistant)
    scene = read_scene(assistant, tracks, StreamRole.MIXED)
    events = detect_events(assistant, tracks, scene, stream="cam", cfg=EventsConfig())
    found = [(e.start_s, e.end_s, e.track_id) for e in events if e.kind is EventKind.OTHER_ADULT]
    assert found == [(10.0, 50.0, -1)]


def test_tracks_are_numbered_by_appearance(assistant: PoseSeries) -> None:
    tracks = _told(assistant)
    assert [r.track_id for r in tracks.roles] == list(range(len(tracks.roles)))
    first = [int(np.flatnonzero(tracks.track_id == r.track_id)[0]) for r in tracks.roles]
    assert first == sorted(first)


def test_a_pupil_who_walks_about_has_left_a_seat() -> None:
    class_ = desks()
    away = range(20, 45)
    # Up from the second row, along the desks and back: as tall as the assistant is.
    frames = []
    for k, teacher in enumerate(TEACHER):
        seated = [f for i, f in enumerate(class_) if i != 7 or k not in away]
        walks = [Figure(640 - 20 * min(k - 20, 44 - k), 365, 44, tall=True)] if k in away else []
        frames.append([*seated, teacher, *walks])
    poses = series(frames)
    tracks = _told(poses)
    assert not tracks.of_role(PersonRole.ADULT).any()


def test_a_pupil_who_stands_up_is_no_adult() -> None:
    class_ = desks()
    frames = []
    for k, teacher in enumerate(TEACHER):
        up = 20 <= k < 40
        frames.append(
            [
                *(
                    replace(f, y=f.y - 1.2 * f.unit) if i == 7 and up else f
                    for i, f in enumerate(class_)
                ),
                teacher,
            ]
        )
    tracks = _told(series(frames))
    assert not tracks.of_role(PersonRole.ADULT).any()


def test_without_a_teacher_nobody_is_another_adult() -> None:
    # Whoever stands there alone may be the teacher as well.
    poses = series([[*desks(), Figure(640, 370, 44)] for _ in range(60)])
    assert not _told(poses).of_role(PersonRole.ADULT).any()


def test_a_place_among_the_seats_that_keeps_changing_tracks_is_a_pupil() -> None:
    # The tracker loses this pupil again and again: a new track for each sighting.
    poses = series([[*desks(), t] for t in TEACHER])
    track_id = track(poses, CFG)
    place = np.arange(len(poses.frame)) - np.searchsorted(poses.frame, poses.frame)
    rows = np.flatnonzero(place == 7)
    track_id = track_id.copy()
    track_id[rows[1:]] = np.arange(16, 15 + len(rows))
    tracks = assign_roles(poses, track_id.astype(np.int32), StreamRole.MIXED)
    assert _roles(tell_others(poses, tracks, StreamRole.MIXED, CFG), rows) == {PersonRole.STUDENT}


def test_never_two_teachers_at_once() -> None:
    # Both stop where the teacher was lost, at the same time: one of them at most is the teacher.
    frames = []
    for k, teacher in enumerate(TEACHER):
        lost = 26 <= k < 34
        pair = [Figure(700, 200, 30, tall=True), Figure(620, 210, 30, tall=True)]
        frames.append([*desks(), *(pair if lost else [teacher])])
    poses = series(frames)
    tracks = _told(poses)
    teacher = tracks.of_role(PersonRole.TEACHER)
    assert teacher.sum() >= 52
    assert np.bincount(poses.frame[teacher], minlength=60).max() == 1


def test_a_pupil_who_is_lost_for_long_is_the_same_on_the_same_seat() -> None:
    class_ = desks()
    shown = [
        [*class_, TEACHER[k]] if k < 20 or k >= 40 else [*class_[1:], TEACHER[k]] for k in range(60)
    ]
    poses = series(shown)
    anchor = poses.people.boxes_px[:, :2]
    first = np.flatnonzero(np.abs(anchor - anchor[0]).max(axis=1) < 1)
    assert len(first) == 40
    assert len(set(track(poses, CFG)[first].tolist())) == 2
    tracks = _told(poses)
    assert len(set(tracks.track_id[first].tolist())) == 1


@pytest.mark.parametrize(("length", "role"), [(45, PersonRole.ADULT), (75, PersonRole.STUDENT)])
def test_whoever_keeps_one_place_for_a_minute_sits(length: int, role: PersonRole) -> None:
    """A shoulder width over the others of the row, behind a desk, and not moving at all."""
    walk = [Figure(500 + 8 * (k % 60), 130, 26, tall=True) for k in range(length)]
    poses = series([[*desks(), teacher, Figure(420, 310, 44)] for teacher in walk])
    assert _roles(_told(poses), _last(poses, 16)) == {role}
