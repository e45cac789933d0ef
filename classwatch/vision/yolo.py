"""What every engine for YOLO pose models shares: letterbox, output layouts, suppression.

The rectangular letterbox is that of ultralytics (``data/augment.py::LetterBox`` with
``auto=True, scaleup=True``), so pictures give the same numbers here and there.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import ModelError
from classwatch.core.pose import KEYPOINTS, Detections

_STRIDE_PX = 32
_PAD_GREY = 114
_MAX_PEOPLE = 300
_ROW = 5 + 3 * len(KEYPOINTS)
"""Raw layout, one column an anchor: centre x, y, width, height, score, 17 x (x, y, confidence)."""
_END_ROW = _ROW + 1
"""End-to-end layout, one row a person: x0, y0, x1, y1, score, class, 17 x (x, y, confidence)."""
_TRY_AGAIN = "give a YOLO pose model with 17 COCO keypoints, exported to ONNX with dynamic=True"


Shape = tuple[int | None, ...]
"""A tensor's shape, ``None`` where a side is only known at run time."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a picture lies in the model's input: ``x_in = x * scale_x + left_px``."""

    scale: float
    left_px: int
    top_px: int
    inner_px: tuple[int, int]
    """Width and height of the resized picture."""
    outer_px: tuple[int, int]
    """Width and height of the model's input, multiples of 32."""
    picture_px: tuple[int, int]
    """Width and height of the picture itself."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a model's output is to be read."""

    end_to_end: bool
    """The model suppresses overlapping boxes by itself (YOLO26)."""
    fixed_px: tuple[int, int] | None = None
    """Width and height of the input where the file was exported for one size only."""


def place(
    picture_px: tuple[int, int], input_px: int, fixed_px: tuple[int, int] | None = None
) -> Placement:
    """Placement of a picture (width, height) whose longer side becomes ``input_px``.

    Small pictures are enlarged. The shorter side is padded to a multiple of 32, evenly; with
    ``fixed_px`` both sides are padded to that size instead, and ``input_px`` plays no part.
    """
    width, height = picture_px
    goal = fixed_px or (input_px, input_px)
    scale = min(goal[0] / width, goal[1] / height)
    inner = (max(round(width * scale), 1), max(round(height * scale), 1))
    spare = (goal[0] - inner[0], goal[1] - inner[1])
    if fixed_px is None:
        spare = (spare[0] % _STRIDE_PX, spare[1] % _STRIDE_PX)
    pad_x, pad_y = spare[0] / 2, spare[1] / 2
    left, right = round(pad_x - 0.1), round(pad_x + 0.1)
    top, bottom = round(pad_y - 0.1), round(pad_y + 0.1)
    outer = (inner[0] + left + right, inner[1] + top + bottom)
    return Placement(scale, left, top, inner, outer, picture_px)


def letterbox(rgb: NDArray[np.uint8], placement: Placement) -> NDArray[np.uint8]:
    """The model's input picture (1, H, W, 3) uint8 RGB: resized bilinearly, padded with grey."""
    out_w, out_h = placement.outer_px
    in_w, in_h = placement.inner_px
    canvas = np.full((1, out_h, out_w, 3), _PAD_GREY, np.uint8)
    top, left = placement.top_px, placement.left_px
    canvas[0, top : top + in_h, left : left + in_w] = _resized(rgb, placement.inner_px)
    return canvas


def _resized(rgb: NDArray[np.uint8], size_px: tuple[int, int]) -> NDArray[np.uint8]:
    if (rgb.shape[1], rgb.shape[0]) == size_px:
        return rgb
    import cv2

    cv2.setNumThreads(1)
    small = cv2.resize(np.ascontiguousarray(rgb), size_px, interpolation=cv2.INTER_LINEAR)
    return np.asarray(small, np.uint8)


