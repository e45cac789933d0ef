"""What each shot of a stream shows, told by the people in it; "cannot tell" is an answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import StreamRole
from classwatch.core.pose import PoseSeries
from classwatch.core.shots import Shot, ShotKind
from classwatch.vision.body import read_bodies

ROLE_OF_KIND = {
    ShotKind.TEACHER: StreamRole.TEACHER_CAM,
    ShotKind.STUDENTS: StreamRole.STUDENT_CAM,
    ShotKind.PANORAMA: StreamRole.MIXED,
    ShotKind.BOARD: StreamRole.SCREEN,
    ShotKind.CANNOT_TELL: StreamRole.MIXED,
}
"""The camera that a shot is like."""
_KIND_OF_ROLE = {
    StreamRole.TEACHER_CAM: ShotKind.TEACHER,
    StreamRole.STUDENT_CAM: ShotKind.STUDENTS,
    StreamRole.SCREEN: ShotKind.BOARD,
}
SHOWS_CLASS = frozenset({ShotKind.STUDENTS, ShotKind.PANORAMA})
SHOWS_FRONT = frozenset({ShotKind.TEACHER, ShotKind.PANORAMA})
"""Kinds in which a teacher who is not seen is not at the front."""
_CLASS = 4
"""People in the median picture from which a shot shows a class."""
_FACING = 0.2
_FEW = 2.0
_MIN_PICTURES = 2
_LARGE = 0.45
"""Box height, as a share of the picture, from which one person fills a shot."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """Medians over a setup's pictures."""

    pictures: int
    people: float
    facing: float
    """Mean of 1 towards the camera and -1 away from it, over bodies where it can be told."""
    height: float
    """Box height of the largest body as a share of the picture's."""
    upright: float
    """Share of the pictures whose largest body stands in full view or reaches below the picture."""


def shot_kinds(
    poses: PoseSeries, edges: tuple[tuple[int, int, int], ...], stream_role: StreamRole
) -> tuple[Shot, ...]:
    """The shots with what they show; ``edges`` are (first, last, setup), picture numbers.

    A stream that never cuts shows what its role says. Where it cuts, all shots of one setup
    together decide: many people who look at the camera are the class; many who look away are the
    class from behind with the front before them; one or two large ones who stand are the teacher;
    nobody is the board or a screen. A large body that sits may be anybody.
    """
    setups = {setup for _, _, setup in edges}
    if len(setups) == 1:
        kinds = {0: (_KIND_OF_ROLE.get(stream_role, ShotKind.PANORAMA), 1.0)}
    else:
        kinds = {
            setup: _kind(_seen(poses, [e for e in edges if e[2] == setup])) for setup in setups
        }
    return tuple(
        Shot(*_span(poses, first, last), kinds[setup][0], setup, round(kinds[setup][1], 3))
        for first, last, setup in edges
    )


def _span(poses: PoseSeries, first: int, last: int) -> tuple[float, float]:
    times = poses.frame_times_s
    end_s = times[last] if last < len(times) else times[-1] + poses.every_s
    return float(times[first]), float(end_s)


def frames_of(poses: PoseSeries, shots: tuple[Shot, ...], setup: int) -> NDArray[np.intp]:
    """Numbers of the pictures that were taken from one setup."""
    starts = np.asarray([s.start_s for s in shots])
    number = np.searchsorted(starts, poses.frame_times_s + 1e-9, side="right") - 1
    own = np.asarray([s.setup == setup for s in shots])
    found: NDArray[np.intp] = np.flatnonzero(own[np.clip(number, 0, None)] & (number >= 0))
    return found


def part_of(poses: PoseSeries, frames: NDArray[np.intp]) -> tuple[PoseSeries, NDArray[np.intp]]:
    """The series of some pictures alone, and the rows of its detections in the whole."""
    place = np.full(len(poses), -1, np.int32)
    place[frames] = np.arange(len(frames), dtype=np.int32)
    rows = np.flatnonzero(place[poses.frame] >= 0)
    part = PoseSeries(
        poses.frame_times_s[frames],
        place[poses.frame[rows]],
        poses.people.take(rows),
        poses.size_px,
        poses.every_s,
    )
    return part, rows


def _seen(poses: PoseSeries, edges: list[tuple[int, int, int]]) -> _Seen:
    frames = np.concatenate([np.arange(first, last) for first, last, _ in edges])
    part, _ = part_of(poses, frames)
    counts = np.bincount(part.frame, minlength=len(part))
    bodies = read_bodies(part.people)
    told = bodies.facing[bodies.facing != 0]
    largest = np.zeros(len(part))
    np.maximum.at(largest, part.frame, bodies.height_px / max(poses.size_px[1], 1))
    low = part.people.boxes_px[:, 3] >= 0.97 * poses.size_px[1]
    stands = (bodies.height_px >= 2.2 * bodies.width_px) | (low & (bodies.height_px > 0))
    big = bodies.height_px / max(poses.size_px[1], 1) >= largest[part.frame] - 1e-6
    return _Seen(
        pictures=len(part),
        people=float(np.median(counts)),
        facing=float(told.mean()) if len(told) else 0.0,
        height=float(np.median(largest)),
        upright=float(stands[big].mean()) if big.any() else 0.0,
    )


def _kind(seen: _Seen) -> tuple[ShotKind, float]:
    if seen.pictures < _MIN_PICTURES:
        return ShotKind.CANNOT_TELL, 0.0
    if seen.people == 0:
        return ShotKind.BOARD, 0.6
    if seen.people >= _CLASS:
        kind = ShotKind.STUDENTS if seen.facing >= _FACING else ShotKind.PANORAMA
        sure = abs(seen.facing) >= _FACING
        return kind, min(1.0, 0.5 + abs(seen.facing) / 2) if sure else 0.5
    if seen.people <= _FEW and seen.height >= _LARGE and seen.upright >= 0.5:
        return ShotKind.TEACHER, 0.5 + seen.upright / 2
    return ShotKind.CANNOT_TELL, 0.0
