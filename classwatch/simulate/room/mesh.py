"""Building meshes from boxes, sheets and turned shapes, in metres.

Everything is given in the frame of a ``Place`` and is turned and moved into the room when it is
added. Faces are counter-clockwise seen from outside and normals point outwards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classwatch.simulate.room.chance import Colour
from classwatch.simulate.scene import ROOM, Mesh

WHITE: Colour = (1.0, 1.0, 1.0)
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Paint:
    """A material, the linear tint that multiplies it, and the length that one texture covers."""

    material: int
    tint: Colour = WHITE
    texture_m: float = 1.0

    def tinted(self, tint: Colour) -> Paint:
        """The same material in another tint."""
        return Paint(self.material, tint, self.texture_m)


@dataclass(frozen=True, slots=True)
class Place:
    """A frame: local +z looks along (sin yaw, 0, cos yaw), local +x is its left-hand side.

    On a wall whose normal is local +z, local +x is to the right of somebody who looks at the wall.
    """

    x_m: float = 0.0
    y_m: float = 0.0
    z_m: float = 0.0
    yaw: float = 0.0

    def world(self, local: Points) -> Points:
        """Points (n, 3) of this frame in the room."""
        moved: Points = self.turned(local) + np.array([self.x_m, self.y_m, self.z_m])
        return moved

    def turned(self, local: Points) -> Points:
        """Directions (n, 3) of this frame in the room."""
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        x, z = local[:, 0], local[:, 2]
        return np.stack([c * x + s * z, local[:, 1], -s * x + c * z], axis=1)

    def at(self, x_m: float, y_m: float, z_m: float, yaw: float = 0.0) -> Place:
        """A frame given in this one."""
        x, y, z = self.world(np.array([[x_m, y_m, z_m]], float))[0]
        return Place(float(x), float(y), float(z), self.yaw + yaw)


ORIGIN = Place()

# Corner bits of each face of a unit box, counter-clockwise from outside, and its normal.
_FACES: dict[str, tuple[tuple[tuple[int, int, int], ...], tuple[int, int, int]]] = {
    "x": (((0, 0, 0), (0, 0, 1), (0, 1, 1), (0, 1, 0)), (-1, 0, 0)),
    "X": (((1, 0, 1), (1, 0, 0), (1, 1, 0), (1, 1, 1)), (1, 0, 0)),
    "y": (((0, 0, 0), (1, 0, 0), (1, 0, 1), (0, 0, 1)), (0, -1, 0)),
    "Y": (((0, 1, 1), (1, 1, 1), (1, 1, 0), (0, 1, 0)), (0, 1, 0)),
    "z": (((1, 0, 0), (0, 0, 0), (0, 1, 0), (1, 1, 0)), (0, 0, -1)),
    "Z": (((0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)), (0, 0, 1)),
}
# The two triangles of a four-cornered face.
_LOWER, _UPPER = np.array([0, 1, 2]), np.array([0, 2, 3])
ALL_FACES = "xXyYzZ"
SIDES = "xXzZ"
UNIT_UV = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float)


class MeshBuilder:
    """Collects pieces; ``mesh()`` puts them together. All triangles belong to the room."""

    def __init__(self) -> None:
        self._vertices: list[Points] = []
        self._normals: list[Points] = []
        self._uv: list[Points] = []
        self._openness: list[Points] = []
        self._faces: list[NDArray[np.int64]] = []
        self._material: list[NDArray[np.int16]] = []
        self._tint: list[NDArray[np.float32]] = []
        self._count = 0

    def add(self, piece: Piece, paint: Paint, place: Place = ORIGIN) -> None:
        """Puts ``piece`` at ``place``."""
        count, triangles = len(piece.vertices_m), len(piece.faces)
        self._vertices.append(place.world(piece.vertices_m))
        self._normals.append(place.turned(piece.normals))
        self._uv.append(piece.uv)
        self._openness.append(np.broadcast_to(np.asarray(piece.openness, float), (count,)))
        self._faces.append(piece.faces + self._count)
        self._material.append(np.full(triangles, paint.material, np.int16))
        self._tint.append(np.broadcast_to(np.asarray(paint.tint, np.float32), (triangles, 3)))
        self._count += count

    def box(
        self,
        low: Sequence[float],
        high: Sequence[float],
        paint: Paint,
        place: Place = ORIGIN,
        faces: str = ALL_FACES,
    ) -> None:
        """A box between two corners of ``place``; ``faces`` names those drawn (X: at large x)."""
        self.add(box(low, high, paint.texture_m, faces), paint, place)

    def picture(
        self,
        low: tuple[float, float],
        high: tuple[float, float],
        paint: Paint,
        place: Place = ORIGIN,
        step_m: float = 0.7,
    ) -> None:
        """The whole texture on an upright sheet at local z = 0, seen from local +z."""
        (x0, y0), (x1, y1) = low, high
        self.add(
            sheet([(x0, y0, 0), (x1, y0, 0), (x1, y1, 0), (x0, y1, 0)], UNIT_UV, step_m),
            paint,
            place,
        )

    def mesh(self) -> Mesh:
        """Everything added so far."""
        faces = np.concatenate(self._faces).astype(np.int32)
        return Mesh(
            vertices_m=np.concatenate(self._vertices).astype(np.float32),
            normals=np.concatenate(self._normals).astype(np.float32),
            uv=np.concatenate(self._uv).astype(np.float32),
            openness=np.concatenate(self._openness).astype(np.float32),
            faces=faces,
            material=np.concatenate(self._material),
            tint=np.concatenate(self._tint),
            owner=np.full(len(faces), ROOM, np.int16),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A shape in its own frame: vertices, normals (n, 3), uv (n, 2), faces (m, 3), openness."""

    vertices_m: Points
    normals: Points
    uv: Points
    faces: NDArray[np.int64]
    openness: float | Points = 1.0


