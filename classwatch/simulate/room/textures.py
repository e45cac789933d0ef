"""Surfaces made of noise: floors, plaster, wood, cloth, boards, the world outside.

All are (h, w, 3) uint8 sRGB with sides that are powers of two, and repeat without a seam unless
they say otherwise.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.room.chance import Colour, pick, shade
from classwatch.simulate.room.look import Floor

Texture = NDArray[np.uint8]
Field = NDArray[np.float32]
Octaves = tuple[tuple[int, float], ...]
CLOUDS: Octaves = ((4, 1.0), (8, 0.6), (16, 0.4), (32, 0.25), (64, 0.15))


def noise(rng: np.random.Generator, width: int, height: int, octaves: Octaves = CLOUDS) -> Field:
    """Smooth noise (height, width) of about unit variance that repeats without a seam."""
    import cv2

    total = np.zeros((height, width), np.float32)
    power = 0.0
    for cells, amount in octaves:
        grid = rng.standard_normal((cells, cells)).astype(np.float32)
        grid = np.pad(grid, 2, mode="wrap")
        wide, high = width * (cells + 4) // cells, height * (cells + 4) // cells
        field = cv2.resize(grid, (wide, high), interpolation=cv2.INTER_CUBIC)
        left, top = 2 * width // cells, 2 * height // cells
        total += amount * field[top : top + height, left : left + width]
        power += amount * amount
    return np.asarray(total / np.sqrt(power), np.float32)


def streaks(rng: np.random.Generator, size: int, along_px: float, across_px: float) -> Field:
    """Noise drawn out along the rows, of about unit variance: grain of wood, strokes of a brush."""
    import cv2

    field = rng.standard_normal((size, size)).astype(np.float32)
    wide = np.concatenate([field, field, field], axis=1)
    blurred = cv2.GaussianBlur(wide, (0, 0), sigmaX=along_px, sigmaY=across_px)
    middle = blurred[:, size : 2 * size]
    return np.asarray(middle / (middle.std() + 1e-6), np.float32)


def to_bytes(values: NDArray[np.floating]) -> Texture:
    """sRGB from 0 to 1 as bytes."""
    return np.asarray(np.clip(values, 0.0, 1.0) * 255 + 0.5, np.uint8)


def flat(tone: Colour, width: int, height: int) -> Field:
    """One colour everywhere (height, width, 3)."""
    return np.tile(np.asarray(tone, np.float32), (height, width, 1))


def floor(rng: np.random.Generator, kind: Floor, size: int = 512) -> Texture:
    """A floor; one repeat is ``FLOOR_REPEAT_M`` long."""
    makers = {
        Floor.TILES: _tiles,
        Floor.TERRAZZO: _terrazzo,
        Floor.WOOD: _parquet,
        Floor.VINYL: _vinyl,
    }
    return to_bytes(makers[kind](rng, size))


FLOOR_REPEAT_M = {Floor.TILES: 2.4, Floor.TERRAZZO: 1.8, Floor.WOOD: 1.6, Floor.VINYL: 2.0}


def _tiles(rng: np.random.Generator, size: int) -> Field:
    tone = shade(rng, (0.60, 0.57, 0.52), (0.84, 0.82, 0.78))
    count = int(rng.choice([3, 4]))
    edges = np.linspace(0, size, count + 1).astype(int)
    image = flat(tone, size, size) * (1 + 0.012 * noise(rng, size, size)[..., None])
    for y0, y1 in itertools.pairwise(edges):
        for x0, x1 in itertools.pairwise(edges):
            image[y0:y1, x0:x1] *= rng.uniform(0.96, 1.03)
    for edge in edges[:-1]:
        image[edge : edge + 3] *= 0.78
        image[:, edge : edge + 3] *= 0.78
    return image


def _terrazzo(rng: np.random.Generator, size: int) -> Field:
    import cv2

    tone = shade(rng, (0.50, 0.49, 0.46), (0.72, 0.70, 0.66))
    grain = cv2.GaussianBlur(rng.standard_normal((size, size)).astype(np.float32), (0, 0), 1.1)
    chips = np.asarray(grain / grain.std(), np.float32)
    image = flat(tone, size, size) * (1 + 0.012 * noise(rng, size, size)[..., None])
    image *= 1 + 0.16 * (chips > 1.2)[..., None] - 0.2 * (chips < -1.3)[..., None]
    image[:3] *= 0.7
    image[:, :3] *= 0.7
    return image


def _parquet(rng: np.random.Generator, size: int) -> Field:
    tone = shade(rng, (0.47, 0.33, 0.20), (0.75, 0.57, 0.39))
    image = flat(tone, size, size) * (1 + 0.06 * streaks(rng, size, 30, 1)[..., None])
    boards = 12
    high = size // boards
    for k in range(boards):
        rows = slice(k * high, size if k == boards - 1 else (k + 1) * high)
        image[rows] *= rng.uniform(0.86, 1.1)
        cut = int(rng.integers(0, size))
        image[rows, cut : cut + 2] *= 0.65
        image[rows, cut:] *= rng.uniform(0.9, 1.08)
        image[k * high] *= 0.62
    return image


def _vinyl(rng: np.random.Generator, size: int) -> Field:
    tone = pick(
        rng,
        (
            shade(rng, (0.5, 0.5, 0.49), (0.76, 0.74, 0.70)),
            shade(rng, (0.36, 0.42, 0.5), (0.6, 0.66, 0.7)),
            shade(rng, (0.4, 0.46, 0.4), (0.62, 0.67, 0.58)),
        ),
        (0.6, 0.2, 0.2),
    )
    fine = rng.standard_normal((size, size)).astype(np.float32)
    image = flat(tone, size, size) * (1 + 0.012 * noise(rng, size, size)[..., None])
    image *= 1 + 0.035 * fine[..., None]
    return np.asarray(image * (1 + 0.012 * streaks(rng, size, 3, 3)[..., None]), np.float32)


def plaster(rng: np.random.Generator, size: int = 256) -> Texture:
    """Nearly white paint with a little relief and age; tinted by the colour of the wall."""
    spots = noise(rng, size, size, ((2, 1.0), (4, 0.5), (64, 0.3), (128, 0.3)))
    grey = 0.95 * (1 + 0.014 * spots + 0.012 * rng.standard_normal((size, size)))
    return to_bytes(np.repeat(grey[..., None], 3, axis=2))


def wall_tiles(rng: np.random.Generator, size: int = 256) -> Texture:
    """Glazed tiles of the lower wall, 4 by 4 in a repeat."""
    image = flat((0.96, 0.96, 0.96), size, size) * (1 + 0.01 * noise(rng, size, size)[..., None])
    for edge in range(0, size, size // 4):
        image[edge : edge + 2] *= 0.8
        image[:, edge : edge + 2] *= 0.8
    return to_bytes(image)


def ceiling_grid(rng: np.random.Generator, size: int = 256) -> Texture:
    """Four mineral-fibre panels in a metal grid; one repeat is 1.2 m."""
    fine = rng.standard_normal((size, size)).astype(np.float32)
    image = flat((0.93, 0.93, 0.92), size, size) * (1 + 0.02 * fine[..., None])
    image *= 1 - 0.22 * (fine > 2.1)[..., None]
    for edge in (0, size // 2):
        image[edge : edge + 4] = 0.82
        image[:, edge : edge + 4] = 0.82
        image[edge + 4 : edge + 6] *= 0.9
    return to_bytes(image)


def wood(rng: np.random.Generator, size: int = 256) -> Texture:
    """Grain along u, light grey: the tint gives the wood's colour."""
    grey = 0.86 * (1 + 0.05 * streaks(rng, size, 24, 0.8) + 0.03 * noise(rng, size, size))
    warm = np.array([1.0, 0.995, 0.985], np.float32)
    return to_bytes(grey[..., None] * warm)


