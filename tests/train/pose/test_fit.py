from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from classwatch.config.schema import PoseConfig  # noqa: E402
from classwatch.train.pose.export import export, load_average  # noqa: E402
from classwatch.train.pose.fit import CHECKPOINT, Recipe, batches, fit, new_run, train_step  # noqa: E402
from classwatch.vision.engine import open_engine  # noqa: E402
from tests.train.pose.made import write_stills  # noqa: E402


def _recipe(minutes: float) -> Recipe:
    return Recipe(minutes=minutes, batch=2, size_px=64, seed=3, device="cpu")


@pytest.mark.slow
def test_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    write_stills(tmp_path / "stills")
    first = fit([tmp_path / "stills"], tmp_path / "out", _recipe(0.02), resume=False)
    assert first.step > 0
    again = fit([tmp_path / "stills"], tmp_path / "out", _recipe(0.04), resume=True)
    assert again.step > first.step
    assert again.spent_s >= 0.04 * 60
    kept = torch.load(tmp_path / "out" / CHECKPOINT, weights_only=True)
    assert kept["step"] == again.step
    done = fit([tmp_path / "stills"], tmp_path / "out", _recipe(0.04), resume=True)
    assert done.step <= again.step + 1  # its time was spent


@pytest.mark.slow
def test_one_picture_is_learnt(tmp_path: Path) -> None:
    """The loss of one batch that is shown again and again must fall by a good part."""
    torch.set_num_threads(1)
    write_stills(tmp_path)
    recipe = _recipe(1000.0)
    run = new_run(recipe)
    run.network.train()
    batch = next(batches([tmp_path], recipe, run))
    before = [sum(train_step(run, batch, recipe).values()) for _ in range(3)]
    for _ in range(40):
        after = sum(train_step(run, batch, recipe).values())
    assert after < 0.6 * np.mean(before)


def test_what_is_exported_is_what_was_trained(tmp_path: Path) -> None:
    """The ONNX file gives the numbers of the network itself, at a size it was not traced at."""
    pytest.importorskip("onnx")
    run = new_run(_recipe(1.0))
    # Cells of an untrained network all say the same; here one must be the best.
    torch.nn.init.normal_(run.average.score.weight)
    run.save(tmp_path / CHECKPOINT)
    network = load_average(tmp_path / CHECKPOINT)
    for name in ("a.onnx", "b.onnx"):
        export(network, tmp_path / name)
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 255, (192, 320, 3), dtype=np.uint8)
    cfg = PoseConfig(input_px=320, min_score=0.0, iou=1.0, backend="onnxruntime", precision="fp32")
    told = open_engine(tmp_path / "a.onnx", cfg).detect([picture])[0]
    with torch.no_grad():
        cells = network(torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255)
    best = cells.logits[0].sigmoid().max()
    assert told.scores[0] == pytest.approx(float(best), rel=1e-4)
    places = cells.boxes_px[0][cells.logits[0].argmax()].clamp(min=0)
    np.testing.assert_allclose(told.boxes_px[0], np.minimum(places, [320, 192] * 2), atol=0.05)
