"""Tracks, roles and events of one stream, on the lesson clock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from classwatch.core.lesson import StreamSpec
from classwatch.core.people import ClassPictures, TeacherPath, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.pose import read_pose_record, read_series
from classwatch.store import schemas
from classwatch.store.artifacts import load_tracks, save_events, save_tracks, table_path
from classwatch.store.convert import counts_from, frames_table
from classwatch.store.parquet import read_table, write_table
from classwatch.vision.events import detect_events
from classwatch.vision.heads import count_class
from classwatch.vision.people import assign_roles
from classwatch.vision.place import teacher_path
from classwatch.vision.track import track


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """What one stream shows, on the lesson clock. ``counts`` is None where nothing was measured."""

    series: PoseSeries
    tracks: Tracks
    counts: ClassPictures | None
    path: TeacherPath
    model_scale: float
    """Pixels of the picture that the model saw for each pixel of the recording."""
    gestures: bool
    """Whether the model's points are exact enough for what arms and heads do."""


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
    counts = count_class(series, tracks, stream.name, stream.role, context.config.events)
    save_tracks(context.out, stream.name, series, tracks)
    save_events(context.out, events)
    measured = read_pose_record(context.inputs[f"pose:{context.stream}"]).measured
    frames = frames_table(stream.name, series, counts if measured else None)
    write_table(table_path(context.out, schemas.FRAMES), frames)


def read_people(folder: Path, pose_folder: Path, stream: StreamSpec) -> People:
    """The artifacts of one stream's people stage, with the poses they belong to."""
    series = read_series(pose_folder, stream.offset_s)
    tracks = load_tracks(folder)
    frames = read_table(table_path(folder, schemas.FRAMES), schemas.FRAMES)
    record = read_pose_record(pose_folder)
    engine = record.engine
    return People(
        series,
        tracks,
        counts_from(frames, stream.role),
        teacher_path(series, tracks, stream.role),
        model_scale=engine.input_px / max(series.size_px) if engine else 1.0,
        gestures=record.gestures,
    )


def read_all_people(context: StageContext) -> dict[str, People]:
    """Every stream's people, by stream name, in the order of the lesson's streams."""
    poses = context.stream_inputs("pose")
    folders = context.stream_inputs("people")
    return {
        s.name: read_people(folders[s.name], poses[s.name], s) for s in context.lesson.video_streams
    }