def cloth(rng: np.random.Generator, size: int = 256) -> Texture:
    """A curtain's weave, sometimes with a pattern."""
    weave = rng.standard_normal((size, size)).astype(np.float32)
    image = 0.84 * (1 + 0.03 * weave + 0.05 * noise(rng, size, size))
    if rng.random() < 0.4:
        period = int(rng.choice([32, 64]))
        image *= 1 - 0.18 * ((np.arange(size) % period) < period * 0.3)[None, :]
    return to_bytes(np.repeat(image[..., None], 3, axis=2))


def slate(rng: np.random.Generator, tone: Colour, width: int, height: int) -> Texture:
    """A board wiped many times: broad smears of old chalk. Does not repeat."""
    import cv2

    # Smears have no fine detail: half the size is enough, and four times as quick.
    wide, high = width // 2, height // 2
    cloud = noise(rng, wide, high)
    smear = np.zeros((high, wide), np.float32)
    for _ in range(26):
        x, y = int(rng.integers(0, wide)), int(rng.integers(0, high))
        length, lift = rng.uniform(0.1, 0.3) * wide, rng.normal(0, 0.12) * high
        end = (int(x + length), int(y + lift))
        cv2.line(smear, (x, y), end, float(rng.uniform(0.2, 1)), max(2, int(high * 0.14)))
    soft = np.asarray(cv2.GaussianBlur(smear, (0, 0), high * 0.035), np.float32)
    grain = 0.6 + 0.4 * np.abs(noise(rng, wide, high, ((32, 1.0), (64, 1.0), (128, 0.8))))
    chalk = float(rng.uniform(0.02, 0.09)) * soft * grain
    image = flat(tone, wide, high) * (1 + 0.05 * cloud[..., None]) + chalk[..., None]
    return to_bytes(np.asarray(cv2.resize(image, (width, height)), np.float32))


