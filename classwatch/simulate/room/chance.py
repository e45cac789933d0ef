"""Named streams of chance, so that one part of a room can change without moving the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from zlib import crc32

import numpy as np

T = TypeVar("T")
Colour = tuple[float, float, float]


def stream(seed: int, name: str) -> np.random.Generator:
    """Generator of its own for ``name``: the same seed and name give the same draws."""
    return np.random.default_rng([seed, crc32(name.encode())])


def pick(rng: np.random.Generator, options: Sequence[T], weights: Sequence[float] = ()) -> T:
    """One of ``options``, with chances in proportion to ``weights`` (empty: all equal)."""
    shares = None if not weights else np.asarray(weights, float) / float(np.sum(weights))
    return options[int(rng.choice(len(options), p=shares))]


def shade(rng: np.random.Generator, low: Sequence[float], high: Sequence[float]) -> Colour:
    """A colour between two, the same share of the way in all three channels but for a little."""
    share = rng.uniform(0.0, 1.0)
    shares = np.clip(share + rng.normal(0.0, 0.035, 3), 0.0, 1.0)
    mixed = np.asarray(low) * (1 - shares) + np.asarray(high) * shares
    return colour(mixed)


def muted(rng: np.random.Generator, strength: float = 0.6) -> Colour:
    """Any colour, as far from grey as ``strength`` (0 grey, 1 as drawn) allows. sRGB 0 to 1."""
    drawn = rng.uniform(0.12, 0.92, 3)
    grey = drawn.mean()
    return colour(grey + (drawn - grey) * strength * rng.uniform(0.4, 1.0))


def linear(srgb: Sequence[float]) -> Colour:
    """Linear light of an sRGB colour (0 to 1), by the plain power 2.2 that the textures use too."""
    return colour(np.clip(np.asarray(srgb, float), 0.0, 1.0) ** 2.2)


def colour(values: Sequence[float] | np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Colour:
    """Three numbers as a plain tuple."""
    red, green, blue = (float(v) for v in values)
    return red, green, blue
