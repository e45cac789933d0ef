"""Fitting one linear text model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import ModelError
from classwatch.discourse.features import hashed
from classwatch.discourse.linear import LinearModel


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is made: ``inverse_penalty`` is C of the logistic regression."""

    name: str
    feature_set: str
    labels: tuple[str, ...]
    buckets: int
    inverse_penalty: float


def fit(recipe: Recipe, texts: Sequence[str], labels: Sequence[str]) -> LinearModel:
    """One-against-rest logistic regressions (liblinear, L2), rounded to half precision.

    Deterministic: the solver is given a fixed seed and one thread.
    """
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise ModelError(
            "scikit-learn is needed to fit models",
            subject="scikit-learn",
            remedy='pip install "classwatch[eval]"',
        ) from error
    matrix = design(recipe.feature_set, texts, recipe.buckets)
    truth = np.array(labels)
    asked = recipe.labels[1:] if len(recipe.labels) == 2 else recipe.labels
    rows, bias = [], []
    for label in asked:
        solver = LogisticRegression(
            C=recipe.inverse_penalty, solver="liblinear", random_state=0, max_iter=300
        )
        solver.fit(matrix, truth == label)
        rows.append(solver.coef_[0])
        bias.append(float(solver.intercept_[0]))
    return LinearModel(
        name=recipe.name,
        feature_set=recipe.feature_set,
        labels=recipe.labels,
        weights=np.stack(rows).astype(np.float16),
        bias=np.array(bias, dtype=np.float32),
    )


def design(feature_set: str, texts: Sequence[str], buckets: int) -> Any:
    """Sparse matrix (texts, buckets) of the weights that ``LinearModel`` gives to features."""
    from scipy.sparse import csr_matrix

    columns: list[NDArray[np.int64]] = []
    values: list[NDArray[np.float64]] = []
    ends = [0]
    for text in texts:
        blocks = [b for b in hashed(feature_set, text, buckets) if len(b)]
        columns.extend(blocks)
        values.extend(np.full(len(b), 1.0 / np.sqrt(len(b))) for b in blocks)
        ends.append(ends[-1] + sum(len(b) for b in blocks))
    at = np.concatenate([np.zeros(0, dtype=np.int64), *columns]).astype(np.int32)
    weights = np.concatenate([np.zeros(0), *values])
    matrix = csr_matrix((weights, at, np.array(ends, dtype=np.int32)), (len(texts), buckets))
    matrix.sum_duplicates()
    return matrix
