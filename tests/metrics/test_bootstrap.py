"""Intervals by resampling minutes: against the plain way, the truth, and where they must be."""

from __future__ import annotations

import numpy as np
import pytest

from classwatch.core.measures import Measure, Unit
from classwatch.core.time import Interval
from classwatch.metrics.bootstrap import MIN_BLOCKS, ratio_interval
from classwatch.metrics.cells import (
    Sheet,
    with_count_interval,
    with_length_interval,
    with_rate_interval,
    with_share_interval,
)
from tests.metrics.builders import cells, lesson
from tests.metrics.long_lesson import coded_long_lesson

SPAN = Interval(0.0, 2700.0)


def given(value: float, unit: Unit = Unit.COUNT) -> Measure:
    return Sheet("x", unit, "", "").give(value)


@pytest.mark.parametrize("blocks", [10, 23, 45])
def test_it_is_the_percentile_interval_of_resampled_blocks(blocks: int) -> None:
    rng = np.random.default_rng(blocks)
    above = rng.integers(0, 5, blocks) * 1.3
    below = above + rng.integers(1, 4, blocks)
    picks = np.random.default_rng(20_040_405).integers(0, blocks, size=(1000, blocks))
    ratios = above[picks].sum(axis=1) / below[picks].sum(axis=1)
    found = ratio_interval(above, below)
    assert found == pytest.approx(np.quantile(ratios, [0.025, 0.975]))


def test_too_few_minutes_have_none() -> None:
    few = np.ones(MIN_BLOCKS - 1)
    assert ratio_interval(few, few) is None
    assert with_count_interval(given(3), [1.0, 70.0, 130.0], Interval(0.0, 300.0)).ci_low is None


def test_the_interval_of_a_count_covers_the_rate_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(100):
        # 3 a minute in 45 minutes, at random: 135 expected.
        starts = rng.uniform(0, 2700, rng.poisson(135))
        cell = with_count_interval(given(len(starts)), starts, SPAN)
        assert cell.ci_low is not None
        assert cell.ci_high is not None
        inside += cell.ci_low <= 135 <= cell.ci_high
    assert 85 <= inside <= 99


def test_even_minutes_give_no_width_in_any_form() -> None:
    # Three a minute, one of them of the kind, 6 s of it in each minute.
    every = np.arange(0, 2700, 20.0)
    own = np.arange(0, 2700, 60.0)
    count = with_count_interval(given(135), every, SPAN)
    rate = with_rate_interval(given(3, Unit.PER_MINUTE), every, SPAN)
    share = with_share_interval(given(1 / 3, Unit.SHARE), own, every, SPAN)
    length = with_length_interval(given(270, Unit.SECONDS), np.full(45, 6.0), SPAN)
    for cell, value in ((count, 135), (rate, 3), (share, 1 / 3), (length, 270)):
        assert (cell.ci_low, cell.ci_high) == pytest.approx((value, value))


def test_a_rest_under_a_minute_is_scaled_in() -> None:
    # 10.5 minutes with 21 things, two in each whole minute and one in the rest.
    starts = np.arange(0, 630, 30.0)
    cell = with_count_interval(given(21), starts, Interval(0.0, 630.0))
    assert (cell.ci_low, cell.ci_high) == pytest.approx((21.0, 21.0))


WITHOUT = {
    "std.rt": "half codes: no share of things that are counted",
    "chain.rounds_longest": "a greatest value",
    "class.empty_seats": "a median of pictures",
    "hands.largest_share": "a greatest value",
    "teach.activity": "nine snapshots",
    "phase.share": "told by rules on the lesson as a whole",
    "rate.teacher": "characters have no times of their own",
}


def test_shares_counts_and_rates_have_an_interval_that_holds_the_value() -> None:
    found = cells(coded_long_lesson())
    counted = (Unit.SHARE, Unit.COUNT, Unit.PER_MINUTE)
    seen = set()
    for (name, part), cell in found.items():
        if cell.value is None or cell.unit not in counted:
            continue
        base = name.partition("@")[0]
        if base in WITHOUT:
            assert cell.ci_low is None, name
            continue
        seen.add(base)
        assert cell.ci_low is not None, (name, part)
        assert cell.ci_high is not None
        assert cell.ci_low - 1e-9 <= cell.value <= cell.ci_high + 1e-9, (name, part)
    assert len(seen) > 40


def test_turns_of_a_short_lesson_have_none() -> None:
    assert cells(lesson(300.0, [(0.0, 100.0, "T")]))["talk.turns@gap2s", "teacher"].ci_low is None
