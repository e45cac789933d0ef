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
    times = _times_drawn(count)
    # Not the matrix product: its last digits differ between libraries.
    below = np.einsum("ij,j->i", times, denominators)
    above = np.einsum("ij,j->i", times, numerators)
    ratios = np.sort(above[below > 0] / below[below > 0])
    tail = (1 - _LEVEL) / 2
    return _quantile(ratios, tail), _quantile(ratios, 1 - tail)


@lru_cache(maxsize=16)
def _times_drawn(count: int) -> NDArray[np.float64]:
    """How often each resample draws each block (``RESAMPLES``, count); for all measures alike."""
    picks = np.random.default_rng(_SEED).integers(0, count, size=(RESAMPLES, count))
    own = picks + count * np.arange(RESAMPLES)[:, None]
    drawn = np.bincount(own.ravel(), minlength=RESAMPLES * count)
    return drawn.reshape(RESAMPLES, count).astype(np.float64)


def _quantile(ordered: NDArray[np.float64], share: float) -> float:
    """By linear interpolation of values in order, as ``numpy.quantile``, twenty times as fast."""
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (at - low) * (ordered[high] - ordered[low]))
