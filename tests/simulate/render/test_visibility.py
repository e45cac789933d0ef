from __future__ import annotations

import cv2
import numpy as np
import pytest

from classwatch.simulate.render.view import look_at, margin_px, project, undistort
from classwatch.simulate.render.visibility import HIDDEN, OUTSIDE, SEEN, Observed, observe
from classwatch.simulate.scene import Mesh, PosedFigure, View
from tests.simulate.render.made import box, box_corners, facing, join, renderer

AHEAD = look_at((0, 1, 0), (0, 1, 5), 90, 320, 180)
FRONT = 2.85
"""Where the front of ``standing`` is."""


def standing(keypoints_m: np.ndarray) -> tuple[Mesh, PosedFigure]:
    """A body 0.6 m wide, 1.2 m high and 0.3 m deep around (0, 1, 3) with keypoints in it."""
    mesh = box(box_corners((-0.3, 0.4, FRONT), (0.3, 1.6, FRONT + 0.3)), owner=0)
    return mesh, PosedFigure(mesh.vertices_m, mesh.normals, keypoints_m)


def keypoints(**places: tuple[float, float, float]) -> np.ndarray:
    """17 keypoints in the middle of the body with legs of an adult; ``k3=(x, y, z)`` moves one."""
    points = np.tile(np.array([0, 1, FRONT + 0.02]), (17, 1))
    points[11:17, 1] = np.repeat((1.3, 0.9, 0.47), 2)
    for name, place in places.items():
        points[int(name[1:])] = place
    return points


def seen(view: View, *others: Mesh, points: np.ndarray | None = None) -> Observed:
    """What is seen of the body before ``view``, with other things in the room."""
    body, figure = standing(keypoints() if points is None else points)
    scene = join([body, *others])
    drawn = renderer(scene).draw(scene.vertices_m, scene.normals, view)
    return observe(drawn, view, [figure], [(0, len(body.vertices_m))], scene.faces)[0]


def test_a_body_in_the_open_is_seen_whole() -> None:
    found = seen(AHEAD)
    # Its front at 2.85 m: 160 * 0.3 / 2.85 = 16.84 px to each side, 33.68 px up and down.
    np.testing.assert_allclose(found.box_px, (143.16, 56.32, 176.84, 123.68), atol=0.5)
    np.testing.assert_allclose(found.amodal_box_px, (143.16, 56.32, 176.84, 123.68), atol=0.02)
    assert found.area_px == pytest.approx(33.68 * 67.37, rel=0.02)
    assert found.visible_share == pytest.approx(1, abs=0.03)
    assert (found.keypoints[:, 2] == SEEN).all()
    np.testing.assert_allclose(found.keypoints[:, :2], project(AHEAD, keypoints())[0], atol=1e-9)


def test_a_keypoint_behind_a_wall_is_hidden() -> None:
    # A wall 1 m before the camera covers x < 0 in the world: the right half of the picture.
    wall = facing(-1.0, 1, 1, 2)
    found = seen(AHEAD, wall, points=keypoints(k5=(0.15, 1.2, FRONT), k6=(-0.15, 1.2, FRONT)))
    assert found.keypoints[5, 2] == SEEN
    assert found.keypoints[6, 2] == HIDDEN
    np.testing.assert_allclose(found.box_px, (143.16, 56.32, 160, 123.68), atol=0.5)
    np.testing.assert_allclose(found.amodal_box_px, (143.16, 56.32, 176.84, 123.68), atol=0.02)
    assert found.area_px == pytest.approx(33.68 * 67.37 / 2, rel=0.03)
    assert found.visible_share == pytest.approx(0.5, abs=0.02)


def test_a_keypoint_behind_another_figure_is_hidden() -> None:
    other = facing(-1.0, 1, 1, 2, owner=1)
    found = seen(AHEAD, other, points=keypoints(k6=(-0.15, 1.2, FRONT)))
    assert found.keypoints[6, 2] == HIDDEN


