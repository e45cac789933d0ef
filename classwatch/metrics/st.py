"""S-T analysis: Rt, Ch and the mode, with the sampling rule in every id.

T is time in which the teacher talks or something is played to the class; everything else, silence
included, is S; time of another adult or of a voice nobody knows is neither. Public programs
disagree because the number depends on the grid: Ch of one lesson is 0.14 on a 1 s grid and 0.49
on a 30 s grid. So the grid and the rule inside a window are part of the id, the limits of the
modes are only used on a 15 to 30 s grid, and the exact share of time stands beside Rt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.time import Intervals, contains, subtract, total_s, union
from classwatch.metrics.basis import Basis, failed
from classwatch.metrics.bootstrap import BLOCK_S
from classwatch.metrics.cells import Sheet, with_interval, with_share_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.timeline import (
    TOUCH_S,
    as_values,
    blocks,
    covered_within,
    joined,
    longest_first,
)

MIN_WINDOWS = 10
"""Own rule: five minutes on the 30 s grid; with fewer points a share moves by over 0.1 a point."""
MIN_WINDOWS_MODE = 20
"""Own rule: ten minutes on the 30 s grid; with fewer points the mode is chance."""
PRACTICE_RT = 0.3
LECTURE_RT = 0.7
DIALOGUE_CH = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class StGrid:
    """S-T codes on a grid of n windows ``windows`` (n, 2), sampled at the centre of each.

    ``teacher`` (n,) is True for T; ``decided`` (n,) is False where only a voice of unknown role
    is heard at the centre: such windows are neither T nor S and are left out of N.
    """

    interval_s: float
    windows: Intervals
    teacher: NDArray[np.bool_]
    decided: NDArray[np.bool_]

    @property
    def codes(self) -> NDArray[np.bool_]:
        """The decided codes (N,) in order, True for T."""
        found: NDArray[np.bool_] = self.teacher[self.decided]
        return found


def grid(basis: Basis, interval_s: float | None = None) -> StGrid:
    """Codes of a lesson: window i is read at ``start + (i + 1/2) * interval``; a rest is unused.

    ``interval_s`` defaults to the configured grid.
    """
    interval_s = float(basis.cfg.st_interval_s) if interval_s is None else interval_s
    windows = blocks(basis.facts.span, interval_s)
    centres = windows.mean(axis=1)
    teacher = contains(basis.acting, centres)
    decided = ~contains(basis.undecided, centres)
    return StGrid(interval_s, windows, teacher, decided)


def rt_ch(codes: NDArray[np.bool_]) -> tuple[float, float]:
    """``Rt = Nt / N`` and ``Ch = (g - 1) / N`` with g runs of equal codes (N,), N >= 1.

    Fu Derong and Zhang Huimin, after Fujita; always ``Ch <= 2 * min(Rt, 1 - Rt)``.
    """
    count = len(codes)
    if count == 0:
        raise ValueError("Rt and Ch need at least one code")
    switches = int(np.count_nonzero(codes[1:] != codes[:-1]))
    return float(codes.mean()), switches / count


def mode_of(rt: float, ch: float) -> str:
    """``practice``, ``lecture``, ``dialogue`` or ``mixed``; defined for 15 to 30 s grids only."""
    if rt <= PRACTICE_RT:
        return "practice"
    if rt >= LECTURE_RT:
        return "lecture"
    return "dialogue" if ch >= DIALOGUE_CH else "mixed"


def run_lengths(codes: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number of windows in each run of equal codes (g,)."""
    edges = np.flatnonzero(codes[1:] != codes[:-1]) + 1
    bounds = np.concatenate([[0], edges, [len(codes)]])
    return np.diff(bounds).astype(np.int64)


