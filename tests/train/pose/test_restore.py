"""Training goes on from an exported file as from the network that it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from torch import nn  # noqa: E402

from classwatch.core.errors import ModelError  # noqa: E402
from classwatch.train.joints import export as joints_export  # noqa: E402
from classwatch.train.joints.network import JointNetwork  # noqa: E402
from classwatch.train.pose import export as pose_export  # noqa: E402
from classwatch.train.pose.network import Conv, PoseNetwork  # noqa: E402
from classwatch.train.pose.restore import restore  # noqa: E402
from classwatch.vision.joints import SIDE_PX  # noqa: E402

MODELS = Path(__file__).parents[3] / "models"
JOINTS = MODELS / "body-joints" / "joints.onnx"
CLASSPOSE = MODELS / "classpose" / "classpose.onnx"


def _pictures(count: int, side: int = SIDE_PX) -> torch.Tensor:
    return torch.rand((count, 3, side, side), generator=torch.Generator().manual_seed(5))


def _settled(made: Callable[[], nn.Module], side: int) -> nn.Module:
    """A network whose normalisations have seen something."""
    torch.manual_seed(4)
    network = made().train()
    with torch.no_grad():
        for _ in range(3):
            network(_pictures(8, side))
    return network.eval()


def test_an_exported_network_of_joints_says_the_same_again(tmp_path: Path) -> None:
    network = _settled(JointNetwork, SIDE_PX)
    assert isinstance(network, JointNetwork)
    joints_export.export(network, tmp_path / "joints.onnx")
    again = restore(JointNetwork(), tmp_path / "joints.onnx", _pictures(16))
    with torch.no_grad():
        before, after = network.eval()(_pictures(4)), again(_pictures(4))
    for name in ("place", "right", "edges", "glance"):
        torch.testing.assert_close(getattr(after, name), getattr(before, name), atol=1e-3, rtol=0)


def test_an_exported_pose_network_says_the_same_again(tmp_path: Path) -> None:
    """Its head looks at three levels with the same weights, and at points with others."""
    network = _settled(PoseNetwork, 128)
    assert isinstance(network, PoseNetwork)
    with torch.no_grad():
        # Weights that are equal would be stored once.
        for weight in network.looks.parameters():
            weight.normal_(0, 0.05)
    pose_export.export(network, tmp_path / "pose.onnx")
    again = restore(PoseNetwork(), tmp_path / "pose.onnx", _pictures(8, 128))
    with torch.no_grad():
        before, after = (
            pose_export.Exported(one.eval())(_pictures(1, 128)) for one in (network, again)
        )
    torch.testing.assert_close(after, before, atol=2e-2, rtol=1e-3)


def test_what_is_usual_is_taken_out_by_the_normalisation(tmp_path: Path) -> None:
    """On the pictures that told what is usual, learning begins where the file ended: statistics of
    the batch are those that the network keeps."""
    network = _settled(JointNetwork, SIDE_PX)
    assert isinstance(network, JointNetwork)
    joints_export.export(network, tmp_path / "joints.onnx")
    again = restore(JointNetwork(), tmp_path / "joints.onnx", _pictures(16))
    stem = again.stem[0]
    assert isinstance(stem, Conv)
    with torch.no_grad():
        through = stem[0](_pictures(16))
    np.testing.assert_allclose(stem[1].running_mean, through.mean((0, 2, 3)), atol=1e-5)
    np.testing.assert_allclose(stem[1].running_var, through.var((0, 2, 3)), rtol=1e-3)


def test_the_shipped_network_of_joints_is_read() -> None:
    """The file in the tree, through another runtime, says what the restored one says."""
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(str(JOINTS), providers=["CPUExecutionProvider"])
    told = session.run(["glance"], {"bodies": _pictures(4).numpy()})[0]
    with torch.no_grad():
        again = restore(JointNetwork(), JOINTS, _pictures(64))(_pictures(4))
    np.testing.assert_allclose(again.glance.softmax(1), told, atol=1e-3)


def test_the_shipped_pose_network_is_read() -> None:
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(str(CLASSPOSE), providers=["CPUExecutionProvider"])
    picture = _pictures(1, 256)
    (told,) = session.run(None, {"images": picture.numpy()})
    with torch.no_grad():
        again = pose_export.Exported(restore(PoseNetwork(), CLASSPOSE, _pictures(4, 128)))(picture)
    np.testing.assert_allclose(again[0, 4], told[0, 4], atol=1e-4)
    np.testing.assert_allclose(again[0, :4, :20], told[0, :4, :20], atol=0.05)


@pytest.mark.parametrize(("made", "other"), [(JointNetwork, CLASSPOSE), (PoseNetwork, JOINTS)])
def test_another_network_is_refused(made: Callable[[], nn.Module], other: Path) -> None:
    with pytest.raises(ModelError, match="is not the network that is trained here"):
        restore(made(), other, _pictures(2, 128))
