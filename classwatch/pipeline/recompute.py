"""Measures and report of a lesson anew, from what is kept of it; the recording is not needed."""

from __future__ import annotations

from pathlib import Path

from classwatch.config import Config
from classwatch.core.errors import InputError
from classwatch.core.issues import Issue
from classwatch.core.lesson import LessonSpec, StreamSpec
from classwatch.pipeline.graph import last_stages
from classwatch.pipeline.prepare import Prepared
from classwatch.pipeline.record import read_result
from classwatch.pipeline.stage import ModelUse, Stage
from classwatch.pipeline.worker import LessonJob, run_lesson
from classwatch.store.cache import Cache
from classwatch.store.keys import file_digest
from classwatch.store.lesson_folder import CORRECTIONS_FILE, CORRECTIONS_FOLDER
from classwatch.store.records import LessonRecord

_LAST = ("correct", "codes", "measures", "report")


def recompute(folder: Path, record: LessonRecord, cache_root: Path) -> Path:
    """Compute measures and report of the lesson in ``folder`` with the corrections beside it.

    Its other results are taken from the cache under the keys in ``record``, so that a later
    analysis of the recording finds everything done. Raises InputError where the cache no longer
    holds one of them.
    """
    cache = Cache(cache_root)
    seen = tuple(_kept(s.stage, s.stream, s.key) for s in record.stages if s.stage not in _LAST)
    folders: dict[str, Path] = {}
    for stage in seen:
        entry = cache.lookup(stage.key)
        if entry is None:
            raise InputError(
                f"the result of {stage.name} is no longer in {cache_root}",
                subject=str(folder),
                remedy="analyse the recording again into the same folder: the corrections are "
                "used; or name the cache with --cache",
            )
        folders[stage.name] = entry.path
    prepared = _prepared(folder, record, _given(record, folders, cache))
    stages = (*seen, *last_stages(prepared, seen))
    job = LessonJob(prepared, stages, folder.parent, cache_root, force=False, workers=1)
    return run_lesson(job, lambda _: None)


def _kept(kind: str, stream: str, key: str) -> Stage:
    """A stage whose result is there: only its name and key matter."""
    name = f"{kind}:{stream}" if stream else kind
    return Stage(name, 0, "", (), {}, (), (), key)


def _given(record: LessonRecord, folders: dict[str, Path], cache: Cache) -> tuple[Issue, ...]:
    """Findings that came with the lesson and not from a stage: the first ones of the record."""
    from_stages = [len(read_result(path).issues) for path in folders.values()]
    for stage in record.stages:
        if stage.stage in _LAST:
            entry = cache.lookup(stage.key)
            if entry is None:
                raise InputError(
                    f"the result of {stage.stage} is no longer kept",
                    subject=record.lesson_id,
                    remedy="analyse the recording again into the same folder",
                )
            from_stages.append(len(read_result(entry.path).issues))
    return record.issues[: len(record.issues) - sum(from_stages)]


def _prepared(folder: Path, record: LessonRecord, issues: tuple[Issue, ...]) -> Prepared:
    path = folder / CORRECTIONS_FOLDER / CORRECTIONS_FILE
    lesson = LessonSpec(
        record.lesson_id,
        tuple(
            StreamSpec(i.stream, Path(i.file), i.role, i.offset_s, drift_ppm=i.drift_ppm)
            for i in record.inputs
        ),
        metadata=record.metadata,
        corrections=path if path.is_file() else None,
    )
    digests = {item.stream: item.sha256 for item in record.inputs}
    if record.transcript:
        digests["transcript"] = record.transcript
    if lesson.corrections is not None:
        digests["corrections"] = file_digest(lesson.corrections)
    return Prepared(
        lesson=lesson,
        config=Config.model_validate(record.config),
        digests=digests,
        models={m.task: ModelUse(m.name, m.task, Path(), m.sha256) for m in record.models},
        device="cpu",
        issues=issues,
        sizes_bytes={item.stream: item.size_bytes for item in record.inputs},
    )
