"""Wait time 1 and 2: the pauses after a question and after an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import SupportsFloat

import numpy as np

from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.speech import STUDENT_ROLES, SpeakerRole
from classwatch.core.time import Interval
from classwatch.metrics.basis import Basis
from classwatch.metrics.cells import Sheet, with_count_interval, with_share_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.pauses import Pause, Voices, boundary_check, pause_after
from classwatch.metrics.questions import asked, words_why

GOAL_S = 3.0
"""Rowe's goal; pauses of at least this length are counted."""
ONE_PARTS = ("", "student", "teacher")
_NEXT = {
    "": tuple(role for role in SpeakerRole if role is not SpeakerRole.PLAYBACK),
    "student": STUDENT_ROLES,
    "teacher": (SpeakerRole.TEACHER,),
}


def after_questions(basis: Basis) -> tuple[Pause, ...]:
    """Wait time 1 candidates: pauses after the teacher's questions, ordered by time.

    A question after which the teacher talks on without a pause asks for no answer and is left
    out; so is one whose end is not timed, and a pause longer than ``wait_max_s``.
    """
    if basis.voiced is None:
        return ()
    found = []
    voices = Voices(basis.turns)
    for question in asked(basis, SpeakerRole.TEACHER):
        if not question.end_measured:
            continue
        pause = pause_after(question.end_s, basis.voiced, voices)
        if pause is None or pause.next_role is None or pause.length_s > basis.cfg.wait_max_s:
            continue
        if pause.continues and pause.next_role not in STUDENT_ROLES:
            continue
        found.append(pause)
    return distinct(found)


def after_answers(basis: Basis) -> tuple[Pause, ...]:
    """Wait time 2 candidates: pauses between a student's turn and the teacher's next talk."""
    if basis.voiced is None:
        return ()
    found = []
    voices = Voices(basis.turns)
    for turn in basis.turns:
        if turn.role not in STUDENT_ROLES:
            continue
        pause = pause_after(turn.end_s, basis.voiced, voices)
        if pause is None or pause.length_s > basis.cfg.wait_max_s:
            continue
        if pause.next_role is SpeakerRole.TEACHER:
            found.append(pause)
    return distinct(found)


def distinct(pauses: list[Pause]) -> tuple[Pause, ...]:
    """Each pause once (two short questions may lie before one pause), in order of time."""
    by_start = {pause.start_s: pause for pause in pauses}
    return tuple(by_start[start] for start in sorted(by_start))


@measure("wait.one_count")
def one_count(basis: Basis) -> tuple[Measure, ...]:
    """Number of pauses after questions that could be timed.

    name-zh: 等待时间一：可测次数
    name-en: Wait time 1, pauses timed
    unit: count
    formula: pauses after teacher questions, by who talks next
    source: Rowe 1974; split by next speaker after Ingram and Elliott 2015
    sampling-zh: 停顿取自语音检测的起止时间，不加边界余量
    sampling-en: pauses between detected speech, without padding
    gates: voiced snr roles voices boundary
    zh: 教师问完后可以测出停顿的次数；分子为可测次数，分母为教师问句总数。教师问完立即接着说的不算。
    en: How often a pause after a teacher's question could be timed, out of all teacher questions.
        Questions after which the teacher talks on at once are left out.
    reading-zh: 次数少于 10 时，下面的中位数和比例只作参考。
    reading-en: With fewer than ten, take the median and the share below as examples only.
    """
    return _each(basis, "wait.one_count", Unit.COUNT, _count_cell)


@measure("wait.one_median")
def one_median(basis: Basis) -> tuple[Measure, ...]:
    """Median pause after a question.

    name-zh: 等待时间一（中位数）
    name-en: Wait time 1, median
    unit: s
    formula: median(start of next speech - end of teacher question)
    source: Rowe 1974; split by next speaker after Ingram and Elliott 2015
    sampling-zh: 停顿取自语音检测的起止时间，不加边界余量
    sampling-en: pauses between detected speech, without padding
    gates: voiced snr roles voices boundary
    zh: 教师问句结束到下一次有人说话的停顿。student 为学生接话，teacher 为教师自己再说。
    en: From the end of a teacher's question to the next speech. The part student is answered by
        students, the part teacher by the teacher again.
    reading-zh: 常见约 1 秒，研究建议 3 秒以上；集体齐答的复习题本来就短。
    reading-en: About 1 s is common, 3 s and more is advised; choral review questions are short by
        nature.
    """
    return _each(basis, "wait.one_median", Unit.SECONDS, _median_cell)


