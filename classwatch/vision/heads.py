"""Class-level counts in each sampled picture; nobody is counted by name or seat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import EventsConfig
from classwatch.core.media import StreamRole
from classwatch.core.people import ClassPictures
from classwatch.core.pose import PoseSeries
from classwatch.vision.acts import Acts
from classwatch.vision.posture import read_postures
from classwatch.vision.scene import Scene


def count_class(
    poses: PoseSeries,
    scene: Scene,
    stream: str,
    stream_role: StreamRole,
    cfg: EventsConfig,
    acts: Acts | None = None,
) -> ClassPictures:
    """Heads up, down and undecided, and hands raised, among the students of each picture.

    Told by ``acts`` of a network, without it by rules.

    A picture without students counts 0 of everything; who is unknown counts nowhere.
    """
    postures = (
        read_postures(poses.people, scene.bodies, scene.seats, cfg)
        if acts is None
        else acts.postures
    )

    def count(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        rows = poses.frame[mask & scene.student]
        return np.bincount(rows, minlength=len(poses)).astype(np.int64)

    return ClassPictures(
        stream=stream,
        role=stream_role,
        frame_times_s=poses.frame_times_s,
        every_s=poses.every_s,
        students_seen=count(np.ones(len(poses.people), dtype=np.bool_)),
        hands_raised=count(postures.raised),
        hands_judged=count(postures.judged),
        heads_up=count(postures.head > 0),
        heads_down=count(postures.head < 0),
        heads_undecided=count(postures.head == 0),
    )
