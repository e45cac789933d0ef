"""Training goes on from an exported file as from the network that it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from classwatch.core.errors import ModelError  # noqa: E402
from classwatch.train.joints.export import export  # noqa: E402
from classwatch.train.joints.network import JointNetwork  # noqa: E402
from classwatch.train.joints.restore import restored  # noqa: E402
from classwatch.train.pose.network import Conv  # noqa: E402
from classwatch.vision.joints import SIDE_PX  # noqa: E402

MODEL = Path(__file__).parents[3] / "models" / "body-joints" / "joints.onnx"


def _bodies(count: int) -> torch.Tensor:
    return torch.rand((count, 3, SIDE_PX, SIDE_PX), generator=torch.Generator().manual_seed(5))


def _settled() -> JointNetwork:
    """A network whose normalisations have seen something."""
    torch.manual_seed(4)
    network = JointNetwork().train()
    with torch.no_grad():
        for _ in range(3):
            network(_bodies(8))
    return network.eval()


def test_an_exported_network_says_the_same_again(tmp_path: Path) -> None:
    network = _settled()
    export(network, tmp_path / "joints.onnx")
    again = restored(tmp_path / "joints.onnx", _bodies(16))
    with torch.no_grad():
        before, after = network.eval()(_bodies(4)), again(_bodies(4))
    for name in ("place", "right", "edges", "glance"):
        torch.testing.assert_close(getattr(after, name), getattr(before, name), atol=1e-3, rtol=0)


def test_what_is_usual_is_taken_out_by_the_normalisation(tmp_path: Path) -> None:
    """On the bodies that told what is usual, learning begins where the file ended: statistics of
    the batch are those that the network keeps."""
    export(_settled(), tmp_path / "joints.onnx")
    again = restored(tmp_path / "joints.onnx", _bodies(16))
    stem = again.stem[0]
    assert isinstance(stem, Conv)
    with torch.no_grad():
        through = stem[0](_bodies(16))
    np.testing.assert_allclose(stem[1].running_mean, through.mean((0, 2, 3)), atol=1e-5)
    np.testing.assert_allclose(stem[1].running_var, through.var((0, 2, 3)), rtol=1e-3)


def test_the_shipped_network_is_read(tmp_path: Path) -> None:
    """The file in the tree, through another runtime, says what the restored one says."""
    runtime = pytest.importorskip("onnxruntime")
    bodies = _bodies(4)
    session = runtime.InferenceSession(str(MODEL), providers=["CPUExecutionProvider"])
    told = session.run(["glance"], {"bodies": bodies.numpy()})[0]
    with torch.no_grad():
        again = restored(MODEL, _bodies(64))(bodies)
    np.testing.assert_allclose(again.glance.softmax(1), told, atol=1e-3)


def test_another_network_is_refused() -> None:
    other = MODEL.parents[1] / "classpose" / "classpose.onnx"
    with pytest.raises(ModelError, match="is not the network that is trained here"):
        restored(other, _bodies(2))
