"""Agreement of two codings of a lesson, such as FIAS codes every three seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classwatch.core.time import Interval
from classwatch.evaluate.scores.confusion import (
    Confusion,
    accuracy,
    confusion_counts,
    confusion_of,
    kappa,
    label_f1,
    macro,
)
from classwatch.evaluate.scores.spans import Span
from classwatch.evaluate.tally import Figure, Tally, share

NO_CODE = "(none)"


@dataclass(frozen=True, slots=True)
class Codes:
    """Cohen's kappa, accuracy and F1 of each code over equal steps of time.

    A step without a code on one side counts as its own label; the confusion table of a tally is
    ``confusion_of(tally.counts)``.
    """

    name: str = "codes"

    def count(self, truth: Sequence[str], found: Sequence[str]) -> Tally:
        """One lesson: codes of the same steps on both sides, "" for none."""
        return Tally(
            confusion_counts(
                [code or NO_CODE for code in truth], [code or NO_CODE for code in found]
            )
        )

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """Agreement of all, mean F1, then F1 and kappa of each code against the rest."""
        table = confusion_of(tally.counts)
        codes = [label for label in table.labels if label != NO_CODE]
        each = [label_f1(f"{self.name}.f1", table, code, group=f"code {code}") for code in codes]
        given = sum(table.of(code)[2] for code in codes)
        return (
            kappa(f"{self.name}.kappa", table),
            accuracy(f"{self.name}.accuracy", table),
            macro(f"{self.name}.macro_f1", each),
            share(f"{self.name}.coverage", given, float(table.weight.sum()), better="higher"),
            *each,
            *(self._own_kappa(table, code) for code in codes),
        )

    def _own_kappa(self, table: Confusion, code: str) -> Figure:
        rest = {label: "other codes" for label in table.labels if label != code}
        return kappa(f"{self.name}.code_kappa", table.merged(rest), group=f"code {code}")


def sampled(spans: Sequence[Span], span: Interval, step_s: float) -> tuple[str, ...]:
    """The label at the middle of each whole step of ``span``, "" where there is none.

    Of spans at the same moment the one that began last counts, then the later in the list.
    """
    steps = int(np.floor(span.duration_s / step_s + 1e-9))
    middles_s = span.start_s + (np.arange(steps) + 0.5) * step_s
    labels = [""] * steps
    for one in sorted(spans, key=lambda s: s.start_s):
        first, last = np.searchsorted(middles_s, [one.start_s, one.end_s], side="left")
        labels[first:last] = [one.label] * int(last - first)
    return tuple(labels)
