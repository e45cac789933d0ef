"""What a run tells whoever watches it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from classwatch.core.errors import ClasswatchError
from classwatch.store.records import LessonStatus


@dataclass(frozen=True, slots=True)
class LessonOutcome:
    """One lesson's end. ``hits`` and ``ran`` count stages; ``error`` is given unless done."""

    lesson_id: str
    status: LessonStatus
    folder: Path | None
    error: ClasswatchError | None
    hits: int
    ran: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RunResult:
    """A whole run: ``exit_code`` 0 when every lesson is done, 1 otherwise."""

    outcomes: tuple[LessonOutcome, ...]
    exit_code: int
    summary: Path


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """One line of ``--plan``: whether the stage would run, and why."""

    lesson_id: str
    stage: str
    key: str
    hit: bool
    why: str


class RunListener(Protocol):
    """Hears of a run; called from one thread only."""

    def lesson_started(self, lesson_id: str, stages: tuple[str, ...]) -> None: ...

    def stage_started(self, lesson_id: str, stage: str) -> None: ...

    def stage_progress(self, lesson_id: str, stage: str, share: float) -> None: ...

    def stage_finished(self, lesson_id: str, stage: str, hit: bool, seconds: float) -> None: ...

    def lesson_finished(self, outcome: LessonOutcome) -> None: ...


class SilentListener:
    """A listener that ignores everything."""

    def lesson_started(self, lesson_id: str, stages: tuple[str, ...]) -> None: ...

    def stage_started(self, lesson_id: str, stage: str) -> None: ...

    def stage_progress(self, lesson_id: str, stage: str, share: float) -> None: ...

    def stage_finished(self, lesson_id: str, stage: str, hit: bool, seconds: float) -> None: ...

    def lesson_finished(self, outcome: LessonOutcome) -> None: ...
