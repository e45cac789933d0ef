"""The clocks of a lesson's streams, as the stage ``align`` leaves them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from classwatch.core.lesson import LessonSpec
from classwatch.store.artifacts import load_document
from classwatch.store.documents import DocumentSchema


@dataclass(frozen=True, slots=True)
class StreamClock:
    """The clock of one stream: see ``StreamSpec``."""

    stream: str
    offset_s: float
    drift_ppm: float


CLOCKS: DocumentSchema[tuple[StreamClock, ...]] = DocumentSchema(
    "clocks", 1, tuple[StreamClock, ...], "Clocks of streams as found by their sound (cache only)."
)


def needs_aligning(lesson: LessonSpec) -> bool:
    """Whether a lesson has streams whose place on the clock nobody told."""
    return len(lesson.streams) > 1 and not all(s.offset_given for s in lesson.streams)


def aligned(lesson: LessonSpec, folder: Path) -> LessonSpec:
    """The lesson with the clocks that the stage in ``folder`` found."""
    found = {clock.stream: clock for clock in load_document(folder, CLOCKS)}
    streams = tuple(
        replace(s, offset_s=found[s.name].offset_s, drift_ppm=found[s.name].drift_ppm)
        for s in lesson.streams
    )
    return replace(lesson, streams=streams)
