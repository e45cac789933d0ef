"""What a pose model makes of people, learnt from rendered stills: an archive of its mistakes.

A simulated person in some pose is given the mistakes that the model made on a rendered person in a
similar pose and size: all 17 points together, with their confidences, or not being found at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import KEYPOINTS, Detections
from classwatch.simulate.film.sightings import OUTSIDE, SEEN, load_sightings
from classwatch.vision.engine import PoseEngine

_UPPER = slice(0, 11)
_SAME = 0.35
"""Largest mean distance of head and shoulder points, in the size of the body, of a hit."""
_MIN_SHARE = 0.25
"""People of whom less is seen teach nothing."""
_LEAST_PX = 20.0
_NEIGHBOURS = 12
_HEIGHT_WEIGHT = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """Mistakes on m rendered people.

    ``key`` (m, 23) the true upper points about their middle in body sizes, and the weighted log of
    the body size in the model's pixels; ``shift`` (m, 17, 2) found minus true points in body sizes;
    ``confidence`` (m, 17); ``found`` (m,).
    """

    key: NDArray[np.float32]
    shift: NDArray[np.float32]
    confidence: NDArray[np.float32]
    found: NDArray[np.bool_]

    def save(self, path: Path) -> None:
        """Write the archive as npz."""
        np.savez_compressed(
            path, key=self.key, shift=self.shift, confidence=self.confidence, found=self.found
        )

    @staticmethod
    def load(path: Path) -> Errors:
        """The archive of ``save``."""
        with np.load(path, allow_pickle=False) as arrays:
            return Errors(*(arrays[n] for n in ("key", "shift", "confidence", "found")))


def body_size(points_px: NDArray[np.float64]) -> NDArray[np.float64]:
    """Size (n,) of bodies from their true points (n, 17, 2): twice the spread of the upper 11."""
    upper = points_px[:, _UPPER]
    away = upper - upper.mean(axis=1, keepdims=True)
    size: NDArray[np.float64] = 2.0 * np.sqrt((away**2).sum(axis=2).mean(axis=1))
    return np.maximum(size, 1e-3)


def keys_of(points_px: NDArray[np.float64], model_scale: float) -> NDArray[np.float32]:
    """Keys (n, 23) of true points (n, 17, 2) seen at ``model_scale`` input pixels a pixel."""
    size = body_size(points_px)
    upper = points_px[:, _UPPER]
    shape = (upper - upper.mean(axis=1, keepdims=True)) / size[:, None, None]
    height = _HEIGHT_WEIGHT * np.log(size * model_scale)
    return np.concatenate([shape.reshape(len(size), 2 * 11), height[:, None]], axis=1).astype(
        np.float32
    )


def learn_errors(stills: Path, engines: list[PoseEngine], most: int) -> Errors:
    """Mistakes of the engines, taken in turn, on the first ``most`` of a folder of stills."""
    rows: list[tuple[NDArray[np.float32], ...]] = []
    for number, (picture, truth) in enumerate(_stills(stills)):
        if number >= most:
            break
        engine = engines[number % len(engines)]
        scale = engine.info.input_px / max(picture.shape[:2])
        rows.append(_compared(truth, engine.detect([picture])[0], scale))
    key, shift, confidence, found = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    return Errors(key, shift, confidence, found.astype(np.bool_))


def _stills(folder: Path) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.float64]]]:
    """Pictures with the keypoints (n, 17, 3) of those who are well enough seen."""
    import cv2

    for labels in sorted((folder / "labels").glob("*.npz")):
        sightings = load_sightings(labels)
        for still in range(len(sightings)):
            path = folder / "images" / f"{labels.stem.split('-')[0]}-{still}.jpg"
            bgr = cv2.imread(str(path))
            if bgr is None:
                continue
            shown = sightings.seen()[still] & (sightings.share[still] >= _MIN_SHARE)
            yield (
                np.asarray(bgr[..., ::-1], np.uint8),
                sightings.keypoints[still][shown].astype(float),
            )


def _compared(
    truth: NDArray[np.float64], people: Detections, scale: float
) -> tuple[NDArray[np.float32], ...]:
    from scipy.optimize import linear_sum_assignment

    whole = (truth[:, _UPPER, 2] != OUTSIDE).all(axis=1)
    truth = truth[whole]
    size = body_size(truth[..., :2])
    truth, size = truth[size * scale >= _LEAST_PX / 2], size[size * scale >= _LEAST_PX / 2]
    n = len(truth)
    shift = np.zeros((n, len(KEYPOINTS), 2), np.float32)
    confidence = np.zeros((n, len(KEYPOINTS)), np.float32)
    found = np.zeros(n, np.float32)
    if n and len(people):
        weight = np.where(truth[:, :7, 2] == SEEN, 1.0, 0.2)
        gap = np.linalg.norm(truth[:, None, :7, :2] - people.keypoints[None, :, :7, :2], axis=3)
        cost = (gap * weight[:, None]).sum(axis=2) / weight.sum(axis=1)[:, None] / size[:, None]
        left, right = linear_sum_assignment(np.minimum(cost, 1.0))
        hit = cost[left, right] < _SAME
        left, right = left[hit], right[hit]
        moved = people.keypoints[right, :, :2] - truth[left, :, :2]
        shift[left] = moved / size[left, None, None]
        confidence[left] = people.keypoints[right, :, 2]
        found[left] = 1.0
    return keys_of(truth[..., :2], scale), shift, confidence, found


class Mistaken:
    """Draws mistakes for simulated people; not to be shared between threads."""

    def __init__(self, errors: Errors) -> None:
        from scipy.spatial import cKDTree

        self._errors = errors
        self._tree = cKDTree(errors.key)

    def apply(
        self,
        points_px: NDArray[np.float64],
        model_scale: float,
        luck: NDArray[np.float64],
        severity: float = 1.0,
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Keypoints (n, 17, 3) as the model might give them for true points (n, 17, 2), and found.

        ``luck`` (n,) in [0, 1) chooses among the most similar rendered people; keeping it from one
        picture to the next keeps a mistake. ``severity`` in [0, 1] is how much of each mistake is
        made, for pose models that are better than the archive's.
        """
        _, near = self._tree.query(keys_of(points_px, model_scale), k=_NEIGHBOURS)
        chosen = near[np.arange(len(points_px)), (luck * _NEIGHBOURS).astype(int)]
        size = body_size(points_px)[:, None, None]
        moved = points_px + severity * self._errors.shift[chosen] * size
        found = self._errors.found[chosen] | (luck * _NEIGHBOURS % 1.0 >= severity)
        sure = 1.0 - severity * (1.0 - self._errors.confidence[chosen])
        keypoints = np.concatenate([moved, sure[..., None]], axis=2)
        return keypoints.astype(np.float32), found
