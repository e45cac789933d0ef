"""A run: lessons in, folders and a summary out. The only place that survives every failure."""

from __future__ import annotations

import tempfile
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path

from classwatch.config import Config
from classwatch.core.errors import ClasswatchError, ResourceError
from classwatch.core.lesson import LessonSpec
from classwatch.core.machine import usable_cores
from classwatch.exchange.manifest import LessonSource
from classwatch.pipeline.device import calm_threads, default_memory_limit_mb
from classwatch.pipeline.graph import build_graph
from classwatch.pipeline.isolate import Bug, Isolated, Limits
from classwatch.pipeline.listen import (
    LessonOutcome,
    PlannedStage,
    RunListener,
    RunResult,
    SilentListener,
)
from classwatch.pipeline.options import RunOptions
from classwatch.pipeline.prepare import Prepared, prepare
from classwatch.pipeline.stage import Stage
from classwatch.pipeline.standing import is_published
from classwatch.pipeline.summary import write_summary
from classwatch.pipeline.worker import (
    LessonJob,
    StageFinished,
    StageProgress,
    StageStarted,
    run_lesson,
)
from classwatch.store.cache import Cache
from classwatch.store.lesson_folder import lesson_folder
from classwatch.store.records import LessonStatus

SILENT_LIMIT_S = 600.0
TOTAL_LIMIT_S = 12 * 3600.0


def run(
    sources: Sequence[LessonSource],
    out: Path,
    config: Config,
    options: RunOptions,
    listener: RunListener | None = None,
) -> RunResult:
    """Analyse lessons into ``out``; one lesson's failure never stops the others.

    Raises ``ResourceError`` when the output folder or the cache cannot be written at all.
    """
    crew = _Crew(out, config, options, listener or SilentListener(), max(1, len(sources)))
    for source in sources:
        crew.add(source)
    outcomes = crew.finish()
    summary = write_summary(out, config, outcomes, sources)
    failed = any(o.status is not LessonStatus.DONE for o in outcomes)
    return RunResult(outcomes, 1 if failed else 0, summary)


def plan(
    sources: Sequence[LessonSource], out: Path, config: Config, options: RunOptions
) -> tuple[PlannedStage, ...]:
    """What ``run`` would do: one line per stage, hit or miss and why. Writes nothing."""
    lines: list[PlannedStage] = []
    cache = Cache(options.cache or out / ".cache")
    for source in sources:
        prepared = prepare(source, config, options, cache, out)
        if isinstance(prepared, ClasswatchError):
            lines.append(PlannedStage(source.lesson_id, "-", "", False, f"fails: {prepared}"))
            continue
        missing: set[str] = set()
        for stage in build_graph(prepared):
            hit = cache.lookup(stage.key) is not None and not options.force
            lines.append(
                PlannedStage(
                    source.lesson_id, stage.name, stage.key, hit, _why(stage.after, hit, missing)
                )
            )
            if not hit:
                missing.add(stage.name)
    return tuple(lines)


def _why(after: tuple[str, ...], hit: bool, missing: set[str]) -> str:
    if hit:
        return "in the cache under this key"
    upstream = [name for name in after if name in missing]
    if upstream:
        return f"needs {', '.join(upstream)} first"
    return "nothing in the cache under this key"


@dataclass(slots=True, eq=False)
class _Running:
    child: Isolated
    lesson: LessonSpec
    began: float
    hits: int = 0
    ran: int = 0


