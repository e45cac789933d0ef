"""Whether an MP4 or MOV file is encrypted, read from its boxes.

The decoder does not tell: it hands out encrypted samples as if they were pictures.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_PATH_TO_SAMPLES = (b"trak", b"mdia", b"minf", b"stbl", b"stsd")
_PROTECTED = (b"encv", b"enca")
_MAX_BOXES = 10_000


def encryption_scheme(path: Path) -> str:
    """Name of the protection scheme (``cenc``, ``cbcs``, ...), or "" where there is none.

    Looks for protected sample entries (ISO/IEC 14496-12, 8.12). Anything that is not an MP4, or
    a damaged one, gives "": the demuxer then says what is wrong.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if file.read(8)[4:8] not in (b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip", b"styp"):
            return ""
        for kind, start, end in _boxes(file, 0, size):
            if kind == b"moov":
                return _in_movie(file, start, end)
    return ""


def _in_movie(file: BinaryIO, start: int, end: int) -> str:
    spans = [(start, end)]
    for name in _PATH_TO_SAMPLES:
        spans = [
            (first, last)
            for span in spans
            for kind, first, last in _boxes(file, *span)
            if kind == name
        ]
    for first, last in spans:
        # stsd starts with version, flags and a count.
        for kind, entry_start, entry_end in _boxes(file, first + 8, last):
            if kind in _PROTECTED:
                return _scheme(file, entry_start, entry_end)
    return ""


def _scheme(file: BinaryIO, start: int, end: int) -> str:
    file.seek(start)
    entry = file.read(min(end - start, 1 << 16))
    at = entry.find(b"schm")
    found = entry[at + 8 : at + 12] if at >= 0 else b""
    return found.decode("ascii", "replace").strip() or "unknown scheme"


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of the contents of each box in ``[start, end)``."""
    for _ in range(_MAX_BOXES):
        if start + 8 > end:
            return
        file.seek(start)
        head = file.read(16)
        size, kind, body = int.from_bytes(head[:4]), head[4:8], start + 8
        if size == 1:
            size, body = int.from_bytes(head[8:16]), start + 16
        elif size == 0:
            size = end - start
        if size < body - start:
            return
        yield kind, body, min(start + size, end)
        start += size
