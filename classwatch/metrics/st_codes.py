"""S-T analysis from codes instead of turns: a person's series, or the coded acts of a lesson.

With codes, silent board writing and the use of technology by the teacher are T, as the code books
have it; turns alone (``st``) cannot show them. A series is read twice: as it was written, and on
the classical grid, on which the modes are defined. What nobody coded is neither T nor S.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from classwatch.core.codes import TEACHER_ACTS, ActCode, CodeStream
from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.time import Interval, Intervals
from classwatch.metrics.basis import Basis, codes_gates, codes_why, failed
from classwatch.metrics.cells import Sheet, with_share_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.scheme import ST
from classwatch.metrics.sequence import CodeSequence, span_of
from classwatch.metrics.st import MIN_WINDOWS, MIN_WINDOWS_MODE, mode_of, rt_ch, run_lengths
from classwatch.metrics.timeline import as_values, blocks

TEACHER_BEHAVIOUR = TEACHER_ACTS | {ActCode.TEACHER_TECH, ActCode.MEDIA}
"""Media that play are T by rule: the teacher chose to play them."""
TEACHER_CODES = {
    "st": frozenset({ST.code("T")}),
    "fias": frozenset(range(1, 8)),
    "ifias": frozenset({*range(1, 8), 13}),
    "itias": frozenset({*range(1, 9), 16, 18}),
}
"""Categories that are T, by scheme."""
MODE_INTERVALS_S = (15.0, 30.0)


@dataclass(frozen=True, slots=True, eq=False)
class StCodes:
    """S-T codes in windows ``windows`` (n, 2): ``teacher`` (n,) where ``decided`` (n,) is True."""

    windows: Intervals
    teacher: NDArray[np.bool_]
    decided: NDArray[np.bool_]
    interval_s: float
    rule: str

    @property
    def codes(self) -> NDArray[np.bool_]:
        """The decided codes (N,), True for T."""
        found: NDArray[np.bool_] = self.teacher[self.decided]
        return found

    @property
    def span(self) -> Interval:
        """From the start of the first window to the end of the last."""
        if len(self.windows) == 0:
            return Interval(0.0, 0.0)
        return Interval(float(self.windows[0, 0]), float(self.windows[-1, 1]))


def as_written(sequence: CodeSequence) -> StCodes:
    """A series, each code where a person wrote it."""
    windows = np.stack([sequence.starts_s, sequence.starts_s + sequence.interval_s], axis=1)
    main = sequence.main
    return StCodes(windows, _teachers(sequence, main), main > 0, sequence.interval_s, sequence.rule)


def at_centres(sequence: CodeSequence, interval_s: float) -> StCodes:
    """A series, read at the centre of each window of ``interval_s``."""
    windows = blocks(span_of(sequence), interval_s)
    at = np.searchsorted(sequence.starts_s, windows.mean(axis=1) + 1e-9, side="right") - 1
    # Several codes may share a window of the series; the first is the one it began with.
    at = np.searchsorted(sequence.starts_s, sequence.starts_s[np.maximum(at, 0)], side="left")
    main = sequence.main[at] if len(sequence.main) else np.zeros(0, dtype=np.int64)
    return StCodes(windows, _teachers(sequence, main), main > 0, interval_s, "point")


def _teachers(sequence: CodeSequence, main: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.isin(main, sorted(TEACHER_CODES[sequence.scheme.id]))


def from_stream(stream: CodeStream, interval_s: float) -> StCodes:
    """Coded acts, read at the centre of each window; where acts overlap the later start counts."""
    windows = blocks(stream.span, interval_s)
    teacher = np.zeros(len(windows), dtype=np.bool_)
    decided = np.zeros(len(windows), dtype=np.bool_)
    centres = windows.mean(axis=1)
    for act in stream.acts:
        first, last = np.searchsorted(centres, [act.start_s, act.end_s])
        teacher[first:last] = act.act in TEACHER_BEHAVIOUR
        decided[first:last] = act.act is not ActCode.UNKNOWN
    return StCodes(windows, teacher, decided, interval_s, "point")


@lru_cache(maxsize=1)
def readings(basis: Basis) -> tuple[StCodes, ...]:
    """The lesson's S-T codes: a person's series as written and on the grid, or the coded acts.

    An S-T series goes before one of another scheme; empty without any codes. Each measure of a
    lesson asks, so the last answer is kept.
    """
    interval_s = float(basis.cfg.st_interval_s)
    given = sorted(basis.facts.sequences, key=lambda s: s.scheme != ST)
    own = next((s for s in given if s.scheme.id in TEACHER_CODES), None)
    if own is not None:
        coarser = own.interval_s < interval_s
        return (as_written(own), *((at_centres(own, interval_s),) if coarser else ()))
    stream = basis.facts.codes
    return () if stream is None else (from_stream(stream, interval_s),)


@measure("st.coded_rt")
def rt(basis: Basis) -> tuple[Measure, ...]:
    """Rt from codes.

    name-zh: 教师行为占有率 Rt（按编码）
    name-en: Rt from codes
    unit: share
    formula: Rt = Nt / N
    source: 傅德荣、章慧敏《教育信息处理》
    sampling-zh: @30s-point：取每窗中点的编码；@…s-coded：人工 S-T 编码原样
    sampling-en: @30s-point reads the code at the centre of each window; @...s-coded is as a person
        wrote it
    gates: voiced snr roles voices coded windows
    zh: 由编码得到的 Rt：教师不出声的板书、演示与播放媒体都算 T，这是按话轮算的 Rt 看不到的。
    en: Rt from codes, in which silent board writing, demonstration and media count as T; turns of
        talk cannot show them.
    reading-zh: 与按话轮的 Rt 定义不同，比较时用同一种；间隔与规则见编号。
    reading-en: Defined otherwise than Rt from turns, so compare like with like; the interval and
        the rule are in the id.
    """
    return _each(basis, "st.coded_rt", Unit.SHARE, _rt_cell)


@measure("st.coded_ch")
def ch(basis: Basis) -> tuple[Measure, ...]:
    """Ch from codes.

    name-zh: 师生行为转换率 Ch（按编码）
    name-en: Ch from codes
    unit: ratio
    formula: Ch = (g - 1) / N, g = number of runs of equal codes
    source: 傅德荣、章慧敏《教育信息处理》
    sampling-zh: @30s-point：取每窗中点的编码；@…s-coded：人工 S-T 编码原样
    sampling-en: @30s-point reads the code at the centre of each window; @...s-coded is as a person
        wrote it
    gates: voiced snr roles voices coded windows
    zh: 由编码得到的 Ch。总有 Ch ≤ 2·min(Rt, 1−Rt)。
    en: Ch from codes. Always Ch <= 2 min(Rt, 1 - Rt).
    reading-zh: 间隔不同的 Ch 不能比较。
    reading-en: Values of different intervals cannot be compared.
    """
    return _each(basis, "st.coded_ch", Unit.RATIO, _ch_cell)


@measure("st.coded_run")
def run(basis: Basis) -> tuple[Measure, ...]:
    """Median length of a run of equal codes.

    name-zh: S、T 段长（按编码，中位数）
    name-en: Median run of T or S from codes
    unit: s
    formula: median(run length) x interval
    source: own; needed because Ch alone misleads on a coarse grid
    sampling-zh: @30s-point：取每窗中点的编码；@…s-coded：人工编码原样
    sampling-en: @30s-point reads the code at the centre of each window; @...s-coded is as a person
        wrote it
    gates: voiced snr roles voices coded windows
    zh: 由编码得到的连续相同编码（T 或 S）的一段有多长，取中位数。
    en: How long a stretch of equal codes (T or S) lasts, as a median.
    reading-zh: 比 Ch 更直接地说明师生交替的节奏；间隔不同不能比较。
    reading-en: Shows the rhythm of change more directly than Ch; values of different intervals
        cannot be compared.
    """
    return _each(basis, "st.coded_run", Unit.SECONDS, _run_cell)


@measure("st.coded_mode")
def mode(basis: Basis) -> tuple[Measure, ...]:
    """Teaching mode from codes, on windows of 15 or 30 s.

    name-zh: 教学模式（S-T，按编码）
    name-en: Teaching mode (S-T) from codes
    unit: category
    formula: practice if Rt <= 0.3; lecture if Rt >= 0.7; else dialogue if Ch >= 0.4; else mixed
    source: 傅德荣、章慧敏《教育信息处理》; limits seen identically in three programs
    sampling-zh: 只在 15 至 30 秒间隔上定义，至少 20 个编码
    sampling-en: defined on intervals of 15 to 30 s only, with at least 20 codes
    gates: voiced snr roles voices coded windows
    zh: 练习型、讲授型、对话型或混合型。
    en: Practice, lecture, dialogue or mixed.
    reading-zh: 这是对时间分布的命名，不是评价；靠近界限时，换一次取样就可能换一个名称。
    reading-en: A name for a distribution of time, not a judgement; near a limit another sampling
        may give another name.
    """
    return _each(basis, "st.coded_mode", Unit.CATEGORY, _mode_cell, MIN_WINDOWS_MODE)


MEASURES = (rt, ch, run, mode)
_Cell = Callable[[Sheet, StCodes], Measure]


def _each(
    basis: Basis, name: str, unit: Unit, cell: _Cell, least: int = MIN_WINDOWS
) -> tuple[Measure, ...]:
    """A cell for each reading of the lesson's codes."""
    found = readings(basis)
    if not found:
        # The id by the machine's rule, so that lessons with and without codes share a column.
        own = f"{name}@{float(basis.cfg.st_interval_s):g}s-point"
        why = codes_why(basis) or Why(Reason.NO_CODES)
        return (Sheet(own, unit, f"{name}/1", "no codes").absent(why),)
    by_hand = bool(basis.facts.sequences)
    before = () if by_hand else codes_gates(basis)
    given = None if by_hand else codes_why(basis)
    cells = []
    for reading in found:
        sheet = _sheet(name, unit, reading, before, least)
        why_not = given or failed(sheet.gates)
        cells.append(sheet.absent(why_not) if why_not else cell(sheet, reading))
    return tuple(cells)