@measure("st.rt")
def rt(basis: Basis) -> tuple[Measure, ...]:
    """Share of teacher behaviour, on the grid and in exact time.

    name-zh: 教师行为占有率 Rt
    name-en: Rt, share of teacher behaviour
    unit: share
    formula: Rt = Nt / N on the grid; Rt = teacher seconds / decided seconds for @exact
    source: 傅德荣、章慧敏《教育信息处理》; exact share own
    sampling-zh: @30s-point 或 @15s-point：取每个时间窗的中点；@exact：按准确时间
    sampling-en: @30s-point or @15s-point reads the centre of each window; @exact uses exact time
    gates: voiced snr roles voices windows
    zh: T 为教师说话或向全班播放音视频，其余（包括安静、教师不出声的板书）都为 S。
        中点只有身份不明的声音或其他成人时，该窗不计入 N。
    en: T is teacher talk or a recording played to the class; everything else, silence and silent
        board writing included, is S. A window whose centre holds only an unknown voice or another
        adult is left out of N.
    reading-zh: @exact 是更准确的比例，@30s-point 用于与文献比较；两者相差几个百分点属正常。
    reading-en: The exact share is the accurate one, the grid is for comparison with the
        literature; a difference of some points between them is normal.
    """
    return (_rt_point(basis), _rt_exact(basis))


@measure("st.ch")
def ch(basis: Basis) -> tuple[Measure, ...]:
    """Rate of change between teacher and student behaviour.

    name-zh: 师生行为转换率 Ch
    name-en: Ch, rate of change
    unit: ratio
    formula: Ch = (g - 1) / N, g = number of runs of equal codes
    source: 傅德荣、章慧敏《教育信息处理》
    sampling-zh: 取每个时间窗（编号中的 30 或 15 秒）的中点
    sampling-en: the centre of each window of 30 or 15 s, as in the id
    gates: voiced snr roles voices windows
    zh: 相邻编码在 T 与 S 之间转换的次数除以编码总数。总有 Ch ≤ 2·min(Rt, 1−Rt)。
    en: How often neighbouring codes change between T and S, over the number of codes. Always
        Ch <= 2 min(Rt, 1 - Rt).
    reading-zh: 快速问答时，Ch 趋近 2·Rt·(1−Rt)，不再反映问答多少；请同时看段长中位数。
        不同取样间隔的 Ch 不能比较。
    reading-en: With rapid exchanges Ch tends to 2 Rt (1 - Rt) and says little; look at the median
        run as well. Values of different grids cannot be compared.
    """
    sheet, codes, why = _grid_sheet(basis, "st.ch", Unit.RATIO, MIN_WINDOWS)
    if why:
        return (sheet.absent(why),)
    windows = codes.windows[codes.decided]
    at = np.flatnonzero(codes.codes[1:] != codes.codes[:-1]) + 1
    cell = sheet.ratio(len(at), len(windows), evidence=as_values(windows[at]))
    return (with_share_interval(cell, windows[at, 0], windows[:, 0], basis.facts.span),)


@measure("st.run")
def run(basis: Basis) -> tuple[Measure, ...]:
    """Median length of a run of equal codes.

    name-zh: S、T 段长（中位数）
    name-en: Median run of T or S
    unit: s
    formula: median(run length) x interval on the grid; median seconds of T and S stretches @exact
    source: own; needed because Ch alone misleads on a coarse grid
    sampling-zh: @30s-point 为网格上的段；@exact-gap 为准确时间的段，教师短停顿（gap 秒内）已合并
    sampling-en: runs on the grid; or exact stretches, the teacher's pauses of up to the gap closed
    gates: voiced snr roles voices windows
    zh: 连续相同编码（T 或 S）的一段有多长，取中位数。
    en: How long a stretch of equal codes (T or S) lasts, as a median.
    reading-zh: 比 Ch 更直接地说明师生交替的节奏。
    reading-en: Shows the rhythm of change more directly than Ch.
    """
    return (_run_point(basis), _run_exact(basis))


@measure("st.mode")
def mode(basis: Basis) -> tuple[Measure, ...]:
    """Teaching mode by the published limits on Rt and Ch.

    name-zh: 教学模式（S-T）
    name-en: Teaching mode (S-T)
    unit: category
    formula: practice if Rt <= 0.3; lecture if Rt >= 0.7; else dialogue if Ch >= 0.4; else mixed
    source: 傅德荣、章慧敏《教育信息处理》; limits seen identically in three programs
    sampling-zh: 只在 15 至 30 秒网格上定义，至少 20 个取样点
    sampling-en: defined on a grid of 15 to 30 s only, with at least 20 windows
    gates: voiced snr roles voices windows
    zh: 练习型、讲授型、对话型或混合型。
    en: Practice, lecture, dialogue or mixed.
    reading-zh: 这是对时间分布的命名，不是评价；靠近界限时，换一次取样就可能换一个名称。
    reading-en: A name for a distribution of time, not a judgement; near a limit another sampling
        may give another name.
    """
    sheet, codes, why = _grid_sheet(basis, "st.mode", Unit.CATEGORY, MIN_WINDOWS_MODE)
    if why:
        return (sheet.absent(why),)
    return (sheet.named(mode_of(*rt_ch(codes.codes))),)


