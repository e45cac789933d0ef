"""Small linear text models: half-precision weights on hashed features, applied with numpy alone.

One file is an ``.npz`` of plain arrays, read with pickles refused.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import ModelError
from classwatch.discourse.features import feature_sets, hashed

_REMEDY = "reinstall classwatch, or make the file again with `python -m classwatch.train.discourse`"


@dataclass(frozen=True, slots=True, eq=False)
class LinearModel:
    """One logistic regression per label (one in all for two labels).

    ``weights`` (k, buckets) float16 and ``bias`` (k,) float32. ``labels`` has k entries, or two
    where k is 1: then the row speaks for the second.
    ``name`` goes into the ``rule`` of what the model decides.
    """

    name: str
    feature_set: str
    labels: tuple[str, ...]
    weights: NDArray[np.float16]
    bias: NDArray[np.float32]

    def __post_init__(self) -> None:
        rows = 1 if len(self.labels) == 2 else len(self.labels)
        if self.feature_set not in feature_sets():
            raise ValueError(f"unknown feature set {self.feature_set!r}")
        if self.weights.ndim != 2 or self.weights.shape[0] != rows or not self.weights.shape[1]:
            raise ValueError(f"expected weights of shape ({rows}, n), got {self.weights.shape}")
        if self.bias.shape != (rows,):
            raise ValueError(f"expected a bias of shape ({rows},), got {self.bias.shape}")
        if not (np.isfinite(self.weights).all() and np.isfinite(self.bias).all()):
            raise ValueError("weights and biases must be finite")

    def probabilities(self, text: str) -> NDArray[np.float64]:
        """Share (len(labels),) of each label, adding up to 1."""
        total = self.bias.astype(np.float64)
        for block in hashed(self.feature_set, text, self.weights.shape[1]):
            if len(block):
                total += self.weights[:, block].sum(axis=1, dtype=np.float64) / np.sqrt(len(block))
        own = 1.0 / (1.0 + np.exp(-np.clip(total, -50.0, 50.0)))
        if len(own) == 1:
            return np.array([1.0 - own[0], own[0]])
        shares: NDArray[np.float64] = own / own.sum()
        return shares

    def best(self, text: str) -> tuple[str, float]:
        """The likeliest label and its share."""
        shares = self.probabilities(text)
        at = int(shares.argmax())
        return self.labels[at], float(shares[at])


def save_model(path: Path, model: LinearModel) -> None:
    """Write a model; the same model gives the same bytes."""
    np.savez_compressed(
        path,
        name=np.array(model.name),
        feature_set=np.array(model.feature_set),
        labels=np.array(model.labels),
        weights=model.weights,
        bias=model.bias,
    )


def load_model(path: Path) -> LinearModel:
    """Read a model. ``ModelError`` naming the file when it is missing, damaged or no such model."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return LinearModel(
                name=str(stored["name"]),
                feature_set=str(stored["feature_set"]),
                labels=tuple(str(label) for label in stored["labels"]),
                weights=stored["weights"].astype(np.float16, casting="no"),
                bias=stored["bias"].astype(np.float32, casting="no"),
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(
            f"is not a text model: {' '.join(str(error).split())}",
            subject=str(path),
            remedy=_REMEDY,
        ) from error
