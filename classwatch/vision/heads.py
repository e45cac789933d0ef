"""Class-level counts in each sampled picture; nobody is counted by name or seat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import EventsConfig
from classwatch.core.media import StreamRole
from classwatch.core.people import HandCounts, HeadCounts, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.vision.posture import read_postures
from classwatch.vision.scene import read_scene


def student_counts(
    poses: PoseSeries, tracks: Tracks, stream_role: StreamRole, cfg: EventsConfig
) -> tuple[HeadCounts, HandCounts]:
    """Heads up, down and undecided, and hands raised, among the students of each picture.

    A picture without students counts 0 of everything; who is unknown counts nowhere.
    """
    scene = read_scene(poses, tracks, stream_role, cfg.min_keypoint)
    postures = read_postures(poses.people, scene.bodies, scene.seats, cfg)

    def count(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
        rows = poses.frame[mask & scene.student]
        return np.bincount(rows, minlength=len(poses)).astype(np.int32)

    times_s = poses.frame_times_s
    heads = HeadCounts(
        times_s, count(postures.head > 0), count(postures.head < 0), count(postures.head == 0)
    )
    return heads, HandCounts(times_s, count(postures.raised), count(postures.judged))
