"""Tracks, roles and events of one stream, on the lesson clock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classwatch.core.people import ClassCounts, TeacherPath, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.pose import read_series
from classwatch.store.artifacts import (
    load_counts,
    load_path,
    load_poses,
    load_tracks,
    save_counts,
    save_events,
    save_path,
    save_poses,
    save_tracks,
)
from classwatch.vision.counts import count_class
from classwatch.vision.events import detect_events
from classwatch.vision.people import assign_roles
from classwatch.vision.place import teacher_path
from classwatch.vision.track import track


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """What one stream shows, on the lesson clock."""

    series: PoseSeries
    tracks: Tracks
    counts: ClassCounts
    path: TeacherPath | None


def run_people(context: StageContext) -> None:
    """Who is who, what they do, and the counts of the whole class in each sampled picture."""
    stream = context.stream_spec()
    series = read_series(context.inputs[f"pose:{context.stream}"], stream.offset_s)
    track_id = track(series, context.config.track)
    context.progress(0.5)
    tracks = assign_roles(series, track_id, stream.role)
    events = detect_events(
        series, tracks, stream=stream.name, stream_role=stream.role, cfg=context.config.events
    )
