"""Cameras: where they look, where a point of the world falls in the picture, lens distortion.

Pixels are counted from the upper left corner; the middle of the first pixel is at (0.5, 0.5).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classwatch.core.errors import InputError
from classwatch.simulate.scene import View

NEAR_M = 0.1
"""What is nearer to a camera than this, or behind it, is not drawn."""
_NEWTON_STEPS = 12
_SOLVED = 1e-12
_WORLD_UP = np.array([0.0, 1.0, 0.0])


def look_at(  # noqa: PLR0913 - a camera has this many properties
    eye_m: Sequence[float],
    target_m: Sequence[float],
    hfov_deg: float,
    width_px: int,
    height_px: int,
    roll_deg: float = 0.0,
    k1: float = 0.0,
) -> View:
    """View of a camera at ``eye_m`` that has ``target_m`` in the middle of its picture.

    ``hfov_deg`` is the horizontal angle of the undistorted picture, ``roll_deg`` turns the
    camera clockwise as seen from behind it, ``k1`` bends straight lines outwards (barrel) where
    positive; see ``View``. Raises InputError where eye and target
    coincide or the camera would look straight up or down.
    """
    eye = np.asarray(eye_m, np.float64)
    forward = np.asarray(target_m, np.float64) - eye
    right = np.cross(forward, _WORLD_UP)
    if np.linalg.norm(right) < 1e-9:
        raise InputError(
            f"a camera at {eye.tolist()} cannot look straight up or down or at itself",
            subject="camera",
            remedy="move its target sideways",
        )
    forward /= np.linalg.norm(forward)
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    roll = math.radians(roll_deg)
    turned_right = math.cos(roll) * right + math.sin(roll) * down
    turned_down = math.cos(roll) * down - math.sin(roll) * right
    rotation = np.stack([turned_right, turned_down, forward])
    focal_px = 0.5 * width_px / math.tan(math.radians(hfov_deg) / 2)
    return View(rotation, -rotation @ eye, focal_px, width_px, height_px, k1)


def eye_of(view: View) -> NDArray[np.float64]:
    """Place (3,) of the camera in the world, in metres."""
    return -view.rotation.T @ view.shift


def project(view: View, points_m: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where points (n, 3) of the world fall in the final, distorted picture.

    Returns pixels (n, 2) and depths (n,) in metres along the camera's axis. Points nearer than
    ``NEAR_M`` or behind the camera have NaN for pixels.
    """
    ideal_px, depth_m = project_ideal(view, points_m)
    return distort(view, ideal_px), depth_m


def project_ideal(
    view: View, points_m: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """As ``project``, for a lens that does not distort."""
    seen = np.asarray(points_m, np.float64).reshape(-1, 3) @ view.rotation.T + view.shift
    depth_m = seen[:, 2]
    safe_m = np.where(depth_m > NEAR_M, depth_m, np.nan)
    return seen[:, :2] / safe_m[:, None] * view.focal_px + _middle(view), depth_m


def undistort(view: View, seen_px: ArrayLike) -> NDArray[np.float64]:
    """Where pixels (n, 2) of the distorted picture lie in the undistorted one."""
    half = view.width_px / 2
    seen = (np.asarray(seen_px, np.float64) - _middle(view)) / half
    squared = (seen**2).sum(axis=-1, keepdims=True)
    ideal: NDArray[np.float64] = seen * (1 + view.k1 * squared) * half + _middle(view)
    return ideal


def distort(view: View, ideal_px: ArrayLike) -> NDArray[np.float64]:
    """Where pixels (n, 2) of the undistorted picture lie in the distorted one.

    Inverse of ``undistort``, by Newton's method on the radius. A negative ``k1`` folds the plane
    at some radius, far outside any usable picture; beyond it the radius goes on linearly.
    """
    ideal = np.asarray(ideal_px, np.float64)
    if view.k1 == 0:
        return ideal
    half = view.width_px / 2
    centred = (ideal - _middle(view)) / half
    wanted = np.sqrt((centred**2).sum(axis=-1, keepdims=True))
    fold = 1 / math.sqrt(-3 * view.k1) if view.k1 < 0 else math.inf
    limit = 2 / 3 * fold
    solvable = np.minimum(wanted, limit)
    radius = solvable.copy()
    for _ in range(_NEWTON_STEPS):
        slope = np.maximum(1 + 3 * view.k1 * radius**2, 1e-6)
        step = (radius * (1 + view.k1 * radius**2) - solvable) / slope
        radius = np.clip(radius - step, 0, fold)
        if np.nanmax(np.abs(step), initial=0) < _SOLVED:
            break
    if view.k1 < 0:
        radius = np.where(wanted > limit, fold * wanted / limit, radius)
    scale = np.divide(radius, wanted, out=np.ones_like(wanted), where=wanted > 0)
    seen: NDArray[np.float64] = centred * scale * half + _middle(view)
    return seen


def margin_px(view: View) -> tuple[int, int]:
    """How much wider and higher on each side the undistorted picture must be drawn.

    A barrel lens (``k1`` > 0) shows more than the undistorted picture of the same size holds.
    """
    if view.k1 <= 0:
        return 0, 0
    squared = 1 + (view.height_px / view.width_px) ** 2
    spread = view.k1 * squared / 2
    return math.ceil(view.width_px * spread) + 2, math.ceil(view.height_px * spread) + 2


def _middle(view: View) -> NDArray[np.float64]:
    return np.array([view.width_px / 2, view.height_px / 2])
