"""Every body looked at once more, enlarged, for the places of its joints.

Models that find people tell their points from what they see of the whole picture; arms of small
pupils are lost that way. Here each box is cut out with room above it, and a small network says for
each point where in it the point lies. It stands behind any pose model.
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
from classwatch.vision.body import LEFT_SHOULDER, RIGHT_WRIST
from classwatch.vision.doubles import distinct
from classwatch.vision.engine import EngineInfo, PoseEngine, native_bf16

SIDE_PX = 80
"""Side of an enlarged body."""
_HEIGHTS, _WIDTHS = 1.4, 1.5
"""Side of the square that is enlarged, in heights and in widths of the box: the larger counts."""
_UP = 0.1
"""How far the square lies above the middle of the box, in its own sides: raised arms are outside
the boxes of models that overlook them."""
PHOTOGRAPHS_UNDER_PX = 130.0
"""Height of the box from which a pose model that has learnt from photographs is believed about
arms. Renders alone would say 260; on photographs of larger bodies its arms are better."""
_SHRINK = 1.6
"""How much smaller than in the picture a body may become by taking single pixels of it."""
_GREY = 114
ARMS = slice(LEFT_SHOULDER, RIGHT_WRIST + 1)
"""The points that are taken over: shoulders, elbows and wrists. Heads of a pose model are about as
good; hips and legs it tells better."""
_BATCH = 8
"""Bodies of one run of the network; one shape, so that it is compiled once."""


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
        """``people`` of a picture (h, w, 3), with arms as the network sees them.

        Bodies whose boxes are ``under_px`` high or higher keep their own. A point's confidence is
        the chance that it is seen and right. Who turns out to be somebody else's double is gone.
        """
        rows = np.flatnonzero(people.boxes_px[:, 3] - people.boxes_px[:, 1] < under_px)
        if not len(rows):
            return people
        around = squares(people.boxes_px[rows])
        bodies = np.stack([cut(rgb, _straight(square)) for square in around])
        told = np.concatenate(
            [self._run(bodies[i : i + _BATCH]) for i in range(0, len(bodies), _BATCH)]
        )
        low = around[:, None, :2] - around[:, None, 2:] / 2
        told[..., :2] = low + told[..., :2] * around[:, None, 2:]
        whole, arms = people.keypoints.copy(), people.keypoints.copy()
        whole[rows] = told
        arms[rows, ARMS] = told[:, ARMS]
        kept = distinct(replace(people, keypoints=whole))
        return replace(people, keypoints=arms).take(kept)

    def _run(self, bodies: NDArray[np.uint8]) -> NDArray[np.float32]:
        filled = np.zeros((_BATCH, SIDE_PX, SIDE_PX, 3), np.uint8)
        filled[: len(bodies)] = bodies
        self._request.infer({0: filled}, share_inputs=True)
        told: NDArray[np.float32] = self._request.get_output_tensor(0).data[: len(bodies)].copy()
        return told


class CloserEngine:
    """A pose model whose people under ``under_px`` are each looked at once more."""

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


def squares(boxes_px: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squares (n, 3) around boxes (n, 4): x and y of the middle, and the side."""
    size = boxes_px[:, 2:] - boxes_px[:, :2]
    side = np.maximum(_HEIGHTS * size[:, 1], _WIDTHS * size[:, 0])
    middle = (boxes_px[:, :2] + boxes_px[:, 2:]) / 2
    return np.column_stack([middle[:, 0], middle[:, 1] - _UP * side, side]).astype(np.float32)


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
