"""Simulated people as a pose model would report them, with what they really do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.film.camera import Studio
from classwatch.simulate.film.schedule import plan_streams
from classwatch.simulate.film.stage import Stage, library_from
from classwatch.simulate.render.view import project
from classwatch.simulate.script import ActKind, PersonKind
from classwatch.simulate.timeline import Timeline
from classwatch.train.acts.errors import Mistaken, body_size
from classwatch.vision.acts import STUDENT_CLASSES
from classwatch.vision.acts_features import Sighted

INPUT_PX = 640
_CLOSE_PX = 55.0
_CLOSEST = 1.6
"""Crops enlarge small bodies until their upper part is about this large, within limits."""
_BORDER_S = 0.4
"""This close to the beginning or the end of an act nothing is learnt and nothing is scored."""
_KEEPS_LUCK = 0.6
_BREAK = 0.01
"""Chance that a track ends at a picture and another one goes on."""
_LOST = 0.02
UNTOLD = -1
_CLASS_OF = {
    ActKind.LISTEN: "head_up",
    ActKind.CHIN: "head_up",
    ActKind.RAISE_HAND: "hand_raised",
    ActKind.STAND: "standing",
    ActKind.WRITE: "writing",
    ActKind.READ: "reading",
    ActKind.SLEEP: "lying",
    ActKind.DEVICE: "device",
    ActKind.TURN_LEFT: "turned",
    ActKind.TURN_RIGHT: "turned",
    ActKind.TURN_BACK: "turned",
}


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Sightings with the class (n,) of what each one does, ``UNTOLD`` where it is not scored."""

    seen: Sighted
    label: NDArray[np.int64]


def simulate_students(
    timeline: Timeline, figures: Path | None, mistaken: Mistaken, seed: int, *, step_s: float = 1.0
) -> list[Told]:
    """The students of a lesson, as each of its cameras shows them every ``step_s`` seconds."""
    stage = Stage(timeline, library_from(figures))
    studio = Studio(stage, plan_streams(timeline))
    students = np.flatnonzero([w.kind is PersonKind.STUDENT for w in stage.people])
    times_s = np.arange(0.0, timeline.duration_s, step_s)
    joints_m = np.stack([stage.motion.keypoints_at(float(t))[students] for t in times_s])
    labels = np.stack([_labels(stage, float(t), students) for t in times_s])
    return [
        _seen_by(studio, number, (times_s, joints_m, labels), mistaken, seed)
        for number in range(len(studio.streams))
    ]


def _labels(stage: Stage, time_s: float, students: NDArray[np.intp]) -> NDArray[np.int64]:
    moments = [stage.motion.acts_at(t) for t in (time_s - _BORDER_S, time_s, time_s + _BORDER_S)]
    labels = []
    for number in students.tolist():
        kinds = {moment[number].kind for moment in moments}
        name = _CLASS_OF.get(moments[1][number].kind, "")
        steady = len({_CLASS_OF.get(kind) for kind in kinds}) == 1
        labels.append(STUDENT_CLASSES.index(name) if steady and name else UNTOLD)
    return np.asarray(labels, np.int64)


def _seen_by(
    studio: Studio,
    number: int,
    room: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]],
    mistaken: Mistaken,
    seed: int,
) -> Told:
    times_s, joints_m, labels = room
    rng = np.random.default_rng([seed, number])
    camera = studio.streams[number].camera
    view = studio.view(camera, 0.0)
    people = joints_m.shape[1]
    luck = np.asarray(rng.random(people), np.float64)
    body = np.arange(people)
    rows: list[tuple[NDArray[np.float32], ...]] = []
    for moment, time_s in enumerate(times_s):
        points, depth_m = project(view, joints_m[moment].reshape(-1, 3))
        points, depth_m = points.reshape(people, 17, 2), depth_m.reshape(people, 17)
        luck = np.where(rng.random(people) < _KEEPS_LUCK, luck, rng.random(people))
        body = np.where(rng.random(people) < _BREAK, body + people, body)
        size = np.maximum(np.median(body_size(points)), 1.0)
        scale = INPUT_PX / camera.width_px
        scale = max(scale, min(_CLOSEST * scale, _CLOSE_PX / float(size)))
        keypoints, found = mistaken.apply(points, scale, luck)
        middle = points[:, 5:7].mean(axis=1)
        inside = (middle > 0).all(axis=1) & (middle < (camera.width_px, camera.height_px)).all(
            axis=1
        )
        kept = found & inside & (depth_m.min(axis=1) > 0) & (rng.random(people) >= _LOST)
        n = int(kept.sum())
        rows.append(
            (
                keypoints[kept],
                np.full(n, time_s, np.float32),
                body[kept].astype(np.float32),
                np.flatnonzero(kept).astype(np.float32),
                np.full(n, scale, np.float32),
                labels[moment, kept].astype(np.float32),
            )
        )
    keypoints, times, bodies, seats, scales, label = (
        np.concatenate(parts) for parts in zip(*rows, strict=True)
    )
    seen = Sighted(
        keypoints, times.astype(np.float64), bodies.astype(np.int32), seats.astype(np.int32), scales
    )
    return Told(seen, label.astype(np.int64))
