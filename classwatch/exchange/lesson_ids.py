"""Lesson ids: names that are safe as a folder on every system, and unique.

Letters of any script, digits, spaces inside and most signs are kept, so that 课例一 stays 课例一.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

MAX_BYTES = 100
_FORBIDDEN = frozenset('<>:"/\\|?*')
_RESERVED = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9¹²³]|conin\$|conout\$)(\..*)?", re.I)
_TAKEN = frozenset({"run.json", "summary.csv", "summary.parquet", "summary.xlsx"})
"""Names that a run itself writes into the output folder."""
_FORMULA_START = "=+@"
_EDGES = " ."


def problem(lesson_id: str) -> str:
    """Why ``lesson_id`` cannot be a lesson id, "" when it can."""
    text = unicodedata.normalize("NFC", lesson_id)
    if not text.strip():
        return "is empty"
    if bad := sorted({c for c in text if c in _FORBIDDEN}):
        return f"holds {' '.join(bad)}"
    if any(_is_invisible(c) for c in text):
        return "holds a control character"
    if text[0] in "-." or text[0] in _FORMULA_START:
        return f"starts with {text[0]}"
    if text != text.strip() or text[-1] in _EDGES:
        return "starts or ends with a space or a dot"
    if _RESERVED.fullmatch(text) or text.casefold() in _TAKEN:
        return "is a reserved name"
    if len(text.encode()) > MAX_BYTES:
        return f"is longer than {MAX_BYTES} bytes"
    return ""


def safe_id(text: str) -> str:
    """A legal id as close to ``text`` as possible; deterministic."""
    normal = unicodedata.normalize("NFC", text)
    kept = "".join("_" if c in _FORBIDDEN or _is_separator(c) else c for c in normal)
    kept = "".join(c for c in kept if not _is_invisible(c))
    kept = " ".join(kept.split()).lstrip("-. " + _FORMULA_START).rstrip(_EDGES)
    if len(kept.encode()) > MAX_BYTES:
        mark = "~" + hashlib.sha256(normal.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        kept = _cut(kept, MAX_BYTES - len(mark)).rstrip(_EDGES) + mark
    if not kept:
        return "lesson"
    return f"_{kept}" if problem(kept) else kept


def unique_ids(files: Sequence[PurePath], taken: Sequence[str] = ()) -> tuple[str, ...]:
    """One id for each file, from its stem; the folder's name is put before stems that meet.

    Two ids that differ only in case would share a folder on many systems, so they count as equal.
    What still meets gets its suffix, then a number in the order given.
    """
    used = {t.casefold() for t in taken}
    ids = [safe_id(f.stem) for f in files]
    for spell in (_with_parent, _with_suffix):
        often = Counter(i.casefold() for i in ids)
        ids = [
            spell(f) if often[i.casefold()] > 1 or i.casefold() in used else i
            for f, i in zip(files, ids, strict=True)
        ]
    result: list[str] = []
    for lesson_id in ids:
        chosen, number = lesson_id, 2
        while chosen.casefold() in used:
            mark = f"-{number}"
            chosen = _cut(lesson_id, MAX_BYTES - len(mark)) + mark
            number += 1
        used.add(chosen.casefold())
        result.append(chosen)
    return tuple(result)


def _with_parent(file: PurePath) -> str:
    return safe_id(f"{file.parent.name}-{file.stem}")


def _with_suffix(file: PurePath) -> str:
    return safe_id(f"{file.parent.name}-{file.stem}-{file.suffix.lstrip('.')}")


def _cut(text: str, max_bytes: int) -> str:
    return text.encode()[:max_bytes].decode(errors="ignore")


def _is_separator(char: str) -> bool:
    return unicodedata.category(char) in ("Zl", "Zp", "Cs", "Cc") and char not in "\x7f"


def _is_invisible(char: str) -> bool:
    """Control, format (direction marks), private and broken characters."""
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
