"""How arms and mouths in a simulated lesson would be seen to move, from what happens in it.

Drawn, not rendered: the sizes below are those of rendered people read by a pose model (see
docs/speech.md). How much a pair of hands goes along with talk, how well a camera sees mouths, and
whether it sees the right person at all are drawn anew each time, down to nothing, so that fitting
learns how far to trust them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import Event, EventKind
from classwatch.core.motion import MOVERS, Motion, Mover
from classwatch.core.speech import SpeakerRole, Turn
from classwatch.core.time import Intervals, contains, intervals, normalise

_STEPS_S = (0.5, 1.0)
"""Of the teacher's camera and of the one of the class."""
_SEEN_BY = ((Mover.TEACHER, Mover.ADULT), (Mover.STUDENT,))
_ARMS_LOG, _ARMS_SPREAD = -1.8, 0.7
"""Logarithm of the speed of arms at rest, and its deviation."""
_ARMS_MORE = 0.8
"""What the liveliest hands add to it while their owner talks; one in five adds nothing."""
_MOUTH, _MOUTH_SPREAD = 0.5, 0.17
_MOUTH_MORE = 0.32
"""What the mouths best seen add while they talk."""
_STILL_HANDS = 0.2
_NO_FACES = 0.4
"""Share of cameras whose faces are too small for mouths."""
_WRONG = 0.1
"""Share of cameras that take somebody else for whom they follow."""
_ADULT_SEEN = 0.5
"""Share of lessons in which somebody is taken for another adult, whether one speaks or not: that an
adult is seen must not tell that one is heard."""
_TOLD = (0.3, 0.95)
"""Share of pictures in which what could be seen is told."""
_ROLES = {Mover.TEACHER: SpeakerRole.TEACHER, Mover.ADULT: SpeakerRole.ADULT}
_AWAY = (EventKind.TEACHER_NOT_VISIBLE,)
_TURNED = (EventKind.TEACHER_NOT_VISIBLE, EventKind.TEACHER_AT_BOARD, EventKind.TEACHER_AMONG_DESKS)
Array = NDArray[np.float64]


def moving(
    truth: Sequence[Turn],
    events: Iterable[Event],
    duration_s: float,
    rng: np.random.Generator,
) -> tuple[Motion, ...]:
    """What two cameras tell of the movement in a lesson with these turns and events."""
    own = list(events)
    found = []
    for every_s, movers in zip(_STEPS_S, _SEEN_BY, strict=True):
        times_s = np.arange(every_s, duration_s, every_s)
        arms = np.full((len(times_s), len(MOVERS)), np.nan, np.float32)
        mouth = arms.copy()
        for who in movers:
            here, faced = _seen(who, truth, own, times_s)
            talks = _covered(_spoken(who, truth), times_s, every_s)
            if rng.random() < _WRONG:
                talks = rng.permutation(talks)
            if who is Mover.ADULT and rng.random() >= _ADULT_SEEN:
                continue
            column = MOVERS.index(who)
            arms[:, column] = _arms(talks, here, rng)
            mouth[:, column] = _mouth(talks, faced, rng)
        found.append(Motion(times_s, every_s, arms, mouth))
    return tuple(found)


def _arms(talks: Array, seen: NDArray[np.bool_], rng: np.random.Generator) -> Array:
    lively = 0.0 if rng.random() < _STILL_HANDS else rng.uniform(0.25, 1.0)
    level = _ARMS_LOG + rng.normal(0.0, 0.3) + _ARMS_MORE * lively * talks
    values = np.exp(rng.normal(level, _ARMS_SPREAD))
    return np.where(seen & (rng.random(len(talks)) < rng.uniform(*_TOLD)), values, np.nan)


def _mouth(talks: Array, seen: NDArray[np.bool_], rng: np.random.Generator) -> Array:
    if rng.random() < _NO_FACES:
        return np.full(len(talks), np.nan)
    clear = rng.uniform(0.0, 1.0)
    level = _MOUTH + rng.normal(0.0, 0.05) + _MOUTH_MORE * clear * talks
    values = np.clip(rng.normal(level, _MOUTH_SPREAD), 0.0, 1.0)
    return np.where(seen & (rng.random(len(talks)) < rng.uniform(*_TOLD)), values, np.nan)


def _seen(
    who: Mover, truth: Sequence[Turn], events: list[Event], times_s: Array
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether somebody's arms (f,) and face (f,) could be seen."""
    if who is Mover.STUDENT:
        stands = contains(_times(events, (EventKind.STANDING,)), times_s)
        return stands, stands
    if who is Mover.TEACHER:
        hidden, turned = (contains(_times(events, kinds), times_s) for kinds in (_AWAY, _TURNED))
        return ~hidden, ~turned
    everywhere = np.ones(len(times_s), np.bool_)
    return everywhere, everywhere


def _spoken(who: Mover, truth: Sequence[Turn]) -> Intervals:
    """When somebody speaks; a standing student is taken for the one who answers."""
    role = _ROLES.get(who, SpeakerRole.STUDENT)
    return normalise(intervals((t.start_s, t.end_s) for t in truth if t.role is role))


def _times(events: list[Event], kinds: tuple[EventKind, ...]) -> Intervals:
    return normalise(intervals((e.start_s, e.end_s) for e in events if e.kind in kinds))


def _covered(spans: Intervals, until_s: Array, every_s: float) -> Array:
    """Share (f,) of the ``every_s`` before each time that lies in ``spans``, which are apart."""
    total = np.zeros(len(until_s))
    for start_s, end_s in spans.tolist():
        first = int(np.searchsorted(until_s, start_s))
        last = int(np.searchsorted(until_s, end_s + every_s))
        cells = until_s[first:last]
        shared = np.minimum(cells, end_s) - np.maximum(cells - every_s, start_s)
        total[first:last] += np.maximum(shared, 0.0) / every_s
    return np.minimum(total, 1.0)
