"""A speaker network of a few hundred bytes whose vectors are known: how much each band moves.

The vector of a piece is the variance over time of its 80 filter banks, so what is loud now and
then in a voice is what its vector points to.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.speech.tiny_onnx import FLOAT, model, node

THREE_D = {"framework": "3d-speaker", "normalize_samples": "1"}


def variance_network(
    path: Path, notes: Mapping[str, str] = THREE_D, *, name: str = "x", bands: int = 80
) -> Path:
    """The network as a file; ``name`` is its input's."""
    nodes = [
        node("Mul", [name, name], "square"),
        node("ReduceMean", ["square"], "wide", axes=[1]),
        node("Reshape", ["wide", "flat"], "vector"),
    ]
    constants = {"flat": np.array([-1, bands], np.int64)}
    inputs = [(name, FLOAT, ["N", "T", bands])]
    path.write_bytes(model(nodes, constants, inputs, [("vector", FLOAT, ["N", bands])], notes))
    return path


def constant_network(path: Path, vector: tuple[float, ...]) -> Path:
    """Answers ``vector`` to everything."""
    nodes = [
        node("ReduceMean", ["x"], "narrow", axes=[1]),
        node("MatMul", ["narrow", "nothing"], "zeros"),
        node("Add", ["zeros", "vector"], "answer"),
    ]
    constants = {
        "nothing": np.zeros((80, len(vector)), np.float32),
        "vector": np.array([[vector]], np.float32),
    }
    outputs = [("answer", FLOAT, ["N", 1, len(vector)])]
    inputs = [("x", FLOAT, ["N", "T", 80])]
    path.write_bytes(model(nodes, constants, inputs, outputs, THREE_D))
    return path


def voice(formant_hz: float, length_s: float, seed: int) -> NDArray[np.float32]:
    """Noise around a formant that comes and goes four times a second, over a quiet floor."""
    import scipy.signal

    generator = np.random.default_rng(seed)
    count = round(length_s * 16_000)
    band = scipy.signal.butter(2, [0.8 * formant_hz, 1.25 * formant_hz], "band", fs=16_000)
    loud = scipy.signal.lfilter(*band, generator.standard_normal(count))
    syllables = np.square(np.sin(4.0 * np.pi * np.arange(count) / 16_000))
    floor = 1e-3 * generator.standard_normal(count)
    return (0.3 * loud * syllables + floor).astype(np.float32)
