"""Published reference values, kept as data with where they come from and how well that is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from classwatch.config.data import read_yaml
from classwatch.core.errors import InputError
from classwatch.core.norms import Norm, NormStatus
from classwatch.core.resources import resource_dir

_TEXTS = ("id", "unit", "source", "sampling", "status", "note_zh", "note_en")
_OPTIONAL = ("measure", "part", "country", "stage", "n")
_NUMBERS = ("value", "low", "high")


def load_norms(*, recalled: bool = False, folder: Path | None = None) -> tuple[Norm, ...]:
    """Every norm of ``configs/norms`` (or of ``folder``), by id.

    Norms that nobody has checked (status ``recalled``) are left out unless asked for. Errors:
    ``InputError`` naming the file and the entry when a field is missing, unknown or mistyped, or
    when an id appears twice.
    """
    found: dict[str, Norm] = {}
    for path in sorted((folder or resource_dir("configs") / "norms").glob("*.yaml")):
        for norm in _norms_in(path):
            if norm.id in found:
                raise InputError(f"norm {norm.id} is given twice", subject=str(path))
            found[norm.id] = norm
    shown = (n for n in found.values() if recalled or n.status is not NormStatus.RECALLED)
    return tuple(sorted(shown, key=lambda norm: norm.id))


def norms_for(norms: tuple[Norm, ...], measure_id: str, part: str = "") -> tuple[Norm, ...]:
    """The norms of one cell; ``measure_id`` may carry a sampling suffix."""
    name = measure_id.partition("@")[0]
    return tuple(n for n in norms if n.measure == name and n.part == part)


def _norms_in(path: Path) -> Iterator[Norm]:
    entries = read_yaml(path).get("norms")
    if not isinstance(entries, list):
        raise InputError("needs a list called norms", subject=str(path))
    for entry in entries:
        if not isinstance(entry, dict):
            raise InputError("every norm is a mapping", subject=str(path))
        yield _norm(entry, path)


def _norm(entry: dict[str, Any], path: Path) -> Norm:
    name = entry.get("id", "(without an id)")
    absent = [key for key in _TEXTS if not entry.get(key)]
    unknown = sorted(set(entry) - {*_TEXTS, *_OPTIONAL, *_NUMBERS, "year"})
    if absent or unknown:
        raise InputError(f"norm {name}: lacks {absent}, does not know {unknown}", subject=str(path))
    numbers = {key: _number(entry, key, path) for key in _NUMBERS}
    if all(number is None for number in numbers.values()):
        raise InputError(f"norm {name}: needs value, low or high", subject=str(path))
    if entry["status"] not in set(NormStatus):
        raise InputError(
            f"norm {name}: status {entry['status']!r} is none of {', '.join(NormStatus)}",
            subject=str(path),
        )
    year = _number(entry, "year", path)
    text = {key: str(entry.get(key) or "") for key in (*_TEXTS, *_OPTIONAL)}
    return Norm(
        id=text["id"],
        measure=text["measure"],
        part=text["part"],
        unit=text["unit"],
        value=numbers["value"],
        low=numbers["low"],
        high=numbers["high"],
        source=text["source"],
        year=None if year is None else int(year),
        country=text["country"],
        stage=text["stage"],
        n=text["n"],
        sampling=text["sampling"],
        status=NormStatus(text["status"]),
        note_zh=text["note_zh"],
        note_en=text["note_en"],
    )


def _number(entry: dict[str, Any], key: str, path: Path) -> float | None:
    number = entry.get(key)
    if number is None:
        return None
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise InputError(f"norm {entry.get('id')}: {key} is no number", subject=str(path))
    return float(number)
