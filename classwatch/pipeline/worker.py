"""What runs inside a lesson's own process: its stages in order, then its folder."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from classwatch.pipeline.isolate import Send
from classwatch.pipeline.prepare import Prepared
from classwatch.pipeline.record import StageResult, write_result
from classwatch.pipeline.stage import Stage, StageContext, load_function
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


def run_lesson(job: LessonJob, send: Send) -> Path:
    """Run what is missing and publish the lesson's folder; returns the folder."""
    cache = Cache(job.cache)
    folders: dict[str, Path] = {}
    for stage in job.stages:
        send(StageStarted(stage.name))
        began = time.perf_counter()
        hit = _run_stage(job, stage, folders, cache, send)
        send(StageFinished(stage.name, hit, time.perf_counter() - began))
    from classwatch.pipeline.publish import publish

    return publish(job.prepared, job.stages, folders, job.out, cache)


def _run_stage(
    job: LessonJob, stage: Stage, folders: dict[str, Path], cache: Cache, send: Send
) -> bool:
    if job.force:
        cache.remove(stage.key)
    entry, hit = cache.obtain(
        stage.key,
        lambda folder: _compute(job, stage, folders, folder, send),
        on_wait=lambda: send(StageProgress(stage.name, 0.0)),
    )
    folders[stage.name] = entry.path
    return hit


def _compute(
    job: LessonJob, stage: Stage, folders: Mapping[str, Path], out: Path, send: Send
) -> None:
    sent = [0.0]

    def progress(share: float, /) -> None:
        now = time.monotonic()
        if now - sent[0] > 0.1 or share >= 1.0:
            sent[0] = now
            send(StageProgress(stage.name, share))

    context = StageContext(
        lesson=job.prepared.lesson,
        config=job.prepared.config,
        inputs={name: folders[name] for name in stage.after},
        out=out,
        models={m.task: m for m in stage.models},
        settings=stage.settings,
        stream=stage.stream,
        workers=job.workers,
        device=job.prepared.device,
        progress=progress,
    )
    began = time.perf_counter()
    load_function(stage.place)(context)
    seconds = round(time.perf_counter() - began, 3)
    write_result(out, StageResult(seconds, tuple(context.issues)))
