"""Measures against their true values, by hand and against scipy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classwatch.core.measures import Measure, Unit, Why
from classwatch.evaluate.scores.measures import MeasureErrors
from classwatch.evaluate.tally import pool
from tests.evaluate.scores.builders import figure, value

SCORER = MeasureErrors()
CH = "st.ch@30s-point"


def number(
    amount: float | None,
    interval: tuple[float, float] | None = None,
    *,
    part: str = "",
    unit: Unit = Unit.SHARE,
    name: str = CH,
) -> Measure:
    low, high = interval or (None, None)
    why = Why("no_sound") if amount is None else None
    return Measure(
        name, unit, "f/1", "", value=amount, ci_low=low, ci_high=high, part=part, why=why
    )


def test_by_hand() -> None:
    # Lessons: true .2 .4 .6 .8; found .3 .3 (absent) 1.0.
    # Errors +.1, -.1, +.2: mae .4/3, bias .2/3, rmse sqrt(.06/3); given 3 of 4.
    # Intervals: .1-.5 holds .2 and .35-.5 holds .4, but .9-1.1 does not hold .8: 2 of 3.
    truth = [0.2, 0.4, 0.6, 0.8]
    found = [
        number(0.3, (0.1, 0.5)),
        number(0.3, (0.35, 0.5)),
        number(None),
        number(1.0, (0.9, 1.1)),
    ]
    pooled = pool(SCORER.count([number(t)], [f]) for t, f in zip(truth, found, strict=True))
    figures = SCORER.figures(pooled)
    assert value(figures, "measures.mae", CH) == pytest.approx(0.4 / 3)
    assert value(figures, "measures.bias", CH) == pytest.approx(0.2 / 3)
    assert value(figures, "measures.rmse", CH) == pytest.approx(0.02**0.5)
    assert value(figures, "measures.given", CH) == pytest.approx(3 / 4)
    assert value(figures, "measures.interval_coverage", CH) == pytest.approx(2 / 3)
    assert figure(figures, "measures.mae", CH).unit == "share"
    # Ranks: true 1 2 3; found 1.5 1.5 3: r = 1.5 / sqrt(2 * 1.5).
    assert value(figures, "measures.spearman", CH) == pytest.approx(1.5 / 3**0.5)


def test_absent_is_not_zero() -> None:
    # True 0.5, abstained: no error at all. Taken for 0 it would be an error of 0.5.
    figures = SCORER.figures(SCORER.count([number(0.5)], [number(None)]))
    assert value(figures, "measures.given", CH) == 0
    assert value(figures, "measures.mae", CH) is None
    assert figure(figures, "measures.mae", CH).why


def test_a_measure_that_is_missing_altogether_counts_as_not_given() -> None:
    figures = SCORER.figures(SCORER.count([number(0.5)], []))
    assert value(figures, "measures.given", CH) == 0


def test_a_true_zero_is_scored() -> None:
    figures = SCORER.figures(SCORER.count([number(0.0)], [number(0.25)]))
    assert value(figures, "measures.mae", CH) == pytest.approx(0.25)


def test_a_number_where_truth_has_none_is_invented() -> None:
    pooled = pool(SCORER.count([number(None)], [found]) for found in (number(0.3), number(None)))
    figures = SCORER.figures(pooled)
    assert value(figures, "measures.invented", CH) == pytest.approx(1 / 2)
    assert value(figures, "measures.mae", CH) is None


def test_parts_are_measures_of_their_own() -> None:
    truth = [number(0.1, part="front"), number(0.9, part="desks")]
    found = [number(0.8, part="desks"), number(0.3, part="front")]
    figures = SCORER.figures(SCORER.count(truth, found))
    assert value(figures, "measures.mae", f"{CH} [front]") == pytest.approx(0.2)
    assert value(figures, "measures.mae", f"{CH} [desks]") == pytest.approx(0.1)


def test_all_measures_together() -> None:
    # Two measures with intervals: .1-.3 holds .2, .5-.6 does not hold .9. A third has none.
    truth = [number(0.2), number(0.9, part="x"), number(0.4, part="y")]
    found = [number(0.2, (0.1, 0.3)), number(0.55, (0.5, 0.6), part="x"), number(0.4, part="y")]
    figures = SCORER.figures(SCORER.count(truth, found[:2]))
    assert value(figures, "measures.interval_coverage") == pytest.approx(1 / 2)
    assert value(figures, "measures.given") == pytest.approx(2 / 3)
    figures = SCORER.figures(SCORER.count(truth, found))
    assert figure(figures, "measures.interval_coverage").denominator == 2
    assert value(figures, "measures.given") == 1


def test_categories() -> None:
    def mode(name: str) -> Measure:
        return Measure("st.mode", Unit.CATEGORY, "f/1", "", category=name)

    pooled = pool(
        SCORER.count([mode("dialogue")], [found]) for found in (mode("dialogue"), mode("practice"))
    )
    figures = SCORER.figures(pooled)
    assert value(figures, "measures.same_category", "st.mode") == pytest.approx(1 / 2)
    assert value(figures, "measures.given", "st.mode") == 1


def test_too_few_or_equal_lessons_have_no_order() -> None:
    two = pool(SCORER.count([number(t)], [number(t)]) for t in (0.1, 0.2))
    assert "fewer" in figure(SCORER.figures(two), "measures.spearman", CH).why
    same = pool(SCORER.count([number(0.1)], [number(f)]) for f in (0.1, 0.2, 0.3))
    assert "equal" in figure(SCORER.figures(same), "measures.spearman", CH).why


shares = st.floats(0, 1).map(lambda x: round(x, 1))


@given(st.lists(st.tuples(shares, shares), min_size=3, max_size=12))
def test_rank_correlation_agrees_with_scipy(rows: list[tuple[float, float]]) -> None:
    from scipy.stats import spearmanr

    pooled = pool(SCORER.count([number(t)], [number(f)]) for t, f in rows)
    ours = value(SCORER.figures(pooled), "measures.spearman", CH)
    if all(len(set(side)) > 1 for side in zip(*rows, strict=True)):
        theirs = spearmanr([t for t, _ in rows], [f for _, f in rows]).statistic
        assert ours == pytest.approx(theirs)
    else:
        assert ours is None
