"""Wait time split as Tobin and as Ingram and Elliott do it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from classwatch.core.measures import Measure, Unit
from classwatch.core.speech import STUDENT_ROLES, SpeakerRole
from classwatch.metrics.basis import Basis
from classwatch.metrics.cells import Sheet
from classwatch.metrics.definition import measure
from classwatch.metrics.pauses import SNAP_S, Pause, Voices, boundary_check, pause_after
from classwatch.metrics.questions import words_why
from classwatch.metrics.wait_time import after_answers, after_questions, distinct, share3, summary

TOBIN = ("TS", "ST", "SS", "TT")
INGRAM = ("I(i)", "I(ii)", "II(i)", "II(ii)")


@lru_cache(maxsize=1)
def tobin_pauses(basis: Basis) -> dict[str, tuple[Pause, ...]]:
    """Pauses by who talks before and after: teacher (T) or students (S); Tobin 1987.

    Every silence that detection keeps, up to ``wait_max_s``, between two voices with a known role;
    and changes between teacher and students without a pause, as 0. The last answer is kept.
    """
    found: dict[str, list[Pause]] = {name: [] for name in TOBIN}
    if basis.voiced is None:
        return dict.fromkeys(TOBIN, ())
    voices = Voices(basis.turns)
    for end, start in zip(basis.voiced[:-1, 1], basis.voiced[1:, 0], strict=True):
        before, after = voices.at(float(end) - SNAP_S), voices.at(float(start))
        name = _side(before) + _side(after)
        if name in found and start - end <= basis.cfg.wait_max_s:
            found[name].append(Pause(float(end), float(start), after, continues=False))
    for turn in basis.turns:
        pause = pause_after(turn.end_s, basis.voiced, voices)
        if pause is None or not pause.continues:
            continue
        name = _side(turn.role) + _side(pause.next_role)
        if name in ("TS", "ST"):
            found[name].append(pause)
    return {name: distinct(own) for name, own in found.items()}


@lru_cache(maxsize=1)
def ingram_pauses(basis: Basis) -> dict[str, tuple[Pause, ...]]:
    """Pauses after questions and answers by whether the same speaker goes on.

    I(i) student and I(ii) teacher after the teacher's question; II(i) teacher and II(ii) students
    after a student's talk (Ingram and Elliott 2015). II(ii) takes silences between student voices.
    """
    questions = after_questions(basis)
    return {
        "I(i)": tuple(p for p in questions if p.next_role in STUDENT_ROLES),
        "I(ii)": tuple(p for p in questions if p.next_role is SpeakerRole.TEACHER),
        "II(i)": after_answers(basis),
        "II(ii)": tobin_pauses(basis)["SS"],
    }


@measure("wait.tobin_median")
def tobin_median(basis: Basis) -> tuple[Measure, ...]:
    """Median pause by who talks before and after.

    name-zh: 停顿按前后说话人（Tobin，中位数）
    name-en: Pauses by who talks before and after (Tobin), median
    unit: s
    formula: median(start of next speech - end of speech) for TS, ST, SS, TT
    source: Tobin 1987
    sampling-zh: 停顿取自语音检测的起止时间，不加边界余量；短于检测下限的停顿看不见
    sampling-en: pauses between detected speech, without padding; shorter ones are not seen
    gates: voiced snr roles voices boundary
    zh: TS 教师之后学生说，ST 学生之后教师说，SS 学生说话之间，TT 教师说话之间。师生无停顿交接按 0
        秒计。
    en: TS from teacher to student, ST from student to teacher, SS within student talk, TT within
        teacher talk. A change between teacher and student without a pause counts as 0.
    reading-zh: SS 与 TT 只含检测得到的停顿（约 0.3 秒以上），因此偏长；不需要文字稿。
    reading-en: SS and TT hold only pauses that detection keeps (over some 0.3 s), so they are too
        long; needs no words.
    """
    return _cells(basis, "wait.tobin_median", Unit.SECONDS)


@measure("wait.tobin_share3")
def tobin_share3(basis: Basis) -> tuple[Measure, ...]:
    """Share of such pauses of three seconds and more.

    name-zh: 停顿按前后说话人（Tobin，不少于 3 秒的比例）
    name-en: Pauses by who talks before and after (Tobin), 3 s and more
    unit: share
    formula: pauses >= 3 s / pauses, for TS, ST, SS, TT
    source: Tobin 1987; limit of Rowe 1974
    sampling-zh: 停顿取自语音检测的起止时间，不加边界余量
    sampling-en: pauses between detected speech, without padding
    gates: voiced snr roles voices boundary
    zh: 各类停顿中达到 3 秒的比例；分母为该类停顿次数。
    en: The share of each kind that reaches 3 s; the denominator is the number of such pauses.
    reading-zh: 练习时的长安静若不超过上限也会计入。
    reading-en: Silence during practice counts too, up to the limit.
    """
    return _cells(basis, "wait.tobin_share3", Unit.SHARE)


@measure("wait.ingram_median")
def ingram_median(basis: Basis) -> tuple[Measure, ...]:
    """Median wait time by whether the same speaker goes on.

    name-zh: 等待时间按是否同一方接续（Ingram 与 Elliott，中位数）
    name-en: Wait time by who goes on (Ingram and Elliott), median
    unit: s
    formula: median pause for I(i), I(ii), II(i), II(ii)
    source: Ingram and Elliott 2015
    sampling-zh: 停顿取自语音检测的起止时间，不加边界余量
    sampling-en: pauses between detected speech, without padding
    gates: voiced snr roles voices boundary
    zh: I(i) 教师提问后学生接话，I(ii) 教师提问后自己再说，II(i) 学生说完教师接话，II(ii)
        学生说完学生再说。
        分不开的学生声音在 II(ii) 中按一方计。
    en: I(i) a student and I(ii) the teacher again after the teacher's question; II(i) the teacher
        and II(ii) students again after student talk. Student voices that cannot be told apart
        count as one side in II(ii).
    reading-zh: I(ii) 长说明教师等了但没有人答，与 I(i) 的含义不同，不要合并。
    reading-en: A long I(ii) means that the teacher waited in vain, unlike I(i); do not pool them.
    """
    return _cells(basis, "wait.ingram_median", Unit.SECONDS)


@measure("wait.ingram_share3")
def ingram_share3(basis: Basis) -> tuple[Measure, ...]:
    """Share of such waits of three seconds and more.

    name-zh: 等待时间按是否同一方接续（不少于 3 秒的比例）
    name-en: Wait time by who goes on, 3 s and more
    unit: share
    formula: pauses >= 3 s / pauses, for I(i), I(ii), II(i), II(ii)
    source: Ingram and Elliott 2015; limit of Rowe 1974
    sampling-zh: 停顿取自语音检测的起止时间，不加边界余量
    sampling-en: pauses between detected speech, without padding
    gates: voiced snr roles voices boundary
    zh: 各类等待中达到 3 秒的比例；分母为该类次数。
    en: The share of each kind that reaches 3 s; the denominator is how many there are.
    reading-zh: 次数少于 10 时只作参考。
    reading-en: With fewer than ten, take it as an example only.
    """
    return _cells(basis, "wait.ingram_share3", Unit.SHARE)


MEASURES = (tobin_median, tobin_share3, ingram_median, ingram_share3)


def _cells(basis: Basis, measure_id: str, unit: Unit) -> tuple[Measure, ...]:
    ingram = ".ingram" in measure_id
    parts = INGRAM if ingram else TOBIN
    gates, untimed = boundary_check(basis)
    sheet = Sheet(
        measure_id,
        unit,
        f"{measure_id}/1",
        f"detected speech without padding; pauses up to {basis.cfg.wait_max_s:g} s",
        (*basis.role_gates, *gates),
        basis.coverage,
    )
    why = (words_why(basis) if ingram else basis.roles_why) or untimed
    if why:
        return sheet.all_absent(why, parts)
    found = ingram_pauses(basis) if ingram else tobin_pauses(basis)
    return tuple(_cell(basis, sheet, found[part], part) for part in parts)


def _cell(basis: Basis, sheet: Sheet, pauses: tuple[Pause, ...], part: str) -> Measure:
    if sheet.unit is Unit.SHARE:
        return share3(basis, sheet, pauses, part)
    return summary(sheet, pauses, part, np.median)


def _side(role: SpeakerRole | None) -> str:
    if role is SpeakerRole.TEACHER:
        return "T"
    return "S" if role in STUDENT_ROLES else "?"
