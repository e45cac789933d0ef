"""Recognition errors, simulated: characters or words substituted, deleted and inserted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np

_SHARES = (0.6, 0.25, 0.15)
"""Substitutions, deletions and insertions among all errors."""


def with_errors(texts: Sequence[str], rate: float, seed: int, *, words: bool) -> tuple[str, ...]:
    """The texts without punctuation and capitals, with ``rate`` errors per unit.

    Units are characters (Chinese) or words. Wrong units are drawn from the texts themselves, by
    their frequency. A recogniser errs by sound and never at random, so this is harder on words that
    sound like no other and easier on the rest; it says how a model degrades, not by how much.
    """
    split = [_units(text, words) for text in texts]
    pool = [unit for units in split for unit in units]
    rng = np.random.default_rng([seed, crc32(b"with_errors")])
    joint = " " if words else ""
    return tuple(joint.join(_spoiled(units, rate, pool, rng)) for units in split)


def _units(text: str, words: bool) -> list[str]:
    plain = text.lower().replace("’", "'")
    return re.findall(r"[a-z0-9']+", plain) if words else re.findall(r"\w", plain)


def _spoiled(units: list[str], rate: float, pool: list[str], rng: np.random.Generator) -> list[str]:
    found: list[str] = []
    kinds = rng.random(len(units))
    for unit, kind in zip(units, kinds, strict=True):
        if kind >= rate:
            found.append(unit)
        elif kind < rate * _SHARES[0]:
            found.append(pool[int(rng.integers(len(pool)))])
        elif kind >= rate * (_SHARES[0] + _SHARES[1]):
            found.extend([unit, pool[int(rng.integers(len(pool)))]])
    return found
