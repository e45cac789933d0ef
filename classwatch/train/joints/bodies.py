"""From labelled stills to enlarged bodies as an analysis would cut them, spoiled as cameras do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import Detections
from classwatch.train.pose.crops import FLIPPED, arm_up
from classwatch.train.pose.pictures import OUTSIDE, Still, Truth
from classwatch.train.pose.spoil import cover, spoil
from classwatch.vision.joints import SIDE_PX, cut, squares

_LEAST_PX = 16.0
_LEAST_SHARE = 0.08
_ARM_UP = 3.0
"""How much more often somebody with a wrist above the nose is taken: one body in 15."""
_OFF, _LARGER = 0.03, 0.12
"""Standard deviations of the middle, in sides, and of the log of the side of the square that a
model's head and shoulders lead to, against the true one."""
_SMALLEST = 0.35
_SPOILED = 0.75
_TURN = 0.12


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """One body (s, s, 3) uint8 RGB, its keypoints (17, 3) and the box (4,) of what is seen of it,
    x and y in shares of the side, and what it does, a place in ``GLANCES`` or ``UNTOLD``."""

    rgb: NDArray[np.uint8]
    keypoints: NDArray[np.float32]
    box: NDArray[np.float32]
    act: int


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
    row = slice(one, one + 1)
    known = Detections(truth.boxes_px[row], truth.share[row], truth.keypoints[row])
    square = squares(known)[0]
    square[:2] += rng.normal(0.0, _OFF, 2) * square[2]
    square[2] *= np.exp(rng.normal(0.0, _LARGER))
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
    box = _moved(truth.boxes_px[one], matrix) / SIDE_PX
    return Body(body, points.astype(np.float32), box.astype(np.float32), int(truth.act[one]))


def _moved(box_px: NDArray[np.float32], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The box (4,) as ``matrix`` (2, 3) places it: turned a little, the middles of its sides stay
    on its edges."""
    x0, y0, x1, y1 = box_px
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    middles = np.array([[x0, y], [x1, y], [x, y0], [x, y1]]) @ matrix[:, :2].T + matrix[:, 2]
    across, down = np.sort(middles[:2, 0]), np.sort(middles[2:, 1])
    return np.array([across[0], down[0], across[1], down[1]])


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
