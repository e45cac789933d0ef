"""Text of files that people bring from anywhere: UTF-8, UTF-16, GBK, or Western European."""

from __future__ import annotations

import re
from pathlib import Path

from classwatch.config.yamlfile import read_bytes as read_limited
from classwatch.core.errors import InputError

MOST_BYTES = 50_000_000
_HIGH = re.compile(rb"[\x80-\xff]+")
_SAVE = "save the file as UTF-8"


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """Content of a file of at most ``most`` bytes; InputError or ResourceError naming it."""
    return read_limited(path, most)


def decode(data: bytes, subject: str) -> tuple[str, str]:
    """The text and the name of its encoding; line ends become ``\\n``.

    Bytes that are no UTF-8 are GB 18030 where nearly all bytes above 127 come in pairs, as in
    Chinese text, and Windows-1252 where they stand alone, as accents do in European text. Raises
    InputError where they are neither.
    """
    for encoding in _candidates(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            continue
        return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), encoding
    raise InputError("is no text in UTF-8, UTF-16, GBK or CP1252", subject=subject, remedy=_SAVE)


def note_of(encoding: str) -> tuple[str, ...]:
    """A remark where the encoding was guessed; nothing for Unicode."""
    if encoding.startswith("utf"):
        return ()
    name = {"gb18030": "GBK", "cp1252": "CP1252 (Western European)"}[encoding]
    return (f"the text is not Unicode and was read as {name}; {_SAVE} if it looks wrong",)


def _candidates(data: bytes) -> tuple[str, ...]:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ("utf-16",)
    zeros = data[:4000].count(0)
    if zeros > len(data[:4000]) // 5:
        odd = data[1:4000:2].count(0)
        return ("utf-16-le",) if odd * 2 > zeros else ("utf-16-be",)
    runs = [len(run) for run in _HIGH.findall(data)]
    paired = sum(length for length in runs if length % 2 == 0)
    chinese = paired >= 0.8 * sum(runs)
    return ("utf-8-sig", *(("gb18030", "cp1252") if chinese else ("cp1252", "gb18030")))
