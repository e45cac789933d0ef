"""How functions are compiled.

No kernel makes arrays, so none needs to count references to them: where named tuples of arrays go
from function to function, counting costs two thirds of the time. numba's option ``_nrt`` turns it
off. Compiled code is kept beside the source or in the user's cache folder.
"""

from __future__ import annotations

from typing import Any

import numba

_EXACT: dict[str, Any] = {"cache": True, "_nrt": False, "error_model": "numpy"}
_FAST: dict[str, Any] = {**_EXACT, "fastmath": True}


def exact(function: Any) -> Any:
    """The same result on every machine: for what becomes truth."""
    return numba.njit(**_EXACT)(function)


def exact_part(function: Any) -> Any:
    """``exact``, built into its callers."""
    return numba.njit(**_EXACT, forceinline=True)(function)


def fast(function: Any) -> Any:
    """Sums may be taken in any order: for what is only looked at."""
    return numba.njit(**_FAST)(function)


def fast_part(function: Any) -> Any:
    """``fast``, built into its callers."""
    return numba.njit(**_FAST, forceinline=True)(function)
