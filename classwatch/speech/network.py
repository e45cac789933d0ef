"""A network with one hidden layer over named figures, run with numpy alone."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import ModelError

_ARRAYS = ("mean", "scale", "hidden", "hidden_bias", "out", "out_bias")
_MOST_DEVIATIONS = 6.0


@dataclass(frozen=True, slots=True, eq=False)
class SmallNetwork:
    """A network with one hidden layer over standardised figures.

    ``mean`` and ``scale`` (d,), ``hidden`` (d, h), ``hidden_bias`` (h,), ``out`` (h, k),
    ``out_bias`` (k,) float32; ``labels`` name the k classes.
    """

    labels: tuple[str, ...]
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    hidden: NDArray[np.float32]
    hidden_bias: NDArray[np.float32]
    out: NDArray[np.float32]
    out_bias: NDArray[np.float32]

    def __post_init__(self) -> None:
        d, h, k = self.mean.size, self.hidden_bias.size, len(self.labels)
        wanted = ((d,), (d,), (d, h), (h,), (h, k), (k,))
        found = tuple(a.shape for a in self.arrays)
        if found != wanted:
            raise ValueError(f"expected arrays of shape {wanted}, got {found}")
        if not all(np.isfinite(a).all() for a in self.arrays):
            raise ValueError("weights must be finite")

    @property
    def arrays(self) -> tuple[NDArray[np.float32], ...]:
        """The weights in the order of the fields."""
        return (
            *(self.mean, self.scale, self.hidden),
            *(self.hidden_bias, self.out, self.out_bias),
        )

    def log_probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Log share (n, k) of each class for figures (n, d)."""
        scaled = (features - self.mean) / self.scale
        scaled = np.clip(scaled, -_MOST_DEVIATIONS, _MOST_DEVIATIONS)
        hidden = np.maximum(scaled @ self.hidden + self.hidden_bias, 0.0)
        score = (hidden @ self.out + self.out_bias).astype(np.float64)
        score -= score.max(axis=1, keepdims=True, initial=-np.inf)
        log_shares: NDArray[np.float64] = score - np.log(np.exp(score).sum(axis=1, keepdims=True))
        return log_shares


def save_network(path: Path, network: SmallNetwork) -> None:
    """Write a network as npz; the same network gives the same bytes."""
    arrays = dict(zip(_ARRAYS, network.arrays, strict=True))
    np.savez_compressed(
        path, allow_pickle=False, labels=np.array([str(k) for k in network.labels]), **arrays
    )


def load_network(path: Path, inputs: int, labels: Iterable[str], remedy: str) -> SmallNetwork:
    """The network of ``save_network`` over ``inputs`` figures, with classes among ``labels``.

    Raises ``ModelError`` naming the file when it is missing, damaged or another network.
    """
    try:
        with np.load(path, allow_pickle=False) as data:
            found = tuple(str(k) for k in data["labels"])
            network = SmallNetwork(found, *(np.asarray(data[n], np.float32) for n in _ARRAYS))
        if network.mean.size != inputs or not set(found) <= set(labels):
            raise ValueError("it is for other figures or classes")
    except (OSError, KeyError, ValueError, IndexError, zipfile.BadZipFile) as error:
        raise ModelError(
            f"is no such network: {error}", subject=str(path), remedy=remedy
        ) from error
    return network
