"""The pose model that ships: every engine reads it alike, and it finds people."""

from __future__ import annotations

from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from classwatch.config.schema import PoseConfig
from classwatch.core.pose import Detections
from classwatch.core.resources import resource_dir
from classwatch.vision.engine import open_engine

MODEL = resource_dir("models") / "classpose"
ROOT = Path(__file__).resolve().parents[2]
RUNS = [
    ("openvino", "fp32"),
    ("openvino", "bf16"),
    ("openvino", "int8"),
    ("onnxruntime", "fp32"),
    ("onnxruntime", "int8"),
]


def _frames(path: Path, step: int, count: int) -> list[NDArray[np.uint8]]:
    import av

    with av.open(str(path)) as container:
        pictures = islice(container.decode(video=0), 0, step * count, step)
        return [picture.to_ndarray(format="rgb24") for picture in pictures]


@cache
def _found(backend: str, precision: str, input_px: int = 960) -> Detections:
    cfg = PoseConfig.model_validate(
        {"backend": backend, "precision": precision, "input_px": input_px, "min_score": 0.1}
    )
    clip = ROOT / "samples" / "clips" / "writing" / "front.mp4"
    return open_engine(MODEL, cfg).detect(_frames(clip, 1, 1))[0]


@pytest.mark.parametrize(("backend", "precision"), RUNS)
def test_engines_agree(backend: str, precision: str) -> None:
    """Whoever one engine is sure of, the other sees in the same place."""
    one, other = _found("onnxruntime", "fp32"), _found(backend, precision)
    sure = one.scores > 0.3
    boxes = one.boxes_px[sure]
    assert len(boxes) > 3
    sides = (boxes[:, 2:] - boxes[:, :2]).max(1)
    near = np.abs(boxes[:, None] - other.boxes_px[None]).max(2).argmin(1)
    assert len(set(near.tolist())) == len(boxes)
    apart = np.abs(one.keypoints[sure][..., :2] - other.keypoints[near][..., :2]).max(2)
    assert np.median(apart / sides[:, None]) < (1e-4 if precision == "fp32" else 0.02)


def test_people_of_a_real_room_are_found(shared: Path) -> None:
    """Four people sit in the clip, none of whom, nor anybody real, was in the training."""
    path = shared / "data/images_classroom/intel_sample_videos/classroom.gif"
    cfg = PoseConfig(backend="onnxruntime", precision="fp32")
    people = open_engine(MODEL, cfg).detect(_frames(path, 9, 5))
    assert [len(p) for p in people] == [4] * 5
