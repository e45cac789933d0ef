"""What each sighted student does with head, hands and body; "cannot tell" is an answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import EventsConfig
from classwatch.core.pose import Detections
from classwatch.vision.body import (
    LEFT_EAR,
    LEFT_ELBOW,
    LEFT_EYE,
    LEFT_SHOULDER,
    LEFT_WRIST,
    NOSE,
    RIGHT_EAR,
    RIGHT_EYE,
    RIGHT_SHOULDER,
    Bodies,
)
from classwatch.vision.seats import Seats, rows_of

_ARMS = (0, 1)
_LEVEL = 0.1
_OVER_SHOULDER = 0.3
_WELL_OVER = 0.45
_OVERHEAD = 0.9
"""How far a raised wrist is above its shoulder, in shoulder distances. Where the face is seen: the
first beside the head (elbow on the desk), the second above the eyes. From behind, where the model
puts hidden wrists of resting arms up to 0.3 above the shoulders: the third beside the head, the
last anywhere."""
_FOREARM = 0.6
"""Cosine of the largest angle of a raised forearm from the vertical."""
_BESIDE = 0.4
"""Sideways distance from the nose, in shoulder distances, under which a wrist rests at the chin."""
_OVER_REST = 0.3
"""A raised wrist is this far above the seat's own usual place of the wrist."""
_MIN_SAMPLES = 5
_MIN_ARM_SAMPLES = 15
"""Sightings from which a seat has a usual height, and a usual place of the wrist."""
_ASIDE_HEIGHTS = 0.3
_MOST_RISE = 1.0
"""Farther to the side or higher up than this, in the seat's usual box heights, is someone else."""
_NOSE_LEVEL = 0.22
_NOSE_SPREAD = 0.17
"""Height of the nose over the shoulders, in shoulder distances: 0.39 up and 0.04 down (medians of
942 rendered heads seen from the front and a little above)."""
_TILT_LEVEL = 0.25
_TILT_SPREAD = 0.12
"""Nose below the ears, in ear distances: 0.13 up and 0.38 down in the same pictures."""
_SURE = 0.3
"""Least evidence, from -1 (down) to 1 (up), for an answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Postures:
    """Per detection, n of them; each with its confidence in [0, 1].

    ``head`` int8: 1 up, -1 down, 0 not to be told. ``raised`` and ``judged`` bool: a hand is up,
    and at least one arm was in sight. ``standing`` bool against the seat's usual height.
    """

    head: NDArray[np.int8]
    head_confidence: NDArray[np.float32]
    raised: NDArray[np.bool_]
    judged: NDArray[np.bool_]
    hand_confidence: NDArray[np.float32]
    standing: NDArray[np.bool_]
    stand_confidence: NDArray[np.float32]


def read_postures(people: Detections, bodies: Bodies, seats: Seats, cfg: EventsConfig) -> Postures:
    """Postures of all detections, each against the usual posture of its seat."""
    head, head_confidence = _heads(people, bodies, cfg.min_keypoint)
    raised, judged, hand_confidence = _hands(people, bodies, seats, cfg.min_keypoint)
    standing, stand_confidence = _standing(people, bodies, seats, cfg)
    return Postures(
        head, head_confidence, raised, judged, hand_confidence, standing, stand_confidence
    )


def _heads(
    people: Detections, bodies: Bodies, min_keypoint: float
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Pitch of faces that are seen; from behind a head is never judged."""
    x, y, seen = (people.keypoints[..., i] for i in range(3))
    visible = (seen[:, NOSE] >= min_keypoint) & (
        seen[:, LEFT_SHOULDER : RIGHT_SHOULDER + 1].min(axis=1) >= min_keypoint
    )
    visible &= seen[:, LEFT_EYE : RIGHT_EYE + 1].max(axis=1) >= min_keypoint
    nose_up = (bodies.shoulder[:, 1] - y[:, NOSE]) / bodies.shoulder_px
    ears_px = np.maximum(np.abs(x[:, LEFT_EAR] - x[:, RIGHT_EAR]), 0.35 * bodies.shoulder_px)
    tilt = (y[:, NOSE] - y[:, LEFT_EAR : RIGHT_EAR + 1].mean(axis=1)) / ears_px
    level = np.clip((nose_up - _NOSE_LEVEL) / _NOSE_SPREAD, -1, 1)
    pitch = np.clip((_TILT_LEVEL - tilt) / _TILT_SPREAD, -1, 1)
    evidence = np.where(visible, (level + pitch) / 2, 0.0)
    head = np.where(np.abs(evidence) >= _SURE, np.sign(evidence), 0).astype(np.int8)
    points = seen[:, NOSE : RIGHT_EYE + 1].mean(axis=1)
    confidence = np.where(head != 0, np.abs(evidence) * points, 0.0)
    return head, confidence.astype(np.float32)


