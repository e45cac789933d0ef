"""A lesson as the user described it: its streams and its metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import StreamRole

Times = TypeVar("Times", float, NDArray[np.float64])

METADATA_FIELDS = (
    "school",
    "class",
    "subject",
    "grade",
    "stage",
    "teacher",
    "date",
    "lesson_type",
    "consent",
)
"""Metadata with a meaning of its own, in the order of tables; any other column follows by name."""


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """One media file of a lesson. ``offset_s``: lesson time of the file's time 0.

    ``name`` is unique within the lesson and made of ``[a-z0-9_]``: it keys tables.
    ``offset_given`` is False where nobody said what the offset is. ``drift_ppm``: how many
    millionths longer a second of the file lasts on the lesson clock.
    """

    name: str
    path: Path
    role: StreamRole
    offset_s: float = 0.0
    offset_given: bool = True
    drift_ppm: float = 0.0

    def lesson_s(self, file_s: Times) -> Times:
        """Lesson times of times (a number or an array) on the file's clock."""
        return self.offset_s + file_s * (1.0 + self.drift_ppm / 1e6)


@dataclass(frozen=True, slots=True)
class FloorMark:
    """A marked point of the floor: its pixel in the pictures of ``stream``, and its place in metres
    along the front wall and away from it."""

    stream: str
    x_px: float
    y_px: float
    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class LessonSpec:
    """One row of a manifest. ``id`` is safe as a folder name on every system.

    ``metadata`` holds school, class, subject, grade, stage, teacher (pseudonym), date,
    lesson_type, consent and every unknown column, as strings.
    """

    id: str
    streams: tuple[StreamSpec, ...]
    transcript: Path | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    corrections: Path | None = None
    """What people corrected in earlier results of this lesson."""
    floor: tuple[FloorMark, ...] = ()
    """Marked points of the floor, four or more of each stream that has any."""

    @property
    def video_streams(self) -> tuple[StreamSpec, ...]:
        return tuple(s for s in self.streams if s.role is not StreamRole.AUDIO)
