"""Who is who in the picture: tracks within one stream, without any identity."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import StreamRole


class FloorSource(StrEnum):
    """What places on the floor are known from."""

    POINTS = "points"
    """Marked points."""
    SEATS = "seats"
    """The seated class itself."""


class PersonRole(StrEnum):
    """What a tracked body is taken for."""

    TEACHER = "teacher"
    STUDENT = "student"
    ADULT = "adult"
    """Another adult: an assistant, a visitor."""
    UNKNOWN = "unknown"


NO_TRACK = -1


@dataclass(frozen=True, slots=True)
class TrackRole:
    """The role given to one track, how sure, and the evidence as ``name=value`` pairs."""

    track_id: int
    role: PersonRole
    confidence: float
    evidence: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """Track number of every detection of a ``PoseSeries`` (n,), int32, ``NO_TRACK`` where none.

    Numbers are anonymous, start at 0 in order of first appearance and mean nothing outside the
    stream. ``roles`` has one entry per track, in order of ``track_id``.
    """

    track_id: NDArray[np.int32]
    roles: tuple[TrackRole, ...]

    def of_role(self, role: PersonRole) -> NDArray[np.bool_]:
        """Mask (n,) of the detections whose track has ``role``."""
        wanted = [r.track_id for r in self.roles if r.role is role]
        mask: NDArray[np.bool_] = np.isin(self.track_id, wanted)
        return mask


@dataclass(frozen=True, slots=True, eq=False)
class TeacherPath:
    """Where the teacher was in the picture, one row for each sighting, k of them, in time order.

    ``times_s`` (k,) float64; ``x`` and ``y`` (k,) float32 the middle of the hips as shares of the
    picture's width and height, from its upper left corner; ``height`` (k,) float32 the box height
    as a share of the picture's height; ``zone`` (k,) image zone ids such as ``front_left`` or
    ``desks_middle`` (left as seen in the picture). ``setup`` (k,) int32 tells from which of the
    camera's places each was seen: x, y and height compare only within one. ``floor_m`` (k, 2)
    float64 metres on the floor, NaN where the floor is not known; ``floor_error`` the relative
    error of distances on it, ``floor_source`` what it is known from.
    """

    times_s: NDArray[np.float64]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    height: NDArray[np.float32]
    zone: tuple[str, ...]
    setup: NDArray[np.int32]
    floor_m: NDArray[np.float64]
    floor_error: float | None = None
    floor_source: FloorSource | None = None

    def __len__(self) -> int:
        return len(self.times_s)


@dataclass(frozen=True, slots=True, eq=False)
class ClassPictures:
    """Counts of the whole class in the f sampled pictures of one stream, never of one pupil.

    ``frame_times_s`` (f,) float64, ascending, on the lesson clock; ``every_s`` the sampling step;
    all counts are whole numbers (f,). ``students_seen`` is the sum of the three head counts;
    ``hands_judged`` counts the students with an arm in sight, of whom ``hands_raised`` have a hand
    up.
    """

    stream: str
    role: StreamRole
    frame_times_s: NDArray[np.float64]
    every_s: float
    students_seen: NDArray[np.int64]
    hands_raised: NDArray[np.int64]
    hands_judged: NDArray[np.int64]
    heads_up: NDArray[np.int64]
    heads_down: NDArray[np.int64]
    heads_undecided: NDArray[np.int64]

    def __post_init__(self) -> None:
        expected = self.frame_times_s.shape
        for name in CLASS_COUNTS:
            shape = getattr(self, name).shape
            if shape != expected or len(expected) != 1:
                raise ValueError(f"{self.stream}.{name}: expected shape {expected}, got {shape}")
        if np.any(np.diff(self.frame_times_s) <= 0):
            raise ValueError(f"{self.stream}: frame_times_s must ascend")

    def __len__(self) -> int:
        return len(self.frame_times_s)

    @staticmethod
    def nothing(stream: str, role: StreamRole, every_s: float) -> ClassPictures:
        """A stream none of whose pictures can show the class."""
        none = np.zeros(0, np.int64)
        return ClassPictures(stream, role, np.zeros(0), every_s, *(none for _ in CLASS_COUNTS))


CLASS_COUNTS = (
    "students_seen",
    "hands_raised",
    "hands_judged",
    "heads_up",
    "heads_down",
    "heads_undecided",
)
"""The counts of ``ClassPictures``."""
