"""Desks and seats of each layout, before they are put into a room.

Here x and z start at the left front corner of the block of desks, seen by somebody who faces the
front: x grows to the right, z to the back. Heights follow from stature: a seat at 0.255 and a desk
at 0.45 of it, which is what school furniture standards (EN 1729-1, GB/T 3976) come to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.room.chance import stream
from classwatch.simulate.room.look import RoomLook
from classwatch.simulate.script import Room

STATURE_M = {"primary": 1.34, "lower": 1.55, "upper": 1.67}
CHAIR_SHARE = 0.255
DESK_SHARE = 0.45
CHAIR_HALF_M = 0.2
"""Half the depth of a chair, and the room for a back behind it."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk or table: its middle, ``width_m`` along its own x and ``depth_m`` along its z."""

    x_m: float
    z_m: float
    yaw: float
    width_m: float
    depth_m: float
    height_m: float
    places: tuple[tuple[float, float], ...]
    """Where on its top, in its own x and z, people work."""

    def corners(self) -> NDArray[np.float64]:
        """The four corners (4, 2) on the floor, x and z."""
        half = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)]) * [self.width_m / 2, self.depth_m / 2]
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        turned = half @ np.array([[c, -s], [s, c]])
        return np.asarray(turned + np.array([self.x_m, self.z_m]))


@dataclass(frozen=True, slots=True)
class Sitting:
    """A seat of the block: row and column from 1, the middle of the chair, where it faces."""

    row: int
    column: int
    x_m: float
    z_m: float
    yaw: float


@dataclass(frozen=True, slots=True)
class Sizes:
    """Measures of one room's furniture; ``knee_m`` is from the middle of the chair to the desk."""

    desk_width_m: float
    desk_depth_m: float
    desk_height_m: float
    chair_height_m: float
    knee_m: float
    aisle_m: float
    gap_m: float
    """Between a row and the next: from the back of a chair to the desk behind it."""
    sideways: bool
    """Groups: people face each other across the room instead of along it."""


@dataclass(frozen=True, slots=True)
class Block:
    """All desks and seats and the size of the floor that they take."""

    width_m: float
    depth_m: float
    desks: tuple[Desk, ...]
    places: tuple[Sitting, ...]


def draw_sizes(room: Room, seed: int) -> Sizes:
    """Furniture for the age of the class, with the variation of real schools."""
    rng = stream(seed, "sizes")
    stature_m = STATURE_M[room.age]
    grow = stature_m / 1.55
    return Sizes(
        desk_width_m=float(rng.uniform(0.57, 0.65)),
        desk_depth_m=float(rng.uniform(0.40, 0.46)) * (0.8 + 0.2 * grow),
        desk_height_m=DESK_SHARE * stature_m,
        chair_height_m=CHAIR_SHARE * stature_m,
        knee_m=float(rng.uniform(0.14, 0.19)),
        aisle_m=float(rng.uniform(0.5, 0.72)),
        gap_m=float(rng.uniform(0.12, 0.32)) * grow,
        sideways=bool(rng.random() < 0.75),
    )


def seat_block(room: Room, look: RoomLook, sizes: Sizes, seed: int) -> Block:
    """The block of ``room.rows`` times ``room.columns`` seats in the room's layout."""
    if room.layout == "groups":
        return _groups(room, sizes, seed)
    return _rows(room, look, sizes, seed)


