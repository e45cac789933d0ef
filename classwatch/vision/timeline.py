"""From states seen in single pictures to spells with a beginning and an end.

A state seen in a sampled picture holds until the next one, but never longer than one and a half
sampling steps: pictures that are missing are not filled in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import EventsConfig
from classwatch.core.pose import PoseSeries

NOTHING = 0
"""The state of a picture in which nothing could be told."""
_LONGEST_STEPS = 1.5
_ROUNDING_S = 1e-6


@dataclass(frozen=True, slots=True)
class Spell:
    """One state over ``[start_s, end_s)``; ``first`` and ``last`` index the pictures given.

    ``confidence`` is the mean confidence of the pictures that show the state, times their share of
    the spell's pictures.
    """

    state: int
    start_s: float
    end_s: float
    confidence: float
    first: int
    last: int


def sample_spans(poses: PoseSeries) -> NDArray[np.float64]:
    """The span (f, 2) of lesson time that each sampled picture stands for."""
    times = poses.frame_times_s
    following = np.append(times[1:], times[-1:] + poses.every_s)
    ends = np.minimum(following, times + _LONGEST_STEPS * poses.every_s)
    return np.stack([times, ends], axis=1)


def spells(
    states: NDArray[np.int8],
    confidence: NDArray[np.float32],
    spans: NDArray[np.float64],
    cfg: EventsConfig,
) -> list[Spell]:
    """Spells of states that exclude each other, in order of time.

    ``states`` (k,) of k successive pictures, ``NOTHING`` where not told; ``confidence`` (k,) of
    each; ``spans`` (k, 2). An interruption up to ``cfg.join_gap_s`` between two spells of one state
    is closed when it tells nothing, or tells something else for a shorter time than either spell.
    Spells under ``cfg.min_duration_s`` are then dropped.
    """
    smooth = _absorbed(_filled(states, spans, cfg.join_gap_s), spans, cfg.join_gap_s)
    found: list[Spell] = []
    for first, last in _runs(smooth, spans, cfg.join_gap_s):
        start_s, end_s = float(spans[first, 0]), float(spans[last, 1])
        if smooth[first] == NOTHING or end_s - start_s < cfg.min_duration_s - _ROUNDING_S:
            continue
        shown = states[first : last + 1] == smooth[first]
        sure = float(confidence[first : last + 1][shown].mean() * shown.mean())
        found.append(Spell(int(smooth[first]), start_s, end_s, sure, first, last))
    return found


def _runs(
    states: NDArray[np.int8], spans: NDArray[np.float64], longest_hole_s: float
) -> list[tuple[int, int]]:
    """First and last index of each run of one state without a long hole in the sampling."""
    if len(states) == 0:
        return []
    hole = spans[1:, 0] - spans[:-1, 1] > longest_hole_s + _ROUNDING_S
    cuts = np.flatnonzero((states[1:] != states[:-1]) | hole)
    starts = np.concatenate([[0], cuts + 1])
    ends = np.concatenate([cuts, [len(states) - 1]])
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def _filled(
    states: NDArray[np.int8], spans: NDArray[np.float64], join_gap_s: float
) -> NDArray[np.int8]:
    """Untold pictures between two of one state, with a short enough gap, take that state."""
    filled = states.copy()
    told = np.flatnonzero(states != NOTHING)
    for left, right in zip(told[:-1].tolist(), told[1:].tolist(), strict=True):
        gap_s = spans[right, 0] - spans[left, 1]
        if states[left] == states[right] and gap_s <= join_gap_s + _ROUNDING_S:
            filled[left + 1 : right] = states[left]
    return filled


def _absorbed(
    states: NDArray[np.int8], spans: NDArray[np.float64], join_gap_s: float
) -> NDArray[np.int8]:
    """Short runs between two longer ones of one state take that state."""
    smooth = states.copy()
    runs = _runs(states, spans, join_gap_s)
    long_s = [float(spans[last, 1] - spans[first, 0]) for first, last in runs]
    for i in range(1, len(runs) - 1):
        (_, before), (first, last), (after, _) = runs[i - 1 : i + 2]
        between_s = spans[after, 0] - spans[before, 1]
        surrounded = smooth[before] == smooth[after] != NOTHING
        short = between_s <= join_gap_s + _ROUNDING_S
        if surrounded and short and long_s[i] < min(long_s[i - 1], long_s[i + 1]):
            smooth[first : last + 1] = smooth[before]
    return smooth
