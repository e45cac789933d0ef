"""Quantities read off each body at once; everything later is built from these.

Legs play no part: behind desks a pose model guesses them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import Detections

SEEN = 0.35
"""Keypoint confidence from which a point counts as seen where no configuration says otherwise."""
_TURNED = 0.15
"""Shoulder distance, as a share of the box width, below which a body is seen side-on."""

NOSE, LEFT_EYE, RIGHT_EYE, LEFT_EAR, RIGHT_EAR = range(5)
LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_ELBOW, RIGHT_ELBOW, LEFT_WRIST, RIGHT_WRIST = range(5, 11)
LEFT_HIP, RIGHT_HIP = 11, 12
_HEAD = slice(NOSE, RIGHT_EAR + 1)
_ACROSS = 0.6
"""What the width of the shoulders counts against the way from them to the head. Both together
hardly change as somebody turns or bows."""
_UPRIGHT = 2.2
"""Box height to width of a body standing in full view."""


@dataclass(frozen=True, slots=True, eq=False)
class Bodies:
    """Per detection, n of them, in pixels of the upright full-size picture.

    ``anchor`` (n, 2) the mean of head and shoulder points; ``shoulder`` and ``hip`` (n, 2) the
    middle of each pair; ``shoulder_px`` (n,) the distance of the shoulders, never 0;
    ``width_px`` and ``height_px`` (n,) of the box; ``facing`` (n,) int8: 1 towards the camera,
    -1 away from it, 0 side-on or not to be told.
    """

    anchor: NDArray[np.float32]
    shoulder: NDArray[np.float32]
    hip: NDArray[np.float32]
    shoulder_px: NDArray[np.float32]
    width_px: NDArray[np.float32]
    height_px: NDArray[np.float32]
    facing: NDArray[np.int8]

    @property
    def upright(self) -> NDArray[np.bool_]:
        """Who (n,) stands in full view."""
        return upright(self.width_px, self.height_px)


def upright(width_px: NDArray[Any], height_px: NDArray[Any]) -> NDArray[np.bool_]:
    """Whose boxes (n,) are those of bodies standing in full view."""
    return np.asarray(height_px >= _UPRIGHT * width_px, np.bool_)


def read_bodies(people: Detections, min_keypoint: float = SEEN) -> Bodies:
    """The quantities of all detections; ``min_keypoint`` as in ``EventsConfig``."""
    points = people.keypoints[..., :2]
    sides = np.maximum(people.boxes_px[:, 2:] - people.boxes_px[:, :2], 1.0)
    shoulders = points[:, LEFT_SHOULDER : RIGHT_SHOULDER + 1]
    width = np.linalg.norm(shoulders[:, 0] - shoulders[:, 1], axis=1)
    return Bodies(
        anchor=points[:, : RIGHT_SHOULDER + 1].mean(axis=1),
        shoulder=shoulders.mean(axis=1),
        hip=points[:, LEFT_HIP : RIGHT_HIP + 1].mean(axis=1),
        shoulder_px=np.maximum(width, 1.0),
        width_px=sides[:, 0],
        height_px=sides[:, 1],
        facing=_facing(people, sides[:, 0], min_keypoint),
    )


def necks(keypoints: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Size (n,) and middle of the shoulders (n, 2) of bodies (n, 17, 3), in pixels."""
    head = keypoints[:, _HEAD, :2].mean(axis=1)
    shoulders = keypoints[:, LEFT_SHOULDER : RIGHT_SHOULDER + 1, :2]
    middle = shoulders.mean(axis=1)
    up = np.linalg.norm(head - middle, axis=1)
    across = np.linalg.norm(shoulders[:, 0] - shoulders[:, 1], axis=1)
    size: NDArray[np.float32] = np.hypot(up, np.float32(_ACROSS) * across)
    return size, middle


def _facing(
    people: Detections, box_width_px: NDArray[np.float32], min_keypoint: float
) -> NDArray[np.int8]:
    """Facing the camera puts one's own left shoulder on the picture's right, with a face seen."""
    x, confidence = people.keypoints[..., 0], people.keypoints[..., 2]
    order = (x[:, LEFT_SHOULDER] - x[:, RIGHT_SHOULDER]) / box_width_px
    shoulders_seen = confidence[:, LEFT_SHOULDER : RIGHT_SHOULDER + 1].min(axis=1) >= min_keypoint
    face = confidence[:, NOSE] >= min_keypoint
    # From behind the face is gone; shoulders alone are taken the wrong way round too often.
    towards = shoulders_seen & face & (order > _TURNED)
    away = shoulders_seen & ~face & (order < -_TURNED)
    facing: NDArray[np.int8] = towards.astype(np.int8) - away.astype(np.int8)
    return facing
