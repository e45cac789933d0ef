"""The front of the room: platform, board, screen, projector, podium, flag and slogan."""

from __future__ import annotations

import math

import numpy as np

from classwatch.simulate.room.chance import linear, pick, shade, stream
from classwatch.simulate.room.look import Board, Screen
from classwatch.simulate.room.mesh import MeshBuilder, Paint, Place, circle, prism, sheet
from classwatch.simulate.room.palette import Palette
from classwatch.simulate.room.plan import (
    PODIUM_DEPTH_M,
    PODIUM_WIDTH_M,
    SCREEN_ASPECT,
    Layout,
    screen_width_m,
)
from classwatch.simulate.scene import Floorplan

BOARD_Z_M = 0.05
"""How far the writing surface stands out from the front wall."""


def build_front(builder: MeshBuilder, layout: Layout, palette: Palette, seed: int) -> None:
    """Everything that stands or hangs at the front wall."""
    rng = stream(seed, "front")
    plan = layout.plan
    if plan.platform_height_m:
        _platform(builder, rng, plan, palette)
    _board(builder, rng, layout, palette)
    _screen(builder, layout, palette)
    _podium(builder, rng, plan, palette)
    _above_board(builder, rng, layout, palette)
    _loudspeakers(builder, rng, plan, palette)
    _corner(builder, rng, plan, palette)


def _platform(
    builder: MeshBuilder, rng: np.random.Generator, plan: Floorplan, palette: Palette
) -> None:
    wide = plan.board_left_m - plan.board_right_m + 0.9
    middle = (plan.board_left_m + plan.board_right_m) / 2
    half = min(wide / 2, plan.width_m / 2 - abs(middle))
    top, depth = plan.platform_height_m, plan.platform_depth_m
    paint = pick(
        rng,
        (
            palette.wood.tinted(linear((0.5, 0.36, 0.24))),
            palette.floor,
            palette.plain.tinted(linear((0.42, 0.42, 0.43))),
        ),
    )
    x0, x1 = middle - half, middle + half
    corners = [(x0, top, depth), (x1, top, depth), (x1, top, 0), (x0, top, 0)]
    uv = np.array([(x0, -depth), (x1, -depth), (x1, 0), (x0, 0)]) / paint.texture_m
    builder.add(sheet(corners, uv, 0.45), paint)
    builder.box((x0, 0, 0), (x1, top, depth), paint, faces="xXZ")
    edge = palette.metal.tinted(linear((0.45, 0.42, 0.35)))
    builder.box((x0, top - 0.02, depth), (x1, top + 0.003, depth + 0.012), edge, faces="YZ")


def _board(
    builder: MeshBuilder, rng: np.random.Generator, layout: Layout, palette: Palette
) -> None:
    plan, look = layout.plan, layout.look
    x0, x1 = plan.board_right_m, plan.board_left_m
    y0, y1 = plan.board_bottom_m, plan.board_top_m
    builder.picture((x0, y0), (x1, y1), palette.board, Place(0, 0, BOARD_Z_M), 0.5)
    frame = palette.wood.tinted(linear((0.55, 0.4, 0.26)))
    if look.board is Board.WHITE or rng.random() < 0.7:
        frame = palette.metal.tinted(linear((0.72, 0.73, 0.75)))
    for low, high in (
        ((x0 - 0.05, y0 - 0.05, 0), (x1 + 0.05, y0, 0.07)),
        ((x0 - 0.05, y1, 0), (x1 + 0.05, y1 + 0.05, 0.07)),
        ((x0 - 0.05, y0, 0), (x0, y1, 0.07)),
        ((x1, y0, 0), (x1 + 0.05, y1, 0.07)),
    ):
        builder.box(low, high, frame)
    if look.screen is Screen.PANEL:
        for x in (x0 + (x1 - x0) * 0.25, x0 + (x1 - x0) * 0.75):
            builder.box(
                (x - 0.012, y0, BOARD_Z_M), (x + 0.012, y1, BOARD_Z_M + 0.012), frame, faces="xXZ"
            )
    builder.box((x0, y0 - 0.05, 0.07), (x1, y0 - 0.035, 0.15), frame)
    _chalk(builder, rng, plan, palette)


