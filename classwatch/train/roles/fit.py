"""The network over the evidence of turns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classwatch.speech.network import SmallNetwork
from classwatch.train.ensemble import fit_networks
from classwatch.train.roles.examples import ROLES, Examples, examples, joined
from classwatch.train.roles.lessons import HeardLesson

_HIDDEN, _NETWORKS = 24, 8
_SHORTEST_S, _LONGEST_S = 0.75, 8.0
_SECONDS_A_ROW = 1.5
_RAREST = 3.0
"""Seconds of a rare role count at most so many times those of the most frequent."""


def fit(lessons: Sequence[HeardLesson], hidden: int = _HIDDEN) -> SmallNetwork:
    """The network on all turns with a true role; a turn counts by its length, rare roles more."""
    found = joined(e for seed, lesson in enumerate(lessons) for e in examples(lesson, seed))
    rows = np.repeat(np.arange(len(found.role)), _repeats(found))
    names = tuple(role.value for role in ROLES)
    return fit_networks(found.features[rows], found.role[rows], names, hidden, 1.0, _NETWORKS)


def _repeats(found: Examples) -> NDArray[np.int64]:
    weight = np.clip(found.length_s, _SHORTEST_S, _LONGEST_S)
    total = np.bincount(found.role, weight, minlength=len(ROLES))
    factor = np.minimum(np.sqrt(total.max() / np.maximum(total, 1e-9)), _RAREST)
    rows: NDArray[np.int64] = np.maximum(
        1, np.round(weight * factor[found.role] / _SECONDS_A_ROW)
    ).astype(np.int64)
    return rows