@measure("wait.one_mean")
def one_mean(basis: Basis) -> tuple[Measure, ...]:
    """Mean pause after a question.

    name-zh: 等待时间一（平均数）
    name-en: Wait time 1, mean
    unit: s
    formula: mean(start of next speech - end of teacher question)
    source: Rowe 1974; split by next speaker after Ingram and Elliott 2015
    sampling-zh: 停顿取自语音检测的起止时间，不加边界余量
    sampling-en: pauses between detected speech, without padding
    gates: voiced snr roles voices boundary
    zh: 与中位数相同的停顿取平均，用于与文献比较。
    en: The same pauses as for the median, averaged, to compare with the literature.
    reading-zh: 少数很长的停顿会把平均数拉高。
    reading-en: A few long pauses pull the mean up.
    """
    return _each(basis, "wait.one_mean", Unit.SECONDS, _mean_cell)


@measure("wait.one_share3")
def one_share3(basis: Basis) -> tuple[Measure, ...]:
    """Share of pauses after questions of three seconds and more.

    name-zh: 等待时间一不少于 3 秒的比例
    name-en: Wait time 1, share of 3 s and more
    unit: share
    formula: pauses >= 3 s / pauses
    source: Rowe 1974
    sampling-zh: 停顿取自语音检测的起止时间，不加边界余量
    sampling-en: pauses between detected speech, without padding
    gates: voiced snr roles voices boundary
    zh: 教师问完后停顿达到 3 秒的次数占可测次数的比例。
    en: How many of the timed pauses after questions reach 3 s.
    reading-zh: 不是每个问题都需要 3 秒；与问题的难度一起看。
    reading-en: Not every question needs 3 s; read it together with how hard they are.
    """
    return _each(basis, "wait.one_share3", Unit.SHARE, _share_cell)


@measure("wait.two_count")
def two_count(basis: Basis) -> tuple[Measure, ...]:
    """Number of pauses after answers that could be timed.

    name-zh: 等待时间二：可测次数
    name-en: Wait time 2, pauses timed
    unit: count
    formula: pauses between a student turn and the teacher's next talk
    source: Rowe 1974
    sampling-zh: 停顿取自语音检测的起止时间，不加边界余量
    sampling-en: pauses between detected speech, without padding
    gates: voiced snr roles voices boundary
    zh: 学生话轮之后由教师接话、停顿可测的次数；不需要文字稿。分母为学生话轮总数。
    en: How often the teacher speaks next after a student turn and the pause could be timed, out
        of all student turns; needs no words.
    reading-zh: 次数少于 10 时，下面的中位数和比例只作参考。
    reading-en: With fewer than ten, take the median and the share below as examples only.
    """
    return _second(basis, "wait.two_count", Unit.COUNT, _count_cell)


@measure("wait.two_median")
def two_median(basis: Basis) -> tuple[Measure, ...]:
    """Median pause between an answer and the teacher's reaction.

    name-zh: 等待时间二（中位数）
    name-en: Wait time 2, median
    unit: s
    formula: median(start of teacher talk - end of student turn)
    source: Rowe 1974
    sampling-zh: 停顿取自语音检测的起止时间，不加边界余量
    sampling-en: pauses between detected speech, without padding
    gates: voiced snr roles voices boundary
    zh: 学生说完到教师开口的停顿。没有停顿（包括抢话）记为 0。
    en: From the end of a student's turn to the teacher's voice. No pause, interruptions included,
        counts as 0.
    reading-zh: 学生思考着说话时，句间停顿可达 3 至 5 秒；停顿短可能打断了他们。
    reading-en: Students who think aloud pause for 3 to 5 s, so short pauses may cut them off.
    """
    return _second(basis, "wait.two_median", Unit.SECONDS, _median_cell)


@measure("wait.two_mean")
def two_mean(basis: Basis) -> tuple[Measure, ...]:
    """Mean pause between an answer and the teacher's reaction.

    name-zh: 等待时间二（平均数）
    name-en: Wait time 2, mean
    unit: s
    formula: mean(start of teacher talk - end of student turn)
    source: Rowe 1974
    sampling-zh: 停顿取自语音检测的起止时间，不加边界余量
    sampling-en: pauses between detected speech, without padding
    gates: voiced snr roles voices boundary
    zh: 与中位数相同的停顿取平均，用于与文献比较。
    en: The same pauses as for the median, averaged, to compare with the literature.
    reading-zh: 少数很长的停顿会把平均数拉高。
    reading-en: A few long pauses pull the mean up.
    """
    return _second(basis, "wait.two_mean", Unit.SECONDS, _mean_cell)


