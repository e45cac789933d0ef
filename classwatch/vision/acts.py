"""What each sighted student does, told by a small network; "cannot tell" is an answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import EventKind
from classwatch.core.people import Tracks
from classwatch.core.pose import PoseSeries
from classwatch.vision.acts_features import Sighted, features
from classwatch.vision.acts_model import ActsModel
from classwatch.vision.posture import Postures
from classwatch.vision.scene import Scene
from classwatch.vision.seats import NO_SEAT

STUDENT_CLASSES = (
    "head_up",
    "hand_raised",
    "standing",
    "writing",
    "reading",
    "lying",
    "device",
    "turned",
)
"""``head_up``: sits and looks up, with nothing else to be told."""
_UP = ("head_up", "hand_raised", "standing")
_DOWN = ("writing", "reading", "lying", "device")
_LIKELY = 0.5
"""Least probability of an act that is told."""
_HEAD_LIKELY = 0.6
_NO_HAND = 0.25
"""A sighting counts among those that were asked for a hand where one is told, or less likely than
this."""
ACTIVITIES = {
    1: EventKind.WRITING,
    2: EventKind.READING,
    3: EventKind.LYING,
    4: EventKind.DEVICE,
    5: EventKind.TURNED,
}
"""Numbers of ``Acts.activity``; 0 is none of them, or not to be told."""


@dataclass(frozen=True, slots=True, eq=False)
class Acts:
    """Per detection, n of them: ``probability`` (n, c) of each of ``STUDENT_CLASSES``, all 0 where
    nothing was seen to tell from."""

    probability: NDArray[np.float32]

    def of(self, *names: str) -> NDArray[np.float32]:
        """Probability (n,) that one of the named classes is right."""
        columns = [STUDENT_CLASSES.index(name) for name in names]
        return np.asarray(self.probability[:, columns].sum(axis=1), np.float32)

    def postures(self) -> Postures:
        """Heads, hands and standing, as the rules would tell them."""
        up, down, raised, standing = (
            self.of(*_UP), self.of(*_DOWN), self.of("hand_raised"), self.of("standing"),
        )  # fmt: skip
        seen = self.probability.sum(axis=1) > 0
        head = np.where(up >= _HEAD_LIKELY, 1, np.where(down >= _HEAD_LIKELY, -1, 0))
        return Postures(
            head=head.astype(np.int8),
            head_confidence=np.where(head != 0, np.maximum(up, down), 0.0).astype(np.float32),
            raised=raised >= _LIKELY,
            judged=seen & ((raised >= _LIKELY) | (raised <= _NO_HAND)),
            hand_confidence=np.where(raised >= _LIKELY, raised, 0.0).astype(np.float32),
            standing=standing >= _LIKELY,
            stand_confidence=np.where(standing >= _LIKELY, standing, 0.0).astype(np.float32),
        )

    def activity(self) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        """Number (n,) of the activity as in ``ACTIVITIES``, and its probability."""
        each = np.stack([self.of(kind.value) for kind in ACTIVITIES.values()], axis=1)
        best = each.argmax(axis=1)
        sure = each[np.arange(len(each)), best]
        told = sure >= _LIKELY
        return np.where(told, best + 1, 0).astype(np.int8), np.where(told, sure, 0).astype(
            np.float32
        )


def read_acts(
    poses: PoseSeries,
    tracks: Tracks,
    scene: Scene,
    model_scale: NDArray[np.float32],
    model: ActsModel,
) -> Acts:
    """Acts of the students of one stream; of everybody else nothing is told.

    ``model_scale`` (n,) is the number of pixels the pose model saw for each pixel of the recording.
    """
    probability = np.zeros((len(poses.people), len(STUDENT_CLASSES)), np.float32)
    rows = np.flatnonzero(scene.student)
    if len(rows) == 0:
        return Acts(probability)
    track = tracks.track_id[rows]
    seat = scene.seats.of_detection[rows]
    # Whoever sits nowhere is held against the own track.
    own = np.where(seat == NO_SEAT, len(scene.seats) + track, seat).astype(np.int32)
    seen = Sighted(poses.people.keypoints[rows], poses.times_s[rows], track, own, model_scale[rows])
    told = model.probabilities(features(seen))
    told[seen.keypoints[..., 2].max(axis=1) <= 0] = 0.0
    order = [model.classes.index(name) for name in STUDENT_CLASSES]
    probability[rows] = told[:, order]
    return Acts(probability)
