"""Single, multiple or no voice from loudness alone (after DART), for measures and cross-checks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WINDOW_S = 15.0
QUIET_DB = 6.0
"""Own rule: a window whose mean lies less than this above the floor holds no voice."""
STEADY_DB = 5.0
"""Own rule: of many voices at once the level varies (standard deviation) less than this; the
pauses of a single voice spread it wider."""
VOICES = ("single", "multiple", "none")


def dart_windows(
    level_db: NDArray[np.floating], step_s: float, floor_db: float
) -> NDArray[np.int64]:
    """Index in ``VOICES`` of each whole window of ``WINDOW_S`` (n,) of a level (k,) in dB.

    Single voice: medium level, high variance; multiple voices: high level, low variance; no voice:
    low level, low variance (Owens et al. 2017, PNAS 114(12):3085-3090, whose trained classifier
    is replaced by two limits here).
    """
    per = round(WINDOW_S / step_s)
    count = len(level_db) // per
    table = np.asarray(level_db[: count * per], dtype=np.float64).reshape(count, per)
    # Digital silence has no level; it is no louder than the floor.
    table = np.maximum(np.nan_to_num(table, nan=floor_db, neginf=floor_db), floor_db)
    mean, spread = table.mean(axis=1), table.std(axis=1)
    found = np.zeros(count, dtype=np.int64)
    found[spread < STEADY_DB] = VOICES.index("multiple")
    found[mean < floor_db + QUIET_DB] = VOICES.index("none")
    return found


def floor_of(level_db: NDArray[np.floating], noise_db: float) -> float:
    """The level of the room: ``noise_db`` where it is known, else what a tenth stays below."""
    if np.isfinite(noise_db):
        return float(noise_db)
    heard = np.asarray(level_db, dtype=np.float64)
    heard = heard[np.isfinite(heard)]
    return float(np.percentile(heard, 10)) if len(heard) else 0.0
