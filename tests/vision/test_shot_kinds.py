"""What shots show, by the people in them."""

from __future__ import annotations

import numpy as np
import pytest

from classwatch.core.media import StreamRole
from classwatch.core.pose import Detections, PoseSeries
from classwatch.core.shots import ShotKind
from classwatch.vision.shot_kinds import frames_of, part_of, shot_kinds

FACE, BACK = 1, -1


def person(x: float, y: float, height: float, width: float, facing: int) -> np.ndarray:
    """Box and keypoints of a body in a picture of 1000 by 600 pixels."""
    points = np.zeros((17, 3), np.float32)
    points[:, 0], points[:, 1], points[:, 2] = x, y + 0.1 * height, 0.9
    points[0, 2] = 0.9 if facing == FACE else 0.1
    points[5] = (x + facing * 0.4 * width, y + 0.25 * height, 0.9)
    points[6] = (x - facing * 0.4 * width, y + 0.25 * height, 0.9)
    return np.concatenate([[x - width / 2, y, x + width / 2, y + height], points.ravel()])


def series(pictures: list[list[np.ndarray]]) -> PoseSeries:
    rows = np.asarray([p for picture in pictures for p in picture]).reshape(-1, 4 + 51)
    frame = np.repeat(np.arange(len(pictures)), [len(p) for p in pictures])
    people = Detections(
        rows[:, :4].astype(np.float32),
        np.full(len(rows), 0.9, np.float32),
        rows[:, 4:].reshape(-1, 17, 3).astype(np.float32),
    )
    return PoseSeries(
        np.arange(len(pictures), dtype=float), frame.astype(np.int32), people, (1000, 600), 1.0
    )


CLASS = [person(100.0 * k, 300, 120, 80, FACE) for k in range(1, 9)]
BACKS = [person(100.0 * k, 400, 120, 80, BACK) for k in range(1, 9)]
TEACHER = [person(500, 100, 480, 150, FACE)]
SITTER = [person(500, 100, 300, 250, FACE)]


@pytest.mark.parametrize(
    ("people", "kind"),
    [
        (CLASS, ShotKind.STUDENTS),
        ([*BACKS, person(500, 150, 250, 80, FACE)], ShotKind.PANORAMA),
        (TEACHER, ShotKind.TEACHER),
        ([], ShotKind.BOARD),
        (SITTER, ShotKind.CANNOT_TELL),
    ],
)
def test_kinds(people: list[np.ndarray], kind: ShotKind) -> None:
    other = CLASS if kind is not ShotKind.STUDENTS else TEACHER
    poses = series([people] * 5 + [other] * 5)
    shots = shot_kinds(poses, ((0, 5, 0), (5, 10, 1)), StreamRole.MIXED)
    assert shots[0].kind is kind
    assert (shots[0].start_s, shots[0].end_s, shots[1].end_s) == (0.0, 5.0, 10.0)


def test_a_stream_that_never_cuts_shows_what_its_role_says() -> None:
    poses = series([TEACHER] * 5)
    assert shot_kinds(poses, ((0, 5, 0),), StreamRole.STUDENT_CAM)[0].kind is ShotKind.STUDENTS
    assert shot_kinds(series([]), (), StreamRole.MIXED) == ()


def test_pictures_of_a_setup_and_their_people() -> None:
    poses = series([CLASS] * 2 + [TEACHER] * 3 + [CLASS] * 2)
    shots = shot_kinds(poses, ((0, 2, 0), (2, 5, 1), (5, 7, 0)), StreamRole.MIXED)
    frames = frames_of(poses, shots, 0)
    assert frames.tolist() == [0, 1, 5, 6]
    part, rows = part_of(poses, frames)
    assert len(part.people) == len(rows) == 4 * len(CLASS)
    assert part.times_s[-1] == 6.0
