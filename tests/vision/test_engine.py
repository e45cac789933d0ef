"""Contract of all engines, on the same real pictures, with ultralytics itself as the judge."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from classwatch.config.schema import PoseConfig
from classwatch.core.errors import ModelError, UsageError
from classwatch.core.pose import Detections
from classwatch.vision import engine as engines
from classwatch.vision.engine import PoseEngine, open_engine, resolve, weights_file

ONNX = "models/yolov8n-pose.onnx"
CPU = [("openvino", "fp32"), ("openvino", "bf16"), ("onnxruntime", "fp32")]
# Cocoeval's keypoint spreads (COCO keypoint evaluation, doubled in the formula).
SPREAD = np.repeat(
    [0.026, 0.025, 0.035, 0.079, 0.072, 0.062, 0.107, 0.087, 0.089], [1, 2, 2, 2, 2, 2, 2, 2, 2]
)


def _opened(shared: Path, backend: str, precision: str, **other: float) -> PoseEngine:
    cfg = PoseConfig.model_validate({"backend": backend, "precision": precision, **other})
    return open_engine(shared / ONNX, cfg)


def _picture(path: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(path).convert("RGB"))


@pytest.fixture(scope="module")
def five(shared: Path) -> NDArray[np.uint8]:
    name = "openvino_omz/person-detection-action-recognition-0005.png"
    return _picture(shared / "data/images_classroom" / name)


@pytest.fixture(scope="module")
def meeting(shared: Path) -> list[NDArray[np.uint8]]:
    path = shared / "data/images_classroom/intel_sample_videos/classroom.gif"
    frames = ImageSequence.Iterator(Image.open(path))
    return [np.asarray(f.convert("RGB")) for i, f in enumerate(frames) if i % 5 == 0]


@pytest.fixture(scope="module")
def reference(shared: Path, five: NDArray[np.uint8]) -> Detections:
    return _opened(shared, "onnxruntime", "fp32").detect([five])[0]


def _oks(found: NDArray[np.float32], true: NDArray[np.float64], area_px: float) -> float:
    seen = true[:, 2] > 0
    gap2 = ((found[seen, :2] - true[seen, :2]) ** 2).sum(axis=1)
    return float(np.exp(-gap2 / (2 * area_px * (2 * SPREAD[seen]) ** 2)).mean())


@pytest.mark.parametrize(("backend", "precision"), CPU)
def test_five_people_at_desks_are_found(
    shared: Path, five: NDArray[np.uint8], backend: str, precision: str
) -> None:
    people = _opened(shared, backend, precision).detect([five])[0]
    assert len(people) == 5
    assert (np.diff(people.scores) <= 0).all()


@pytest.mark.parametrize(("backend", "precision"), CPU)
def test_coco_truth_is_met(shared: Path, backend: str, precision: str) -> None:
    truth = json.loads((shared / "data/images_pose/mmpose/test_coco.json").read_text())
    annotated = [a for a in truth["annotations"] if a["image_id"] == 785]
    picture = _picture(shared / "data/images_pose/mmpose/000000000785.jpg")
    people = _opened(shared, backend, precision).detect([picture])[0]
    assert len(people) == len(annotated) == 1
    points = np.asarray(annotated[0]["keypoints"], float).reshape(17, 3)
    # 0.75 is COCO's strict match; the model's published average over all people is above it.
    assert _oks(people.keypoints[0], points, annotated[0]["area"]) > 0.75


def test_fp32_engines_agree_to_a_pixel(
    shared: Path, five: NDArray[np.uint8], reference: Detections
) -> None:
    people = _opened(shared, "openvino", "fp32").detect([five])[0]
    assert len(people) == len(reference)
    assert np.abs(people.boxes_px - reference.boxes_px).max() < 1
    assert np.abs(people.scores - reference.scores).max() < 0.005
    sure = reference.keypoints[..., 2] > 0.5
    gap = np.linalg.norm(people.keypoints[..., :2] - reference.keypoints[..., :2], axis=2)
    assert gap[sure].max() < 1


def test_bf16_invents_nobody_and_keeps_the_points(
    shared: Path, five: NDArray[np.uint8], reference: Detections
) -> None:
    people = _opened(shared, "openvino", "bf16", min_score=0.3).detect([five])[0]
    assert 4 <= len(people) <= len(reference)
    for box, points in zip(people.boxes_px, people.keypoints, strict=True):
        nearest = int(np.abs(reference.boxes_px - box).sum(axis=1).argmin())
        true = reference.keypoints[nearest].astype(float)
        true[:, 2] = true[:, 2] > 0.5
        sides = reference.boxes_px[nearest, 2:] - reference.boxes_px[nearest, :2]
        assert _oks(points, true, float(sides.prod())) > 0.97


@pytest.mark.slow
@pytest.mark.parametrize(("backend", "precision"), CPU)
def test_four_people_in_the_real_clip(
    shared: Path, meeting: list[NDArray[np.uint8]], backend: str, precision: str
) -> None:
    found = _opened(shared, backend, precision).detect(meeting)
    assert [len(people) for people in found] == [4] * len(meeting)


@pytest.mark.parametrize("backend", ["openvino", "onnxruntime"])
def test_pictures_do_not_influence_each_other(
    shared: Path, five: NDArray[np.uint8], backend: str
) -> None:
    engine = _opened(shared, backend, "fp32", input_px=320)
    small = np.ascontiguousarray(five[::3, ::3])
    alone = engine.detect([small])[0]
    among = engine.detect([five, small[:, ::-1], small])[2]
    assert alone.boxes_px.tobytes() == among.boxes_px.tobytes()
    assert alone.keypoints.tobytes() == among.keypoints.tobytes()


@pytest.mark.parametrize("backend", ["openvino", "onnxruntime"])
def test_empty_tiny_and_thin_pictures(shared: Path, backend: str) -> None:
    engine = _opened(shared, backend, "fp32", input_px=160)
    assert engine.detect([]) == []
    grey = [np.full(size, 90, np.uint8) for size in ((1, 1, 3), (16, 900, 3), (700, 9, 3))]
    assert [len(people) for people in engine.detect(grey)] == [0, 0, 0]


@pytest.mark.slow
def test_ultralytics_itself_sees_the_same(shared: Path, five: NDArray[np.uint8]) -> None:
    from classwatch.vision.engines.ultralytics_engine import quiet_ultralytics

    model = quiet_ultralytics().YOLO(str(shared / "models/yolov8n-pose.pt"), task="pose")
    result = model.predict(five[..., ::-1].copy(), imgsz=640, conf=0.25, verbose=False)[0]
    boxes = result.boxes.xyxy.numpy()
    points = result.keypoints.data.numpy()
    ours = _opened(shared, "openvino", "fp32").detect([five])[0]
    # It may report one person twice (upper and whole body); each of ours must be one of its own.
    assert len(ours) <= len(boxes)
    for box, own in zip(ours.boxes_px, ours.keypoints, strict=True):
        nearest = int(np.abs(boxes - box).sum(axis=1).argmin())
        assert np.abs(boxes[nearest] - box).max() < 2
        sure = own[:, 2] > 0.5
        assert np.linalg.norm(points[nearest, sure, :2] - own[sure, :2], axis=1).max() < 2


@pytest.mark.slow
def test_the_checkpoint_runs_through_the_same_port(
    shared: Path, five: NDArray[np.uint8], reference: Detections
) -> None:
    engine = open_engine(shared / "models/yolov8n-pose.pt", PoseConfig())
    assert (engine.info.backend, engine.info.precision) == ("ultralytics", "fp32")
    people = engine.detect([five])[0]
    assert len(people) == len(reference)
    assert np.abs(people.boxes_px - reference.boxes_px).max() < 2
    blank = np.full((90, 160, 3), 90, np.uint8)
    assert len(engine.detect([blank])[0]) == 0


@pytest.mark.slow
def test_ultralytics_neither_reports_nor_installs_nor_asks_the_network() -> None:
    from classwatch.vision.engines.ultralytics_engine import quiet_ultralytics

    library = quiet_ultralytics()
    from ultralytics.utils import AUTOINSTALL, ONLINE
    from ultralytics.utils.events import events

    assert not AUTOINSTALL
    assert not ONLINE
    assert not events.enabled
    assert library.settings["sync"] is False


@pytest.mark.slow
def test_ultralytics_letterbox_is_the_same_placement() -> None:
    from classwatch.vision import yolo
    from classwatch.vision.engines.ultralytics_engine import quiet_ultralytics

    quiet_ultralytics()
    from ultralytics.data.augment import LetterBox

    for width, height in ((1280, 720), (480, 270), (1540, 1003), (719, 1281), (640, 641)):
        picture = np.zeros((height, width, 3), np.uint8)
        theirs = LetterBox((640, 640), auto=True, stride=32)(image=picture)
        placed = yolo.place((width, height), 640)
        assert (theirs.shape[1], theirs.shape[0]) == placed.outer_px
        rows = np.flatnonzero((theirs[:, theirs.shape[1] // 2] == 0).all(axis=1))
        assert (rows[0], len(rows)) == (placed.top_px, placed.inner_px[1])


@pytest.mark.parametrize("backend", ["openvino", "onnxruntime"])
@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x08\x12\x07pytorch"])
def test_a_broken_file_is_named_with_a_remedy(tmp_path: Path, backend: str, content: bytes) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        open_engine(path, PoseConfig.model_validate({"backend": backend}))
    assert caught.value.subject == str(path)
    assert caught.value.remedy
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("backend", ["openvino", "onnxruntime"])
def test_a_model_of_another_kind_is_refused(backend: str) -> None:
    package = find_spec("faster_whisper")
    if package is None or package.origin is None:
        pytest.skip("needs the voice model inside faster-whisper")
    voice = next((Path(package.origin).parent / "assets").glob("silero*.onnx"))
    with pytest.raises(ModelError, match="expected") as caught:
        open_engine(voice, PoseConfig.model_validate({"backend": backend}))
    assert caught.value.subject == str(voice)


@pytest.mark.slow
def test_a_broken_checkpoint_is_named_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "broken.pt"
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(ModelError) as caught:
        open_engine(path, PoseConfig())
    assert caught.value.subject == str(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not exist"):
        open_engine(tmp_path / "none.onnx", PoseConfig())


def test_nothing_stays_automatic() -> None:
    onnx = resolve(PoseConfig(), Path("a.onnx"), "cpu")
    assert onnx.backend == "openvino"
    assert onnx.precision in ("bf16", "fp32")
    assert resolve(PoseConfig(), Path("a.PT"), "cpu").backend == "ultralytics"
    assert resolve(PoseConfig(), Path("a.pt"), "cuda:0").precision == "fp32"
    assert resolve(onnx, Path("a.onnx"), "cpu") == onnx


def test_bf16_only_where_the_processor_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "native_bf16", lambda: False)
    assert resolve(PoseConfig(), Path("a.onnx"), "cpu").precision == "fp32"
    monkeypatch.setattr(engines, "native_bf16", lambda: True)
    assert resolve(PoseConfig(), Path("a.onnx"), "cpu").precision == "bf16"


def test_eight_bits_only_where_model_and_processor_have_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "some-model"
    folder.mkdir()
    full, eight_bits = folder / "some.onnx", folder / "some-int8.onnx"
    for path in (full, eight_bits):
        path.touch()
    monkeypatch.setattr(engines, "native_bf16", lambda: True)
    monkeypatch.setattr(engines, "native_int8", lambda: True)
    assert resolve(PoseConfig(), folder).precision == "int8"
    assert resolve(PoseConfig(), full).precision == "bf16"
    assert resolve(PoseConfig(), folder, "cuda:0").precision == "fp32"
    assert weights_file(folder, "int8") == eight_bits
    assert weights_file(folder, "bf16") == full
    monkeypatch.setattr(engines, "native_int8", lambda: False)
    assert resolve(PoseConfig(), folder).precision == "bf16"


def test_missing_libraries_fall_through_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda name: name == "onnxruntime" or None)
    resolved = resolve(PoseConfig(), Path("a.onnx"), "cpu")
    assert (resolved.backend, resolved.precision) == ("onnxruntime", "fp32")
    with pytest.raises(ModelError, match="no installed library"):
        resolve(PoseConfig(), Path("a.pt"), "cpu")


def test_impossible_wishes_are_usage_errors() -> None:
    with pytest.raises(UsageError, match="does not read"):
        resolve(PoseConfig(backend="openvino"), Path("a.pt"), "cpu")
    with pytest.raises(UsageError, match="bf16"):
        resolve(PoseConfig(backend="onnxruntime", precision="bf16"), Path("a.onnx"), "cpu")
    with pytest.raises(UsageError, match="eight bits"):
        resolve(PoseConfig(precision="int8"), Path("a.onnx"), "cpu")
