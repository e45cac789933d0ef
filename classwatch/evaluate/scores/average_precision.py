"""OKS-AP and AR as COCO computes them, from pycocotools' own matches."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import ModelError
from classwatch.core.pose import PoseSeries
from classwatch.evaluate.scores.figures import NOTHING
from classwatch.evaluate.scores.keypoints import oks
from classwatch.evaluate.scores.keys import key, named, parts_of, total
from classwatch.evaluate.scores.matching import area, match_frames
from classwatch.evaluate.scores.pictures import SEEN, TruePeople
from classwatch.evaluate.tally import Figure, Tally

THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
_RECALLS = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True, slots=True)
class KeypointPrecision:
    """Average precision and recall over OKS 0.50, 0.55 ... 0.95.

    COCO looks at 20 people a picture, which is less than a class; here at ``most``. People to be
    ignored are COCO's crowds.
    """

    most: int = 100
    tolerance_s: float = 0.05
    name = "picture.oks_ap"

    def count(self, truth: TruePeople, found: PoseSeries) -> Tally:
        """One camera of one lesson: one row per detection, see ``_rows``."""
        frames = match_frames(truth.series.frame_times_s, found.frame_times_s, self.tolerance_s)
        people, rows = 0, [np.zeros((0, 1 + 2 * len(THRESHOLDS)))]
        for picture in _evaluated(truth, found, frames, self.most):
            people += int((picture["gtIgnore"] == 0).sum())
            rows.append(_rows(picture))
        return Tally(
            {key("people", truth.camera): float(people)},
            {key("detections", truth.camera): np.concatenate(rows)},
        )

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """AP, AP at 0.50 and 0.75, AR; for all and by camera."""
        cameras = [camera for (camera,) in named(tally.counts, "people")]
        found: list[Figure] = []
        for camera in (None, *cameras):
            rows = [
                block
                for name, block in sorted(tally.rows.items())
                if camera is None or parts_of(name)[1] == camera
            ]
            people = total(tally.counts, "people", camera)
            found += self._of(rows, people, "" if camera is None else f"camera {camera}")
        return tuple(found)

    def _of(self, rows: list[NDArray[np.float64]], people: float, group: str) -> tuple[Figure, ...]:
        tag = f"@most={self.most}"
        names = ("ap", "ap50", "ap75", "ar")
        if not people:
            return tuple(
                Figure(f"{self.name}.{name}{tag}", None, "share", "higher", group, why=NOTHING)
                for name in names
            )
        precision, recall = precision_recall_at(np.concatenate(rows), people)
        values = (precision.mean(), precision[0], precision[5], recall.mean())
        return tuple(
            Figure(f"{self.name}.{name}{tag}", float(value), "share", "higher", group)
            for name, value in zip(names, values, strict=True)
        )


def precision_recall_at(
    rows: NDArray[np.float64], people: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Interpolated average precision and final recall at each threshold, as COCO accumulates."""
    order = np.argsort(-rows[:, 0], kind="mergesort")
    count = len(THRESHOLDS)
    matched, ignored = ((part > 0)[order].T for part in np.split(rows[:, 1:], 2, axis=1))
    precisions, recalls = np.zeros(count), np.zeros(count)
    for number in range(count):
        hits = np.cumsum(matched[number] & ~ignored[number])
        extras = np.cumsum(~matched[number] & ~ignored[number])
        if len(hits) == 0:
            continue
        precision = hits / (hits + extras + np.spacing(1))
        envelope = np.maximum.accumulate(precision[::-1])[::-1]
        at = np.searchsorted(hits / people, _RECALLS, side="left")
        reached = at < len(envelope)
        precisions[number] = np.where(
            reached, envelope[np.minimum(at, len(envelope) - 1)], 0
        ).mean()
        recalls[number] = hits[-1] / people
    return precisions, recalls


def _rows(picture: dict[str, Any]) -> NDArray[np.float64]:
    """One row per detection: score, then for each threshold matched, then ignored."""
    score = np.asarray(picture["dtScores"], np.float64)[:, None]
    matched = (np.asarray(picture["dtMatches"]) > 0).T
    ignored = np.asarray(picture["dtIgnore"]).astype(np.bool_).T
    return np.concatenate([score, matched, ignored], axis=1)