def _hands(
    people: Detections, bodies: Bodies, seats: Seats, min_keypoint: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float32]]:
    """A forearm that points up, with the wrist over the shoulder and over its usual place."""
    points, seen = people.keypoints[..., :2], people.keypoints[..., 2]
    unit = bodies.shoulder_px
    face = seen[:, NOSE] >= min_keypoint
    eyes_y = points[:, LEFT_EYE : RIGHT_EYE + 1, 1].mean(axis=1)
    raised = np.zeros(len(people), np.bool_)
    judged = np.zeros(len(people), np.bool_)
    confidence = np.zeros(len(people), np.float32)
    for side in _ARMS:
        shoulder, elbow, wrist = (
            points[:, first + side] for first in (LEFT_SHOULDER, LEFT_ELBOW, LEFT_WRIST)
        )
        sure = np.minimum(seen[:, LEFT_ELBOW + side], seen[:, LEFT_WRIST + side])
        in_sight = sure >= min_keypoint
        over_shoulder = (shoulder[:, 1] - wrist[:, 1]) / unit
        forearm = elbow - wrist
        upright = forearm[:, 1] / np.maximum(np.linalg.norm(forearm, axis=1), 1e-6)
        beside = np.abs(wrist[:, 0] - points[:, NOSE, 0]) / unit
        clear = face & (wrist[:, 1] < eyes_y) & (over_shoulder >= _OVER_SHOULDER)
        aside = beside >= _BESIDE
        clear |= aside & (over_shoulder >= np.where(face, _LEVEL, _WELL_OVER))
        clear |= over_shoulder >= _OVERHEAD
        up = in_sight & clear & (upright >= _FOREARM)
        up &= over_shoulder >= _usual(over_shoulder, in_sight, seats) + _OVER_REST
        raised |= up
        judged |= in_sight
        confidence = np.where(up, np.maximum(confidence, sure), confidence)
    return raised, judged, confidence


def _usual(
    values: NDArray[np.float32], known: NDArray[np.bool_], seats: Seats
) -> NDArray[np.float32]:
    """Median (n,) of the known values in each detection's seat; -inf where too few are known."""
    usual = np.full(len(values), -np.inf, np.float32)
    for rows in rows_of(seats.of_detection, len(seats)):
        told = rows[known[rows]]
        if len(told) >= _MIN_ARM_SAMPLES:
            usual[rows] = np.median(values[told])
    return usual


def _standing(
    people: Detections, bodies: Bodies, seats: Seats, cfg: EventsConfig
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Shoulders against the seat's usual shoulders, as a box height with its foot kept in place.

    The lower edge of a box jumps between desk edge and feet and a raised hand lifts the upper
    one; shoulders do neither.
    """
    standing = np.zeros(len(people), np.bool_)
    confidence = np.zeros(len(people), np.float32)
    rows = np.flatnonzero(seats.of_detection >= 0)
    seat = seats.of_detection[rows]
    usual = seats.samples[seat] >= _MIN_SAMPLES
    rows, seat = rows[usual], seat[usual]
    step = (seats.shoulder[seat] - bodies.shoulder[rows]) / seats.height_px[seat, None]
    rise = np.where(np.abs(step[:, 0]) <= _ASIDE_HEIGHTS, step[:, 1], 0.0)
    seen = people.keypoints[rows, LEFT_SHOULDER : RIGHT_SHOULDER + 1, 2].mean(axis=1)
    up = (1.0 + rise >= cfg.stand_ratio) & (rise <= _MOST_RISE) & (seen >= cfg.min_keypoint)
    standing[rows] = up
    confidence[rows] = np.where(up, seen, 0.0)
    return standing, confidence
