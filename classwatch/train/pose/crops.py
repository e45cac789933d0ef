"""From labelled stills to training crops: people of every height, spoiled as cameras spoil."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.train.pose.pictures import OUTSIDE, Still, Truth
from classwatch.train.pose.spoil import cover, nonsense, spoil

FLIPPED = np.array([0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15])
"""Keypoint that each becomes in a mirror: left and right change places."""
_LEAST_PX, _MOST_SHARE = 20.0, 1.0
"""Heights that somebody may be shown at: pixels, and a share of the crop."""
_SCALES = (0.3, 1.7)
_ANYWHERE = 0.15
_ARM_UP = 10.0
"""How much more often the middle of a crop is somebody with a wrist above the nose: one body in 15,
and what pupils are watched for most."""
_NONSENSE = 0.03
_GREY = 114
_FEWEST_PX = 12.0
_INSIDE = 0.35
"""Somebody of whom less than this share of the box is in the crop is passed over."""


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """A square crop (s, s, 3) uint8 RGB, and who is in it: boxes (g, 4) and keypoints (g, 17, 3)
    of who is to be found, boxes (i, 4) of who is passed over."""

    rgb: NDArray[np.uint8]
    boxes_px: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    passed_over_px: NDArray[np.float32]


def crops(still: Still, size_px: int, count: int, rng: np.random.Generator) -> list[Crop]:
    """``count`` random crops of one still, which is decoded once."""
    import cv2

    cv2.setNumThreads(1)
    coded = np.frombuffer(still.path.read_bytes(), np.uint8)
    rgb = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR_RGB), np.uint8)
    half = np.asarray(cv2.resize(rgb, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    return [_crop((rgb, half), still.truth, size_px, rng) for _ in range(count)]


def _crop(
    pictures: Sequence[NDArray[np.uint8]], truth: Truth, size_px: int, rng: np.random.Generator
) -> Crop:
    import cv2

    if rng.random() < _NONSENSE:
        none = np.zeros((0, 4), np.float32)
        return Crop(nonsense(size_px, rng), none, np.zeros((0, 17, 3), np.float32), none)
    matrix, scale, mirrored = _placement(pictures[0].shape, truth, size_px, rng)
    # Shrinking without an average over pixels is what the analysis does; both are seen here.
    small = scale < 0.6 and rng.random() < 0.7
    source = matrix @ np.diag([2.0, 2.0, 1.0]) if small else matrix
    rgb = cv2.warpAffine(
        pictures[1 if small else 0],
        source[:2],
        (size_px, size_px),
        flags=cv2.INTER_LINEAR,
        borderValue=(_GREY, _GREY, _GREY),
    )
    boxes, points, found, passed_over = _moved(truth, matrix, size_px, mirrored=mirrored)
    rgb, points = cover(np.asarray(rgb, np.uint8), points[found], boxes[found], rng)
    return Crop(spoil(rgb, rng), boxes[found], points, boxes[passed_over])


def _placement(
    shape: tuple[int, ...], truth: Truth, size_px: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], float, bool]:
    """Where the crop lies: picture to crop (3, 3), its scale, and whether it is mirrored."""
    height, width = shape[:2]
    chosen = np.flatnonzero(truth.counts)
    goal_px = np.exp(rng.uniform(np.log(_LEAST_PX), np.log(_MOST_SHARE * size_px)))
    if len(chosen) and rng.random() > _ANYWHERE:
        weight = np.where(arm_up(truth.keypoints[chosen]), _ARM_UP, 1.0)
        x0, y0, x1, y1 = truth.boxes_px[rng.choice(chosen, p=weight / weight.sum())]
        scale = float(goal_px / max(y1 - y0, 8.0))
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
    else:
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        scale = float(np.exp(rng.uniform(np.log(0.4), np.log(1.2))))
    scale = float(np.clip(scale, *_SCALES))
    angle = rng.normal(0, 0.05)
    stretch = np.exp(rng.normal(0, 0.06, 2)) * scale
    mirrored = bool(rng.random() < 0.5)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([-stretch[0] if mirrored else stretch[0], stretch[1]])
    aim = size_px / 2 + rng.uniform(-0.35, 0.35, 2) * size_px
    matrix = np.eye(3)
    matrix[:2, :2] = linear
    matrix[:2, 2] = aim - linear @ [x, y]
    matrix[:2, 2] += _shift((width, height), matrix, size_px)
    return matrix, scale, mirrored


def arm_up(keypoints: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether a wrist is above the nose (g,) of people (g, 17, 3); False where one is outside."""
    nose, wrists = keypoints[:, None, 0], keypoints[:, 9:11]
    known = (nose[..., 2] > OUTSIDE) & (wrists[..., 2] > OUTSIDE)
    return np.asarray((known & (wrists[..., 1] < nose[..., 1])).any(1), np.bool_)


def _shift(
    picture_px: tuple[int, int], matrix: NDArray[np.float64], size_px: int
) -> NDArray[np.float64]:
    """How to move a crop so that it shows as little as possible beyond the picture's edge."""
    middle = matrix[:2, :2] @ np.array(picture_px) / 2 + matrix[:2, 2]
    half = np.abs(np.diag(matrix[:2, :2])) * picture_px / 2
    low, high = middle - half, middle + half
    room = np.sort(np.stack([np.zeros(2), size_px - (high - low)]), axis=0)
    shift: NDArray[np.float64] = np.clip(low, *room) - low
    return shift


def _moved(
    truth: Truth, matrix: NDArray[np.float64], size_px: int, *, mirrored: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    """Boxes and points in the crop, who is to be found in it, and who is passed over."""
    x0, y0, x1, y1 = truth.boxes_px.T
    corners = np.stack([x0, y0, x1, y0, x1, y1, x0, y1], 1).reshape(-1, 4, 2)
    corners = corners @ matrix[:2, :2].T + matrix[:2, 2]
    whole = np.concatenate([corners.min(1), corners.max(1)], 1)
    boxes = np.clip(whole, 0, size_px).astype(np.float32)
    sides, whole_sides = boxes[:, 2:] - boxes[:, :2], whole[:, 2:] - whole[:, :2]
    inside = sides.prod(1) / np.maximum(whole_sides.prod(1), 1e-6)
    enough = (inside >= _INSIDE) & (sides[:, 1] >= _FEWEST_PX) & (sides[:, 0] >= 5)
    found = enough & truth.counts
    points = truth.keypoints.copy()
    points[..., :2] = points[..., :2] @ matrix[:2, :2].T + matrix[:2, 2]
    if mirrored:
        points = points[:, FLIPPED]
    within = ((points[..., :2] >= 0) & (points[..., :2] < size_px)).all(-1)
    points[..., 2] = np.where(within, points[..., 2], OUTSIDE)
    return boxes, points.astype(np.float32), found, ~found & (sides > 2).all(1)
