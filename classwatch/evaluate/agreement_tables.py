"""Chance-corrected agreement from tables of counts, and intervals by resampling minutes.

A table counts pairs of codes, one for each step of time or unit. Steps are put into blocks of a
minute and each block has a table of its own, so that whole minutes can be drawn anew: what is said
within a minute hangs together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Tables = NDArray[np.float64]
"""Array (b, n, n): for each block the counts of code pairs, first coder by row."""
BLOCK_S = 60.0
MIN_BLOCKS = 10
"""With fewer minutes an interval would be a guess."""
REPEATS = 1000
_SEED = 20_090_201
_LEVEL = 0.95
_MIN_DEFINED = 0.9


def code_numbers(codes: Sequence[str], labels: Sequence[str]) -> NDArray[np.int64]:
    """Number of each code within ``labels`` (k,)."""
    place = {label: number for number, label in enumerate(labels)}
    return np.asarray([place[code] for code in codes], dtype=np.int64)


def pair_tables(
    left: NDArray[np.int64], right: NDArray[np.int64], block: NDArray[np.int64], labels: int
) -> Tables:
    """Counts of the pairs of steps (k,), by block; ``block`` (k,) numbers the block of each."""
    tables = np.zeros((int(block.max()) + 1 if len(block) else 0, labels, labels))
    np.add.at(tables, (block, left, right), 1.0)
    return tables


def tolerant(
    left: NDArray[np.int64], right: NDArray[np.int64], steps: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """``right`` as it counts when ``left`` leads, and ``left`` as it counts when ``right`` leads.

    A step agrees where the other coder has its code within ``steps`` steps before or after: time
    units with tolerance (Bakeman, Quera and Gnisci 2009, Behav. Res. Methods 41(1)).
    """
    return _near(left, right, steps), _near(right, left, steps)


def _near(lead: NDArray[np.int64], other: NDArray[np.int64], steps: int) -> NDArray[np.int64]:
    agreed = np.zeros(len(lead), dtype=np.bool_)
    for shift in range(-steps, steps + 1):
        low, high = max(0, -shift), min(len(lead), len(lead) - shift)
        if low < high:
            agreed[low:high] |= lead[low:high] == other[low + shift : high + shift]
    return np.where(agreed, lead, other)


def kappa(table: NDArray[np.float64]) -> float | None:
    """Cohen's kappa (1960) of a table (n, n); None where nothing is counted or chance is all."""
    whole = float(table.sum())
    if whole <= 0:
        return None
    observed = float(np.trace(table)) / whole
    chance = float(table.sum(axis=1) @ table.sum(axis=0)) / whole**2
    return None if 1 - chance < 1e-12 else (observed - chance) / (1 - chance)


def code_kappa(table: NDArray[np.float64], code: int) -> float | None:
    """Kappa of one code against all others together."""
    both = float(table[code, code])
    left, right = float(table[code].sum()), float(table[:, code].sum())
    rest = float(table.sum()) - left - right + both
    return kappa(np.array([[both, left - both], [right - both, rest]]))


def share_agreed(table: NDArray[np.float64]) -> float | None:
    """Share of the diagonal."""
    whole = float(table.sum())
    return float(np.trace(table)) / whole if whole > 0 else None


def mean_kappa(tables: NDArray[np.float64]) -> float | None:
    """Mean of the kappas of two tables (2, n, n): either coder as the one that leads."""
    found = [kappa(table) for table in tables]
    return None if None in found else float(np.mean([v for v in found if v is not None]))


# ---------------------------------------------------------------- Krippendorff's alpha


def coincidences(ratings: NDArray[np.int64], block: NDArray[np.int64], labels: int) -> Tables:
    """Coincidence tables by block of ratings (raters, units), -1 where a rater gave none.

    Every ordered pair of values within a unit counts 1 / (values - 1); a unit with fewer than two
    values cannot be compared and counts nothing (Krippendorff 2011, Computing Krippendorff's
    Alpha-Reliability).
    """
    tables = np.zeros((int(block.max()) + 1 if len(block) else 0, labels, labels))
    given = (ratings >= 0).sum(axis=0)
    weight = np.divide(1.0, given - 1, out=np.zeros(len(given)), where=given > 1)
    for one in range(len(ratings)):
        for other in range(len(ratings)):
            both = (ratings[one] >= 0) & (ratings[other] >= 0)
            if one != other and both.any():
                at = (block[both], ratings[one][both], ratings[other][both])
                np.add.at(tables, at, weight[both])
    return tables


def alpha(table: NDArray[np.float64]) -> float | None:
    """Krippendorff's alpha for nominal data from a coincidence table (n, n).

    ``1 - (n - 1) * sum(o_ck) / sum(n_c * n_k)`` over c != k; None where nothing can be compared or
    only one value was ever given.
    """
    totals = table.sum(axis=1)
    whole = float(totals.sum())
    expected = whole**2 - float(totals @ totals)
    if whole <= 1 or expected <= 0:
        return None
    observed = whole - float(np.trace(table))
    return 1 - (whole - 1) * observed / expected


# ---------------------------------------------------------------- intervals


def percentiles(
    tables: NDArray[np.float64], statistic: Callable[[NDArray[np.float64]], float | None]
) -> tuple[float, float] | None:
    """95 % percentile interval of ``statistic(sum of the blocks' tables)``; blocks come first.

    Blocks are drawn with replacement (Efron and Tibshirani 1993), with a fixed seed. None with
    fewer than ``MIN_BLOCKS`` blocks, or where fewer than nine of ten draws have a value.
    """
    count = len(tables)
    if count < MIN_BLOCKS:
        return None
    picks = np.random.default_rng(_SEED).integers(0, count, size=(REPEATS, count))
    flat = tables.reshape(count, -1)
    found = []
    for pick in picks:
        drawn = (np.bincount(pick, minlength=count) @ flat).reshape(tables.shape[1:])
        value = statistic(drawn)
        if value is not None:
            found.append(value)
    if len(found) < _MIN_DEFINED * REPEATS:
        return None
    tail = (1 - _LEVEL) / 2
    low, high = np.quantile(found, [tail, 1 - tail])
    return float(low), float(high)
