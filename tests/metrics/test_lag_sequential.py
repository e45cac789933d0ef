from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from classwatch.core.codes import ActCode
from classwatch.metrics.lag_sequential import lag_table, transitions
from tests.metrics.builders import cells
from tests.metrics.coded import coded_lesson, in_a_row


def test_transitions_by_hand() -> None:
    codes = np.array([1, 2, 2, 1, 0, 2, 1])
    assert transitions(codes, 2).tolist() == [[0, 1], [2, 1]]
    # Two apart: (1,2) (2,1), and (2,1) over the gap is not counted; nor is (1,2) around it.
    assert transitions(codes, 2, lag=2).tolist() == [[0, 1], [1, 0]]
    assert transitions(np.array([1]), 2).sum() == 0
    with pytest.raises(ValueError, match="at least 1"):
        transitions(codes, 2, lag=0)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=80), st.integers(1, 3))
def test_number_of_pairs(codes: list[int], lag: int) -> None:
    counts = transitions(np.array(codes), 4, lag)
    assert counts.sum() == max(0, len(codes) - lag)


def test_adjusted_residuals_by_hand() -> None:
    # 2 x 2: rows 30 and 70, columns 40 and 60. e11 = 12, z = 8 / sqrt(12 * .7 * .6).
    table = lag_table(np.array([[20, 10], [20, 50]]))
    assert table.expected.tolist() == [[12, 18], [28, 42]]
    assert table.z[0, 0] == pytest.approx(8 / np.sqrt(12 * 0.7 * 0.6))
    assert table.z[0, 1] == pytest.approx(-table.z[0, 0])
    # Q = (20 * 50 - 10 * 20) / (20 * 50 + 10 * 20).
    assert table.yule_q[0, 0] == pytest.approx(800 / 1200)


@given(st.lists(st.integers(1, 40), min_size=4, max_size=4))
def test_the_square_of_z_is_chi_square_in_a_two_by_two_table(counts: list[int]) -> None:
    observed = np.array(counts).reshape(2, 2)
    expected = chi2_contingency(observed, correction=False).statistic
    assert lag_table(observed).z[0, 0] ** 2 == pytest.approx(expected, abs=1e-9)


def test_empty_margins_are_not_judged() -> None:
    table = lag_table(np.array([[0, 0], [0, 5]]))
    assert np.isnan(table.z).all()


def test_a_strict_alternation_stands_out_with_its_sign() -> None:
    turns = [ActCode.ASKS, ActCode.RESPONDS] * 40
    codes = in_a_row(3.0, turns + [ActCode.LECTURES] * 40)
    table = cells(coded_lesson(codes))
    assert table["lag.z@3s-change", "4>8"].value > 1.96
    assert table["lag.z@3s-change", "4>8"].numerator == 40
    assert table["lag.z@3s-change", "4>4"].value < -1.96
    assert ("lag.z@3s-change", "4>2") not in table


def test_one_code_throughout_has_no_pairs_to_judge() -> None:
    table = cells(coded_lesson(in_a_row(3.0, [ActCode.LECTURES] * 40)))
    assert table["lag.z@3s-change", ""].why is not None
