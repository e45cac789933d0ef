"""Metres on the floor, against a pinhole camera that is known exactly."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from classwatch.config.schema import FloorPoint
from classwatch.core.people import FloorSource
from classwatch.vision.floor import HIPS_M, floor_map
from classwatch.vision.seats import Seats

SIZE_PX = (1280, 720)
FOCAL_PX = 1100.0
HEIGHT_M = 2.8
TILT = 0.35
PAN = 0.3


def seen(points_m: NDArray[np.float64], pan: float = PAN) -> NDArray[np.float64]:
    """Pixels of points x, y, height by a camera at the origin that looks along y, tilted down."""
    x, y, z = points_m.T
    turned = np.cos(pan) * x - np.sin(pan) * y, np.sin(pan) * x + np.cos(pan) * y
    down = HEIGHT_M - z
    depth = np.cos(TILT) * turned[1] + np.sin(TILT) * down
    below = -np.sin(TILT) * turned[1] + np.cos(TILT) * down
    return np.column_stack([640 + FOCAL_PX * turned[0] / depth, 360 + FOCAL_PX * below / depth])


def seats(places_m: NDArray[np.float64], pan: float = 0.0) -> Seats:
    """Seats at places on the floor, with shoulders 0.4 m wide and 1 m high across the view."""
    level = np.full(len(places_m), HIPS_M)
    half = np.asarray([0.2, 0.0, 0.0])
    at = np.column_stack([places_m, level])
    shoulder = seen(at, pan)
    width = np.linalg.norm(seen(at + half, pan) - seen(at - half, pan), axis=1)
    n = len(places_m)
    return Seats(
        np.arange(n, dtype=np.int32),
        np.arange(n, dtype=np.int32),
        shoulder.astype(np.float32),
        shoulder.astype(np.float32),
        shoulder.astype(np.float32),
        width.astype(np.float32),
        (2 * width).astype(np.float32),
        np.full(n, 30, np.int32),
    )


NOBODY = seats(np.zeros((0, 2)))
WALK = np.asarray([[0.5, 4.0], [2.5, 5.0], [1.0, 8.0], [3.0, 7.5]])


def marked(corners: NDArray[np.float64]) -> tuple[FloorPoint, ...]:
    pixels = seen(np.column_stack([corners, np.zeros(len(corners))])) / SIZE_PX
    return tuple(
        FloorPoint(stream="rear", x=float(u), y=float(v), x_m=float(x), y_m=float(y))
        for (u, v), (x, y) in zip(pixels, corners, strict=True)
    )


def test_four_marked_points_give_metres_of_hips() -> None:
    corners = np.asarray([[0.0, 4.0], [3.0, 4.0], [3.5, 8.0], [0.0, 9.0]])
    found = floor_map(marked(corners), NOBODY, SIZE_PX)
    assert found is not None
    assert found.source is FloorSource.POINTS
    hips = seen(np.column_stack([WALK, np.full(len(WALK), HIPS_M)]))
    assert found.metres(hips) == pytest.approx(WALK, abs=0.02)
    # The four fit exactly; what is left is how exactly they can be marked.
    assert 0 < found.error < 0.1


def test_the_stated_error_is_that_of_points_marked_a_little_off() -> None:
    corners = np.asarray([[0.0, 4.0], [3.0, 4.0], [3.5, 8.0], [0.0, 9.0]])
    exact = seen(np.column_stack([corners, np.zeros(4)]))
    hips = seen(np.column_stack([corners, np.full(4, HIPS_M)]))
    one, other = np.triu_indices(4, 1)
    true_m = np.linalg.norm(corners[one] - corners[other], axis=1)
    rng = np.random.default_rng(7)
    off = []
    for _ in range(200):
        pixels = exact + rng.normal(0, 0.003 * SIZE_PX[0], exact.shape)
        points = tuple(
            FloorPoint(stream="rear", x=u, y=v, x_m=x, y_m=y, unit="px")
            for (u, v), (x, y) in zip(pixels.tolist(), corners.tolist(), strict=True)
        )
        found = floor_map(points, NOBODY, SIZE_PX)
        assert found is not None
        at = found.metres(hips)
        off.append(np.linalg.norm(at[one] - at[other], axis=1) / true_m - 1)
    best = floor_map(marked(corners), NOBODY, SIZE_PX)
    assert best is not None
    assert best.error == pytest.approx(float(np.sqrt(np.mean(np.square(off)))), rel=0.4)


def test_pixels_and_shares_are_the_same_points() -> None:
    corners = np.asarray([[0.0, 4.0], [3.0, 4.0], [3.5, 8.0], [0.0, 9.0]])
    shares = marked(corners)
    pixels = tuple(
        p.model_copy(update={"x": p.x * SIZE_PX[0], "y": p.y * SIZE_PX[1], "unit": "px"})
        for p in shares
    )
    hips = seen(np.column_stack([WALK, np.full(len(WALK), HIPS_M)]))
    places = [floor_map(points, NOBODY, SIZE_PX) for points in (shares, pixels)]
    assert places[0] is not None
    assert places[1] is not None
    assert places[0].metres(hips) == pytest.approx(places[1].metres(hips))


def test_points_in_pixels_say_so() -> None:
    with pytest.raises(ValueError, match="unit: px"):
        FloorPoint(stream="rear", x=640, y=360, x_m=0, y_m=0)


def test_points_on_a_line_are_no_floor() -> None:
    line = np.asarray([[0.0, 4.0], [1.0, 5.0], [2.0, 6.0], [3.0, 7.0]])
    assert floor_map(marked(line), NOBODY, SIZE_PX) is None


def test_seats_give_the_scale_of_distances() -> None:
    rows = np.asarray([[x, y] for y in (4.0, 5.2, 6.4, 7.6) for x in (-1.5, -0.5, 0.5, 1.5)])
    found = floor_map((), seats(rows), SIZE_PX)
    assert found is not None
    assert found.source is FloorSource.SEATS
    walk = np.asarray([[-1.0, 5.0], [1.0, 5.0], [1.0, 7.0]])
    there = found.metres(seen(np.column_stack([walk, np.full(3, HIPS_M)]), pan=0.0))
    across, along = np.linalg.norm(np.diff(there, axis=0), axis=1)
    # Across is told by the shoulders; along only as well as the angle of view is guessed.
    assert across == pytest.approx(2.0, rel=0.03)
    assert along == pytest.approx(2.0, rel=found.error)
    assert 0.2 < found.error < 0.35


def test_too_few_seats_are_no_floor() -> None:
    assert floor_map((), seats(WALK), SIZE_PX) is None


def test_what_lies_over_the_horizon_has_no_place() -> None:
    corners = np.asarray([[0.0, 4.0], [3.0, 4.0], [3.5, 8.0], [0.0, 9.0]])
    found = floor_map(marked(corners), NOBODY, SIZE_PX)
    assert found is not None
    assert np.isnan(found.metres(np.asarray([[640.0, -400.0]]))).all()
