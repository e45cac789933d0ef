"""Agreement on what begins when: events matched within a tolerance, counted minute by minute."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classwatch.core.time import Interval
from classwatch.evaluate.agreement_raters import joined
from classwatch.evaluate.agreement_tables import BLOCK_S
from classwatch.evaluate.scores.matching import match
from classwatch.evaluate.scores.spans import OnsetRule, Span, times_of

Counts = NDArray[np.float64]
"""Array (b, 3): for each minute the events that both found, the first coder's, the second's."""


def event_counts(
    left: Sequence[Span], right: Sequence[Span], rule: OnsetRule, span: Interval
) -> dict[str, Counts]:
    """Counts by label of events that begin in ``span``, matched one-to-one by ``rule``.

    Neighbours of one label that touch are one event. An event that both found lies in the minute
    in which the first coder has it begin.
    """
    sides = joined(left), joined(right)
    kinds = sorted({(event.label, event.stream) for side in sides for event in side})
    found: dict[str, Counts] = {}
    for label, stream in kinds:
        lefts, rights = (
            times_of([e for e in side if (e.label, e.stream) == (label, stream)]) for side in sides
        )
        both = lefts[match(rule.affinity(lefts, rights))[:, 0]]
        counts = np.stack([_by_minute(times[:, 0], span) for times in (both, lefts, rights)], 1)
        found[label] = found[label] + counts if label in found else counts
    return found


def f1(counts: NDArray[np.float64]) -> float | None:
    """``2 both / (first + second)`` of counts (3,); None where neither has an event."""
    both, first, second = counts.tolist()
    return 2 * both / (first + second) if first + second > 0 else None


def _by_minute(starts_s: NDArray[np.float64], span: Interval) -> NDArray[np.float64]:
    """How many begin in each minute (b,); a rest of under half a minute joins the last."""
    count = max(1, int(span.duration_s / BLOCK_S + 0.5))
    at = np.clip((starts_s - span.start_s) / BLOCK_S, 0, count - 1).astype(np.int64)
    return np.bincount(at, minlength=count).astype(np.float64)
