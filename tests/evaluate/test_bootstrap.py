"""Intervals over lessons: against theory, and when there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from classwatch.evaluate.bootstrap import interval
from classwatch.evaluate.scores.boundaries import TurnBoundaries
from classwatch.evaluate.scores.measures import MeasureErrors
from classwatch.evaluate.tally import Figure, Tally, pool, share
from tests.evaluate.scores.builders import turn, whole
from tests.evaluate.scores.test_measures import number


@dataclass(frozen=True, slots=True)
class Share:
    name = "share"

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        hits, all_ = (tally.counts.get(name, 0.0) for name in ("hits", "all"))
        return (share("share", hits, all_, better="higher"),)


def lessons(shares: list[float], size: float = 100) -> list[Tally]:
    return [Tally({"hits": one * size, "all": size}) for one in shares]


def test_width_agrees_with_the_standard_error() -> None:
    # 40 lessons of equal size: the share is a mean of 40, so the interval is about 1.96 standard
    # errors on each side (the bootstrap's own noise with 1000 draws is a few per cent of that).
    shares = np.random.default_rng(1).uniform(0.5, 0.9, 40)
    (found,) = interval(lessons(list(shares)), Share())
    assert found.low is not None
    assert found.high is not None
    error = shares.std() / 40**0.5
    assert found.low == pytest.approx(shares.mean() - 1.96 * error, abs=0.3 * error)
    assert found.high == pytest.approx(shares.mean() + 1.96 * error, abs=0.3 * error)


def test_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(100):
        (found,) = interval(lessons(list(rng.uniform(0.4, 0.8, 30))), Share(), repeats=200)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.6 <= found.high
    assert 86 <= held <= 100


def test_long_lessons_weigh_more() -> None:
    # Nine short lessons of 0, one of a hundred times the length of 1: without the long one 0.
    tallies = [*lessons([0.0] * 9, 1), *lessons([1.0], 100)]
    (found,) = interval(tallies, Share())
    assert (found.low, found.high) == (0.0, pytest.approx(1.0, abs=0.05))


def test_equal_lessons_leave_no_doubt_and_the_same_seed_gives_the_same() -> None:
    (found,) = interval(lessons([0.7] * 5), Share())
    assert found.low == pytest.approx(0.7)
    assert found.high == pytest.approx(0.7)
    some = lessons([0.1, 0.5, 0.6, 0.9])
    assert interval(some, Share()) == interval(some, Share())
    assert interval(some, Share()) != interval(some, Share(), seed=1)


def test_fewer_than_three_lessons_have_none() -> None:
    (found,) = interval(lessons([0.1, 0.9]), Share())
    assert (found.low, found.high) == (None, None)
    assert "3 lessons" in found.why
    assert interval([], Share())[0].low is None


def test_a_figure_defined_in_too_few_draws_has_none() -> None:
    # Only one of five lessons has anything to count: a third of the draws are without it.
    tallies = [*lessons([0.5]), *[Tally({"hits": 0.0, "all": 0.0})] * 4]
    (found,) = interval(tallies, Share())
    assert found.low is None
    assert "few draws" in found.why


def test_rows_are_drawn_with_their_lessons() -> None:
    # Edges off by 0.1, 0.2, 0.3 and 0.4 s in four lessons: the mean error lies within them, and
    # is wider than nothing.
    scorer = TurnBoundaries((0.5,))
    tallies = [
        scorer.count([turn(1, 2)], [turn(1 + off, 2 + off)], whole(9))
        for off in (0.1, 0.2, 0.3, 0.4)
    ]
    found = {(i.metric, i.group): i for i in interval(tallies, scorer, repeats=200)}
    mae = found["speech.boundaries.mae@0.5s", ""]
    assert mae.low is not None
    assert mae.high is not None
    assert 0.1 <= mae.low < 0.25 < mae.high <= 0.4 + 1e-9


def test_every_figure_has_one_in_the_same_order() -> None:
    scorer = MeasureErrors()
    tallies = [
        scorer.count([number(t), number(t, part="x")], [number(t + 0.1)])
        for t in (0.1, 0.2, 0.5, 0.6)
    ]
    found = interval(tallies, scorer, repeats=50)
    expected = [(f.metric, f.group) for f in scorer.figures(pool(tallies))]
    assert [(i.metric, i.group) for i in found] == expected
