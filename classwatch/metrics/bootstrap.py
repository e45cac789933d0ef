"""Confidence intervals for shares of one lesson, by resampling its minutes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

BLOCK_S = 60.0
"""Length of a block: longer than an exchange, short enough for a lesson to hold dozens."""
MIN_BLOCKS = 10
RESAMPLES = 1000
_SEED = 20_040_405
_LEVEL = 0.95


def ratio_interval(
    numerators: NDArray[np.float64], denominators: NDArray[np.float64]
) -> tuple[float, float] | None:
    """95 % percentile interval of ``sum(numerators) / sum(denominators)`` over blocks (b,).

    Non-overlapping block bootstrap (Carlstein 1986, Ann. Statist. 14(3)) with a fixed seed, so
    that equal input gives equal output. It says how much the share would move if other minutes
    of the same kind of lesson had been recorded; it says nothing about errors of recognition.
    None for fewer than ``MIN_BLOCKS`` blocks.
    """
    count = len(numerators)
    if count < MIN_BLOCKS or denominators.sum() <= 0:
        return None
    picks = _picks(count)
    below = denominators[picks].sum(axis=1)
    above = numerators[picks].sum(axis=1)
    ratios = above[below > 0] / below[below > 0]
    tail = (1 - _LEVEL) / 2
    low, high = np.quantile(ratios, [tail, 1 - tail])
    return float(low), float(high)


@lru_cache(maxsize=4)
def _picks(count: int) -> NDArray[np.int64]:
    """Blocks of every resample (``RESAMPLES``, count); the same for all measures of a lesson."""
    return np.random.default_rng(_SEED).integers(0, count, size=(RESAMPLES, count))
