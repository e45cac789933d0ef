"""What cameras, networks and rooms do to pictures, and things in the way."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.train.pose.pictures import HIDDEN, SEEN

Rgb = NDArray[np.uint8]


def spoil(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """A picture (s, s, 3) with other colours, light, blur, grain and compression."""
    import cv2

    work: NDArray[Any] = rgb.astype(np.float32)
    if rng.random() < 0.9:
        work = _light(work, rng)
    if rng.random() < 0.12:
        work = work[..., rng.permutation(3)]
    if rng.random() < 0.15:
        work = np.repeat(work.mean(2, keepdims=True), 3, 2)
    if rng.random() < 0.3:
        work = cv2.GaussianBlur(work, (0, 0), float(rng.uniform(0.4, 1.6)))
    elif rng.random() < 0.2:
        work = work * 2 - cv2.GaussianBlur(work, (0, 0), float(rng.uniform(0.6, 1.5)))
    if rng.random() < 0.5:
        grain = rng.standard_normal(work.shape[:2], np.float32)
        work = work + grain[..., None] * float(rng.uniform(1, 14))
    done = np.clip(work, 0, 255).astype(np.uint8)
    if rng.random() < 0.35:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 90))]
        coded = cv2.imencode(".jpg", done, quality)[1]
        return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(done, np.uint8)


def _light(work: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    gains = np.exp(rng.normal(0, 0.15, 3)).astype(np.float32)
    power = float(np.exp(rng.normal(0, 0.25)))
    contrast = float(np.exp(rng.normal(0, 0.2)))
    curved = np.power(np.clip(work / 255, 0, 1), power) * 255
    lit: NDArray[Any] = (curved - 128) * contrast * gains + 128 + rng.normal(0, 14)
    grey = lit.mean(2, keepdims=True)
    coloured: NDArray[Any] = grey + (lit - grey) * np.float32(rng.uniform(0.3, 1.6))
    return coloured


def cover(
    rgb: Rgb, points: NDArray[np.float32], boxes_px: NDArray[np.float32], rng: np.random.Generator
) -> tuple[Rgb, NDArray[np.float32]]:
    """Sometimes plain or patterned things in front of people; points behind them are hidden."""
    import cv2

    if not len(boxes_px) or rng.random() > 0.35:
        return rgb, points
    rgb, points = rgb.copy(), points.copy()
    for _ in range(int(rng.integers(1, 4))):
        x0, y0, x1, y1 = boxes_px[rng.integers(len(boxes_px))]
        side = np.array([x1 - x0, y1 - y0]) * rng.uniform(0.1, 0.4, 2)
        middle = rng.uniform([x0, y0], [x1, y1])
        low = np.maximum(middle - side / 2, 0).astype(int)
        high = np.minimum(middle + side / 2, rgb.shape[0]).astype(int)
        if (high - low < 2).any():
            continue
        patch = nonsense(int((high - low).max()), rng)[: high[1] - low[1], : high[0] - low[0]]
        rgb[low[1] : high[1], low[0] : high[0]] = cv2.GaussianBlur(patch, (0, 0), 0.5)
        behind = ((points[..., :2] >= low) & (points[..., :2] < high)).all(-1)
        points[..., 2] = np.where(behind & (points[..., 2] == SEEN), HIDDEN, points[..., 2])
    return rgb, points


def nonsense(size_px: int, rng: np.random.Generator) -> Rgb:
    """A picture (s, s, 3) of nobody: clouds of colour at several scales, with bars and discs."""
    import cv2

    work = np.zeros((size_px, size_px, 3), np.float32) + rng.uniform(0, 255, 3)
    for cells in (2, 5, 13, 40):
        coarse = rng.normal(0, rng.uniform(0, 40), (cells, cells, 3)).astype(np.float32)
        work += cv2.resize(coarse, (size_px, size_px), interpolation=int(rng.integers(0, 3)))
    canvas = np.clip(work, 0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(0, 9))):
        colour = tuple(int(c) for c in rng.integers(0, 256, 3))
        a, b = (tuple(int(v) for v in rng.integers(0, size_px, 2)) for _ in range(2))
        if rng.random() < 0.5:
            cv2.rectangle(canvas, a, b, colour, -1 if rng.random() < 0.6 else 2)
        else:
            cv2.circle(canvas, a, int(rng.integers(1, max(2, size_px // 4))), colour, -1)
    return canvas
