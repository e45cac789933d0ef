"""What is kept beside a stage's artifacts: its key, what it cost and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from classwatch.core.issues import Issue
from classwatch.store.documents import DocumentSchema, read_document, write_document

RECORD_FILE = "stage.json"


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A model that a stage used."""

    name: str
    task: str
    sha256: str


@dataclass(frozen=True, slots=True)
class StageRecord:
    """One run of one stage. ``seconds`` is what it took when it was computed."""

    stage: str
    version: int
    key: str
    seconds: float
    models: tuple[ModelRecord, ...]
    issues: tuple[Issue, ...]


_SCHEMA = DocumentSchema[StageRecord]("stage", 1, StageRecord, "How one stage ran.")


def write_record(folder: Path, record: StageRecord) -> None:
    """Keep the record in a stage's folder."""
    write_document(folder / RECORD_FILE, _SCHEMA, record)


def read_record(folder: Path) -> StageRecord:
    """The record in a stage's folder; ``DataError`` when it is not one."""
    return read_document(folder / RECORD_FILE, _SCHEMA)
