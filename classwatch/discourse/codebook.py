"""Codebooks: what each code means, with examples, as files that users may edit and add to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classwatch.config.data import read_yaml
from classwatch.core.errors import DataError, InputError
from classwatch.core.resources import resource_dir


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One code. ``positive`` are examples of it, ``negative`` of what is easily taken for it."""

    code: str
    name_zh: str
    name_en: str
    definition_zh: str
    definition_en: str
    positive: tuple[str, ...]
    negative: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Codebook:
    """A codebook: ``id``, ``source`` as cited, ``status`` as in norms (primary, secondary …)."""

    id: str
    name_zh: str
    name_en: str
    source: str
    status: str
    codes: tuple[CodeEntry, ...]

    def entry(self, code: str) -> CodeEntry:
        """The entry of ``code``; ``KeyError`` when the book has none."""
        for entry in self.codes:
            if entry.code == code:
                return entry
        raise KeyError(code)


_BOOK = ("id", "name_zh", "name_en", "source", "status")
_TEXTS = ("code", "name_zh", "name_en", "definition_zh", "definition_en")
_STATUS = ("own", "primary", "secondary", "recalled")


def codebook_names() -> tuple[str, ...]:
    """Names of the codebooks that ship with classwatch."""
    folder = resource_dir("configs") / "codebooks"
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def load_codebook(book: str | Path) -> Codebook:
    """A shipped codebook by name, or one of the user's by path.

    Errors: ``InputError`` when there is no such book or it is no YAML; ``DataError`` naming the
    file and the code when a field is missing, unknown, empty or of the wrong type, when a code
    occurs twice, or an example is given for and against.
    """
    path = book if isinstance(book, Path) else resource_dir("configs") / f"codebooks/{book}.yaml"
    if not isinstance(book, Path) and book not in codebook_names():
        raise InputError(
            f"there is no codebook {book!r}",
            subject="codebook",
            remedy=f"one of {', '.join(codebook_names())}, or the path of your own",
        )
    return _book(read_yaml(path), str(path))


def _book(table: dict[str, Any], subject: str) -> Codebook:
    unknown = sorted(map(str, set(table) - {*_BOOK, "codes", "version"}))
    if unknown:
        raise DataError(f"unknown field {', '.join(unknown)}", subject=subject)
    texts = {name: _text(table, name, "", subject) for name in _BOOK}
    if texts["status"] not in _STATUS:
        raise DataError(f"status must be one of {', '.join(_STATUS)}", subject=subject)
    rows = table.get("codes")
    if not isinstance(rows, list) or not rows:
        raise DataError("`codes` must be a list of codes", subject=subject)
    codes = tuple(_code(row, at, subject) for at, row in enumerate(rows, 1))
    names = [entry.code for entry in codes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"codes given twice: {', '.join(twice)}", subject=subject)
    return Codebook(**texts, codes=codes)


def _code(row: object, number: int, subject: str) -> CodeEntry:
    if not isinstance(row, dict):
        raise DataError(f"code {number} must be a mapping", subject=subject)
    where = f"code {row.get('code', number)}: "
    unknown = sorted(map(str, set(row) - {*_TEXTS, "positive", "negative"}))
    if unknown:
        raise DataError(f"{where}unknown field {', '.join(unknown)}", subject=subject)
    texts = {name: _text(row, name, where, subject) for name in _TEXTS}
    positive, negative = (_examples(row, name, where, subject) for name in ("positive", "negative"))
    both = sorted(set(positive) & set(negative))
    if both:
        raise DataError(f"{where}an example for and against: {both[0]}", subject=subject)
    return CodeEntry(**texts, positive=positive, negative=negative)


def _text(row: dict[str, Any], name: str, where: str, subject: str) -> str:
    value = row.get(name)
    # A bare number is a code that people write without quotes.
    if name == "code" and isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise DataError(f"{where}`{name}` must be a text that is not empty", subject=subject)
    return value.strip()


def _examples(row: dict[str, Any], name: str, where: str, subject: str) -> tuple[str, ...]:
    value = row.get(name, [])
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise DataError(f"{where}`{name}` must be a list of texts", subject=subject)
    return tuple(value)
