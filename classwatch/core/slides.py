"""Words on a slide or screen, with times."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slide:
    """What a screen showed over ``[start_s, end_s)`` on the lesson clock.

    ``lines`` from top to bottom as they were read; ``confidence`` is the mean over them, 0 where
    nothing was read.
    """

    stream: str
    start_s: float
    end_s: float
    lines: tuple[str, ...]
    confidence: float
