"""Floor plans: everybody has a seat within the walls and desks do not stand in each other."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from classwatch.core.errors import InputError
from classwatch.simulate.room.plan import lay_out, plan_room
from classwatch.simulate.room.seating import Desk
from classwatch.simulate.script import Room

LAYOUTS = ("rows", "pairs", "groups")
SHAPES = ((1, 1), (2, 3), (5, 6), (4, 7), (7, 8), (12, 12))
AGES = ("primary", "lower", "upper")
CASES = [
    (layout, shape, age, seed)
    for layout in LAYOUTS
    for shape in SHAPES
    for seed, age in enumerate(AGES)
]


def overlap_m(first: Desk, second: Desk) -> float:
    """How deep two turned rectangles stand in each other (separating axes); 0 where apart."""
    corners = first.corners(), second.corners()
    axes = [(math.cos(d.yaw), -math.sin(d.yaw)) for d in (first, second)]
    axes += [(math.sin(d.yaw), math.cos(d.yaw)) for d in (first, second)]
    depth = math.inf
    for axis in axes:
        a, b = (c @ np.array(axis) for c in corners)
        depth = min(depth, min(a.max(), b.max()) - max(a.min(), b.min()))
    return max(0.0, depth)


@pytest.mark.parametrize(("layout", "shape", "age", "seed"), CASES)
def test_everything_stands_within_the_walls_and_apart(
    layout: str, shape: tuple[int, int], age: str, seed: int
) -> None:
    rows, columns = shape
    room = Room(layout=layout, rows=rows, columns=columns, age=age)
    made = lay_out(room, seed)
    plan = made.plan
    half = plan.width_m / 2
    for seat in plan.seats:
        assert -half + 0.3 < seat.x_m < half - 0.3
        assert plan.platform_depth_m < seat.z_m < plan.depth_m - 0.3
    for desk in made.desks:
        corners = desk.corners()
        assert np.abs(corners[:, 0]).max() < half
        assert corners[:, 1].max() < plan.depth_m
        assert corners[:, 1].min() > max(plan.podium_z_m + 0.25, plan.platform_depth_m)
    for first, second in itertools.combinations(made.desks, 2):
        if math.hypot(first.x_m - second.x_m, first.z_m - second.z_m) < 2.5:
            assert overlap_m(first, second) < 1e-6


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_seat_of_the_script_is_there_once(layout: str) -> None:
    plan = plan_room(Room(layout=layout, rows=5, columns=7), 11)
    ids = [s.id for s in plan.seats]
    assert sorted(ids) == sorted(f"r{r}c{c}" for r in range(1, 6) for c in range(1, 8))
    assert plan.seat("r2c3").row == 2


@pytest.mark.parametrize("layout", ["rows", "pairs"])
def test_rows_count_from_the_front_and_columns_from_the_left(layout: str) -> None:
    plan = plan_room(Room(layout=layout, rows=4, columns=6), 5)
    # Facing the front (-z), left is -x.
    for row in range(1, 5):
        xs = [plan.seat(f"r{row}c{c}").x_m for c in range(1, 7)]
        assert xs == sorted(xs)
    for column in range(1, 7):
        zs = [plan.seat(f"r{r}c{column}").z_m for r in range(1, 5)]
        assert zs == sorted(zs)


@pytest.mark.parametrize("seed", range(6))
def test_groups_keep_the_order_of_tables(seed: int) -> None:
    plan = plan_room(Room(layout="groups", rows=4, columns=6), seed)
    left, right = plan.seat("r1c1"), plan.seat("r1c5")
    front, back = plan.seat("r1c1"), plan.seat("r3c1")
    assert left.x_m < right.x_m
    assert front.z_m < back.z_m


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("seed", range(4))
def test_each_seat_faces_a_desk_at_its_edge(layout: str, seed: int) -> None:
    made = lay_out(Room(layout=layout, rows=4, columns=6), seed)
    for seat in made.plan.seats:
        ahead = np.array([math.sin(seat.yaw), math.cos(seat.yaw)])
        chair = np.array([seat.x_m, seat.z_m])
        distances = []
        for desk in made.desks:
            c, s = math.cos(desk.yaw), math.sin(desk.yaw)
            for far_m in (seat.desk_edge_m - 0.02, seat.desk_edge_m + 0.02):
                point = chair + ahead * far_m - np.array([desk.x_m, desk.z_m])
                local_x, local_z = c * point[0] - s * point[1], s * point[0] + c * point[1]
                on_top = abs(local_x) < desk.width_m / 2 and abs(local_z) < desk.depth_m / 2
                distances.append((on_top, far_m))
        assert (True, seat.desk_edge_m + 0.02) in distances
        assert (True, seat.desk_edge_m - 0.02) not in distances


def test_furniture_grows_with_age() -> None:
    heights = [plan_room(Room(age=age), 1).seats[0].desk_height_m for age in AGES]
    assert heights == sorted(heights)
    assert heights[0] == pytest.approx(0.45 * 1.34)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_sizes_of_the_script_are_kept(layout: str) -> None:
    room = Room(layout=layout, rows=4, columns=6, width_m=9.5, depth_m=11.0, height_m=3.2)
    plan = plan_room(room, 2)
    assert (plan.width_m, plan.depth_m, plan.height_m) == (9.5, 11.0, 3.2)
    assert max(abs(s.x_m) for s in plan.seats) < 9.5 / 2 - 0.3


@pytest.mark.parametrize("field", ["width_m", "depth_m"])
def test_a_room_too_small_says_how_much_it_needs(field: str) -> None:
    with pytest.raises(InputError, match=rf"room.{field} is 4 m.*need \d") as error:
        plan_room(Room(rows=8, columns=8, **{field: 4.0}), 1)
    needed = float(str(error.value).split("need ")[1].split(" m")[0])
    plan_room(Room(rows=8, columns=8, **{field: needed + 0.06}), 1)


def test_the_least_size_of_a_room_is_enough() -> None:
    """The smallest script sizes hold a single seat or are refused, never a broken plan."""
    plan = plan_room(Room(layout="rows", rows=1, columns=1, width_m=3.0, depth_m=4.0), 1)
    assert plan.board_left_m < 1.5
    assert plan.board_right_m > -1.5
    assert plan.podium_z_m < plan.seats[0].z_m


@pytest.mark.parametrize("seed", range(20))
def test_the_board_hangs_on_the_front_wall(seed: int) -> None:
    plan = plan_room(Room(rows=3, columns=4), seed)
    assert -plan.width_m / 2 < plan.board_right_m < plan.board_left_m < plan.width_m / 2
    assert 0.8 < plan.board_bottom_m < plan.board_top_m < plan.height_m
    assert abs(plan.podium_x_m) < plan.width_m / 2 - 0.5


def test_the_same_seed_gives_the_same_plan_and_another_another() -> None:
    room = Room(rows=5, columns=6)
    assert plan_room(room, 7) == plan_room(room, 7)
    assert len({plan_room(room, seed).depth_m for seed in range(10)}) == 10
