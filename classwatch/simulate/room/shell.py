"""Floor, walls with windows and doors, ceiling with lamps and fans."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from classwatch.simulate.room.chance import linear, stream
from classwatch.simulate.room.lighting import Levels
from classwatch.simulate.room.look import Ceiling
from classwatch.simulate.room.mesh import (
    MeshBuilder,
    Piece,
    Place,
    circle,
    prism,
    sheet,
    wave,
)
from classwatch.simulate.room.palette import Palette
from classwatch.simulate.room.plan import Layout
from classwatch.simulate.room.walls import (
    Opening,
    Wall,
    WallPaint,
    Walls,
    line_opening,
    raise_wall,
    walls_of,
)

WALL_M = 0.2
DOOR_WIDTH_M = 0.95
DOOR_HEIGHT_M = 2.1


@dataclass(frozen=True, slots=True)
class Shell:
    """What later furniture has to keep clear of: openings in local x of their walls."""

    walls: Walls
    windows: tuple[Opening, ...]
    doors: tuple[Opening, ...]
    corridor: tuple[Opening, ...]


def build_shell(
    builder: MeshBuilder, layout: Layout, palette: Palette, levels: Levels, seed: int
) -> Shell:
    """Everything that the room is made of before anything is put into it."""
    rng = stream(seed, "shell")
    walls = walls_of(layout.plan)
    windows = _windows(rng, walls, layout)
    doors, corridor = _doors(rng, walls, layout)
    shell = Shell(walls, windows, doors, corridor)
    _floor(builder, layout, palette)
    paint = WallPaint(
        palette.wall,
        palette.dado,
        float(rng.uniform(1.0, 1.25)) if layout.look.dado != layout.look.wall else 0.0,
    )
    lit = WallPaint(palette.window_wall, palette.window_dado, paint.dado_m)
    raise_wall(builder, walls.front, paint)
    raise_wall(builder, walls.back, paint)
    raise_wall(builder, walls.window, lit, windows)
    raise_wall(builder, walls.door, paint, (*doors, *corridor))
    for hole in windows:
        _window(builder, walls.window, hole, palette, 2)
    for hole in corridor:
        _window(builder, walls.door, hole, palette, 2)
    for hole in doors:
        _door(builder, walls.door, hole, palette)
    _curtains(builder, rng, shell, palette, levels)
    _backdrops(builder, walls, palette, bool(corridor))
    _skirting(builder, shell, palette)
    _ceiling(builder, rng, layout, palette)
    return shell


def _windows(rng: np.random.Generator, walls: Walls, layout: Layout) -> tuple[Opening, ...]:
    wall = walls.window
    count = max(2, round(2 * wall.half_m / float(rng.uniform(2.1, 2.9))))
    sill, head = (
        float(rng.uniform(0.85, 1.0)),
        layout.plan.height_m - float(rng.uniform(0.45, 0.75)),
    )
    edges = np.linspace(-wall.half_m + 0.45, wall.half_m - 0.45, count + 1)
    gap = float(rng.uniform(0.12, 0.3))
    return tuple(
        Opening(float(a) + gap, float(b) - gap, sill, head) for a, b in itertools.pairwise(edges)
    )


def _doors(
    rng: np.random.Generator, walls: Walls, layout: Layout
) -> tuple[tuple[Opening, ...], tuple[Opening, ...]]:
    """Doors at the front and perhaps the back, and windows to the corridor between them."""
    wall, to_front = walls.door, -walls.front_sign
    front_m = wall.half_m - float(rng.uniform(0.5, 0.8))
    ends = [front_m]
    if layout.look.chinese and layout.plan.depth_m > 6.5:
        ends.append(-wall.half_m + float(rng.uniform(1.25, 1.5)))
    doors = []
    for end in ends:
        low, high = sorted((to_front * end, to_front * (end - DOOR_WIDTH_M)))
        doors.append(Opening(low, high, 0.0, DOOR_HEIGHT_M))
    if not (layout.look.chinese and rng.random() < 0.6):
        return tuple(doors), ()
    free = sorted((d.x0_m, d.x1_m) for d in doors)
    start = free[0][1] + 0.5 if len(free) == 2 else -wall.half_m + 0.5
    stop = free[-1][0] - 0.5 if len(free) == 2 else wall.half_m - 0.5
    if len(free) == 1:
        start, stop = (start, free[0][0] - 0.4) if to_front > 0 else (free[0][1] + 0.4, stop)
    count = max(1, int((stop - start) / 2.2))
    edges = np.linspace(start, stop, count + 1)
    sill = float(rng.choice([1.05, 1.7]))
    holes = [
        Opening(float(a) + 0.2, float(b) - 0.2, sill, 2.45) for a, b in itertools.pairwise(edges)
    ]
    return tuple(doors), tuple(holes)


def _floor(builder: MeshBuilder, layout: Layout, palette: Palette) -> None:
    half, depth = layout.plan.width_m / 2, layout.plan.depth_m
    corners = [(-half, 0, depth), (half, 0, depth), (half, 0, 0), (-half, 0, 0)]
    repeat = palette.floor.texture_m
    uv = np.array([(-half, -depth), (half, -depth), (half, 0), (-half, 0)]) / repeat
    step_m = 0.3 if layout.plan.width_m * depth < 110 else 0.45
    piece = sheet(corners, uv, step_m)
    x, z = piece.vertices_m[:, 0], piece.vertices_m[:, 2]
    wall_m = np.minimum(np.minimum(x + half, half - x), np.minimum(z, depth - z))
    openness = 1 - 0.22 * np.exp(-wall_m / 0.25)
    # Under desks it is darker.
    for desk in layout.desks:
        away = np.hypot(x - desk.x_m, z - desk.z_m)
        openness *= 1 - 0.3 * np.exp(-((away / (0.35 + desk.width_m / 4)) ** 2))
    builder.add(
        Piece(piece.vertices_m, piece.normals, piece.uv, piece.faces, openness), palette.floor
    )


def _window(builder: MeshBuilder, wall: Wall, hole: Opening, palette: Palette, panes: int) -> None:
    """The reveal, a sill and a frame with its bars."""
    line_opening(builder, wall, hole, palette.plain.tinted(palette.wall.tint), WALL_M)
    frame, back = palette.window_frame, -WALL_M + 0.03
    bars = np.linspace(hole.x0_m, hole.x1_m, 2 * panes + 1)
    for k, x in enumerate(bars):
        half = 0.035 if k % 2 == 0 else 0.022
        x_in = min(max(float(x), hole.x0_m + half), hole.x1_m - half)
        low, high = (x_in - half, hole.y0_m, back), (x_in + half, hole.y1_m, back + 0.06)
        builder.box(low, high, frame, wall.place, "xXZ")
    transom = hole.y0_m + 0.68 * (hole.y1_m - hole.y0_m)
    for y, half in ((hole.y0_m + 0.03, 0.03), (transom, 0.025), (hole.y1_m - 0.03, 0.03)):
        low, high = (hole.x0_m, y - half, back), (hole.x1_m, y + half, back + 0.055)
        builder.box(low, high, frame, wall.place, "yYZ")
    low, high = (hole.x0_m - 0.05, hole.y0_m - 0.04, -0.1), (hole.x1_m + 0.05, hole.y0_m, 0.06)
    builder.box(low, high, palette.plain.tinted(linear((0.85, 0.85, 0.83))), wall.place)


def _door(builder: MeshBuilder, wall: Wall, hole: Opening, palette: Palette) -> None:
    leaf = palette.door
    line_opening(builder, wall, hole, leaf, 0.1)
    back = -0.08
    low, high = (hole.x0_m, 0.0, back - 0.03), (hole.x1_m, hole.y1_m, back)
    builder.box(low, high, leaf, wall.place, "Z")
    middle = (hole.x0_m + hole.x1_m) / 2
    glass = palette.glass
    builder.picture(
        (middle - 0.1, 1.35), (middle + 0.1, 1.8), glass, wall.place.at(0, 0, back + 0.004)
    )
    panel = leaf.tinted(tuple_scaled(leaf.tint, 0.75))
    for y0, y1 in ((0.15, 0.95), (1.05, 1.25)):
        builder.box(
            (hole.x0_m + 0.12, y0, back),
            (hole.x1_m - 0.12, y1, back + 0.008),
            panel,
            wall.place,
            "xXyYZ",
        )
    knob = palette.metal
    builder.box(
        (hole.x1_m - 0.14, 1.0, back), (hole.x1_m - 0.06, 1.04, back + 0.06), knob, wall.place
    )
    for x in (hole.x0_m - 0.07, hole.x1_m):
        builder.box((x, 0, 0), (x + 0.07, hole.y1_m + 0.07, 0.02), leaf, wall.place, "xXYZ")
    builder.box(
        (hole.x0_m, hole.y1_m, 0), (hole.x1_m, hole.y1_m + 0.07, 0.02), leaf, wall.place, "yYZ"
    )


def tuple_scaled(tint: tuple[float, float, float], share: float) -> tuple[float, float, float]:
    """A tint made darker (share under 1) or lighter."""
    red, green, blue = tint
    return red * share, green * share, blue * share


def _curtains(
    builder: MeshBuilder, rng: np.random.Generator, shell: Shell, palette: Palette, levels: Levels
) -> None:
    """Gathered at the sides of the windows, or closed where the screen has to be seen."""
    if not levels.curtains_drawn and rng.random() < 0.3:
        return
    wall = shell.walls.window
    top = min(wall.height_m - 0.12, shell.windows[0].y1_m + 0.12)
    low = float(rng.choice([0.25, shell.windows[0].y0_m - 0.15]))
    for hole in shell.windows:
        wide = hole.x1_m - hole.x0_m
        share = 0.53 if levels.curtains_drawn else float(rng.uniform(0.1, 0.3))
        folds = max(3, round(share * wide / 0.11))
        for x in (hole.x0_m - 0.06, hole.x1_m + 0.06 - share * wide):
            piece = wave(share * wide, top - low, folds, 0.035)
            builder.add(piece, palette.curtain, wall.place.at(x, low, 0.12))
    builder.box(
        (-wall.half_m + 0.2, top, 0.09),
        (wall.half_m - 0.2, top + 0.03, 0.13),
        palette.metal,
        wall.place,
    )


def _backdrops(builder: MeshBuilder, walls: Walls, palette: Palette, corridor: bool) -> None:
    """The world outside, some metres behind the windows so that it moves against their bars."""
    half = walls.window.half_m + 7
    sky = sheet(
        [(-half, -2.4, -5), (half, -2.4, -5), (half, 6.6, -5), (-half, 6.6, -5)],
        [(0, 0), (2, 0), (2, 1), (0, 1)],
        3.0,
    )
    builder.add(sky, palette.outside, walls.window.place)
    if corridor:
        builder.picture(
            (-half, -0.2), (half, 3.6), palette.corridor, walls.door.place.at(0, 0, -2.2), 2.0
        )


def _skirting(builder: MeshBuilder, shell: Shell, palette: Palette) -> None:
    walls = shell.walls
    for wall in (walls.back, walls.window):
        low, high = (-wall.half_m, 0, 0), (wall.half_m, 0.1, 0.012)
        builder.box(low, high, palette.skirting, wall.place, "YZ")


def _ceiling(
    builder: MeshBuilder, rng: np.random.Generator, layout: Layout, palette: Palette
) -> None:
    plan = layout.plan
    half, depth, top = plan.width_m / 2, plan.depth_m, plan.height_m
    corners = [(-half, top, 0), (half, top, 0), (half, top, depth), (-half, top, depth)]
    uv = (
        np.array([(-half, 0), (half, 0), (half, depth), (-half, depth)]) / palette.ceiling.texture_m
    )
    builder.add(sheet(corners, uv, 0.6), palette.ceiling)
    across = max(2, round(plan.width_m / float(rng.uniform(2.4, 3.2))))
    along = max(2, round(plan.depth_m / float(rng.uniform(2.3, 3.0))))
    grid = layout.look.ceiling is Ceiling.GRID
    hang = float(rng.uniform(0.12, 0.35))
    for i in range(across):
        for k in range(along):
            x = -half + plan.width_m * (i + 0.5) / across
            z = 0.7 + (depth - 1.1) * (k + 0.5) / along
            if grid:
                _panel(builder, palette, (_snap(x), top, _snap(z)))
            else:
                _tube(builder, palette, Place(x, top, z), hang)
    if not grid:
        _beams(builder, rng, layout, palette, along)
        for x in (-0.9, 0.9):
            _tube(builder, palette, Place(x, top, 0.75, math.pi / 2), hang)
    if layout.look.fans:
        for i in range(across - 1):
            for k in range(max(1, along - 1)):
                x = -half + plan.width_m * (i + 1) / across
                z = 0.7 + (depth - 1.1) * (k + 1) / along
                _fan(builder, palette, Place(x, top, z, float(rng.uniform(0, 2))))
    if rng.random() < 0.5:
        _smoke_detectors(builder, palette, layout)


def _snap(value_m: float) -> float:
    return round(value_m / 0.6) * 0.6 + 0.3


def _panel(builder: MeshBuilder, palette: Palette, at: tuple[float, float, float]) -> None:
    x, y, z = at
    builder.box(
        (x - 0.3, y - 0.012, z - 0.3), (x + 0.3, y, z + 0.3), palette.fixture, faces="xXyzZ"
    )
    corners = [(x - 0.27, y - 0.014, z - 0.27), (x + 0.27, y - 0.014, z - 0.27)]
    corners += [(x + 0.27, y - 0.014, z + 0.27), (x - 0.27, y - 0.014, z + 0.27)]
    builder.add(sheet(corners, [(0, 0), (1, 0), (1, 1), (0, 1)]), palette.lamp)


def _tube(builder: MeshBuilder, palette: Palette, place: Place, hang_m: float) -> None:
    """A fluorescent lamp with its reflector, hung from two rods."""
    y = -hang_m
    white = palette.fixture.tinted(linear((0.9, 0.9, 0.89)))
    builder.box((-0.09, y, -0.62), (0.09, y + 0.035, 0.62), white, place, "xXYzZ")
    builder.box((-0.085, y - 0.02, -0.6), (0.085, y, 0.6), palette.lamp, place, "xXyzZ")
    for z in (-0.4, 0.4):
        builder.box(
            (-0.006, y + 0.03, z - 0.006), (0.006, 0, z + 0.006), palette.fixture, place, "xXzZ"
        )


def _beams(
    builder: MeshBuilder, rng: np.random.Generator, layout: Layout, palette: Palette, along: int
) -> None:
    if rng.random() < 0.5:
        return
    plan = layout.plan
    for k in range(1, along):
        z = 0.7 + (plan.depth_m - 1.1) * k / along
        low = (-plan.width_m / 2, plan.height_m - 0.28, z - 0.14)
        builder.box(low, (plan.width_m / 2, plan.height_m, z + 0.14), palette.ceiling, faces="yzZ")


def _fan(builder: MeshBuilder, palette: Palette, place: Place) -> None:
    white = palette.fixture.tinted(linear((0.88, 0.89, 0.88)))
    builder.add(prism(circle(0.012, 6), -0.3, 0.0), white, place)
    builder.add(prism(circle(0.1, 12), -0.4, -0.29, smooth=True), white, place)
    for k in range(3):
        blade = place.at(0, 0, 0, k * 2 * math.pi / 3)
        builder.box((-0.06, -0.36, 0.08), (0.06, -0.35, 0.6), white, blade)


def _smoke_detectors(builder: MeshBuilder, palette: Palette, layout: Layout) -> None:
    white = palette.fixture.tinted(linear((0.92, 0.92, 0.9)))
    for share in (0.3, 0.75):
        at = Place(0.4, layout.plan.height_m, layout.plan.depth_m * share)
        builder.add(prism(circle(0.06, 10), -0.045, 0.0), white, at)
