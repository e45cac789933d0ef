"""The largest piece of somebody that is seen: a desk cuts a body in two.

A detector, and a person who draws boxes, take the upper body behind a desk for the whole; legs
seen below the table top are a second piece and would stretch the box over the desk. Thin things
(a bottle, a pen, an arm in front) do not part a body.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BRIDGE = 0.03
"""Gaps narrower than this share of the outline's height are closed."""


def largest_piece(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of ``mask`` (h, w), the samples of the largest connected piece, gaps bridged."""
    import cv2

    size = 2 * round(mask.shape[0] * _BRIDGE / 2) + 1
    kernel = np.ones((size, size), np.uint8)
    padded = np.pad(mask.astype(np.uint8), size)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)
    pieces, labels = cv2.connectedComponents(closed, connectivity=8)
    labels = labels[size:-size, size:-size]
    if pieces <= 2:
        return mask
    areas = np.bincount(labels[mask], minlength=pieces)
    piece: NDArray[np.bool_] = mask & (labels == int(areas[1:].argmax()) + 1)
    return piece
