"""Every body looked at once more, enlarged: the places of its joints, its box, what it seems to do.

Models that find people tell their points from what they see of the whole picture; arms of small
pupils are lost that way. Here the upper part of each body is cut out with room for raised arms, and
a small network says for each point where in it the point lies, where the box of what is seen of the
body begins and ends, and what the body seems to do, as far as one picture can tell. It stands
behind any pose model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import ModelError
from classwatch.core.pose import KEYPOINTS, Detections
from classwatch.vision.body import LEFT_SHOULDER, RIGHT_WRIST, necks
from classwatch.vision.doubles import distinct
from classwatch.vision.engine import EngineInfo, PoseEngine, native_bf16

SIDE_PX = 80
"""Side of an enlarged body."""
_NECKS = 4.8
"""Side of the square that is enlarged, in ``necks``: 99 of 100 true elbows and wrists on
held-out stills lie within 2.5 above, 2.3 below and 1.9 beside the middle of the shoulders."""
_UP_NECKS = 0.1
"""How far the square lies above the middle of the shoulders: arms can be raised that far."""
_LEAST_SIDE, _MOST_SIDE = 0.4, 2.0
"""Limits of the square's side, in the longer sides of the box."""
PHOTOGRAPHS_UNDER_PX = 260.0
"""Height of the box from which a pose model that has learnt from photographs is believed about
shoulders, elbows and wrists. Renders alone would believe the closer look about everybody; on
photographs it loses raised arms of near people."""
_SHRINK = 1.6
"""How much smaller than in the picture a body may become by taking single pixels of it."""
_GREY = 114
_UPPER = slice(LEFT_SHOULDER, RIGHT_WRIST + 1)
"""Shoulders, elbows and wrists are taken over; heads of a pose model are about as good; hips and
legs it tells better."""
_EDGE = 0.05
"""Nearer to the square's edge than this, in its sides, a box goes on beyond it: the pose model's
own edge stays."""
_BATCH = 2
"""Bodies of one run of the network; one shape, so that it is compiled once. Eight at a time take a
twentieth less for each body, but more for the places that stay empty."""


class JointReader:
    """The network of joints, run by OpenVINO with one thread."""

    def __init__(self, model: Path) -> None:
        from classwatch.vision.engines.openvino_network import Compiler

        precision = "bf16" if native_bf16() else "fp32"
        try:
            compiler = Compiler(model, precision, threads=1)
            self._request = compiler.request((_BATCH, 3, SIDE_PX, SIDE_PX))
        except RuntimeError as error:
            raise _unreadable(model) from error

    def look(
        self, rgb: NDArray[np.uint8], people: Detections, under_px: float = math.inf
    ) -> Detections:
        """``people`` of a picture (h, w, 3) with boxes, shoulders, arms and glances as the network
        sees.

        Bodies whose boxes are ``under_px`` high or higher keep their own shoulders and arms, and
        get no glance. A point's confidence is the chance that it is seen and right. Who turns out
        to be somebody else's double is gone.
        """
        if not len(people):
            return people
        seen, told = self._seen(rgb, people), people.keypoints.copy()
        small = people.boxes_px[:, 3] - people.boxes_px[:, 1] < under_px
        told[small, _UPPER] = seen.keypoints[small, _UPPER]
        seen.glance[~small] = 0.0
        kept = distinct(replace(people, keypoints=seen.keypoints))
        return replace(seen, keypoints=told).take(kept)

    def _seen(self, rgb: NDArray[np.uint8], people: Detections) -> Detections:
        """``people`` with all points as the network tells them, and boxes between its own and the
        given ones, which are nearer to the truth than either."""
        around = squares(people)
        bodies = np.stack([cut(rgb, _straight(square)) for square in around])
        runs = [self._run(bodies[i : i + _BATCH]) for i in range(0, len(bodies), _BATCH)]
        points, boxes, glance = (np.concatenate(parts) for parts in zip(*runs, strict=True))
        low, side = around[:, :2] - around[:, 2:] / 2, around[:, 2:]
        points[..., :2] = low[:, None] + points[..., :2] * side[:, None]
        inside = (boxes > _EDGE) & (boxes < 1 - _EDGE)
        told = np.tile(low, 2) + boxes * side
        boxes = np.where(inside, (told + people.boxes_px) / 2, people.boxes_px)
        return replace(people, boxes_px=boxes, keypoints=points, glance=glance)

    def _run(self, bodies: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """Points, boxes and glances of up to ``_BATCH`` bodies."""
        filled = np.zeros((_BATCH, SIDE_PX, SIDE_PX, 3), np.uint8)
        filled[: len(bodies)] = bodies
        self._request.infer({0: filled}, share_inputs=True)
        return [self._request.get_output_tensor(i).data[: len(bodies)].copy() for i in range(3)]


class CloserEngine:
    """A pose model whose people are each looked at once more; from ``under_px`` on they keep their
    own shoulders and arms."""

    def __init__(self, engine: PoseEngine, joints: JointReader, under_px: float = math.inf) -> None:
        self._engine, self._joints, self._under_px = engine, joints, under_px

    @property
    def info(self) -> EngineInfo:
        return self._engine.info

    def detect(self, images: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        """People in each picture (h, w, 3) uint8 RGB, in pixels of that picture."""
        found = self._engine.detect(images)
        return [
            self._joints.look(rgb, people, self._under_px)
            for rgb, people in zip(images, found, strict=True)
        ]


def _unreadable(model: Path) -> ModelError:
    return ModelError(
        f"cannot be read as a network of {len(KEYPOINTS)} joints",
        subject=str(model),
        remedy="reinstall classwatch",
    )


def _straight(square: NDArray[np.float32]) -> NDArray[np.float64]:
    """Picture to body (2, 3) for a square (3,) of middle and side."""
    scale = SIDE_PX / float(square[2])
    linear = np.diag([scale, scale])
    return np.column_stack([linear, SIDE_PX / 2 - linear @ square[:2].astype(np.float64)])


def squares(people: Detections) -> NDArray[np.float32]:
    """Squares (n, 3) around the upper parts of bodies: x and y of the middle, and the side.

    Their size is that of head and shoulders, which every pose model tells well, and not that of the
    boxes, which end at the desk or at the feet.
    """
    sizes, shoulders = necks(people.keypoints)
    longer = (people.boxes_px[:, 2:] - people.boxes_px[:, :2]).max(axis=1)
    side = np.clip(_NECKS * sizes, _LEAST_SIDE * longer, _MOST_SIDE * longer)
    return np.column_stack([shoulders[:, 0], shoulders[:, 1] - _UP_NECKS * sizes, side]).astype(
        np.float32
    )


def cut(rgb: NDArray[np.uint8], matrix: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The body (s, s, 3) that ``matrix`` (2, 3) takes from a picture (h, w, 3), grey beyond it."""
    import cv2

    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    steps = max(1, round(1 / (scale * _SHRINK))) if scale * _SHRINK < 1 else 1
    side = SIDE_PX * steps
    body = cv2.warpAffine(
        rgb, matrix * steps, (side, side), flags=cv2.INTER_LINEAR, borderValue=(_GREY, _GREY, _GREY)
    )
    if steps > 1:
        # Without the mean over pixels, thin arms of near bodies would break up.
        body = cv2.resize(body, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(body, np.uint8)
