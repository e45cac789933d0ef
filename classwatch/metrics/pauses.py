"""Pauses between speakers, timed on the edges that voice activity detection found.

Turn and word times are too coarse for wait time (typical one second). So the end of a question or
an answer only tells *which* pause is meant; its length is the silence that detection saw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.measures import Gate, Why
from classwatch.core.reasons import Reason
from classwatch.core.speech import SpeakerRole, Turn
from classwatch.core.time import Intervals
from classwatch.metrics.basis import Basis, failed

SNAP_S = 0.5
"""Farthest that a turn's or a word's edge may lie from the detected edge it is taken for."""
RESOLUTION_S = 0.2
"""Wait time is measured to this or not at all (domain practice: the effect is about a second)."""
_GRIDS_S = (1.0, 0.5, 0.25, 0.2, 0.1)
_FINE_S = 0.05


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence ``[start_s, end_s)`` after a moment, and the role of the next voice (None: nobody).

    ``continues`` tells that speech went on without any pause that detection keeps.
    """

    start_s: float
    end_s: float
    next_role: SpeakerRole | None
    continues: bool

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


def grid_of(times_s: NDArray[np.float64]) -> float:
    """Coarsest step of 1, 0.5, 0.25, 0.2, 0.1 s that all times lie on; 0.05 where none fits."""
    for step in _GRIDS_S:
        near = np.abs(times_s / step - np.round(times_s / step)) * step
        if len(times_s) and (near < 1e-3).all():
            return step
    return _FINE_S


def boundary_check(basis: Basis) -> tuple[tuple[Gate, ...], Why | None]:
    """The gate on the precision of speech edges, and why pauses cannot be timed (or None)."""
    if basis.voiced is None:
        return (), Why(Reason.PAUSES_UNTIMED)
    # A handful of edges lies on a coarse grid by chance too rarely to matter.
    step = grid_of(basis.voiced.ravel())
    gate = Gate(
        "boundary",
        step,
        RESOLUTION_S,
        step <= RESOLUTION_S,
        f"edges of speech known to {RESOLUTION_S:g} s",
    )
    return (gate,), failed((gate,))


class Voices:
    """Who talks when, for quick look-ups of the next voice; ``turns`` are sorted by start."""

    __slots__ = ("ends_s", "reach_s", "roles", "starts_s")

    def __init__(self, turns: tuple[Turn, ...]) -> None:
        self.starts_s = np.array([turn.start_s for turn in turns])
        self.ends_s = np.array([turn.end_s for turn in turns])
        self.roles = tuple(turn.role for turn in turns)
        self.reach_s = np.maximum.accumulate(self.ends_s) if turns else self.ends_s

    def at(self, start_s: float) -> SpeakerRole | None:
        """Role with most talk in the half second from ``start_s``; the later among equals."""
        # Only turns that start before the half second is over and that have not all ended matter.
        first = int(np.searchsorted(self.reach_s, start_s, side="right"))
        stop = int(np.searchsorted(self.starts_s, start_s + SNAP_S))
        best: SpeakerRole | None = None
        most_s = 0.0
        for at in range(first, stop):
            begin_s = max(float(self.starts_s[at]), start_s)
            shared_s = min(float(self.ends_s[at]), start_s + SNAP_S) - begin_s
            if shared_s > 0 and shared_s >= most_s:
                best, most_s = self.roles[at], shared_s
        return best


def pause_after(moment_s: float, voiced: Intervals, voices: Voices) -> Pause | None:
    """The pause that begins at ``moment_s``, give or take ``SNAP_S``; None where that is unclear.

    ``voiced`` is normalised. Unclear is a moment that lies in silence, farther than ``SNAP_S``
    from any end of detected speech, or after which nobody speaks any more.
    """
    if len(voiced) == 0:
        return None
    after = int(np.searchsorted(voiced[:, 1], moment_s))
    near = min(
        (at for at in (after - 1, after) if 0 <= at < len(voiced)),
        key=lambda at: abs(float(voiced[at, 1]) - moment_s),
    )
    end_s = float(voiced[near, 1])
    if abs(end_s - moment_s) <= SNAP_S:
        if near + 1 == len(voiced):
            return None
        next_s = float(voiced[near + 1, 0])
        return Pause(end_s, next_s, voices.at(next_s), continues=False)
    at = int(np.searchsorted(voiced[:, 0], moment_s, side="right")) - 1
    if at >= 0 and moment_s < voiced[at, 1]:
        return Pause(moment_s, moment_s, voices.at(moment_s), continues=True)
    return None
