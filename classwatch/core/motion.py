"""How much arms and mouths of those who may be speaking move, in one stream's sampled pictures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Mover(StrEnum):
    """Whose movement it is. Students are never told apart: the liveliest of those standing."""

    TEACHER = "teacher"
    ADULT = "adult"
    STUDENT = "student"


MOVERS = tuple(Mover)


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Movement between the f pictures of a stream, each against the one ``every_s`` before.

    ``times_s`` (f,) of the later picture, ascending. ``arms`` (f, 3) in distances of the shoulders
    a second, ``mouth`` (f, 3) the share of the change of a face that lies in its lower half; one
    column for each of ``MOVERS``, NaN where it was not seen.
    """

    times_s: NDArray[np.float64]
    every_s: float
    arms: NDArray[np.float32]
    mouth: NDArray[np.float32]

    def __post_init__(self) -> None:
        expected = (len(self.times_s), len(MOVERS))
        for name in ("arms", "mouth"):
            shape = getattr(self, name).shape
            if shape != expected:
                raise ValueError(f"{name}: expected shape {expected}, got {shape}")