def _chalk(
    builder: MeshBuilder, rng: np.random.Generator, plan: Floorplan, palette: Palette
) -> None:
    """Erasers and chalk or pens on the tray."""
    y = plan.board_bottom_m - 0.035
    for _ in range(int(rng.integers(3, 9))):
        x = float(rng.uniform(plan.board_right_m + 0.1, plan.board_left_m - 0.2))
        if rng.random() < 0.35:
            felt = palette.plain.tinted(linear(shade(rng, (0.15, 0.15, 0.2), (0.55, 0.4, 0.3))))
            builder.box((x, y, 0.085), (x + 0.13, y + 0.04, 0.135), felt)
        else:
            stick = palette.plain.tinted(
                linear(pick(rng, ((0.95, 0.95, 0.93), (0.95, 0.85, 0.5), (0.2, 0.3, 0.7))))
            )
            builder.box((x, y, 0.1), (x + 0.07, y + 0.012, 0.112), stick)


def _screen(builder: MeshBuilder, layout: Layout, palette: Palette) -> None:
    plan, screen = layout.plan, layout.look.screen
    if screen is Screen.NONE:
        return
    middle = (plan.board_left_m + plan.board_right_m) / 2
    if screen is Screen.PULLED:
        _pulled_screen(builder, layout, middle, palette)
        _projector(builder, plan, middle, palette)
        return
    wide = screen_width_m(layout)
    high = wide / SCREEN_ASPECT
    y = (plan.board_bottom_m + plan.board_top_m) / 2
    if screen is Screen.SIDE:
        # At the end that is written on last: beside the board, or over it where there is no wall.
        end = plan.board_left_m
        beside = plan.width_m / 2 - end - 0.2 > wide
        middle = end + wide / 2 + 0.1 if beside else end - wide / 2
        # Not over what hangs above the board.
        y = plan.board_top_m - high / 2
    place = Place(middle, y, 0.0)
    bezel = palette.gloss.tinted(linear((0.07, 0.07, 0.08)))
    rim = 0.035
    builder.box(
        (-wide / 2 - rim, -high / 2 - rim, 0.02),
        (wide / 2 + rim, high / 2 + rim, 0.115),
        bezel,
        place,
    )
    builder.picture(
        (-wide / 2, -high / 2), (wide / 2, high / 2), palette.screen, place.at(0, 0, 0.118), 0.5
    )


def _pulled_screen(builder: MeshBuilder, layout: Layout, middle: float, palette: Palette) -> None:
    plan, wide = layout.plan, screen_width_m(layout)
    high = wide / SCREEN_ASPECT
    top = min(plan.board_top_m + 0.3, plan.height_m - 0.2)
    place = Place(middle, top, 0.13)
    white = palette.plain.tinted(linear((0.86, 0.87, 0.87)))
    builder.box((-wide / 2 - 0.12, 0, -0.06), (wide / 2 + 0.12, 0.1, 0.05), white, place)
    black = palette.plain.tinted(linear((0.06, 0.06, 0.06)))
    builder.box(
        (-wide / 2 - 0.06, -high - 0.14, -0.006), (wide / 2 + 0.06, 0, 0.0), black, place, "Zz"
    )
    builder.picture(
        (-wide / 2, -high - 0.08), (wide / 2, -0.08), palette.screen, place.at(0, 0, 0.004), 0.5
    )
    builder.box(
        (-wide / 2 - 0.07, -high - 0.17, -0.02),
        (wide / 2 + 0.07, -high - 0.14, 0.015),
        white,
        place,
    )


def _projector(builder: MeshBuilder, plan: Floorplan, middle: float, palette: Palette) -> None:
    place = Place(middle, plan.height_m, min(2.9, plan.depth_m * 0.4))
    white = palette.fixture.tinted(linear((0.85, 0.86, 0.87)))
    builder.box(
        (-0.02, -0.35, -0.02),
        (0.02, 0, 0.02),
        palette.fixture.tinted(palette.metal.tint),
        place,
        "xXzZ",
    )
    builder.box((-0.18, -0.47, -0.14), (0.18, -0.35, 0.14), white, place)
    lens = palette.fixture.tinted(linear((0.05, 0.05, 0.07)))
    builder.box((0.03, -0.445, -0.155), (0.13, -0.375, -0.14), lens, place)


