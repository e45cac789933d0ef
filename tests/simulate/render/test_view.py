from __future__ import annotations

import cv2
import numpy as np
import pytest

from classwatch.core.errors import InputError
from classwatch.simulate.render.view import distort, eye_of, look_at, margin_px, project, undistort
from classwatch.simulate.scene import View

SEEN = np.array([(100.0, 100.0), (3.0, 700.0), (1275.0, 8.0), (640.0, 360.0), (900.5, 420.25)])


def test_a_point_falls_where_hand_calculation_says() -> None:
    # 90 degrees over 200 px: focal length 100 px. Facing +z with y up, the right hand is at -x.
    view = look_at((0, 1, 0), (0, 1, 5), 90, 200, 100)
    pixels, depth_m = project(view, [(-1, 1, 2), (0, 1.5, 1), (0, 1, 8)])
    np.testing.assert_allclose(pixels, [(150, 50), (100, 0), (100, 50)], atol=1e-9)
    np.testing.assert_allclose(depth_m, [2, 1, 8])
    np.testing.assert_allclose(eye_of(view), [0, 1, 0], atol=1e-12)


def test_roll_turns_the_camera_clockwise() -> None:
    # The camera turned clockwise by 90 degrees sees the world turned the other way: what was on
    # the right is now above the middle.
    view = look_at((0, 1, 0), (0, 1, 5), 90, 200, 100, roll_deg=90)
    pixels, _ = project(view, [(-1, 1, 4)])
    np.testing.assert_allclose(pixels, [(100, 25)], atol=1e-9)


def test_what_is_behind_the_camera_has_no_place() -> None:
    view = look_at((0, 1, 0), (0, 1, 5), 90, 200, 100)
    pixels, depth_m = project(view, [(0, 1, -2)])
    assert np.isnan(pixels).all()
    assert depth_m[0] == pytest.approx(-2)


def test_agrees_with_opencv_without_distortion() -> None:
    view = look_at((1, 2.5, 0.2), (0.3, 0.7, 4), 83, 1280, 720, roll_deg=3)
    points = np.random.default_rng(4).uniform((-3, 0, 2), (3, 2, 8), (50, 3))
    matrix = np.array([(view.focal_px, 0, 640), (0, view.focal_px, 360), (0, 0, 1)])
    turn, _ = cv2.Rodrigues(view.rotation)
    expected, _ = cv2.projectPoints(points, turn, view.shift, matrix, None)
    np.testing.assert_allclose(project(view, points)[0], expected[:, 0], atol=1e-6)


@pytest.mark.parametrize("k1", [-0.06, 0.05, 0.15])
def test_distortion_agrees_with_opencv_both_ways(k1: float) -> None:
    # OpenCV's polynomial goes from ideal to seen in units of the focal length, ours from seen to
    # ideal in half widths: the same polynomial, used the other way round.
    view = View(np.eye(3), np.zeros(3), 700.0, 1280, 720, k1)
    matrix = np.array([(700.0, 0, 640), (0, 700.0, 360), (0, 0, 1)])
    coefficient = np.array([k1 * (700.0 / 640) ** 2, 0, 0, 0])
    rays = np.column_stack([(SEEN - (640, 360)) / 700, np.ones(len(SEEN))])
    ideal, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), matrix, coefficient)
    np.testing.assert_allclose(undistort(view, SEEN), ideal[:, 0], atol=1e-6)
    np.testing.assert_allclose(distort(view, ideal[:, 0]), SEEN, atol=1e-6)


def test_a_barrel_lens_bends_towards_the_middle_and_needs_a_margin() -> None:
    view = look_at((0, 1, 0), (0, 1, 5), 90, 200, 100, k1=0.1)
    assert (np.abs(distort(view, [(190.0, 90.0)]) - (100, 50)) < (90, 40)).all()
    across, down = margin_px(view)
    corner = undistort(view, [(0.0, 0.0)])[0]
    assert -across <= corner[0] < -across + 4
    assert -down <= corner[1] < -down + 4
    assert margin_px(look_at((0, 1, 0), (0, 1, 5), 90, 200, 100, k1=-0.1)) == (0, 0)


def test_far_outside_a_pincushion_lens_places_stay_outside() -> None:
    view = look_at((0, 1, 0), (0, 1, 5), 90, 200, 100, k1=-0.06)
    far = distort(view, [(3000.0, 50.0), (9000.0, 50.0)])
    assert far[1, 0] > far[0, 0] > 200


def test_a_camera_cannot_look_straight_down() -> None:
    with pytest.raises(InputError, match="straight"):
        look_at((0, 2, 0), (0, 0, 0), 60, 200, 100)
