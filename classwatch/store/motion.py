"""How much mouths and arms move, as stored between stages; it is never published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.motion import Motion
from classwatch.store.arrays import save_arrays, stored_arrays

MOUTHS_FILE = "mouths.npz"
MOTION_FILE = "motion.npz"


def save_mouths(folder: Path, mouth: NDArray[np.float32]) -> None:
    """Store ``mouths.npz``: one number (n,) for each detection of a pose series, NaN for none."""
    save_arrays(folder / MOUTHS_FILE, {"mouth": mouth})


def load_mouths(folder: Path, count: int) -> NDArray[np.float32]:
    """What ``save_mouths`` stored for ``count`` detections; ``DataError`` where it is damaged."""
    with stored_arrays(folder / MOUTHS_FILE, "the mouths of a stream") as arrays:
        mouth = arrays["mouth"]
        if mouth.shape != (count,):
            raise ValueError(f"expected shape {(count,)}, got {mouth.shape}")
        return np.asarray(mouth, np.float32)


def save_motion(folder: Path, motion: Motion) -> None:
    """Store ``motion.npz``; ``ResourceError`` where the disk does not allow it."""
    arrays = {name: getattr(motion, name) for name in ("times_s", "arms", "mouth")}
    save_arrays(folder / MOTION_FILE, arrays | {"every_s": np.array(motion.every_s)})


def load_motion(folder: Path) -> Motion:
    """The motion of ``save_motion``; ``DataError`` naming the file where it is damaged."""
    with stored_arrays(folder / MOTION_FILE, "the movement of a stream") as arrays:
        every_s = float(arrays["every_s"])
        return Motion(arrays["times_s"], every_s, arrays["arms"], arrays["mouth"])
