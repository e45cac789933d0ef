"""One picture being drawn: visibility, openness and light, each for all or for a part of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.render.arrays import (
    Air,
    Camera,
    Canvas,
    Corners,
    Holes,
    Lamps,
    Looks,
    Surface,
    Textures,
)
from classwatch.simulate.render.kernels import kernels
from classwatch.simulate.render.materials import SRGB_TO_LINEAR
from classwatch.simulate.render.view import eye_of, margin_px
from classwatch.simulate.scene import Floats, Lighting, View

_OCCLUSION_RADIUS_M = 0.3
_OCCLUSION_STRENGTH = 0.9
_CELL_PX = 2
"""Side of the cells for which ambient occlusion is found."""
_TURNS = 16
_DIRECTIONS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Paint:
    """What does not change between pictures of a scene."""

    looks: Looks
    textures: Textures
    holes: Holes
    air: Air


def air_of(lighting: Lighting) -> Air:
    """The light without direction, for kernels."""
    return Air(
        np.asarray(lighting.ambient_up, np.float32),
        np.asarray(lighting.ambient_side, np.float32),
        np.asarray(lighting.ambient_down, np.float32),
        np.asarray(lighting.background, np.float32),
        float(lighting.exposure),
    )


def camera_of(view: View, samples: int) -> tuple[Camera, tuple[int, int]]:
    """``view`` measured in samples, and height and width in pixels of what is drawn for it."""
    margin_x, margin_y = margin_px(view)
    height, width = view.height_px + 2 * margin_y, view.width_px + 2 * margin_x
    camera = Camera(
        np.ascontiguousarray(view.rotation, np.float64),
        np.ascontiguousarray(view.shift, np.float64),
        eye_of(view),
        float(view.focal_px * samples),
        width * samples / 2,
        height * samples / 2,
    )
    return camera, (height, width)


def project_vertices(vertices_m: Floats, camera: Camera) -> tuple[Floats, Corners]:
    """Vertices on the canvas, exact and in whole 64ths."""
    count = len(vertices_m)
    projected = np.empty((count, 3), np.float32)
    corners = Corners(np.zeros((count, 2), np.int32), np.empty(count, np.float32))
    kernels("draw").project_vertices(vertices_m, camera, projected, corners)
    return projected, corners


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """Where light goes: ``light`` (h, w, 3), ``wanted`` (h, w), ``openness`` of each cell."""

    light: Floats
    wanted: NDArray[np.bool_]
    openness: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A scene at one moment before one camera."""

    paint: Paint
    surface: Surface
    camera: Camera
    corners: Corners
    shape: tuple[int, int]
    samples: int

    def blank(self) -> Canvas:
        """A canvas that shows nothing."""
        size = self.shape[0] * self.samples, self.shape[1] * self.samples
        return Canvas(np.zeros(size, np.float32), np.full(size, -1, np.int32))

    def cover(self, canvas: Canvas, numbers: NDArray[np.int64]) -> None:
        """Draw triangles ``numbers`` where they are nearest."""
        kernels("draw").draw_to_camera(
            numbers,
            self.surface,
            self.corners,
            (self.camera, np.empty((7, 3))),
            canvas,
            self.paint.holes,
        )

    def raw_openness(
        self, canvas: Canvas, figures: NDArray[np.bool_], kept: Floats | None = None
    ) -> Floats:
        """How open each cell is to light from all sides; with ``kept`` only near ``figures``."""
        import cv2

        cell = _CELL_PX * self.samples
        near = canvas.nearness[cell // 2 :: cell, cell // 2 :: cell]
        depth_m = np.divide(1.0, near, out=np.zeros_like(near), where=near > 0)
        if kept is None:
            openness = np.ones_like(depth_m)
            present = np.ones(depth_m.shape, np.uint8)
        else:
            openness = kept.copy()
            triangle = canvas.triangle[cell // 2 :: cell, cell // 2 :: cell]
            present = (figures[triangle] & (triangle >= 0)).astype(np.uint8)
        size = (
            _OCCLUSION_RADIUS_M,
            _OCCLUSION_RADIUS_M * self.camera.focal / cell,
            _OCCLUSION_STRENGTH,
        )
        kernels("occlusion").occlude(depth_m, cv2.integral(present), _STEPS, size, openness)
        return openness

    def light(self, canvas: Canvas, lamps: Lamps, targets: Targets) -> None:
        """Fill ``targets.light`` where wanted."""
        kernels("shade").shade(
            (self.surface, self.paint.looks, self.paint.textures, SRGB_TO_LINEAR),
            (lamps, self.paint.air),
            self.camera,
            canvas,
            (targets.light, targets.wanted, targets.openness),
        )


def smoothed(openness: Floats) -> Floats:
    """Without the grain that few directions leave.

    The mean is taken by an explicit kernel: running sums would let a change at one end of a row
    reach the other end in the last digit.
    """
    import cv2

    mean = np.full((3, 3), 1 / 9, np.float32)
    calm = cv2.filter2D(cv2.medianBlur(openness, 3), cv2.CV_32F, mean)
    return np.asarray(calm, np.float32)


def _steps() -> Floats:
    """Directions (turns, p, 2) of different lengths, each turn rotated against the others."""
    angles = np.linspace(0, 2 * math.pi, _DIRECTIONS, endpoint=False)
    lengths = np.roll(np.linspace(0.35, 1, _DIRECTIONS), 3)
    turns = 2 * math.pi * np.arange(_TURNS)[:, None] / _TURNS
    return np.stack([np.cos(angles + turns) * lengths, np.sin(angles + turns) * lengths], 2).astype(
        np.float32
    )


_STEPS = _steps()
