"""One stream's poses, tracks and roles, with everything read off them once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import StreamRole
from classwatch.core.people import PersonRole, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.vision.body import SEEN, Bodies, read_bodies
from classwatch.vision.seats import Seats, find_seats
from classwatch.vision.zones import View, read_view


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """``student``, ``teacher`` and ``adult`` are masks (n,) of the detections with that role."""

    bodies: Bodies
    seats: Seats
    view: View
    student: NDArray[np.bool_]
    teacher: NDArray[np.bool_]
    adult: NDArray[np.bool_]


def read_scene(
    poses: PoseSeries,
    tracks: Tracks,
    stream_role: StreamRole,
    min_keypoint: float = SEEN,
) -> Scene:
    """Bodies, students' seats and zones of one stream."""
    bodies = read_bodies(poses.people, min_keypoint)
    students = [r.track_id for r in tracks.roles if r.role is PersonRole.STUDENT]
    seats = find_seats(bodies, tracks.track_id, np.asarray(students, np.intp))
    return Scene(
        bodies=bodies,
        seats=seats,
        view=read_view(bodies, seats, stream_role, poses.size_px),
        student=tracks.of_role(PersonRole.STUDENT),
        teacher=tracks.of_role(PersonRole.TEACHER),
        adult=tracks.of_role(PersonRole.ADULT),
    )
