"""Questions found, and whether their kind is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from classwatch.evaluate.scores.confusion import (
    accuracy,
    confusion_counts,
    confusion_of,
    kappa,
)
from classwatch.evaluate.scores.figures import precision_recall
from classwatch.evaluate.scores.matching import match
from classwatch.evaluate.scores.spans import CoverRule, Span, SpanRule, times_of
from classwatch.evaluate.tally import Figure, Tally


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions matched one-to-one by ``rule``, whatever their kind.

    Kinds (labels) are compared where both sides of a pair have one.
    """

    rule: SpanRule = field(default_factory=CoverRule)
    name: str = "questions"

    def count(self, truth: Sequence[Span], found: Sequence[Span]) -> Tally:
        """One lesson; the caller picks whose questions."""
        pairs = match(self.rule.affinity(times_of(truth), times_of(found)))
        kinds = [(truth[t].label, found[f].label) for t, f in pairs]
        told = [pair for pair in kinds if all(pair)]
        counts = {
            "truth": float(len(truth)),
            "found": float(len(found)),
            "hit": float(len(pairs)),
        }
        labels = confusion_counts([pair[0] for pair in told], [pair[1] for pair in told])
        return Tally({**counts, **labels})

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """Precision, recall, F1; accuracy and kappa of the kinds of matched questions."""
        hits, truths, founds = (tally.counts.get(name, 0.0) for name in ("hit", "truth", "found"))
        table, tag = confusion_of(tally.counts), f"@{self.rule.tag}"
        return (
            *precision_recall(self.name, hits, truths, founds, tag=tag),
            accuracy(f"{self.name}.kind_accuracy{tag}", table),
            kappa(f"{self.name}.kind_kappa{tag}", table),
        )
