"""Two voices at once: where, how surely, and whose."""

from __future__ import annotations

from classwatch.core.time import Intervals, intervals, normalise
from classwatch.speech.speakers import VoiceTurns


def voice_intervals(voices: VoiceTurns) -> tuple[Intervals, ...]:
    """Per voice (in order of its number) when it speaks, second voices of overlaps included."""
    return tuple(
        normalise(intervals(map(tuple, voices.span[voices.voice == k].tolist())))
        for k in range(voices.voice_count)
    )
