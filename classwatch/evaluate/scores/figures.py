"""Figures that several scorers give: shares, means, precision with recall, root mean squares."""

from __future__ import annotations

import math

from classwatch.evaluate.tally import Figure, share

NOTHING = "nothing to count"


def mean(
    metric: str, total: float, count: float, *, unit: str, better: str, group: str = ""
) -> Figure:
    """Figure of ``total / count``; not defined where there is nothing."""
    if not count:
        return Figure(metric, None, unit, better, group, why=NOTHING)
    return Figure(metric, total / count, unit, better, group, total, count)


def root_mean(metric: str, squares: float, count: float, *, unit: str, group: str = "") -> Figure:
    """Figure of the root of ``squares / count`` (an RMSE)."""
    if not count:
        return Figure(metric, None, unit, "lower", group, why=NOTHING)
    return Figure(metric, math.sqrt(squares / count), unit, "lower", group)


def f1(metric: str, hits: float, truths: float, founds: float, *, group: str = "") -> Figure:
    """F1 = 2 hits / (truths + founds); not defined where there is neither truth nor finding."""
    return share(metric, 2 * hits, truths + founds, better="higher", group=group)


def precision_recall(
    scorer: str,
    hits: float,
    truths: float,
    founds: float,
    *,
    tag: str = "",
    group: str = "",
) -> tuple[Figure, Figure, Figure]:
    """``<scorer>.precision``, ``.recall`` and ``.f1`` of matches; ``tag`` is put at the end."""
    return (
        share(f"{scorer}.precision{tag}", hits, founds, better="higher", group=group),
        share(f"{scorer}.recall{tag}", hits, truths, better="higher", group=group),
        f1(f"{scorer}.f1{tag}", hits, truths, founds, group=group),
    )