def _sheet(name: str, unit: Unit, reading: StCodes, before: tuple[Gate, ...], least: int) -> Sheet:
    count = len(reading.codes)
    gate = Gate("windows", float(count), float(least), count >= least, f"at least {least} codes")
    return Sheet(
        id=f"{name}@{reading.interval_s:g}s-{reading.rule}",
        unit=unit,
        formula=f"{name}/1",
        sampling=f"codes every {reading.interval_s:g} s ({reading.rule})",
        gates=(*before, gate),
        coverage=count / len(reading.windows) if len(reading.windows) else None,
    )


def _rt_cell(sheet: Sheet, found: StCodes) -> Measure:
    own, every = found.windows[found.decided & found.teacher], found.windows[found.decided]
    cell = sheet.ratio(len(own), len(every), evidence=as_values(own))
    return with_share_interval(cell, own[:, 0], every[:, 0], found.span)


def _ch_cell(sheet: Sheet, found: StCodes) -> Measure:
    at = np.flatnonzero(found.codes[1:] != found.codes[:-1]) + 1
    every = found.windows[found.decided]
    cell = sheet.ratio(len(at), len(every), evidence=as_values(every[at]))
    return with_share_interval(cell, every[at, 0], every[:, 0], found.span)


def _run_cell(sheet: Sheet, found: StCodes) -> Measure:
    return sheet.give(float(np.median(run_lengths(found.codes))) * found.interval_s)


def _mode_cell(sheet: Sheet, found: StCodes) -> Measure:
    low_s, high_s = MODE_INTERVALS_S
    if not low_s <= found.interval_s <= high_s:
        return sheet.absent(Why(Reason.INTERVAL, {"value": found.interval_s, "limit": low_s}))
    return sheet.named(mode_of(*rt_ch(found.codes)))
