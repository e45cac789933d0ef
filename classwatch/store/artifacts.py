"""What a stage leaves in its folder, and how the next one reads it.

File names are fixed, so that a stage needs nothing but the folder of an earlier one. What is
loaded is what was stored (rounded); a stage that has just computed something should hand on the
loaded form, so that a run and a rerun see the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from classwatch.core.code_rows import CodeRow
from classwatch.core.errors import DataError
from classwatch.core.events import Event
from classwatch.core.people import Tracks
from classwatch.core.pose import PoseSeries
from classwatch.core.speech import SpeechActivity, Turn
from classwatch.core.time import Interval, intervals
from classwatch.store import convert, schemas
from classwatch.store.documents import TRACK_ROLES, DocumentSchema, read_document, write_document
from classwatch.store.parquet import read_pieces, read_table, row_count, write_pieces, write_table

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SeriesInfo:
    """What holds for a whole pose series, also for one without pictures."""

    stream: str
    width_px: int
    height_px: int
    every_s: float


@dataclass(frozen=True, slots=True)
class ActivityInfo:
    """Speech activity without its levels; figures that are not known are ``None``."""

    speech: tuple[Interval, ...]
    level_step_s: float
    noise_db: float | None
    speech_db: float | None
    clipped_share: float


POSE_SERIES: DocumentSchema[SeriesInfo] = DocumentSchema(
    "pose_series", 1, SeriesInfo, "Size and sampling of a pose series (cache only)."
)
ACTIVITY: DocumentSchema[ActivityInfo] = DocumentSchema(
    "activity", 1, ActivityInfo, "Where speech is, and its levels (cache only)."
)


def table_path(folder: Path, schema: schemas.TableSchema) -> Path:
    """``<name>.parquet`` in a folder."""
    return folder / f"{schema.name}.parquet"


def document_path(folder: Path, schema: DocumentSchema[T]) -> Path:
    """``<name>.json`` in a folder."""
    return folder / f"{schema.name}.json"


def save_document(folder: Path, schema: DocumentSchema[T], value: T) -> None:
    """Store a document under its own name."""
    write_document(document_path(folder, schema), schema, value)


def load_document(folder: Path, schema: DocumentSchema[T]) -> T:
    """Read a document by its own name; ``DataError`` where it is not as promised."""
    return read_document(document_path(folder, schema), schema)


def save_poses(folder: Path, stream: str, series: PoseSeries) -> None:
    """Store a pose series: poses.parquet, frames.parquet (without counts), pose_series.json."""
    width_px, height_px = series.size_px
    save_document(folder, POSE_SERIES, SeriesInfo(stream, width_px, height_px, series.every_s))
    write_table(table_path(folder, schemas.FRAMES), convert.frames_table(stream, series))
    pieces = convert.poses_pieces(stream, series)
    write_pieces(table_path(folder, schemas.POSES), schemas.POSES, pieces)


def load_poses(folder: Path) -> PoseSeries:
    """The series of ``save_poses``; ``DataError`` naming the folder where it is damaged."""
    info = load_document(folder, POSE_SERIES)
    poses = table_path(folder, schemas.POSES)
    frames = read_table(table_path(folder, schemas.FRAMES), schemas.FRAMES)
    size_px = (info.width_px, info.height_px)
    try:
        return convert.poses_from(
            read_pieces(poses, schemas.POSES),
            row_count(poses, schemas.POSES),
            frames,
            size_px=size_px,
            every_s=info.every_s,
        )
    except DataError as error:
        raise DataError(error.message, subject=error.subject or str(folder)) from error


def save_tracks(folder: Path, stream: str, series: PoseSeries, tracks: Tracks) -> None:
    """Store tracks.parquet and track_roles.json."""
    table = convert.tracks_table(stream, series, tracks)
    write_table(table_path(folder, table.schema), table)
    save_document(folder, TRACK_ROLES, tracks.roles)


def load_tracks(folder: Path) -> Tracks:
    """The tracks of ``save_tracks``; ``DataError`` naming the folder where it is damaged."""
    table = read_table(table_path(folder, schemas.TRACKS), schemas.TRACKS)
    try:
        return convert.tracks_from(table, load_document(folder, TRACK_ROLES))
    except DataError as error:
        raise DataError(error.message, subject=error.subject or str(folder)) from error


def save_events(folder: Path, events: Iterable[Event]) -> None:
    """Store events.parquet."""
    write_table(table_path(folder, schemas.EVENTS), convert.events_table(events))


def load_events(folder: Path) -> tuple[Event, ...]:
    """The events of ``save_events``, sorted."""
    return convert.events_from(read_table(table_path(folder, schemas.EVENTS), schemas.EVENTS))


def save_turns(folder: Path, turns: Iterable[Turn]) -> None:
    """Store turns.parquet."""
    write_table(table_path(folder, schemas.TURNS), convert.turns_table(turns))


def load_turns(folder: Path) -> tuple[Turn, ...]:
    """The turns of ``save_turns``, sorted."""
    return convert.turns_from(read_table(table_path(folder, schemas.TURNS), schemas.TURNS))


def save_codes(path: Path, rows: Iterable[CodeRow]) -> None:
    """Store codes in the file ``path``."""
    write_table(path, convert.codes_table(rows))


def load_codes(path: Path) -> tuple[CodeRow, ...]:
    """The codes of ``save_codes``, sorted."""
    return convert.codes_from(read_table(path, schemas.CODES))


def save_activity(folder: Path, activity: SpeechActivity) -> None:
    """Store levels.parquet and activity.json."""
    info = ActivityInfo(
        speech=tuple(Interval(float(start_s), float(end_s)) for start_s, end_s in activity.speech),
        level_step_s=activity.level_step_s,
        noise_db=_known(activity.noise_db),
        speech_db=_known(activity.speech_db),
        clipped_share=activity.clipped_share,
    )
    save_document(folder, ACTIVITY, info)
    write_table(table_path(folder, schemas.LEVELS), convert.levels_table(activity))


def load_activity(folder: Path) -> SpeechActivity:
    """The speech activity of ``save_activity``; unknown figures come back as NaN."""
    info = load_document(folder, ACTIVITY)
    levels = read_table(table_path(folder, schemas.LEVELS), schemas.LEVELS)
    return SpeechActivity(
        speech=intervals(info.speech),
        level_db=levels.array("level_db").astype(np.float32),
        level_step_s=info.level_step_s,
        noise_db=math.nan if info.noise_db is None else info.noise_db,
        speech_db=math.nan if info.speech_db is None else info.speech_db,
        clipped_share=info.clipped_share,
    )


def _known(figure: float) -> float | None:
    return None if math.isnan(figure) else figure
