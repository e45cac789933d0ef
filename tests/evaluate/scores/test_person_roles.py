"""Who is the teacher in the picture, by hand."""

from __future__ import annotations

import pytest

from classwatch.evaluate.scores.person_roles import PersonRoles
from classwatch.evaluate.scores.pictures import true_people
from classwatch.evaluate.tally import pool
from tests.evaluate.scores.builders import Box, series, tracks, value

SCORER = PersonRoles()
TEACHER: Box = (0, 0, 100, 300)
PUPIL: Box = (300, 0, 400, 200)
RECALL, PRECISION = (f"picture.roles.teacher.{name}@iou=0.5" for name in ("recall", "precision"))


def test_by_hand() -> None:
    # Three pictures with teacher (0) and pupil (1). Found: both, both, only the pupil, who is
    # called teacher there (track 9).
    # Teacher: true 3, found as teacher 3, right 2. Matched people 5, right 4.
    truth = true_people("rear", series([[TEACHER, PUPIL]] * 3))
    found = series([[TEACHER, PUPIL], [TEACHER, PUPIL], [PUPIL]])
    figures = SCORER.figures(
        SCORER.count(
            truth,
            tracks([0, 1] * 3, teachers=[0]),
            found,
            tracks([4, 5, 4, 5, 9], teachers=[4, 9]),
        )
    )
    assert value(figures, RECALL) == pytest.approx(2 / 3)
    assert value(figures, PRECISION) == pytest.approx(2 / 3)
    assert value(figures, RECALL, "camera rear") == pytest.approx(2 / 3)
    assert value(figures, "picture.roles.accuracy") == pytest.approx(4 / 5)
    # Students: 3 true, 2 found and right: 2*2 / (3+2). Teacher among the matched: 2 true, 3 found.
    assert value(figures, "picture.roles.f1", "role student") == pytest.approx(4 / 5)
    assert value(figures, "picture.roles.f1", "role teacher") == pytest.approx(4 / 5)


def test_unknown_is_not_right_and_lowers_coverage() -> None:
    pictures = series([[TEACHER, PUPIL]])
    truth = true_people("rear", pictures)
    figures = SCORER.figures(
        SCORER.count(truth, tracks([0, 1], [0]), pictures, tracks([4, -1], unknown=[4]))
    )
    assert value(figures, "picture.roles.accuracy") == 0
    assert value(figures, "picture.roles.coverage") == 0
    assert value(figures, RECALL) == 0
    assert value(figures, PRECISION) is None


def test_a_camera_without_the_teacher_says_nothing_of_recall() -> None:
    pictures = series([[PUPIL]])
    front = SCORER.count(true_people("front", pictures), tracks([1]), pictures, tracks([2]))
    rear = SCORER.count(true_people("rear", pictures), tracks([1], [1]), pictures, tracks([2], [2]))
    figures = SCORER.figures(pool([front, rear]))
    assert value(figures, RECALL, "camera front") is None
    assert value(figures, RECALL, "camera rear") == 1
    assert value(figures, "picture.roles.accuracy") == 1
