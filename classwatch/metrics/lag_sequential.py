"""Lag-sequential analysis: which code follows which more often than by chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.metrics.basis import Basis
from classwatch.metrics.definition import measure
from classwatch.metrics.ratios import coded_sheet
from classwatch.metrics.scheme import FIAS

Z_LIMIT = 1.96
MIN_EXPECTED = 1.0
"""Cells with fewer expected pairs are not judged: the normal approximation does not hold there."""


@dataclass(frozen=True, slots=True, eq=False)
class LagTable:
    """Pairs of codes at one lag; all arrays (K, K), row first, column second.

    ``observed`` counts; ``expected`` under independence with these margins; ``z`` adjusted
    residuals; ``yule_q`` in [-1, 1]. NaN where a margin leaves nothing to compare.
    """

    observed: NDArray[np.int64]
    expected: NDArray[np.float64]
    z: NDArray[np.float64]
    yule_q: NDArray[np.float64]


def transitions(codes: NDArray[np.int64], size: int, lag: int = 1) -> NDArray[np.int64]:
    """Counts (size, size) of pairs ``lag`` apart in codes (n,) from 1 to ``size``.

    0 is undecided: a pair that holds or spans one is not counted. Codes may follow themselves.
    """
    if lag < 1:
        raise ValueError(f"lag must be at least 1, got {lag}")
    counts = np.zeros((size, size), dtype=np.int64)
    if len(codes) <= lag:
        return counts
    gaps = np.concatenate([[0], np.cumsum(codes == 0)])
    whole = gaps[lag + 1 :] - gaps[: -lag - 1] == 0
    first, second = codes[:-lag][whole], codes[lag:][whole]
    np.add.at(counts, (first - 1, second - 1), 1)
    return counts


def lag_table(observed: NDArray[np.int64]) -> LagTable:
    """Expected counts, adjusted residuals and Yule's Q of pair counts (K, K).

    ``z = (o - e) / sqrt(e (1 - r / N) (1 - c / N))`` with row sum r and column sum c (Allison and
    Liker 1982; Haberman 1978). ``Q = (a d - b c) / (a d + b c)`` of the 2 x 2 table that a cell
    makes with the rest (Bakeman and Gottman 1997).
    """
    total = observed.sum()
    rows = observed.sum(axis=1, keepdims=True).astype(np.float64)
    columns = observed.sum(axis=0, keepdims=True).astype(np.float64)
    a = observed.astype(np.float64)
    b, c = rows - a, columns - a
    d = total - a - b - c
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = rows * columns / total
        z = (a - expected) / np.sqrt(expected * (1 - rows / total) * (1 - columns / total))
        yule_q = (a * d - b * c) / (a * d + b * c)
    z[~np.isfinite(z)] = np.nan
    return LagTable(observed, expected, z, yule_q)


@measure("lag.z")
def adjusted_residuals(basis: Basis) -> tuple[Measure, ...]:
    """Pairs of FIAS categories that follow each other more or less often than by chance.

    name-zh: 滞后序列分析（显著的相邻行为）
    name-en: Lag-sequential analysis, pairs beyond chance
    unit: ratio
    formula: z = (o - e) / sqrt(e (1 - r/N) (1 - c/N)), e = r c / N
    source: Allison and Liker 1982; Bakeman and Gottman 1997
    sampling-zh: FIAS 编码序列的相邻两码（滞后 1），不补首尾的 10；编码规则见编号
    sampling-en: neighbouring FIAS codes (lag 1) without the border 10; coding as in the id
    gates: voiced snr roles voices coded windows
    zh: 每一对类别“前>后”的调整残差 z；只列出 |z| > 1.96 且期望次数不少于 1 的，分子为实际次数。
        z 为正表示比偶然多，为负表示比偶然少。
    en: The adjusted residual z of each pair before>after; only pairs with |z| > 1.96 and at least
        one expected are listed, with their count. Above 0 they follow more often than by chance.
    reading-zh: 同一类别自身相接（如 5>5）几乎总是显著，说明持续，不说明关联；
        一百对中约有五对纯属偶然。
    reading-en: A category that follows itself (5>5) nearly always stands out; that shows duration,
        not a link. Of a hundred pairs some five stand out by chance.
    """
    sheet, found = coded_sheet(basis, FIAS, "lag.z", Unit.RATIO)
    if isinstance(found, Why):
        return (sheet.absent(found),)
    table = lag_table(transitions(found.sequence.main, FIAS.size))
    with np.errstate(invalid="ignore"):
        listed = (np.abs(table.z) > Z_LIMIT) & (table.expected >= MIN_EXPECTED)
    cells = tuple(
        sheet.give(
            float(table.z[row, column]),
            int(table.observed[row, column]),
            part=f"{row + 1}>{column + 1}",
        )
        for row, column in np.argwhere(listed)
    )
    return cells or (sheet.absent(Why(Reason.NONE_FOUND, {"what": "pairs"})),)


MEASURES = (adjusted_residuals,)
