"""Simulated people as a pose model would report them, with what they really do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import StreamRole
from classwatch.core.people import PersonRole, TrackRole, Tracks
from classwatch.core.pose import Detections, PoseSeries
from classwatch.simulate.figures.character import FigureLibrary
from classwatch.simulate.figures.motion import Shown
from classwatch.simulate.film.camera import Studio
from classwatch.simulate.film.schedule import STREAM_ROLES, plan_streams
from classwatch.simulate.film.stage import Stage
from classwatch.simulate.render.view import project
from classwatch.simulate.script import ActKind, PersonKind
from classwatch.simulate.timeline import Timeline
from classwatch.train.acts.errors import NOBODY, Mistaken, People, body_size
from classwatch.train.pose.pictures import UNTOLD, glances_of
from classwatch.vision.acts import STUDENT_CLASSES
from classwatch.vision.acts_features import Sighted
from classwatch.vision.scene import Scene, read_scene
from classwatch.vision.teacher_acts import TEACHER_CLASSES

INPUT_PX = 640
_CLOSE_PX = 55.0
_CLOSEST = 1.6
"""Crops enlarge small bodies until their upper part is about this large, within limits."""
_BORDER_S = 0.4
"""This close to the beginning or the end of an act nothing is learnt and nothing is scored."""
_KEEPS_LUCK = 0.9
"""Chance that a mistake is made again a second later: on rendered lessons mistakes about somebody
who keeps still correlate with 0.8 from one second to the next and with 0.75 over three."""
_BLIND = 0.1
"""Share of the cameras learnt from that have no glances, as without the closer look."""
_BREAK = 0.01
"""Chance that a track ends at a picture and another one goes on."""
_LOST = 0.02
_FULL = 0.5
_STUDENT_CLASS = {
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
_TEACHER_CLASS = {
    ActKind.BOARD: "writing",
    ActKind.POINT: "pointing",
    ActKind.LEAN: "bending",
    ActKind.PODIUM: "desk",
    ActKind.SIT: "sitting",
}
_PLACED = frozenset({ActKind.FACE, ActKind.GESTURE, ActKind.STAND})
"""What these are called depends on the place: at the front, or among the desks."""


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """What one camera shows of everybody.

    ``person`` (n,) numbers the room's people; ``label`` (n,) is the class of what each sighting
    does, of ``STUDENT_CLASSES`` or, of a teacher, ``TEACHER_CLASSES``; ``UNTOLD`` where it is
    neither learnt nor scored. ``body`` (n,) is the track a tracker would give, ``scale`` the pixels
    of the model's input for each pixel.
    """

    series: PoseSeries
    role: StreamRole
    person: NDArray[np.int64]
    teacher: NDArray[np.bool_]
    body: NDArray[np.int32]
    scale: float
    label: NDArray[np.int64]

    def scene(self) -> Scene:
        """The people of the pictures, each with the right role."""
        people = np.unique(self.person)
        number = np.searchsorted(people, self.person).astype(np.int32)
        is_teacher = set(self.person[self.teacher].tolist())
        roles = (PersonRole.TEACHER if p in is_teacher else PersonRole.STUDENT for p in people)
        tracks = Tracks(number, tuple(TrackRole(i, r, 1.0, ()) for i, r in enumerate(roles)))
        return read_scene(self.series, tracks, self.role)


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Sightings with the class (n,) of what each one does, ``UNTOLD`` where it is not scored."""

    seen: Sighted
    label: NDArray[np.int64]


def students_of(watched: Watched) -> Told:
    """The students among those whom a camera shows."""
    rows = np.flatnonzero(~watched.teacher)
    seen = Sighted(
        watched.series.people.keypoints[rows],
        watched.series.times_s[rows],
        watched.body[rows],
        watched.person[rows].astype(np.int32),
        np.full(len(rows), watched.scale, np.float32),
        watched.series.people.glance[rows],
    )
    return Told(seen, watched.label[rows])


@dataclass(frozen=True, slots=True)
class Detector:
    """Whose mistakes sightings get, those of one of the pose models in each camera: ``severity``
    in [0, 1] how much of each, None: drawn for each camera, all of it in every second one."""

    models: tuple[Mistaken, ...]
    severity: float | None = None

    def draw(self, rng: np.random.Generator) -> tuple[Mistaken, float]:
        """Whose mistakes are made in one camera, and how much of each."""
        model = self.models[int(rng.integers(len(self.models)))]
        if self.severity is not None:
            return model, self.severity
        return model, 1.0 if rng.random() < _FULL else float(rng.random())


