"""Arrays that stages hand to each other in one ``.npz`` file; they are never published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import DataError
from classwatch.store.files import disk_errors


def save_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Store the arrays by name; ``ResourceError`` where the disk does not allow it."""
    with disk_errors(path):
        np.savez_compressed(path, allow_pickle=False, **arrays)


@contextmanager
def stored_arrays(path: Path, what: str) -> Iterator[Mapping[str, NDArray[Any]]]:
    """The arrays of ``save_arrays`` by name, read when asked for.

    ``DataError`` naming the file as not ``what`` where it is damaged or what is read from it fits
    nothing.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            yield arrays
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DataError(
            f"not {what}: {error}",
            subject=str(path),
            remedy="run the analysis again with --force to rebuild it",
        ) from error
