"""Bodies are cut out where they are, and what is told of them is put back there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from classwatch.core.errors import ModelError
from classwatch.core.pose import GLANCES, KEYPOINTS, Detections
from classwatch.core.resources import resource_dir
from classwatch.vision.joints import SIDE_PX, JointReader, cut, squares

CLIP = Path(__file__).resolve().parents[2] / "samples" / "clips" / "hand-raised"


def _somebody(box: tuple[float, ...], shoulders_apart: float = 40.0) -> Detections:
    """Head at (130, 210), the middle of the shoulders 30 below it."""
    points = np.zeros((1, 17, 3), np.float32)
    points[0, :5, :2] = (130, 210)
    points[0, 5:7, :2] = (130 + shoulders_apart / 2, 240), (130 - shoulders_apart / 2, 240)
    return Detections(np.array([box], np.float32), np.ones(1, np.float32), points)


def test_squares_go_by_head_and_shoulders() -> None:
    """30 up and 0.6 * 40 across make 38.42: a square of 4.8 of them, a tenth of one higher."""
    (square,) = squares(_somebody((80, 190, 180, 320)))
    np.testing.assert_allclose(square, [130, 236.16, 184.42], atol=1e-2)


def test_a_box_to_the_feet_makes_nobody_smaller() -> None:
    seated, standing = (squares(_somebody((80, 190, 180, feet))) for feet in (320, 560))
    np.testing.assert_array_equal(seated, standing)


def test_points_out_of_proportion_are_held_by_the_box() -> None:
    """Shoulders 400 apart in a box of 130, and all in one place in a box of 600."""
    (wide,) = squares(_somebody((80, 190, 180, 320), 400))
    np.testing.assert_allclose(wide[2], 260)
    blind = Detections(
        np.array([[0, 0, 100, 600]], np.float32),
        np.ones(1, np.float32),
        np.full((1, 17, 3), 50, np.float32),
    )
    np.testing.assert_allclose(squares(blind)[0, 2], 240)


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
        given = Detections(boxes, _falling(len(boxes)), _without_arms(people))
        told = reader.look(_picture(CLIP / "front.mp4", float(time_s)), given)
        for score, points in zip(told.scores, told.keypoints, strict=True):
            number = int(np.flatnonzero(given.scores == score)[0])
            own, box = people.iloc[number], boxes[number]
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


def test_near_bodies_keep_their_own_shoulders_and_arms() -> None:
    """From the height that is asked for on; those of all others are taken over."""
    people, boxes = _class()
    given = Detections(boxes, _falling(len(boxes)), _without_arms(people))
    limit = float(np.median(boxes[:, 3] - boxes[:, 1]))
    reader = JointReader(resource_dir("models") / "body-joints" / "joints.onnx")
    told = reader.look(_picture(CLIP / "front.mp4", 7.0), given, limit)
    row = [int(np.flatnonzero(given.scores == score)[0]) for score in told.scores]
    near = (boxes[:, 3] - boxes[:, 1])[row] >= limit
    assert 2 < near.sum() < len(near) - 2
    assert (told.keypoints[near, 7:11] == 0).all()
    assert (told.keypoints[~near, 7:11] != 0).all()
    moved = (told.keypoints[:, 5:7] != given.keypoints[row, 5:7]).any(axis=(1, 2))
    np.testing.assert_array_equal(moved, ~near)
    assert not told.glance[near].any()
    np.testing.assert_allclose(told.glance[~near].sum(axis=1), 1.0, atol=0.02)


@pytest.mark.parametrize(
    ("clip", "kind", "glance"),
    [
        ("hand-raised", "hand_raised", "raise_hand"),
        ("writing", "writing", "write"),
        ("standing", "standing", "stand"),
        ("lying", "lying", "sleep"),
    ],
)
def test_a_glance_tells_those_who_do_it_from_the_others(clip: str, kind: str, glance: str) -> None:
    """Of somebody who does it and somebody who does not, the first is likelier to: nine pairs of
    ten, among those of whom enough is seen."""
    folder = CLIP.parent / clip / "truth"
    poses, tracks, events = (
        pd.read_parquet(folder / f"{name}.parquet") for name in ("poses", "tracks", "events")
    )
    stream = "student_cam" if "student_cam" in set(poses["stream"]) else poses["stream"].iloc[0]
    poses = poses.merge(tracks[["stream", "frame", "det", "track_id", "role"]])
    poses = poses[(poses["stream"] == stream) & (poses["role"] == "student")]
    poses = poses[poses["score"] >= 0.3]
    events = events[(events["stream"] == stream) & (events["kind"] == kind)]
    file = {"student_cam": "front.mp4", "teacher_cam": "rear.mp4"}[stream]
    reader = JointReader(resource_dir("models") / "body-joints" / "joints.onnx")
    does: list[bool] = []
    chance: list[float] = []
    for time_s in (4.0, 6.0, 8.0, 10.0):
        people = poses[(poses["time_s"] - time_s).abs() < 1e-3]
        boxes = people[["x0", "y0", "x1", "y1"]].to_numpy(np.float32)
        given = Detections(boxes, _falling(len(boxes)), _without_arms(people))
        told = reader.look(_picture(CLIP.parent / clip / file, time_s), given)
        for score, chances in zip(told.scores, told.glance, strict=True):
            own = people.iloc[int(np.flatnonzero(given.scores == score)[0])]
            now = events[(events["start_s"] <= time_s) & (events["end_s"] > time_s)]
            does.append(bool((now["track_id"] == own["track_id"]).any()))
            chance.append(float(chances[GLANCES.index(glance)]))
    yes, no = np.asarray(chance)[does], np.asarray(chance)[~np.asarray(does)]
    assert min(len(yes), len(no)) >= 2
    assert (yes[:, None] > no[None]).mean() >= 0.9


def test_boxes_of_a_rendered_class_are_drawn_again() -> None:
    """Boxes a fifth of the body beside it come at least half of the way to the truth."""
    people, boxes = _class()
    moved = boxes + 0.2 * (boxes[:, 2:] - boxes[:, :2])[:, [0, 1, 0, 1]]
    given = Detections(moved, _falling(len(boxes)), _without_arms(people))
    reader = JointReader(resource_dir("models") / "body-joints" / "joints.onnx")
    told = reader.look(_picture(CLIP / "front.mp4", 7.0), given)
    row = [int(np.flatnonzero(given.scores == score)[0]) for score in told.scores]
    assert len(row) > 8
    before, after = _overlap(moved[row], boxes[row]), _overlap(told.boxes_px, boxes[row])
    assert np.median(before) < 0.5
    assert np.median(after) > 0.65


def _class() -> tuple[pd.DataFrame, NDArray[np.float32]]:
    """The truth of everybody at 7 s of the clip, and their boxes (n, 4)."""
    truth = pd.read_parquet(CLIP / "truth" / "poses.parquet")
    people = truth[(truth["stream"] == "student_cam") & (truth["time_s"] == 7.0)]
    return people, people[["x0", "y0", "x1", "y1"]].to_numpy(np.float32)


def _falling(count: int) -> NDArray[np.float32]:
    return np.linspace(1.0, 0.5, count, dtype=np.float32)


def _without_arms(people: pd.DataFrame) -> NDArray[np.float32]:
    """Points (n, 17, 3) of the truth, of head and shoulders only."""
    points = np.zeros((len(people), 17, 3), np.float32)
    for number, name in enumerate(KEYPOINTS[:7]):
        points[:, number] = people[[f"{name}_x", f"{name}_y", f"{name}_conf"]].to_numpy()
    return points


def _overlap(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union (n,) of boxes (n, 4) in pairs."""
    low, high = np.maximum(a[:, :2], b[:, :2]), np.minimum(a[:, 2:], b[:, 2:])
    both = np.maximum(high - low, 0).prod(axis=1)
    areas = [(box[:, 2:] - box[:, :2]).prod(axis=1) for box in (a, b)]
    return np.asarray(both / (areas[0] + areas[1] - both))


def _picture(path: Path, time_s: float) -> NDArray[np.uint8]:
    import av

    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= time_s - 1e-3:
                return frame.to_ndarray(format="rgb24")
    raise AssertionError(time_s)
