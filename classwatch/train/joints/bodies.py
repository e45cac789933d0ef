"""From labelled stills to enlarged bodies as an analysis would cut them, spoiled as cameras do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import KEYPOINTS
from classwatch.train.pose.crops import FLIPPED, arm_up
from classwatch.train.pose.pictures import OUTSIDE, Still, Truth
from classwatch.train.pose.spoil import cover, spoil
from classwatch.vision.joints import SIDE_PX, cut, squares

_LEAST_PX = 16.0
_LEAST_SHARE = 0.08
_ARM_UP = 6.0
"""How much more often somebody with a wrist above the nose is taken: one body in 15."""
_WITHOUT_ARMS = 0.5
"""Share of the boxes that end at the head, as those of models do that overlook a raised arm."""
_ABOVE_HEAD = 0.6
"""How far such a box reaches over the eyes, in distances from eyes to shoulders."""
_JITTER = 0.07
_SMALLEST = 0.35
_SPOILED = 0.75
_TURN = 0.12
_HEAD = slice(0, 5)
_SHOULDERS = slice(5, 7)


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """One body (s, s, 3) uint8 RGB and its keypoints (17, 3), x and y in shares of the side."""

    rgb: NDArray[np.uint8]
    keypoints: NDArray[np.float32]


def bodies(still: Still, count: int, rng: np.random.Generator) -> list[Body]:
    """Up to ``count`` bodies of one still, which is decoded once."""
    import cv2

    cv2.setNumThreads(1)
    truth = still.truth
    sides = (truth.boxes_px[:, 2:] - truth.boxes_px[:, :2]).max(axis=1, initial=0.0)
    able = np.flatnonzero(truth.counts & (sides >= _LEAST_PX) & (truth.share >= _LEAST_SHARE))
    if not len(able):
        return []
    weight = np.where(arm_up(truth.keypoints[able]), _ARM_UP, 1.0)
    chosen = rng.choice(able, min(count, len(able)), replace=False, p=weight / weight.sum())
    coded = np.frombuffer(still.path.read_bytes(), np.uint8)
    rgb = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR_RGB), np.uint8)
    return [_body(rgb, truth, int(one), rng) for one in chosen]


def _body(rgb: NDArray[np.uint8], truth: Truth, one: int, rng: np.random.Generator) -> Body:
    box = truth.boxes_px[one]
    if rng.random() < _WITHOUT_ARMS:
        box = without_arms(box, truth.keypoints[one])
    size = (box[2:] - box[:2]).max()
    box = box + rng.normal(0.0, _JITTER, 4).astype(np.float32) * size
    box[2:] = np.maximum(box[2:], box[:2] + 8.0)
    square = squares(box[None])[0]
    square[2] *= np.exp(rng.normal(0.0, 0.06))
    angle, mirrored = float(rng.normal(0.0, _TURN)) * 0.5, bool(rng.random() < 0.5)
    matrix = _placement(square, angle, mirrored=mirrored)
    points = truth.keypoints[one].copy()
    points[:, :2] = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    if mirrored:
        points = points[FLIPPED]
    inside = ((points[:, :2] >= 0) & (points[:, :2] < SIDE_PX)).all(axis=1)
    points[:, 2] = np.where(inside, points[:, 2], OUTSIDE)
    body = _coarser(cut(rgb, matrix), rng)
    whole = np.array([[0.1, 0.1, 0.9, 0.9]], np.float32) * SIDE_PX
    body, moved = cover(body, points[None].astype(np.float32), whole, rng)
    points = moved[0]
    points[:, :2] /= SIDE_PX
    body = spoil(body, rng) if rng.random() < _SPOILED else body
    return Body(body, points.astype(np.float32))


def without_arms(box_px: NDArray[np.float32], points: NDArray[np.float32]) -> NDArray[np.float32]:
    """The box (4,) of a body of ``points`` (17, 3) as it is for a model that overlooks its arms."""
    known = points[:, 2] > OUTSIDE
    if not known[_HEAD].any() or not known[_SHOULDERS].any():
        return box_px
    head = points[_HEAD][known[_HEAD]][:, :2].mean(axis=0)
    shoulders = points[_SHOULDERS][known[_SHOULDERS]][:, :2].mean(axis=0)
    neck = max(float(np.linalg.norm(shoulders - head)), 2.0)
    found = box_px.copy()
    found[1] = min(max(box_px[1], head[1] - _ABOVE_HEAD * neck), box_px[3] - 4.0)
    trunk = points[known & (np.arange(len(KEYPOINTS)) < 7)][:, 0]
    found[0] = max(box_px[0], trunk.min() - neck)
    found[2] = min(box_px[2], trunk.max() + neck)
    return found


def _placement(square: NDArray[np.float32], angle: float, *, mirrored: bool) -> NDArray[np.float64]:
    """Picture to body (2, 3) for a square (3,) of middle and side, turned by ``angle``."""
    scale = SIDE_PX / float(square[2])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([-scale if mirrored else scale, scale])
    return np.column_stack([linear, SIDE_PX / 2 - linear @ square[:2]])


def _coarser(body: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Half of the bodies as if they were farther away: in fewer pixels than a square has."""
    import cv2

    if rng.random() < 0.5:
        return body
    side = round(SIDE_PX * float(np.exp(rng.uniform(np.log(_SMALLEST), 0.0))))
    small = cv2.resize(body, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (SIDE_PX, SIDE_PX)), np.uint8)
