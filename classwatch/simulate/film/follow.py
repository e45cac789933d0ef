"""How a tracking camera follows the teacher: it waits, then pans after, as an operator would."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

STEP_S = 0.2
FREE_M = 0.7
"""The teacher may move this far from the middle before the camera follows."""
RESTED_M = 0.08
"""A pan ends when the teacher is this near to the middle."""
FASTEST_M_S = 1.6
CATCH_UP_PER_S = 1.8
"""Speed of a pan for each metre that it is behind."""


def follow(places_m: Sequence[tuple[float, float] | None]) -> NDArray[np.float64]:
    """Where the camera aims (k, 2) on the floor, for places of the teacher every ``STEP_S``.

    A place of ``None`` (out of the room) leaves the camera where it is. The camera stands still
    while the teacher stays within ``FREE_M`` of the middle.
    """
    aim = np.array(next((p for p in places_m if p is not None), (0.0, 1.0)), np.float64)
    path = np.empty((len(places_m), 2))
    panning = False
    for step, place in enumerate(places_m):
        if place is not None:
            away = np.asarray(place, np.float64) - aim
            distance_m = float(np.hypot(*away))
            panning = distance_m > (RESTED_M if panning else FREE_M)
            if panning:
                speed = min(FASTEST_M_S, CATCH_UP_PER_S * distance_m)
                aim = aim + away * min(1.0, speed * STEP_S / distance_m)
        path[step] = aim
    return path


def aim_at(path: NDArray[np.float64], time_s: float) -> tuple[float, float]:
    """Where a camera with this path aims at ``time_s``; exactly still while the path is."""
    last = len(path) - 1
    before = min(int(time_s / STEP_S), last)
    after = min(before + 1, last)
    share = min(1.0, time_s / STEP_S - before)
    x, z = path[before] + (path[after] - path[before]) * share
    return float(x), float(z)
