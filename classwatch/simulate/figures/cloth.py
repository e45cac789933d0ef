"""Painted cloth: grey or coloured multipliers for garments, and school uniforms.

All tiles repeat without seam. Bytes are sRGB; the mean of a multiplier is near ``CLOTH_MEAN``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Field = NDArray[np.float32]
Rgb = tuple[float, float, float]

CLOTH_MEAN = 0.62
"""Mean of a multiplier in linear light; colours are divided by it."""
Weave = Literal["plain", "knit", "stripe", "plaid", "print", "denim"]
WEAVES: tuple[Weave, ...] = ("plain", "knit", "stripe", "plaid", "print", "denim")
_TILE_PX = 256
_UNIFORM_PX = 512


def _noise(size: int, rng: np.random.Generator, octaves: tuple[tuple[int, float], ...]) -> Field:
    """Smooth noise of unit variance or so, (size, size): grids of random heights, blended."""
    total = np.zeros((size, size), np.float32)
    for cells, weight in octaves:
        grid = rng.standard_normal((cells, cells)).astype(np.float32)
        at = np.arange(size) * cells / size
        low = at.astype(int)
        share = (0.5 - 0.5 * np.cos(np.pi * (at - low))).astype(np.float32)
        high = (low + 1) % cells
        rows = grid[low] * (1 - share)[:, None] + grid[high] * share[:, None]
        total += weight * (rows[:, low] * (1 - share) + rows[:, high] * share)
    return np.asarray(total / np.sqrt(sum(w * w for _, w in octaves)), np.float32)


def _bytes(picture: NDArray[np.floating]) -> Picture:
    return np.asarray(np.clip(picture, 0, 1) * 255 + 0.5, np.uint8)


def _folds(size: int, rng: np.random.Generator) -> Field:
    """Cloth without pattern: folds, weave and creases, each a light edge beside a dark one."""
    folds = _noise(size, rng, ((3, 1.0), (6, 0.8), (12, 0.5)))
    weave = rng.standard_normal((size, size)).astype(np.float32)
    ridge = _noise(size, rng, ((5, 1.0), (10, 0.6)))
    crease = np.exp(-((ridge / 0.22) ** 2)) - np.exp(-(((ridge - 0.35) / 0.22) ** 2))
    return np.asarray(0.80 + 0.05 * folds + 0.022 * weave + 0.085 * crease, np.float32)


def fabric(weave: Weave, rng: np.random.Generator) -> Picture:
    """A tile (256, 256, 3) of one kind of cloth."""
    picture = np.repeat(_folds(_TILE_PX, rng)[..., None], 3, 2)
    picture *= _pattern(weave, rng)
    # Patterns darken: bring the mean back, so that the garment's colour stays what it was.
    mean = float((picture**2.2).mean())
    return _bytes(picture * (CLOTH_MEAN / max(mean, 1e-3)) ** (1 / 2.2))


def _pattern(weave: Weave, rng: np.random.Generator) -> Field:
    at = np.arange(_TILE_PX)
    plain = np.ones((_TILE_PX, _TILE_PX, 3), np.float32)
    if weave == "knit":
        plain *= (1 + 0.05 * np.sin(at * 2 * np.pi / 8))[None, :, None]
    elif weave == "denim":
        plain *= 1 + 0.05 * rng.standard_normal((1, _TILE_PX, 1))
        plain *= 1 + 0.10 * _noise(_TILE_PX, rng, ((2, 1.0), (4, 1.0)))[..., None]
    elif weave == "stripe":
        period = int(rng.choice([16, 32, 64]))
        inked = ((at % period) < period * rng.uniform(0.2, 0.5))[:, None, None]
        inked = inked if rng.random() < 0.6 else inked.transpose(1, 0, 2)
        plain = np.where(inked, plain * rng.uniform(0.25, 1.0, 3), plain)
    elif weave == "plaid":
        period = int(rng.choice([32, 64]))
        wide = ((at % period) < period * 0.45).astype(np.float32)
        thin = (np.abs(at % period - period * 0.7) < period * 0.06).astype(np.float32)
        dim, line = rng.uniform(0.0, 0.35, 3), rng.uniform(0.0, 0.5, 3)
        plain *= (1 - wide[:, None, None] * dim) * (1 - wide[None, :, None] * dim)
        plain *= 1 - np.maximum(thin[:, None], thin[None, :])[..., None] * line
    elif weave == "print":
        plain = _printed(plain, rng)
    return plain.astype(np.float32)


def _printed(plain: Field, rng: np.random.Generator) -> Field:
    y, x = np.mgrid[0:_TILE_PX, 0:_TILE_PX]
    for _ in range(int(rng.integers(3, 9))):
        colour = rng.uniform(0.3, 1.2, 3)
        x0, y0 = rng.integers(0, _TILE_PX, 2)
        radius = int(rng.integers(_TILE_PX // 24, _TILE_PX // 7))
        dx = (x - x0 + _TILE_PX // 2) % _TILE_PX - _TILE_PX // 2
        dy = (y - y0 + _TILE_PX // 2) % _TILE_PX - _TILE_PX // 2
        round_one = rng.random() < 0.5
        inside = (
            dx**2 + dy**2 < radius**2 if round_one else (abs(dx) < radius) & (abs(dy) < radius / 2)
        )
        plain[inside] = colour
    return plain


def strands(rng: np.random.Generator) -> Picture:
    """A tile (256, 256, 3) of hair: locks and strands along v, darker between the locks."""
    size = _TILE_PX
    locks = _noise(size, rng, ((24, 1.0), (48, 0.7)))[:1]
    fine = rng.standard_normal((1, size)).astype(np.float32)
    bend = _noise(size, rng, ((3, 1.0), (6, 0.5)))
    columns = (np.arange(size)[None, :] + 5.0 * bend).astype(int) % size
    x = 0.66 + 0.13 * locks[0][columns] + 0.10 * fine[0][columns]
    shine = 0.06 * _noise(size, rng, ((4, 1.0), (8, 0.5)))
    return _bytes(np.repeat((x + shine)[..., None], 3, 2))


HAIR_MEAN = 0.40
"""Mean of ``strands`` in linear light."""


@dataclass(frozen=True, slots=True)
class UniformColours:
    """sRGB colours of a school's clothes."""

    body: Rgb
    yoke: Rgb
    trim: Rgb
    bottom: Rgb


