"""Frozen dataclasses to plain JSON values and back, led by their type hints.

Understood: dataclasses, ``tuple[X, ...]`` and fixed tuples, ``Mapping[str, X]``, string enums,
unions told apart by the JSON type, ``str``, ``int``, ``float``, ``bool``, ``None`` and ``object``
(any JSON value). Reading is strict: an unknown or missing field is an error, not a guess.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from classwatch.core.errors import DataError


def encode(value: object, hint: object) -> object:
    """JSON value of ``value``, whose type is ``hint``.

    Raises ``ValueError`` for NaN and infinity and ``TypeError`` where the value is not of the
    hinted type: both are mistakes of the program, not of a file.
    """
    value = _plain(value)
    if hint in _SCALARS or hint is object:
        return _encode_scalar(value, hint)
    if isinstance(hint, type):
        return _encode_class(value, hint)
    origin = get_origin(hint)
    if origin is tuple and isinstance(value, Sequence):
        return [encode(item, of) for item, of in _paired(value, get_args(hint), "$")]
    if isinstance(value, Mapping) and origin in _MAPPINGS:
        of = get_args(hint)[1]
        return {_key(key): encode(item, of) for key, item in value.items()}
    if origin in _UNIONS:
        return encode(value, _encoding_member(value, get_args(hint)))
    raise TypeError(f"cannot store {type(value).__name__} as {hint}")


def decode(data: object, hint: Any, where: str = "$") -> Any:
    """Value of type ``hint`` from a JSON value; ``where`` is the path named in a ``DataError``."""
    if hint in _SCALARS:
        return _decode_scalar(data, hint, where)
    if hint is object:
        return data
    if dataclasses.is_dataclass(hint):
        return _decode_dataclass(data, hint, where)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _built(hint, where, data)
    origin = get_origin(hint)
    if origin is tuple:
        if not isinstance(data, list):
            raise _mismatch("a list", data, where)
        pairs = _paired(data, get_args(hint), where)
        return tuple(decode(item, of, f"{where}[{i}]") for i, (item, of) in enumerate(pairs))
    if origin in _MAPPINGS:
        if not isinstance(data, dict):
            raise _mismatch("an object", data, where)
        of = get_args(hint)[1]
        return {key: decode(item, of, f"{where}.{key}") for key, item in data.items()}
    if origin in _UNIONS:
        return decode(data, _decoding_member(data, get_args(hint), where), where)
    raise TypeError(f"cannot read a value of type {hint}")


_SCALARS: tuple[object, ...] = (str, int, float, bool, NoneType)
_MAPPINGS = (Mapping, dict)
_UNIONS = (Union, UnionType)


@lru_cache(maxsize=256)
def _hints(kind: Any) -> dict[str, object]:
    hints = get_type_hints(kind)
    return {f.name: hints[f.name] for f in dataclasses.fields(kind)}


@lru_cache(maxsize=256)
def _required(kind: Any) -> frozenset[str]:
    missing = dataclasses.MISSING
    return frozenset(
        f.name
        for f in dataclasses.fields(kind)
        if f.default is missing and f.default_factory is missing
    )


def _plain(value: object) -> object:
    """numpy's numbers as Python's own."""
    if isinstance(value, (str, int, float)) and type(value).__module__ != "numpy":
        return value
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else value


def _encode_class(value: object, hint: type) -> object:
    if not isinstance(value, hint):
        raise TypeError(f"expected {hint.__name__}, got {type(value).__name__}")
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(hint):
        return {name: encode(getattr(value, name), of) for name, of in _hints(hint).items()}
    raise TypeError(f"cannot store a {hint.__name__}")


def _encode_scalar(value: object, hint: object) -> object:
    if hint is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        value = float(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("NaN and infinity have no place in a document: use None with a reason")
    if hint is not object and not (isinstance(hint, type) and isinstance(value, hint)):
        raise TypeError(f"expected {hint}, got {type(value).__name__}")
    return value


def _decode_scalar(data: object, hint: object, where: str) -> object:
    if hint is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if type(data) is not hint:
        raise _mismatch(_WORDS[hint], data, where)
    return data


_WORDS: Mapping[object, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    NoneType: "null",
}


def _decode_dataclass(data: object, hint: Any, where: str) -> object:
    if not isinstance(data, dict):
        raise _mismatch("an object", data, where)
    hints = _hints(hint)
    if unknown := sorted(data.keys() - hints.keys()):
        raise DataError(f"{where}: unknown field {unknown[0]!r}")
    if missing := sorted(_required(hint) - data.keys()):
        raise DataError(f"{where}: field {missing[0]!r} is missing")
    fields = {key: decode(item, hints[key], f"{where}.{key}") for key, item in data.items()}
    return _built(hint, where, **fields)


def _built(kind: Any, where: str, /, *args: object, **fields: object) -> object:
    try:
        return kind(*args, **fields)
    except (ValueError, TypeError) as error:
        raise DataError(f"{where}: {error}") from error


def _paired(
    items: Sequence[object], members: tuple[object, ...], where: str
) -> list[tuple[object, object]]:
    if len(members) == 2 and members[1] is Ellipsis:
        return [(item, members[0]) for item in items]
    if len(items) != len(members):
        raise DataError(f"{where}: expected {len(members)} items, found {len(items)}")
    return list(zip(items, members, strict=True))


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"keys of a mapping are text, got {type(key).__name__}")
    return key


def _encoding_member(value: object, members: tuple[object, ...]) -> object:
    for member in members:
        if type(value) is member or (get_origin(member) is not None and value is not None):
            return member
    for member in members:
        if isinstance(member, type) and isinstance(value, member):
            return member
    raise TypeError(f"{type(value).__name__} is none of {members}")


def _decoding_member(data: object, members: tuple[object, ...], where: str) -> object:
    if data is None and NoneType in members:
        return NoneType
    for member in members:
        if type(data) is member:
            return member
    rest = [m for m in members if m not in (NoneType, str, int, bool)]
    if len(rest) == 1 and data is not None:
        return rest[0]
    raise _mismatch("one of " + ", ".join(str(m) for m in members), data, where)


def _mismatch(expected: str, data: object, where: str) -> DataError:
    found = repr(data)[:60]
    if isinstance(data, (dict, list)):
        found = "an object" if isinstance(data, dict) else "a list"
    return DataError(f"{where}: expected {expected}, found {found}")