def outside(rng: np.random.Generator, width: int = 512, height: int = 256) -> Texture:
    """What is seen through windows: sky, another building or trees, the ground."""
    import cv2

    level = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    sky = np.array([0.72, 0.83, 0.96], np.float32) * (1 - level)
    image = sky + np.array([0.95, 0.96, 0.97], np.float32) * level
    image = np.tile(image, (1, width, 1))
    image += 0.05 * np.clip(noise(rng, width, height), 0, None)[..., None]
    ground = int(height * rng.uniform(0.72, 0.86))
    if rng.random() < 0.6:
        _building(rng, image, ground)
    tone = np.array(shade(rng, (0.17, 0.24, 0.14), (0.38, 0.45, 0.32)), np.float32)
    leaves = noise(rng, width, height, ((8, 1.0), (16, 0.7), (32, 0.5), (64, 0.5)))
    hill = noise(rng, width, 4, ((4, 1.0), (8, 0.6), (16, 0.4)))[0]
    top = ground - height * (0.1 + 0.14 * rng.random()) * (1 + 0.7 * hill)
    trees = np.arange(height)[:, None] > top[None, :] + 6 * leaves
    image[trees] = tone * (1 + 0.3 * leaves[trees][:, None])
    image[ground:] = np.array(rng.uniform((0.4, 0.4, 0.36), (0.62, 0.6, 0.56)), np.float32)
    return to_bytes(np.asarray(cv2.GaussianBlur(image, (0, 0), 0.7), np.float32))


def _building(rng: np.random.Generator, image: Field, ground: int) -> None:
    width = image.shape[1]
    for _ in range(int(rng.integers(1, 4))):
        left, wide = int(rng.integers(-40, width - 60)), int(rng.integers(width // 6, width // 2))
        top = int(ground * rng.uniform(0.1, 0.6))
        tone = np.array(rng.uniform((0.6, 0.5, 0.45), (0.88, 0.84, 0.8)), np.float32)
        right = min(width, left + wide)
        image[top:ground, max(0, left) : right] = tone
        for y in range(top + 8, ground - 8, 22):
            for x in range(max(0, left) + 6, right - 12, 20):
                image[y : y + 12, x : x + 11] = tone * rng.uniform(0.45, 0.7)
