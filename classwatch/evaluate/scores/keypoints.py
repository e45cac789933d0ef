"""Keypoints: object keypoint similarity (OKS), PCK by joint, OKS-AP and AR.

OKS with COCO's constants: https://cocodataset.org/#keypoints-eval.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import KEYPOINTS, PoseSeries
from classwatch.evaluate.scores.figures import mean
from classwatch.evaluate.scores.keys import key, named, total
from classwatch.evaluate.scores.pictures import SEEN, TruePeople, picture_pairs
from classwatch.evaluate.tally import Figure, Tally, share

SIGMAS = (
    np.asarray([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89], np.float64)
    / 1000.0
)
"""COCO's spread of each keypoint among annotators, relative to the root of the body's area."""
_SHOULDERS, _HIPS = [5, 6], [11, 12]
SEEN_OR_HIDDEN = ("seen", "hidden")


Points = NDArray[np.float32] | NDArray[np.float64]
"""Keypoints (n, 17, 3) as x, y in pixels and confidence."""


def oks(truth: Points, found: Points, area_px: NDArray[np.float64]) -> NDArray[np.float64]:
    """OKS (n,) of n pairs of bodies (n, 17, 3), ``area_px`` (n,) of the true ones.

    NaN where truth knows no keypoint. Like COCO, hidden keypoints count as seen ones do.
    """
    known = truth[:, :, 2] > 0
    apart = found[:, :, :2].astype(np.float64) - truth[:, :, :2]
    apart2 = apart[:, :, 0] ** 2 + apart[:, :, 1] ** 2
    spread = (2 * SIGMAS) ** 2 * 2 * (area_px[:, None] + np.spacing(1))
    likeness = np.where(known, np.exp(-apart2 / spread), 0.0).sum(axis=1)
    number = known.sum(axis=1)
    blank = np.full(len(truth), np.nan)
    similar: NDArray[np.float64] = np.divide(likeness, number, out=blank, where=number > 0)
    return similar


def torso_px(bodies: NDArray[np.float32]) -> NDArray[np.float64]:
    """Length (n,) from between the shoulders to between the hips; NaN where one is not known."""
    points = bodies[:, :, :2].astype(np.float64)
    apart = points[:, _SHOULDERS].mean(axis=1) - points[:, _HIPS].mean(axis=1)
    known = (bodies[:, _SHOULDERS + _HIPS, 2] > 0).all(axis=1)
    return np.where(known, np.hypot(apart[:, 0], apart[:, 1]), np.nan)


@dataclass(frozen=True, slots=True)
class Keypoints:
    """OKS and PCK of people who were found (boxes matched at ``min_iou``).

    PCK: share of true keypoints at most ``reach`` torso lengths (``torso``) or longer box sides
    (``box``) away. Torso PCK leaves out people whose torso is not known.
    """

    reach: float = 0.2
    min_iou: float = 0.5
    tolerance_s: float = 0.05
    name = "picture.keypoints"

    def count(self, truth: TruePeople, found: PoseSeries) -> Tally:
        """One camera of one lesson."""
        counts: dict[str, float] = {key("bodies", truth.camera): 0.0}
        true_rows, found_rows = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for picture in picture_pairs(
            truth, found, min_iou=self.min_iou, tolerance_s=self.tolerance_s
        ):
            true_rows.append(picture.truth[picture.pairs[:, 0]])
            found_rows.append(picture.found[picture.pairs[:, 1]])
        true_at, found_at = np.concatenate(true_rows), np.concatenate(found_rows)
        bodies = truth.series.people.keypoints[true_at]
        guesses = found.people.keypoints[found_at]
        similar = oks(bodies, guesses, truth.area_px[true_at])
        counts[key("bodies", truth.camera)] = float(np.isfinite(similar).sum())
        counts[key("oks", truth.camera)] = float(np.nansum(similar))
        boxes = truth.series.people.boxes_px[true_at].astype(np.float64)
        longer = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0.0)
        apart = np.hypot(
            *np.moveaxis(guesses[:, :, :2].astype(np.float64) - bodies[:, :, :2], 2, 0)
        )
        for scale, length in (("torso", torso_px(bodies)), ("box", longer)):
            # Nothing is within reach of a length that is not known (NaN).
            hit = apart <= self.reach * length[:, None]
            judged = np.isfinite(length)[:, None]
            counts |= _joint_counts(scale, truth.camera, hit, bodies, judged)
        return Tally(counts)

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """OKS for all and by camera; PCK for all, by camera, seen and hidden, by joint."""
        found: list[Figure] = []
        cameras = [camera for (camera,) in named(tally.counts, "bodies")]
        tag = f"@iou={self.min_iou:g}"
        for camera in (None, *cameras):
            bodies, similar = (total(tally.counts, name, camera) for name in ("bodies", "oks"))
            group = "" if camera is None else f"camera {camera}"
            metric = f"{self.name}.oks{tag}"
            found.append(mean(metric, similar, bodies, unit="oks", better="higher", group=group))
        for scale in ("torso", "box"):
            found += self._pck(tally, scale, cameras)
        return tuple(found)

    def _pck(self, tally: Tally, scale: str, cameras: list[str]) -> Iterable[Figure]:
        metric = f"{self.name}.pck@{self.reach:g}{scale}"
        cells: list[tuple[str, tuple[str | None, ...]]] = [("", ())]
        cells += [(f"camera {camera}", (camera,)) for camera in cameras]
        cells += [(f"{state} joints", (None, state)) for state in SEEN_OR_HIDDEN]
        cells += [(f"joint {joint}", (None, None, joint)) for joint in KEYPOINTS]
        for group, parts in cells:
            hits, joints = (total(tally.counts, f"{n}_{scale}", *parts) for n in ("hit", "joint"))
            yield share(metric, hits, joints, better="higher", group=group)


def _joint_counts(
    scale: str,
    camera: str,
    hit: NDArray[np.bool_],
    bodies: NDArray[np.float32],
    judged: NDArray[np.bool_],
) -> dict[str, float]:
    confidence = bodies[:, :, 2]
    states = {"seen": confidence >= SEEN, "hidden": (confidence > 0) & (confidence < SEEN)}
    counts: dict[str, float] = {}
    for state, there in states.items():
        joints, hits = (there & judged).sum(axis=0), (there & hit).sum(axis=0)
        for number, joint in enumerate(KEYPOINTS):
            counts[key(f"joint_{scale}", camera, state, joint)] = float(joints[number])
            counts[key(f"hit_{scale}", camera, state, joint)] = float(hits[number])
    return counts
