"""What colour is worn on the chest, to know an adult again who was lost among the seated.

Never who somebody is: colours hold within one recording, are kept between stages only, and are
never published.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import Detections
from classwatch.vision.body import LEFT_SHOULDER, RIGHT_SHOULDER, necks

_ACROSS = np.linspace(-0.6, 0.6, 5, dtype=np.float32)
"""Where colours are taken, in halves of the shoulders from their middle, and in necks below it."""
_DOWN = np.linspace(0.15, 0.9, 5, dtype=np.float32)
_NARROWEST = 0.15
"""Half of the shoulders of somebody seen side-on, in necks."""
_MIDDLE = len(_ACROSS) * len(_DOWN) // 2
_LEAST_SEEN = 13
_WEIGHT = np.array([0.4, 1.0, 1.0], np.float32)
"""Light on the way through a room changes lightness more than colour."""
ALIKE = 8.0
"""Greatest difference of the same clothes: four of five sightings of the teachers of ten rendered
lessons lie this near to what they usually wear, and one of a hundred of their pupils."""


def read_clothes(rgb: NDArray[np.uint8], people: Detections) -> NDArray[np.float32]:
    """Colour (n, 3), CIE Lab, of the chests of ``people`` in their picture (h, w, 3): medians over
    a grid below the shoulders, NaN where half of it lies beyond the picture."""
    import cv2

    if not len(people):
        return np.zeros((0, 3), np.float32)
    places = _chests(people.keypoints)
    last = np.array(rgb.shape[1::-1]) - 1
    inside = ((places >= 0) & (places <= last)).all(axis=2)
    places = np.clip(places, 0, last)
    taken = np.sort(rgb[places[..., 1], places[..., 0]], axis=1)[:, _MIDDLE]
    lab = cv2.cvtColor(taken[None].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0]
    return np.where(inside.sum(axis=1)[:, None] >= _LEAST_SEEN, lab, np.nan).astype(np.float32)


def _chests(keypoints: NDArray[np.float32]) -> NDArray[np.int64]:
    """Pixels (n, 25, 2) of the chests of bodies (n, 17, 3)."""
    sizes, middle = necks(keypoints)
    half = (keypoints[:, LEFT_SHOULDER, :2] - keypoints[:, RIGHT_SHOULDER, :2]) / 2
    length = np.maximum(np.linalg.norm(half, axis=1), 1e-3)
    half *= np.maximum(1.0, _NARROWEST * sizes / length)[:, None]
    across = _ACROSS[None, :, None] * half[:, None]
    down = np.stack([np.zeros((len(sizes), len(_DOWN))), _DOWN[None] * sizes[:, None]], axis=2)
    grid = middle[:, None, None] + across[:, :, None] + down[:, None]
    return np.asarray(grid.reshape(len(sizes), -1, 2).round(), np.int64)


def apart(left: NDArray[Any], right: NDArray[Any]) -> NDArray[np.float32]:
    """Difference (...,) of colours (..., 3); NaN where one is not known."""
    return np.asarray(np.linalg.norm((left - right) * _WEIGHT, axis=-1), np.float32)


def usual(worn: NDArray[np.float32]) -> NDArray[np.float32]:
    """The usual one (3,) of colours (n, 3); NaN where none is known."""
    known = worn[~np.isnan(worn[:, 0])]
    if not len(known):
        return np.full(3, np.nan, np.float32)
    return np.asarray(np.median(known, axis=0), np.float32)