class _Crew:
    """Keeps up to ``jobs`` lessons running and collects how each ended."""

    def __init__(
        self, out: Path, config: Config, options: RunOptions, listener: RunListener, count: int
    ) -> None:
        calm_threads()
        self.out, self.config, self.options, self.listener = out, config, options, listener
        cores = usable_cores()
        self.jobs = min(options.jobs or max(1, cores // 4), count)
        self.workers = max(1, cores // self.jobs)
        self.limits = Limits(
            total_s=options.time_limit_s or TOTAL_LIMIT_S,
            silent_s=min(SILENT_LIMIT_S, options.time_limit_s or SILENT_LIMIT_S),
            memory_mb=options.memory_limit_mb or default_memory_limit_mb(self.jobs),
        )
        self.cache_root = (options.cache or out / ".cache").absolute()
        self.cache = Cache(self.cache_root)
        _check_writable(out, "--out")
        _check_writable(self.cache_root, "--cache")
        self.waiting: deque[LessonSource] = deque()
        self.running: list[_Running] = []
        self.ended: dict[str, LessonOutcome] = {}
        self.order: list[str] = []

    def add(self, source: LessonSource) -> None:
        self.waiting.append(source)
        self.order.append(source.lesson_id)

    def finish(self) -> tuple[LessonOutcome, ...]:
        try:
            while self.waiting or self.running:
                while self.waiting and len(self.running) < self.jobs:
                    self._start(self.waiting.popleft())
                self._listen()
        finally:
            for unfinished in self.running:
                unfinished.child.kill()
        return tuple(self.ended[lesson_id] for lesson_id in self.order)

    def _start(self, source: LessonSource) -> None:
        began = time.monotonic()
        prepared = prepare(source, self.config, self.options, self.cache, self.out)
        if isinstance(prepared, ClasswatchError):
            status = LessonStatus.REFUSED if source.refused else LessonStatus.FAILED
            self._end(LessonOutcome(source.lesson_id, status, None, prepared, 0, 0, _since(began)))
            return
        stages = build_graph(prepared)
        self.listener.lesson_started(prepared.lesson.id, tuple(s.name for s in stages))
        folder = lesson_folder(self.out, prepared.lesson.id)
        if not self.options.force and is_published(folder, prepared, stages):
            for stage in stages:
                self.listener.stage_finished(prepared.lesson.id, stage.name, True, 0.0)
            self._end(
                LessonOutcome(
                    prepared.lesson.id,
                    LessonStatus.DONE,
                    folder,
                    error=None,
                    hits=len(stages),
                    ran=0,
                    seconds=_since(began),
                )
            )
            return
        job = self._job(prepared, stages)
        subject = str(prepared.lesson.streams[0].path)
        child = Isolated(run_lesson, job, subject=subject, limits=self.limits)
        self.running.append(_Running(child, prepared.lesson, began))

    def _job(self, prepared: Prepared, stages: tuple[Stage, ...]) -> LessonJob:
        return LessonJob(
            prepared=prepared,
            stages=stages,
            out=self.out,
            cache=self.cache_root,
            force=self.options.force,
            workers=self.workers,
        )

    def _listen(self) -> None:
        if not self.running:
            return
        wait([r.child.pipe for r in self.running if not r.child.ended], timeout=0.2)
        for running in list(self.running):
            for message in running.child.poll():
                self._pass_on(running, message)
            if running.child.ended:
                self.running.remove(running)
                self._close(running)

    def _pass_on(self, running: _Running, message: object) -> None:
        lesson_id = running.lesson.id
        if isinstance(message, StageStarted):
            self.listener.stage_started(lesson_id, message.stage)
        elif isinstance(message, StageProgress):
            self.listener.stage_progress(lesson_id, message.stage, message.share)
        elif isinstance(message, StageFinished):
            running.hits += message.hit
            running.ran += not message.hit
            self.listener.stage_finished(lesson_id, message.stage, message.hit, message.seconds)

    def _close(self, running: _Running) -> None:
        error = running.child.error
        if isinstance(error, Bug):
            error = self._keep_trace(running.lesson.id, error)
        self._end(
            LessonOutcome(
                running.lesson.id,
                LessonStatus.DONE if error is None else LessonStatus.FAILED,
                running.child.result,
                error,
                running.hits,
                running.ran,
                _since(running.began),
            )
        )

    def _trace(self, lesson_id: str) -> Path:
        return self.out / f"{lesson_id}.trace.txt"

    def _keep_trace(self, lesson_id: str, bug: Bug) -> ClasswatchError:
        place = self._trace(lesson_id)
        try:
            place.write_text(bug.trace, encoding="utf-8")
        except OSError:
            return ClasswatchError(f"a bug in classwatch: {bug.summary}", subject=lesson_id)
        return ClasswatchError(
            f"a bug in classwatch: {bug.summary}",
            subject=lesson_id,
            remedy=f"please report it with {place}",
        )

    def _end(self, outcome: LessonOutcome) -> None:
        self.ended[outcome.lesson_id] = outcome
        if outcome.status is LessonStatus.DONE:
            # Of an earlier run that met a bug.
            with suppress(OSError):
                self._trace(outcome.lesson_id).unlink(missing_ok=True)
        self.listener.lesson_finished(outcome)


def _check_writable(folder: Path, option: str) -> None:
    """Fail before any work when nothing could be kept; ``ResourceError`` naming the folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ResourceError(
            f"cannot write here: {error.strerror or error}",
            subject=str(folder),
            remedy=f"give a folder that can be written to with {option}",
        ) from error


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)
