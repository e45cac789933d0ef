"""OKS and PCK by hand and against pycocotools; AP against pycocotools' own accumulation."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import numpy as np
import pytest

from classwatch.core.pose import KEYPOINTS, Detections, PoseSeries
from classwatch.evaluate.scores.average_precision import (
    THRESHOLDS,
    KeypointPrecision,
    precision_recall_at,
)
from classwatch.evaluate.scores.keypoints import SIGMAS, Keypoints, oks, torso_px
from classwatch.evaluate.scores.pictures import true_people
from classwatch.evaluate.tally import pool
from tests.evaluate.scores.builders import Box, figure, series, value

SCORER, PRECISION = Keypoints(), KeypointPrecision()
OKS = "picture.keypoints.oks@iou=0.5"
BOX: Box = (0, 0, 100, 200)
NOSE, LEFT_WRIST = KEYPOINTS.index("nose"), KEYPOINTS.index("left_wrist")


def shifted(one: PoseSeries, joint: int, by_px: float) -> PoseSeries:
    """The same people with one joint moved to the right."""
    points = one.people.keypoints.copy()
    points[:, joint, 0] += by_px
    people = Detections(one.people.boxes_px, one.people.scores, points)
    return PoseSeries(one.frame_times_s, one.frame, people, one.size_px, one.every_s)


def upright() -> PoseSeries:
    """One body: shoulders at height 40, hips at 120 (torso 80 px), all else in the middle."""
    one = series([[BOX]])
    one.people.keypoints[:, 5:7, 1] = 40
    one.people.keypoints[:, 11:13, 1] = 120
    return one


def test_oks_by_hand() -> None:
    # Only nose and left wrist known; nose right, wrist 10 px off, area 10 000 px.
    # OKS = (1 + exp(-10^2 / (2 * 10000 * (2 * 0.062)^2))) / 2.
    one = series([[BOX]])
    one.people.keypoints[:, :, 2] = 0
    one.people.keypoints[:, [NOSE, LEFT_WRIST], 2] = 1
    truth = true_people("front", one, area_px=np.asarray([10_000.0]))
    figures = SCORER.figures(SCORER.count(truth, shifted(one, LEFT_WRIST, 10)))
    expected = (1 + np.exp(-100 / (2 * 10_000 * 0.124**2))) / 2
    assert value(figures, OKS) == pytest.approx(expected)


def test_pck_by_hand() -> None:
    # Torso 80 px: within 16 px. Box 200 px high: within 40 px. A wrist 30 px off is a miss of the
    # first and a hit of the second.
    one = upright()
    figures = SCORER.figures(SCORER.count(true_people("front", one), shifted(one, LEFT_WRIST, 30)))
    assert torso_px(one.people.keypoints).tolist() == [80]
    assert value(figures, "picture.keypoints.pck@0.2torso") == pytest.approx(16 / 17)
    assert value(figures, "picture.keypoints.pck@0.2torso", "joint left_wrist") == 0
    assert value(figures, "picture.keypoints.pck@0.2torso", "joint nose") == 1
    assert value(figures, "picture.keypoints.pck@0.2box") == 1


def test_seen_and_hidden_joints_are_told_apart_and_absent_ones_left_out() -> None:
    one = upright()
    one.people.keypoints[:, LEFT_WRIST, 2] = 0.5
    one.people.keypoints[:, NOSE, 2] = 0
    figures = SCORER.figures(SCORER.count(true_people("front", one), shifted(one, LEFT_WRIST, 90)))
    pck = "picture.keypoints.pck@0.2torso"
    assert value(figures, pck, "hidden joints") == 0
    assert value(figures, pck, "seen joints") == 1
    assert value(figures, pck, "joint nose") is None
    assert figure(figures, pck).denominator == 16


def test_without_hips_there_is_no_torso() -> None:
    one = upright()
    one.people.keypoints[:, 11, 2] = 0
    figures = SCORER.figures(SCORER.count(true_people("front", one), one))
    assert value(figures, "picture.keypoints.pck@0.2torso") is None
    assert value(figures, "picture.keypoints.pck@0.2box") == 1


def test_missed_people_do_not_count_and_nobody_gives_none() -> None:
    two = series([[BOX, (300, 0, 400, 200)]])
    figures = SCORER.figures(SCORER.count(true_people("front", two), series([[BOX]])))
    assert figure(figures, OKS).denominator == 1
    empty = SCORER.figures(SCORER.count(true_people("front", series([[]])), series([[]])))
    assert all(f.value is None for f in empty)


def test_people_without_known_keypoints_have_no_oks() -> None:
    one = series([[BOX]])
    one.people.keypoints[:, :, 2] = 0
    figures = SCORER.figures(SCORER.count(true_people("front", one), one))
    assert value(figures, OKS) is None


def crowd(seed: int, pictures: int = 6) -> tuple[PoseSeries, PoseSeries, np.ndarray]:
    """Truth, a noisy finding of it with misses and extras, and who is to be ignored."""
    rng = np.random.default_rng(seed)
    sides: tuple[list, list] = ([], [])
    ignore: list[bool] = []
    for frame in range(pictures):
        for _ in range(rng.integers(0, 6)):
            corner, size = rng.uniform(0, 800, 2), rng.uniform(60, 200, 2)
            points = corner + rng.uniform(0, 1, (17, 2)) * size
            seen = rng.choice([0, 0.5, 1.0], 17, p=[0.2, 0.2, 0.6])[:, None]
            # Somebody of whom no keypoint is known, which COCO treats by a rule of its own.
            seen = seen * (rng.random() > 0.1)
            box = [*corner, *(corner + size)]
            sides[0].append((frame, box, 1.0, np.hstack([points, seen])))
            ignore.append(bool(rng.random() < 0.2))
            if rng.random() < 0.85:
                noise = rng.normal(0, rng.choice([1, 8, 30]), (17, 2))
                guess = np.hstack([points + noise, np.ones((17, 1))])
                sides[1].append((frame, box, round(rng.random(), 2), guess))
        for _ in range(rng.integers(0, 3)):
            guess = np.hstack([rng.uniform(0, 900, (17, 2)), np.ones((17, 1))])
            sides[1].append((frame, [0, 0, 90, 90], round(rng.random(), 2), guess))
    return _series(sides[0], pictures), _series(sides[1], pictures), np.asarray(ignore, bool)


def _series(rows: list, pictures: int) -> PoseSeries:
    boxes = np.asarray([row[1] for row in rows], np.float32).reshape(-1, 4)
    points = np.asarray([row[3] for row in rows], np.float32).reshape(-1, 17, 3)
    scores = np.asarray([row[2] for row in rows], np.float32)
    frame = np.asarray([row[0] for row in rows], np.int32)
    times_s = np.arange(pictures) / 2
    return PoseSeries(times_s, frame, Detections(boxes, scores, points), (1280, 720), 0.5)


def _coco(truth: PoseSeries, found: PoseSeries, ignore: np.ndarray, area: np.ndarray) -> object:
    """pycocotools run from start to end on annotations written here, in COCO's own format."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    sides = []
    for number, one in enumerate((truth, found)):
        notes = []
        for row in range(len(one.people)):
            points = one.people.keypoints[row].astype(float)
            points[:, 2] = np.ceil(points[:, 2] * 2)
            x0, y0, x1, y1 = one.people.boxes_px[row].astype(float)
            notes.append(
                {
                    "id": row + 1,
                    "image_id": int(one.frame[row]),
                    "category_id": 1,
                    "keypoints": points.ravel().tolist(),
                    "bbox": [x0, y0, x1 - x0, y1 - y0],
                    "area": float(area[row]) if number == 0 else (x1 - x0) * (y1 - y0),
                    "iscrowd": int(ignore[row]) if number == 0 else 0,
                    "num_keypoints": int((points[:, 2] > 0).sum()),
                    "score": float(one.people.scores[row]),
                }
            )
        side = COCO()
        side.dataset = {
            "images": [{"id": n} for n in range(len(truth))],
            "categories": [{"id": 1, "name": "person"}],
            "annotations": notes,
        }
        side.createIndex()
        sides.append(side)
    run = COCOeval(*sides, "keypoints")
    run.params.maxDets = [100]
    run.evaluate()
    run.accumulate()
    return run


