"""The four walls as frames to hang things on, and openings in them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from classwatch.simulate.room.mesh import MeshBuilder, Paint, Piece, Place, sheet
from classwatch.simulate.scene import Floorplan


@dataclass(frozen=True, slots=True)
class Wall:
    """A wall: local x along it from ``-half_m`` to ``half_m``, y up, z into the room.

    Seen from within the room local +x is to the right.
    """

    place: Place
    half_m: float
    height_m: float


@dataclass(frozen=True, slots=True)
class Walls:
    """All four; ``window`` and ``door`` are the two long sides."""

    front: Wall
    back: Wall
    window: Wall
    door: Wall
    front_sign: int
    """+1 where local +x of the window wall runs to the front wall; the door wall's is opposite."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A hole in a wall, in its local x and y."""

    x0_m: float
    x1_m: float
    y0_m: float
    y1_m: float


@dataclass(frozen=True, slots=True)
class WallPaint:
    """Upper wall, lower wall up to ``dado_m``."""

    upper: Paint
    lower: Paint
    dado_m: float


def walls_of(plan: Floorplan) -> Walls:
    """The walls of ``plan``."""
    half_width, half_depth, height = plan.width_m / 2, plan.depth_m / 2, plan.height_m
    left = Wall(Place(-half_width, 0, half_depth, math.pi / 2), half_depth, height)
    right = Wall(Place(half_width, 0, half_depth, -math.pi / 2), half_depth, height)
    window, door = (right, left) if plan.window_side > 0 else (left, right)
    return Walls(
        front=Wall(Place(0, 0, 0, 0), half_width, height),
        back=Wall(Place(0, 0, plan.depth_m, math.pi), half_width, height),
        window=window,
        door=door,
        front_sign=-plan.window_side,
    )


def raise_wall(
    builder: MeshBuilder, wall: Wall, paint: WallPaint, openings: tuple[Opening, ...] = ()
) -> None:
    """The wall's surface around its openings, which must not overlap along x."""
    x = -wall.half_m
    for hole in sorted(openings, key=lambda o: o.x0_m):
        _strip(builder, wall, paint, (x, hole.x0_m), (0.0, wall.height_m))
        _strip(builder, wall, paint, (hole.x0_m, hole.x1_m), (0.0, hole.y0_m))
        _strip(builder, wall, paint, (hole.x0_m, hole.x1_m), (hole.y1_m, wall.height_m))
        x = hole.x1_m
    _strip(builder, wall, paint, (x, wall.half_m), (0.0, wall.height_m))


def _strip(
    builder: MeshBuilder,
    wall: Wall,
    paint: WallPaint,
    span_x: tuple[float, float],
    span_y: tuple[float, float],
) -> None:
    (x0, x1), (y0, y1) = span_x, span_y
    for low, high, coat in (
        (y0, min(y1, paint.dado_m), paint.lower),
        (max(y0, paint.dado_m), y1, paint.upper),
    ):
        if x1 - x0 < 1e-6 or high - low < 1e-6:
            continue
        corners = [(x0, low, 0), (x1, low, 0), (x1, high, 0), (x0, high, 0)]
        uv = np.array([(x0, low), (x1, low), (x1, high), (x0, high)]) / coat.texture_m
        piece = sheet(corners, uv, 0.45)
        builder.add(_darker_at_edges(piece, wall.height_m), coat, wall.place)


def _darker_at_edges(piece: Piece, height_m: float) -> Piece:
    """Less light gets to the wall near floor and ceiling."""
    y = piece.vertices_m[:, 1]
    edge_m = np.minimum(y + 0.1, height_m - y)
    openness = 1 - 0.2 * np.exp(-edge_m / 0.3)
    return Piece(piece.vertices_m, piece.normals, piece.uv, piece.faces, openness)


def line_opening(
    builder: MeshBuilder, wall: Wall, hole: Opening, paint: Paint, depth_m: float
) -> None:
    """The thickness of the wall around an opening, seen from the room."""
    x0, x1, y0, y1, back = hole.x0_m, hole.x1_m, hole.y0_m, hole.y1_m, -depth_m
    uv = [(0, 0), (depth_m, 0), (depth_m, 1), (0, 1)]
    for corners in (
        [(x0, y0, 0), (x1, y0, 0), (x1, y0, back), (x0, y0, back)],
        [(x0, y1, back), (x1, y1, back), (x1, y1, 0), (x0, y1, 0)],
        [(x0, y0, 0), (x0, y0, back), (x0, y1, back), (x0, y1, 0)],
        [(x1, y0, back), (x1, y0, 0), (x1, y1, 0), (x1, y1, back)],
    ):
        builder.add(sheet(corners, uv, 0.7), paint, wall.place)
