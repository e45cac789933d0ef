from __future__ import annotations

import numpy as np

from classwatch.core.pose import KEYPOINTS
from classwatch.simulate.figures import held
from classwatch.simulate.script import Act, ActKind
from tests.simulate.figures.made import motion, says

WRISTS = [KEYPOINTS.index("left_wrist"), KEYPOINTS.index("right_wrist")]
NOSE = KEYPOINTS.index("nose")
THINGS = [
    slice(-held.VERTICES + 24 * k, (-held.VERTICES + 24 * (k + 1)) or None)
    for k in range(len(held.THINGS))
]
"""The vertices of each thing in a figure."""


def test_boxes_are_wound_outwards_and_closed() -> None:
    points, corners = held.vertices().astype(float), held.corners()
    a, b, c = (points[corners[:, k]] for k in range(3))
    volume_m3 = float((a * np.cross(b, c)).sum() / 6)
    # An open book, a telephone, a stool of 36 x 45 x 34 cm, a mouth of no size of its own.
    expected = 0.36 * 0.014 * 0.25 + 0.074 * 0.009 * 0.152 + 0.36 * 0.45 * 0.34 + 1.0
    np.testing.assert_allclose(volume_m3, expected, rtol=1e-5)
    assert ((np.cross(b - a, c - a) * a).sum(1) > 0).all()


def test_the_first_face_of_each_thing_is_the_one_that_is_read() -> None:
    points = held.vertices()
    assert (points[:4, 1] > 0).all()
    assert (points[24:28, 1] > 0).all()


def test_a_grip_is_a_rotation_between_the_hands_turned_to_the_head() -> None:
    wrists = np.array([[0.12, 1.0, 0.4], [-0.12, 1.0, 0.4]])
    fingers = wrists + np.array([0.0, 0.07, 0.07])
    head = np.array([0.0, 1.4, 0.0])
    matrix = held.grip(wrists, fingers, head, held.BOOK)
    np.testing.assert_allclose(matrix[:, :3] @ matrix[:, :3].T, np.eye(3), atol=1e-9)
    assert np.linalg.det(matrix[:, :3]) > 0.99
    np.testing.assert_allclose(matrix[:, 0], [1, 0, 0], atol=1e-9)
    to_head = head - matrix[:, 3]
    assert matrix[:, 1] @ to_head > 0.99 * np.linalg.norm(to_head)


def test_a_telephone_is_in_the_hands_while_it_is_used_and_nowhere_else() -> None:
    made = motion(Act(who="s1", kind=ActKind.DEVICE, start=10, end=20))
    book, phone = THINGS[held.BOOK], THINGS[held.PHONE]
    for time_s in (5.0, 15.0, 25.0):
        figure = made.at(time_s)[1]
        points = figure.vertices_m[phone]
        spread_m = float(np.ptp(points, axis=0).max())
        if time_s == 15.0:
            assert 0.1 < spread_m < 0.2
            middle = figure.keypoints_m[WRISTS].mean(0)
            assert np.linalg.norm(points.mean(0) - middle) < 0.12
        else:
            assert spread_m == 0.0
        assert float(np.ptp(figure.vertices_m[book], axis=0).max()) == 0.0


def test_a_book_is_held_up_before_the_head_by_some_readers() -> None:
    acts = [Act(who=f"s{k}", kind=ActKind.READ, start=5, end=30) for k in range(1, 9)]
    made = motion(*acts, students=8)
    seen = 0
    for figure in made.at(12.0)[1:]:
        points = figure.vertices_m[THINGS[held.BOOK]]
        if np.ptp(points, axis=0).max() > 0:
            seen += 1
            assert np.linalg.norm(points.mean(0) - figure.keypoints_m[NOSE]) < 0.55
    assert 1 <= seen <= 7


def test_a_teacher_sits_on_a_stool_that_stands_on_the_floor() -> None:
    made = motion(Act(who="t", kind=ActKind.SIT, start=20, end=40))
    figure = made.at(30.0)[0]
    stool = figure.vertices_m[THINGS[held.STOOL]]
    place = made.place_at("t", 30.0)
    low_m, high_m = stool[:, 1].min(), stool[:, 1].max()
    assert np.allclose([low_m, high_m], [place.y_m, place.y_m + 0.45], atol=1e-6)
    hips = figure.keypoints_m[[KEYPOINTS.index("left_hip"), KEYPOINTS.index("right_hip")]].mean(0)
    assert 0.0 < hips[1] - stool[:, 1].max() < 0.15
    assert np.hypot(*(hips - stool.mean(0))[[0, 2]]) < 0.1
    assert np.ptp(made.at(5.0)[0].vertices_m[THINGS[held.STOOL]], axis=0).max() == 0.0


def test_a_mouth_opens_below_the_nose_as_wide_as_the_jaw() -> None:
    made = motion(utterances=(says("t", 4.0),))
    mouth = THINGS[held.MOUTH]
    assert np.ptp(made.at(3.0)[0].vertices_m[mouth], axis=0).max() == 0.0
    # Heard from 4.5 to 5.5 s.
    for time_s in (4.6, 4.75, 4.9, 5.1):
        figure = made.at(time_s)[0]
        points = figure.vertices_m[mouth]
        height_m, eyes = float(np.ptp(points[:, 1])), figure.keypoints_m[NOSE + 1 : NOSE + 3]
        eyes_m = float(np.linalg.norm(eyes[0] - eyes[1]))
        # 5.5 cm a radian where the eyes are 6 cm apart; heads nod a little.
        expected_m = made.mouth_at("t", time_s) * 0.055 * eyes_m / 0.06
        assert abs(height_m - expected_m) < 0.004
        below_m = figure.keypoints_m[NOSE, 1] - points[:, 1].max()
        drop_m = eyes[:, 1].mean() - figure.keypoints_m[NOSE, 1]
        assert 0.4 * drop_m < below_m < 1.4 * drop_m
