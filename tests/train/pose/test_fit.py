from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from classwatch.train.pose.export import Exported, export  # noqa: E402
from classwatch.train.pose.fit import CHECKPOINT, Recipe, batches, fit, new_run, train_step  # noqa: E402
from classwatch.train.pose.network import PoseNetwork  # noqa: E402
from classwatch.train.pose.runs import averaged  # noqa: E402
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
    """The ONNX file gives the numbers of the network itself, at sizes it was not traced at."""
    pytest.importorskip("onnx")
    import onnxruntime

    run = new_run(_recipe(1.0))
    # Cells of an untrained network say the same and its looks move nothing: make both matter.
    run.average.train()
    with torch.no_grad():
        for _ in range(40):
            run.average(torch.rand(2, 3, 64, 64))
    for look in run.average.looks:
        torch.nn.init.normal_(look.out, std=0.2)
    run.save(tmp_path / CHECKPOINT)
    network = averaged(PoseNetwork(), tmp_path / CHECKPOINT)
    for name in ("a.onnx", "b.onnx"):
        export(network, tmp_path / name)
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()
    session = onnxruntime.InferenceSession(str(tmp_path / "a.onnx"))
    for height, width in ((192, 320), (384, 640)):
        picture = np.random.default_rng(0).random((1, 3, height, width), np.float32)
        (told,) = session.run(None, {"images": picture})
        with torch.no_grad():
            expected = Exported(network)(torch.from_numpy(picture)).numpy()
        assert told.shape == (1, 56, 300)
        np.testing.assert_allclose(told[0, :4, 0], expected[0, :4, 0], atol=0.05)
        points = told[0, 5:, 0].reshape(17, 3), expected[0, 5:, 0].reshape(17, 3)
        np.testing.assert_allclose(points[0][:, :2], points[1][:, :2], atol=0.05)
        np.testing.assert_allclose(points[0][:, 2], points[1][:, 2], atol=1e-3)
