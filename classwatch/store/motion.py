"""What is told of single bodies, as stored between stages; it is never published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.motion import Motion
from classwatch.core.pose import GLANCES
from classwatch.store.arrays import save_arrays, stored_arrays

MOUTHS_FILE = "mouths.npz"
GLANCES_FILE = "glances.npz"
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


def save_glances(folder: Path, glance: NDArray[np.float32]) -> None:
    """Store ``glances.npz``: what each detection (n, 9) of a pose series seems to do."""
    save_arrays(folder / GLANCES_FILE, {"glance": glance.astype(np.float16)})


def load_glances(folder: Path, count: int) -> NDArray[np.float32]:
    """What ``save_glances`` stored for ``count`` detections; ``DataError`` where it is damaged."""
    with stored_arrays(folder / GLANCES_FILE, "the glances of a stream") as arrays:
        glance = arrays["glance"]
        if glance.shape != (count, len(GLANCES)):
            raise ValueError(f"expected shape {(count, len(GLANCES))}, got {glance.shape}")
        return np.asarray(glance, np.float32)


def save_motion(folder: Path, motion: Motion) -> None:
    """Store ``motion.npz``; ``ResourceError`` where the disk does not allow it."""
    arrays = {name: getattr(motion, name) for name in ("times_s", "arms", "mouth")}
    save_arrays(folder / MOTION_FILE, arrays | {"every_s": np.array(motion.every_s)})


def load_motion(folder: Path) -> Motion:
    """The motion of ``save_motion``; ``DataError`` naming the file where it is damaged."""
    with stored_arrays(folder / MOTION_FILE, "the movement of a stream") as arrays:
        every_s = float(arrays["every_s"])
        return Motion(arrays["times_s"], every_s, arrays["arms"], arrays["mouth"])
