"""Whether the lower half of a face changes between two pictures of it, while the upper half stays.

Only the amount of change leaves this module, one number for each face: no picture of a face, no
feature of it, nothing by which anybody could be known again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import Detections
from classwatch.vision.body import LEFT_EYE, NOSE, RIGHT_EYE

LEAST_EYES_PX = 9.0
"""Distance of the eyes under which a mouth cannot be judged; a face is about 2.2 times as wide."""
_SURE = 0.5
"""Keypoint confidence of eyes and nose of a face that looks towards the camera."""
_ASIDE, _NOSE_LOW, _NOSE_HIGH = 0.35, 0.25, 1.2
"""Place of the nose against the middle of the eyes, in distances of the eyes: sideways at most, and
below between."""
_MOST_ROLL = 0.45
_MOST_WAY = 2.5
"""How far a face moves between two pictures at most, in distances of its eyes: the same head."""
_MOST_GROWTH = 1.35
_MOST_FACES = 8
"""The largest faces of a picture that are looked at."""
_EYES = 12
"""Distance of the eyes in a straightened face, in its pixels."""
_LEFT, _TOP, _WIDE, _TALL = 14, 8, 28, 34
"""Where the middle of the eyes is in a straightened face, and its size."""
_SHIFT = 4
"""How far the upper halves are moved to lie upon each other."""
_HALVES_AT = 17
"""Row under the nose that parts the halves."""
_SMALLEST = 0.03
"""Change, in deviations of brightness, that noise makes in any face."""
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Faces:
    """k faces: ``row`` among the detections, ``middle`` (k, 2) of the eyes, ``along`` (k, 2) from
    one eye to the other in pixels."""

    row: NDArray[np.intp]
    middle: Array
    along: Array


class MouthWatch:
    """Follows faces through the sampled pictures of one stretch, in order of time."""

    def __init__(self) -> None:
        self._grey: NDArray[np.uint8] | None = None
        self._faces = _faces(Detections.empty())

    def look(self, rgb: NDArray[np.uint8], people: Detections) -> Array:
        """How much each mouth moved since the picture before (n,), NaN where it cannot be told.

        Share of the change of the whole face that lies in its lower half, in [0, 1]: about 0.5
        where a head only moves, more where a mouth does. ``people`` in pixels of ``rgb`` (h, w, 3).
        """
        import cv2

        moved = np.full(len(people), np.nan, np.float32)
        faces = _faces(people)
        before, seen = self._grey, self._faces
        grey = None
        if len(faces.row):
            grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
            if before is not None and before.shape == grey.shape:
                for one, other in _same(seen, faces):
                    moved[faces.row[other]] = _change(before, grey, (seen, one), (faces, other))
        self._grey, self._faces = grey, faces
        return moved


def _faces(people: Detections) -> _Faces:
    """The largest faces that look towards the camera."""
    points, sure = people.keypoints[:, : RIGHT_EYE + 1, :2], people.keypoints[:, : RIGHT_EYE + 1, 2]
    # One's own left eye is on the picture's right in a face that looks towards the camera.
    along = points[:, LEFT_EYE] - points[:, RIGHT_EYE]
    eyes_px = np.maximum(np.linalg.norm(along, axis=1), 1e-6)
    middle = points[:, [LEFT_EYE, RIGHT_EYE]].mean(axis=1)
    unit = along / eyes_px[:, None]
    nose = (points[:, NOSE] - middle) / eyes_px[:, None]
    aside = np.abs((nose * unit).sum(axis=1))
    below = nose[:, 1] * unit[:, 0] - nose[:, 0] * unit[:, 1]
    able = (sure.min(axis=1) >= _SURE) & (eyes_px >= LEAST_EYES_PX) & (along[:, 0] > 0)
    able &= np.abs(unit[:, 1]) <= np.sin(_MOST_ROLL)
    able &= (aside <= _ASIDE) & (below >= _NOSE_LOW) & (below <= _NOSE_HIGH)
    rows = np.flatnonzero(able)
    rows = rows[np.argsort(-eyes_px[rows], kind="stable")][:_MOST_FACES]
    return _Faces(rows, middle[rows], along[rows])


def _same(before: _Faces, now: _Faces) -> list[tuple[int, int]]:
    """Pairs of faces that are each other's nearest, near enough and of like size."""
    if not len(before.row) or not len(now.row):
        return []
    size, was = (np.linalg.norm(f.along, axis=1) for f in (now, before))
    away = np.linalg.norm(before.middle[:, None] - now.middle[None], axis=2) / size[None]
    growth = np.maximum(size[None] / was[:, None], was[:, None] / size[None])
    away[growth > _MOST_GROWTH] = np.inf
    nearest = away.argmin(axis=0)
    return [
        (one, other)
        for other, one in enumerate(nearest.tolist())
        if away[one, other] <= _MOST_WAY and int(away[one].argmin()) == other
    ]


def _change(
    before: NDArray[np.uint8],
    now: NDArray[np.uint8],
    was: tuple[_Faces, int],
    face: tuple[_Faces, int],
) -> float:
    """Share of the lower half in the change of one face between two pictures.

    Both are straightened by the mean of their sizes and angles, since the points of small faces
    tremble, and the upper halves are then moved upon each other.
    """
    import cv2

    along = (was[0].along[was[1]] + face[0].along[face[1]]) / 2
    old = _straight(before, was[0].middle[was[1]], along, _SHIFT)
    new = _straight(now, face[0].middle[face[1]], along, 0)
    upper = new[:_HALVES_AT]
    found = cv2.matchTemplate(old[: _HALVES_AT + 2 * _SHIFT], upper, cv2.TM_CCOEFF_NORMED)
    _, _, _, (dx, dy) = cv2.minMaxLoc(found)
    moved = old[dy : dy + _TALL, dx : dx + _WIDE]
    high, low = (_unlike(moved[part], new[part]) for part in _PARTS)
    return float(low / (high + low))


_PARTS = (slice(0, _HALVES_AT), slice(_HALVES_AT, _TALL))


def _unlike(old: Array, new: Array) -> float:
    """Mean square of the difference of two pictures, each with mean 0 and deviation 1."""
    parts = [(p - p.mean()) / max(float(p.std()), 1.0) for p in (old, new)]
    return float(np.square(parts[0] - parts[1]).mean()) + _SMALLEST


def _straight(grey: NDArray[np.uint8], middle: Array, along: Array, margin: int) -> Array:
    """A face upright, its eyes ``_EYES`` apart, with ``margin`` more on each side."""
    import cv2

    step = along / _EYES
    aside = np.array([-step[1], step[0]], np.float32)
    corner = middle - (_LEFT + margin) * step - (_TOP + margin) * aside
    to_picture = np.stack([step, aside, corner], axis=1).astype(np.float64)
    size = (_WIDE + 2 * margin, _TALL + 2 * margin)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(grey, to_picture, size, flags=flags, borderMode=cv2.BORDER_REPLICATE),
        np.float32,
    )
