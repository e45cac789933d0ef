"""The small network that tells acts, run with numpy alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import ModelError

_BATCH = 8192
_FORMAT = 1


@dataclass(frozen=True, slots=True, eq=False)
class ActsModel:
    """Layers of a network with ReLU between them; ``classes`` names its outputs.

    ``weights`` (in, out) and ``biases`` (out,) of each layer, float32; ``temperature`` divides the
    last layer's output so that probabilities are as often right as they say.
    """

    classes: tuple[str, ...]
    weights: tuple[NDArray[np.float32], ...]
    biases: tuple[NDArray[np.float32], ...]
    temperature: float

    def probabilities(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probability (n, c) of each class for features (n, w)."""
        parts = [self._run(table[i : i + _BATCH]) for i in range(0, len(table), _BATCH)]
        return np.concatenate([np.zeros((0, len(self.classes)), np.float32), *parts])

    def _run(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        values = table
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            values = values @ weight + bias
            if number + 1 < len(self.weights):
                values = np.maximum(values, 0.0)
        values = values / np.float32(self.temperature)
        raised = np.exp(values - values.max(axis=1, keepdims=True))
        done: NDArray[np.float32] = raised / raised.sum(axis=1, keepdims=True)
        return done


def save_acts_model(path: Path, model: ActsModel) -> None:
    """Write a model as npz with half-precision weights."""
    arrays = {f"w{i}": w.astype(np.float16) for i, w in enumerate(model.weights)}
    arrays |= {f"b{i}": b.astype(np.float32) for i, b in enumerate(model.biases)}
    np.savez_compressed(
        path,
        allow_pickle=False,
        format=np.int64(_FORMAT),
        classes=np.array(model.classes),
        temperature=np.float32(model.temperature),
        **arrays,
    )


@cache
def load_acts_model(path: Path, width: int) -> ActsModel:
    """The model of ``save_acts_model`` for ``width`` features; ``ModelError`` naming the file where
    it is damaged or for others."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            layers = sum(name.startswith("w") for name in arrays.files)
            model = ActsModel(
                tuple(str(name) for name in arrays["classes"]),
                tuple(arrays[f"w{i}"].astype(np.float32) for i in range(layers)),
                tuple(arrays[f"b{i}"] for i in range(layers)),
                float(arrays["temperature"]),
            )
            version = int(arrays["format"])
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise _damaged(path, str(error)) from error
    if version != _FORMAT or model.weights[0].shape[0] != width:
        raise _damaged(path, "it is for another version of classwatch")
    return model


def _damaged(path: Path, what: str) -> ModelError:
    return ModelError(
        f"cannot be read as a model of acts: {what}",
        subject=str(path),
        remedy="reinstall classwatch",
    )
