"""A few small networks whose mean is written as one wide network."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.speech.network import SmallNetwork

_MEMBERS = 3
_TEMPERATURE = 2.0
_BLUR = 0.8
_COPIES = 2


def fit_networks(
    features: NDArray[np.float32],
    kind: NDArray[np.int64],
    names: tuple[str, ...],
    hidden: int,
    temperature: float = _TEMPERATURE,
    count: int = _MEMBERS,
) -> SmallNetwork:
    """``count`` networks with ``hidden`` units each on figures (n, d), classes (n,) in ``names``.

    Each sees two more copies of every row with noise on the figures: a few voices would be learnt
    by heart otherwise. The mean is flattened (``temperature``), as it is too sure of voices that it
    never heard. The same rows give the same weights.
    """
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    scaled = np.clip((features - mean) / scale, -6.0, 6.0)
    members = [_member(scaled, kind, hidden, seed) for seed in range(count)]
    flatter = 1.0 / (count * temperature)
    arrays = (
        *(mean, scale),
        np.concatenate([m.coefs_[0] for m in members], axis=1),
        np.concatenate([m.intercepts_[0] for m in members]),
        np.concatenate([m.coefs_[1] for m in members]) * flatter,
        np.sum([m.intercepts_[1] for m in members], axis=0) * flatter,
    )
    labels = tuple(names[int(k)] for k in members[0].classes_)
    return SmallNetwork(labels, *(np.asarray(a, np.float32) for a in arrays))


def _member(scaled: NDArray[np.float32], kind: NDArray[np.int64], hidden: int, seed: int) -> Any:
    from sklearn.neural_network import MLPClassifier

    rng = np.random.default_rng([seed, 8])
    copies = [scaled + rng.normal(0.0, _BLUR, scaled.shape) for _ in range(_COPIES)]
    network = MLPClassifier((hidden,), alpha=1.0, batch_size=512, max_iter=15, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network.fit(np.concatenate([scaled, *copies]), np.tile(kind, 1 + _COPIES))
    return network
