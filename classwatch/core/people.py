"""Who is who in the picture: tracks within one stream, without any identity."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class PersonRole(StrEnum):
    """What a tracked body is taken for."""

    TEACHER = "teacher"
    STUDENT = "student"
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
    ``desks_middle`` (left as seen in the picture).
    """

    times_s: NDArray[np.float64]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    height: NDArray[np.float32]
    zone: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.times_s)


@dataclass(frozen=True, slots=True, eq=False)
class HeadCounts:
    """Students' heads in each sampled picture (f,): how many up, down, and not to be told.

    ``times_s`` (f,) float64; the counts (f,) int32. Their sum is the number of students seen.
    """

    times_s: NDArray[np.float64]
    up: NDArray[np.int32]
    down: NDArray[np.int32]
    undecided: NDArray[np.int32]

    @property
    def students(self) -> NDArray[np.int32]:
        """Students seen in each sampled picture (f,)."""
        return self.up + self.down + self.undecided


@dataclass(frozen=True, slots=True, eq=False)
class HandCounts:
    """Students' hands in each sampled picture (f,): ``raised`` of ``judged``.

    ``times_s`` (f,) float64; the counts (f,) int32. ``judged`` are the students with at least one
    arm in sight; the others count nowhere.
    """

    times_s: NDArray[np.float64]
    raised: NDArray[np.int32]
    judged: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class ClassCounts:
    """Counts of the whole class in each of f sampled pictures: whole numbers (f,), never per pupil.

    ``students_seen`` is the sum of the three head counts; ``hands_judged`` counts the students with
    an arm in sight, of whom ``hands_raised`` have a hand up.
    """

    students_seen: NDArray[np.int64]
    hands_raised: NDArray[np.int64]
    hands_judged: NDArray[np.int64]
    heads_up: NDArray[np.int64]
    heads_down: NDArray[np.int64]
    heads_undecided: NDArray[np.int64]
