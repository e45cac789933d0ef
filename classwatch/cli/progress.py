"""What a run shows while it goes on: a live display on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from classwatch.cli.console import console, printable

if TYPE_CHECKING:
    from rich.progress import TaskID

    from classwatch.pipeline.listen import LessonOutcome

_HEAVY = {"transcribe": 20.0, "pose": 15.0, "vad": 2.0, "sound": 2.0, "voices": 3.0}
"""Rough share of the work by stage name, for the estimate only; any other stage counts 1."""
_NAME_WIDTH = 24


def _weight(stage: str) -> float:
    return _HEAVY.get(stage.partition(":")[0], 1.0)


@dataclass(slots=True)
class _Lesson:
    """How far one lesson is; ``task`` its line in the display."""

    task: TaskID
    weights: dict[str, float]
    shares: dict[str, float] = field(default_factory=dict)

    def share(self) -> float:
        total = sum(self.weights.values()) or 1.0
        return sum(self.weights.get(s, 1.0) * done for s, done in self.shares.items()) / total


class LiveListener:
    """One line for all lessons with an estimate of the time left, one for each lesson at work."""

    def __init__(self, lessons: int) -> None:
        from rich.progress import (
            BarColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console(sys.stderr),
            transient=True,
            speed_estimate_period=120,
        )
        self._lessons: dict[str, _Lesson] = {}
        self._ended = 0
        self._count = max(1, lessons)
        self._all = self._progress.add_task(self._title(), total=float(self._count))

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def lesson_started(self, lesson_id: str, stages: tuple[str, ...]) -> None:
        task = self._progress.add_task(_fit(lesson_id), total=1.0)
        self._lessons[lesson_id] = _Lesson(task, {s: _weight(s) for s in stages})

    def stage_started(self, lesson_id: str, stage: str) -> None:
        lesson = self._lessons[lesson_id]
        self._progress.update(lesson.task, description=_fit(lesson_id, stage))

    def stage_progress(self, lesson_id: str, stage: str, share: float) -> None:
        self._move(lesson_id, stage, min(max(share, 0.0), 1.0))

    def stage_finished(self, lesson_id: str, stage: str, hit: bool, seconds: float) -> None:
        self._move(lesson_id, stage, 1.0)

    def lesson_finished(self, outcome: LessonOutcome) -> None:
        lesson = self._lessons.pop(outcome.lesson_id, None)
        if lesson is not None:
            self._progress.remove_task(lesson.task)
        self._ended += 1
        if outcome.error is not None:
            text = printable(f"{outcome.status.value}: {outcome.lesson_id}: {outcome.error}")
            self._progress.console.print(text, soft_wrap=True)
        self._refresh()

    def _move(self, lesson_id: str, stage: str, share: float) -> None:
        lesson = self._lessons[lesson_id]
        lesson.shares[stage] = share
        self._progress.update(lesson.task, completed=lesson.share())
        self._refresh()

    def _refresh(self) -> None:
        done = self._ended + sum(lesson.share() for lesson in self._lessons.values())
        self._progress.update(
            self._all, completed=min(done, float(self._count)), description=self._title()
        )

    def _title(self) -> str:
        return f"{self._ended} of {self._count} lessons"


class LineListener:
    """One line for each lesson that ends, for logs and pipes."""

    def __init__(self, lessons: int, write: Callable[[str], None]) -> None:
        self._count = lessons
        self._ended = 0
        self._write = write
        self._began = time.monotonic()

    def lesson_started(self, lesson_id: str, stages: tuple[str, ...]) -> None: ...

    def stage_started(self, lesson_id: str, stage: str) -> None: ...

    def stage_progress(self, lesson_id: str, stage: str, share: float) -> None: ...

    def stage_finished(self, lesson_id: str, stage: str, hit: bool, seconds: float) -> None: ...

    def lesson_finished(self, outcome: LessonOutcome) -> None:
        self._ended += 1
        head = f"[{self._ended}/{self._count}] {outcome.lesson_id}: {outcome.status.value}"
        left = self._left()
        detail = f": {outcome.error}" if outcome.error else f" in {outcome.seconds:.1f} s"
        self._write(f"{head}{detail}{left}")

    def _left(self) -> str:
        remaining = self._count - self._ended
        if remaining <= 0:
            return ""
        estimate_s = (time.monotonic() - self._began) / self._ended * remaining
        return f" (about {estimate_s / 60:.0f} min left)" if estimate_s >= 90 else ""


def _fit(lesson_id: str, stage: str = "") -> str:
    """Name and stage in a width that leaves room for the bar on 80 columns, also in Chinese."""
    from rich.cells import cell_len, set_cell_size

    name = printable(lesson_id)
    if cell_len(name) > _NAME_WIDTH:
        name = set_cell_size(name, _NAME_WIDTH - 1).rstrip() + "…"
    return f"{name} {stage}".rstrip()
