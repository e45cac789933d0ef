"""What is told of single bodies, as stored between stages; it is never published."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.motion import Motion
from classwatch.core.pose import Detections
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


def save_glances(folder: Path, people: Detections) -> None:
    """Store ``glances.npz``: what each detection of a pose series seems to do, and wears."""
    glance = np.asarray(people.glance, np.float16)
    save_arrays(folder / GLANCES_FILE, {"glance": glance, "clothes": people.clothes})


def with_glances(folder: Path, people: Detections) -> Detections:
    """``people`` with what ``save_glances`` stored of them; ``DataError`` where it is damaged."""
    with stored_arrays(folder / GLANCES_FILE, "the glances of a stream") as arrays:
        glance, clothes = arrays["glance"], arrays["clothes"]
        if len(glance) != len(people):
            raise ValueError(f"expected {len(people)} glances, got {len(glance)}")
        return replace(people, glance=np.asarray(glance, np.float32), clothes=clothes)


def save_motion(folder: Path, motion: Motion) -> None:
    """Store ``motion.npz``; ``ResourceError`` where the disk does not allow it."""
    arrays = {name: getattr(motion, name) for name in ("times_s", "arms", "mouth")}
    save_arrays(folder / MOTION_FILE, arrays | {"every_s": np.array(motion.every_s)})


def load_motion(folder: Path) -> Motion:
    """The motion of ``save_motion``; ``DataError`` naming the file where it is damaged."""
    with stored_arrays(folder / MOTION_FILE, "the movement of a stream") as arrays:
        every_s = float(arrays["every_s"])
        return Motion(arrays["times_s"], every_s, arrays["arms"], arrays["mouth"])