def _podium(
    builder: MeshBuilder, rng: np.random.Generator, plan: Floorplan, palette: Palette
) -> None:
    """A lectern with a computer; the teacher stands on its side towards the board."""
    base = plan.platform_height_m if plan.podium_z_m < plan.platform_depth_m else 0.0
    place = Place(plan.podium_x_m, base, plan.podium_z_m)
    steel = rng.random() < 0.55
    body = palette.gloss.tinted(linear(shade(rng, (0.7, 0.71, 0.72), (0.85, 0.86, 0.87))))
    if not steel:
        body = palette.wood.tinted(linear(shade(rng, (0.38, 0.25, 0.15), (0.72, 0.56, 0.38))))
    half, deep, top = PODIUM_WIDTH_M / 2, PODIUM_DEPTH_M / 2, plan.podium_height_m
    wood = palette.wood.tinted(linear(shade(rng, (0.5, 0.34, 0.2), (0.78, 0.62, 0.44))))
    builder.box(
        (-half + 0.06, 0.0, -deep + 0.05),
        (half - 0.06, 0.08, deep - 0.03),
        body.tinted(linear((0.2, 0.2, 0.2))),
        place,
        "xXzZ",
    )
    builder.box((-half + 0.03, 0.08, -deep + 0.03), (half - 0.03, top - 0.04, deep), body, place)
    builder.box((-half, top - 0.04, -deep), (half, top, deep + 0.02), wood, place)
    seam = body.tinted((0.25, 0.25, 0.25))
    builder.box((-0.004, 0.1, deep), (0.004, top - 0.1, deep + 0.003), seam, place, "Z")
    dark = palette.gloss.tinted(linear((0.08, 0.08, 0.09)))
    tilt = float(rng.uniform(-0.3, 0.3))
    monitor = place.at(float(rng.uniform(-0.25, 0.25)), top, 0.08, tilt)
    builder.box((-0.1, 0, -0.08), (0.1, 0.012, 0.08), dark, monitor, "xXYzZ")
    builder.box((-0.02, 0.012, -0.01), (0.02, 0.1, 0.01), dark, monitor, "xXzZ")
    builder.box((-0.26, 0.07, -0.015), (0.26, 0.37, 0.015), dark, monitor)
    glow = palette.screen
    builder.picture((-0.245, 0.085), (0.245, 0.355), glow, monitor.at(0, 0, -0.017, math.pi))
    builder.box((-0.2, top, -0.22), (0.2, top + 0.018, -0.1), dark, place, "xXYzZ")
    _papers(builder, rng, place.at(0.0, top, 0.0), palette)


def _papers(builder: MeshBuilder, rng: np.random.Generator, place: Place, palette: Palette) -> None:
    for side in (-1, 1):
        stack = place.at(
            side * 0.37, 0, float(rng.uniform(-0.12, 0.08)), float(rng.uniform(-0.3, 0.3))
        )
        high = float(rng.uniform(0.01, 0.14))
        paint = palette.plain.tinted(linear(shade(rng, (0.5, 0.5, 0.55), (0.95, 0.94, 0.9))))
        builder.box((-0.075, 0, -0.1), (0.075, high, 0.1), paint, stack, "xXYzZ")


def _above_board(
    builder: MeshBuilder, rng: np.random.Generator, layout: Layout, palette: Palette
) -> None:
    plan, look = layout.plan, layout.look
    top = plan.board_top_m + (0.42 if look.screen is Screen.PULLED else 0.12)
    space = plan.height_m - top - 0.06
    if space < 0.2:
        return
    middle = (plan.board_left_m + plan.board_right_m) / 2
    wide = plan.board_left_m - plan.board_right_m
    high = min(0.36, space)
    wall = Place(middle, 0, 0.015)
    flag_on = look.chinese and rng.random() < 0.75
    words_on = rng.random() < (0.85 if look.chinese else 0.5)
    if words_on:
        long = min(wide * 0.98, high * 8)
        shift = 0.0
        if flag_on and space < high + 0.45:
            shift, long = 0.3, min(long, wide - 0.7)
        builder.picture(
            (shift - long / 2, top), (shift + long / 2, top + long / 8), palette.slogan, wall
        )
        if flag_on and shift:
            _flag(builder, wall.at(shift - long / 2 - 0.36, top, 0), palette, 0.36)
        elif flag_on:
            _flag(builder, wall.at(0, top + long / 8 + 0.04, 0), palette, 0.32)
    elif flag_on:
        _flag(builder, wall.at(0, top, 0), palette, high)
    end, beside_m = pick(rng, (-1.0, 1.0)), wide / 2 + 0.35
    free = look.screen is not Screen.SIDE and beside_m + abs(middle) < plan.width_m / 2 - 0.2
    if free and rng.random() < 0.5:
        _clock(builder, Place(middle + end * beside_m, plan.board_top_m - 0.15, 0), palette)