def simulate_people(
    timeline: Timeline,
    library: FigureLibrary,
    detector: Detector,
    seed: int,
    *,
    step_s: float = 1.0,
) -> Iterator[Watched]:
    """Everybody in a lesson, as each of its cameras shows them every ``step_s`` seconds."""
    stage = Stage(timeline, library)
    studio = Studio(stage, plan_streams(timeline))
    times_s = np.arange(0.0, timeline.duration_s, step_s)
    room = _Room(
        times_s,
        np.stack([stage.motion.keypoints_at(float(t)) for t in times_s]),
        np.stack([_labels(stage, float(t)) for t in times_s]),
        np.stack([_acts(stage, float(t)) for t in times_s]),
        np.asarray([w.kind is PersonKind.TEACHER for w in stage.people], np.bool_),
    )
    for number in range(len(studio.streams)):
        yield _seen_by(studio, number, room, detector, seed)


@dataclass(frozen=True, slots=True, eq=False)
class _Room:
    """Everybody at f times: joints (f, p, 17, 3) in metres, labels (f, p), places (f, p) of acts in
    ``GLANCES``, who teaches (p,)."""

    times_s: NDArray[np.float64]
    joints_m: NDArray[np.float64]
    label: NDArray[np.int64]
    act: NDArray[np.int64]
    teacher: NDArray[np.bool_]


def _acts(stage: Stage, time_s: float) -> NDArray[np.int64]:
    return glances_of([shown.kind for shown in stage.motion.acts_at(time_s)])


def _labels(stage: Stage, time_s: float) -> NDArray[np.int64]:
    moments = [stage.motion.acts_at(t) for t in (time_s - _BORDER_S, time_s, time_s + _BORDER_S)]
    labels = []
    order: tuple[str, ...]
    for number, who in enumerate(stage.people):
        if who.kind is PersonKind.STUDENT:
            names = {_STUDENT_CLASS.get(moment[number].kind, "") for moment in moments}
            order = STUDENT_CLASSES
        else:
            place = stage.motion.place_at(who.person_id, time_s)
            among = place.z_m > stage.front_z_m
            names = {_teacher_class(moment[number], among=among) for moment in moments}
            order = TEACHER_CLASSES
        name = names.pop() if len(names) == 1 else ""
        labels.append(order.index(name) if name else UNTOLD)
    return np.asarray(labels, np.int64)


def _teacher_class(shown: Shown, *, among: bool) -> str:
    if shown.walking or shown.kind in _PLACED:
        return "among_desks" if among else "front"
    return _TEACHER_CLASS.get(shown.kind, "")


def _seen_by(studio: Studio, number: int, room: _Room, detector: Detector, seed: int) -> Watched:
    rng = np.random.default_rng([seed, number])
    camera = studio.streams[number].camera
    view = studio.view(camera, 0.0)
    f, people = room.label.shape
    points, depth_m = project(view, room.joints_m.reshape(-1, 3))
    depth_m = depth_m.reshape(f, people, 17)
    size = max(float(np.nanmedian(body_size(points.reshape(-1, 17, 2)))), 1.0)
    # Who is behind the camera is left out further down.
    points = np.nan_to_num(points.reshape(f, people, 17, 2))
    scale = INPUT_PX / camera.width_px
    scale = max(scale, min(_CLOSEST * scale, _CLOSE_PX / size))
    middle = points[:, :, 5:7].mean(axis=2)
    inside = (middle > 0).all(axis=2) & (middle < (camera.width_px, camera.height_px)).all(axis=2)
    inside &= depth_m.min(axis=2) > 0
    mistaken, severity = detector.draw(rng)
    blind = detector.severity is None and rng.random() < _BLIND
    luck, body = np.asarray(rng.random(people), np.float64), np.arange(people)
    reports: list[Detections] = []
    shown: list[NDArray[np.intp]] = []
    bodies: list[NDArray[np.intp]] = []
    chosen = np.full(people, NOBODY)
    for moment in range(f):
        keeps = rng.random(people) < _KEEPS_LUCK
        luck = np.where(keeps, luck, rng.random(people))
        body = np.where(rng.random(people) < _BREAK, body + people, body)
        true = People(points[moment], room.act[moment])
        chosen = mistaken.choose(true, scale, luck, np.where(keeps, chosen, NOBODY))
        reported, found = mistaken.apply(points[moment], chosen, luck, severity)
        kept = np.flatnonzero(found & inside[moment] & (rng.random(people) >= _LOST))
        reports.append(reported.take(kept))
        shown.append(kept)
        bodies.append(body[kept])
    frame = np.repeat(np.arange(f, dtype=np.int32), [len(kept) for kept in shown])
    person = np.concatenate(shown)
    series = PoseSeries(
        room.times_s,
        frame,
        Detections(
            np.concatenate([p.boxes_px for p in reports]),
            np.concatenate([p.scores for p in reports]),
            np.concatenate([p.keypoints for p in reports]),
            np.concatenate([p.glance for p in reports]) * np.float32(not blind),
        ),
        (camera.width_px, camera.height_px),
        float(room.times_s[1] - room.times_s[0]),
    )
    return Watched(
        series,
        STREAM_ROLES[camera.kind],
        person.astype(np.int64),
        room.teacher[person],
        np.concatenate(bodies).astype(np.int32),
        scale,
        room.label[frame, person],
    )