@pytest.mark.parametrize("seed", range(6))
def test_average_precision_agrees_with_pycocotools(seed: int) -> None:
    truth, found, ignore = crowd(seed)
    area = np.full(len(ignore), 5000.0)
    people = true_people("front", truth, crowd=ignore, area_px=area)
    with contextlib.redirect_stdout(io.StringIO()):
        run = _coco(truth, found, ignore, area)
    precision = run.eval["precision"][:, :, 0, 0, 0].mean(axis=1)
    recall = run.eval["recall"][:, 0, 0, 0]
    figures = PRECISION.figures(PRECISION.count(people, found))
    tag = "@most=100"
    assert value(figures, f"picture.oks_ap.ap{tag}") == pytest.approx(precision.mean())
    assert value(figures, f"picture.oks_ap.ap50{tag}") == pytest.approx(precision[0])
    assert value(figures, f"picture.oks_ap.ap75{tag}") == pytest.approx(precision[5])
    assert value(figures, f"picture.oks_ap.ar{tag}") == pytest.approx(recall.mean())


def test_oks_agrees_with_pycocotools() -> None:
    truth, found, _ = crowd(3)
    area = np.full(len(truth.people), 4321.0)
    with contextlib.redirect_stdout(io.StringIO()):
        run = _coco(truth, found, np.zeros(len(area), bool), area)
    compared = 0
    known = (truth.people.keypoints[:, :, 2] > 0).any(axis=1)
    for picture in range(len(truth)):
        theirs = run.ious[picture, 1]
        rows = np.flatnonzero(truth.frame == picture)
        guesses = np.flatnonzero(found.frame == picture)
        guesses = guesses[np.argsort(-found.people.scores[guesses], kind="stable")]
        for g, guess in enumerate(guesses):
            for t, row in enumerate(rows):
                if not known[row]:
                    continue
                ours = oks(
                    truth.people.keypoints[[row]], found.people.keypoints[[guess]], area[[row]]
                )
                assert ours[0] == pytest.approx(theirs[g, t], abs=1e-6)
                compared += 1
    assert compared > 10


