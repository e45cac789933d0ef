"""How wait time is spread: the share of pauses in each band of length."""

from __future__ import annotations

from classwatch.core.measures import Measure, Unit, Why
from classwatch.metrics.basis import Basis
from classwatch.metrics.cells import Sheet, with_share_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.pauses import Pause, boundary_check
from classwatch.metrics.questions import words_why
from classwatch.metrics.timeline import TOUCH_S
from classwatch.metrics.wait_time import after_answers, after_questions, longest

BANDS = {"0-1s": 0.0, "1-3s": 1.0, "3-5s": 3.0, "5s+": 5.0}
"""Bands by their lower end: usual pauses (Rowe), up to her goal, up to the pauses within students'
explanations, and longer."""


@measure("wait.one_bands")
def one_bands(basis: Basis) -> tuple[Measure, ...]:
    """Pauses after questions by length.

    name-zh: 等待时间一的分布
    name-en: Wait time 1 by length
    unit: share
    formula: share(band) = pauses in the band / pauses; a band holds its lower end
    source: Rowe 1974 (usual pauses up to 1 s, goal of 3 s); the bands are own
    sampling-zh: 停顿取自语音检测的起止时间，不加边界余量
    sampling-en: pauses between detected speech, without padding
    gates: voiced snr roles voices boundary
    zh: 教师问完后的停顿在 0–1、1–3、3–5 与 5 秒以上各占的比例，相加为 1。
    en: The share of pauses after the teacher's questions of 0-1, 1-3, 3-5 and over 5 s; they add up
        to 1.
    reading-zh: 平均数会掩盖分布：有长有短，与都是中等长度，含义不同。
    reading-en: A mean hides the spread: some long and some short pauses are not the same as all of
        middle length.
    """
    return _bands(basis, "wait.one_bands", words_why(basis))


@measure("wait.two_bands")
def two_bands(basis: Basis) -> tuple[Measure, ...]:
    """Pauses after answers by length.

    name-zh: 等待时间二的分布
    name-en: Wait time 2 by length
    unit: share
    formula: share(band) = pauses in the band / pauses; a band holds its lower end
    source: Rowe 1974 (usual pauses up to 1 s, goal of 3 s); the bands are own
    sampling-zh: 停顿取自语音检测的起止时间，不加边界余量
    sampling-en: pauses between detected speech, without padding
    gates: voiced snr roles voices boundary
    zh: 学生说完到教师开口的停顿在 0–1、1–3、3–5 与 5 秒以上各占的比例，相加为 1；
        没有停顿记为 0 秒。
    en: The share of pauses between a student's turn and the teacher's voice of 0-1, 1-3, 3-5 and
        over 5 s; they add up to 1. No pause counts as 0 s.
    reading-zh: 学生思考着说话时，句间停顿可达 3 至 5 秒。
    reading-en: Students who think aloud pause for 3 to 5 s.
    """
    return _bands(basis, "wait.two_bands", basis.roles_why)


MEASURES = (one_bands, two_bands)


def band_of(length_s: float) -> str:
    """The band that a pause lies in."""
    return [name for name, low_s in BANDS.items() if length_s >= low_s - TOUCH_S][-1]


def _bands(basis: Basis, name: str, why: Why | None) -> tuple[Measure, ...]:
    gates, untimed = boundary_check(basis)
    sheet = Sheet(
        name,
        Unit.SHARE,
        f"{name}/1",
        f"detected speech without padding; pauses up to {basis.cfg.wait_max_s:g} s",
        (*basis.role_gates, *gates),
        basis.coverage,
    )
    why = why or untimed
    if why:
        return sheet.all_absent(why, BANDS)
    pauses = after_questions(basis) if name == "wait.one_bands" else after_answers(basis)
    return tuple(_cell(basis, sheet, pauses, band) for band in BANDS)


def _cell(basis: Basis, sheet: Sheet, pauses: tuple[Pause, ...], band: str) -> Measure:
    own = tuple(p for p in pauses if band_of(p.length_s) == band)
    cell = sheet.ratio(len(own), len(pauses), part=band, evidence=longest(own))
    own_s, all_s = ([p.start_s for p in some] for some in (own, pauses))
    return with_share_interval(cell, own_s, all_s, basis.facts.span)
