"""Who is who and what they do in a whole stream, one setup of its shots at a time.

Places, seats and zones belong to one camera. A stream that cuts between several is read as if each
were a camera of its own; what a shot cannot show is not counted there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import EventsConfig, FloorPoint, TrackConfig
from classwatch.core.events import Event, EventKind
from classwatch.core.media import StreamRole
from classwatch.core.people import (
    CLASS_COUNTS,
    NO_TRACK,
    ClassPictures,
    PersonRole,
    TeacherPath,
    TrackRole,
    Tracks,
)
from classwatch.core.pose import PoseSeries
from classwatch.core.shots import Looks, Shot
from classwatch.vision.acts import read_acts
from classwatch.vision.acts_model import ActsModel
from classwatch.vision.board_events import board_events
from classwatch.vision.events import Doing, detect_events
from classwatch.vision.heads import count_class
from classwatch.vision.occupancy import put_back, seats_of_missed
from classwatch.vision.others import tell_others
from classwatch.vision.people import assign_roles, undecided
from classwatch.vision.pieces import mended
from classwatch.vision.place import teacher_path
from classwatch.vision.scene import read_scene
from classwatch.vision.shot_kinds import (
    ROLE_OF_KIND,
    SHOWS_CLASS,
    SHOWS_FRONT,
    frames_of,
    part_of,
)
from classwatch.vision.teacher_acts import read_teaching
from classwatch.vision.track import track


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """Tracks, events and counts of one stream; ``counts`` has only pictures that can show them.

    ``undecided``: in some view two adults may be the teacher and neither was taken.
    """

    tracks: Tracks
    events: tuple[Event, ...]
    counts: ClassPictures
    undecided: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """The rules of tracking and of events. Without ``acts`` rules tell what students do; without
    ``teaching`` of the teacher only the place is told."""

    track: TrackConfig
    events: EventsConfig
    acts: ActsModel | None = None
    teaching: ActsModel | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """A stream: its name and role, and what the teacher wears in the camera for the teacher, where
    another one is that: a colour (3,) as in ``Detections``."""

    name: str
    role: StreamRole
    clothes: NDArray[np.float32] | None = None


def watch(
    poses: PoseSeries,
    looks: Looks,
    shots: tuple[Shot, ...],
    camera: Camera,
    cfg: Limits,
    model_scale: NDArray[np.float32],
) -> Watched:
    """Tracks, roles, events and class counts of a stream with these shots.

    ``model_scale`` (n,): pixels that the pose model saw for each pixel of a detection. Tracks
    never reach over a cut to another setup. With one setup the stream's own role decides, with
    several what each shows.
    """
    if len({shot.setup for shot in shots}) <= 1:
        return _watch_one(poses, looks, camera, cfg, model_scale)
    track_id = np.full(len(poses.people), NO_TRACK, np.int32)
    roles: list[TrackRole] = []
    events: list[Event] = []
    counted: list[ClassPictures] = []
    doubts: list[bool] = []
    for setup in sorted({shot.setup for shot in shots}):
        kind = next(shot.kind for shot in shots if shot.setup == setup)
        frames = frames_of(poses, shots, setup)
        part, rows = part_of(poses, frames)
        look = Looks(part.frame_times_s, looks.light[frames], looks.ink[frames])
        own = replace(camera, role=ROLE_OF_KIND[kind])
        seen = _watch_one(part, look, own, cfg, model_scale[rows])
        doubts.append(seen.undecided)
        found = seen.tracks.track_id
        first = len(roles)
        track_id[rows] = np.where(found == NO_TRACK, NO_TRACK, found + first)
        roles += [
            TrackRole(r.track_id + first, r.role, r.confidence, r.evidence)
            for r in seen.tracks.roles
        ]
        events += [
            _renumbered(e, first)
            for e in seen.events
            if kind in SHOWS_FRONT or e.kind is not EventKind.TEACHER_NOT_VISIBLE
        ]
        if kind in SHOWS_CLASS:
            counted.append(seen.counts)
    counts = _joined(counted, camera, poses.every_s)
    return Watched(Tracks(track_id, tuple(roles)), _ordered(events), counts, any(doubts))


def whole_path(
    poses: PoseSeries,
    tracks: Tracks,
    shots: tuple[Shot, ...],
    role: StreamRole,
    points: tuple[FloorPoint, ...] = (),
) -> TeacherPath:
    """The teacher's way through all shots; places compare only within one setup.

    Marked ``points`` of the floor hold for a stream that never cuts.
    """
    setups = sorted({shot.setup for shot in shots})
    if len(setups) <= 1:
        return teacher_path(poses, tracks, role, points)
    paths: list[TeacherPath] = []
    for setup in setups:
        kind = next(shot.kind for shot in shots if shot.setup == setup)
        part, rows = part_of(poses, frames_of(poses, shots, setup))
        paths.append(teacher_path(part, _own(tracks, rows), ROLE_OF_KIND[kind], (), setup))
    return _joined_paths(paths)


def front_pictures(
    poses: PoseSeries, tracks: Tracks, shots: tuple[Shot, ...], role: StreamRole
) -> NDArray[np.bool_]:
    """Pictures (f,) in which the board and the screen would be seen.

    All of a camera for the teacher and of a screen's own stream; of other cameras those in which
    the class looks away from the camera. In a stream that cuts, its shots count as the cameras
    that they are like.
    """
    shown = np.zeros(len(poses), np.bool_)
    setups = sorted({shot.setup for shot in shots})
    if len(setups) <= 1:
        shown[:] = _shows_front(poses, tracks, role)
        return shown
    for setup in setups:
        kind = next(shot.kind for shot in shots if shot.setup == setup)
        frames = frames_of(poses, shots, setup)
        part, rows = part_of(poses, frames)
        shown[frames] = _shows_front(part, _own(tracks, rows), ROLE_OF_KIND[kind])
    return shown


def _shows_front(poses: PoseSeries, tracks: Tracks, role: StreamRole) -> bool:
    if role is StreamRole.SCREEN:
        return True
    # A class that looks at the camera has the board behind it, whatever the camera is called.
    facing = read_scene(poses, tracks, role).view.class_facing
    return facing <= 0 if role is StreamRole.TEACHER_CAM else facing < 0


def _own(tracks: Tracks, rows: NDArray[np.intp]) -> Tracks:
    """The tracks of one setup, numbered from 0 again: no other setup has any of them."""
    kept, number = np.unique(tracks.track_id[rows], return_inverse=True)
    without = int(len(kept) > 0 and kept[0] == NO_TRACK)
    roles = tuple(
        replace(tracks.roles[track], track_id=new) for new, track in enumerate(kept[without:])
    )
    return Tracks((number - without).astype(np.int32), roles)


def _watch_one(
    poses: PoseSeries, looks: Looks, camera: Camera, cfg: Limits, model_scale: NDArray[np.float32]
) -> Watched:
    tracks, doubt = _tracked(poses, camera, cfg.track)
    name, role = camera.name, camera.role
    scene = read_scene(poses, tracks, role, cfg.events.min_keypoint)
    told = cfg.acts
    acts = None if told is None else read_acts(poses, tracks, scene, model_scale, told)
    teaching = None
    if cfg.teaching is not None:
        teaching = read_teaching(poses, scene, model_scale, cfg.teaching)
    doing = Doing(acts, teaching)
    events = detect_events(poses, tracks, scene, stream=name, cfg=cfg.events, acts=doing)
    front = board_events(looks, poses, scene, (name, role), cfg.events)
    counts = count_class(poses, scene, name, role, cfg.events, acts)
    return Watched(tracks, _ordered([*events, *front]), counts, doubt)


def _tracked(poses: PoseSeries, camera: Camera, cfg: TrackConfig) -> tuple[Tracks, bool]:
    """Tracks and roles of those who were seen; who was missed on a student's seat is that student.

    Also whether it stayed undecided who of two the teacher is.

    What was put back says nothing about who is who.
    """
    seen = np.flatnonzero(~put_back(poses.people))
    part = poses.only(seen)
    followed = mended(part, track(part, cfg))
    told = assign_roles(part, followed, camera.role)
    found = tell_others(part, told, camera.role, cfg, camera.clothes)
    track_id = np.full(len(poses.people), NO_TRACK, np.int32)
    track_id[seen] = found.track_id
    students = np.asarray([r.role is PersonRole.STUDENT for r in found.roles], np.bool_)
    return Tracks(seats_of_missed(poses, track_id, students), found.roles), undecided(told)


def _ordered(events: list[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda e: (e.start_s, e.kind, e.track_id, e.end_s)))


def _renumbered(event: Event, first: int) -> Event:
    if event.track_id == NO_TRACK:
        return event
    return replace(event, track_id=event.track_id + first)


def _joined(counted: list[ClassPictures], camera: Camera, every_s: float) -> ClassPictures:
    times = np.concatenate([np.zeros(0), *(c.frame_times_s for c in counted)])
    order = np.argsort(times, kind="stable")
    values = {
        name: np.concatenate([np.zeros(0, np.int64), *(getattr(c, name) for c in counted)])[order]
        for name in CLASS_COUNTS
    }
    return ClassPictures(camera.name, camera.role, times[order], every_s, **values)


def _joined_paths(paths: list[TeacherPath]) -> TeacherPath:
    order = np.argsort(np.concatenate([p.times_s for p in paths]), kind="stable")

    def every(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(p, name) for p in paths])[order]

    zones = [zone for p in paths for zone in p.zone]
    return TeacherPath(
        times_s=every("times_s"),
        x=every("x"),
        y=every("y"),
        height=every("height"),
        zone=tuple(zones[i] for i in order.tolist()),
        setup=every("setup"),
        floor_m=every("floor_m"),
        floor_error=max((p.floor_error for p in paths if p.floor_error is not None), default=None),
        floor_source=next((p.floor_source for p in paths if p.floor_source is not None), None),
    )
