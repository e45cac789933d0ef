"""From stage folders to the lesson's folder that people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from classwatch.core.issues import Issue
from classwatch.core.lesson import StreamSpec
from classwatch.exchange.lesson_coding import (
    PREDICTED_CODES,
    PREDICTED_EVENTS,
    PREDICTED_MEASURES,
    PREDICTED_TRANSCRIPT,
    PREDICTED_TURNS,
)
from classwatch.exchange.subtitles import to_srt, to_vtt
from classwatch.pipeline.prepare import Prepared
from classwatch.pipeline.record import StageResult, read_result
from classwatch.pipeline.stage import Stage
from classwatch.pipeline.stages.codes import codes_path
from classwatch.pipeline.stages.facts import lesson_span
from classwatch.pipeline.stages.measures import PREDICTED
from classwatch.pipeline.stages.media import read_media
from classwatch.pipeline.stages.pose import read_series
from classwatch.pipeline.stages.report import REPORT_FILE
from classwatch.pipeline.stages.speech import read_optional_activity, read_words
from classwatch.pipeline.versions import versions
from classwatch.store import convert, schemas
from classwatch.store.artifacts import load_codes, load_document, load_turns, table_path
from classwatch.store.cache import Cache
from classwatch.store.documents import (
    MEASURES,
    ROLE_EVIDENCE,
    SLIDES,
    SOUND_CHECKS,
    TRANSCRIPT,
    document_bytes,
)
from classwatch.store.lesson_folder import publish_lesson
from classwatch.store.parquet import publish_tables, table_bytes, write_pieces
from classwatch.store.records import InputRecord, LessonRecord, ModelRecord, StageRecord
from classwatch.store.sheets import csv_bytes

Folders = Mapping[str, Path]


def publish(
    prepared: Prepared, stages: Sequence[Stage], folders: Folders, out: Path, cache: Cache
) -> Path:
    """Write the lesson's folder from its stages' artifacts; unchanged files are left alone.

    Large tables are put together in a private folder of the cache, which is swept after a kill.
    """
    record = _record(prepared, stages, folders)
    files: dict[str, bytes | Path] = {REPORT_FILE: folders["report"] / REPORT_FILE}
    files |= _speech_files(prepared.lesson.id, folders)
    files |= _code_files(prepared.lesson.id, folders)
    files |= _measure_files(prepared.lesson.id, folders)
    files |= _predicted_files(prepared.lesson.id, folders)
    files |= _slide_files(folders)
    with cache.open_entry(stages[-1].key) as scratch:
        files |= _picture_files(prepared, folders, scratch)
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
        corrections=prepared.digests.get("corrections", ""),
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
            size_bytes=prepared.sizes_bytes[s.name],
            offset_s=s.offset_s,
            media=read_media(media[s.name]),
            drift_ppm=s.drift_ppm,
        )
        for s in prepared.lesson.streams
    )


def _speech_files(lesson_id: str, folders: Folders) -> dict[str, bytes | Path]:
    turns = folders.get("correct", folders["turns"])
    evidence = load_document(folders["turns"], ROLE_EVIDENCE)
    files: dict[str, bytes | Path] = {
        "turns.parquet": table_bytes(convert.turns_table(load_turns(turns)), lesson_id),
        "roles.json": document_bytes(ROLE_EVIDENCE, evidence),
        "sound_checks.json": document_bytes(
            SOUND_CHECKS, load_document(folders["turns"], SOUND_CHECKS)
        ),
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


def _slide_files(folders: Folders) -> dict[str, bytes | Path]:
    """The words on the screens, of all of them together; no file where none was read."""
    own = [folder for name, folder in folders.items() if name.startswith("slides:")]
    slides = tuple(slide for folder in own for slide in load_document(folder, SLIDES))
    return {"slides.json": document_bytes(SLIDES, slides)} if own else {}


def _picture_files(prepared: Prepared, folders: Folders, scratch: Path) -> dict[str, bytes | Path]:
    streams = sorted(prepared.lesson.video_streams, key=lambda s: s.name)
    if not streams:
        return {}
    people = [folders[f"people:{s.name}"] for s in streams]
    sources = {
        schema: [table_path(folder, schema) for folder in people]
        for schema in (schemas.FRAMES, schemas.TRACKS, schemas.EVENTS)
    }
    if "correct" in folders:
        predicted = scratch / PREDICTED_EVENTS
        publish_tables(predicted, schemas.EVENTS, sources[schemas.EVENTS], prepared.lesson.id)
        sources[schemas.EVENTS] = [table_path(folders["correct"], schemas.EVENTS)]
    sources[schemas.POSES] = [_poses_on_lesson_clock(s, folders, scratch) for s in streams]
    files: dict[str, bytes | Path] = {}
    for schema, paths in sources.items():
        target = table_path(scratch, schema)
        publish_tables(target, schema, paths, prepared.lesson.id)
        files[target.name] = target
    if "correct" in folders:
        files[PREDICTED_EVENTS] = predicted
    return files


def _poses_on_lesson_clock(stream: StreamSpec, folders: Folders, scratch: Path) -> Path:
    folder = folders[f"pose:{stream.name}"]
    if stream.offset_s == 0 and stream.drift_ppm == 0:
        return table_path(folder, schemas.POSES)
    shifted = scratch / f"{stream.name}.poses.parquet"
    pieces = convert.poses_pieces(stream.name, read_series(folder, stream))
    write_pieces(shifted, schemas.POSES, pieces)
    return shifted


def _predicted_files(lesson_id: str, folders: Folders) -> dict[str, bytes | Path]:
    """What people's corrections took the place of: both versions are kept."""
    if "correct" not in folders:
        return {}
    turns = load_turns(folders["turns"])
    measures = load_document(folders["measures"], PREDICTED)
    files: dict[str, bytes | Path] = {
        PREDICTED_TURNS: table_bytes(convert.turns_table(turns), lesson_id),
        PREDICTED_MEASURES: document_bytes(MEASURES, measures),
        PREDICTED_CODES: _codes(lesson_id, folders, predicted=True),
    }
    transcript = read_words(folders["turns"])
    if transcript is not None:
        files[PREDICTED_TRANSCRIPT] = document_bytes(TRANSCRIPT, transcript)
    return files


def _code_files(lesson_id: str, folders: Folders) -> dict[str, bytes | Path]:
    if not codes_path(folders["codes"]).is_file():
        return {}
    return {f"{schemas.CODES.name}.parquet": _codes(lesson_id, folders, predicted=False)}


def _codes(lesson_id: str, folders: Folders, *, predicted: bool) -> bytes:
    rows = load_codes(codes_path(folders["codes"], predicted=predicted))
    return table_bytes(convert.codes_table(rows), lesson_id)


def _measure_files(lesson_id: str, folders: Folders) -> dict[str, bytes | Path]:
    measures = load_document(folders["measures"], MEASURES)
    table = convert.measures_table(measures)
    return {
        "measures.json": document_bytes(MEASURES, measures),
        "measures.parquet": table_bytes(table, lesson_id),
        "measures.csv": csv_bytes(table, lesson_id),
    }
