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