def planes(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(1, H, W, 3) uint8 to the (1, 3, H, W) float32 in [0, 1] that exported models take."""
    scaled: NDArray[np.float32] = np.ascontiguousarray(
        pictures.transpose(0, 3, 1, 2), np.float32
    ) / np.float32(255)
    return scaled


def check_layout(metadata: Mapping[str, str], shapes: tuple[Shape, Shape], subject: str) -> Layout:
    """The layout from the model's metadata and the shapes of its input and output.

    The shapes hold ``None`` for sizes that are only known at run time.
    Raises ``ModelError`` naming ``subject`` when the file is no pose model with 17 keypoints.
    """
    task = metadata.get("task", "pose")
    if task != "pose":
        raise ModelError(
            f"is a model for '{task}', not for pose", subject=subject, remedy=_TRY_AGAIN
        )
    kpt_shape = _kpt_shape(metadata.get("kpt_shape", ""))
    if kpt_shape not in ((), (17, 3)):
        raise ModelError(
            f"has keypoints of shape {kpt_shape}, expected (17, 3)",
            subject=subject,
            remedy=_TRY_AGAIN,
        )
    input_shape, output_shape = shapes
    raw = len(output_shape) == 3 and output_shape[1] in (None, _ROW) and output_shape[2] != _END_ROW
    end = len(output_shape) == 3 and output_shape[2] == _END_ROW
    declared_end = metadata.get("end2end", "False") == "True"
    if not (end or raw):
        raise ModelError(
            f"has an output of shape {output_shape}, expected (1, {_ROW}, n) or (1, n, {_END_ROW})",
            subject=subject,
            remedy=_TRY_AGAIN,
        )
    return Layout(end_to_end=end or declared_end, fixed_px=_fixed(input_shape))


def _fixed(input_shape: Shape) -> tuple[int, int] | None:
    height, width = input_shape[2:] if len(input_shape) == 4 else (None, None)
    return None if height is None or width is None else (width, height)


def _kpt_shape(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in ast.literal_eval(text)) if text else ()
    except (ValueError, SyntaxError, TypeError):
        return ()


def decode(
    output: NDArray[np.float32], layout: Layout, placement: Placement, limits: tuple[float, float]
) -> Detections:
    """People in the picture's own pixels from one raw output (1, 56, n) or (1, n, 57).

    ``limits`` is (least score, overlap above which two boxes are one person). Boxes and points are
    clipped to the picture; people come in descending score.
    """
    min_score, iou = limits
    if layout.end_to_end:
        rows = output[0][output[0, :, 4] > min_score]
        boxes, scores, points = rows[:, :4], rows[:, 4], rows[:, 6:]
        order = np.argsort(-scores, kind="stable")
        boxes, scores, points = boxes[order], scores[order], points[order]
    else:
        columns = output[0][:, output[0, 4] > min_score].T
        boxes, scores, points = _corners(columns[:, :4]), columns[:, 4], columns[:, 5:]
        kept = suppress(boxes, scores, iou)
        boxes, scores, points = boxes[kept], scores[kept], points[kept]
    keypoints = points.reshape(-1, len(KEYPOINTS), 3)
    return Detections(
        _to_picture(boxes.reshape(-1, 2, 2), placement).reshape(-1, 4),
        np.clip(scores, 0, 1).astype(np.float32),
        np.concatenate(
            [_to_picture(keypoints[..., :2], placement), np.clip(keypoints[..., 2:], 0, 1)], axis=2
        ).astype(np.float32),
    )


def _corners(centred: NDArray[np.float32]) -> NDArray[np.float32]:
    half = centred[:, 2:] / 2
    return np.concatenate([centred[:, :2] - half, centred[:, :2] + half], axis=1)


def _to_picture(points: NDArray[np.float32], placement: Placement) -> NDArray[np.float32]:
    origin = np.asarray([placement.left_px, placement.top_px], np.float32)
    moved = (points - origin) / np.float32(placement.scale)
    limit = np.asarray(placement.picture_px, np.float32)
    return np.asarray(np.clip(moved, 0, limit), np.float32)


def suppress(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], iou: float
) -> NDArray[np.intp]:
    """Greedy non-maximum suppression: indices kept, best score first, at most 300."""
    left = np.argsort(-scores, kind="stable")
    area = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1)
    kept: list[int] = []
    while len(left) and len(kept) < _MAX_PEOPLE:
        best, left = left[0], left[1:]
        kept.append(int(best))
        low = np.maximum(boxes[left, :2], boxes[best, :2])
        high = np.minimum(boxes[left, 2:], boxes[best, 2:])
        shared = np.prod(np.maximum(high - low, 0), axis=1)
        overlap = shared / np.maximum(area[left] + area[best] - shared, 1e-9)
        left = left[overlap <= iou]
    return np.asarray(kept, np.intp)
