"""What a pose model makes of people, learnt from rendered stills: an archive of its mistakes.

A simulated person in some pose is given the mistakes that the model made on a rendered person who
does the same in a similar pose and size: all 17 points together, with their confidences, the box
and the glance, or not being found at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import GLANCES, KEYPOINTS, Detections
from classwatch.simulate.film.sightings import OUTSIDE, SEEN, load_sightings
from classwatch.simulate.film.stills import acts_file
from classwatch.train.pose.pictures import UNTOLD, acts_of_labels
from classwatch.vision.engine import PoseEngine

_UPPER = slice(0, 11)
_SAME = 0.35
"""Largest mean distance of head and shoulder points, in the size of the body, of a hit."""
_MIN_SHARE = 0.25
"""People of whom less is seen teach nothing."""
_LEAST_PX = 20.0
_NEIGHBOURS = 12
_STILL_ALIKE = 1.5
"""How much farther than the last of the neighbours a pose may be for a mistake to go on."""
NOBODY = -1
_HEIGHT_WEIGHT = 0.5
_MARGIN = (0.12, 0.2)
"""A box reaches this much farther than the points, of its width and height."""
_ARRAYS = ("key", "shift", "confidence", "box", "glance", "act", "found")


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """Mistakes on m rendered people.

    ``key`` (m, 23) the true upper points about their middle in body sizes, and the weighted log of
    the body size in the model's pixels; ``shift`` (m, 17, 2) found minus true points in body sizes;
    ``confidence`` (m, 17); ``box`` (m, 4) the found box about the middle of the true upper points
    in body sizes; ``glance`` (m, 9) as in ``Detections``; ``act`` (m,) what they do, a place in
    ``GLANCES`` or ``UNTOLD``; ``found`` (m,).
    """

    key: NDArray[np.float32]
    shift: NDArray[np.float32]
    confidence: NDArray[np.float32]
    box: NDArray[np.float32]
    glance: NDArray[np.float32]
    act: NDArray[np.int64]
    found: NDArray[np.bool_]

    def save(self, path: Path) -> None:
        """Write the archive as npz."""
        np.savez_compressed(path, **{name: getattr(self, name) for name in _ARRAYS})

    @staticmethod
    def load(path: Path) -> Errors:
        """The archive of ``save``."""
        with np.load(path, allow_pickle=False) as arrays:
            return Errors(*(arrays[name] for name in _ARRAYS))

    @staticmethod
    def joined(parts: Sequence[Errors]) -> Errors:
        """All mistakes of several archives."""
        return Errors(*(np.concatenate([getattr(p, name) for p in parts]) for name in _ARRAYS))


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """True points (n, 17, 2) in pixels, with a third number (SEEN …) where it is known, and what
    each one does (n,), a place in ``GLANCES`` or ``UNTOLD``."""

    points_px: NDArray[np.float64]
    act: NDArray[np.int64]


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


def learn_errors(stills: Path, engines: Sequence[PoseEngine], most: int) -> Errors:
    """Mistakes of the engines, taken in turn, on the first ``most`` of a folder of stills."""
    rows: list[tuple[NDArray[np.float32], ...]] = []
    for number, (picture, truth) in enumerate(_stills(stills)):
        if number >= most:
            break
        engine = engines[number % len(engines)]
        scale = engine.info.input_px / max(picture.shape[:2])
        rows.append(_compared(truth, engine.detect([picture])[0], scale))
    key, shift, confidence, box, glance, act, found = (
        np.concatenate(parts) for parts in zip(*rows, strict=True)
    )
    return Errors(key, shift, confidence, box, glance, act.astype(np.int64), found.astype(np.bool_))


def _stills(folder: Path) -> Iterator[tuple[NDArray[np.uint8], People]]:
    """Pictures with those who are well enough seen."""
    import cv2

    for labels in sorted((folder / "labels").glob("*.npz")):
        sightings = load_sightings(labels)
        acts = acts_of_labels(acts_file(labels), sightings.share.shape)
        for still in range(len(sightings)):
            path = folder / "images" / f"{labels.stem.split('-')[0]}-{still}.jpg"
            bgr = cv2.imread(str(path))
            if bgr is None:
                continue
            shown = sightings.seen()[still] & (sightings.share[still] >= _MIN_SHARE)
            yield (
                np.asarray(bgr[..., ::-1], np.uint8),
                People(sightings.keypoints[still][shown].astype(float), acts[still][shown]),
            )


def _compared(true: People, people: Detections, scale: float) -> tuple[NDArray[np.float32], ...]:
    from scipy.optimize import linear_sum_assignment

    whole = (true.points_px[:, _UPPER, 2] != OUTSIDE).all(axis=1)
    whole &= body_size(true.points_px[..., :2]) * scale >= _LEAST_PX / 2
    truth = true.points_px[whole]
    size = body_size(truth[..., :2])
    n = len(truth)
    shift = np.zeros((n, len(KEYPOINTS), 2), np.float32)
    confidence = np.zeros((n, len(KEYPOINTS)), np.float32)
    box = np.zeros((n, 4), np.float32)
    glance = np.zeros((n, len(GLANCES)), np.float32)
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
        middle = np.tile(truth[left, _UPPER, :2].mean(axis=1), 2)
        box[left] = (people.boxes_px[right] - middle) / size[left, None]
        glance[left] = people.glance[right]
        found[left] = 1.0
    act = true.act[whole].astype(np.float32)
    return keys_of(truth[..., :2], scale), shift, confidence, box, glance, act, found


class Mistaken:
    """Draws mistakes for simulated people; not to be shared between threads."""

    def __init__(self, errors: Errors) -> None:
        from scipy.spatial import cKDTree

        self._errors = errors
        rows = {act: np.flatnonzero(errors.act == act) for act in range(len(GLANCES))}
        enough = {act: own for act, own in rows.items() if len(own) >= _NEIGHBOURS}
        # Of what nobody does often enough, and of adults, everybody is an example.
        self._rows = {UNTOLD: np.arange(len(errors.key)), **enough}
        self._trees = {act: cKDTree(errors.key[own]) for act, own in self._rows.items()}

    def choose(
        self,
        true: People,
        model_scale: float,
        luck: NDArray[np.float64],
        before: NDArray[np.intp],
    ) -> NDArray[np.intp]:
        """Row (n,) of the archive whose mistake each of the ``true`` people gets: of somebody who
        does the same in a similar pose, chosen among the most similar by ``luck`` (n,) in [0, 1);
        the row of ``before``, where it is not ``NOBODY``, as long as the pose stays similar to it.
        """
        keys = keys_of(true.points_px, model_scale)
        known = np.where(np.isin(true.act, list(self._rows)), true.act, UNTOLD)
        chosen = np.zeros(len(keys), np.intp)
        for one in np.unique(known).tolist():
            own = np.flatnonzero(known == one)
            away, near = self._trees[one].query(keys[own], k=_NEIGHBOURS)
            place = near[np.arange(len(own)), (luck[own] * _NEIGHBOURS).astype(int)]
            chosen[own] = self._rows[one][place]
            last = before[own]
            gap = np.linalg.norm(self._errors.key[last] - keys[own], axis=1)
            goes_on = (last != NOBODY) & (gap <= _STILL_ALIKE * away[:, -1])
            goes_on &= np.isin(last, self._rows[one])
            chosen[own[goes_on]] = last[goes_on]
        return chosen

    def apply(
        self,
        points_px: NDArray[np.float64],
        chosen: NDArray[np.intp],
        luck: NDArray[np.float64],
        severity: float = 1.0,
    ) -> tuple[Detections, NDArray[np.bool_]]:
        """People as the model might report them for true points (n, 17, 2) with the mistakes
        ``chosen`` (n,) for them, and whether (n,) it finds them.

        ``severity`` in [0, 1] is how much of each mistake is made, for pose models that are better
        than the archive's; glances are made whole.
        """
        size = body_size(points_px)[:, None]
        moved = points_px + severity * self._errors.shift[chosen] * size[..., None]
        found = self._errors.found[chosen] | (luck * _NEIGHBOURS % 1.0 >= severity)
        sure = 1.0 - severity * (1.0 - self._errors.confidence[chosen])
        keypoints = np.concatenate([moved, sure[..., None]], axis=2).astype(np.float32)
        middle = np.tile(points_px[:, _UPPER].mean(axis=1), 2)
        # Whoever the archive's model missed has no box there: the points' own serves.
        share = severity * self._errors.found[chosen, None]
        boxes = (1 - share) * _around(points_px) + share * (
            middle + self._errors.box[chosen] * size
        )
        return Detections(
            boxes.astype(np.float32),
            keypoints[..., 2].mean(axis=1),
            keypoints,
            self._errors.glance[chosen],
        ), found


def _around(points_px: NDArray[np.float64]) -> NDArray[np.float64]:
    """Boxes (n, 4) with some room around points (n, 17, 2)."""
    low, high = points_px.min(axis=1), points_px.max(axis=1)
    margin = (high - low) * np.asarray(_MARGIN) / 2
    return np.concatenate([low - margin, high + margin], axis=1)
