"""Tracks, roles and events of one stream, on the lesson clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import FloorConfig
from classwatch.core.issues import Issue, Severity
from classwatch.core.lesson import StreamSpec
from classwatch.core.media import StreamRole
from classwatch.core.people import ClassPictures, PersonRole, TeacherPath, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.core.shots import Looks, Shot, ShotKind
from classwatch.media.shots import find_stretches
from classwatch.models.shipped import STUDENT_ACTS, TEACHER_ACTS, shipped
from classwatch.pipeline.stage import StageContext
from classwatch.pipeline.stages.pose import PoseRecord, read_pose_record, read_series
from classwatch.store import schemas
from classwatch.store.artifacts import (
    load_document,
    load_poses,
    load_tracks,
    save_document,
    save_events,
    save_tracks,
    table_path,
)
from classwatch.store.convert import counts_from, frames_table
from classwatch.store.documents import DocumentSchema
from classwatch.store.looks import load_looks
from classwatch.store.motion import load_mouths, save_motion, with_glances
from classwatch.store.parquet import read_table, write_table
from classwatch.vision import acts_features, teacher_features
from classwatch.vision.acts_model import load_acts_model
from classwatch.vision.dress import telling
from classwatch.vision.motion import find_motion
from classwatch.vision.shot_kinds import shot_kinds
from classwatch.vision.tiles import model_scale
from classwatch.vision.whole import Camera, Limits, front_pictures, watch, whole_path


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """What one stream shows, on the lesson clock. ``counts`` is None where nothing was measured."""

    series: PoseSeries
    tracks: Tracks
    counts: ClassPictures | None
    path: TeacherPath
    model_scale: NDArray[np.float32]
    """Pixels of the picture that the model saw for each pixel of the recording, for each sighting
    (n,)."""
    shots: tuple[Shot, ...]
    gestures: bool
    """Whether the model's points are exact enough for what arms do."""
    closer: bool
    """Whether bodies were looked at once more for them, in the recording itself."""
    front: NDArray[np.bool_]
    """Pictures (f,) in which the board and the screen would be seen."""


TWO_ADULTS = "people.two_adults"
"""Code of the issue that names a stream whose teacher could be either of two."""
_FOUND = 0.9
"""Share of the people expected to be found from which numbers of people are near the truth."""
SHOTS: DocumentSchema[tuple[Shot, ...]] = DocumentSchema(
    "shots", 1, tuple[Shot, ...], "The shots of a stream and what they show (cache only)."
)


def run_people(context: StageContext) -> None:
    """Who is who, what they do, and the counts of the whole class in each sampled picture."""
    stream = context.stream_spec()
    folder = context.inputs[f"pose:{context.stream}"]
    series = read_series(folder, stream)
    series = replace(series, people=with_glances(folder, series.people))
    record = read_pose_record(folder)
    looks = replace(load_looks(folder), frame_times_s=series.frame_times_s)
    shots = _shots(context, series, looks)
    cfg = context.config.events
    acts = teaching = None
    if cfg.acts == "network":
        acts = load_acts_model(shipped(STUDENT_ACTS).path, acts_features.WIDTH)
        teaching = load_acts_model(shipped(TEACHER_ACTS).path, teacher_features.WIDTH)
    seen = watch(
        series,
        looks,
        shots,
        Camera(stream.name, stream.role, _clothes_elsewhere(context)),
        Limits(context.config.track, cfg, acts, teaching),
        _model_scale(series, record),
    )
    if seen.undecided:
        context.report(_two_adults(stream))
    if record.crops is not None and record.crops.found < _FOUND:
        context.report(some_unseen(stream.name, record.crops.found))
    save_document(context.out, SHOTS, shots)
    save_tracks(context.out, stream.name, series, seen.tracks)
    save_events(context.out, seen.events)
    mouth = load_mouths(folder, len(series.people))
    save_motion(context.out, find_motion(series, seen.tracks, seen.events, mouth))
    frames = frames_table(stream.name, series, seen.counts if record.measured else None)
    write_table(table_path(context.out, schemas.FRAMES), frames)


def _clothes_elsewhere(context: StageContext) -> NDArray[np.float32] | None:
    """What the teacher wears in the cameras that were looked at before this one, if any tell."""
    poses = context.stream_inputs("pose")
    found = [np.zeros((0, 3), np.float32)]
    for name, folder in context.stream_inputs("people").items():
        people = with_glances(poses[name], load_poses(poses[name]).people)
        found.append(people.clothes[load_tracks(folder).of_role(PersonRole.TEACHER)])
    return telling(np.concatenate(found))


