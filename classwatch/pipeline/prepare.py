"""From a lesson as described to a lesson ready for its graph: digests, transcript, models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from classwatch.config import Config
from classwatch.config.schema import FloorConfig, FloorPoint
from classwatch.core.errors import ClasswatchError, InputError, ModelError, UsageError
from classwatch.core.issues import Issue
from classwatch.core.lesson import LessonSpec
from classwatch.exchange.manifest import LessonSource
from classwatch.models import Registry
from classwatch.pipeline.device import resolve_device
from classwatch.pipeline.options import RunOptions
from classwatch.pipeline.stage import ModelUse
from classwatch.store.cache import Cache
from classwatch.store.keys import file_digest
from classwatch.store.lesson_folder import CORRECTIONS_FILE, CORRECTIONS_FOLDER, lesson_folder


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A lesson whose files have been read once for their digests.

    ``digests`` maps stream names (and ``transcript``, ``corrections``) to SHA-256; ``sizes_bytes``
    maps stream names to sizes of files; ``models`` maps tasks to what will be used, without the
    tasks that have no model here.
    """

    lesson: LessonSpec
    config: Config
    digests: Mapping[str, str]
    models: Mapping[str, ModelUse]
    device: str
    issues: tuple[Issue, ...]
    sizes_bytes: Mapping[str, int] = field(default_factory=dict)


def prepare(
    source: LessonSource, config: Config, options: RunOptions, cache: Cache, out: Path
) -> Prepared | ClasswatchError:
    """The prepared lesson, or the reason why this lesson cannot be analysed.

    Corrections are those in the lesson's folder of the results ``out``.
    """
    try:
        if source.error is not None:
            return source.error
        check_language_model(config, offline=options.offline)
        lesson = _with_transcript(source.require(), options.transcript)
        lesson = _with_corrections(on_one_clock(lesson), out)
        digests = {s.name: _digest(cache, s.path) for s in lesson.streams}
        if lesson.transcript is not None:
            digests["transcript"] = _digest(cache, lesson.transcript)
        if lesson.corrections is not None:
            digests["corrections"] = file_digest(lesson.corrections)
        device = resolve_device(options.device)
        return Prepared(
            lesson=lesson,
            config=_with_floor(config, lesson),
            digests=digests,
            models=_models(config, lesson, options),
            device=device,
            issues=source.issues,
            sizes_bytes={s.name: s.path.stat().st_size for s in lesson.streams},
        )
    except ClasswatchError as error:
        return error


def _with_transcript(lesson: LessonSpec, given: Path | None) -> LessonSpec:
    if given is not None:
        return replace(lesson, transcript=given)
    if lesson.transcript is not None:
        return lesson
    from classwatch.exchange.transcripts import find_sidecar

    for stream in lesson.streams:
        beside = find_sidecar(stream.path)
        if beside is not None:
            return replace(lesson, transcript=beside)
    return lesson


def _with_floor(config: Config, lesson: LessonSpec) -> Config:
    """The lesson's own marked points of the floor win over those of the configuration."""
    own = {mark.stream for mark in lesson.floor}
    if not own:
        return config
    marks = tuple(
        FloorPoint(stream=m.stream, x=m.x_px, y=m.y_px, x_m=m.x_m, y_m=m.y_m, unit="px")
        for m in lesson.floor
    )
    points = (*(p for p in config.floor.points if p.stream not in own), *marks)
    return config.model_copy(update={"floor": FloorConfig(points=points)})


def _with_corrections(lesson: LessonSpec, out: Path) -> LessonSpec:
    path = lesson_folder(out, lesson.id) / CORRECTIONS_FOLDER / CORRECTIONS_FILE
    return replace(lesson, corrections=path) if path.is_file() else lesson


def on_one_clock(lesson: LessonSpec) -> LessonSpec:
    """Shift offsets so that the earliest stream starts at lesson time 0 or later."""
    earliest = min(s.offset_s for s in lesson.streams)
    if earliest >= 0:
        return lesson
    streams = tuple(replace(s, offset_s=s.offset_s - earliest) for s in lesson.streams)
    return replace(lesson, streams=streams)


def _digest(cache: Cache, path: Path) -> str:
    if path.is_file() and path.stat().st_size == 0:
        raise InputError("the file is empty (0 bytes)", subject=str(path), remedy="copy it again")
    return file_digest(path, memo=cache.memo)


def check_named_models(config: Config) -> None:
    """Raise ``ModelError`` for a model that is asked for by name and is not on this machine."""
    registry = Registry.load()
    named = {
        "pose": config.pose.model,
        "asr": config.transcribe.model,
        "speaker": config.speakers.model,
    }
    for task, name in named.items():
        if name not in ("auto", "none") and registry.find(name, task) is None:
            raise _not_here(name)


def check_language_model(config: Config, *, offline: bool) -> None:
    """Raise ``UsageError`` for a language model that is not named, or that may not be asked."""
    if config.discourse.backend != "llm":
        return
    from classwatch.discourse.llm.endpoint import open_endpoint

    open_endpoint(config.discourse.base_url, offline=offline)
    if not config.discourse.model.strip():
        raise UsageError(
            "nothing says which language model to ask",
            subject="discourse.model",
            remedy="--set discourse.model=NAME, as the server calls it",
        )


def _not_here(name: str) -> ModelError:
    return ModelError(
        "is not on this machine",
        subject=f"model {name}",
        remedy=f"run `classwatch models pull {name}`, or carry it over and run "
        "`classwatch models import PATH`",
    )


def _models(config: Config, lesson: LessonSpec, options: RunOptions) -> dict[str, ModelUse]:
    """Models for this lesson; a name that was asked for and is absent is a ``ModelError``."""
    registry = Registry.load()
    wanted = {"speaker": config.speakers.model}
    if lesson.video_streams:
        wanted["pose"] = config.pose.model
    if lesson.transcript is None:
        wanted["asr"] = config.transcribe.model
    found: dict[str, ModelUse] = {}
    for task, name in wanted.items():
        if name == "none":
            continue
        model = registry.find(name, task, offline=options.offline)
        if model is None and name != "auto":
            raise _not_here(name)
        if model is not None:
            found[task] = ModelUse(model.name, task, model.path, model.sha256)
    return found
