"""Agreement of two labellings: accuracy, Cohen's kappa and F1 from one confusion table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.evaluate.scores.keys import key, named
from classwatch.evaluate.tally import Figure, share


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """``weight`` (n, n) float64: true label by row, found label by column, both in ``labels``."""

    labels: tuple[str, ...]
    weight: NDArray[np.float64]

    def of(self, label: str) -> tuple[float, float, float]:
        """Weight where both say ``label``, where the truth does, where the finding does."""
        at = self.labels.index(label)
        return (
            float(self.weight[at, at]),
            float(self.weight[at].sum()),
            float(self.weight[:, at].sum()),
        )

    def merged(self, names: Mapping[str, str]) -> Confusion:
        """The table after renaming labels; labels not in ``names`` stay as they are."""
        new = [names.get(label, label) for label in self.labels]
        labels = tuple(dict.fromkeys(new))
        at = np.asarray([labels.index(label) for label in new], dtype=np.int64)
        weight = np.zeros((len(labels), len(labels)))
        np.add.at(weight, (at[:, None], at[None, :]), self.weight)
        return Confusion(labels, weight)


def confusion_counts(
    truth: Iterable[str], found: Iterable[str], name: str = "confusion"
) -> dict[str, float]:
    """Counts of label pairs, for a tally; both sides are equally long."""
    counts: dict[str, float] = {}
    for true_label, found_label in zip(truth, found, strict=True):
        cell = key(name, true_label, found_label)
        counts[cell] = counts.get(cell, 0.0) + 1.0
    return counts


def confusion_of(counts: Mapping[str, float], name: str = "confusion") -> Confusion:
    """The table behind counts ``name``, true label, found label; labels in alphabetical order."""
    cells = {pair: weight for pair, weight in named(counts, name).items() if weight}
    labels = tuple(sorted({label for pair in cells for label in pair}))
    weight = np.zeros((len(labels), len(labels)))
    for (truth, found), amount in cells.items():
        weight[labels.index(truth), labels.index(found)] = amount
    return Confusion(labels, weight)


def accuracy(metric: str, table: Confusion, *, group: str = "") -> Figure:
    """Share of the weight on which both sides agree."""
    agreed, whole = float(np.trace(table.weight)), float(table.weight.sum())
    return share(metric, agreed, whole, better="higher", group=group)


def kappa(metric: str, table: Confusion, *, group: str = "") -> Figure:
    """Cohen's kappa, (p_o - p_e) / (1 - p_e) (Cohen 1960, Educ. Psychol. Meas. 20(1)).

    Not defined where one label is all there is on both sides: chance alone would agree.
    """
    whole = float(table.weight.sum())
    if not whole:
        return Figure(metric, None, "kappa", "higher", group, why="nothing to count")
    observed = float(np.trace(table.weight)) / whole
    chance = float(table.weight.sum(axis=1) @ table.weight.sum(axis=0)) / whole**2
    if 1 - chance < 1e-12:
        return Figure(metric, None, "kappa", "higher", group, why="only one label")
    return Figure(metric, (observed - chance) / (1 - chance), "kappa", "higher", group)


def label_f1(metric: str, table: Confusion, label: str, *, group: str | None = None) -> Figure:
    """F1 of one label; the group is the label where no other is given."""
    group = label if group is None else group
    if label not in table.labels:
        return share(metric, 0, 0, better="higher", group=group)
    both, truths, founds = table.of(label)
    return share(metric, 2 * both, truths + founds, better="higher", group=group)


def macro(metric: str, figures: Iterable[Figure], *, group: str = "") -> Figure:
    """Mean of the figures that are defined, each counting the same."""
    values = [figure.value for figure in figures if figure.value is not None]
    if not values:
        return Figure(metric, None, "share", "higher", group, why="nothing to count")
    return Figure(metric, float(np.mean(values)), "share", "higher", group)
