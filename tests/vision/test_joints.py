"""Bodies are cut out where they are, and what is told of them is put back there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classwatch.core.errors import ModelError
from classwatch.vision.joints import SIDE_PX, JointReader, cut, squares


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
