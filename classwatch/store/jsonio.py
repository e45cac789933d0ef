"""JSON with one spelling per value: sorted keys, plain UTF-8, no NaN."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NoReturn

from classwatch.core.errors import DataError


def canonical_json(value: object) -> bytes:
    """The shortest spelling: for digests and for cells of tables. NaN raises ``ValueError``."""
    text = json.dumps(
        value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    return _utf8(text)


def readable_json(value: object) -> bytes:
    """One item a line and a newline at the end: for files. NaN raises ``ValueError``."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1)
    return _utf8(text + "\n")


def parse_json(raw: bytes | str, *, subject: str) -> object:
    """The value of a JSON text; ``DataError`` naming ``subject`` where it is not strict JSON."""
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8-sig")
        value: object = json.loads(
            text, parse_constant=_refuse_constant, object_pairs_hook=_refuse_repeats
        )
    except (ValueError, RecursionError) as error:
        raise DataError(f"not valid JSON: {error}", subject=subject) from error
    return value


def _utf8(text: str) -> bytes:
    # File names that are not UTF-8 hold lone surrogates; here they become JSON's own \udcxx.
    return text.encode("utf-8", errors="backslashreplace")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _refuse_repeats(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("a key is given twice in one object")
    return record
