"""Time cut at every edge: who talks, in truth and as found, between two neighbouring edges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.speech import STUDENT_ROLES, SpeakerRole, Turn
from classwatch.core.time import Intervals, contains, intervals, normalise


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Stretches of the scored time within which nothing changes, k of them.

    ``length_s`` (k,); ``truth`` and ``found`` hold a mask (k,) per label: whether it is on.
    """

    length_s: NDArray[np.float64]
    truth: Mapping[str, NDArray[np.bool_]]
    found: Mapping[str, NDArray[np.bool_]]


def pieces(
    truth: Mapping[str, Intervals], found: Mapping[str, Intervals], scored: Intervals
) -> Pieces:
    """The pieces of ``scored``, exactly, without frames."""
    sets = [*truth.values(), *found.values(), scored]
    edges = np.unique(np.concatenate([part.ravel() for part in sets]))
    middle = (edges[1:] + edges[:-1]) / 2
    inside = contains(scored, middle)
    middle, length_s = middle[inside], np.diff(edges)[inside]
    return Pieces(
        length_s,
        {label: contains(times, middle) for label, times in truth.items()},
        {label: contains(times, middle) for label, times in found.items()},
    )


def by_role(turns: Iterable[Turn], *, fine: bool) -> dict[str, Intervals]:
    """Normalised talk time of each role; unless ``fine``, several students are ``student``."""
    joined = {} if fine else dict.fromkeys(STUDENT_ROLES, SpeakerRole.STUDENT)
    return by_label((str(joined.get(turn.role, turn.role)), turn) for turn in turns)


def by_speaker(turns: Iterable[Turn]) -> dict[str, Intervals]:
    """Normalised talk time of each speaker; turns without one are put together by role."""
    return by_label((turn.speaker or f"({turn.role})", turn) for turn in turns)


def by_label(turns: Iterable[tuple[str, Turn]]) -> dict[str, Intervals]:
    """Normalised time of the turns under each label, labels in alphabetical order."""
    rows: dict[str, list[tuple[float, float]]] = {}
    for label, turn in turns:
        rows.setdefault(label, []).append((turn.start_s, turn.end_s))
    return {label: normalise(intervals(times)) for label, times in sorted(rows.items())}
