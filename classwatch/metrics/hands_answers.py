"""Hands that go up after the teacher's questions, for the class as a whole."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import EventKind
from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.speech import SpeakerRole
from classwatch.core.time import Interval, Intervals
from classwatch.metrics.basis import Basis, failed
from classwatch.metrics.bootstrap import BLOCK_S
from classwatch.metrics.cells import Sheet, with_interval, with_share_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.pictures import (
    MIN_GROUP,
    event_spans,
    hand_views,
    joint_coverage,
    sufficient,
    view_why,
)
from classwatch.metrics.questions import asked, words_why
from classwatch.metrics.timeline import blocks

WITHIN_S = 10.0
"""Hands that go up later than this after a question are not counted as an answer to it."""
MIN_QUESTIONS = 5
_ID = f"@{WITHIN_S:g}s"


@dataclass(frozen=True, slots=True, eq=False)
class _Answered:
    """The questions q: ``windows`` (q, 2) from the end of each to the next question or ``WITHIN_S``
    later, and ``wait_s`` (q,) until the first hand goes up in it, NaN where none does."""

    windows: Intervals
    wait_s: NDArray[np.float64]

    def moments(self) -> tuple[Interval, ...]:
        """From the end of the question to the first hand, of those that have one."""
        return tuple(
            Interval(float(start), float(start + wait))
            for start, wait in zip(self.windows[:, 0], self.wait_s, strict=True)
            if np.isfinite(wait)
        )[:50]


@measure("hands.answered_questions")
def answered_questions(basis: Basis) -> tuple[Measure, ...]:
    """Share of the teacher's questions after which a hand goes up.

    name-zh: 有人举手的提问比例
    name-en: Questions after which a hand goes up
    unit: share
    formula: questions after which at least one hand goes up in time / the teacher's questions
    source: own; time to first hand is named beside wait time, no published rule was found
    sampling-zh: 教师问句结束后、下一问之前，最多到编号中的秒数；问句期间举起的也算
    sampling-en: from the end of a question to the next one, at most the seconds in the id; a hand
        that goes up during the question counts, too
    gates: voiced snr roles voices visible points size occurrences
    zh: 教师提问之后有至少一人举手的次数占提问数的比例；问之前已经举着的手不算。
    en: Of the teacher's questions, the share after which at least one hand goes up. A hand that was
        up before the question does not count.
    reading-zh: 齐答、点名和追问本来不要求举手；举手不等于会答。
    reading-en: Choral, called and follow-up questions ask for no hand, and a hand is no right
        answer.
    """
    sheet, found = _questions(basis, "hands.answered_questions", Unit.SHARE)
    if isinstance(found, Why):
        return (sheet.absent(found),)
    answered = np.isfinite(found.wait_s)
    starts = found.windows[:, 0]
    cell = sheet.ratio(int(answered.sum()), len(answered), evidence=found.moments())
    return (with_share_interval(cell, starts[answered], starts, basis.facts.span),)


@measure("hands.first_after_question")
def first_after_question(basis: Basis) -> tuple[Measure, ...]:
    """Median time from the end of a question to the first hand.

    name-zh: 提问后首次举手时间（中位数）
    name-en: Time to the first hand, median
    unit: s
    formula: median of (first hand goes up - end of the question), 0 where it went up before the end
    source: own; named beside wait time, no published rule was found
    sampling-zh: 只算有人举手的提问；精度为画面抽样间隔
    sampling-en: questions after which a hand goes up; no finer than the sampling step of the
        pictures
    gates: voiced snr roles voices visible points size occurrences
    zh: 从教师问句结束到第一只手举起的时间；分子为有人举手的提问数，分母为提问总数。
    en: From the end of the teacher's question to the first hand that goes up, over the questions
        after which one does.
    reading-zh: 复习题举手快，难题举手慢；与等待时间一起看。
    reading-en: Hands come quickly to review questions and late to hard ones; read it with the wait
        time.
    """
    sheet, found = _questions(basis, "hands.first_after_question", Unit.SECONDS)
    if isinstance(found, Why):
        return (sheet.absent(found),)
    waits = found.wait_s[np.isfinite(found.wait_s)]
    gate = _enough(len(waits), "questions after which a hand goes up")
    sheet = replace(sheet, gates=(*sheet.gates, gate))
    why = failed((gate,))
    if why:
        return (sheet.absent(why),)
    value = float(np.median(waits))
    return (sheet.give(value, len(waits), len(found.wait_s), evidence=found.moments()),)


@measure("hands.share_after_question")
def share_after_question(basis: Basis) -> tuple[Measure, ...]:
    """Share of the class with a hand up after a question, at most at once, on average.

    name-zh: 提问后举手人数比例（平均）
    name-en: Share of the class raising hands after a question
    unit: share
    formula: mean over questions of the largest share of hands up at once in its window
    source: own
    sampling-zh: 每个提问取其后窗口内、拍到至少 5 名学生的抽样画面
    sampling-en: for each question the sampled pictures in its window that show at least 5 students
    gates: voiced snr roles voices visible points size occurrences
    zh: 每次提问之后同时举手的人数占看得到手臂的学生的比例，取其最大值，再对提问求平均。
    en: The largest ratio of hands up to students whose arms are seen after each question, averaged
        over the questions.
    reading-zh: 分母是看得到的学生，不是全班人数；没有人举手的提问以 0 计。
    reading-en: The denominator is who is seen, not the class list; questions without a hand count
        as 0.
    """
    sheet, found = _questions(basis, "hands.share_after_question", Unit.SHARE)
    if isinstance(found, Why):
        return (sheet.absent(found),)
    best = np.full(len(found.windows), np.nan)
    for view in sufficient(hand_views(basis)):
        shown = view.picture.shown
        used = view.enough & (shown.hands_judged >= MIN_GROUP)
        shares = np.minimum(shown.hands_raised[used] / shown.hands_judged[used], 1.0)
        times = shown.frame_times_s[used]
        for number, (start_s, end_s) in enumerate(found.windows):
            inside = shares[(times >= start_s) & (times < end_s)]
            if len(inside):
                best[number] = np.nanmax([best[number], inside.max()])
    known = best[np.isfinite(best)]
    gate = _enough(len(known), "questions with pictures of the class after them")
    sheet = replace(sheet, gates=(*sheet.gates, gate))
    why = failed((gate,))
    if why:
        return (sheet.absent(why),)
    edges = blocks(basis.facts.span, BLOCK_S)
    bounds = np.append(edges[:, 0], edges[-1:, 1])
    at = found.windows[np.isfinite(best), 0]
    above, below = np.histogram(at, bounds, weights=known)[0], np.histogram(at, bounds)[0]
    return (with_interval(sheet.ratio(float(known.sum()), len(known)), above, below),)


MEASURES = (answered_questions, first_after_question, share_after_question)


def _questions(basis: Basis, name: str, unit: Unit) -> tuple[Sheet, _Answered | Why]:
    """The sheet of a measure on hands after questions; the questions, or why there are none."""
    views = hand_views(basis)
    windows = _windows(basis)
    occurrences = _enough(len(windows), "questions of the teacher")
    gates = (*basis.role_gates, *(gate for view in views for gate in view.gates), occurrences)
    sampling = f"sampled pictures, up to {WITHIN_S:g} s after a question"
    sheet = Sheet(name + _ID, unit, f"{name}/1", sampling, gates, joint_coverage(basis, views))
    why = words_why(basis) or view_why(basis, views) or failed((occurrences,))
    if why:
        return sheet, why
    streams = tuple(view.picture.shown.stream for view in sufficient(views))
    ups = np.sort(event_spans(basis, EventKind.HAND_RAISED, streams)[:, 0])
    starts = [q.start_s for q in asked(basis, SpeakerRole.TEACHER)]
    return sheet, _Answered(windows, _waits(windows, _opening(starts, windows), ups))


def _enough(count: int, what: str) -> Gate:
    rule = f"at least {MIN_QUESTIONS} {what}"
    return Gate("occurrences", float(count), float(MIN_QUESTIONS), count >= MIN_QUESTIONS, rule)


def _windows(basis: Basis) -> Intervals:
    """From the end of each question to the next question's end, at most ``WITHIN_S`` (q, 2).

    Questions that end together, or within one another, are one.
    """
    ends = np.unique([q.end_s for q in asked(basis, SpeakerRole.TEACHER)])
    nexts = np.append(ends, np.inf)[1:]
    last = np.minimum(np.minimum(nexts, ends + WITHIN_S), basis.facts.span.end_s)
    return np.stack([ends, last], axis=1)


def _opening(starts_s: list[float], windows: Intervals) -> NDArray[np.float64]:
    """When each question began (q,): a hand that goes up from then on is an answer to it."""
    begun = np.sort(np.asarray(starts_s, np.float64))
    at = np.searchsorted(begun, windows[:, 0], side="right") - 1
    before = np.append(-np.inf, windows[:-1, 0])
    return np.asarray(np.maximum(begun[np.maximum(at, 0)], before), np.float64)


def _waits(
    windows: Intervals, opening_s: NDArray[np.float64], ups_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Seconds (q,) from the end of each question to the first hand that goes up for it."""
    waits = np.full(len(windows), np.nan)
    if len(ups_s) == 0:
        return waits
    at = np.searchsorted(ups_s, opening_s)
    first = np.where(at < len(ups_s), ups_s[np.minimum(at, len(ups_s) - 1)], np.inf)
    found = first < windows[:, 1]
    waits[found] = np.maximum(first[found] - windows[found, 0], 0.0)
    return waits
