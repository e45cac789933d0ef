"""The teacher's acts from probabilities: what lasts is told, what is brief or doubtful is not."""

from __future__ import annotations

import numpy as np

from classwatch.config.schema import EventsConfig
from classwatch.core.events import EventKind
from classwatch.core.media import StreamRole
from classwatch.core.people import PersonRole, TrackRole, Tracks
from classwatch.vision.events import Doing, detect_events
from classwatch.vision.scene import read_scene
from classwatch.vision.teacher_acts import TEACHER_CLASSES, teaching_of
from tests.vision.made import Figure, series


def _told(likely: list[tuple[str, float]]) -> list[tuple[EventKind, float, float]]:
    """Acts told of one teacher alone, a picture a second; the rest of each probability is spread
    over the other classes."""
    poses = series([[Figure(400, 200, 40.0)] for _ in likely])
    tracks = Tracks(np.zeros(len(likely), np.int32), (TrackRole(0, PersonRole.TEACHER, 1.0, ()),))
    scene = read_scene(poses, tracks, StreamRole.TEACHER_CAM)
    probability = np.zeros((len(likely), len(TEACHER_CLASSES)), np.float32)
    for row, (name, value) in enumerate(likely):
        probability[row] = (1 - value) / (len(TEACHER_CLASSES) - 1)
        probability[row, TEACHER_CLASSES.index(name)] = value
    teaching = teaching_of(poses, scene, probability)
    events = detect_events(
        poses, tracks, scene, stream="t", cfg=EventsConfig(), acts=Doing(teacher=teaching)
    )
    places = (EventKind.TEACHER_FRONT, EventKind.TEACHER_AT_BOARD)
    assert all(event.track_id == -1 for event in events)
    return [(e.kind, e.start_s, e.end_s) for e in events if e.kind not in places]


def test_an_act_is_told_from_its_first_picture_to_its_last() -> None:
    likely = [("front", 0.9)] * 5 + [("writing", 0.9)] * 6 + [("front", 0.9)] * 4
    assert _told(likely) == [(EventKind.TEACHER_WRITING, 5.0, 11.0)]


def test_one_picture_of_something_else_does_not_interrupt() -> None:
    likely = [("desk", 0.9)] * 5 + [("sitting", 0.8)] + [("desk", 0.9)] * 5
    assert _told(likely) == [(EventKind.PODIUM, 0.0, 11.0)]


def test_what_could_be_anything_is_not_told() -> None:
    assert _told([("pointing", 0.3)] * 8) == []


def test_standing_and_walking_are_told_by_the_place_alone() -> None:
    assert _told([("front", 0.9)] * 4 + [("among_desks", 0.9)] * 4) == []