def _evaluated(
    truth: TruePeople, found: PoseSeries, frames: NDArray[np.int64], most: int
) -> list[dict[str, Any]]:
    """pycocotools' result for every picture with anybody in it, in order."""
    if len(frames) == 0:
        return []
    try:
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
    except ImportError as error:
        raise ModelError(
            "pycocotools is not installed", remedy='pip install "classwatch[eval]"'
        ) from error
    with contextlib.redirect_stdout(io.StringIO()):
        sides = []
        for annotations in (_true(truth, frames[:, 0]), _found(found, frames[:, 1])):
            side = COCO()
            side.dataset = {
                "images": [{"id": number} for number in range(len(frames))],
                "categories": [{"id": 1}],
                "annotations": annotations,
            }
            side.createIndex()
            sides.append(side)
        run = _quick(COCOeval)(*sides, iouType="keypoints")
        run.params.maxDets = [most]
        run.params.iouThrs = np.asarray(THRESHOLDS)
        run.params.areaRng, run.params.areaRngLbl = [[0, 1e10]], ["all"]
        run.evaluate()
    return [picture for picture in run.evalImgs if picture is not None]


def _quick(base: Any) -> Any:
    """pycocotools' run with the similarities of a picture computed in one step.

    Its own loop over pairs takes most of the time with a whole class; where somebody has no known
    keypoint, which COCO treats by a rule of its own, it is left to do so.
    """

    class Quick(base):  # type: ignore[misc]
        def computeOks(self, image: int, category: int) -> Any:  # noqa: N802
            truths, founds = self._gts[image, category], self._dts[image, category]
            if not truths or not founds or not all(one["num_keypoints"] for one in truths):
                return super().computeOks(image, category)
            order = np.argsort([-one["score"] for one in founds], kind="mergesort")
            ranked = [founds[number] for number in order[: self.params.maxDets[-1]]]
            left = _points(truths)[None, :].repeat(len(ranked), axis=0)
            right = _points(ranked)[:, None].repeat(len(truths), axis=1)
            area_px = np.asarray([one["area"] for one in truths], np.float64)
            flat = oks(
                left.reshape(-1, *left.shape[2:]),
                right.reshape(-1, *right.shape[2:]),
                np.tile(area_px, len(ranked)),
            )
            return flat.reshape(len(ranked), len(truths))

    return Quick


def _points(annotations: list[dict[str, Any]]) -> NDArray[np.float64]:
    keypoints = [one["keypoints"] for one in annotations]
    return np.asarray(keypoints, np.float64).reshape(len(annotations), -1, 3)


def _true(truth: TruePeople, frames: NDArray[np.int64]) -> list[dict[str, Any]]:
    people = truth.series.people
    annotations: list[dict[str, Any]] = []
    for picture, row in _people_of(truth.series, frames):
        points = people.keypoints[row].astype(np.float64)
        flags = np.where(points[:, 2] >= SEEN, 2.0, np.where(points[:, 2] > 0, 1.0, 0.0))
        points[:, 2] = flags
        annotations.append(
            {
                **_common(len(annotations), picture, people.boxes_px[row], points),
                "area": float(truth.area_px[row]),
                "iscrowd": int(truth.ignore[row]),
                "num_keypoints": int((flags > 0).sum()),
            }
        )
    return annotations


def _found(found: PoseSeries, frames: NDArray[np.int64]) -> list[dict[str, Any]]:
    people = found.people
    annotations: list[dict[str, Any]] = []
    for picture, row in _people_of(found, frames):
        points = people.keypoints[row].astype(np.float64)
        annotations.append(
            {
                **_common(len(annotations), picture, people.boxes_px[row], points),
                "area": float(area(people.boxes_px[row : row + 1])[0]),
                "score": float(people.scores[row]),
            }
        )
    return annotations


def _people_of(series: PoseSeries, frames: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Number of the picture and row of each person, for the sampled pictures ``frames``."""
    first = np.searchsorted(series.frame, frames)
    last = np.searchsorted(series.frame, frames + 1)
    return [
        (picture, row)
        for picture, (start, end) in enumerate(zip(first, last, strict=True))
        for row in range(int(start), int(end))
    ]


def _common(
    number: int, picture: int, box: NDArray[np.float32], points: NDArray[np.float64]
) -> dict[str, Any]:
    x0, y0, x1, y1 = (float(edge) for edge in box)
    # pycocotools takes a match with id 0 for no match.
    return {
        "id": number + 1,
        "image_id": picture,
        "category_id": 1,
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "keypoints": points.ravel().tolist(),
    }
