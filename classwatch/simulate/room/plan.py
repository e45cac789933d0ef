"""Where everything stands: the size of a room that follows from its seats, and its floor plan."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from classwatch.core.errors import InputError
from classwatch.simulate.room.chance import pick, stream
from classwatch.simulate.room.look import RoomLook, Screen, draw_look
from classwatch.simulate.room.seating import Block, Desk, Sizes, draw_sizes, seat_block
from classwatch.simulate.scene import Floorplan, Seat
from classwatch.simulate.script import Room

TIGHT_SIDE_M = 0.35
"""Least space between the outer desks and the walls."""
TIGHT_FRONT_M = 1.75
"""Least space between the front wall and the first desks, for teacher and podium."""
TIGHT_BACK_M = 0.5
PODIUM_WIDTH_M = 0.95
PODIUM_DEPTH_M = 0.55
SCREEN_ASPECT = 16 / 9


@dataclass(frozen=True, slots=True)
class Layout:
    """A floor plan with the choices and the furniture it was made from, in room coordinates."""

    plan: Floorplan
    look: RoomLook
    sizes: Sizes
    desks: tuple[Desk, ...]


def plan_room(room: Room, seed: int) -> Floorplan:
    """The floor plan of ``room``; what the script leaves open follows from seats and ``seed``.

    Raises InputError where the seats do not fit into a width or depth that the script gives.
    """
    return lay_out(room, seed).plan


def lay_out(room: Room, seed: int) -> Layout:
    """The floor plan and what it was made from; the same for the same room and seed."""
    look, sizes = draw_look(room, seed), draw_sizes(room, seed)
    rng = stream(seed, "plan")
    side_m, front_m = float(rng.uniform(0.6, 1.05)), float(rng.uniform(2.0, 2.5))
    back_m = float(rng.uniform(0.9, 2.3))
    sizes, block, side_m = _fit_width(room, look, sizes, seed, side_m)
    width_m = room.width_m or max(6.0, block.width_m + 2 * side_m)
    # A wide class has to sit further back to be seen from the front and to see the board.
    front_m = max(front_m, 0.2 * block.width_m)
    sizes, block, front_m, back_m = _fit_depth(room, look, sizes, seed, (front_m, back_m))
    depth_m = room.depth_m or max(5.5, front_m + block.depth_m + back_m)
    left_m = -block.width_m / 2 + _sway(rng, width_m - block.width_m)
    seats = tuple(
        Seat(
            id=f"r{p.row}c{p.column}",
            row=p.row,
            column=p.column,
            x_m=left_m + p.x_m,
            z_m=front_m + p.z_m,
            yaw=p.yaw,
            chair_height_m=sizes.chair_height_m,
            desk_height_m=sizes.desk_height_m,
            desk_edge_m=sizes.knee_m,
        )
        for p in block.places
    )
    desks = tuple(replace(d, x_m=left_m + d.x_m, z_m=front_m + d.z_m) for d in block.desks)
    plan = _plan_front(room, look, rng, (width_m, depth_m, front_m), seats)
    return Layout(plan, look, sizes, desks)


def screen_width_m(layout: Layout) -> float:
    """Width of the picture of a panel, a pulled-down screen or a television; 0 without one."""
    plan, screen = layout.plan, layout.look.screen
    board_m = plan.board_left_m - plan.board_right_m
    if screen is Screen.NONE:
        return 0.0
    if screen is Screen.PULLED:
        return min(2.1, 0.55 * board_m)
    high_m = min(plan.board_top_m - plan.board_bottom_m - 0.02, 1.12)
    wide_m = min(high_m * SCREEN_ASPECT, 0.5 * board_m)
    return 0.75 * wide_m if screen is Screen.SIDE else wide_m


def free_board(room: Room, seed: int) -> tuple[float, float]:
    """From which to which x (least and most, in metres) somebody can write on the board.

    The part to the left of somebody who looks at it, which writing fills first; a screen over the
    middle of the board leaves about a quarter of it.
    """
    layout = lay_out(room, seed)
    plan, screen = layout.plan, layout.look.screen
    middle_m = (plan.board_left_m + plan.board_right_m) / 2
    if screen in (Screen.PANEL, Screen.PULLED):
        return plan.board_right_m, middle_m - screen_width_m(layout) / 2 - 0.1
    if screen is Screen.SIDE:
        return plan.board_right_m, plan.board_left_m - screen_width_m(layout) - 0.1
    return plan.board_right_m, plan.board_left_m


def _fit_width(
    room: Room, look: RoomLook, sizes: Sizes, seed: int, side_m: float
) -> tuple[Sizes, Block, float]:
    block = seat_block(room, look, sizes, seed)
    if room.width_m is None:
        return sizes, block, side_m
    for share in (1.0, 0.85, 0.7):
        tight = replace(sizes, aisle_m=sizes.aisle_m * share)
        block = seat_block(room, look, tight, seed)
        if block.width_m + 2 * TIGHT_SIDE_M <= room.width_m:
            return tight, block, (room.width_m - block.width_m) / 2
    need_m = block.width_m + 2 * TIGHT_SIDE_M
    raise _too_small("width_m", room.width_m, need_m, f"{room.columns} columns")


def _fit_depth(
    room: Room, look: RoomLook, sizes: Sizes, seed: int, ends_m: tuple[float, float]
) -> tuple[Sizes, Block, float, float]:
    front_m, back_m = ends_m
    block = seat_block(room, look, sizes, seed)
    if room.depth_m is None:
        return sizes, block, front_m, back_m
    for share in (1.0, 0.6, 0.3):
        tight = replace(sizes, gap_m=sizes.gap_m * share)
        block = seat_block(room, look, tight, seed)
        spare_m = room.depth_m - block.depth_m - TIGHT_FRONT_M - TIGHT_BACK_M
        if spare_m >= 0:
            front_m = min(max(front_m, TIGHT_FRONT_M), TIGHT_FRONT_M + 0.6 * spare_m)
            return tight, block, front_m, room.depth_m - block.depth_m - front_m
    need_m = block.depth_m + TIGHT_FRONT_M + TIGHT_BACK_M
    raise _too_small("depth_m", room.depth_m, need_m, f"{room.rows} rows")


def _too_small(field: str, given_m: float, need_m: float, what: str) -> InputError:
    return InputError(
        f"room.{field} is {given_m:g} m, but {what} of this layout need {need_m:.1f} m",
        subject=f"room.{field}",
        remedy=f"leave room.{field} out, or give at least {need_m:.1f}",
    )


def _plan_front(
    room: Room,
    look: RoomLook,
    rng: np.random.Generator,
    size_m: tuple[float, float, float],
    seats: tuple[Seat, ...],
) -> Floorplan:
    width_m, depth_m, front_m = size_m
    height_m = room.height_m or float(rng.uniform(2.95, 3.45))
    platform_m = float(rng.uniform(0.14, 0.2)) if look.platform and height_m > 2.7 else 0.0
    board_m = min(float(rng.uniform(3.3, 4.2)), width_m - 1.0)
    bottom_m = platform_m + float(rng.uniform(0.86, 0.98))
    top_m = min(bottom_m + float(rng.uniform(1.15, 1.3)), height_m - 0.25)
    middle_m = float(rng.uniform(-0.15, 0.15))
    podium_z_m = min(front_m - PODIUM_DEPTH_M / 2 - 0.3, float(rng.uniform(1.15, 1.4)))
    beside_m = float(rng.uniform(1.3, 1.8))
    limit_m = width_m / 2 - PODIUM_WIDTH_M / 2 - 0.3
    podium_x_m = pick(rng, (0.0, -1.0, 1.0), (0.3, 0.35, 0.35)) * min(beside_m, limit_m)
    return Floorplan(
        width_m=width_m,
        depth_m=depth_m,
        height_m=height_m,
        platform_height_m=platform_m,
        platform_depth_m=min(podium_z_m + PODIUM_DEPTH_M / 2 + 0.2, front_m - 0.1)
        if platform_m
        else 0.0,
        board_left_m=middle_m + board_m / 2,
        board_right_m=middle_m - board_m / 2,
        board_bottom_m=bottom_m,
        board_top_m=top_m,
        podium_x_m=podium_x_m,
        podium_z_m=podium_z_m,
        podium_height_m=float(rng.uniform(0.95, 1.08)),
        window_side=pick(rng, (-1, 1), (0.7, 0.3)),
        seats=seats,
    )


def _sway(rng: np.random.Generator, spare_m: float) -> float:
    """A class is seldom in the exact middle of the room."""
    reach_m = max(0.0, min(0.25, spare_m / 2 - TIGHT_SIDE_M))
    return float(rng.uniform(-reach_m, reach_m))
