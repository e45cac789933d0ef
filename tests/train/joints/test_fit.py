"""The network of joints learns points that it is shown, and is read alike everywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from classwatch.core.pose import GLANCES, Detections  # noqa: E402
from classwatch.train.joints.bodies import bodies  # noqa: E402
from classwatch.train.joints.export import Exported, export  # noqa: E402
from classwatch.train.joints.fit import (  # noqa: E402
    CHECKPOINT,
    Recipe,
    batches,
    fit,
    new_run,
    train_step,
)
from classwatch.train.joints.network import (  # noqa: E402
    GRID,
    POINTS,
    JointNetwork,
    Maps,
    centres,
    read,
    read_box,
)
from classwatch.train.pose.runs import averaged  # noqa: E402
from classwatch.vision.joints import SIDE_PX, JointReader  # noqa: E402
from tests.train.pose.made import ACT, BOX_PX, dots, write_stills  # noqa: E402


def _recipe(minutes: float) -> Recipe:
    return Recipe(minutes, batch=4, rate=3e-3, seed=3, device="cpu")


def test_a_place_is_read_between_cells() -> None:
    """Two cells that are equally likely mean the place between them; far ones do not count."""
    place = torch.full((1, POINTS, GRID * GRID), -30.0)
    place[..., 5 * GRID + 7] = 4.0
    place[..., 5 * GRID + 8] = 4.0
    place[..., 18 * GRID + 2] = 3.0
    right = torch.zeros_like(place)
    right[..., 5 * GRID + 7] = 2.5
    told = read(Maps(place, right, torch.zeros((1, 4, GRID)), torch.zeros((1, len(GLANCES)))))
    np.testing.assert_allclose(told[0, :, 0], 8.0 / GRID, atol=1e-4)
    np.testing.assert_allclose(told[0, :, 1], 5.5 / GRID, atol=1e-4)
    np.testing.assert_allclose(told[0, :, 2], 2.5)


def test_cells_go_row_by_row() -> None:
    grid = centres(torch.device("cpu"))
    assert grid[1].tolist() == [1.5, 0.5]
    assert grid[GRID].tolist() == [0.5, 1.5]


def test_bodies_show_their_points(tmp_path: Path) -> None:
    """Where a point is seen the picture is brighter than around it, however it was cut."""
    (still,) = write_stills(tmp_path)
    rng = np.random.default_rng(1)
    shown = [body for _ in range(40) for body in bodies(still, 3, rng)]
    assert len(shown) == 40  # the second is nobody, the third too small
    brighter = []
    for body in shown:
        grey = body.rgb.mean(axis=2)
        for x, y, seen in body.keypoints:
            if seen == 2:
                at = grey[int(y * SIDE_PX), int(x * SIDE_PX)]
                brighter.append(at > np.median(grey))
    assert np.mean(brighter) > 0.9


def test_mirrored_bodies_change_sides(tmp_path: Path) -> None:
    """Left shoulders lie to the right of right ones of whoever faces us, mirrored or not."""
    (still,) = write_stills(tmp_path)
    rng = np.random.default_rng(2)
    for _ in range(30):
        (body,) = bodies(still, 1, rng)
        assert body.keypoints[5, 0] > body.keypoints[6, 0]


def test_boxes_move_with_their_points(tmp_path: Path) -> None:
    """Seen by the points, the box stays where it was: 30 px left of the left ones, and so on."""
    (still,) = write_stills(tmp_path)
    rng = np.random.default_rng(4)
    before = _against_points(np.array(BOX_PX), dots())
    for _ in range(30):
        (body,) = bodies(still, 1, rng)
        after = _against_points(body.box, body.keypoints)
        np.testing.assert_allclose(after, before, atol=0.25)


def _against_points(box: np.ndarray, points: np.ndarray) -> np.ndarray:
    """How far the box reaches beyond its points on each side, in heights of those points."""
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    return np.concatenate([low - box[:2], box[2:] - high]) / (high - low)[1]


def test_an_edge_is_read_between_cells() -> None:
    """An edge that is as likely in two cells lies between them; far cells do not count."""
    edges = torch.full((1, 4, GRID), -30.0)
    for number, cell in enumerate((2, 4, 11, 15)):
        edges[0, number, [cell, cell + 1]] = 4.0
        edges[0, number, cell - 8] = 3.0
    none = torch.zeros((1, POINTS, GRID * GRID))
    told = read_box(Maps(none, none, edges, torch.zeros((1, len(GLANCES)))))
    np.testing.assert_allclose(told[0] * GRID, [3.0, 5.0, 12.0, 16.0], atol=1e-3)


@pytest.mark.slow
def test_points_are_learnt_and_found_again(tmp_path: Path) -> None:
    """After some steps on one body the file finds its arms in the whole picture."""
    import cv2

    pytest.importorskip("onnx")
    torch.set_num_threads(1)
    (still,) = write_stills(tmp_path / "stills")
    recipe = _recipe(1000.0)
    run = new_run(recipe)
    run.network.train()
    source = batches([tmp_path / "stills"], recipe, run)
    for _ in range(260):
        train_step(run, next(source), recipe)
    run.average.load_state_dict(run.network.state_dict())
    run.save(tmp_path / CHECKPOINT)
    export(averaged(JointNetwork(), tmp_path / CHECKPOINT), tmp_path / "joints.onnx")
    rgb = np.asarray(cv2.imread(str(still.path), cv2.IMREAD_COLOR_RGB), np.uint8)
    blind = dots()[None]
    blind[0, 7:] = 0.0
    people = Detections(np.array([BOX_PX], np.float32), np.ones(1, np.float32), blind)
    told = JointReader(tmp_path / "joints.onnx").look(rgb, people)
    away = np.linalg.norm(told.keypoints[0, 5:11, :2] - dots()[5:11, :2], axis=1)
    assert np.median(away) < 0.05 * (BOX_PX[3] - BOX_PX[1])
    assert (told.keypoints[0, :5] == blind[0, :5]).all()  # heads stay the pose model's


@pytest.mark.slow
def test_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    write_stills(tmp_path / "stills")
    first = fit([tmp_path / "stills"], tmp_path / "out", _recipe(0.02), resume=False)
    assert first.step > 0
    again = fit([tmp_path / "stills"], tmp_path / "out", _recipe(0.04), resume=True)
    assert again.step > first.step
    assert again.spent_s >= 0.04 * 60


def test_what_is_exported_is_what_was_trained(tmp_path: Path) -> None:
    """The file gives the network's numbers for any count of bodies, and is the same each time."""
    pytest.importorskip("onnx")
    import onnxruntime

    run = new_run(_recipe(1.0))
    run.save(tmp_path / CHECKPOINT)
    network = averaged(JointNetwork(), tmp_path / CHECKPOINT)
    for name in ("a.onnx", "b.onnx"):
        export(network, tmp_path / name)
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()
    session = onnxruntime.InferenceSession(str(tmp_path / "a.onnx"))
    for count in (1, 5):
        shown = np.random.default_rng(0).random((count, 3, SIDE_PX, SIDE_PX), np.float32)
        told, boxes, glance = session.run(None, {"bodies": shown})
        with torch.no_grad():
            parts = Exported(network)(torch.from_numpy(shown))
        expected, edges, chances = (part.numpy() for part in parts)
        assert told.shape == (count, POINTS, 3)
        assert boxes.shape == (count, 4)
        assert np.median(np.abs(boxes - edges)) < 1e-4
        np.testing.assert_allclose(glance, chances, atol=1e-3)
        np.testing.assert_allclose(glance.sum(axis=1), 1.0, atol=1e-4)
        np.testing.assert_allclose(told[..., 2], expected[..., 2], atol=1e-3)
        assert np.median(np.abs(told - expected)) < 1e-4


