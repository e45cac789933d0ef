"""Scores of acts against counts done by hand."""

from __future__ import annotations

import numpy as np
import pytest

from classwatch.train.acts.scores import calibration_error, class_scores, reliability


def test_scores_of_a_table_counted_by_hand() -> None:
    label = np.array([0, 0, 0, 1, 1, 2])
    told = np.array([0, 0, 1, 1, -1, 0])
    scores = class_scores(label, told, 3)
    np.testing.assert_allclose(scores.precision, [2 / 3, 1 / 2, 0])
    np.testing.assert_allclose(scores.recall, [2 / 3, 1 / 2, 0])
    np.testing.assert_allclose(scores.f1, [2 / 3, 1 / 2, 0])
    assert scores.macro_f1 == pytest.approx(7 / 18)


def test_reliability_counts_how_often_the_likeliest_class_is_right() -> None:
    probability = np.array([[0.95, 0.05], [0.93, 0.07], [0.62, 0.38], [0.38, 0.62]], np.float32)
    label = np.array([0, 1, 0, 0])
    (low, right_low, n_low), (high, right_high, n_high) = reliability(probability, label)
    assert (round(low, 2), right_low, n_low) == (0.62, 0.5, 2)
    assert (round(high, 2), right_high, n_high) == (0.94, 0.5, 2)
    assert calibration_error(probability, label) == pytest.approx(
        (0.12 * 2 + 0.44 * 2) / 4, abs=1e-6
    )
