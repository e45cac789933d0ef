"""Where cameras hang and what they are turned to.

Positions follow what installers of classroom recording do: front and rear cameras under the
ceiling in the middle third of their wall, a side camera on a long wall, a tracking camera at the
back with a long lens.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.room.chance import stream
from classwatch.simulate.scene import Floorplan, View
from classwatch.simulate.script import Camera, CameraKind, Point

HEAD_ABOVE_CHAIR_M = 0.72
"""From the seat of a chair to the top of the head of somebody sitting on it."""
WIDEST_DEG = 124.0
WIDEST_SIDE_DEG = 106.0
TRACKED_FROM_M = 1.5
"""A tracking camera follows nobody nearer than this: it would look straight down."""
STANDING_M = 1.75
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CameraPlace:
    """How a camera hangs: where it is, what it is turned to, its lens."""

    eye_m: tuple[float, float, float]
    target_m: tuple[float, float, float]
    hfov_deg: float
    roll_deg: float
    k1: float


def camera_view(
    camera: Camera, plan: Floorplan, seed: int, teacher_at: Point | None = None
) -> View:
    """The view of ``camera``; a tracking camera is turned to ``teacher_at``.

    ``hfov_deg`` of the script goes before what the room asks for. Raises ValueError for a screen
    stream and a mix, which are no cameras.
    """
    from classwatch.simulate.render.view import look_at

    place = place_camera(camera, plan, seed, teacher_at)
    return look_at(
        place.eye_m,
        place.target_m,
        place.hfov_deg,
        camera.width_px,
        camera.height_px,
        place.roll_deg,
        place.k1,
    )


def place_camera(
    camera: Camera, plan: Floorplan, seed: int, teacher_at: Point | None = None
) -> CameraPlace:
    """Where ``camera`` hangs in the room of ``plan``, and how it is turned."""
    rng = stream(seed, f"camera {camera.name}")
    aspect = camera.width_px / camera.height_px
    roll_deg, bend = float(rng.normal(0, 0.5)), float(rng.uniform(-0.05, 0.0))
    if camera.kind is CameraKind.TRACKING:
        return _tracking(camera, plan, rng, teacher_at)
    if camera.kind is CameraKind.FRONT:
        eye, points, spare = _front(plan, rng, aspect)
    elif camera.kind is CameraKind.REAR:
        eye, points, spare = _rear(plan, rng)
    elif camera.kind is CameraKind.SIDE:
        eye, points, spare = _side(plan, rng)
    else:
        raise ValueError(f"{camera.name}: a {camera.kind.value} stream is no camera")
    target, needed_deg = aim(eye, points, aspect)
    widest_deg = WIDEST_SIDE_DEG if camera.kind is CameraKind.SIDE else WIDEST_DEG
    hfov_deg = min(widest_deg, max(50.0, needed_deg * 1.06 + spare))
    if camera.hfov_deg is not None:
        hfov_deg = camera.hfov_deg
    return CameraPlace(eye, target, hfov_deg, roll_deg, bend if hfov_deg > 75 else 0.0)


Aimed = tuple[tuple[float, float, float], Points, float]


def _front(plan: Floorplan, rng: np.random.Generator, aspect: float) -> Aimed:
    """Near the middle of the wall; where that needs too wide a lens, in one of its corners."""
    # Not behind the podium's monitor: to the side of it, where there is more room.
    away = -1.0 if plan.podium_x_m > 0 else 1.0
    least_m = max(0.0, 1.25 - abs(plan.podium_x_m))
    x_m = away * (least_m + float(rng.uniform(0, 0.16)) * plan.width_m)
    corner_m = plan.width_m / 2 - 0.3
    height_m, spare_deg = _height_m(plan, rng), float(rng.uniform(0, 6))
    points = _sitting(plan)
    eyes = [(x, height_m, 0.22) for x in (x_m, away * corner_m, -away * corner_m)]
    if aim(eyes[0], points, aspect)[1] < 96 and rng.random() < 0.8:
        return eyes[0], points, spare_deg
    return min(eyes, key=lambda eye: aim(eye, points, aspect)[1]), points, spare_deg


def _rear(plan: Floorplan, rng: np.random.Generator) -> Aimed:
    eye = (
        float(rng.uniform(-0.25, 0.25)) * plan.width_m,
        _height_m(plan, rng),
        plan.depth_m - 0.2,
    )
    sides = (plan.board_right_m - 0.3, plan.board_left_m + 0.3)
    board = [(x, y, 0.05) for x in sides for y in (plan.board_bottom_m, plan.board_top_m)]
    board.append((0.0, min(plan.board_top_m + 0.45, plan.height_m), 0.05))
    feet_m = plan.podium_z_m + 0.4
    stage = [(x, y, feet_m) for x in sides for y in (0.5, 1.4)]
    return eye, np.array(board + stage), float(rng.uniform(0, 14))


def _side(plan: Floorplan, rng: np.random.Generator) -> Aimed:
    # On the window side the camera has the light behind it.
    sign = plan.window_side if rng.random() < 0.7 else -plan.window_side
    eye = (
        sign * (plan.width_m / 2 - 0.18),
        _height_m(plan, rng),
        float(rng.uniform(0.18, 0.5)) * plan.depth_m,
    )
    seats = _sitting(plan)
    # The row along the camera's own wall would need a lens that bends everything else.
    away_m = (seats[:, 0] - eye[0]) * -sign
    chosen = seats[away_m > 0.3 * plan.width_m]
    return eye, chosen if len(chosen) else seats, 0.0


def _tracking(
    camera: Camera, plan: Floorplan, rng: np.random.Generator, teacher_at: Point | None
) -> CameraPlace:
    eye = (float(rng.uniform(-0.1, 0.1)) * plan.width_m, _height_m(plan, rng), plan.depth_m - 0.2)
    x, z = teacher_at or (plan.podium_x_m, 0.6)
    z = min(z, eye[2] - TRACKED_FROM_M)
    floor_m = plan.platform_height_m if z < plan.platform_depth_m else 0.0
    target = (x, floor_m + 1.05, z)
    away_m = math.dist(eye, target)
    # The teacher fills two thirds of the picture's height.
    high_m = STANDING_M / 0.66
    aspect = camera.width_px / camera.height_px
    hfov_deg = math.degrees(2 * math.atan(high_m * aspect / 2 / max(away_m, 1.5)))
    hfov_deg = camera.hfov_deg or min(70.0, max(20.0, hfov_deg))
    return CameraPlace(eye, target, hfov_deg, float(rng.normal(0, 0.3)), 0.0)


def _height_m(plan: Floorplan, rng: np.random.Generator) -> float:
    return min(plan.height_m - 0.3, float(rng.uniform(2.3, 2.75)))


def _sitting(plan: Floorplan) -> Points:
    """Heads of everybody who could sit and their desks, (2 n, 3)."""
    return np.array(
        [
            (s.x_m, y, s.z_m)
            for s in plan.seats
            for y in (s.chair_height_m + HEAD_ABOVE_CHAIR_M, s.desk_height_m)
        ]
    )


def aim(
    eye_m: tuple[float, float, float], points_m: Points, aspect: float
) -> tuple[tuple[float, float, float], float]:
    """Target and least horizontal field of view (degrees) that hold all points in the picture.

    The direction is moved until the points reach equally far to both sides and up and down.
    """
    eye = np.asarray(eye_m, float)
    direction = points_m.mean(axis=0) - eye
    right = up = np.zeros(0)
    for _ in range(12):
        forward = direction / np.linalg.norm(direction)
        side = np.cross(forward, [0.0, 1.0, 0.0])
        side /= np.linalg.norm(side)
        top = np.cross(side, forward)
        local = points_m - eye
        depth = np.maximum(local @ forward, 0.05)
        right, up = local @ side / depth, local @ top / depth
        shift_x, shift_y = (right.max() + right.min()) / 2, (up.max() + up.min()) / 2
        limit = 0.5
        direction = (
            forward
            + float(np.clip(shift_x, -limit, limit)) * side
            + float(np.clip(shift_y, -limit, limit)) * top
        )
    half = max(float(np.abs(right).max()), float(np.abs(up).max()) * aspect)
    target = eye + direction / np.linalg.norm(direction) * 4.0
    return (float(target[0]), float(target[1]), float(target[2])), math.degrees(2 * math.atan(half))