def _flag(builder: MeshBuilder, place: Place, palette: Palette, high: float) -> None:
    builder.picture((-0.75 * high, 0), (0.75 * high, high), palette.flag, place)


def _clock(builder: MeshBuilder, place: Place, palette: Palette) -> None:
    """A round clock that stands at ten past ten."""
    rim = palette.plain.tinted(linear((0.15, 0.15, 0.18)))
    face = palette.plain.tinted(linear((0.95, 0.95, 0.93)))
    for radius, depth, paint in ((0.17, 0.03, rim), (0.15, 0.034, face)):
        ring = prism(circle(radius, 16), 0.0, depth)
        # Turned up on edge: what was up now looks into the room.
        turn = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], float)
        builder.add(
            type(ring)(ring.vertices_m @ turn.T, ring.normals @ turn.T, ring.uv, ring.faces),
            paint,
            place,
        )
    for angle, length in ((math.radians(150), 0.08), (math.radians(30), 0.12)):
        tip = np.array([math.cos(angle), math.sin(angle), 0]) * length
        side = np.array([-math.sin(angle), math.cos(angle), 0]) * 0.007
        z = np.array([0, 0, 0.036])
        corners = [-side + z, tip - side + z, tip + side + z, side + z]
        builder.add(sheet(corners, [(0, 0), (1, 0), (1, 1), (0, 1)]), rim, place)


def _loudspeakers(
    builder: MeshBuilder, rng: np.random.Generator, plan: Floorplan, palette: Palette
) -> None:
    if rng.random() < 0.4:
        return
    paint = palette.plain.tinted(
        linear(pick(rng, ((0.1, 0.1, 0.11), (0.55, 0.4, 0.28), (0.85, 0.85, 0.84))))
    )
    reach = min(plan.board_left_m + 0.45, plan.width_m / 2 - 0.25)
    y = min(plan.board_top_m + 0.1, plan.height_m - 0.4)
    for sign in (-1, 1):
        place = Place(sign * reach, y, 0, -sign * 0.25)
        builder.box((-0.11, 0, 0.02), (0.11, 0.32, 0.2), paint, place)
        cone = palette.gloss.tinted(linear((0.05, 0.05, 0.05)))
        builder.box((-0.07, 0.05, 0.2), (0.07, 0.19, 0.204), cone, place, "Z")


def _corner(
    builder: MeshBuilder, rng: np.random.Generator, plan: Floorplan, palette: Palette
) -> None:
    """An air conditioner, a cabinet or a plant in the corner by the windows."""
    sign = plan.window_side
    place = Place(sign * (plan.width_m / 2 - 0.32), 0, 0.32, -sign * 0.35)
    choice = int(rng.integers(4))
    if choice <= 1:
        white = palette.gloss.tinted(linear((0.9, 0.91, 0.91)))
        builder.box((-0.24, 0, -0.17), (0.24, 1.75, 0.17), white, place)
        grey = palette.plain.tinted(linear((0.45, 0.46, 0.47)))
        builder.box((-0.2, 1.38, 0.17), (0.2, 1.62, 0.175), grey, place, "Z")
        for k in range(6):
            y = 0.3 + 0.05 * k
            builder.box((-0.18, y, 0.17), (0.18, y + 0.015, 0.175), grey, place, "Z")
    elif choice == 2:
        _plant(builder, rng, place, palette)


def _plant(builder: MeshBuilder, rng: np.random.Generator, place: Place, palette: Palette) -> None:
    pot = palette.plain.tinted(linear((0.6, 0.33, 0.22)))
    builder.add(prism(circle(0.15, 10), 0.0, 0.28, smooth=True), pot, place)
    leaf: Paint = palette.plain.tinted(linear((0.2, 0.42, 0.18)))
    for k in range(14):
        angle, lean = k * 2.4, float(rng.uniform(0.08, 0.34))
        out = np.array([math.cos(angle), 0.0, math.sin(angle)])
        root, tip = np.array([0, 0.28, 0]), out * lean + [0, float(rng.uniform(0.7, 1.2)), 0]
        side = np.array([-out[2], 0, out[0]]) * 0.05
        middle = (root + tip) / 2
        corners = [root, middle - side, tip, middle + side]
        builder.add(sheet(corners, [(0, 0), (1, 0), (1, 1), (0, 1)]), leaf, place)