def _rows(room: Room, look: RoomLook, sizes: Sizes, seed: int) -> Block:
    pairs = room.layout == "pairs"
    rng = stream(seed, "rows")
    width = sizes.desk_width_m
    lefts, x = [], 0.0
    for column in range(room.columns):
        lefts.append(x)
        inside_pair = pairs and column % 2 == 0
        x += width + (0.0 if inside_pair else sizes.aisle_m)
    pitch = sizes.desk_depth_m + sizes.knee_m + CHAIR_HALF_M + sizes.gap_m
    desks: list[Desk] = []
    places: list[Sitting] = []
    for row in range(room.rows):
        z = row * pitch + sizes.desk_depth_m / 2
        for first in range(0, room.columns, 2 if pairs else 1):
            members = range(first, min(first + 2, room.columns) if pairs else first + 1)
            shift_x, shift_z = rng.uniform(-0.03, 0.03), rng.uniform(-0.04, 0.04)
            turn = math.pi + (0.0 if pairs else float(rng.uniform(-0.04, 0.04)))
            for column in members:
                at_x = lefts[column] + width / 2 + shift_x
                at_z = z + shift_z
                x_chair = at_x - math.sin(turn) * (sizes.desk_depth_m / 2 + sizes.knee_m)
                z_chair = at_z - math.cos(turn) * (sizes.desk_depth_m / 2 + sizes.knee_m)
                places.append(Sitting(row + 1, column + 1, x_chair, z_chair, turn))
            centre = lefts[first] + len(members) * width / 2 + shift_x
            if pairs and len(members) == 2 and look.shared_pair_desk:
                spots = ((-width / 2, 0.0), (width / 2, 0.0))
                desks.append(_desk(centre, z + shift_z, turn, sizes, spots))
            else:
                desks += [
                    _desk(lefts[c] + width / 2 + shift_x, z + shift_z, turn, sizes, ((0.0, 0.0),))
                    for c in members
                ]
    depth = (room.rows - 1) * pitch + sizes.desk_depth_m + sizes.knee_m + CHAIR_HALF_M
    # After the last desk there is no aisle; a pair that lacks its second desk has none either.
    last_gap_m = 0.0 if pairs and room.columns % 2 else sizes.aisle_m
    return Block(x - last_gap_m, depth, tuple(desks), tuple(places))


def _desk(
    x_m: float, z_m: float, yaw: float, sizes: Sizes, spots: tuple[tuple[float, float], ...]
) -> Desk:
    return Desk(
        x_m,
        z_m,
        yaw,
        sizes.desk_width_m * len(spots),
        sizes.desk_depth_m,
        sizes.desk_height_m,
        spots,
    )


def _groups(room: Room, sizes: Sizes, seed: int) -> Block:
    """Tables of four: two people on each long side, looking at each other."""
    rng = stream(seed, "groups")
    long_m, across_m = 2 * sizes.desk_width_m, 2 * sizes.desk_depth_m
    reach_m = across_m / 2 + sizes.knee_m
    taken_m = 2 * (reach_m + CHAIR_HALF_M + 0.12)
    pass_m = sizes.aisle_m * 0.6
    step_x = (taken_m if sizes.sideways else long_m + sizes.aisle_m) + pass_m
    step_z = (long_m + sizes.aisle_m if sizes.sideways else taken_m) + pass_m
    across_count, deep_count = -(-room.columns // 2), -(-room.rows // 2)
    desks: list[Desk] = []
    places: list[Sitting] = []
    for deep in range(deep_count):
        for across in range(across_count):
            x, z = (across + 0.5) * step_x, (deep + 0.5) * step_z
            tilt = float(rng.uniform(-0.12, 0.12))
            turn = tilt + (math.pi / 2 if sizes.sideways else 0.0)
            spots: list[tuple[float, float]] = []
            for row in range(2 * deep, min(2 * deep + 2, room.rows)):
                for column in range(2 * across, min(2 * across + 2, room.columns)):
                    along, side = _group_spot(row % 2, column % 2, sizes.sideways)
                    local_x, local_z = along * long_m / 4, side * reach_m
                    c, s = math.cos(turn), math.sin(turn)
                    places.append(
                        Sitting(
                            row + 1,
                            column + 1,
                            x + c * local_x + s * local_z,
                            z - s * local_x + c * local_z,
                            turn + (math.pi if side > 0 else 0.0),
                        )
                    )
                    spots.append((local_x, side * across_m / 4))
            desks.append(Desk(x, z, turn, long_m, across_m, sizes.desk_height_m, tuple(spots)))
    places.sort(key=lambda p: (p.row, p.column))
    return Block(across_count * step_x, deep_count * step_z, tuple(desks), tuple(places))


def _group_spot(row: int, column: int, sideways: bool) -> tuple[int, int]:
    """Which half of the table's length (its own x) and which side (its own z) somebody sits at.

    Turned by a right angle the table's +z is the room's +x and its +x the room's -z.
    """
    if sideways:
        return (1 if row == 0 else -1), (1 if column == 1 else -1)
    return (1 if column == 1 else -1), (1 if row == 1 else -1)