def test_the_own_body_hides_what_lies_deeper_than_a_joint() -> None:
    # An ear is at most 5 cm below its skin, a hip 18 cm.
    deep = keypoints(k3=(0, 1.2, FRONT + 0.15), k11=(0, 1.3, FRONT + 0.15))
    found = seen(AHEAD, points=deep)
    assert found.keypoints[3, 2] == HIDDEN
    assert found.keypoints[11, 2] == SEEN


def test_a_thing_thinner_than_a_joint_does_not_hide_it() -> None:
    # A rod of 2 mm right before the keypoint, which is probed over 24 mm.
    rod = box(box_corners((-0.001, 0.4, 2.7), (0.001, 1.6, 2.702)))
    found = seen(look_at((0, 1, 0), (0, 1, 5), 40, 1280, 720), rod)
    assert found.keypoints[0, 2] == SEEN


def test_a_keypoint_outside_the_picture_and_one_behind_the_camera() -> None:
    places = keypoints(k9=(3.2, 1, FRONT), k10=(0, 1, -1))
    found = seen(AHEAD, points=places)
    assert found.keypoints[9, 2] == OUTSIDE
    np.testing.assert_allclose(found.keypoints[9, 0], 160 - 160 * 3.2 / FRONT)
    assert found.keypoints[10].tolist() == [0, 0, OUTSIDE]


def test_a_body_cut_by_the_edge_of_the_picture() -> None:
    aside = look_at((0, 1, 0), (3.0, 1, 3.0), 90, 320, 180)
    found = seen(aside)
    assert found.box_px is not None
    assert found.amodal_box_px is not None
    assert found.box_px[2] == 320
    assert found.amodal_box_px[2] > 325
    x0, _, x1, _ = found.amodal_box_px
    # Its faces are rectangles in the picture's rows, so widths tell areas to a few per cent.
    assert found.visible_share == pytest.approx((320 - x0) / (x1 - x0), abs=0.1)


def test_somebody_out_of_the_room_is_not_seen() -> None:
    body, figure = standing(keypoints())
    gone = PosedFigure(figure.vertices_m, figure.normals, figure.keypoints_m, present=False)
    drawn = renderer(body).draw(body.vertices_m + np.float32(50), body.normals, AHEAD)
    found = observe(drawn, AHEAD, [gone], [(0, len(body.vertices_m))], body.faces)[0]
    assert (found.box_px, found.amodal_box_px, found.area_px) == (None, None, 0.0)
    assert not found.keypoints.any()


@pytest.mark.parametrize("k1", [-0.05, 0.1])
def test_boxes_and_areas_are_those_of_the_distorted_picture(k1: float) -> None:
    view = look_at((1.2, 1.8, 1.0), (0.6, 1.3, 3), 90, 320, 180, roll_deg=4, k1=k1)
    body, figure = standing(keypoints())
    drawn = renderer(body).draw(body.vertices_m, body.normals, view, 2)
    found = observe(drawn, view, [figure], [(0, len(body.vertices_m))], body.faces)[0]
    # Independently: look up the owner at a fine grid over the final picture.
    step = 0.25
    x, y = np.meshgrid(np.arange(step / 2, 320, step), np.arange(step / 2, 180, step))
    place = (undistort(view, np.stack([x, y], 2)) + margin_px(view)) * 2
    mask = drawn.owner[place[..., 1].astype(int), place[..., 0].astype(int)] == 0
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    expected = np.array([left, top, left + width, top + height]) * step
    assert found.box_px is not None
    np.testing.assert_allclose(found.box_px, expected, atol=0.6)
    assert found.area_px == pytest.approx(mask.sum() * step**2, rel=0.01)
    corners, _ = project(view, body.vertices_m)
    amodal = (*corners.min(axis=0), *corners.max(axis=0))
    np.testing.assert_allclose(found.amodal_box_px, amodal, atol=0.01)
