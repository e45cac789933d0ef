"""Desks, tables and chairs."""

from __future__ import annotations

import numpy as np

from classwatch.simulate.room.chance import stream
from classwatch.simulate.room.look import Chair
from classwatch.simulate.room.mesh import MeshBuilder, Paint, Place, prism, rounded
from classwatch.simulate.room.palette import Palette
from classwatch.simulate.room.plan import Layout
from classwatch.simulate.room.seating import Desk
from classwatch.simulate.scene import Seat

CHAIR_WIDTH_M = 0.38
CHAIR_DEPTH_M = 0.36
LEG_M = 0.013
"""Half the thickness of a leg."""


def build_desks(builder: MeshBuilder, layout: Layout, palette: Palette, seed: int) -> None:
    """All desks and chairs, each a little different in colour from the next."""
    rng = stream(seed, "desks")
    group = layout.desks[0].depth_m > 0.6
    round_corners = bool(rng.random() < 0.4)
    for desk in layout.desks:
        top = varied(rng, palette.desk)
        if group:
            _table(builder, desk, top, palette)
        else:
            _school_desk(builder, layout, desk, (top, palette.desk_frame), round_corners)
    for seat in layout.plan.seats:
        _chair(builder, rng, layout.look.chair, seat, palette)


def varied(rng: np.random.Generator, paint: Paint) -> Paint:
    """The same paint, a little lighter or darker: wood and wear differ."""
    share = float(rng.uniform(0.88, 1.1))
    red, green, blue = paint.tint
    return paint.tinted((red * share, green * share, blue * share))


def desk_place(desk: Desk) -> Place:
    """The frame of a desk on the floor; people at a single desk sit at its -z side."""
    return Place(desk.x_m, 0.0, desk.z_m, desk.yaw)


def _school_desk(
    builder: MeshBuilder, layout: Layout, desk: Desk, paints: tuple[Paint, Paint], rounds: bool
) -> None:
    top, frame = paints
    place = desk_place(desk)
    half_x, half_z, height = desk.width_m / 2, desk.depth_m / 2, desk.height_m
    if rounds:
        builder.add(prism(rounded(half_x, half_z, 0.04), height - 0.022, height), top, place)
    else:
        builder.box((-half_x, height - 0.022, -half_z), (half_x, height, half_z), top, place)
    if layout.look.drawers:
        for x, _ in desk.places:
            wide = layout.sizes.desk_width_m / 2 - 0.035
            low, high = (
                (x - wide, height - 0.15, -half_z + 0.07),
                (x + wide, height - 0.022, half_z - 0.02),
            )
            builder.box(low, high, frame, place, "xXyZ")
    for sx in (-1, 1):
        x = sx * (half_x - 0.045)
        for sz in (-1, 1):
            _leg(builder, frame, place, (x, sz * (half_z - 0.05)), height - 0.02)
        low, high = (x - 0.012, 0.09, -half_z + 0.05), (x + 0.012, 0.115, half_z - 0.05)
        builder.box(low, high, frame, place, "xXyY")
    z = half_z - 0.05
    builder.box(
        (-half_x + 0.045, 0.22, z - 0.01), (half_x - 0.045, 0.245, z + 0.01), frame, place, "yYzZ"
    )


def _table(builder: MeshBuilder, desk: Desk, top: Paint, palette: Palette) -> None:
    """A table of four, as two desks pushed together leave a seam."""
    place = desk_place(desk)
    half_x, half_z, height = desk.width_m / 2, desk.depth_m / 2, desk.height_m
    for sign in (-1, 1):
        z0, z1 = sorted((sign * 0.003, sign * half_z))
        builder.box((-half_x, height - 0.025, z0), (half_x, height, z1), top, place)
    frame = palette.desk_frame
    for sx in (-1, 1):
        for sz in (-1, 1):
            _leg(
                builder, frame, place, (sx * (half_x - 0.05), sz * (half_z - 0.05)), height - 0.025
            )
        low = (sx * (half_x - 0.05) - 0.01, height - 0.07, -half_z + 0.05)
        builder.box(low, (low[0] + 0.02, height - 0.025, half_z - 0.05), frame, place, "xXy")
    for sz in (-1, 1):
        low = (-half_x + 0.05, height - 0.07, sz * (half_z - 0.05) - 0.01)
        builder.box(low, (half_x - 0.05, height - 0.025, low[2] + 0.02), frame, place, "zZy")


def _leg(
    builder: MeshBuilder, paint: Paint, place: Place, at: tuple[float, float], top_m: float
) -> None:
    x, z = at
    builder.box((x - LEG_M, 0, z - LEG_M), (x + LEG_M, top_m, z + LEG_M), paint, place, "xXzZ")


def chair_place(seat: Seat) -> Place:
    """The frame of a chair: somebody on it looks along its +z."""
    return Place(seat.x_m, 0.0, seat.z_m, seat.yaw)


def _chair(
    builder: MeshBuilder, rng: np.random.Generator, kind: Chair, seat: Seat, palette: Palette
) -> None:
    place = chair_place(seat)
    paint, frame = varied(rng, palette.seat), palette.desk_frame
    height = seat.chair_height_m
    half_x, half_z = CHAIR_WIDTH_M / 2, CHAIR_DEPTH_M / 2
    if kind is Chair.PLASTIC:
        builder.add(prism(rounded(half_x, half_z, 0.07), height - 0.03, height), paint, place)
    else:
        builder.box((-half_x, height - 0.025, -half_z), (half_x, height, half_z), paint, place)
    for sx in (-1, 1):
        x = sx * (half_x - 0.03)
        for z in (half_z - 0.03, -half_z + 0.03):
            _leg(builder, frame, place, (x, z), height - 0.02)
        builder.box(
            (x - 0.008, height * 0.35, -half_z + 0.04),
            (x + 0.008, height * 0.35 + 0.018, half_z - 0.04),
            frame,
            place,
            "xXyY",
        )
    if kind is not Chair.STOOL:
        _backrest(builder, kind, place, (paint, frame), height)


def _backrest(
    builder: MeshBuilder, kind: Chair, place: Place, paints: tuple[Paint, Paint], height: float
) -> None:
    paint, frame = paints
    half_x, back = CHAIR_WIDTH_M / 2, -CHAIR_DEPTH_M / 2
    rise = 0.38 * (0.6 + height)
    low_share = 0.3 if kind is Chair.PLASTIC else 0.5
    low, high = height + rise * low_share, height + rise
    builder.box(
        (-half_x + 0.01, low, back - 0.03), (half_x - 0.01, high, back - 0.012), paint, place
    )
    if kind is Chair.WOOD:
        bar = height + rise * 0.22
        builder.box(
            (-half_x + 0.02, bar, back - 0.025),
            (half_x - 0.02, bar + 0.04, back - 0.012),
            paint,
            place,
        )
    for sx in (-1, 1):
        x = sx * (half_x - 0.03)
        builder.box(
            (x - 0.011, height - 0.02, back - 0.012),
            (x + 0.011, high - 0.02, back + 0.01),
            frame,
            place,
            "xXzZ",
        )
