"""Shares of codes when the coder's own errors are known from a hand-coded sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 300
MIN_BLOCKS = 10
_ROUNDS = 200
_SEED = 20_120_610
_PRIOR = 0.5
_LEVEL = 0.95

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CorrectedShares:
    """Shares (K,) of the true codes, and their 95 % intervals ``low`` and ``high`` (K,)."""

    share: Numbers
    low: Numbers
    high: Numbers


def true_shares(predicted: Numbers, given_true: Numbers) -> Numbers:
    """Most likely shares (..., K) of true codes behind counts (..., K) of predicted ones.

    ``given_true`` (..., K, K) is P(predicted | true), rows of true codes adding up to 1. Maximum
    likelihood by expectation maximisation (Dempster, Laird and Rubin 1977), so no share is
    negative, unlike with the inverse of the matrix.
    """
    size = predicted.shape[-1]
    observed = predicted / predicted.sum(axis=-1, keepdims=True)
    shares = np.full(observed.shape, 1.0 / size)
    for _ in range(_ROUNDS):
        joint = shares[..., :, None] * given_true
        column = joint.sum(axis=-2, keepdims=True)
        shares = (joint / np.where(column > 0, column, 1.0) * observed[..., None, :]).sum(axis=-1)
    found: Numbers = shares / shares.sum(axis=-1, keepdims=True)
    return found


def corrected_shares(minutes: Numbers, confusion: NDArray[np.int64]) -> CorrectedShares | None:
    """Shares of a lesson's true codes with an interval that holds the coder's errors as well.

    ``minutes`` (b, K) counts of predicted codes in each block; ``confusion`` (K, K) counts of a
    hand-coded sample, row true and column predicted. Blocks are drawn with replacement and each
    row of the confusion anew from its Dirichlet distribution (prior 1/2), with a fixed seed. It
    supposes that the coder errs in this lesson as in the sample. None for fewer than
    ``MIN_BLOCKS`` blocks, without a code, or where a code that was predicted has no row of its own.
    Errors: ``ValueError`` for shapes that do not fit.
    """
    size = minutes.shape[1] if minutes.ndim == 2 else 0
    if confusion.shape != (size, size):
        raise ValueError(f"expected a confusion of shape {(size, size)}, got {confusion.shape}")
    whole = minutes.sum(axis=0)
    if len(minutes) < MIN_BLOCKS or whole.sum() <= 0:
        return None
    if np.any((whole > 0) & (confusion.sum(axis=1) == 0)):
        return None
    rng = np.random.default_rng(_SEED)
    picks = rng.integers(0, len(minutes), size=(RESAMPLES, len(minutes)))
    drawn = minutes[picks].sum(axis=1)
    rows = rng.standard_gamma(confusion + _PRIOR, size=(RESAMPLES, size, size))
    rows /= rows.sum(axis=-1, keepdims=True)
    kept = drawn.sum(axis=-1) > 0
    found = true_shares(drawn[kept], rows[kept])
    tail = (1 - _LEVEL) / 2
    low, high = np.quantile(found, [tail, 1 - tail], axis=0)
    smooth = confusion + _PRIOR
    point = true_shares(whole, smooth / smooth.sum(axis=1, keepdims=True))
    return CorrectedShares(point, low, high)
