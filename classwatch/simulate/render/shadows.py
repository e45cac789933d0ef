"""Shadow maps of far lights, those of the empty room kept and figures drawn on top."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.render.arrays import Canvas, Corners, Holes, Lamps, Surface
from classwatch.simulate.render.kernels import kernels
from classwatch.simulate.scene import Floats, Light, Lighting, Mesh

Bounds = tuple[Sequence[float], Sequence[float]]
"""Lowest and highest corner of the room."""
_NOTHING = np.float32(-1e9)
_CUBE_M = 0.025


def light_matrix(light: Light, bounds: Bounds) -> NDArray[np.float64]:
    """Matrix (3, 4) from the world to texel x, y and nearness to the light in metres.

    The square map holds the whole box ``bounds`` as the light sees it.
    """
    back = light.towards / np.linalg.norm(light.towards)
    up = np.array([0.0, 0.0, 1.0]) if abs(back[1]) > 0.9 else np.array([0.0, 1.0, 0.0])
    across = np.cross(up, back)
    across /= np.linalg.norm(across)
    axes = np.stack([across, np.cross(back, across), back])
    low, high = np.asarray(bounds[0], np.float64), np.asarray(bounds[1], np.float64)
    picks = np.array([[(i >> axis) & 1 for axis in range(3)] for i in range(8)], bool)
    corners = np.where(picks, high, low) @ axes.T
    least, most = corners.min(axis=0), corners.max(axis=0)
    texels_per_m = light.map_px / max(most[0] - least[0], most[1] - least[1])
    matrix = np.zeros((3, 4))
    matrix[:, :3] = axes * np.array([[texels_per_m], [texels_per_m], [1.0]])
    matrix[:, 3] = -least * np.array([texels_per_m, texels_per_m, 1.0])
    return matrix


@dataclass(frozen=True, slots=True, eq=False)
class Casters:
    """Triangles that throw shadows: vertices ``faces`` (f, 3), ``numbers`` (f,) in the mesh."""

    numbers: NDArray[np.int64]
    faces: NDArray[np.int32]


def coarse_casters(mesh: Mesh, numbers: NDArray[np.int64], keep: NDArray[np.bool_]) -> Casters:
    """Fewer triangles with about the same shadow as the figures' triangles ``numbers``.

    Vertices of a figure in the same cube of 2.5 cm count as one (vertex clustering, Rossignac and
    Borrel 1993), which soft shadows do not show. Triangles for which ``keep`` (f,) stay as they
    are: those with holes need their texture's places.
    """
    faces = mesh.faces[numbers]
    owner = np.zeros(len(mesh.vertices_m), np.int64)
    owner[faces] = mesh.owner[numbers][:, None]
    cube = np.floor(mesh.vertices_m / _CUBE_M).astype(np.int64)
    _, first, cluster = np.unique(
        _packed(np.column_stack([owner, cube])), return_index=True, return_inverse=True
    )
    merged = first[cluster][faces].astype(np.int32)
    ordered = np.sort(merged, axis=1)
    a, b, c = ordered.T
    _, once = np.unique(_packed(ordered), return_index=True)
    chosen = np.zeros(len(faces), bool)
    chosen[once] = True
    chosen &= (a != b) & (b != c)
    merged[keep] = faces[keep]
    chosen |= keep
    return Casters(numbers[chosen], np.ascontiguousarray(merged[chosen]))


def _packed(rows: NDArray[Any]) -> NDArray[np.int64]:
    """One number for each row of whole numbers, the same for equal rows only.

    Ranges of the columns must multiply to less than 2^63: four of cubes in a hall do.
    """
    packed = np.zeros(len(rows), np.int64)
    for column in rows.T.astype(np.int64):
        shifted = column - column.min(initial=0)
        packed = packed * (shifted.max(initial=0) + 1) + shifted
    return packed


class Shadows:
    """Maps of all lights of a scene."""

    def __init__(self, lighting: Lighting, bounds: Bounds, holes: Holes) -> None:
        self._lights = lighting.lights
        self._matrices = [light_matrix(light, bounds) for light in self._lights]
        self._holes = holes._replace(perspective=False)
        self._sizes = [light.map_px for light in self._lights]
        self._starts = np.cumsum([0, *(size * size for size in self._sizes)])
        self._tiles = [-(-size // kernels("reuse").TILE) for size in self._sizes]
        self._tile_starts = np.cumsum([0, *(count * count for count in self._tiles)])
        self._empty = np.full(int(self._starts[-1]), _NOTHING, np.float32)

    def keep_empty(self, surface: Surface, numbers: NDArray[np.int64]) -> None:
        """Draw the triangles ``numbers`` of the room, once."""
        self._draw(self._empty, surface, Casters(numbers, surface.faces[numbers]))

    def empty(self) -> Lamps:
        """Lights of the empty room."""
        return self._lamps(self._empty, *self._nothing_changed())

    def with_figures(self, surface: Surface, casters: Casters) -> Lamps:
        """Lights with figures before them."""
        maps = self._empty.copy()
        self._draw(maps, surface, casters)
        nearest, farthest = self._nothing_changed()
        for i, light in enumerate(self._lights):
            texels_per_m = float(np.linalg.norm(self._matrices[i][0, :3]))
            reach = math.ceil(1.5 * light.softness_px + kernels("light").LIFT_M * texels_per_m) + 2
            first, last = self._tile_starts[i], self._tile_starts[i + 1]
            shape = self._tiles[i], self._tiles[i]
            kernels("reuse").changed_tiles(
                self._map(self._empty, i),
                self._map(maps, i),
                reach,
                nearest[first:last].reshape(shape),
                farthest[first:last].reshape(shape),
            )
        return self._lamps(maps, nearest, farthest)

    def _nothing_changed(self) -> tuple[Floats, Floats]:
        count = int(self._tile_starts[-1])
        return np.full(count, _NOTHING, np.float32), np.full(count, -_NOTHING, np.float32)

    def _draw(self, maps: Floats, surface: Surface, casters: Casters) -> None:
        draw = kernels("draw")
        count = len(surface.vertices)
        corners = Corners(np.empty((count, 2), np.int32), np.empty(count, np.float32))
        for i, matrix in enumerate(self._matrices):
            draw.project_to_light(surface.vertices, matrix, corners)
            canvas = Canvas(self._map(maps, i), np.empty((self._sizes[i],) * 2, np.int32))
            draw.draw_to_light(casters.numbers, casters.faces, corners, canvas, self._holes)

    def _map(self, maps: Floats, i: int) -> Floats:
        size = self._sizes[i]
        return maps[self._starts[i] : self._starts[i + 1]].reshape(size, size)

    def _lamps(self, maps: Floats, nearest: Floats, farthest: Floats) -> Lamps:
        lights = self._lights
        towards = [light.towards / np.linalg.norm(light.towards) for light in lights]
        return Lamps(
            np.array(towards, np.float32).reshape(-1, 3),
            np.array([light.colour for light in lights], np.float32).reshape(-1, 3),
            np.array(self._matrices, np.float32).reshape(-1, 3, 4),
            np.array([light.bias_m for light in lights], np.float32),
            np.array([light.softness_px for light in lights], np.float32),
            maps,
            self._starts[:-1].astype(np.int64),
            np.array(self._sizes, np.int64),
            nearest,
            farthest,
            self._tile_starts[:-1].astype(np.int64),
        )
