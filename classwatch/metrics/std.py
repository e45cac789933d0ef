"""S-T-D, the variant of S-T analysis with a third code for interaction (刘立新)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.speech import SpeakerRole
from classwatch.core.time import Intervals
from classwatch.metrics.basis import Basis, failed
from classwatch.metrics.cells import Sheet, with_share_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.scheme import STD
from classwatch.metrics.sequence import CodeSequence
from classwatch.metrics.st import MIN_WINDOWS, grid
from classwatch.metrics.timeline import as_values, covered_within

BOTH_S = 1.0
"""Own rule: a window in which teacher and students each talk this long is interaction."""
S, T, D = 0, 1, 2
"""Codes as here; in a series that a person wrote each is one higher (``STD``)."""


def std_rt_ch(codes: NDArray[np.int64]) -> tuple[float, float]:
    """``Rt = (Nt + Nd / 2) / N`` and ``Ch = g / N`` with g switches between codes (N,), N >= 1.

    Codes are 0 (S), 1 (T) and 2 (D). 刘立新's variant; note that g counts switches here, while in
    S-T analysis it counts runs.
    """
    count = len(codes)
    if count == 0:
        raise ValueError("Rt and Ch need at least one code")
    rt = (np.count_nonzero(codes == T) + np.count_nonzero(codes == D) / 2) / count
    return float(rt), int(np.count_nonzero(codes[1:] != codes[:-1])) / count


def std_codes(basis: Basis) -> tuple[NDArray[np.int64], Intervals, int]:
    """Codes (N,) of the decided windows, those windows (N, 2), and how many windows there are.

    D where both talk for at least ``BOTH_S``; else T or S by the centre of the window, as in S-T.
    """
    codes = grid(basis)
    teacher = covered_within(basis.talk[SpeakerRole.TEACHER], codes.windows)
    students = covered_within(basis.students, codes.windows)
    both = (teacher >= BOTH_S) & (students >= BOTH_S)
    found = np.where(both, D, np.where(codes.teacher, T, S)).astype(np.int64)
    decided = codes.decided | both
    return found[decided], codes.windows[decided], len(codes.windows)


def by_hand(basis: Basis) -> CodeSequence | None:
    """The series that a person wrote in S, T and D; None without."""
    return next((s for s in basis.facts.sequences if s.scheme == STD), None)


@measure("std.rt")
def rt(basis: Basis) -> tuple[Measure, ...]:
    """Rt with interaction counted half.

    name-zh: 含互动的 Rt（S-T-D）
    name-en: Rt with interaction (S-T-D)
    unit: share
    formula: Rt = (Nt + Nd / 2) / N
    source: 刘立新（S-T 的改进，含互动 D）; how D is told is own
    sampling-zh: 30 或 15 秒一窗；师生在窗内各说 1 秒以上为 D，其余按窗的中点为 T 或 S；
        @…-coded：人工编码原样
    sampling-en: windows of 30 or 15 s; D where both talk for 1 s and more, else T or S by the
        centre; @...-coded is as a person wrote it
    gates: voiced snr roles voices windows
    zh: 师生互动的窗记为 D，按一半计入教师。
    en: Windows of interaction are D and count half for the teacher.
    reading-zh: 与 S-T 的 Rt 不能直接比较；该变体的类型界限未经核对，不给类型。
    reading-en: Not comparable with Rt of S-T; the limits of this variant's modes are unverified, so
        no mode is given.
    """
    sheet, codes, windows, why = _sheet(basis, "std.rt", Unit.SHARE)
    if why:
        return (sheet.absent(why),)
    value = std_rt_ch(codes)[0]
    evidence = as_values(windows[codes == T])
    return (sheet.give(value, value * len(codes), len(codes), evidence=evidence),)


@measure("std.ch")
def ch(basis: Basis) -> tuple[Measure, ...]:
    """Rate of change between T, S and D.

    name-zh: 含互动的 Ch（S-T-D）
    name-en: Ch with interaction (S-T-D)
    unit: ratio
    formula: Ch = g / N, g = number of switches
    source: 刘立新（S-T 的改进，含互动 D）; how D is told is own
    sampling-zh: 30 或 15 秒一窗；师生在窗内各说 1 秒以上为 D，其余按窗的中点为 T 或 S；
        @…-coded：人工编码原样
    sampling-en: windows of 30 or 15 s; D where both talk for 1 s and more, else T or S by the
        centre; @...-coded is as a person wrote it
    gates: voiced snr roles voices windows
    zh: 相邻两窗编码不同的次数除以窗数。
    en: How often neighbouring windows differ, over the number of windows.
    reading-zh: 快速问答集中在 D 中，因此 Ch 比 S-T 的小。
    reading-en: Rapid exchanges lie within D, so Ch is lower than in S-T.
    """
    sheet, codes, windows, why = _sheet(basis, "std.ch", Unit.RATIO)
    if why:
        return (sheet.absent(why),)
    at = np.flatnonzero(codes[1:] != codes[:-1]) + 1
    cell = sheet.ratio(len(at), len(codes), evidence=as_values(windows[at]))
    return (with_share_interval(cell, windows[at, 0], windows[:, 0], basis.facts.span),)


@measure("std.interaction")
def interaction(basis: Basis) -> tuple[Measure, ...]:
    """Share of windows with interaction.

    name-zh: 互动窗比例 D
    name-en: Windows with interaction, D
    unit: share
    formula: Nd / N
    source: 刘立新（S-T 的改进，含互动 D）; how D is told is own
    sampling-zh: 30 或 15 秒一窗；师生在窗内各说 1 秒以上为 D；@…-coded：人工编码原样
    sampling-en: windows of 30 or 15 s; D where both talk for 1 s and more; @...-coded is as a
        person wrote it
    gates: voiced snr roles voices windows
    zh: 师生都说了 1 秒以上的窗占全部窗的比例。
    en: Windows in which teacher and students each talk for 1 s and more, over all windows.
    reading-zh: 窗越长比例越高，只能与同样窗长的比较。
    reading-en: Longer windows give a higher share, so compare equal windows only.
    """
    sheet, codes, windows, why = _sheet(basis, "std.interaction", Unit.SHARE)
    if why:
        return (sheet.absent(why),)
    own = windows[codes == D]
    cell = sheet.ratio(len(own), len(codes), evidence=as_values(own))
    return (with_share_interval(cell, own[:, 0], windows[:, 0], basis.facts.span),)


MEASURES = (rt, ch, interaction)


def _sheet(
    basis: Basis, name: str, unit: Unit
) -> tuple[Sheet, NDArray[np.int64], Intervals, Why | None]:
    own = by_hand(basis)
    if own is not None:
        return _sheet_by_hand(own, name, unit)
    codes, windows, whole = std_codes(basis)
    interval = f"{float(basis.cfg.st_interval_s):g}s"
    gates = (*basis.role_gates, _windows_gate(len(codes)))
    sheet = Sheet(
        id=f"{name}@{interval}-point-both{BOTH_S:g}s",
        unit=unit,
        formula=f"{name}/1",
        sampling=f"{interval} windows; D where both talk for {BOTH_S:g} s, else the centre",
        gates=gates,
        coverage=len(codes) / whole if whole else None,
    )
    return sheet, codes, windows, basis.roles_why or failed(gates)


def _sheet_by_hand(
    sequence: CodeSequence, name: str, unit: Unit
) -> tuple[Sheet, NDArray[np.int64], Intervals, Why | None]:
    decided = sequence.codes > 0
    starts = sequence.starts_s[decided]
    codes = sequence.codes[decided] - 1
    gates = (_windows_gate(len(codes)),)
    sheet = Sheet(
        id=f"{name}@{sequence.sampling}",
        unit=unit,
        formula=f"{name}/1",
        sampling=f"codes every {sequence.interval_s:g} s, as a person wrote them",
        gates=gates,
        coverage=sequence.decided,
    )
    return sheet, codes, np.stack([starts, starts + sequence.interval_s], axis=1), failed(gates)


def _windows_gate(count: int) -> Gate:
    rule = f"at least {MIN_WINDOWS} windows"
    return Gate("windows", float(count), float(MIN_WINDOWS), count >= MIN_WINDOWS, rule)
