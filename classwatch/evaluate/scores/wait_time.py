"""Pauses after questions: which are found, and how well their length is told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classwatch.core.time import Intervals, check_intervals
from classwatch.evaluate.scores.boundaries import error_figures
from classwatch.evaluate.scores.figures import precision_recall
from classwatch.evaluate.scores.matching import match_times
from classwatch.evaluate.tally import Figure, Tally, share

GOAL_S = 3.0
"""Rowe's goal; a pause is at least this long or it is not."""


@dataclass(frozen=True, slots=True)
class WaitTime:
    """Pauses matched one-to-one by their start, the end of the question."""

    tolerance_s: float = 1.0
    name = "speech.wait_time"

    def count(self, truth: Intervals, found: Intervals) -> Tally:
        """Pauses (n, 2) in truth and as found; a pause may have no length."""
        truth, found = check_intervals(truth), check_intervals(found)
        pairs = match_times(truth[:, 0], found[:, 0], self.tolerance_s)
        true_s, found_s = np.diff(truth[pairs[:, 0]])[:, 0], np.diff(found[pairs[:, 1]])[:, 0]
        agreed = (true_s >= GOAL_S - 1e-9) == (found_s >= GOAL_S - 1e-9)
        counts = {
            "truth": float(len(truth)),
            "found": float(len(found)),
            "hit": float(len(pairs)),
            "agreed": float(agreed.sum()),
        }
        return Tally(counts, {"error": (found_s - true_s)[:, None]})

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """Precision, recall, F1; errors of length; agreement on 3 s and more."""
        hits, truths, founds, agreed = (
            tally.counts.get(name, 0.0) for name in ("hit", "truth", "found", "agreed")
        )
        errors_s = tally.rows.get("error", np.zeros((0, 1)))[:, 0]
        tag = f"@{self.tolerance_s:g}s"
        return (
            *precision_recall(self.name, hits, truths, founds, tag=tag),
            *error_figures(self.name, errors_s, tag=tag),
            share(f"{self.name}.goal_agreement{tag}", agreed, hits, better="higher"),
        )
