"""What stands and hangs along the side and back walls."""

from __future__ import annotations

import numpy as np

from classwatch.simulate.room.chance import linear, muted, pick, shade, stream
from classwatch.simulate.room.mesh import MeshBuilder, Place, ball, circle, prism
from classwatch.simulate.room.palette import Palette
from classwatch.simulate.room.plan import Layout
from classwatch.simulate.room.shell import Shell
from classwatch.simulate.room.walls import Opening, Wall


def build_fittings(
    builder: MeshBuilder, layout: Layout, shell: Shell, palette: Palette, seed: int
) -> None:
    """Bulletin wall, cupboards, radiators, posters and the things that gather in corners."""
    rng = stream(seed, "fittings")
    _back_wall(builder, rng, layout, shell.walls.back, palette)
    _under_windows(builder, rng, shell, palette)
    _on_window_wall(builder, rng, shell, palette)
    _on_door_wall(builder, rng, shell, palette)
    _corner_things(builder, rng, layout, shell, palette)


def _free_behind_m(layout: Layout) -> float:
    return layout.plan.depth_m - max(s.z_m for s in layout.plan.seats) - 0.45


def _back_wall(
    builder: MeshBuilder, rng: np.random.Generator, layout: Layout, wall: Wall, palette: Palette
) -> None:
    wide = min(2 * wall.half_m - 1.2, float(rng.uniform(3.2, 4.6)))
    low = 1.05
    high = min(wide / 3.2, 1.35, wall.height_m - low - 0.3)
    shift = float(rng.uniform(-0.3, 0.3))
    if rng.random() < 0.85:
        place = wall.place.at(shift, 0, 0.02)
        builder.picture((-wide / 2, low), (wide / 2, low + high), palette.bulletin, place, 0.5)
        rim = palette.wood.tinted(linear((0.6, 0.47, 0.32)))
        for y in (low - 0.04, low + high):
            builder.box((-wide / 2, y, -0.02), (wide / 2, y + 0.04, 0.015), rim, place)
    else:
        for k, x in enumerate(np.linspace(-wide / 2, wide / 2, 5)):
            _poster(builder, wall, palette, k, (float(x), 1.35), 0.62)
    if rng.random() < 0.5:
        _air_conditioner(
            builder, wall.place.at(wall.half_m - 0.75, wall.height_m - 0.55, 0), palette
        )
    if _free_behind_m(layout) < 0.55:
        return
    draw = rng.random()
    if draw < 0.4:
        _bookshelf(builder, rng, wall, palette)
    elif draw < 0.75:
        _lockers(builder, rng, wall, palette)


def _air_conditioner(builder: MeshBuilder, place: Place, palette: Palette) -> None:
    white = palette.gloss.tinted(linear((0.92, 0.92, 0.91)))
    builder.box((-0.42, 0, 0), (0.42, 0.28, 0.2), white, place)
    slot = palette.plain.tinted(linear((0.25, 0.26, 0.27)))
    builder.box((-0.38, 0.02, 0.2), (0.38, 0.06, 0.203), slot, place, "Z")


def _bookshelf(
    builder: MeshBuilder, rng: np.random.Generator, wall: Wall, palette: Palette
) -> None:
    """A low shelf with books standing in it."""
    wood = palette.wood.tinted(linear(shade(rng, (0.45, 0.32, 0.2), (0.85, 0.75, 0.6))))
    wide, deep, rows = float(rng.uniform(1.2, 2.2)), 0.3, 2
    place = wall.place.at(pick(rng, (-1, 1)) * (wall.half_m - wide / 2 - 0.7), 0, 0.01)
    top = 0.36 * rows + 0.05
    for y in [0.03 + 0.36 * k for k in range(rows + 1)]:
        builder.box((-wide / 2, y - 0.02, 0), (wide / 2, y, deep), wood, place)
    for x in (-wide / 2, 0.0, wide / 2 - 0.02):
        builder.box((x, 0, 0), (x + 0.02, top, deep), wood, place)
    for row in range(rows):
        x = -wide / 2 + 0.04
        while x < wide / 2 - 0.1:
            thick, high = float(rng.uniform(0.02, 0.05)), float(rng.uniform(0.2, 0.29))
            if rng.random() < 0.85:
                paint = palette.plain.tinted(linear(muted(rng, 0.9)))
                y = 0.03 + 0.36 * row
                low, upper = (x, y, 0.04), (x + thick, y + high, float(rng.uniform(0.2, 0.26)))
                builder.box(low, upper, paint, place, "xXYZ")
            x += thick + 0.002
    builder.add(
        ball(0.12, 10),
        palette.gloss.tinted(linear((0.25, 0.45, 0.7))),
        place.at(-0.3, top + 0.16, 0.15),
    )
    builder.add(prism(circle(0.07, 8), top - 0.02, top + 0.05), wood, place.at(-0.3, 0, 0.15))


