"""Where to look closer, against rooms whose people are placed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from classwatch.vision.tiles import (
    Surveyed,
    Tile,
    TilePlan,
    model_scale,
    places_of,
    plan_tiles,
    survey_price,
    survey_tiles,
)

HD = (1280, 720)


def _row(y: float, height: float, count: int, size: tuple[int, int] = HD) -> np.ndarray:
    x = np.linspace(100, size[0] - 100 - height, count)
    boxes = np.stack([x, np.full(count, y), x + height, np.full(count, y + height)], axis=1)
    return boxes.astype(np.float32)


def _inside(tile: Tile, boxes: np.ndarray) -> np.ndarray:
    low = (boxes[:, :2] >= (tile.left_px, tile.top_px)).all(axis=1)
    return low & (boxes[:, 2:] <= (tile.right_px, tile.bottom_px)).all(axis=1)


def test_the_back_row_is_looked_at_closely_and_the_front_row_is_not() -> None:
    back, front = _row(100, 70, 8), _row(400, 220, 3)
    surveys = [Surveyed(np.concatenate([back, front]), np.repeat([False, True], [8, 3]))] * 4
    plan = plan_tiles(places_of(surveys), HD, 640, 3.0)
    seen = np.any([_inside(t, back) for t in plan.tiles], axis=0)
    assert seen.mean() >= 0.8
    assert all(t.bottom_px < 500 for t in plan.tiles)
    assert plan.found > plan.found_whole + 0.2


def test_large_people_need_no_crops() -> None:
    large = Surveyed(_row(200, 250, 4), np.ones(4, np.bool_))
    plan = plan_tiles(places_of([large]), HD, 640, 3.0)
    assert plan.tiles == ()
    assert plan.cost == 1.0


def test_a_large_person_whom_the_whole_picture_misses_is_looked_at_closely() -> None:
    boxes = _row(200, 160, 4)
    missed = Surveyed(boxes, np.array([True, True, False, True]))
    plan = plan_tiles(places_of([missed] * 5), HD, 640, 3.0)
    seen = np.any([_inside(t, boxes) for t in plan.tiles], axis=0)
    assert seen[2]


def test_somebody_who_stands_gets_a_crop_before_one_seat_more() -> None:
    # There is money for one crop; the seat is seen three times, the one who stands twice.
    seat, standing = _row(560, 60, 2)[:1], np.array([[800, 60, 825, 120]], np.float32)
    both = Surveyed(np.concatenate([seat, standing]), np.array([False, False]))
    surveys = [both, both, Surveyed(seat, np.array([False]))]
    plan = plan_tiles(places_of(surveys), HD, 640, 1.4)
    assert np.any([_inside(t, standing) for t in plan.tiles])
    assert not np.any([_inside(t, seat) for t in plan.tiles])


def test_one_person_is_the_same_in_both_looks_where_the_boxes_overlap() -> None:
    closer, whole = _row(100, 100, 3), _row(110, 100, 3)[:2]
    assert Surveyed.compare(closer, whole).easy.tolist() == [True, True, False]
    assert Surveyed.compare(closer, whole[:0]).easy.tolist() == [False] * 3


def test_an_empty_room_needs_no_crops() -> None:
    nobody = Surveyed(np.zeros((0, 4), np.float32), np.zeros(0, np.bool_))
    plan = plan_tiles(places_of([nobody]), HD, 640, 3.0)
    assert (plan.tiles, plan.places) == ((), 0)


def test_crops_stay_within_the_budget_and_the_picture() -> None:
    rows = [_row(60 + 70 * k, 45 + 6 * k, 10) for k in range(6)]
    for budget in (1.2, 1.6, 2.5):
        surveys = [Surveyed(row, np.zeros(len(row), np.bool_)) for row in rows]
        plan = plan_tiles(places_of(surveys), HD, 640, budget)
        assert plan.tiles or budget < 1.5
        # Counted afresh: the model's input is the crop scaled to 640 wide, in steps of 32.
        area = sum(
            640 * -(-round(640 * t.size_px[1] / t.size_px[0]) // 32) * 32 for t in plan.tiles
        )
        assert 1 + area / (640 * 384) <= budget + 1e-6
        for tile in plan.tiles:
            assert 0 <= tile.left_px < tile.right_px <= HD[0]
            assert 0 <= tile.top_px < tile.bottom_px <= HD[1]


def test_the_same_seat_in_several_pictures_is_one_place() -> None:
    row = _row(100, 80, 5)
    moved = row + np.float32(6)
    easy = np.array([True, False, False, False, False])
    places = places_of([Surveyed(row, easy), Surveyed(moved, easy), Surveyed(row[:3], easy[:3])])
    assert len(places) == 5
    assert sorted(places.easy.tolist()) == [0, 0, 0, 0, 3]
    assert sorted(places.weight.tolist()) == [2, 2, 3, 3, 3]


def test_a_survey_covers_every_pixel() -> None:
    for size in (HD, (1920, 1080), (960, 540), (720, 1280)):
        covered = np.zeros((size[1], size[0]), np.bool_)
        for tile in survey_tiles(size, 640):
            covered[tile.top_px : tile.bottom_px, tile.left_px : tile.right_px] = True
        assert covered.all()
    assert survey_tiles((480, 270), 640) == ()


def test_the_scale_is_that_of_the_closest_look() -> None:
    plan = TilePlan(HD, (Tile(0, 0, 640, 224),), 1.6, 2, 0.9, 0.5)
    boxes = np.array([[200, 200, 300, 300], [2000, 1000, 2200, 1300]], np.float32)
    # A recording of 2560 pixels, of which pictures of 1280 were cut: the crop shows 0.5, the whole
    # picture 0.25 input pixels for each pixel of the recording.
    scale = model_scale(boxes, (2560, 1440), plan, 640)
    np.testing.assert_allclose(scale, [0.5, 0.25])
    np.testing.assert_allclose(model_scale(boxes, (2560, 1440), None, 640), [0.25, 0.25])


def test_the_price_of_looking_everywhere_is_that_of_the_input_it_fills() -> None:
    # 1280x720 seen whole fills 640x384 of the input. Everywhere takes two rows of four squares of
    # 512 pixels, each seen as 640x640.
    assert len(survey_tiles(HD, 640)) == 8
    assert survey_price(HD, 640) == pytest.approx(8 * 640 * 640 / (640 * 384))
    assert survey_price((480, 270), 640) == 0.0
