"""Arm movement against bodies placed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from classwatch.core.events import Event, EventKind
from classwatch.core.motion import MOVERS, Mover
from classwatch.core.people import PersonRole, TrackRole, Tracks
from classwatch.core.pose import KEYPOINTS, Detections, PoseSeries
from classwatch.vision.motion import arm_motion, find_motion

TIMES_S = np.arange(4) * 0.5
TEACHER, STUDENT = 0, 1


def body(x: float, y: float, wrist_up_px: float) -> np.ndarray:
    """Shoulders 40 px apart, trunk 60 px; the right arm's elbow and wrist are ``wrist_up_px``
    higher than at rest."""
    points = np.zeros((len(KEYPOINTS), 3), np.float32)
    points[:, 2] = 0.9
    places = {5: (20, 0), 6: (-20, 0), 7: (25, 30), 8: (-25, 30), 9: (25, 55), 10: (-25, 55)}
    for number, (aside, down) in {**places, 11: (15, 60), 12: (-15, 60)}.items():
        up = wrist_up_px if number in (8, 10) else 0.0
        points[number, :2] = (x + aside, y + down - up)
    return points


def made(lifts: list[tuple[float, float]]) -> tuple[PoseSeries, Tracks]:
    """A teacher who walks 30 px a picture and a student who stays, with these lifts of an arm."""
    points = [
        row
        for k, (mine, other) in enumerate(lifts)
        for row in (body(100 + 30 * k, 80, mine), body(300, 150, other))
    ]
    keypoints = np.stack(points)
    boxes = np.tile(np.array([0, 0, 50, 100], np.float32), (len(points), 1))
    people = Detections(boxes, np.ones(len(points), np.float32), keypoints)
    frame = np.repeat(np.arange(len(lifts), dtype=np.int32), 2)
    poses = PoseSeries(TIMES_S[: len(lifts)], frame, people, (640, 360), 0.5)
    roles = (PersonRole.TEACHER, PersonRole.STUDENT)
    given = tuple(TrackRole(k, role, 1.0, ()) for k, role in enumerate(roles))
    return poses, Tracks(np.tile(np.array([0, 1], np.int32), len(lifts)), given)


def test_an_arm_moves_against_the_shoulders_and_walking_is_no_gesture() -> None:
    poses, tracks = made([(0, 0), (0, 0), (20, 0), (20, 0)])
    speed = arm_motion(poses, tracks.track_id)
    assert np.isnan(speed[:2]).all()
    # 20 px of shoulders 40 px apart in half a second: one shoulder distance a second.
    assert speed[0::2][1:].tolist() == pytest.approx([0.0, 1.0, 0.0], abs=1e-5)
    assert speed[1::2][1:].tolist() == pytest.approx([0.0, 0.0, 0.0], abs=1e-5)


def test_what_is_not_seen_or_too_long_ago_is_not_told() -> None:
    poses, tracks = made([(0, 0), (20, 20)])
    poses.people.keypoints[0, [7, 8, 9, 10], 2] = 0.1
    assert np.isnan(arm_motion(poses, tracks.track_id)[2])
    late = PoseSeries(np.array([0.0, 3.0]), poses.frame, poses.people, (640, 360), 0.5)
    assert np.isnan(arm_motion(late, tracks.track_id)).all()


def test_movement_is_the_teachers_and_of_students_only_those_who_stand() -> None:
    poses, tracks = made([(0, 0), (20, 10), (20, 0), (20, 10)])
    mouth = np.linspace(0.1, 0.8, 8).astype(np.float32)
    stood = Event(EventKind.STANDING, 1.0, 1.5, "class", STUDENT, 1.0)
    found = find_motion(poses, tracks, [stood], mouth)
    teacher, adult, student = (MOVERS.index(Mover(n)) for n in ("teacher", "adult", "student"))
    assert found.arms[1:, teacher].tolist() == pytest.approx([1.0, 0.0, 0.0], abs=1e-5)
    assert found.mouth[:, teacher].tolist() == pytest.approx(mouth[0::2].tolist())
    assert np.isnan(found.arms[:, adult]).all()
    assert np.flatnonzero(np.isfinite(found.arms[:, student])).tolist() == [2]
    assert found.arms[2, student] == pytest.approx(0.5, abs=1e-5)
    assert found.mouth[2, student] == pytest.approx(mouth[5])
