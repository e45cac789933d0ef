"""How much arms and mouths move during each turn, against the lesson's silence.

What a camera shows of the teacher, of another adult and of standing students is compared with what
it shows of them while nobody is heard: a camera that sees no difference says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.motion import MOVERS, Motion
from classwatch.core.time import Intervals

MOVED = tuple(f"{who.value}_{part}" for who in MOVERS for part in ("arms", "mouth"))
"""What moves, in this order everywhere below."""
MORE = tuple(f"{name}_more" for name in MOVED)
"""Mean movement in deviations from that in silence."""
TOLD = tuple(f"{name}_told" for name in MOVED)
MOTION = (
    *TOLD,
    *MORE,
    *(f"{name}_clear" for name in MOVED),
    *(f"{name}_of_voice" for name in MOVED),
)
"""``clear``: the mean times the root of the pictures that it is of, so that long turns say more;
``of_voice``: the same over all turns of the voice."""
FEWEST = 8
"""Pictures of silence, and pictures at all, from which movement is compared."""
_LEAST_S = 0.3
_MOST = 3.0
_CLEAR = 3.0
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """One thing in one stream: ``until_s`` (k,) of the pictures that show it, ascending, and its
    movement (k,) in the ``every_s`` before each, in deviations from silence."""

    until_s: Array
    every_s: float
    more: Array


def motion_figures(
    span: Intervals, voice: NDArray[np.int32], speech: Intervals, motions: Sequence[Motion]
) -> Array:
    """Figures (n, ``MOTION``) of turns ``span`` (n, 2) of ``voice`` (n,), -1 for nobody's.

    ``speech`` (c, 2), ascending, is where anybody is heard. Unknown figures are 0.
    """
    found = np.zeros((4, len(MOVED), len(span)))
    for column in range(len(MOVED)):
        seconds, total = np.zeros(len(span)), np.zeros(len(span))
        pictures = np.zeros(len(span))
        for shown in _in_each(motions, column, speech):
            weight, value = _during(span, shown)
            seconds, total = seconds + weight, total + value
            pictures += weight / shown.every_s
        told = seconds >= np.minimum(_LEAST_S, 0.5 * (span[:, 1] - span[:, 0]))
        told &= seconds > 0
        found[0, column] = told
        found[1, column, told] = total[told] / seconds[told]
        found[2, column] = _clear(total * told, seconds * told, pictures * told)
        for one in np.unique(voice[voice >= 0]):
            own = voice == one
            sums = (np.array([np.sum(x[own])]) for x in (total, seconds, pictures))
            found[3, column, own] = _clear(*sums)
    return np.ascontiguousarray(found.reshape(len(MOTION), len(span)).T)


def _clear(total: Array, seconds: Array, pictures: Array) -> Array:
    mean = total / np.maximum(seconds, 1e-9)
    return np.clip(mean * np.sqrt(pictures) / _CLEAR, -_MOST, _MOST)


def _in_each(motions: Sequence[Motion], column: int, speech: Intervals) -> Iterator[_Shown]:
    """What each stream that shows it often enough tells of one thing."""
    for motion in motions:
        table = motion.mouth if column % 2 else motion.arms
        values = table[:, column // 2].astype(np.float64)
        known = np.flatnonzero(np.isfinite(values))
        until_s, own = motion.times_s[known], values[known]
        quiet = ~_heard(until_s - motion.every_s, until_s, speech)
        if quiet.sum() >= FEWEST and float(own.std()) > 0:
            more = np.clip((own - own[quiet].mean()) / own.std(), -_MOST, _MOST)
            yield _Shown(until_s, motion.every_s, more)


def _heard(start_s: Array, end_s: Array, speech: Intervals) -> NDArray[np.bool_]:
    """Whether anybody is heard in stretches (k, 2)."""
    before = np.searchsorted(speech[:, 0], end_s)
    reach = np.maximum.accumulate(np.concatenate([[-np.inf], speech[:, 1]]))
    return np.asarray(reach[before] > start_s)


def _during(span: Intervals, shown: _Shown) -> tuple[Array, Array]:
    """Seconds (n,) of each turn that pictures show, and the movement summed over them."""
    seconds, total = np.zeros(len(span)), np.zeros(len(span))
    first = np.searchsorted(shown.until_s, span[:, 0], side="right")
    last = np.searchsorted(shown.until_s, span[:, 1] + shown.every_s)
    for at, (start_s, end_s) in enumerate(span.tolist()):
        until_s = shown.until_s[first[at] : last[at]]
        shared = np.minimum(until_s, end_s) - np.maximum(until_s - shown.every_s, start_s)
        shared = np.maximum(shared, 0.0)
        seconds[at] = shared.sum()
        total[at] = shared @ shown.more[first[at] : last[at]]
    return seconds, total
