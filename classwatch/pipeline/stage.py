"""A stage: a function between artifacts, with everything its result depends on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from classwatch.config import Config
from classwatch.core.issues import Issue
from classwatch.core.lesson import LessonSpec, StreamSpec
from classwatch.core.progress import Progress, silent
from classwatch.store.keys import stage_key


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A verified model file that a stage will load."""

    name: str
    task: str
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True, eq=False)
class StageContext:
    """What a running stage is given.

    ``inputs`` maps upstream stage names to their folders; ``stream`` names the stream of a
    per-stream stage ("" otherwise); ``settings`` are the ones in the stage's key; ``cache`` is the
    root of the cache, for answers of other programs.
    """

    lesson: LessonSpec
    config: Config
    inputs: Mapping[str, Path]
    out: Path
    models: Mapping[str, ModelUse]
    settings: Mapping[str, Any]
    cache: Path
    stream: str = ""
    workers: int = 1
    device: str = "cpu"
    progress: Progress = silent
    issues: list[Issue] = field(default_factory=list)

    def report(self, *issues: Issue) -> None:
        """Keep findings beside the stage's artifacts."""
        self.issues.extend(issues)

    def stream_spec(self) -> StreamSpec:
        """The stream of a per-stream stage."""
        return next(s for s in self.lesson.streams if s.name == self.stream)

    def stream_inputs(self, stage: str) -> dict[str, Path]:
        """Folders of every instance of a per-stream stage, by stream name."""
        prefix = f"{stage}:"
        return {
            name.removeprefix(prefix): path
            for name, path in self.inputs.items()
            if name.startswith(prefix)
        }


StageFunction = Callable[[StageContext], None]


def load_function(place: str) -> StageFunction:
    """The stage function at ``module:name``.

    Places are text so that planning a run, and finding that nothing is to be done, loads no stage.
    """
    module, _, name = place.partition(":")
    function: StageFunction = getattr(import_module(module), name)
    return function


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One stage of one lesson. ``name`` is ``kind`` or ``kind:stream``; ``place`` its function.

    ``settings`` (plain JSON values) and ``sources`` (digests of files read) complete the key
    together with models and upstream keys; nothing else may influence the result.
    """

    name: str
    version: int
    place: str
    after: tuple[str, ...]
    settings: Mapping[str, Any]
    sources: tuple[str, ...]
    models: tuple[ModelUse, ...]
    key: str

    @property
    def stream(self) -> str:
        """Stream name of a per-stream stage, "" otherwise."""
        return self.name.partition(":")[2]


@dataclass(frozen=True, slots=True, eq=False)
class StageKind:
    """A stage before it is bound to a lesson. Raise ``version`` when its output changes."""

    name: str
    version: int
    place: str

    def bind(
        self,
        *,
        stream: str = "",
        after: tuple[Stage, ...] = (),
        settings: Mapping[str, Any] | None = None,
        sources: tuple[str, ...] = (),
        models: tuple[ModelUse, ...] = (),
    ) -> Stage:
        """The stage for one lesson (and stream), with its key."""
        chosen = settings or {}
        key = stage_key(
            self.name,
            self.version,
            config=chosen,
            models={m.task: m.sha256 for m in models},
            inputs=[*sources, *(s.key for s in after)],
        )
        return Stage(
            name=f"{self.name}:{stream}" if stream else self.name,
            version=self.version,
            place=self.place,
            after=tuple(s.name for s in after),
            settings=chosen,
            sources=sources,
            models=models,
            key=key,
        )
