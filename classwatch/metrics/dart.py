"""DART: single, multiple or no voice, from the loudness of the sound alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.loudness import VOICES, WINDOW_S, dart_windows, floor_of
from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.time import Intervals
from classwatch.metrics.basis import Basis, failed
from classwatch.metrics.cells import Sheet, with_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.timeline import as_values

MIN_WINDOWS = 20
MAX_STEP_S = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class DartGrid:
    """Windows (n, 2) of the lesson and the index in ``VOICES`` of each (n,)."""

    windows: Intervals
    voice: NDArray[np.int64]


def dart_grid(basis: Basis) -> DartGrid | None:
    """The windows of the lesson; None without a measured level or with too coarse a one."""
    activity = basis.facts.activity
    if activity is None or activity.level_step_s > MAX_STEP_S or len(activity.level_db) == 0:
        return None
    floor_db = floor_of(activity.level_db, activity.noise_db)
    voice = dart_windows(activity.level_db, activity.level_step_s, floor_db)
    starts = WINDOW_S * np.arange(len(voice))
    windows = np.stack([starts, starts + WINDOW_S], axis=1)
    span = basis.facts.span
    inside = (windows[:, 0] >= span.start_s) & (windows[:, 1] <= span.end_s)
    return DartGrid(windows[inside], voice[inside])


@measure("dart.share")
def share(basis: Basis) -> tuple[Measure, ...]:
    """Share of time with one voice, several voices, and none.

    name-zh: 单人、多人、无人说话的时间（按音量）
    name-en: One voice, several, none (by loudness)
    unit: share
    formula: share(v) = windows of kind v / windows
    source: after DART (PNAS 2017, 114(12):3085-3090); two limits instead of its trained classifier
    sampling-zh: 15 秒一窗；只用音量，不用文字和说话人
    sampling-en: windows of 15 s; loudness only, no words and no speakers
    gates: windows
    zh: 音量高低起伏大为单人说话（single），响而平稳为多人同时（multiple），
        轻而平稳为无人说话（none）。
    en: A level that rises and falls is one voice (single), loud and even several at once
        (multiple),
        low and even none.
    reading-zh: 与语言无关，可用来核对说话人区分的结果；多人和无人容易漏判，背景音乐会算成多人。
    reading-en: Needs no language, so it is a check on who was told apart; several and none are
        missed easily, and music counts as several.
    """
    found = dart_grid(basis)
    count = 0 if found is None else len(found.windows)
    least = float(MIN_WINDOWS)
    gate = Gate("windows", float(count), least, count >= least, f"at least {least:g} windows")
    covered = min(1.0, count * WINDOW_S / basis.lesson_s) if basis.lesson_s > 0 else None
    sheet = Sheet(
        f"dart.share@{WINDOW_S:g}s-limits",
        Unit.SHARE,
        "dart.share/1",
        f"mean and spread of the level in {WINDOW_S:g} s windows",
        (gate,),
        covered,
    )
    if found is None:
        why = basis.facts.missing.get("speech") or Why(Reason.NO_SOUND)
        return sheet.all_absent(why, VOICES)
    short = failed((gate,))
    if short:
        return sheet.all_absent(short, VOICES)
    cells = []
    for at, name in enumerate(VOICES):
        own = found.voice == at
        cell = sheet.ratio(
            int(own.sum()), count, part=name, evidence=as_values(found.windows[own], 50)
        )
        cells.append(with_interval(cell, _minutes(own), _minutes(np.ones(count))))
    return tuple(cells)


MEASURES = (share,)


def _minutes(flags: NDArray[np.generic]) -> NDArray[np.float64]:
    """Sums over whole minutes of four windows (b,)."""
    per = round(60.0 / WINDOW_S)
    whole = len(flags) // per
    found: NDArray[np.float64] = flags[: whole * per].astype(np.float64).reshape(whole, per).sum(1)
    return found
