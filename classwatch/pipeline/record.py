"""What is kept beside a stage's artifacts: what it cost and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from classwatch.core.issues import Issue
from classwatch.store.artifacts import load_document, save_document
from classwatch.store.documents import DocumentSchema


@dataclass(frozen=True, slots=True)
class StageResult:
    """One run of one stage. ``seconds`` is what it took when it was computed."""

    seconds: float
    issues: tuple[Issue, ...]


_SCHEMA: DocumentSchema[StageResult] = DocumentSchema(
    "stage", 1, StageResult, "How one stage ran (cache only)."
)


def write_result(folder: Path, result: StageResult) -> None:
    """Keep the record in a stage's folder."""
    save_document(folder, _SCHEMA, result)


def read_result(folder: Path) -> StageResult:
    """The record in a stage's folder; ``DataError`` when it is not one."""
    return load_document(folder, _SCHEMA)
