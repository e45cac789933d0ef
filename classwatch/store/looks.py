"""Coarse looks of pictures as stored between stages; they are never published."""

from __future__ import annotations

from pathlib import Path

from classwatch.core.shots import Looks
from classwatch.store.arrays import save_arrays, stored_arrays

LOOKS_FILE = "looks.npz"


def save_looks(folder: Path, looks: Looks) -> None:
    """Store ``looks.npz``; ``ResourceError`` where the disk does not allow it."""
    names = ("frame_times_s", "light", "ink")
    save_arrays(folder / LOOKS_FILE, {name: getattr(looks, name) for name in names})


def load_looks(folder: Path) -> Looks:
    """The looks of ``save_looks``; ``DataError`` naming the file where it is damaged."""
    with stored_arrays(folder / LOOKS_FILE, "the looks of a stream") as arrays:
        return Looks(arrays["frame_times_s"], arrays["light"], arrays["ink"])
