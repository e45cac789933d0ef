"""Coarse looks of pictures as stored between stages; they are never published."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from classwatch.core.errors import DataError
from classwatch.core.shots import Looks
from classwatch.store.files import disk_errors

LOOKS_FILE = "looks.npz"


def save_looks(folder: Path, looks: Looks) -> None:
    """Store ``looks.npz``; ``ResourceError`` where the disk does not allow it."""
    path = folder / LOOKS_FILE
    with disk_errors(path):
        np.savez_compressed(
            path,
            allow_pickle=False,
            frame_times_s=looks.frame_times_s,
            light=looks.light,
            ink=looks.ink,
        )


def load_looks(folder: Path) -> Looks:
    """The looks of ``save_looks``; ``DataError`` naming the file where it is damaged."""
    path = folder / LOOKS_FILE
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return Looks(arrays["frame_times_s"], arrays["light"], arrays["ink"])
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DataError(
            f"not the looks of a stream: {error}",
            subject=str(path),
            remedy="run the analysis again with --force to rebuild it",
        ) from error
