"""When each stream takes a picture, which camera it then shows, and how time is cut into pieces."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import InputError
from classwatch.core.media import StreamRole
from classwatch.media.write import exact_rate
from classwatch.simulate.script import Camera, CameraKind, Moment, PersonKind, Script, split_anchor
from classwatch.simulate.timeline import TimedAct, Timeline

PIECE_S = 10
"""Length of the pieces that are drawn and encoded on their own, on the lesson clock."""
FAR = "far-"
"""What the ids of people in the second room of a lesson begin with."""

STREAM_ROLES = {
    CameraKind.FRONT: StreamRole.STUDENT_CAM,
    CameraKind.REAR: StreamRole.TEACHER_CAM,
    CameraKind.TRACKING: StreamRole.TEACHER_CAM,
    CameraKind.SIDE: StreamRole.MIXED,
    CameraKind.SCREEN: StreamRole.SCREEN,
    CameraKind.MIX: StreamRole.MIXED,
}
"""What each kind of camera is to an analysis."""


@dataclass(frozen=True, slots=True)
class Shown:
    """From ``start_s`` on a stream shows the camera with number ``shot`` of the script."""

    start_s: float
    shot: int


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """One stream: its camera, exact rate, number of pictures, and what it shows from when."""

    camera: Camera
    number: int
    fps: Fraction
    pictures: int
    shown: tuple[Shown, ...]

    def time_s(self, picture: int) -> float:
        """Time of a picture on the lesson clock."""
        return float(Fraction(picture) / self.fps)

    def times_s(self) -> NDArray[np.float64]:
        """Times (f,) of all pictures."""
        return np.array([self.time_s(n) for n in range(self.pictures)], np.float64)

    def shot_at(self, time_s: float) -> int:
        """Number of the camera that is shown at ``time_s``."""
        current = self.shown[0].shot
        for shown in self.shown:
            if shown.start_s <= time_s:
                current = shown.shot
        return current

    def pictures_in(self, piece: int) -> range:
        """Numbers of the pictures in one piece of time."""
        first = ceil(piece * PIECE_S * self.fps)
        return range(
            min(first, self.pictures),
            min(ceil((piece + 1) * PIECE_S * self.fps), self.pictures),
        )


def plan_streams(timeline: Timeline) -> tuple[StreamPlan, ...]:
    """Every stream of the script, in its order.

    Raises InputError where two cameras have one name, the size of a picture is odd (H.264 has no
    such pictures), or a mix cuts to a camera that does not exist, is a mix itself, or stands in the
    other room.
    """
    _check_cameras(timeline.script)
    return tuple(_stream(timeline, number) for number in range(len(timeline.script.cameras)))


def piece_count(timeline: Timeline) -> int:
    """How many pieces the lesson has."""
    return max(1, ceil(_exact_s(timeline.duration_s) / PIECE_S))


def in_room(timeline: Timeline, room: int) -> Timeline:
    """The lesson as it happens in one of its rooms: that room's people, acts and speech.

    Raises InputError where there is no such room.
    """
    script = timeline.script
    chosen = script.room if room == 0 else script.far_room
    if room not in (0, 1) or chosen is None:
        raise InputError(
            f"a camera stands in room {room}, which the script does not have",
            subject=script.lesson_id,
            remedy="describe it under `far_room`, or put the camera into room 0",
        )
    people = tuple(p for p in script.people if _is_in(p.id, room))
    ids = {p.id for p in people}
    acts = tuple(a for a in timeline.acts if ids.intersection(a.actors))
    update = {
        "room": chosen,
        "people": people,
        # Another seed for the other room, so that the two do not look alike.
        "seed": (script.seed + 7919 * room) % 2**32,
    }
    return Timeline(
        script.model_copy(update=update),
        timeline.duration_s,
        tuple(u for u in timeline.utterances if ids.intersection(u.speakers)),
        timeline.phases,
        tuple(_only(a, ids) for a in acts),
        timeline.noises,
        timeline.murmurs,
        timeline.playbacks,
    )


def teacher_of(script: Script) -> str:
    """Id of the first teacher, or ``""``."""
    return next((p.id for p in script.people if p.kind is PersonKind.TEACHER), "")


def _is_in(person_id: str, room: int) -> bool:
    return person_id.startswith(FAR) == (room == 1)


def _only(act: TimedAct, ids: set[str]) -> TimedAct:
    return TimedAct(act.act, tuple(a for a in act.actors if a in ids), act.start_s, act.end_s)


def _exact_s(time_s: float) -> Fraction:
    """Times on a timeline are whole milliseconds."""
    return Fraction(round(time_s * 1000), 1000)


def _check_cameras(script: Script) -> None:
    names = [camera.name for camera in script.cameras]
    for number, camera in enumerate(script.cameras):
        if camera.name in names[:number]:
            what, remedy = "is the name of two cameras", "give each a name of its own"
        elif camera.width_px % 2 or camera.height_px % 2:
            what = f"has pictures of {camera.width_px}x{camera.height_px}"
            remedy = "choose an even width and height"
        else:
            continue
        raise InputError(f"camera {camera.name} {what}", subject=script.lesson_id, remedy=remedy)


def _stream(timeline: Timeline, number: int) -> StreamPlan:
    camera = timeline.script.cameras[number]
    fps = exact_rate(camera.fps)
    pictures = max(1, ceil(_exact_s(timeline.duration_s) * fps))
    shown = _cuts(timeline, camera) if camera.kind is CameraKind.MIX else (Shown(0.0, number),)
    return StreamPlan(camera, number, fps, pictures, shown)


def _cuts(timeline: Timeline, mix: Camera) -> tuple[Shown, ...]:
    """What a mix shows from when; until the first cut, the camera of that cut."""
    cameras = {c.name: (i, c) for i, c in enumerate(timeline.script.cameras)}
    shown: list[Shown] = []
    for cut in mix.cuts:
        number, camera = cameras.get(cut.camera, (-1, mix))
        if camera.kind is CameraKind.MIX or camera.room != mix.room:
            raise _wrong(timeline, f"the mix {mix.name} cuts to {cut.camera!r}")
        shown.append(Shown(_at_s(timeline, cut.start), number))
    if not shown:
        first = [i for i, c in cameras.values() if c.kind is not CameraKind.MIX]
        if not first:
            raise _wrong(timeline, f"the mix {mix.name} has nothing to show")
        shown.append(Shown(0.0, min(first)))
    return tuple(sorted(shown, key=lambda s: s.start_s))


def _wrong(timeline: Timeline, what: str) -> InputError:
    return InputError(
        what,
        subject=timeline.script.lesson_id,
        remedy="name a camera of the same room that is not itself a mix",
    )


def _at_s(timeline: Timeline, moment: Moment) -> float:
    if not isinstance(moment, str):
        return round(moment, 3)
    name, edge, shift_s = split_anchor(moment)
    for placed in timeline.utterances:
        if placed.utterance.id == name:
            anchor_s = placed.start_s if edge == "start" else placed.end_s
            return round(max(0.0, anchor_s + shift_s), 3)
    raise InputError(
        f"{moment!r} refers to no utterance",
        subject=timeline.script.lesson_id,
        remedy="correct the script and run it again",
    )
