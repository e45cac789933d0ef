"""What ``lesson.json`` and ``run.json`` hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from classwatch.core.issues import Issue
from classwatch.core.media import MediaInfo, StreamRole
from classwatch.core.time import Interval
from classwatch.store.documents import DocumentSchema


class LessonStatus(StrEnum):
    """How the work on a lesson ended."""

    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    """Not even begun: its row in the manifest does not allow it."""


@dataclass(frozen=True, slots=True)
class InputRecord:
    """One input file: its own name without folders, and its content by digest."""

    stream: str
    role: StreamRole
    file: str
    sha256: str
    size_bytes: int
    offset_s: float = 0.0
    media: MediaInfo | None = None
    drift_ppm: float = 0.0


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """One model that had a part in the result."""

    task: str
    name: str
    sha256: str
    licence: str = ""


@dataclass(frozen=True, slots=True)
class StageRecord:
    """One stage: the key of its result, and how long that took when it was made."""

    stage: str
    key: str
    stream: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class LessonRecord:
    """Everything needed to trace and repeat the analysis of one lesson.

    ``span`` is the analysed part of the lesson clock; ``versions`` name the programs; ``config``
    is the resolved configuration; ``files`` maps every published file to its SHA-256 (filled by
    ``publish_lesson``).
    """

    lesson_id: str
    metadata: Mapping[str, str]
    span: Interval | None
    inputs: tuple[InputRecord, ...]
    config: Mapping[str, object]
    versions: Mapping[str, str]
    models: tuple[ModelRecord, ...] = ()
    issues: tuple[Issue, ...] = ()
    stages: tuple[StageRecord, ...] = ()
    transcript: str = ""
    """Digest of a transcript given by the user, "" without one."""
    corrections: str = ""
    """Digest of what people corrected in earlier results, "" without corrections."""
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunLesson:
    """How one lesson of a run ended; ``reason`` and ``remedy`` are "" for ``done``."""

    lesson_id: str
    status: LessonStatus
    metadata: Mapping[str, str] = field(default_factory=dict)
    issues: int = 0
    exit_code: int = 0
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One call of the program over some lessons.

    ``summary`` is the digest of the summary's content and ``files`` maps its files to their
    SHA-256; both are filled by ``write_run``.
    """

    versions: Mapping[str, str]
    config: Mapping[str, object]
    lessons: tuple[RunLesson, ...]
    summary: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


LESSON: DocumentSchema[LessonRecord] = DocumentSchema(
    "lesson", 1, LessonRecord, "How one lesson was analysed: inputs, versions, findings, files."
)
RUN: DocumentSchema[Run] = DocumentSchema(
    "run", 1, Run, "How every lesson of a run ended, with reasons."
)
