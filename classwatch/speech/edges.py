"""Where exactly speech begins and ends: a 32 ms decision moved to where the level rises or falls.

The detector decides per 32 ms and leans on what follows and went before. Between the level inside
and the level outside there is a place where sound passes from one to the other; within reach of
the decision that place is taken, to 10 ms.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classwatch.core.time import Intervals, intervals, normalise

STEP_S = 0.01
"""Frames of level."""
_REACH_BEFORE, _REACH_AFTER = 16, 12
"""Frames outwards and inwards of the decision among which the edge is looked for."""
_CONTEXT, _APART = 50, 8
_LEAST_RISE_DB = 6.0
_SHARE = 0.4
"""Height of the edge between the level outside and inside, in dB."""
_DEPTH_DB = 22.0
"""An edge lies no further below the speech: what is fainter is echo."""
_HELD = 2
Levels = NDArray[np.float32]


def frame_levels(samples: NDArray[np.float32], rate_hz: int) -> Levels:
    """Level (n // frame,) in dB per 10 ms, rumble and hum weakened by a difference of samples."""
    frame = round(STEP_S * rate_hz)
    count = len(samples) // frame
    sharp = np.diff(samples, prepend=samples[:1])[: count * frame].reshape(count, frame)
    energy = np.square(sharp, dtype=np.float64).mean(axis=1)
    level: Levels = (10.0 * np.log10(energy + 1e-12)).astype(np.float32)
    return level


def sharpen(speech: Intervals, level_db: Levels) -> Intervals:
    """The intervals (n, 2) in seconds with each edge at the nearest rise or fall of ``level_db``.

    An edge stays where it is when the levels on both sides differ by less than 6 dB. Intervals
    neither vanish nor meet.
    """
    if len(speech) == 0:
        return speech
    edges = np.rint(speech / STEP_S).astype(int)
    backwards = level_db[::-1]
    made = []
    for k, (start, end) in enumerate(edges.tolist()):
        before = edges[k - 1, 1] if k else 0
        after = edges[k + 1, 0] if k + 1 < len(edges) else len(level_db)
        n, length = len(level_db), end - start
        first = _edge(level_db, start, min(start - before, _CONTEXT), min(length, _CONTEXT))
        last = n - _edge(backwards, n - end, min(after - end, _CONTEXT), min(length, _CONTEXT))
        start_s = speech[k, 0] if first == start else first * STEP_S
        end_s = speech[k, 1] if last == end else last * STEP_S
        made.append((start_s, end_s) if last > first else (speech[k, 0], speech[k, 1]))
    return normalise(intervals(made))


def _edge(level_db: Levels, at: int, outside: int, inside: int) -> int:
    """Frame where sound rises for good near ``at``, from so many frames on either side."""
    quiet = level_db[max(0, at - outside) : max(0, at - min(_APART, outside // 2))]
    loud = level_db[at : at + inside]
    if len(quiet) < 2 or len(loud) < _HELD:
        return at
    floor, top = float(np.percentile(quiet, 30)), float(np.percentile(loud, 80))
    if top - floor < _LEAST_RISE_DB:
        return at
    height = max(floor + _SHARE * (top - floor), top - _DEPTH_DB)
    start = at - min(_REACH_BEFORE, outside // 2)
    above = level_db[start : at + min(_REACH_AFTER, inside // 2) + _HELD] >= height
    held = np.lib.stride_tricks.sliding_window_view(above, _HELD).all(axis=1)
    return start + int(held.argmax()) if held.any() else at
