"""Giving memory back to the system, so that a process weighs what it holds and not what it held.

glibc keeps freed memory in one arena per thread, and raises its own limits while a program runs;
over a four-hour lesson that costs more than all the data. Elsewhere nothing is done.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Options of ``mallopt``, from glibc's ``malloc.h``."""

_LARGE_BYTES = 4 * 1024 * 1024


def settle_memory() -> None:
    """Few arenas, and limits that stay as they are; to be called as a process begins."""
    libc = _glibc()
    if libc is not None:
        libc.mallopt(_ARENA_MAX, 2)
        libc.mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
        libc.mallopt(_TRIM_THRESHOLD, _LARGE_BYTES)


def trim_memory() -> None:
    """Hand freed memory back now."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "gnu_get_libc_version") else None
