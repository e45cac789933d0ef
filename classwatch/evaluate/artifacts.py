"""What an analysis found, read from its lesson folder; also truth in the same schemas."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import DataError
from classwatch.core.people import NO_TRACK, PersonRole, TrackRole, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.core.speech import Origin, Transcript, Turn
from classwatch.core.time import Intervals, intervals, normalise
from classwatch.evaluate.material import Material, PeopleSeen
from classwatch.exchange.coco import HIDDEN
from classwatch.exchange.intervals import Labelled, read_intervals
from classwatch.exchange.lesson_coding import (
    PREDICTED_MEASURES,
    published_codes,
    published_events,
    published_transcript,
    published_turns,
)
from classwatch.store import convert, schemas
from classwatch.store.artifacts import document_path, table_path
from classwatch.store.documents import MEASURES, TRANSCRIPT, read_document
from classwatch.store.lesson_folder import LESSON_FILE
from classwatch.store.parquet import read_table
from classwatch.store.records import LESSON, LessonRecord
from classwatch.store.tables import Table

GIVEN = "they came with a transcript that was given to the analysis"
_ABSENT = {
    "sound.absent": ("turns", "the recording has no sound"),
    "words.no_model": ("transcript", "there was no speech model"),
    "pose.no_model": ("people", "there was no pose model"),
}
"""Findings that explain why an analysis knows nothing of something."""

INTERVALS = "intervals.csv"
LEAST_JOINTS = 3
_FULL = 0.999


def read_found(folder: Path) -> Material:
    """What the analysis published in ``folder`` found.

    What was not measured is absent with its reason, and so is what was given to the analysis and
    not found by it. What people corrected afterwards is passed over: predictions are scored.
    Raises InputError or DataError where the folder is no complete lesson.
    """
    record = read_document(folder / LESSON_FILE, LESSON)
    why = {_ABSENT[i.code][0]: _ABSENT[i.code][1] for i in record.issues if i.code in _ABSENT}
    turns = published_turns(folder, predicted=True) if _has(folder, schemas.TURNS) else None
    events = published_events(folder, predicted=True) if _has(folder, schemas.EVENTS) else None
    transcript = published_transcript(folder, predicted=True)
    if turns and any(t.origin is Origin.SUPPLIED for t in turns):
        turns, why["turns"] = None, GIVEN
    if transcript and transcript.origin is Origin.SUPPLIED:
        transcript, why["transcript"] = None, GIVEN
    return Material(
        span=record.span,
        turns=None if "turns" in why else turns,
        speech=None if why.get("turns") not in (None, GIVEN) else _speech(folder),
        transcript=transcript,
        events=None if "people" in why else events,
        measures=_measures(folder, PREDICTED_MEASURES),
        people={} if "people" in why else _people(folder, _cameras(record)),
        codes=_coded(folder),
        why=why,
        models=record.models,
    )


def read_truth_folder(folder: Path) -> Material:
    """Truth in a folder of the same schemas; what has no file there is not known.

    ``intervals.csv`` holds codings by ``tier``. In truth poses ``score`` is the share of the body
    that is seen; where all are 1 it is not known, and people with fewer than three joints in sight
    count for nothing.
    """
    cameras: dict[str, str] = {}
    span = None
    if (folder / LESSON_FILE).is_file():
        record = read_document(folder / LESSON_FILE, LESSON)
        cameras, span = _cameras(record), record.span
    turns = _turns(folder)
    return Material(
        span=span,
        turns=turns,
        speech=_speech(folder) if turns is None else _union(turns),
        transcript=_transcript(folder),
        events=_events(folder),
        measures=_measures(folder),
        people={name: _as_truth(seen) for name, seen in _people(folder, cameras).items()},
        codes=_codes(folder),
    )


def _as_truth(seen: PeopleSeen) -> PeopleSeen:
    people = seen.series.people
    if (people.scores < 1).any():
        return replace(seen, visible=people.scores)
    joints = (people.keypoints[:, :, 2] > HIDDEN).sum(axis=1)
    return replace(seen, ignored=joints < LEAST_JOINTS)


def _codes(folder: Path) -> dict[str, tuple[Labelled, ...]]:
    path = folder / INTERVALS
    codes: dict[str, list[Labelled]] = {}
    for row in read_intervals(path) if path.is_file() else ():
        codes.setdefault(row.who, []).append(row)
    return {name: tuple(rows) for name, rows in codes.items()}


def _coded(folder: Path) -> dict[str, tuple[Labelled, ...]]:
    """What the program coded, by scheme."""
    codes: dict[str, list[Labelled]] = {}
    for row in published_codes(folder, predicted=True):
        codes.setdefault(row.scheme, []).append(Labelled(row.start_s, row.end_s, row.code))
    return {name: tuple(rows) for name, rows in codes.items()}


def _union(turns: tuple[Turn, ...]) -> Intervals:
    return normalise(intervals((t.start_s, t.end_s) for t in turns))


def _cameras(record: LessonRecord) -> dict[str, str]:
    return {item.stream: item.role.value for item in record.inputs}


def _optional(folder: Path, schema: schemas.TableSchema) -> Table | None:
    path = table_path(folder, schema)
    return read_table(path, schema) if path.is_file() else None


def _turns(folder: Path) -> tuple[Turn, ...] | None:
    table = _optional(folder, schemas.TURNS)
    return None if table is None else convert.turns_from(table)


def _events(folder: Path) -> Any:
    table = _optional(folder, schemas.EVENTS)
    return None if table is None else convert.events_from(table)


def _has(folder: Path, schema: schemas.TableSchema) -> bool:
    return table_path(folder, schema).is_file()


def _measures(folder: Path, first: str = "") -> Any:
    """Measures in the file ``first`` where there is one, else in their usual file."""
    earlier = folder / first
    path = earlier if first and earlier.is_file() else document_path(folder, MEASURES)
    return read_document(path, MEASURES) if path.is_file() else None


def _transcript(folder: Path) -> Transcript | None:
    path = document_path(folder, TRANSCRIPT)
    return read_document(path, TRANSCRIPT) if path.is_file() else None


# ---------------------------------------------------------------- speech


def _speech(folder: Path) -> Intervals | None:
    table = _optional(folder, schemas.LEVELS)
    if table is None or len(table) < 2:
        return None
    times_s = table.array("time_s")
    return speech_of_levels(times_s, table.array("speech").astype(float))


def speech_of_levels(times_s: NDArray[np.float64], share: NDArray[np.float64]) -> Intervals:
    """Where speech is (n, 2), from the share of each equal step that is speech.

    Exact where speech and pauses are longer than a step (0.1 s; the analysis drops shorter ones):
    the speech in a step that is partly speech lies at the side of the neighbour that has speech.
    Where both or neither neighbour has, its place inside the step is taken to be the middle.
    """
    step_s = float(times_s[1] - times_s[0])
    before = np.concatenate([[0.0], share[:-1]]) > 0
    after = np.concatenate([share[1:], [0.0]]) > 0
    rows: list[tuple[float, float]] = []
    for k in np.flatnonzero(share > 0):
        start_s, spoken_s = float(times_s[k]), float(share[k]) * step_s
        end_s = start_s + step_s
        if share[k] > _FULL:
            rows.append((start_s, end_s))
        elif before[k] and after[k]:
            half_s = spoken_s / 2
            rows += [(start_s, start_s + half_s), (end_s - half_s, end_s)]
        elif before[k]:
            rows.append((start_s, start_s + spoken_s))
        elif after[k]:
            rows.append((end_s - spoken_s, end_s))
        else:
            middle_s = start_s + step_s / 2
            rows.append((middle_s - spoken_s / 2, middle_s + spoken_s / 2))
    return normalise(intervals(rows), join_gap_s=step_s / 1000)


# ---------------------------------------------------------------- pictures


def _people(folder: Path, cameras: dict[str, str]) -> dict[str, PeopleSeen]:
    frames = _optional(folder, schemas.FRAMES)
    poses = _optional(folder, schemas.POSES)
    if frames is None or poses is None:
        return {}
    tracks = _optional(folder, schemas.TRACKS)
    pose_stream = np.asarray(poses.cells("stream"), dtype=object)
    frame_stream = np.asarray(frames.cells("stream"), dtype=object)
    if tracks is not None and len(tracks) != len(poses):
        raise DataError("tracks and poses do not fit together", subject=str(folder))
    seen: dict[str, PeopleSeen] = {}
    for stream in sorted(set(frames.cells("stream"))):
        rows, pictures = pose_stream == stream, frame_stream == stream
        series = _series(_only(poses, rows), _only(frames, pictures))
        own_tracks = None if tracks is None else _tracks(_only(tracks, rows))
        seen[stream] = PeopleSeen(series, cameras.get(stream, stream), own_tracks)
    return seen


def _series(poses: Table, frames: Table) -> PoseSeries:
    size_px = (int(frames.array("width_px")[0]), int(frames.array("height_px")[0]))
    return convert.poses_from(
        [poses],
        len(poses),
        frames,
        size_px=size_px,
        every_s=float(frames.array("every_s")[0]),
    )


def _tracks(table: Table) -> Tracks:
    """Tracks with their roles and without the evidence, which no score needs."""
    track_id = table.array("track_id")
    roles = dict(zip(track_id.tolist(), table.cells("role"), strict=True))
    return Tracks(
        track_id,
        tuple(
            TrackRole(number, PersonRole(role), 1.0, ())
            for number, role in sorted(roles.items())
            if number != NO_TRACK
        ),
    )


def _only(table: Table, rows: NDArray[np.bool_]) -> Table:
    at = np.flatnonzero(rows)
    values = {
        name: [cells[i] for i in at] if isinstance(cells, list) else cells[at]
        for name, cells in table.values.items()
    }
    return Table(table.schema, values, table.extra, table.lesson_id)
