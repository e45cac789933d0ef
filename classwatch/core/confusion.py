"""How a coder errs: counts of a sample that people coded as well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """``counts`` (K, K): true code by row, the coder's by column, both in the order ``labels``."""

    labels: tuple[str, ...]
    counts: NDArray[np.int64]

    def __post_init__(self) -> None:
        size = len(self.labels)
        if self.counts.shape != (size, size) or len(set(self.labels)) != size:
            raise ValueError(f"expected counts of {size} different labels, got {self.counts.shape}")
        if (self.counts < 0).any():
            raise ValueError("counts must not be negative")
