"""From stage folders to the lesson's folder that people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from classwatch.core.issues import Issue
from classwatch.exchange.subtitles import to_srt, to_vtt
from classwatch.pipeline.prepare import Prepared
from classwatch.pipeline.record import StageResult, read_result
from classwatch.pipeline.stage import Stage
from classwatch.pipeline.stages.measures import lesson_span
from classwatch.pipeline.stages.media import read_media
from classwatch.pipeline.stages.pose import read_series
from classwatch.pipeline.stages.report import REPORT_FILE
from classwatch.pipeline.stages.speech import read_optional_activity, read_words
from classwatch.pipeline.versions import versions
from classwatch.store import convert, schemas
from classwatch.store.artifacts import load_document, load_events, load_turns, table_path
from classwatch.store.documents import (
    MEASURES,
    ROLE_EVIDENCE,
    TRANSCRIPT,
    document_bytes,
)
from classwatch.store.lesson_folder import publish_lesson
from classwatch.store.records import InputRecord, LessonRecord, ModelRecord, StageRecord
from classwatch.store.sheets import csv_bytes
from classwatch.store.tables import Table, concatenate, read_table, table_bytes

Folders = Mapping[str, Path]


def publish(prepared: Prepared, stages: Sequence[Stage], folders: Folders, out: Path) -> Path:
    """Write the lesson's folder from its stages' artifacts; unchanged files are left alone."""
    record = _record(prepared, stages, folders)
    files: dict[str, bytes | Path] = {REPORT_FILE: folders["report"] / REPORT_FILE}
    files |= _speech_files(prepared.lesson.id, folders)
    files |= _picture_files(prepared, folders)
    files |= _measure_files(prepared.lesson.id, folders)
    return publish_lesson(out, record, files)


def _record(prepared: Prepared, stages: Sequence[Stage], folders: Folders) -> LessonRecord:
    results = {name: read_result(folder) for name, folder in folders.items()}
    media = {s.name: folders[f"media:{s.name}"] for s in prepared.lesson.streams}
    return LessonRecord(
        lesson_id=prepared.lesson.id,
        metadata=dict(prepared.lesson.metadata),
        span=lesson_span(prepared.lesson.streams, media),
        inputs=_inputs(prepared, media),
        config=prepared.config.model_dump(mode="json"),
        versions=versions(),
        models=tuple(
            ModelRecord(m.task, m.name, m.sha256)
            for m in sorted(prepared.models.values(), key=lambda m: m.task)
        ),
        issues=_issues(prepared, results),
        stages=tuple(
            StageRecord(s.name.partition(":")[0], s.key, s.stream, results[s.name].seconds)
            for s in stages
        ),
        transcript=prepared.digests.get("transcript", ""),
    )


def _issues(prepared: Prepared, results: Mapping[str, StageResult]) -> tuple[Issue, ...]:
    return prepared.issues + tuple(i for result in results.values() for i in result.issues)


def _inputs(prepared: Prepared, media: Mapping[str, Path]) -> tuple[InputRecord, ...]:
    return tuple(
        InputRecord(
            stream=s.name,
            role=s.role,
            file=s.path.name,
            sha256=prepared.digests[s.name],
            size_bytes=s.path.stat().st_size,
            offset_s=s.offset_s,
            media=read_media(media[s.name]),
        )
        for s in prepared.lesson.streams
    )


def _speech_files(lesson_id: str, folders: Folders) -> dict[str, bytes | Path]:
    turns = folders["turns"]
    files: dict[str, bytes | Path] = {
        "turns.parquet": table_bytes(convert.turns_table(load_turns(turns)), lesson_id),
        "roles.json": document_bytes(ROLE_EVIDENCE, load_document(turns, ROLE_EVIDENCE)),
    }
    activity = read_optional_activity(folders["vad"])
    if activity is not None:
        files["levels.parquet"] = table_bytes(convert.levels_table(activity), lesson_id)
    transcript = read_words(turns)
    if transcript is not None:
        files["transcript.json"] = document_bytes(TRANSCRIPT, transcript)
        files["transcript.srt"] = to_srt(transcript).encode("utf-8")
        files["transcript.vtt"] = to_vtt(transcript).encode("utf-8")
    return files


def _picture_files(prepared: Prepared, folders: Folders) -> dict[str, bytes | Path]:
    streams = prepared.lesson.video_streams
    if not streams:
        return {}
    people = {s.name: folders[f"people:{s.name}"] for s in streams}
    poses = [
        convert.poses_table(s.name, read_series(folders[f"pose:{s.name}"], s.offset_s))
        for s in streams
    ]
    events = [e for folder in people.values() for e in load_events(folder)]
    tables: list[Table] = [concatenate(poses), convert.events_table(events)]
    for schema in (schemas.FRAMES, schemas.TRACKS):
        parts = [read_table(table_path(folder, schema), schema) for folder in people.values()]
        tables.append(concatenate(parts))
    return {f"{t.schema.name}.parquet": table_bytes(t, prepared.lesson.id) for t in tables}


def _measure_files(lesson_id: str, folders: Folders) -> dict[str, bytes | Path]:
    measures = load_document(folders["measures"], MEASURES)
    table = convert.measures_table(measures)
    return {
        "measures.json": document_bytes(MEASURES, measures),
        "measures.parquet": table_bytes(table, lesson_id),
        "measures.csv": csv_bytes(table, lesson_id),
    }