def box(
    low: Sequence[float], high: Sequence[float], texture_m: float = 1.0, faces: str = ALL_FACES
) -> Piece:
    """A box; its texture keeps its scale, ``texture_m`` metres a repeat."""
    bits = np.array([_FACES[f][0] for f in faces], float)
    corner, size = np.asarray(low, float), np.asarray(high, float) - np.asarray(low, float)
    vertices = (corner + bits * size).reshape(-1, 3)
    normals = np.repeat(np.array([_FACES[f][1] for f in faces], float), 4, axis=0)
    first = np.where(np.abs(normals[:, 0]) > 0, 2, 0)
    second = np.where(np.abs(normals[:, 1]) > 0, 2, 1)
    rows = np.arange(len(vertices))
    uv = np.stack([vertices[rows, first], vertices[rows, second]], axis=1) / texture_m
    # The underside of furniture gets little light from anywhere.
    openness = np.where(normals[:, 1] < 0, 0.55, 1.0)
    start = 4 * np.arange(len(faces))[:, None]
    triangles = np.concatenate([start + _LOWER, start + _UPPER])
    return Piece(vertices, normals, uv, triangles, openness)


def sheet(corners: ArrayLike, uv: ArrayLike, step_m: float = 0.0) -> Piece:
    """A flat four-sided piece, corners counter-clockwise from its front; uv at the corners.

    ``step_m`` > 0 cuts it into cells of about that size, which keeps triangles near a camera
    from being dropped whole.
    """
    a, b, c, d = np.asarray(corners, float)
    across = _cells(max(_length(b - a), _length(c - d)), step_m)
    up = _cells(max(_length(d - a), _length(c - b)), step_m)
    s, t = (
        g.ravel()[:, None]
        for g in np.meshgrid(np.linspace(0, 1, across + 1), np.linspace(0, 1, up + 1))
    )
    weights = np.concatenate([(1 - s) * (1 - t), s * (1 - t), s * t, (1 - s) * t], axis=1)
    vertices = weights @ np.stack([a, b, c, d])
    normal = np.cross(b - a, d - a)
    normals = np.tile(normal / _length(normal), (len(vertices), 1))
    return Piece(vertices, normals, weights @ np.asarray(uv, float), _grid(across, up))


def _grid(across: int, up: int) -> NDArray[np.int64]:
    cell = np.arange(across * up)
    low = cell // across * (across + 1) + cell % across
    first = np.stack([low, low + 1, low + across + 2], axis=1)
    second = np.stack([low, low + across + 2, low + across + 1], axis=1)
    return np.concatenate([first, second])


