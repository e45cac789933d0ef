"""Names of counts that have parts: ``hit`` of camera ``front`` and height ``60-100 px``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

_SEPARATOR = "\t"

ValueT = TypeVar("ValueT")


def key(*parts: str) -> str:
    """One name of several parts; a tab within a part becomes a space."""
    return _SEPARATOR.join(part.replace(_SEPARATOR, " ") for part in parts)


def parts_of(name: str) -> tuple[str, ...]:
    """The parts that ``key`` put together."""
    return tuple(name.split(_SEPARATOR))


def named(values: Mapping[str, ValueT], name: str) -> dict[tuple[str, ...], ValueT]:
    """What stands under keys of ``name`` and more parts, by these parts, in their order."""
    head = name + _SEPARATOR
    found = {parts_of(k)[1:]: v for k, v in values.items() if k.startswith(head)}
    return dict(sorted(found.items()))


def total(counts: Mapping[str, float], name: str, *parts: str | None) -> float:
    """Sum of the counts called ``name`` with these parts; None, or a part left out, is any."""
    return sum(
        value
        for found, value in named(counts, name).items()
        if all(part is None or part == own for part, own in zip(parts, found, strict=False))
    )