def _shots(context: StageContext, series: PoseSeries, looks: Looks) -> tuple[Shot, ...]:
    """The stream's shots; a screen changes as it likes and is one."""
    stream = context.stream_spec()
    found = find_stretches(looks)
    edges = tuple((s.first, s.last, s.setup) for s in found)
    if stream.role is StreamRole.SCREEN and edges:
        edges = ((0, len(looks), 0),)
    shots = shot_kinds(series, edges, stream.role)
    if len({shot.setup for shot in shots}) > 1:
        context.report(_cuts(stream, shots, series.every_s))
    return shots


def some_unseen(stream: str, found: float) -> Issue:
    """What is told where a stream's pictures are expected to show the model too few of the people.

    ``found`` as in ``TilePlan``. No figure is corrected by it: whoever is never found in any
    picture is not among those that it is a share of.
    """
    return Issue(
        "people.some_unseen",
        Severity.WARNING,
        "people",
        f"stream {stream} shows people too small or too far hidden for the pose model: of those "
        f"found at all about {found:.0%} are found in a picture. Numbers of students are lower "
        "bounds, and shares are of those who are seen",
        remedy="use a pose model that finds smaller people, allow more looks (pose.most_cost), or "
        "move the camera closer",
        detail={"stream": stream, "percent": round(found * 100)},
    )


def _two_adults(stream: StreamSpec) -> Issue:
    return Issue(
        TWO_ADULTS,
        Severity.ABSTAINED,
        "people",
        f"stream {stream.name} shows two adults of whom neither is clearly the teacher; nothing is "
        "said of the teacher in it",
        remedy="where another camera shows one of them alone before the class, give that one too",
        detail={"stream": stream.name},
    )


def _cuts(stream: StreamSpec, shots: tuple[Shot, ...], every_s: float) -> Issue:
    shares = dict.fromkeys(ShotKind, 0.0)
    whole_s = sum(shot.end_s - shot.start_s for shot in shots)
    for shot in shots:
        shares[shot.kind] += (shot.end_s - shot.start_s) / whole_s
    parts = {f"{kind.value}_percent": round(share * 100) for kind, share in shares.items()}
    told = ", ".join(f"{kind.value.replace('_', ' ')} {shares[kind]:.0%}" for kind in ShotKind)
    return Issue(
        "shots.cuts",
        Severity.INFO,
        "people",
        f"stream {stream.name} cuts {len(shots) - 1} times between "
        f"{len({s.setup for s in shots})} views (known to {every_s:g} s): {told}. Each figure is "
        "taken from the shots that can show it",
        detail={
            "stream": stream.name,
            "cuts": len(shots) - 1,
            "views": len({s.setup for s in shots}),
            **parts,
        },
    )


def read_people(folder: Path, pose_folder: Path, stream: StreamSpec, floor: FloorConfig) -> People:
    """The artifacts of one stream's people stage, with the poses they belong to."""
    series = read_series(pose_folder, stream)
    tracks = load_tracks(folder)
    frames = read_table(table_path(folder, schemas.FRAMES), schemas.FRAMES)
    record = read_pose_record(pose_folder)
    shots = load_document(folder, SHOTS)
    counts = counts_from(frames, stream.role)
    if counts is None and record.measured:
        counts = ClassPictures.nothing(stream.name, stream.role, series.every_s)
    return People(
        series,
        tracks,
        counts,
        whole_path(
            series,
            tracks,
            shots,
            stream.role,
            tuple(point for point in floor.points if point.stream == stream.name),
        ),
        model_scale=_model_scale(series, record),
        shots=shots,
        gestures=record.gestures,
        closer=record.joints,
        front=front_pictures(series, tracks, shots, stream.role),
    )


def _model_scale(series: PoseSeries, record: PoseRecord) -> NDArray[np.float32]:
    input_px = record.engine.input_px if record.engine else max(series.size_px)
    return model_scale(series.people.boxes_px, series.size_px, record.crops, input_px)


def read_all_people(context: StageContext) -> dict[str, People]:
    """Every stream's people, by stream name, in the order of the lesson's streams."""
    poses = context.stream_inputs("pose")
    folders = context.stream_inputs("people")
    return {
        s.name: read_people(folders[s.name], poses[s.name], s, context.config.floor)
        for s in context.lesson.video_streams
    }
