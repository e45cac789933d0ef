"""Where adults stand and how they walk there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.figures.body import Chair
from classwatch.simulate.figures.held import STOOL_HEIGHT_M
from classwatch.simulate.scene import Floorplan, Seat

Array = NDArray[np.float64]
Point = tuple[float, float]

PODIUM_GAP_M = 0.52
"""From the middle of the podium back to somebody who stands behind it."""
BOARD_GAP_M = 0.48
"""From the front wall to somebody who writes on the board."""
_BESIDE_M = 0.55
_PODIUM_CLEARANCE_M = 0.45
_ROUND_PODIUM_M = 0.8
_DESK_DEPTH_M = 0.45
_TEACHER_CHAIR = Chair(STOOL_HEIGHT_M, 0.64, 0.13)
"""Behind the podium there is room for hands in the lap only."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the floor, the way somebody faces there, and what they lean or sit on."""

    x_m: float
    z_m: float
    yaw: float
    chair: Chair = _TEACHER_CHAIR

    def distance_m(self, other: Spot) -> float:
        """Straight distance on the floor."""
        return math.hypot(self.x_m - other.x_m, self.z_m - other.z_m)


class Floor:
    """The usual places of a room and the ways between them."""

    def __init__(self, plan: Floorplan) -> None:
        self.plan = plan
        fronts = [_ahead(seat, seat.desk_edge_m + _DESK_DEPTH_M)[1] for seat in plan.seats]
        first_m = min([*fronts, *(seat.z_m for seat in plan.seats)], default=plan.depth_m / 2)
        self.lane_m = max(0.8, first_m - 0.40)
        """z of the free strip before the first desks."""
        self.centre: Point = (
            float(np.mean([s.x_m for s in plan.seats])) if plan.seats else 0.0,
            float(np.mean([s.z_m for s in plan.seats])) if plan.seats else plan.depth_m / 2,
        )

    def height_m(self, z_m: float) -> float:
        """Height of the floor: the platform before ``platform_depth_m``, with a short slope."""
        plan = self.plan
        if plan.platform_height_m <= 0:
            return 0.0
        share = min(max((plan.platform_depth_m + 0.05 - z_m) / 0.20, 0.0), 1.0)
        return plan.platform_height_m * share * share * (3 - 2 * share)

    def at_seat(self, seat: Seat) -> Spot:
        """Somebody's own seat."""
        chair = Chair(seat.chair_height_m, seat.desk_height_m, seat.desk_edge_m)
        return Spot(seat.x_m, seat.z_m, seat.yaw, chair)

    def home(self, rng: np.random.Generator) -> Spot:
        """Before the class, off the podium."""
        plan = self.plan
        z_m = min(max(0.9, 0.62 * plan.platform_depth_m), self.lane_m)
        x_m = float(rng.uniform(-1.2, 1.2))
        if abs(x_m - plan.podium_x_m) < 0.75:
            x_m = plan.podium_x_m - math.copysign(float(rng.uniform(0.8, 1.2)), plan.podium_x_m)
        return Spot(x_m, z_m, float(rng.uniform(-0.25, 0.25)))

    def rear(self, rng: np.random.Generator) -> Spot:
        """At the back wall, for a visitor."""
        plan = self.plan
        x_m = float(rng.uniform(-0.35, 0.35)) * plan.width_m
        z_m = max((s.z_m for s in plan.seats), default=plan.depth_m - 1.2) + 0.8
        return Spot(x_m, min(z_m, plan.depth_m - 0.4), math.pi)

    def board(self, rng: np.random.Generator) -> Spot:
        """Before the board, the back to the class."""
        plan = self.plan
        low, high = sorted((plan.board_right_m, plan.board_left_m))
        margin_m = 0.15 * (high - low)
        x_m = float(rng.uniform(low + margin_m, high - margin_m))
        if abs(x_m - plan.podium_x_m) < 0.6 and plan.podium_z_m < BOARD_GAP_M + 0.5:
            x_m = -x_m
        return self.facing_board(x_m)

    def facing_board(self, x_m: float) -> Spot:
        """At ``x_m`` before the board."""
        return Spot(x_m, BOARD_GAP_M, math.pi)

    def podium(self) -> Spot:
        """Behind the podium."""
        plan = self.plan
        z_m = max(0.3, plan.podium_z_m - PODIUM_GAP_M)
        chair = Chair(0.48, plan.podium_height_m, max(plan.podium_z_m - z_m - 0.25, 0.15))
        return Spot(plan.podium_x_m, z_m, 0.0, chair)

    def chair(self) -> Spot:
        """On the teacher's chair, behind the podium."""
        behind = self.podium()
        return Spot(behind.x_m, behind.z_m, 0.0, _TEACHER_CHAIR)

    def beside(self, seat: Seat) -> Spot:
        """In the aisle beside a desk, facing it: on the side with more room."""
        best: tuple[float, Point] | None = None
        for sign in (1.0, -1.0):
            x_m, z_m = _ahead(seat, 0.6 * seat.desk_edge_m, sign * _BESIDE_M)
            others = [math.hypot(s.x_m - x_m, s.z_m - z_m) for s in self.plan.seats if s != seat]
            wall_m = self.plan.width_m / 2 - abs(x_m)
            room_m = min([wall_m + 0.15, *others])
            if best is None or room_m > best[0] + 1e-9:
                best = (room_m, (x_m, z_m))
        assert best is not None
        desk = _ahead(seat, seat.desk_edge_m + 0.5 * _DESK_DEPTH_M)
        return self._leaning(best[1], desk, seat.desk_height_m)

    def near_desk(self, point: Point) -> Spot:
        """At ``point``, facing the nearest desk."""
        if not self.plan.seats:
            return self.facing_class(point)
        seat = min(self.plan.seats, key=lambda s: math.hypot(s.x_m - point[0], s.z_m - point[1]))
        desk = _ahead(seat, seat.desk_edge_m + 0.5 * _DESK_DEPTH_M)
        return self._leaning(point, desk, seat.desk_height_m)

    def facing_class(self, point: Point) -> Spot:
        """At ``point``, turned to the class: half the way at the front, fully from elsewhere."""
        angle = math.atan2(self.centre[0] - point[0], self.centre[1] - point[1])
        return Spot(point[0], point[1], 0.5 * angle if point[1] < self.lane_m else angle)

    def door(self) -> Spot:
        """Where people leave the room: at the front, on the side away from the windows."""
        side = -1.0 if self.plan.window_side >= 0 else 1.0
        yaw = side * math.pi / 2
        return Spot(side * (self.plan.width_m / 2 - 0.35), min(1.0, self.lane_m), yaw)

    def way(self, start: Spot, end: Spot) -> Array:
        """Corners (k, 2) of a way along the aisles and before the desks, round the podium."""
        a, b = (start.x_m, start.z_m), (end.x_m, end.z_m)
        corners = [a]
        among = [p[1] > self.lane_m + 0.2 for p in (a, b)]
        if any(among) and not (all(among) and abs(a[0] - b[0]) < 0.35):
            corners += [
                (p[0], self.lane_m) for p, inside in zip((a, b), among, strict=True) if inside
            ]
        corners.append(b)
        rounded = [corners[0]]
        for corner in corners[1:]:
            rounded += self._round_podium(rounded[-1], corner)
        return np.array(rounded, np.float64)

    def _round_podium(self, start: Point, end: Point) -> list[Point]:
        plan = self.plan
        podium = np.array([plan.podium_x_m, plan.podium_z_m])
        line = np.array(end) - start
        length2 = float(line @ line)
        share = float(np.clip((podium - start) @ line / max(length2, 1e-9), 0, 1))
        gap_m = float(np.hypot(*(np.array(start) + share * line - podium)))
        if gap_m >= _PODIUM_CLEARANCE_M or share in (0.0, 1.0):
            return [end]
        aside = np.array([line[1], -line[0]]) / math.sqrt(length2) * _ROUND_PODIUM_M
        open_floor = np.array([0.0, self.lane_m])
        x, z = min(
            (podium + aside, podium - aside), key=lambda p: float(np.hypot(*(p - open_floor)))
        )
        return [(float(x), float(z)), end]

    @staticmethod
    def _leaning(point: Point, desk: Point, desk_height_m: float) -> Spot:
        yaw = math.atan2(desk[0] - point[0], desk[1] - point[1])
        reach_m = math.hypot(desk[0] - point[0], desk[1] - point[1])
        chair = Chair(0.45, desk_height_m, max(min(reach_m - 0.2, 0.4), 0.2))
        return Spot(point[0], point[1], yaw, chair)


def _ahead(seat: Seat, ahead_m: float, left_m: float = 0.0) -> Point:
    """The place ``ahead_m`` before and ``left_m`` to the left of a seat."""
    sine, cosine = math.sin(seat.yaw), math.cos(seat.yaw)
    return (
        seat.x_m + sine * ahead_m + cosine * left_m,
        seat.z_m + cosine * ahead_m - sine * left_m,
    )
