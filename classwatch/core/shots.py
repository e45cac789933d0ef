"""What a stream shows as a picture: coarse looks of its pictures, and the shots they form."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

LOOK_ROWS, LOOK_COLUMNS = 27, 48
"""Cells of a look: far too coarse to show who somebody is."""
INK_SCALE = 4
"""Ink is stored in quarters of a grey level."""


class ShotKind(StrEnum):
    """What a shot shows."""

    TEACHER = "teacher"
    STUDENTS = "students"
    BOARD = "board"
    """A board, a slide or a screen that fills the picture."""
    PANORAMA = "panorama"
    """Teacher and class together."""
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Shot:
    """A stretch between two cuts, half-open on the clock of its series.

    ``setup`` counts the views that a stream switches between, from 0 in order of first use: shots
    of one setup show the same room from the same place. Cuts are known to one sampling step.
    """

    start_s: float
    end_s: float
    kind: ShotKind
    setup: int
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """Coarse looks of f sampled pictures, each cut into 27 rows of 48 cells.

    ``light`` (f, 27, 48) uint8 is the mean brightness of a cell; ``ink`` the spread of brightness
    inside it in quarters of a grey level (strokes and edges, up to 63.75). ``frame_times_s`` (f,)
    ascends.
    """

    frame_times_s: NDArray[np.float64]
    light: NDArray[np.uint8]
    ink: NDArray[np.uint8]

    def __post_init__(self) -> None:
        expected = (len(self.frame_times_s), LOOK_ROWS, LOOK_COLUMNS)
        for name in ("light", "ink"):
            shape = getattr(self, name).shape
            if shape != expected:
                raise ValueError(f"{name}: expected shape {expected}, got {shape}")

    def __len__(self) -> int:
        return len(self.frame_times_s)

    @staticmethod
    def of(times_s: NDArray[np.float64], looks: list[NDArray[np.uint8]]) -> Looks:
        """From one array (2, 27, 48) of light and ink for each picture."""
        empty = np.zeros((0, 2, LOOK_ROWS, LOOK_COLUMNS), np.uint8)
        stacked = np.stack(looks) if looks else empty
        return Looks(times_s, stacked[:, 0], stacked[:, 1])
