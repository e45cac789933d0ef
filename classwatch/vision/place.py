"""The teacher's way through the picture."""

from __future__ import annotations

import numpy as np

from classwatch.config.schema import FloorPoint
from classwatch.core.media import StreamRole
from classwatch.core.people import TeacherPath, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.vision.floor import floor_map
from classwatch.vision.scene import read_scene


def teacher_path(
    poses: PoseSeries,
    tracks: Tracks,
    stream_role: StreamRole,
    points: tuple[FloorPoint, ...] = (),
    setup: int = 0,
) -> TeacherPath:
    """Place, box height and zone at every sighting of the teacher; empty when there is none.

    ``points`` are the marked points of the floor in these pictures.
    """
    scene = read_scene(poses, tracks, stream_role)
    rows = np.flatnonzero(scene.teacher)
    width, height = poses.size_px
    zones = scene.view.zones(scene.bodies)
    floor = floor_map(points, scene.seats, poses.size_px)
    hips = scene.bodies.hip[rows]
    nowhere = np.full((len(rows), 2), np.nan)
    return TeacherPath(
        times_s=poses.times_s[rows],
        x=(scene.bodies.hip[rows, 0] / width).astype(np.float32),
        y=(scene.bodies.hip[rows, 1] / height).astype(np.float32),
        height=(scene.bodies.height_px[rows] / height).astype(np.float32),
        zone=tuple(zones[row] for row in rows.tolist()),
        setup=np.full(len(rows), setup, np.int32),
        floor_m=nowhere if floor is None else floor.metres(hips),
        floor_error=None if floor is None else floor.error,
        floor_source=None if floor is None else floor.source,
    )
