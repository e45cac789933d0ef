"""The coarse look of one picture: enough for cuts and writing on a board, too little for people."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classwatch.core.shots import INK_SCALE, LOOK_COLUMNS, LOOK_ROWS

_CELL_PX = 10
"""Sides of a cell in the picture that is measured: 480 by 270 pixels, whatever the recording."""


def look(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Light and ink (2, 27, 48) of a picture (h, w, 3); see ``Looks``."""
    import cv2

    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    size = (LOOK_COLUMNS * _CELL_PX, LOOK_ROWS * _CELL_PX)
    smaller = grey.shape[1] > size[0]
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    cells = small.reshape(LOOK_ROWS, _CELL_PX, LOOK_COLUMNS, _CELL_PX).astype(np.float32)
    light = cells.mean(axis=(1, 3))
    ink = np.minimum(cells.std(axis=(1, 3)) * INK_SCALE, 255)
    return np.stack([np.rint(light), np.rint(ink)]).astype(np.uint8)
