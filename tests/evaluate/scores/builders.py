"""Small values to score, and how to pick one figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from classwatch.core.people import NO_TRACK, PersonRole, TrackRole, Tracks
from classwatch.core.pose import KEYPOINTS, Detections, PoseSeries
from classwatch.core.speech import Segment, SpeakerRole, Turn
from classwatch.core.time import Intervals, intervals
from classwatch.evaluate.tally import Figure

Box = tuple[float, float, float, float]
T, S, SS, U = (
    SpeakerRole.TEACHER,
    SpeakerRole.STUDENT,
    SpeakerRole.STUDENTS,
    SpeakerRole.UNKNOWN,
)


def figure(figures: Iterable[Figure], metric: str, group: str = "") -> Figure:
    """The one figure with this metric and group."""
    (found,) = [f for f in figures if (f.metric, f.group) == (metric, group)]
    return found


def value(figures: Iterable[Figure], metric: str, group: str = "") -> float | None:
    """The value of the one figure with this metric and group."""
    return figure(figures, metric, group).value


def turn(start_s: float, end_s: float, role: SpeakerRole = U, speaker: str = "") -> Turn:
    return Turn(start_s, end_s, role, speaker, 1.0)


def said(start_s: float, text: str, role: SpeakerRole = U, suspect: str = "") -> Segment:
    return Segment(start_s, start_s + 1, text, role=role, suspect=suspect)


def whole(end_s: float) -> Intervals:
    """The time from 0 to ``end_s``."""
    return intervals([(0.0, end_s)])


def bodies(boxes: Sequence[Box], scores: Sequence[float] | None = None) -> Detections:
    """People with these boxes, every keypoint in the middle of the box and seen."""
    array = np.asarray(boxes, np.float32).reshape(-1, 4)
    points = np.ones((len(array), len(KEYPOINTS), 3), np.float32)
    points[:, :, 0] = ((array[:, 0] + array[:, 2]) / 2)[:, None]
    points[:, :, 1] = ((array[:, 1] + array[:, 3]) / 2)[:, None]
    given = np.ones(len(array)) if scores is None else np.asarray(scores)
    return Detections(array, given.astype(np.float32), points)


def series(
    pictures: Sequence[Sequence[Box]],
    *,
    every_s: float = 1.0,
    scores: Sequence[float] | None = None,
) -> PoseSeries:
    """One picture every ``every_s`` from 0, each with its boxes."""
    frame = [number for number, boxes in enumerate(pictures) for _ in boxes]
    return PoseSeries(
        np.arange(len(pictures)) * every_s,
        np.asarray(frame, np.int32),
        bodies([box for boxes in pictures for box in boxes], scores),
        (1280, 720),
        every_s,
    )


def tracks(
    numbers: Sequence[int], teachers: Iterable[int] = (), unknown: Iterable[int] = ()
) -> Tracks:
    """Track numbers in the order of the detections; the rest are students."""
    named = dict.fromkeys(unknown, PersonRole.UNKNOWN) | dict.fromkeys(teachers, PersonRole.TEACHER)
    roles = [
        TrackRole(number, named.get(number, PersonRole.STUDENT), 1.0, ())
        for number in sorted(set(numbers) - {NO_TRACK})
    ]
    return Tracks(np.asarray(numbers, np.int32), tuple(roles))
