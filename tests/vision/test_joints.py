"""Bodies are cut out where they are, and what is told of them is put back there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from classwatch.core.errors import ModelError
from classwatch.core.pose import Detections
from classwatch.core.resources import resource_dir
from classwatch.vision.joints import SIDE_PX, JointReader, cut, squares

CLIP = Path(__file__).resolve().parents[2] / "samples" / "clips" / "hand-raised"


def test_squares_hold_the_box_and_room_above_it() -> None:
    """A box of 60 by 100 gets a square of 140 that reaches 34 above it and 6 below."""
    (square,) = squares(np.array([[100, 200, 160, 300]], np.float32))
    np.testing.assert_allclose(square, [130, 236, 140], atol=1e-3)


def test_wide_boxes_are_held_too() -> None:
    (square,) = squares(np.array([[0, 0, 200, 100]], np.float32))
    np.testing.assert_allclose(square[2], 300, atol=1e-3)


@pytest.mark.parametrize("side", [60.0, 160.0, 700.0])
def test_a_spot_is_cut_where_it_is(side: float) -> None:
    """However near a body is, a spot at a third of its square is at a third of what is cut."""
    picture = np.zeros((800, 900, 3), np.uint8)
    left, top = 100.0, 60.0
    x, y = round(left + side / 3), round(top + side / 3)
    reach = max(1, round(side / 40))
    picture[y - reach : y + reach + 1, x - reach : x + reach + 1] = 255
    scale = SIDE_PX / side
    matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
    grey = cut(picture, matrix).mean(axis=2)
    assert grey.shape == (SIDE_PX, SIDE_PX)
    rows, columns = np.indices(grey.shape)
    found = [(places * grey).sum() / grey.sum() + 0.5 for places in (columns, rows)]
    wanted = [(x + 0.5 - left) * scale, (y + 0.5 - top) * scale]
    np.testing.assert_allclose(found, wanted, atol=1.0)


def test_beyond_the_picture_all_is_grey() -> None:
    picture = np.full((50, 50, 3), 255, np.uint8)
    shown = cut(picture, np.array([[1.0, 0, 30.0], [0, 1.0, 30.0]]))
    assert shown[:28].mean() == 114
    assert shown[40, 40].tolist() == [255, 255, 255]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    damaged = tmp_path / "joints.onnx"
    damaged.write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError) as caught:
        JointReader(damaged)
    assert "joints.onnx" in str(caught.value)
    assert "reinstall" in str(caught.value)


def test_arms_of_a_rendered_class_are_where_the_truth_has_them() -> None:
    """Wrists in sight within a tenth of the body (PCK@0.1), raised ones above the nose."""
    truth = pd.read_parquet(CLIP / "truth" / "poses.parquet")
    truth = truth[(truth["stream"] == "student_cam") & (truth["time_s"] % 1.0 < 1e-6)]
    reader = JointReader(resource_dir("models") / "body-joints" / "joints.onnx")
    right, raised = [], []
    for time_s, people in truth.groupby("time_s"):
        boxes = people[["x0", "y0", "x1", "y1"]].to_numpy(np.float32)
        blind = np.zeros((len(boxes), 17, 3), np.float32)
        given = Detections(boxes, np.linspace(1.0, 0.5, len(boxes), dtype=np.float32), blind)
        told = reader.look(_picture(CLIP / "front.mp4", float(time_s)), given)
        for box, points in zip(told.boxes_px, told.keypoints, strict=True):
            own = people[(boxes == box).all(axis=1)].iloc[0]
            for side, row in (("left", 9), ("right", 10)):
                if own[f"{side}_wrist_conf"] < 1.0:
                    continue
                wrist = own[[f"{side}_wrist_x", f"{side}_wrist_y"]].to_numpy(float)
                away = np.linalg.norm(points[row, :2] - wrist)
                right.append(away < 0.1 * (box[2:] - box[:2]).max())
                if wrist[1] < own["nose_y"]:
                    raised.append(points[row, 1] < own["nose_y"])
    assert len(right) > 50
    assert len(raised) > 10
    assert np.mean(right) > 0.75
    assert np.mean(raised) > 0.5


def _picture(path: Path, time_s: float) -> NDArray[np.uint8]:
    import av

    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= time_s - 1e-3:
                return frame.to_ndarray(format="rgb24")
    raise AssertionError(time_s)
