"""What the pictures of a recording cost, everywhere looked at now and then included."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from classwatch.media.plan import Chunk, DecodePlan
from classwatch.pipeline.stages.pose import everywhere_price
from classwatch.vision.tiles import Surveyed, places_of, plan_tiles, survey_tiles

INPUT_PX, MOST = 640, 2.5
SIZES = ((1280, 720), (1920, 1080), (960, 960), (1080, 1920))


def _plan(size_px: tuple[int, int], minutes: float) -> DecodePlan:
    pictures = max(1, round(60 * minutes))
    edges = [*range(0, pictures, 60), pictures]
    chunks = tuple(Chunk(a, b, None) for a, b in pairwise(edges))
    return DecodePlan("none", "", 1.0, 0.0, size_px, chunks)


def _input_px(size_px: tuple[int, int]) -> int:
    """Pixels of the model's input that a picture or a crop fills, in steps of 32."""
    longer = max(size_px)
    filled = [-(-round(side * INPUT_PX / longer) // 32) * 32 for side in size_px]
    return filled[0] * filled[1]


@pytest.mark.parametrize("size_px", SIZES)
@pytest.mark.parametrize("minutes", [0.2, 3, 45])
def test_a_plan_costs_at_most_what_it_may(size_px: tuple[int, int], minutes: float) -> None:
    plan = _plan(size_px, minutes)
    rng = np.random.default_rng(7)
    corner = rng.uniform(0, np.array(size_px) - 50, (12, 2))
    small = np.concatenate([corner, corner + 40], axis=1).astype(np.float32)
    again = everywhere_price(plan, INPUT_PX)
    places = places_of([Surveyed(small, np.zeros(len(small), np.bool_))])
    crops = plan_tiles(places, size_px, INPUT_PX, MOST - again)
    pictures = plan.chunks[-1].last
    spent = pictures * sum(_input_px(s) for s in [size_px, *(t.size_px for t in crops.tiles)])
    if again > 0:
        looks = sum(_input_px(tile.size_px) for tile in survey_tiles(size_px, INPUT_PX))
        spent += looks * len(plan.chunks[::3])
    assert crops.tiles
    assert spent <= MOST * pictures * _input_px(size_px) + 1e-6


def test_a_clip_is_not_looked_at_everywhere_again() -> None:
    assert everywhere_price(_plan((1280, 720), 0.2), INPUT_PX) == 0.0
    assert everywhere_price(_plan((1280, 720), 45), INPUT_PX) == pytest.approx(
        8 * 640 * 640 / (640 * 384) * 15 / 2700
    )