def _lockers(builder: MeshBuilder, rng: np.random.Generator, wall: Wall, palette: Palette) -> None:
    """Lockers or cupboards along most of the wall, with doors of one colour or several."""
    columns = int(rng.integers(5, 10))
    # The corners are left to bin and water.
    wide = min(2 * wall.half_m - 1.4, columns * 0.42)
    cell, rows = wide / columns, int(rng.choice([2, 3]))
    first, second = muted(rng, 0.7), muted(rng, 0.7)
    body = palette.plain.tinted(linear((0.75, 0.76, 0.77)))
    deep, high = 0.38, 0.34 * rows + 0.06
    place = wall.place.at(0, 0, 0.01)
    builder.box((-wide / 2, 0, 0), (wide / 2, high, deep), body, place, "xXYZ")
    for column in range(columns):
        for row in range(rows):
            tone = first if (row + column) % 2 else second
            x, y = -wide / 2 + column * cell, 0.05 + 0.34 * row
            door = palette.gloss.tinted(linear(tone))
            builder.box(
                (x + 0.015, y, deep),
                (x + cell - 0.015, y + 0.31, deep + 0.012),
                door,
                place,
                "xXyYZ",
            )
    for _ in range(int(rng.integers(0, 5))):
        x = float(rng.uniform(-wide / 2 + 0.2, wide / 2 - 0.2))
        carton = palette.plain.tinted(linear(shade(rng, (0.5, 0.38, 0.25), (0.8, 0.68, 0.5))))
        tall = float(rng.uniform(0.12, 0.3))
        builder.box((x - 0.17, high, 0.05), (x + 0.17, high + tall, 0.32), carton, place, "xXYZ")


def _under_windows(
    builder: MeshBuilder, rng: np.random.Generator, shell: Shell, palette: Palette
) -> None:
    """Radiators below the windows and pots on the sills."""
    wall = shell.walls.window
    heated = rng.random() < 0.6
    white = palette.gloss.tinted(linear((0.88, 0.88, 0.86)))
    for hole in shell.windows:
        middle = (hole.x0_m + hole.x1_m) / 2
        if heated:
            ribs = 12
            for k in range(ribs):
                x = middle + (k - ribs / 2) * 0.075
                builder.box((x, 0.14, 0.03), (x + 0.055, 0.68, 0.11), white, wall.place, "xXYZ")
            for y in (0.2, 0.6):
                low, high = (middle - 0.5, y, 0.06), (middle + 0.5, y + 0.03, 0.08)
                builder.box(low, high, white, wall.place, "yYZ")
        if rng.random() < 0.35:
            x = float(rng.uniform(hole.x0_m + 0.2, hole.x1_m - 0.2))
            _pot(builder, rng, wall.place.at(x, hole.y0_m, -0.02), palette)


def _pot(builder: MeshBuilder, rng: np.random.Generator, place: Place, palette: Palette) -> None:
    clay = palette.plain.tinted(linear(shade(rng, (0.45, 0.25, 0.18), (0.85, 0.8, 0.75))))
    builder.add(prism(circle(0.06, 8), 0.0, 0.11, smooth=True), clay, place)
    for _ in range(4):
        x, z = rng.uniform(-0.05, 0.05, 2)
        leaf = palette.plain.tinted(linear(shade(rng, (0.12, 0.3, 0.1), (0.35, 0.55, 0.25))))
        at = place.at(float(x), 0.11 + float(rng.uniform(0.03, 0.12)), float(z))
        builder.add(ball(float(rng.uniform(0.04, 0.075)), 6), leaf, at)


def _gaps(wall: Wall, holes: tuple[Opening, ...]) -> list[tuple[float, float]]:
    """Free stretches of a wall between its openings, as local x from and to."""
    stops = [
        -wall.half_m,
        *(x for o in sorted(holes, key=lambda o: o.x0_m) for x in (o.x0_m, o.x1_m)),
    ]
    stops.append(wall.half_m)
    return [(a, b) for a, b in zip(stops[::2], stops[1::2], strict=False)]


