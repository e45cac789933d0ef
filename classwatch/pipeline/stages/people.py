"""Tracks, roles and events of one stream, on the lesson clock."""

from __future__ import annotations

from classwatch.core.media import StreamRole
from classwatch.core.pose import PoseSeries
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.pose import read_pose_record, read_series, shifted
from classwatch.store.counts import ClassCounts, write_counts
from classwatch.store.documents import TRACK_ROLES, write_document
from classwatch.store.events import write_events
from classwatch.store.poses import write_tracks
from classwatch.vision.events import detect_events
from classwatch.vision.people import assign_roles
from classwatch.vision.track import track

TRACK_ROLES_FILE = "track_roles.json"


def run_people(context: StageContext) -> None:
    """Who is who, what they do, and the counts of the whole class in each sampled picture."""
    folder = context.inputs[f"pose:{context.stream}"]
    stream = context.stream_spec()
    series = shifted(read_series(folder), stream.offset_s)
    measured = read_pose_record(folder).measured
