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

LEAST_EYES_PX = 6.0
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
_MOST_FACES = 4
"""The largest faces of a picture that are looked at."""
_EYES = 16
"""Distance of the eyes in a straightened face, in its pixels."""
_SIDE, _ABOVE, _BELOW = 26, 18, 36
"""How far a straightened face reaches to each side of the middle of its eyes, up and down."""
_REACH = 2.8
"""The same as a circle, in distances of the eyes."""
_UPPER = (slice(-8, 10), slice(-14, 14))
_LOWER = (slice(12, 26), slice(-9, 9))
_LIPS = (slice(12, 26), slice(-5, 5))
"""Rows and columns from the middle of the eyes: brows to nose, lips with the skin around them, and
the columns of the lips that are looked at: an open mouth is a dark band across them."""
_SHIFT, _AGAIN = 5, 1
"""How far the upper halves are moved to lie upon each other, and from there the lower ones."""
_SMALLEST = 1e-3
"""Change that noise makes in any face, as a share of its brightness, squared."""
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
        self._before: NDArray[np.uint8] | None = None
        self._faces = _faces(Detections.empty(), (1, 1))

    def look(self, rgb: NDArray[np.uint8], people: Detections) -> Array:
        """How much each mouth moved since the picture before (n,), NaN where it cannot be told.

        Share of the change of the whole face that lies in its lower half, in [0, 1]; more than
        usual where a mouth moves. ``people`` in pixels of ``rgb`` (h, w, 3).
        """
        moved = np.full(len(people), np.nan, np.float32)
        faces, seen, before = _faces(people, rgb.shape), self._faces, self._before
        if before is not None and before.shape == rgb.shape:
            for one, other in _same(seen, faces):
                moved[faces.row[other]] = _change(before, rgb, (seen, one), (faces, other))
        self._before, self._faces = rgb, faces
        return moved


def _faces(people: Detections, shape: tuple[int, ...]) -> _Faces:
    """The largest faces that look towards the camera, in a picture of ``shape``."""
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
    able &= (middle >= 0).all(axis=1) & (middle < (shape[1], shape[0])).all(axis=1)
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
    tremble; then the upper halves are moved upon each other, and the lower ones a little further.
    """
    along = (was[0].along[was[1]] + face[0].along[face[1]]) / 2
    old = _straight(before, was[0].middle[was[1]], along)
    new = _straight(now, face[0].middle[face[1]], along)
    first = _moved(old, new, _UPPER, (0, 0), _SHIFT)
    again = _moved(old, new, _LOWER, first, _AGAIN)
    high, low = _unlike(old, new, _UPPER, first), _unlike(old, new, _LIPS, again)
    return low / (low + high + _SMALLEST)


_Part = tuple[slice, slice]


def _part(face: Array, part: _Part, shift: tuple[int, int], margin: int = 0) -> Array:
    """``part`` of a straightened face ``shift`` down and aside, with ``margin`` on all sides."""
    (rows, columns), (down, aside) = part, shift
    top, left = _ABOVE + rows.start + down, _SIDE + columns.start + aside
    tall, wide = rows.stop - rows.start, columns.stop - columns.start
    return face[top - margin : top + tall + margin, left - margin : left + wide + margin]


def _moved(
    old: Array, new: Array, part: _Part, about: tuple[int, int], most: int
) -> tuple[int, int]:
    """How far down and aside ``part`` of the new face is found in the old one."""
    import cv2

    found = cv2.matchTemplate(
        _part(old, part, about, most), _part(new, part, (0, 0)), cv2.TM_CCOEFF_NORMED
    )
    _, _, _, (aside, down) = cv2.minMaxLoc(found)
    return about[0] + down - most, about[1] + aside - most


def _unlike(old: Array, new: Array, part: _Part, shift: tuple[int, int]) -> float:
    """Mean square of the change of brightness from row to row, mean over the columns."""
    rows = [_rows(_part(old, part, shift)), _rows(_part(new, part, (0, 0)))]
    return float(np.square(rows[0] - rows[1]).mean())


def _rows(face: Array) -> Array:
    """Brightness of each row against the mean of all, as a share of it."""
    rows = face.mean(axis=1)
    usual = float(rows.mean())
    return np.asarray((rows - usual) / max(usual, 10.0), np.float32)


def _straight(rgb: NDArray[np.uint8], middle: Array, along: Array) -> Array:
    """A face upright, its eyes ``_EYES`` apart, in grey."""
    import cv2

    reach = int(_REACH * np.linalg.norm(along)) + 2
    left, top = (max(0, int(place) - reach) for place in middle)
    crop = rgb[top : int(middle[1]) + reach, left : int(middle[0]) + reach]
    step = along / _EYES
    down = np.array([-step[1], step[0]], np.float32)
    corner = middle - (left, top) - _SIDE * step - _ABOVE * down
    to_picture = np.stack([step, down, corner], axis=1).astype(np.float64)
    face = cv2.warpAffine(
        cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY),
        to_picture,
        (2 * _SIDE, _ABOVE + _BELOW),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(face, np.float32)
