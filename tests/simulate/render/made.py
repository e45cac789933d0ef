"""Small scenes made of squares and boxes, whose pictures can be worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.render.raster import Renderer
from classwatch.simulate.scene import ROOM, Light, Lighting, Material, Materials, Mesh

BOUNDS = ((-4.0, 0.0, 0.0), (4.0, 3.0, 8.0))
_BOX_SIDES = (
    (0, 4, 6, 2),
    (1, 3, 7, 5),
    (0, 1, 5, 4),
    (2, 6, 7, 3),
    (0, 2, 3, 1),
    (4, 5, 7, 6),
)


def quad(corners: Sequence[Sequence[float]], owner: int = ROOM, material: int = 0) -> Mesh:
    """Four corners counter-clockwise as seen from the front; uv from (0, 0) to (1, 1)."""
    points = np.array(corners, np.float32)
    normal = np.cross(points[1] - points[0], points[3] - points[0])
    normal /= np.linalg.norm(normal)
    return Mesh(
        points,
        np.tile(normal, (4, 1)).astype(np.float32),
        np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32),
        np.ones(4, np.float32),
        np.array([(0, 1, 2), (0, 2, 3)], np.int32),
        np.full(2, material, np.int16),
        np.ones((2, 3), np.float32),
        np.full(2, owner, np.int16),
    )


def facing(x: float, y: float, z: float, size: float, owner: int = ROOM, material: int = 0) -> Mesh:
    """A square across the z axis, seen from smaller z, its middle at (x, y, z)."""
    h = size / 2
    corners = [(x + h, y - h, z), (x - h, y - h, z), (x - h, y + h, z), (x + h, y + h, z)]
    return quad(corners, owner, material)


def box_corners(low: Sequence[float], high: Sequence[float]) -> NDArray[np.float64]:
    """The eight corners of a box."""
    return np.array([[(low, high)[(i >> axis) & 1][axis] for axis in range(3)] for i in range(8)])


def box(corners: NDArray[np.float64], owner: int = ROOM, material: int = 0) -> Mesh:
    """A box by its corners in the order of ``box_corners``, turned as they are."""
    return join([quad(corners[list(side)].tolist(), owner, material) for side in _BOX_SIDES])


def join(meshes: Sequence[Mesh]) -> Mesh:
    """Meshes one after the other."""
    first = np.cumsum([0, *(len(m.vertices_m) for m in meshes)])
    faces = [m.faces + offset for m, offset in zip(meshes, first, strict=False)]
    return Mesh(
        np.concatenate([m.vertices_m for m in meshes]),
        np.concatenate([m.normals for m in meshes]),
        np.concatenate([m.uv for m in meshes]),
        np.concatenate([m.openness for m in meshes]),
        np.concatenate(faces).astype(np.int32),
        np.concatenate([m.material for m in meshes]),
        np.concatenate([m.tint for m in meshes]),
        np.concatenate([m.owner for m in meshes]),
    )


def light(towards: Sequence[float], softness_px: float = 0.5) -> Light:
    """A white light of strength 0.5 from a direction."""
    return Light(np.array(towards, float), np.full(3, 0.5), softness_px=softness_px)


def lighting(*lights: Light, ambient: float = 0.1) -> Lighting:
    """Lights with grey ambient light, exposure 1 and a black background."""
    grey = np.full(3, ambient)
    return Lighting(lights or (light((0, 1, 0)),), grey, grey, grey, 1.0, (0.0, 0.0, 0.0))


def materials(*items: Material) -> Materials:
    """Materials, or one that is white and dull."""
    return Materials(list(items) or [Material("white")])


def renderer(mesh: Mesh, *items: Material, keep_views: int = 0) -> Renderer:
    """A renderer of ``mesh`` under one light from above."""
    return Renderer(mesh, materials(*items), lighting(), BOUNDS, keep_views)
