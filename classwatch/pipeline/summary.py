"""The run as a whole: how every lesson ended, and one row of figures for each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from classwatch.config import Config
from classwatch.core.errors import InputError
from classwatch.core.measures import Measure
from classwatch.exchange.manifest import LessonSource
from classwatch.pipeline.listen import LessonOutcome
from classwatch.pipeline.versions import versions
from classwatch.store.catalogue import write_run
from classwatch.store.documents import MEASURES, read_document
from classwatch.store.lesson_folder import LESSON_FILE
from classwatch.store.records import LESSON, Run, RunLesson


def write_summary(
    out: Path, config: Config, outcomes: Sequence[LessonOutcome], sources: Sequence[LessonSource]
) -> Path:
    """Write ``run.json`` and the summary tables; returns the summary for spreadsheets."""
    metadata = {s.lesson_id: dict(s.spec.metadata) if s.spec else {} for s in sources}
    measures: dict[str, tuple[Measure, ...]] = {}
    lessons: list[RunLesson] = []
    for outcome in outcomes:
        issues = 0
        if outcome.folder is not None:
            measures[outcome.lesson_id] = read_document(outcome.folder / "measures.json", MEASURES)
            issues = len(read_document(outcome.folder / LESSON_FILE, LESSON).issues)
        lessons.append(
            RunLesson(
                lesson_id=outcome.lesson_id,
                status=outcome.status,
                metadata=metadata[outcome.lesson_id],
                issues=issues,
                exit_code=outcome.error.exit_code if outcome.error else 0,
                reason=_reason(outcome),
                remedy=outcome.error.remedy if outcome.error else "",
            )
        )
    run = Run(versions(), config.model_dump(mode="json"), tuple(lessons))
    write_run(out, run, measures)
    return out / "summary.xlsx"


def _reason(outcome: LessonOutcome) -> str:
    error = outcome.error
    if error is None:
        return ""
    if isinstance(error, InputError) and error.subject:
        return f"{Path(error.subject).name}: {error.message}"
    return error.message