MEASURES = (rt, ch, run, mode)


def _grid_sheet(
    basis: Basis, name: str, unit: Unit, least: int
) -> tuple[Sheet, StGrid, Why | None]:
    codes = grid(basis)
    count = int(codes.decided.sum())
    gate = Gate("windows", float(count), float(least), count >= least, f"at least {least} windows")
    gates = (*basis.role_gates, gate)
    interval = f"{codes.interval_s:g}s"
    sheet = Sheet(
        id=f"{name}@{interval}-point",
        unit=unit,
        formula=f"{name}/1",
        sampling=f"centre of each {interval} window; windows of unknown voice left out",
        gates=gates,
        coverage=count / len(codes.windows) if len(codes.windows) else None,
    )
    return sheet, codes, basis.roles_why or failed(gates)


def _rt_point(basis: Basis) -> Measure:
    sheet, codes, why = _grid_sheet(basis, "st.rt", Unit.SHARE, MIN_WINDOWS)
    if why:
        return sheet.absent(why)
    spoken = codes.windows[codes.teacher & codes.decided]
    decided = codes.windows[codes.decided]
    cell = sheet.ratio(len(spoken), len(decided), evidence=as_values(spoken))
    return with_share_interval(cell, spoken[:, 0], decided[:, 0], basis.facts.span)


def _exact_sheet(basis: Basis, measure_id: str, unit: Unit) -> Sheet:
    return Sheet(
        id=measure_id,
        unit=unit,
        formula=f"{measure_id}/1",
        sampling="exact time of turns; time of unknown voices and other adults left out",
        gates=basis.role_gates,
        coverage=basis.coverage,
    )


def _rt_exact(basis: Basis) -> Measure:
    sheet = _exact_sheet(basis, "st.rt@exact", Unit.SHARE)
    if basis.roles_why:
        return sheet.absent(basis.roles_why)
    own, unknown = basis.acting, basis.undecided
    pieces = blocks(basis.facts.span, BLOCK_S)
    decided = pieces[:, 1] - pieces[:, 0] - covered_within(unknown, pieces)
    cell = sheet.ratio(
        total_s(own), basis.lesson_s - total_s(unknown), evidence=longest_first(own, 20)
    )
    return with_interval(cell, covered_within(own, pieces), decided)


def _run_point(basis: Basis) -> Measure:
    sheet, codes, why = _grid_sheet(basis, "st.run", Unit.SECONDS, MIN_WINDOWS)
    if why:
        return sheet.absent(why)
    return sheet.give(float(np.median(run_lengths(codes.codes))) * codes.interval_s)


def _run_exact(basis: Basis) -> Measure:
    gap = basis.cfg.monologue_gap_s
    sheet = _exact_sheet(basis, f"st.run@exact-gap{gap:g}s", Unit.SECONDS)
    if basis.roles_why:
        return sheet.absent(basis.roles_why)
    stretches = exact_runs(basis)
    if len(stretches) == 0:
        return sheet.absent(Why(Reason.NONE_FOUND))
    lengths = stretches[:, 1] - stretches[:, 0]
    return sheet.give(float(np.median(lengths)), evidence=longest_first(stretches, 20))


def exact_runs(basis: Basis) -> Intervals:
    """T stretches (pauses closed) and the S stretches between them (n, 2), unordered.

    Time of unknown voices splits S stretches and belongs to none.
    """
    span = basis.facts.span
    others = union(basis.students, basis.undecided)
    own = joined(basis.acting, others, basis.cfg.monologue_gap_s)
    whole = np.array([[span.start_s, span.end_s]])
    rest = subtract(subtract(whole, own), basis.undecided)
    stretches = np.concatenate([own, rest])
    found: Intervals = stretches[stretches[:, 1] - stretches[:, 0] > TOUCH_S]
    return found
