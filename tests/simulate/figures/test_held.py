from __future__ import annotations

import numpy as np

from classwatch.core.pose import KEYPOINTS
from classwatch.simulate.figures import held
from classwatch.simulate.script import Act, ActKind
from tests.simulate.figures.made import motion

WRISTS = [KEYPOINTS.index("left_wrist"), KEYPOINTS.index("right_wrist")]
NOSE = KEYPOINTS.index("nose")


def test_boxes_are_wound_outwards_and_closed() -> None:
    points, corners = held.vertices().astype(float), held.corners()
    a, b, c = (points[corners[:, k]] for k in range(3))
    volume_m3 = float((a * np.cross(b, c)).sum() / 6)
    # 36 x 1.4 x 25 cm and 7.4 x 0.9 x 15.2 cm.
    np.testing.assert_allclose(volume_m3, 0.36 * 0.014 * 0.25 + 0.074 * 0.009 * 0.152, rtol=1e-5)
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
    phone = slice(-held.VERTICES + 24, None)
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
        assert float(np.ptp(figure.vertices_m[-held.VERTICES : -24], axis=0).max()) == 0.0


def test_a_book_is_held_up_before_the_head_by_some_readers() -> None:
    acts = [Act(who=f"s{k}", kind=ActKind.READ, start=5, end=30) for k in range(1, 9)]
    made = motion(*acts, students=8)
    seen = 0
    for figure in made.at(12.0)[1:]:
        points = figure.vertices_m[-held.VERTICES : -24]
        if np.ptp(points, axis=0).max() > 0:
            seen += 1
            assert np.linalg.norm(points.mean(0) - figure.keypoints_m[NOSE]) < 0.55
    assert 1 <= seen <= 7
