"""How well acts are told: per class, in events of raised hands, and how sure against how right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BINS = 10


@dataclass(frozen=True, slots=True, eq=False)
class ClassScores:
    """Precision, recall and F1 (c,) of each class."""

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]

    @property
    def macro_f1(self) -> float:
        """Mean over classes."""
        return float(self.f1.mean())


def class_scores(label: NDArray[np.int64], told: NDArray[np.int64], classes: int) -> ClassScores:
    """Scores of single moments; a moment ``told`` as -1 is a miss of its class."""
    hit = np.array([((label == c) & (told == c)).sum() for c in range(classes)], np.float64)
    given = np.array([(told == c).sum() for c in range(classes)], np.float64)
    true = np.array([(label == c).sum() for c in range(classes)], np.float64)
    f1 = 2 * hit / np.maximum(given + true, 1)
    return ClassScores(hit / np.maximum(given, 1), hit / np.maximum(true, 1), f1)


def reliability(
    probability: NDArray[np.float32], label: NDArray[np.int64]
) -> tuple[tuple[float, float, int], ...]:
    """Mean probability of the likeliest class, how often it is right, and how many, in ten bins."""
    sure, right = probability.max(axis=1), probability.argmax(axis=1) == label
    number = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    bins = [number == b for b in range(_BINS) if (number == b).any()]
    return tuple((float(sure[b].mean()), float(right[b].mean()), int(b.sum())) for b in bins)


def calibration_error(probability: NDArray[np.float32], label: NDArray[np.int64]) -> float:
    """Mean distance between sure and right over the bins of ``reliability``, by their size."""
    rows = reliability(probability, label)
    return sum(abs(sure - right) * n for sure, right, n in rows) / max(len(label), 1)
