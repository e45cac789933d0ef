from __future__ import annotations

import numpy as np
import pytest

from classwatch.metrics.confusion import corrected_shares, true_shares

MATRIX = np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.0, 0.3, 0.7]])


def test_shares_behind_known_errors() -> None:
    truth = np.array([0.6, 0.3, 0.1])
    # 0.6 0.3 0.1 times the matrix by hand: 0.6, 0.3, 0.1 become 0.60, 0.30, 0.10.
    seen = truth @ MATRIX
    assert seen == pytest.approx([0.60, 0.30, 0.10])
    truth = np.array([0.2, 0.2, 0.6])
    assert true_shares(truth @ MATRIX * 500, MATRIX) == pytest.approx(truth, abs=2e-3)
    assert true_shares(np.array([5.0, 3.0, 2.0]), np.eye(3)) == pytest.approx([0.5, 0.3, 0.2])


def test_no_share_is_negative_where_the_inverse_would_be() -> None:
    seen = np.array([0.0, 0.0, 100.0])
    assert np.linalg.solve(MATRIX.T, seen).min() < 0
    assert true_shares(seen, MATRIX).min() >= 0


def test_intervals_cover_the_truth_where_plain_shares_do_not() -> None:
    rng = np.random.default_rng(8)
    truth = np.array([0.2, 0.2, 0.6])
    covered = plain = 0
    for _ in range(20):
        codes = rng.choice(3, size=(45, 20), p=truth)
        seen = np.array([[rng.choice(3, p=MATRIX[c]) for c in row] for row in codes])
        minutes = np.stack([(seen == k).sum(axis=1) for k in range(3)], axis=1).astype(float)
        sample = np.array([rng.multinomial(300, row) for row in MATRIX])
        found = corrected_shares(minutes, sample)
        assert found is not None
        covered += bool(found.low[2] <= truth[2] <= found.high[2])
        plain += abs(minutes.sum(axis=0)[2] / 900 - truth[2]) < 0.05
    # Of twenty 95 % intervals fewer than 16 cover with a chance of 1 in 400.
    assert covered >= 16
    assert plain < 5


def test_a_small_sample_of_errors_widens_the_interval() -> None:
    rng = np.random.default_rng(9)
    minutes = rng.multinomial(20, [0.4, 0.3, 0.3], size=40).astype(float)
    wide = corrected_shares(minutes, (MATRIX * 20).astype(np.int64))
    narrow = corrected_shares(minutes, (MATRIX * 5000).astype(np.int64))
    assert wide is not None
    assert narrow is not None
    assert (wide.high - wide.low).mean() > 1.3 * (narrow.high - narrow.low).mean()


def test_nothing_is_said_without_a_basis() -> None:
    few = np.ones((5, 3))
    assert corrected_shares(few, np.eye(3, dtype=np.int64)) is None
    many = np.ones((20, 3))
    assert corrected_shares(many, np.diag([5, 5, 0])) is None
    with pytest.raises(ValueError, match="shape"):
        corrected_shares(many, np.eye(2, dtype=np.int64))
