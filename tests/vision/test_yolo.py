from __future__ import annotations

import numpy as np
import pytest

from classwatch.core.errors import ModelError
from classwatch.vision import yolo


def test_a_720p_picture_is_halved_and_padded_to_a_multiple_of_32() -> None:
    placed = yolo.place((1280, 720), 640)
    assert placed.scale == 0.5
    assert placed.inner_px == (640, 360)
    assert placed.outer_px == (640, 384)  # 360 + 24
    assert (placed.left_px, placed.top_px) == (0, 12)


def test_a_small_picture_is_enlarged() -> None:
    placed = yolo.place((480, 270), 640)
    assert placed.inner_px == (640, 360)
    assert placed.scale == pytest.approx(4 / 3)


def test_a_model_of_one_size_gets_exactly_that_size() -> None:
    placed = yolo.place((1280, 720), 640, fixed_px=(640, 640))
    assert placed.outer_px == (640, 640)
    assert placed.top_px == 140  # (640 - 360) / 2


def test_padding_is_grey_and_the_picture_keeps_its_channels() -> None:
    red = np.zeros((360, 640, 3), np.uint8)
    red[..., 0] = 200
    canvas = yolo.letterbox(red, yolo.place((640, 360), 640))
    assert canvas.shape == (1, 384, 640, 3)
    assert (canvas[0, :12] == 114).all()
    assert (canvas[0, -12:] == 114).all()
    assert (canvas[0, 12:-12] == [200, 0, 0]).all()


def _person(centre: tuple[float, float], size: tuple[float, float], score: float) -> np.ndarray:
    column = np.zeros(56, np.float32)
    column[:5] = *centre, *size, score
    column[5:] = np.tile([*centre, 0.8], 17)
    return column


def test_raw_output_is_decoded_suppressed_and_put_back_into_the_picture() -> None:
    columns = [
        _person((320, 192), (100, 200), 0.9),
        _person((324, 192), (100, 200), 0.8),  # overlap 96/104 of the first: the same person
        _person((100, 100), (40, 40), 0.6),
        _person((500, 300), (40, 40), 0.2),  # below the limit
    ]
    output = np.stack(columns, axis=1)[None]
    people = yolo.decode(output, yolo.Layout(False), yolo.place((1280, 720), 640), (0.25, 0.7))
    assert people.scores.tolist() == pytest.approx([0.9, 0.6])
    # x_picture = x_in * 2, y_picture = (y_in - 12) * 2
    assert people.boxes_px[0].tolist() == pytest.approx([540, 160, 740, 560])
    assert people.keypoints[1, 0].tolist() == pytest.approx([200, 176, 0.8])


def test_end_to_end_output_needs_no_suppression_and_is_sorted() -> None:
    rows = np.zeros((1, 300, 57), np.float32)
    rows[0, 0, :5] = 0, 12, 64, 76, 0.5
    rows[0, 1, :5] = 0, 12, 66, 76, 0.7
    people = yolo.decode(rows, yolo.Layout(True), yolo.place((1280, 720), 640), (0.25, 0.7))
    assert people.scores.tolist() == pytest.approx([0.7, 0.5])
    assert people.boxes_px[1].tolist() == pytest.approx([0, 0, 128, 128])


@pytest.mark.parametrize(("layout", "shape"), [(False, (1, 56, 0)), (True, (1, 300, 57))])
def test_nobody_is_a_legal_answer(layout: bool, shape: tuple[int, ...]) -> None:
    output = np.zeros(shape, np.float32)
    people = yolo.decode(output, yolo.Layout(layout), yolo.place((64, 48), 640), (0.25, 0.7))
    assert len(people) == 0


def test_boxes_and_points_never_leave_the_picture() -> None:
    output = _person((630, 380), (200, 200), 0.9)[None, :, None]
    output[0, 5:7, 0] = 900, -50
    people = yolo.decode(output, yolo.Layout(False), yolo.place((1280, 720), 640), (0.25, 0.7))
    assert people.boxes_px[0].tolist() == pytest.approx([1060, 536, 1280, 720])
    assert people.keypoints[0, 0, :2].tolist() == [1280, 0]


def test_touching_boxes_both_survive_suppression() -> None:
    boxes = np.asarray([[0, 0, 10, 10], [10, 0, 20, 10], [0, 0, 10, 9]], np.float32)
    kept = yolo.suppress(boxes, np.asarray([0.5, 0.9, 0.4], np.float32), 0.7)
    assert kept.tolist() == [1, 0]  # the third overlaps the first by 0.9


@pytest.mark.parametrize(
    ("metadata", "shapes", "what"),
    [
        ({"task": "detect"}, ((None, 3, None, None), (1, 84, 8400)), "not for pose"),
        ({"kpt_shape": "[5, 2]"}, ((None, 3, None, None), (1, 15, 8400)), r"\(5, 2\)"),
        ({}, ((1, 576), (1, 1)), "output of shape"),
        ({"kpt_shape": "nonsense("}, ((1, 3, 640, 640), (1, 84, 8400)), "output of shape"),
    ],
)
def test_a_model_for_something_else_is_refused_by_name(
    metadata: dict[str, str], shapes: tuple[yolo.Shape, yolo.Shape], what: str
) -> None:
    with pytest.raises(ModelError, match=what) as caught:
        yolo.check_layout(metadata, shapes, "some.onnx")
    assert caught.value.subject == "some.onnx"
    assert caught.value.remedy


def test_both_layouts_are_recognised() -> None:
    raw = yolo.check_layout({}, ((None, 3, None, None), (None, 56, None)), "a.onnx")
    end = yolo.check_layout({"end2end": "True"}, ((1, 3, 480, 640), (1, 300, 57)), "b.onnx")
    assert (raw.end_to_end, raw.fixed_px) == (False, None)
    assert (end.end_to_end, end.fixed_px) == (True, (640, 480))
