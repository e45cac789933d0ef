"""What runs inside a lesson's own process: its stages, then its folder."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from classwatch.core.lesson import LessonSpec
from classwatch.pipeline.isolate import Send
from classwatch.pipeline.memory import trim_memory
from classwatch.pipeline.prepare import Prepared
from classwatch.pipeline.record import StageResult, write_result
from classwatch.pipeline.stage import Stage, StageContext, load_function
from classwatch.pipeline.stages.clocks import aligned
from classwatch.store.cache import Cache


@dataclass(frozen=True, slots=True, eq=False)
class LessonJob:
    """Everything a lesson's process needs."""

    prepared: Prepared
    stages: tuple[Stage, ...]
    out: Path
    cache: Path
    force: bool
    workers: int


@dataclass(frozen=True, slots=True)
class StageStarted:
    """Message: a stage begins."""

    stage: str


@dataclass(frozen=True, slots=True)
class StageProgress:
    """Message: a stage is this far."""

    stage: str
    share: float


@dataclass(frozen=True, slots=True)
class StageFinished:
    """Message: a stage is done, from the cache (``hit``) or by work."""

    stage: str
    hit: bool
    seconds: float


_HEARTBEAT_S = 20.0


def run_lesson(job: LessonJob, send: Send) -> Path:
    """Run what is missing and publish the lesson's folder; returns the folder.

    Sound and picture do not wait for each other: speech fills the time in which a picture worker
    waits for the next. Raises the error of the first stage, in the order of the graph, that failed.
    """
    cache = Cache(job.cache)
    board = _Board(send)
    lanes = [
        [s for s in job.stages if _is_picture(s) is picture and not _is_last(s)]
        for picture in (False, True)
    ]
    with ThreadPoolExecutor(len(lanes)) as pool:
        for lane in lanes:
            pool.submit(_run_lane, job, lane, cache, board)
    _run_lane(job, [s for s in job.stages if _is_last(s)], cache, board)
    for stage in job.stages:
        if stage.name in board.errors:
            raise board.errors[stage.name]
    from classwatch.pipeline.publish import publish

    folders = {stage.name: board.folders[stage.name] for stage in job.stages}
    prepared = replace(job.prepared, lesson=_on_found_clocks(job.prepared.lesson, folders))
    return publish(prepared, job.stages, folders, job.out, cache)


def _on_found_clocks(lesson: LessonSpec, folders: Mapping[str, Path]) -> LessonSpec:
    """The lesson with the clocks that were found by sound, where that was done."""
    return aligned(lesson, folders["align"]) if "align" in folders else lesson


def _is_picture(stage: Stage) -> bool:
    return stage.name.startswith(("pose:", "people:", "slides:"))


def _is_last(stage: Stage) -> bool:
    return stage.name in ("turns", "correct", "codes", "measures", "report")


class _Board:
    """What is done so far, shared by the lanes of one lesson."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._changed = threading.Condition()
        self.folders: dict[str, Path] = {}
        self.errors: dict[str, BaseException] = {}

    def tell(self, message: StageStarted | StageProgress | StageFinished) -> None:
        """Send a message; one lane at a time, because a pipe takes one writer."""
        with self._changed:
            self._send(message)

    def wait_for(self, names: tuple[str, ...]) -> bool:
        """Wait until all of ``names`` are done; False as soon as any stage has failed."""
        with self._changed:
            self._changed.wait_for(
                lambda: bool(self.errors) or all(name in self.folders for name in names)
            )
            return not self.errors

    def done(self, name: str, folder: Path) -> None:
        with self._changed:
            self.folders[name] = folder
            self._changed.notify_all()

    def failed(self, name: str, error: BaseException) -> None:
        with self._changed:
            self.errors[name] = error
            self._changed.notify_all()


def _run_lane(job: LessonJob, stages: list[Stage], cache: Cache, board: _Board) -> None:
    for stage in stages:
        if not board.wait_for(stage.after):
            return
        board.tell(StageStarted(stage.name))
        began = time.perf_counter()
        try:
            folder, hit = _run_stage(job, stage, cache, board)
        except BaseException as error:  # noqa: BLE001 - handed to the lesson's own thread
            board.failed(stage.name, error)
            return
        board.tell(StageFinished(stage.name, hit, time.perf_counter() - began))
        board.done(stage.name, folder)


def _run_stage(job: LessonJob, stage: Stage, cache: Cache, board: _Board) -> tuple[Path, bool]:
    if job.force:
        cache.remove(stage.key)
    waiting = threading.Event()
    with _heartbeat(waiting, board, stage.name):

        def make(folder: Path) -> None:
            waiting.clear()
            _compute(job, stage, folder, board)

        entry, hit = cache.obtain(stage.key, make, on_wait=waiting.set)
    return entry.path, hit


@contextmanager
def _heartbeat(waiting: threading.Event, board: _Board, stage: str) -> Iterator[None]:
    """Tell that this process lives while it waits for another run to make the same result."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(_HEARTBEAT_S):
            if waiting.is_set():
                board.tell(StageProgress(stage, 0.0))

    threading.Thread(target=beat, daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def _compute(job: LessonJob, stage: Stage, out: Path, board: _Board) -> None:
    sent = [0.0]

    def progress(share: float, /) -> None:
        now = time.monotonic()
        if now - sent[0] > 0.1 or share >= 1.0:
            sent[0] = now
            board.tell(StageProgress(stage.name, share))

    inputs = {name: board.folders[name] for name in stage.after}
    context = StageContext(
        lesson=_on_found_clocks(job.prepared.lesson, inputs),
        config=job.prepared.config,
        inputs=inputs,
        out=out,
        models={m.task: m for m in stage.models},
        settings=stage.settings,
        cache=job.cache,
        stream=stage.stream,
        workers=job.workers,
        device=job.prepared.device,
        progress=progress,
    )
    began = time.perf_counter()
    load_function(stage.place)(context)
    trim_memory()
    seconds = round(time.perf_counter() - began, 3)
    write_result(out, StageResult(seconds, tuple(context.issues)))