@measure("wait.two_share3")
def two_share3(basis: Basis) -> tuple[Measure, ...]:
    """Share of pauses after answers of three seconds and more.

    name-zh: 等待时间二不少于 3 秒的比例
    name-en: Wait time 2, share of 3 s and more
    unit: share
    formula: pauses >= 3 s / pauses
    source: Rowe 1974
    sampling-zh: 停顿取自语音检测的起止时间，不加边界余量
    sampling-en: pauses between detected speech, without padding
    gates: voiced snr roles voices boundary
    zh: 学生说完后停顿达到 3 秒的次数占可测次数的比例。
    en: How many of the timed pauses after answers reach 3 s.
    reading-zh: 简短的对错判断不需要等；适合看需要展开的回答。
    reading-en: A short right or wrong needs no wait; it matters for answers that could go on.
    """
    return _second(basis, "wait.two_share3", Unit.SHARE, _share_cell)


MEASURES = (
    one_count,
    one_median,
    one_mean,
    one_share3,
    two_count,
    two_median,
    two_mean,
    two_share3,
)

_Cell = Callable[[Basis, Sheet, tuple[Pause, ...], int, str], Measure]


def _each(basis: Basis, measure_id: str, unit: Unit, cell: _Cell) -> tuple[Measure, ...]:
    gates, untimed = boundary_check(basis)
    sheet = _sheet(basis, measure_id, unit, gates)
    why = words_why(basis) or untimed
    if why:
        return sheet.all_absent(why, ONE_PARTS)
    pauses = after_questions(basis)
    whole = len(asked(basis, SpeakerRole.TEACHER))
    return tuple(
        cell(basis, sheet, tuple(p for p in pauses if p.next_role in roles), whole, part)
        for part, roles in _NEXT.items()
    )


def _second(basis: Basis, measure_id: str, unit: Unit, cell: _Cell) -> tuple[Measure, ...]:
    gates, untimed = boundary_check(basis)
    sheet = _sheet(basis, measure_id, unit, gates)
    why = basis.roles_why or untimed
    if why:
        return (sheet.absent(why),)
    whole = sum(turn.role in STUDENT_ROLES for turn in basis.turns)
    return (cell(basis, sheet, after_answers(basis), whole, ""),)


def _sheet(basis: Basis, measure_id: str, unit: Unit, gates: tuple[Gate, ...]) -> Sheet:
    return Sheet(
        measure_id,
        unit,
        f"{measure_id}/1",
        f"detected speech without padding; pauses up to {basis.cfg.wait_max_s:g} s",
        (*basis.role_gates, *gates),
        basis.coverage,
    )


def _count_cell(
    basis: Basis, sheet: Sheet, pauses: tuple[Pause, ...], whole: int, part: str
) -> Measure:
    cell = sheet.give(len(pauses), len(pauses), whole, part=part, evidence=longest(pauses))
    return with_count_interval(cell, [p.start_s for p in pauses], basis.facts.span)


def _median_cell(
    basis: Basis, sheet: Sheet, pauses: tuple[Pause, ...], whole: int, part: str
) -> Measure:
    return summary(sheet, pauses, part, np.median)


def _mean_cell(
    basis: Basis, sheet: Sheet, pauses: tuple[Pause, ...], whole: int, part: str
) -> Measure:
    return summary(sheet, pauses, part, np.mean)


def _share_cell(
    basis: Basis, sheet: Sheet, pauses: tuple[Pause, ...], whole: int, part: str
) -> Measure:
    return share3(basis, sheet, pauses, part)


def share3(basis: Basis, sheet: Sheet, pauses: tuple[Pause, ...], part: str) -> Measure:
    """Share of the pauses that reach ``GOAL_S``, with its interval; these are the evidence."""
    long = tuple(p for p in pauses if p.length_s >= GOAL_S - 1e-9)
    cell = sheet.ratio(len(long), len(pauses), part=part, evidence=longest(long))
    own_s, all_s = ([p.start_s for p in own] for own in (long, pauses))
    return with_share_interval(cell, own_s, all_s, basis.facts.span)


def summary(
    sheet: Sheet, pauses: tuple[Pause, ...], part: str, of: Callable[[list[float]], SupportsFloat]
) -> Measure:
    """One number of the lengths of the pauses, such as their median; absent without any."""
    if not pauses:
        return sheet.absent(Why(Reason.NONE_FOUND, {"what": "pauses"}), part=part)
    value = float(of([p.length_s for p in pauses]))
    return sheet.give(value, part=part, evidence=longest(pauses))


def longest(pauses: tuple[Pause, ...], limit: int = 50) -> tuple[Interval, ...]:
    """The longest pauses as evidence, longest first."""
    order = sorted(pauses, key=lambda p: (-p.length_s, p.start_s))[:limit]
    return tuple(Interval(p.start_s, p.end_s) for p in order)
