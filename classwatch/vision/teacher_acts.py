"""What the teacher does, told by a small network from keypoints and place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import EventKind
from classwatch.core.pose import PoseSeries
from classwatch.vision.acts_model import ActsModel
from classwatch.vision.paths import Course, likeliest
from classwatch.vision.scene import Scene
from classwatch.vision.teacher_features import teacher_features

TEACHER_CLASSES = (
    "front",
    "writing",
    "pointing",
    "among_desks",
    "bending",
    "desk",
    "sitting",
)
"""``front``: stands or walks before the class; ``among_desks``: between the desks; neither doing
any of the others."""
TEACHER_ACTS = {
    2: EventKind.TEACHER_WRITING,
    3: EventKind.POINTING,
    5: EventKind.TEACHER_BENDING,
    6: EventKind.PODIUM,
    7: EventKind.TEACHER_SITTING,
}
"""States of ``Teaching`` that are events; 0 is not to be told, and standing or walking
before the class or among the desks is told by the place."""
_COURSE = Course(
    least_s=(1.0, 2.0, 2.0, 1.5, 2.0, 2.0, 2.0, 3.0), change=2.0, untold=0.4, trust=0.7
)


@dataclass(frozen=True, slots=True, eq=False)
class Teaching:
    """What the teacher does in each of f pictures: ``state`` (f,) int8, 0 where it is not to be
    told and else one more than the place in ``TEACHER_CLASSES``; ``confidence`` (f,) its
    probability."""

    state: NDArray[np.int8]
    confidence: NDArray[np.float32]


def teacher_probabilities(
    poses: PoseSeries, scene: Scene, scale: NDArray[np.float32], model: ActsModel
) -> NDArray[np.float32]:
    """Probability (k, 7) of each of ``TEACHER_CLASSES`` for the k sightings of the teacher."""
    rows = np.flatnonzero(scene.teacher)
    if len(rows) == 0:
        return np.zeros((0, len(TEACHER_CLASSES)), np.float32)
    told = model.probabilities(teacher_features(poses, scene, rows, scale[rows]))
    told[poses.people.keypoints[rows, :, 2].max(axis=1) <= 0] = 0.0
    told = told[:, [model.classes.index(name) for name in TEACHER_CLASSES]]
    if scene.view.class_facing > 0:
        # The class looks at the camera: the board is behind it, out of the picture.
        told[:, TEACHER_CLASSES.index("writing")] = 0.0
    return told


def read_teaching(
    poses: PoseSeries, scene: Scene, scale: NDArray[np.float32], model: ActsModel
) -> Teaching:
    """What the teacher does in each picture of one stream: the likeliest course of acts.

    ``scale`` (n,) is the number of pixels the pose model saw for each pixel of the recording.
    """
    return teaching_of(poses, scene, teacher_probabilities(poses, scene, scale, model))


def teaching_of(poses: PoseSeries, scene: Scene, probability: NDArray[np.float32]) -> Teaching:
    """The likeliest course through the ``probability`` (k, 7) of the teacher's k sightings."""
    frames = poses.frame[np.flatnonzero(scene.teacher)]
    states = np.zeros((1, len(poses), len(TEACHER_CLASSES) + 1), np.float32)
    states[0, frames, 1:] = probability
    seen = np.zeros((1, len(poses)), np.bool_)
    seen[0, frames] = probability.sum(axis=1) > 0
    path = likeliest(states, seen, poses.every_s, _COURSE)[0]
    path[~seen[0]] = 0
    return Teaching(path, states[0, np.arange(len(poses)), path])