_HUES: tuple[Rgb, ...] = (
    (0.16, 0.30, 0.62),
    (0.72, 0.15, 0.17),
    (0.10, 0.15, 0.35),
    (0.10, 0.42, 0.30),
    (0.93, 0.94, 0.95),
    (0.25, 0.55, 0.80),
    (0.45, 0.12, 0.22),
)
_BOTTOMS: tuple[Rgb, ...] = ((0.10, 0.13, 0.25), (0.12, 0.12, 0.14), (0.16, 0.28, 0.55))


def uniform_colours(rng: np.random.Generator) -> UniformColours:
    """Colours drawn for one school: more often than not a white body with a coloured yoke."""
    one, two, three = (_HUES[int(k)] for k in rng.choice(len(_HUES), 3, replace=False))
    body = (0.93, 0.94, 0.95) if rng.random() < 0.6 else one
    yoke = two if two != body else one
    return UniformColours(body, yoke, three, _BOTTOMS[int(rng.integers(len(_BOTTOMS)))])


def uniform(colours: UniformColours, rng: np.random.Generator) -> Picture:
    """A tracksuit top (512, 512, 3), drawn flat: u across the body, v height over stature.

    See ``flat_uv`` for the coordinates of vertices.
    """
    size = _UNIFORM_PX
    at = (np.arange(size) + 0.5) / size
    aside, height = np.meshgrid(np.abs(at - 0.5), 1 - at)
    picture = np.tile(np.array(colours.body, np.float32), (size, size, 1))
    cut = int(rng.integers(4))
    shoulder = 0.735 + 0.12 * aside
    if cut == 0:
        picture[height > shoulder] = colours.yoke
    elif cut == 1:
        picture[height > 0.76 - 0.25 * aside] = colours.yoke
    elif cut == 2:
        picture[aside > 0.135] = colours.yoke
    band = np.abs(aside - 0.14) if cut == 2 else np.abs(height - shoulder)
    picture[band < 0.006] = colours.trim
    picture[(aside < 0.003) & (height > 0.4)] *= 0.6  # the zip
    picture[(aside < 0.05) & (height > 0.83)] = np.array(colours.trim) * 0.9  # the collar
    grey = picture.mean(2, keepdims=True)
    picture = grey + (picture - grey) * rng.uniform(0.6, 0.95)
    return _bytes(picture * (_folds(size, rng) / 0.80)[..., None])


def flat_uv(rest_m: NDArray[np.float32], stature_m: float) -> NDArray[np.float32]:
    """Coordinates (n, 2) in ``uniform`` of vertices (n, 3) at rest."""
    across = 0.5 + rest_m[:, 0] / stature_m * 0.95
    return np.stack([across, rest_m[:, 1] / stature_m], 1).astype(np.float32)
