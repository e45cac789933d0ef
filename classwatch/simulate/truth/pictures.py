"""The truth of the pictures: from one folder for each camera to the tables of a lesson."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from classwatch.core.errors import DataError
from classwatch.core.events import Event
from classwatch.core.media import StreamRole
from classwatch.core.people import NO_TRACK, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.simulate.timeline import Timeline
from classwatch.simulate.truth.fronts import front_events
from classwatch.simulate.truth.measures import PictureTruth
from classwatch.simulate.truth.streams import MediaStream
from classwatch.store import schemas
from classwatch.store.artifacts import load_events, load_poses, load_tracks, table_path
from classwatch.store.convert import counts_from, events_table
from classwatch.store.parquet import (
    publish_tables,
    read_pieces,
    read_table,
    write_pieces,
    write_table,
)
from classwatch.store.tables import Table
from classwatch.vision.place import teacher_path
from classwatch.vision.scene import read_scene
from classwatch.vision.zones import track_zones

TABLES = (schemas.FRAMES, schemas.POSES, schemas.TRACKS, schemas.SEATS)
"""Tables that go into the lesson's as they are."""


@dataclass(frozen=True, slots=True)
class CameraTruth:
    """A stream and the folder in which its truth lies under the camera's name."""

    stream: MediaStream
    folder: Path


def read_pictures(timeline: Timeline, cameras: Sequence[CameraTruth]) -> tuple[PictureTruth, ...]:
    """What the measures need of every stream, under the names that an analysis uses: events of its
    people and, where it shows them, of the board and the screen.

    Raises DataError naming the folder where a table is missing or damaged.
    """
    return tuple(_read(timeline, camera) for camera in cameras)


def _read(timeline: Timeline, camera: CameraTruth) -> PictureTruth:
    stream, folder = camera.stream, camera.folder
    series = _ending_at_the_edge(load_poses(folder))
    tracks = load_tracks(folder)
    frames = read_table(table_path(folder, schemas.FRAMES), schemas.FRAMES)
    counts = counts_from(frames, stream.role)
    if counts is None:
        raise DataError("has pictures without counts of the class", subject=str(folder))
    width_px, height_px = series.size_px
    shown = replace(counts, stream=stream.name)
    zones = _zones(folder, series, tracks, stream.role)
    events = tuple(_placed(event, stream.name, zones) for event in load_events(folder))
    return PictureTruth(
        counts=shown,
        events=(*events, *front_events(timeline, shown, events)),
        path=teacher_path(series, tracks, stream.role),
        aspect=width_px / height_px,
        roles=tuple(role.role for role in tracks.roles),
    )


def _ending_at_the_edge(series: PoseSeries) -> PoseSeries:
    """Points beyond the picture, which have no place in the truth, where their body leaves it: at
    the lower end of its box, as pose models tell them. Zones are read from seats and hips."""
    people = series.people
    keypoints, boxes = people.keypoints.copy(), people.boxes_px
    end = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1)
    beyond = keypoints[..., 2] == 0
    keypoints[..., :2] = np.where(beyond[..., None], end[:, None], keypoints[..., :2])
    return replace(series, people=replace(people, keypoints=keypoints))


def _zones(folder: Path, series: PoseSeries, tracks: Tracks, role: StreamRole) -> tuple[str, ...]:
    """Zone of the seat of each track as an analysis tells it; "" in a stream that cuts between
    cameras, where seats change their places with every shot."""
    scene = read_scene(series, tracks, role)
    zones = track_zones(scene.seats, scene.view)
    seats = read_table(table_path(folder, schemas.SEATS), schemas.SEATS)
    cuts = len(set(seats.cells("start_s"))) > 1
    return ("",) * len(zones) if cuts else zones


def _placed(event: Event, stream: str, zones: Sequence[str]) -> Event:
    """The event under the stream's name, in the zone of who does it."""
    zone = event.zone if event.track_id == NO_TRACK else zones[event.track_id]
    return replace(event, stream=stream, zone=zone)


def publish_pictures(
    cameras: Sequence[CameraTruth], pictures: Sequence[PictureTruth], lesson_id: str, out: Path
) -> None:
    """Write the lesson's picture tables into ``out``, streams in order of their names.

    ``pictures`` are what was read of the cameras.
    """
    events = {picture.counts.stream: picture.events for picture in pictures}
    table = events_table(event for name in sorted(events) for event in events[name])
    write_table(table_path(out, schemas.EVENTS), table, lesson_id)
    ordered = sorted(cameras, key=lambda camera: camera.stream.name)
    for schema in TABLES:
        sources = [_renamed(camera, schema) for camera in ordered]
        publish_tables(table_path(out, schema), schema, sources, lesson_id)


def _renamed(camera: CameraTruth, schema: schemas.TableSchema) -> Path:
    """A copy of a camera's table under the stream's name, beside it."""
    source = table_path(camera.folder, schema)
    target = source.with_suffix(".named.parquet")
    write_pieces(target, schema, _pieces(source, schema, camera.stream.name))
    return target


def _pieces(source: Path, schema: schemas.TableSchema, name: str) -> Iterator[Table]:
    for piece in read_pieces(source, schema):
        yield Table(schema, {**piece.values, "stream": [name] * len(piece)})