def _on_window_wall(
    builder: MeshBuilder, rng: np.random.Generator, shell: Shell, palette: Palette
) -> None:
    """Columns of the building between the windows, or nothing."""
    wall = shell.walls.window
    columns = rng.random() < 0.45
    for start, end in _gaps(wall, shell.windows)[1:-1]:
        middle, half = (start + end) / 2, min(0.2, (end - start) / 2 - 0.03)
        if columns and half > 0.08:
            low, high = (middle - half, 0, 0), (middle + half, wall.height_m, 0.16)
            builder.box(low, high, palette.wall, wall.place, "xXZ")


def _on_door_wall(
    builder: MeshBuilder, rng: np.random.Generator, shell: Shell, palette: Palette
) -> None:
    """Posters and notices where there are neither doors nor windows; switches by the doors."""
    wall = shell.walls.door
    number = 0
    for start, end in _gaps(wall, (*shell.doors, *shell.corridor)):
        x = start + 0.45
        while x < end - 0.45:
            if rng.random() < 0.7:
                size = float(rng.uniform(0.5, 0.85))
                _poster(
                    builder,
                    wall,
                    palette,
                    number,
                    (x, float(rng.uniform(1.25, 1.5))),
                    min(size, end - x),
                )
                number += 1
            x += float(rng.uniform(0.95, 1.7))
    plate = palette.gloss.tinted(linear((0.93, 0.93, 0.92)))
    for door in shell.doors:
        x = door.x1_m + 0.16 if door.x1_m + 0.3 < wall.half_m else door.x0_m - 0.16
        builder.box((x - 0.045, 1.3, 0), (x + 0.045, 1.39, 0.012), plate, wall.place, "xXyYZ")


def _poster(
    builder: MeshBuilder,
    wall: Wall,
    palette: Palette,
    number: int,
    at: tuple[float, float],
    size_m: float,
) -> None:
    x, y = at
    paint = palette.posters[number % len(palette.posters)]
    place = wall.place.at(x, y, 0.012)
    builder.picture((-size_m / 2, 0), (size_m / 2, size_m), paint, place)


def _corner_things(
    builder: MeshBuilder,
    rng: np.random.Generator,
    layout: Layout,
    shell: Shell,
    palette: Palette,
) -> None:
    """Bin, brooms, water dispenser, extinguisher."""
    back, door = shell.walls.back, shell.walls.door
    side = 1 if layout.plan.window_side > 0 else -1
    corner = back.place.at(side * (back.half_m - 0.35), 0, 0.3)
    if rng.random() < 0.8:
        paint = palette.gloss.tinted(linear(muted(rng, 0.9)))
        builder.add(prism(circle(0.15, 10), 0.0, 0.38, smooth=True), paint, corner)
        stick = palette.wood.tinted(linear((0.7, 0.55, 0.35)))
        for k in range(int(rng.integers(1, 4))):
            at = corner.at(side * 0.2, 0, -0.2 + 0.12 * k)
            builder.box((-0.012, 0.1, -0.012), (0.012, 1.25, 0.012), stick, at, "xXzZ")
            brush = palette.plain.tinted(linear(muted(rng, 0.8)))
            builder.box((-0.12, 0, -0.03), (0.12, 0.12, 0.03), brush, at, "xXYzZ")
    if rng.random() < 0.5:
        _water(builder, back.place.at(-side * (back.half_m - 0.3), 0, 0.25), palette)
    if rng.random() < 0.6:
        end = door.half_m - 0.2
        red = palette.gloss.tinted(linear((0.75, 0.1, 0.08)))
        at = door.place.at(shell.walls.front_sign * end, 0.05, 0.12)
        builder.add(prism(circle(0.07, 10), 0.0, 0.45, smooth=True), red, at)


def _water(builder: MeshBuilder, place: Place, palette: Palette) -> None:
    white = palette.gloss.tinted(linear((0.9, 0.91, 0.92)))
    builder.box((-0.15, 0, -0.15), (0.15, 0.95, 0.15), white, place)
    grey = palette.plain.tinted(linear((0.35, 0.36, 0.38)))
    builder.box((-0.1, 0.62, 0.15), (0.1, 0.85, 0.153), grey, place, "Z")
    blue = palette.gloss.tinted(linear((0.55, 0.72, 0.86)))
    builder.add(prism(circle(0.13, 12), 0.97, 1.3, smooth=True), blue, place)