def test_precision_by_hand() -> None:
    # Three detections by score: hit, extra, hit; four people. Precision at recall 0.25 is 1, at
    # 0.5 it is 2/3. Of 101 recall steps 0-0.25 (26) have 1, 0.26-0.5 (25) have 2/3, others 0.
    count = len(THRESHOLDS)
    rows = np.zeros((3, 1 + 2 * count))
    rows[:, 0] = [0.9, 0.8, 0.7]
    rows[[0, 2], 1 : 1 + count] = 1
    precision, recall = precision_recall_at(rows, 4)
    assert precision.tolist() == pytest.approx([(26 + 25 * 2 / 3) / 101] * count)
    assert recall.tolist() == [0.5] * count


def test_average_precision_of_nobody_and_of_nothing_found() -> None:
    nobody = true_people("front", series([[]]))
    assert all(f.value is None for f in PRECISION.figures(PRECISION.count(nobody, series([[BOX]]))))
    somebody = true_people("front", series([[BOX]]))
    figures = PRECISION.figures(PRECISION.count(somebody, series([[]])))
    assert [f.value for f in figures] == [0.0] * 8


def test_average_precision_is_pooled_over_detections_not_over_lessons() -> None:
    # One lesson with a sure hit, one with a surer extra: pooled precision 1/2 at full recall of 1
    # person; the mean over lessons would be undefined.
    hit = PRECISION.count(true_people("front", series([[BOX]])), series([[BOX]], scores=[0.5]))
    extra = PRECISION.count(true_people("front", series([[]])), series([[BOX]], scores=[0.9]))
    figures = PRECISION.figures(pool([hit, extra]))
    assert value(figures, "picture.oks_ap.ap50@most=100") == pytest.approx(1 / 2)


def test_sigmas_are_cocos() -> None:
    from pycocotools.cocoeval import Params

    np.testing.assert_allclose(SIGMAS, Params("keypoints").kpt_oks_sigmas)


def test_real_coco_truth_against_itself(shared: Path) -> None:
    """The picture 000000000785 of COCO: truth found exactly gives 1 everywhere."""
    folder = shared / "data" / "images_pose" / "mmpose"
    files = [p for p in sorted(folder.rglob("*.json")) if '"keypoints"' in p.read_text()]
    if not files:
        pytest.skip("no COCO keypoint file there")
    notes = json.loads(files[0].read_text())["annotations"]
    notes = [n for n in notes if n.get("num_keypoints") and not n.get("iscrowd")]
    first = [n for n in notes if n["image_id"] == notes[0]["image_id"]]
    points = np.asarray([n["keypoints"] for n in first], np.float32).reshape(-1, 17, 3)
    points[:, :, 2] /= 2
    boxes = np.asarray([n["bbox"] for n in first], np.float32)
    boxes[:, 2:] += boxes[:, :2]
    people = Detections(boxes, np.ones(len(first), np.float32), points)
    one = PoseSeries(np.zeros(1), np.zeros(len(first), np.int32), people, (640, 480), 1.0)
    area = np.asarray([n["area"] for n in first], np.float64)
    truth = true_people("coco", one, area_px=area)
    assert value(SCORER.figures(SCORER.count(truth, one)), OKS) == pytest.approx(1)
    figures = PRECISION.figures(PRECISION.count(truth, one))
    assert value(figures, "picture.oks_ap.ap@most=100") == pytest.approx(1)
