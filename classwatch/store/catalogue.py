"""The output of a run as a whole: ``run.json``, the summary, and reading lessons back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from classwatch.core.errors import DataError, InputError
from classwatch.core.lesson import METADATA_FIELDS
from classwatch.core.measures import Measure, Unit
from classwatch.store.documents import document_bytes, read_document
from classwatch.store.files import disk_errors, replace_bytes, sha256_of
from classwatch.store.jsonio import canonical_json
from classwatch.store.lesson_folder import LESSON_FILE, STATE_FOLDER
from classwatch.store.locks import held
from classwatch.store.parquet import table_bytes
from classwatch.store.records import LESSON, RUN, LessonRecord, Run, RunLesson
from classwatch.store.schemas import SUMMARY, Column, ColumnType
from classwatch.store.sheets import csv_bytes, xlsx_bytes
from classwatch.store.tables import Table, make_table

RUN_FILE = "run.json"

_SHEETS: Mapping[str, Callable[[Table], bytes]] = {
    "summary.parquet": table_bytes,
    "summary.csv": csv_bytes,
    "summary.xlsx": xlsx_bytes,
}


def write_run(out: Path, run: Run, measures: Mapping[str, Sequence[Measure]]) -> None:
    """Write ``run.json`` and ``summary.{csv,parquet,xlsx}`` into ``out``.

    ``measures`` maps lesson ids to results; lessons without any have empty cells. Unchanged files
    are not touched. Raises ``ResourceError`` where the disk does not allow it.
    """
    table = summary_table(run.lessons, measures)
    digest = _summary_digest(table)
    with held(out / STATE_FOLDER / "run.lock"), disk_errors(out):
        files = _standing_files(out, digest)
        if not files:
            files = {name: _write(out / name, render(table)) for name, render in _SHEETS.items()}
        _write(out / RUN_FILE, document_bytes(RUN, replace(run, summary=digest, files=files)))


def summary_table(lessons: Sequence[RunLesson], measures: Mapping[str, Sequence[Measure]]) -> Table:
    """One row a lesson; the columns depend only on which metadata and measures there are.

    A measure is a column when it speaks of the whole lesson (``part`` empty); one taken in a
    single stream is named ``<id>:<stream>``. Two names that differ in case only are kept apart by
    a number, because SQL is blind to case.
    """
    given = {lesson.lesson_id: list(measures.get(lesson.lesson_id, ())) for lesson in lessons}
    values: dict[str, list[Any]] = {
        "lesson_id": [lesson.lesson_id for lesson in lessons],
        "status": [lesson.status for lesson in lessons],
        "reason": [_reason(lesson) for lesson in lessons],
        "issues": [lesson.issues for lesson in lessons],
        "measured": [sum(m.why is None for m in given[x.lesson_id]) for x in lessons],
        "not_measured": [sum(m.why is not None for m in given[x.lesson_id]) for x in lessons],
    }
    taken = {name.casefold() for name in values}
    extra: list[Column] = []
    for key in _metadata_keys(lessons):
        name = _free_name(key, taken)
        extra.append(Column(name, ColumnType.TEXT, "", "", nullable=True))
        values[name] = [lesson.metadata.get(key) for lesson in lessons]
    cells = {lesson_id: _whole_lesson(found) for lesson_id, found in given.items()}
    for measure, unit in _measure_names(cells.values()):
        name = _free_name(measure, taken)
        kind = ColumnType.TEXT if unit is Unit.CATEGORY else ColumnType.FLOAT64
        extra.append(Column(name, kind, unit.value, "", nullable=True))
        values[name] = [_answer(cells[lesson.lesson_id].get(measure)) for lesson in lessons]
    return make_table(SUMMARY, values, tuple(extra))


def read_lessons(out: Path) -> tuple[LessonRecord, ...]:
    """Every complete lesson in an output folder, by id.

    Raises ``DataError`` for a ``lesson.json`` that this version cannot read.
    """
    paths = sorted(out.glob(f"*/{LESSON_FILE}"))
    records = [(path, read_document(path, LESSON)) for path in paths]
    for path, record in records:
        if record.lesson_id != path.parent.name:
            raise DataError(
                f"describes lesson {record.lesson_id!r}",
                subject=str(path),
                remedy="give the folder its old name back, or run the analysis again",
            )
    return tuple(record for _, record in records)


def _summary_digest(table: Table) -> str:
    columns = [[c.name, c.type.value, table.cells(c.name)] for c in table.columns]
    return hashlib.sha256(canonical_json([SUMMARY.tag, columns])).hexdigest()


def _standing_files(out: Path, digest: str) -> Mapping[str, str]:
    """The summary's files when they still show the same content (spares loading pyarrow)."""
    try:
        earlier = read_document(out / RUN_FILE, RUN)
        if earlier.summary != digest or earlier.files.keys() != _SHEETS.keys():
            return {}
        same = all(sha256_of(out / name) == known for name, known in earlier.files.items())
    except (InputError, OSError):
        return {}
    return earlier.files if same else {}


def _write(path: Path, content: bytes) -> str:
    if not path.is_file() or path.read_bytes() != content:
        replace_bytes(path, content, durable=False)
    return hashlib.sha256(content).hexdigest()


def _reason(lesson: RunLesson) -> str | None:
    if not lesson.reason:
        return None
    return f"{lesson.reason} ({lesson.remedy})" if lesson.remedy else lesson.reason


def _metadata_keys(lessons: Iterable[RunLesson]) -> list[str]:
    found = {key for lesson in lessons for key in lesson.metadata}
    known = [key for key in METADATA_FIELDS if key in found]
    return known + sorted(found - set(known))


def _free_name(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name.casefold() in taken:
        name, number = f"{wanted}_{number}", number + 1
    taken.add(name.casefold())
    return name


def _whole_lesson(measures: Iterable[Measure]) -> dict[str, Measure]:
    return {
        f"{measure.id}:{measure.stream}" if measure.stream else measure.id: measure
        for measure in measures
        if not measure.part
    }


def _measure_names(cells: Iterable[Mapping[str, Measure]]) -> list[tuple[str, Unit]]:
    units = {name: measure.unit for lesson in cells for name, measure in lesson.items()}
    return sorted(units.items())


def _answer(measure: Measure | None) -> float | str | None:
    if measure is None:
        return None
    return measure.category if measure.unit is Unit.CATEGORY else measure.value