def prism(outline: ArrayLike, low_m: float, high_m: float, *, smooth: bool = False) -> Piece:
    """An upright prism over ``outline`` (k, 2) of x, z: a convex ring, anticlockwise from above.

    From above x runs to the right and z towards the viewer, so that counter-clockwise is x, then
    -z. ``smooth`` rounds the shading of its sides.
    """
    ring = np.asarray(outline, float)
    count = len(ring)
    after = np.roll(ring, -1, axis=0)
    edge = after - ring
    out = np.stack([-edge[:, 1], edge[:, 0]], axis=1)
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    before = np.roll(out, 1, axis=0)
    at_start, at_end = (out + before, out + np.roll(out, -1, axis=0)) if smooth else (out, out)
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(edge, axis=1))])
    corners = [(ring, low_m, at_start, 0), (after, low_m, at_end, 1)]
    corners += [(after, high_m, at_end, 1), (ring, high_m, at_start, 0)]
    sides = np.stack([_lift(p, y) for p, y, _, _ in corners], axis=1).reshape(-1, 3)
    normals = np.stack([_lift(n, 0.0) for _, _, n, _ in corners], axis=1).reshape(-1, 3)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    along = [np.stack([length[k : k + count], np.full(count, y)], axis=1) for _, y, _, k in corners]
    uv = np.stack(along, axis=1).reshape(-1, 2)
    start = 4 * np.arange(count)[:, None]
    faces = [np.concatenate([start + _LOWER, start + _UPPER])]
    fan = np.stack([np.zeros(count - 2, int), np.arange(1, count - 1), np.arange(2, count)], axis=1)
    faces += [4 * count + fan, 5 * count + fan[:, ::-1]]
    up = np.tile([0.0, 1.0, 0.0], (count, 1))
    return Piece(
        np.concatenate([sides, _lift(ring, high_m), _lift(ring, low_m)]),
        np.concatenate([normals, up, -up]),
        np.concatenate([uv, ring, ring]),
        np.concatenate(faces),
        np.concatenate([np.ones(5 * count), np.full(count, 0.55)]),
    )


def standing(piece: Piece) -> Piece:
    """``piece`` without its underside, for what stands on something and is never lifted."""
    kept = piece.normals[:, 1] > -0.5
    number = np.cumsum(kept) - 1
    faces = number[piece.faces[kept[piece.faces].all(axis=1)]]
    openness = np.broadcast_to(np.asarray(piece.openness, float), kept.shape)[kept]
    return Piece(piece.vertices_m[kept], piece.normals[kept], piece.uv[kept], faces, openness)


def circle(radius_m: float, count: int = 10) -> Points:
    """A ring (count, 2) for ``prism``."""
    angle = np.arange(count) * 2 * np.pi / count
    return np.stack([radius_m * np.cos(angle), -radius_m * np.sin(angle)], axis=1)


def rounded(half_x_m: float, half_z_m: float, radius_m: float) -> Points:
    """A rectangle with rounded corners (12, 2) for ``prism``."""
    ring = []
    for k, (sx, sz) in enumerate(((1, -1), (-1, -1), (-1, 1), (1, 1))):
        for part in (0.0, 0.5, 1.0):
            angle = (k + part) * np.pi / 2
            ring.append(
                (
                    sx * (half_x_m - radius_m) + radius_m * math.cos(angle),
                    sz * (half_z_m - radius_m) - radius_m * math.sin(angle),
                )
            )
    return np.array(ring)


def ball(radius_m: float, across: int = 10) -> Piece:
    """A sphere around the origin."""
    u, v = np.meshgrid(np.linspace(0, 1, across + 1), np.linspace(0, 1, across // 2 + 1))
    across_all, up_all = u.ravel(), v.ravel()
    lon, lat = across_all * 2 * np.pi, (up_all - 0.5) * np.pi
    unit = np.stack([np.cos(lat) * np.cos(lon), np.sin(lat), -np.cos(lat) * np.sin(lon)], axis=1)
    faces = _grid(across, across // 2)
    # Rows at the poles would give triangles without area.
    flat = np.round(unit[faces], 9)
    keep = np.array([len({tuple(p) for p in triangle}) == 3 for triangle in flat.tolist()])
    return Piece(unit * radius_m, unit, np.stack([across_all, up_all], axis=1), faces[keep])


def wave(width_m: float, height_m: float, folds: int, depth_m: float) -> Piece:
    """A curtain from x = 0, y = 0: an upright sheet in ``folds`` folds, seen from +z and behind."""
    across = 6 * folds
    x = np.linspace(0, width_m, across + 1)
    phase = np.linspace(0, 2 * np.pi * folds, across + 1)
    z = depth_m * np.sin(phase)
    slope = depth_m * np.cos(phase) * 2 * np.pi * folds / width_m
    normal = np.stack([-slope, np.zeros_like(x), np.ones_like(x)], axis=1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    rows = [np.stack([x, np.full_like(x, y), z], axis=1) for y in (0.0, height_m)]
    uv = [np.stack([x / 0.6, np.full_like(x, y / 0.6)], axis=1) for y in (0.0, height_m)]
    shadow = 0.75 + 0.25 * np.sin(phase)
    return Piece(
        np.concatenate(rows),
        np.concatenate([normal, normal]),
        np.concatenate(uv),
        _grid(across, 1),
        np.concatenate([shadow, shadow]),
    )


def _lift(flat: Points, y_m: float) -> Points:
    return np.stack([flat[:, 0], np.full(len(flat), y_m), flat[:, 1]], axis=1)


def _cells(length_m: float, step_m: float) -> int:
    return max(1, math.ceil(length_m / step_m)) if step_m > 0 else 1


def _length(vector: Points) -> float:
    return float(np.linalg.norm(vector))
