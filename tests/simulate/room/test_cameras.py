"""Cameras: what has to be in the picture is in it, by a projection written out here."""

from __future__ import annotations

import math

import numpy as np
import pytest

from classwatch.simulate.room.cameras import CameraPlace, aim, camera_view, place_camera
from classwatch.simulate.room.plan import plan_room
from classwatch.simulate.scene import Floorplan
from classwatch.simulate.script import Camera, Room

LAYOUTS = ("rows", "pairs", "groups")


def in_picture(place: CameraPlace, points: list[tuple[float, float, float]]) -> np.ndarray:
    """Whether points are within a 16 : 9 picture: angles in the camera's own frame.

    The picture of a lens with k1 < 0 ends at 1 + k1 of the ideal half width.
    """
    eye = np.array(place.eye_m)
    ahead = np.array(place.target_m) - eye
    ahead /= np.linalg.norm(ahead)
    right = np.array([-ahead[2], 0.0, ahead[0]])
    right /= np.linalg.norm(right)
    up = np.cross(right, ahead)
    roll = math.radians(place.roll_deg)
    rays = np.array(points) - eye
    depth = rays @ ahead
    x, y = rays @ right / depth, rays @ up / depth
    turned_x = math.cos(roll) * x - math.sin(roll) * y
    turned_y = math.sin(roll) * x + math.cos(roll) * y
    limit = math.tan(math.radians(place.hfov_deg) / 2) * (1 + place.k1)
    return (depth > 0.1) & (np.abs(turned_x) < limit) & (np.abs(turned_y) < limit * 9 / 16)


def heads(plan: Floorplan) -> list[tuple[float, float, float]]:
    return [(s.x_m, s.chair_height_m + 0.65, s.z_m) for s in plan.seats]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(3, 4), (5, 6), (6, 8), (8, 7)])
def test_the_front_camera_sees_the_seats(layout: str, shape: tuple[int, int], seed: int) -> None:
    plan = plan_room(Room(layout=layout, rows=shape[0], columns=shape[1]), seed)
    place = place_camera(Camera(name="front", kind="front"), plan, seed)
    assert in_picture(place, heads(plan)).mean() >= 0.95
    # Towards the class, from high on the front wall.
    assert place.eye_m[2] < 0.4
    assert place.target_m[2] > place.eye_m[2]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_front_camera_sees_the_largest_class(layout: str) -> None:
    plan = plan_room(Room(layout=layout, rows=12, columns=12), 3)
    place = place_camera(Camera(name="front", kind="front"), plan, 3)
    assert in_picture(place, heads(plan)).mean() >= 0.95


@pytest.mark.parametrize("seed", range(12))
def test_the_rear_camera_sees_the_whole_board(seed: int) -> None:
    plan = plan_room(Room(rows=5, columns=6), seed)
    place = place_camera(Camera(name="rear", kind="rear"), plan, seed)
    corners = [
        (x, y, 0.05)
        for x in (plan.board_left_m, plan.board_right_m)
        for y in (plan.board_bottom_m, plan.board_top_m)
    ]
    assert in_picture(place, corners).all()
    at_board = [(0.0, plan.platform_height_m + 1.5, 0.5), (plan.podium_x_m, 1.4, 1.0)]
    assert in_picture(place, at_board).all()


@pytest.mark.parametrize("seed", range(12))
def test_the_side_camera_sees_most_seats(seed: int) -> None:
    plan = plan_room(Room(rows=5, columns=6), seed)
    place = place_camera(Camera(name="side", kind="side"), plan, seed)
    assert abs(abs(place.eye_m[0]) - plan.width_m / 2) < 0.3
    assert in_picture(place, heads(plan)).mean() >= 0.5


@pytest.mark.parametrize("at", [(0.0, 0.6), (-2.0, 1.5), (2.0, 4.0), (0.0, 8.8)])
def test_the_tracking_camera_follows(at: tuple[float, float]) -> None:
    plan = plan_room(Room(rows=5, columns=6), 4)
    place = place_camera(Camera(name="t", kind="tracking"), plan, 4, at)
    if at[1] < plan.depth_m - 2:
        floor_m = plan.platform_height_m if at[1] < plan.platform_depth_m else 0.0
        body = [(at[0], floor_m + y, at[1]) for y in (0.1, 1.0, 1.75)]
        assert in_picture(place, body).all()
    assert place.eye_m[2] - place.target_m[2] > 1.2
    assert place.hfov_deg <= 70


def test_tracking_moves_the_target_only() -> None:
    plan = plan_room(Room(rows=5, columns=6), 4)
    camera = Camera(name="t", kind="tracking")
    left, right = (place_camera(camera, plan, 4, (x, 1.0)) for x in (-1.5, 1.5))
    assert left.eye_m == right.eye_m
    assert left.target_m[0] < right.target_m[0]


def test_a_field_of_view_in_the_script_is_kept() -> None:
    plan = plan_room(Room(), 4)
    camera = Camera(name="front", kind="front", hfov_deg=61)
    assert place_camera(camera, plan, 4).hfov_deg == 61


@pytest.mark.parametrize("kind", ["screen", "mix"])
def test_streams_that_are_no_cameras_are_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="is no camera"):
        place_camera(Camera(name="x", kind=kind), plan_room(Room(), 1), 1)


def test_cameras_of_other_names_and_seeds_hang_elsewhere() -> None:
    plan = plan_room(Room(), 4)
    first = place_camera(Camera(name="front", kind="front"), plan, 4)
    assert first == place_camera(Camera(name="front", kind="front"), plan, 4)
    assert first.eye_m != place_camera(Camera(name="front2", kind="front"), plan, 4).eye_m
    assert first.eye_m != place_camera(Camera(name="front", kind="front"), plan, 5).eye_m


def test_aim_centres_what_it_is_given() -> None:
    """Two points 90 degrees apart ask for 90 degrees and a target between them."""
    target, hfov_deg = aim((0, 0, 0), np.array([(3.0, 0, 3.0), (-3.0, 0, 3.0)]), 16 / 9)
    assert hfov_deg == pytest.approx(90, abs=0.01)
    assert target == pytest.approx((0, 0, 4), abs=1e-6)
    target, hfov_deg = aim((0, 0, 0), np.array([(0.0, 0, 5.0), (5.0, 0, 5.0)]), 16 / 9)
    assert hfov_deg == pytest.approx(45, abs=0.5)
    assert math.degrees(math.atan2(target[0], target[2])) == pytest.approx(22.5, abs=0.5)


def test_a_view_has_the_size_and_lens_of_its_camera() -> None:
    pytest.importorskip("classwatch.simulate.render.view")
    plan = plan_room(Room(), 4)
    camera = Camera(name="front", kind="front", width_px=640, height_px=360, hfov_deg=90)
    view = camera_view(camera, plan, 4)
    assert (view.width_px, view.height_px) == (640, 360)
    assert view.focal_px == pytest.approx(320)
    place = place_camera(camera, plan, 4)
    seen = view.rotation @ np.array(place.target_m) + view.shift
    assert seen[:2] == pytest.approx([0, 0], abs=1e-6)
    assert seen[2] == pytest.approx(4.0)
