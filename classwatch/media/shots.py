"""Cuts of a recording, and which of its shots were taken from one place.

Two successive pictures of one camera agree nearly everywhere, whoever moves; two cameras agree
nowhere. Agreement is the correlation of their coarse looks, which a change of brightness leaves
as it is. Only sampled pictures are compared, so a cut is known to one sampling step.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classwatch.core.shots import Looks

CUT = 0.45
"""Correlation under which two successive pictures come from two cameras."""
SAME_SETUP = 0.7
"""Correlation from which two shots come from one camera."""
_MOST_PICTURES = 25
"""Pictures of a shot that its mean look is made of."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Pictures ``[first, last)`` between two cuts, taken from the place number ``setup``."""

    first: int
    last: int
    setup: int


def find_stretches(looks: Looks) -> tuple[Stretch, ...]:
    """The shots of a recording in order of time; no pictures, no shots."""
    if len(looks) == 0:
        return ()
    features = _features(looks)
    agreement = (features[1:] * features[:-1]).sum(axis=1)
    cuts = np.flatnonzero(agreement < CUT) + 1
    edges = np.concatenate([[0], cuts, [len(looks)]]).tolist()
    setups: list[NDArray[np.float32]] = []
    found: list[Stretch] = []
    for first, last in pairwise(edges):
        step = max(1, (last - first) // _MOST_PICTURES)
        mean = features[first:last:step].mean(axis=0)
        mean /= max(float(np.linalg.norm(mean)), 1e-6)
        alike = [float(mean @ other) for other in setups]
        best = int(np.argmax(alike)) if alike else -1
        if best < 0 or alike[best] < SAME_SETUP:
            best = len(setups)
            setups.append(mean)
        found.append(Stretch(first, last, best))
    return tuple(found)


def setup_of_each(looks: Looks) -> NDArray[np.int32]:
    """Setup (n,) of every picture."""
    setups = np.zeros(len(looks), np.int32)
    for stretch in find_stretches(looks):
        setups[stretch.first : stretch.last] = stretch.setup
    return setups


def _features(looks: Looks) -> NDArray[np.float32]:
    """Unit vectors (f, d): light and the logarithm of ink, each without its mean, equal in weight.

    A picture of one colour agrees with no other, and with itself by convention.
    """
    parts = []
    for values in (looks.light.astype(np.float32), np.log1p(looks.ink.astype(np.float32))):
        flat = values.reshape(len(looks), -1)
        flat = flat - flat.mean(axis=1, keepdims=True)
        norm = np.linalg.norm(flat, axis=1, keepdims=True)
        parts.append(np.where(norm > 1e-3, flat / np.maximum(norm, 1e-3), 1 / flat.shape[1] ** 0.5))
    return np.asarray(np.concatenate(parts, axis=1) / np.sqrt(2), np.float32)
