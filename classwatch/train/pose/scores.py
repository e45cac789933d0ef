"""Figures of pose models on labelled stills: ``python -m classwatch.train.pose.scores STILLS``.

Every model runs through the engine of an analysis. Of people who are enough in sight
(``MIN_SHARE``, ``MIN_SIDES_PX``) is told how many are found; others may be found or not. Prints
Markdown, one column a model.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import PoseConfig
from classwatch.core.pose import Detections
from classwatch.train.pose.pictures import SEEN, Still, Truth, read_stills
from classwatch.vision.engine import PoseEngine, open_engine
from classwatch.vision.joints import CloserEngine, JointReader

MIN_SHARE = 0.12
MIN_SIDES_PX = (12.0, 24.0)
"""Width and height in the picture itself."""
OVERLAP = 0.5
SEEN_FROM = 0.35
"""Confidence from which the rules of an analysis rely on a point (``events.min_keypoint``)."""
HEIGHTS_PX = (24, 60, 100, 160, 260, 2000)
_PASSED_OVER = 0.3
_LEAST_SCORE = 0.05
_SPREAD = np.array([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89]) / 1000
JOINTS = {
    "eyes": (1, 2),
    "shoulders": (5, 6),
    "elbows": (7, 8),
    "wrists": (9, 10),
    "hips": (11, 12),
}
_PCK = 0.1
"""A point is right within this share of the box's longer side (the usual PCK@0.1)."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """One picture's people and detections, matched.

    For g people that are to be found: ``heights_px`` and ``scores`` (g,) of the box each was found
    with (0: not found), ``right`` (g, 17) 1, 0, or NaN where the point is not seen, ``sure``
    (g, 17) the confidences of its points. For d detections: ``detection_scores``, ``false`` (d,)
    where nobody is, ``pose_scores`` (d,) times the mean confidence of the points, ``similar`` (d,)
    the best keypoint similarity that is this detection's own, NaN where it is passed over.
    """

    heights_px: NDArray[np.float64]
    scores: NDArray[np.float64]
    right: NDArray[np.float64]
    sure: NDArray[np.float64]
    detection_scores: NDArray[np.float64]
    false: NDArray[np.bool_]
    pose_scores: NDArray[np.float64]
    similar: NDArray[np.float64]


def to_be_found(truth: Truth) -> NDArray[np.bool_]:
    """Who (g,) a detector can be asked for."""
    sides = truth.boxes_px[:, 2:] - truth.boxes_px[:, :2]
    enough: NDArray[np.bool_] = (sides >= MIN_SIDES_PX).all(1) & (truth.share >= MIN_SHARE)
    return enough & truth.counts


def match(truth: Truth, told: Detections) -> Found:
    """Detections against truth, best score first; each person is found once."""
    asked = to_be_found(truth)
    order = np.argsort(-told.scores, kind="stable")
    boxes, scores = told.boxes_px[order], told.scores[order].astype(np.float64)
    overlap = _overlaps(boxes, truth.boxes_px)
    by_box = _claimed(overlap, OVERLAP)
    false = np.array(
        [
            by_box[i] < 0 and not (overlap[i][~asked] > _PASSED_OVER).any()
            for i in range(len(scores))
        ],
        bool,
    )
    person_score, right = np.zeros(len(asked)), np.full((len(asked), 17), np.nan)
    sure = np.zeros((len(asked), 17))
    for i, j in enumerate(by_box):
        if j >= 0:
            person_score[j] = scores[i]
            right[j] = _right(told.keypoints[order][i], truth, j)
            sure[j] = told.keypoints[order][i, :, 2]
    seen = (truth.keypoints[..., 2] == SEEN).any(1)
    alike = _similarities(told.keypoints[order], truth)
    pose_scores = scores * told.keypoints[order][..., 2].mean(axis=1)
    by_points = _claimed_by(pose_scores, np.where((asked & seen)[None], alike, 0), 0.5)
    similar = np.array(
        [
            alike[i, j] if j >= 0 else _or_nobody(alike[i], asked & seen, false[i])
            for i, j in enumerate(by_points)
        ]
    )
    heights = (truth.boxes_px[:, 3] - truth.boxes_px[:, 1]).astype(np.float64)
    people = (heights[asked], person_score[asked], right[asked], sure[asked])
    return Found(*people, scores, false, pose_scores, similar)


def _or_nobody(alike: NDArray[np.float64], asked: NDArray[np.bool_], false: np.bool_) -> float:
    passed_over = not false and bool((alike[~asked] > 0).any()) and not (alike[asked] > 0.1).any()
    return float("nan") if passed_over else 0.0


def _claimed(worth: NDArray[np.float64], least: float) -> list[int]:
    """For each row in turn the best column still free with at least ``least``, or -1."""
    free = np.ones(worth.shape[1], bool)
    claimed: list[int] = []
    for row in worth:
        best = int(np.argmax(np.where(free, row, -1))) if free.any() else -1
        if best < 0 or row[best] < least:
            best = -1
        else:
            free[best] = False
        claimed.append(best)
    return claimed


def _claimed_by(scores: NDArray[np.float64], worth: NDArray[np.float64], least: float) -> list[int]:
    """``_claimed`` with the row of the highest score first."""
    order = np.argsort(-scores, kind="stable")
    claimed = np.full(len(scores), -1)
    claimed[order] = _claimed(worth[order], least)
    return [int(one) for one in claimed]


def _overlaps(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.maximum(high - low, 0).prod(2)
    area = [np.maximum(x[:, 2:] - x[:, :2], 0).prod(1) for x in (a, b)]
    result: NDArray[np.float64] = shared / np.maximum(
        area[0][:, None] + area[1][None] - shared, 1e-9
    )
    return result


def _similarities(points: NDArray[np.float32], truth: Truth) -> NDArray[np.float64]:
    """Object keypoint similarity (d, g) over the points that are seen (COCO's formula)."""
    seen = truth.keypoints[..., 2] == SEEN
    away = points[:, None, :, :2] - truth.keypoints[None, :, :, :2]
    squared = (away.astype(np.float64) ** 2).sum(3)
    spread = 2 * np.maximum(truth.area_px, 1)[:, None] * (2 * _SPREAD) ** 2
    alike = np.exp(-squared / spread[None]) * seen
    result: NDArray[np.float64] = alike.sum(2) / np.maximum(seen.sum(1), 1)
    return result


def _right(points: NDArray[np.float32], truth: Truth, person: int) -> NDArray[np.float64]:
    side = float((truth.boxes_px[person, 2:] - truth.boxes_px[person, :2]).max())
    away = np.linalg.norm(points[:, :2] - truth.keypoints[person, :, :2], axis=1)
    seen = truth.keypoints[person, :, 2] == SEEN
    return np.where(seen, (away < _PCK * side).astype(np.float64), np.nan)


def average_precision(found: Sequence[Found]) -> float:
    """AP at a keypoint similarity of 0.5, all pictures together (area under the curve).

    Poses are ranked by the score of the box times the mean confidence of the points, as is usual
    where points come from a second look (Xiao, Wu and Wei, 2018).
    """
    scores = np.concatenate([f.pose_scores for f in found])
    similar = np.concatenate([f.similar for f in found])
    people = sum(len(f.scores) for f in found)
    order = np.argsort(-scores, kind="stable")
    hit = similar[order][~np.isnan(similar[order])] >= 0.5
    precision = np.cumsum(hit) / np.arange(1, len(hit) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(envelope[hit].sum() / max(people, 1))


def rows(found: Sequence[Found], min_score: float) -> dict[str, str]:
    """Figures by name, for people and detections of at least ``min_score``."""
    heights = np.concatenate([f.heights_px for f in found])
    hit = np.concatenate([f.scores for f in found]) >= min_score
    right = np.concatenate([f.right for f in found])[hit]
    relied = np.concatenate([f.sure for f in found])[hit] >= SEEN_FROM
    used = np.concatenate([f.detection_scores for f in found]) >= min_score
    false = np.concatenate([f.false for f in found]) & used
    table = {
        "people": f"{len(hit)}",
        "recall": _mean(hit),
        "precision": f"{1 - false.sum() / max(used.sum(), 1):.3f}",
    }
    for low, high in pairwise(HEIGHTS_PX):
        some = (heights >= low) & (heights < high)
        table[f"recall {low}-{high} px ({some.sum()})"] = _mean(hit[some])
    table["recall from 60 px"] = _mean(hit[heights >= 60])
    table["OKS-AP50 of seen points"] = f"{average_precision(found):.3f}"
    for name, joints in JOINTS.items():
        table[f"PCK@0.1 {name}"] = _mean(right[:, joints])
        relied_on, rights = relied[:, joints], np.nan_to_num(right[:, joints])
        table[f"{name} relied on of those seen"] = _mean(relied_on[~np.isnan(right[:, joints])])
        table[f"{name} right of those relied on"] = _mean(rights[relied_on])
    return table


def _mean(values: NDArray[Any]) -> str:
    known = values[~np.isnan(values.astype(np.float64))]
    return f"{known.mean():.3f}" if len(known) else "-"


def run(engine: PoseEngine, stills: Sequence[Still]) -> tuple[list[Found], float]:
    """Everything matched, and seconds of the process for each picture."""
    import cv2

    found, spent_s = [], 0.0
    for still in stills:
        rgb = cv2.imread(str(still.path), cv2.IMREAD_COLOR_RGB)
        began = time.process_time()
        told = engine.detect([np.asarray(rgb, np.uint8)])[0]
        spent_s += time.process_time() - began
        found.append(match(still.truth, told))
    return found, spent_s / max(len(stills), 1)


def main() -> None:
    """Print a table of figures."""
    parser = argparse.ArgumentParser(description="Figures of pose models on labelled stills.")
    parser.add_argument("stills", type=Path)
    parser.add_argument("models", type=Path, nargs="+", help=".onnx or .pt files")
    parser.add_argument("--input", type=int, default=640, help="longer side the model sees")
    parser.add_argument("--min-score", type=float, default=0.25)
    parser.add_argument("--backend", default="onnxruntime")
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--width", type=int, help="only pictures of this width")
    parser.add_argument("--joints", type=Path, help="network that looks at each body again")
    parser.add_argument("--joints-under", type=float, default=math.inf, help="height in pixels")
    parser.add_argument("--limit", type=int, help="only so many pictures")
    options = parser.parse_args()
    stills = read_stills(options.stills, {})
    if options.width:
        stills = tuple(s for s in stills if _width(s) == options.width)
    stills = stills[: options.limit]
    tables = []
    for model in options.models:
        cfg = PoseConfig(
            input_px=options.input,
            min_score=_LEAST_SCORE,
            backend=options.backend,
            precision=options.precision,
        )
        engine = open_engine(model, cfg)
        if options.joints:
            engine = CloserEngine(engine, JointReader(options.joints), options.joints_under)
        found, each_s = run(engine, stills)
        table = rows(found, options.min_score)
        tables.append(table | {"ms of one core a picture": f"{each_s * 1000:.0f}"})
    print(f"{len(stills)} pictures, input {options.input} px, score {options.min_score}\n")
    print("| | " + " | ".join(model.stem for model in options.models) + " |")
    print("|---|" + "---|" * len(tables))
    for name in tables[0]:
        print(f"| {name} | " + " | ".join(table[name] for table in tables) + " |")


def _width(still: Still) -> int:
    import cv2

    return int(np.asarray(cv2.imread(str(still.path), cv2.IMREAD_COLOR)).shape[1])


if __name__ == "__main__":
    main()
