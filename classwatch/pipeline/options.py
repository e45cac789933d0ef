"""How a run is carried out; nothing here can change a result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Infrastructure of one run.

    ``jobs``: lessons side by side (None: as many as cores and memory allow). ``cache``: where
    stage results are kept (None: ``OUT/.cache``). ``transcript``: a transcript for the only
    lesson. ``time_limit_s`` and ``memory_limit_mb`` bound one lesson's worker (None: a limit
    drawn from the lesson's length and the machine's memory).
    """

    jobs: int | None = None
    force: bool = False
    offline: bool = False
    cache: Path | None = None
    debug: bool = False
    transcript: Path | None = None
    time_limit_s: float | None = None
    memory_limit_mb: int | None = None
    device: str = "auto"
