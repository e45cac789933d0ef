from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from classwatch.simulate.figures.places import Floor, Spot
from tests.simulate.figures.made import floorplan

FLOOR = Floor(floorplan())


def test_the_platform_is_a_step() -> None:
    assert FLOOR.height_m(0.5) == 0.15
    assert FLOOR.height_m(3.0) == 0.0
    heights = [FLOOR.height_m(z) for z in np.linspace(0.8, 1.6, 50)]
    assert all(a >= b for a, b in pairwise(heights))


def test_beside_a_desk_means_in_the_aisle_facing_it() -> None:
    # r1c2 is at x = -1.3; its neighbour r1c1 at -1.9: the free side is towards the middle.
    spot = FLOOR.beside(floorplan().seat("r1c2"))
    assert spot.x_m > -1.3 + 0.4
    assert min(math.hypot(s.x_m - spot.x_m, s.z_m - spot.z_m) for s in floorplan().seats) > 0.5
    desk = np.array([-1.3, 3.0 - 0.22 - 0.2])
    way = desk - [spot.x_m, spot.z_m]
    ahead = [math.sin(spot.yaw), math.cos(spot.yaw)]
    assert float(way @ ahead) / float(np.linalg.norm(way)) > 0.95


def test_at_the_board_one_faces_it_within_its_width() -> None:
    for seed in range(10):
        spot = FLOOR.board(np.random.default_rng(seed))
        assert -1.8 < spot.x_m < 1.8
        assert spot.z_m < 0.6
        assert math.cos(spot.yaw) == pytest.approx(-1)


def test_home_is_before_the_class_and_clear_of_the_podium() -> None:
    for seed in range(20):
        spot = FLOOR.home(np.random.default_rng(seed))
        assert abs(spot.x_m - 2.0) >= 0.75
        assert spot.z_m < FLOOR.lane_m + 0.01
        assert math.cos(spot.yaw) > 0.9


def legs(way: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    return list(pairwise(way))


def gap_m(way: np.ndarray, point: tuple[float, float]) -> float:
    """Least distance of a polyline from a point, by walking along it in centimetres."""
    best = math.inf
    for a, b in legs(way):
        for share in np.linspace(0, 1, 300):
            best = min(best, float(np.hypot(*(a * (1 - share) + b * share - point))))
    return best


def test_ways_among_the_desks_go_along_the_aisles() -> None:
    seats = floorplan().seats
    start, end = FLOOR.beside(seats[1]), FLOOR.beside(seats[6])
    way = FLOOR.way(start, end)
    for seat in seats:
        desk = (seat.x_m, seat.z_m - 0.45)
        assert gap_m(way, desk) > 0.35, seat.id
        assert gap_m(way, (seat.x_m, seat.z_m)) > 0.35, seat.id


def test_ways_go_round_the_podium() -> None:
    plan = floorplan()
    way = FLOOR.way(Spot(3.0, 1.0, 0.0), Spot(0.0, 0.9, 0.0))
    assert gap_m(way, (plan.podium_x_m, plan.podium_z_m)) > 0.3
    assert gap_m(FLOOR.way(FLOOR.podium(), Spot(0.0, 0.5, 0)), (2.0, 0.9)) > 0.4


def test_a_way_begins_and_ends_where_it_should() -> None:
    way = FLOOR.way(Spot(0.5, 0.5, 0), Spot(-0.4, 5.0, 0))
    np.testing.assert_allclose(way[[0, -1]], [[0.5, 0.5], [-0.4, 5.0]])
