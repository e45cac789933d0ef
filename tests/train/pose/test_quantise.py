from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from classwatch.config.schema import PoseConfig
from classwatch.core.resources import resource_dir
from classwatch.train.pose.quantise import inputs, quantise
from classwatch.vision import yolo
from classwatch.vision.engine import open_engine
from tests.train.pose.made import BOX_PX, write_stills

CLIP = Path(__file__).resolve().parents[3] / "samples" / "clips" / "writing" / "front.mp4"


@pytest.mark.slow
def test_eight_bits_are_small_alike_and_find_the_same_people(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    import av

    model = resource_dir("models") / "classpose" / "classpose.onnx"
    with av.open(str(CLIP)) as container:
        pictures = [p.to_ndarray(format="rgb24") for p in islice(container.decode(video=0), 3)]
    seen = [
        yolo.planes(yolo.letterbox(p, yolo.place((p.shape[1], p.shape[0]), 640))) for p in pictures
    ]
    for name in ("a.onnx", "b.onnx"):
        quantise(model, seen, tmp_path / name)
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()
    assert (tmp_path / "a.onnx").stat().st_size < 0.4 * model.stat().st_size
    cfg = PoseConfig(backend="onnxruntime", precision="fp32", min_score=0.3)
    full, small = (
        open_engine(path, cfg).detect(pictures[:1])[0] for path in (model, tmp_path / "a.onnx")
    )
    sure = full.boxes_px[full.scores > 0.5]
    assert len(sure) > 3
    apart = np.abs(sure[:, None] - small.boxes_px[None]).max(2).min(1)
    assert np.median(apart / (sure[:, 3] - sure[:, 1])) < 0.03


def test_pictures_are_as_the_model_sees_them(tmp_path: Path) -> None:
    write_stills(tmp_path, scenes=3)
    seen = list(inputs(tmp_path, 2))
    assert [picture.shape for picture in seen] == [(1, 3, 384, 640)] * 2
    # The stills are 640 wide and 360 high: 12 rows of padding above, and one person of dots.
    x0, y0, x1, y1 = (int(side) for side in BOX_PX)
    inside = seen[0][0, :, y0 + 12 : y1 + 12, x0:x1]
    assert inside.max() == pytest.approx(200 / 255, abs=0.02)
    assert seen[0][0, :, 20:60].max() < 0.12