@pytest.mark.slow
def test_the_glance_is_learnt_and_the_points_stay(tmp_path: Path) -> None:
    """Trained alone, what tells the glance tells the one body's act, and no point moves."""
    torch.set_num_threads(1)
    write_stills(tmp_path / "stills")
    new_run(replace(_recipe(1000.0), seed=8)).save(tmp_path / CHECKPOINT)
    recipe = replace(_recipe(1000.0), points=tmp_path / CHECKPOINT)
    run = new_run(recipe)
    points = averaged(JointNetwork(), tmp_path / CHECKPOINT).stem.state_dict()
    assert all(torch.equal(v, points[k]) for k, v in run.network.stem.state_dict().items())
    before = {name: value.clone() for name, value in run.network.state_dict().items()}
    run.network.train()
    source = batches([tmp_path / "stills"], recipe, run)
    for _ in range(40):
        train_step(run, next(source), recipe)
    for name, value in run.network.state_dict().items():
        assert name.startswith("glance.") or torch.equal(value, before[name]), name
    run.network.eval()
    shown = torch.stack([torch.from_numpy(b.rgb.copy()) for b in next(source)])
    with torch.no_grad():
        told = run.network(shown.permute(0, 3, 1, 2).float() / 255).glance
    assert (told.argmax(1) == GLANCES.index(ACT)).float().mean() >= 0.75
