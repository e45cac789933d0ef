"""Phases of a lesson by rules, each with how sure it is: 导入 新授 练习 讨论 小结 作业."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from classwatch.core.codes import ActCode
from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.time import Interval, Intervals
from classwatch.metrics.acts import coded_time
from classwatch.metrics.basis import Basis, codes_why
from classwatch.metrics.cells import Sheet
from classwatch.metrics.cues import Cue, CueKind, find_cues
from classwatch.metrics.definition import measure
from classwatch.metrics.timeline import covered_within

STEP_S = 30.0
MIN_LESSON_S = 600.0
OPENING = 0.25
"""The introduction lies in the first quarter, the close in the last."""
CLOSING = 0.75
CUED_S = 120.0
"""Without codes, a cue for practice or discussion is taken to hold this long."""
COVERED = 0.5


class PhaseKind(StrEnum):
    """Phases of a lesson as lesson plans name them."""

    INTRODUCTION = "introduction"
    """导入"""
    NEW_CONTENT = "new_content"
    """新授"""
    PRACTICE = "practice"
    """练习"""
    DISCUSSION = "discussion"
    """讨论"""
    SUMMARY = "summary"
    """小结"""
    HOMEWORK = "homework"
    """作业"""


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase ``[start_s, end_s)``; ``confidence`` in [0, 1] is the rule's own, not measured."""

    start_s: float
    end_s: float
    kind: PhaseKind
    confidence: float
    rule: str


_CODED = 0.8
_CUED = 0.6
_PLACED = 0.4
_REST = 0.3
"""How sure a rule is: seen in coded time, announced in words, by its place alone, or the rest."""
_Row = tuple[PhaseKind, float, str]


def find_phases(basis: Basis) -> tuple[Phase, ...] | Why:
    """The phases of the lesson in order, covering all of it; or why they cannot be told.

    Rules on steps of ``STEP_S``: coded practice or group talk of half a step is practice or
    discussion, else ``CUED_S`` after words that announce it; from an announced summary or homework
    in the last quarter until the next or the end; before an announced goal in the first quarter,
    the introduction; the rest is new content.
    """
    cues = find_cues(basis)
    if isinstance(cues, Why):
        return cues
    span = basis.facts.span
    if span.duration_s < MIN_LESSON_S:
        limit = round(MIN_LESSON_S / STEP_S)
        return Why(Reason.TOO_SHORT, {"value": int(span.duration_s // STEP_S), "limit": limit})
    steps = _steps(span)
    rows = _start_and_rest(cues, span, steps)
    _work(basis, cues, steps, rows)
    _close(cues, span, steps, rows)
    return _joined(steps, rows)


@measure("phase.share")
def share(basis: Basis) -> tuple[Measure, ...]:
    """Time in each phase.

    name-zh: 教学环节时间
    name-en: Phases of the lesson
    unit: share
    formula: share(p) = seconds of phase p / seconds of the lesson
    source: phases as lesson plans name them; the rules are own
    sampling-zh: 30 秒一格；由教师的用语与编码判断
    sampling-en: steps of 30 s; told by the teacher's wording and the codes
    gates: none
    zh: 导入、新授、练习、讨论、小结、作业各占全课的比例，相加为 1；没有线索的时间归入新授。
    en: The share of introduction, new content, practice, discussion, summary and homework; they add
        up to 1. Time without a clue counts as new content.
    reading-zh: 是按规则的推断，请与“教学环节的把握”一起看；0 表示没有找到线索，不等于没有这个环节。
    reading-en: Inferred by rules, so read it with how sure each phase is; 0 means that no clue was
        found, not that there was no such phase.
    """
    return _cells(basis, "phase.share", Unit.SHARE)


@measure("phase.confidence")
def confidence(basis: Basis) -> tuple[Measure, ...]:
    """How sure each phase is, by the rule that told it.

    name-zh: 教学环节的把握
    name-en: How sure the phases are
    unit: ratio
    formula: mean of the rule's confidence over the time of the phase
    source: own; set by hand, not measured
    sampling-zh: 30 秒一格
    sampling-en: steps of 30 s
    gates: none
    zh: 有编码支持为 0.8，有教师用语为 0.6，只凭位置为 0.4，其余为 0.3，按时间平均。
    en: 0.8 where coded time shows it, 0.6 where the teacher announces it, 0.4 by its place alone,
        0.3 for the rest; averaged over time.
    reading-zh: 是规则的约定值，不是测得的正确率。
    reading-en: Values set for the rules, not a measured rate of being right.
    """
    return _cells(basis, "phase.confidence", Unit.RATIO)


MEASURES = (share, confidence)


def _cells(basis: Basis, name: str, unit: Unit) -> tuple[Measure, ...]:
    sampling = f"steps of {STEP_S:g} s, wording and codes"
    sheet = Sheet(f"{name}@{STEP_S:g}s-rules", unit, f"{name}/1", sampling)
    found = find_phases(basis)
    if isinstance(found, Why):
        return sheet.all_absent(found, PhaseKind)
    cells = []
    for kind in PhaseKind:
        own = [phase for phase in found if phase.kind is kind]
        spans = tuple(Interval(p.start_s, p.end_s) for p in own[:100])
        seconds = sum(p.end_s - p.start_s for p in own)
        if unit is Unit.SHARE:
            cells.append(sheet.ratio(seconds, basis.lesson_s, part=kind, evidence=spans))
            continue
        weight = sum((p.end_s - p.start_s) * p.confidence for p in own)
        cells.append(sheet.ratio(weight, seconds, part=kind, evidence=spans))
    return tuple(cells)


def _steps(span: Interval) -> Intervals:
    """Steps (n, 2) that cover the lesson; the last may be shorter."""
    edges = np.append(np.arange(span.start_s, span.end_s - 1e-6, STEP_S), span.end_s)
    return np.stack([edges[:-1], edges[1:]], axis=1)


def _start_and_rest(cues: tuple[Cue, ...], span: Interval, steps: Intervals) -> list[_Row]:
    early = span.start_s + OPENING * span.duration_s
    goals = [c for c in cues if c.kind is CueKind.GOAL and c.start_s < early]
    reviews = [c for c in cues if c.kind is CueKind.REVIEW and c.start_s < early]
    until_s, sure, rule = span.start_s, _PLACED, ""
    if goals:
        until_s, sure, rule = goals[0].end_s, _CUED, "before the announced goal"
    elif reviews:
        until_s, rule = reviews[-1].end_s, "review at the start"
    rows: list[_Row] = []
    for start_s, end_s in steps:
        if (start_s + end_s) / 2 < until_s:
            rows.append((PhaseKind.INTRODUCTION, sure, rule))
        else:
            rows.append((PhaseKind.NEW_CONTENT, _REST, "no other clue"))
    return rows


def _work(basis: Basis, cues: tuple[Cue, ...], steps: Intervals, rows: list[_Row]) -> None:
    stream = basis.facts.codes if codes_why(basis) is None else None
    lengths = steps[:, 1] - steps[:, 0]
    for kind, cue, act in (
        (PhaseKind.PRACTICE, CueKind.PRACTICE, ActCode.PRACTICE),
        (PhaseKind.DISCUSSION, CueKind.DISCUSSION, ActCode.PEER_TALK),
    ):
        if stream is not None:
            coded = covered_within(coded_time(stream, (act,)), steps) >= COVERED * lengths
            for at in np.flatnonzero(coded):
                rows[at] = (kind, _CODED, f"coded as {act}")
            continue
        for found in cues:
            if found.kind is not cue:
                continue
            middles = steps.mean(axis=1)
            inside = (middles >= found.start_s) & (middles < found.start_s + CUED_S)
            for at in np.flatnonzero(inside):
                rows[at] = (kind, _CUED, f"after {found.matched!r}")


def _close(cues: tuple[Cue, ...], span: Interval, steps: Intervals, rows: list[_Row]) -> None:
    late_s = span.start_s + CLOSING * span.duration_s
    kinds = {CueKind.SUMMARY: PhaseKind.SUMMARY, CueKind.HOMEWORK: PhaseKind.HOMEWORK}
    ends = [c for c in cues if c.kind in kinds and c.start_s >= late_s]
    for at, (start_s, end_s) in enumerate(steps):
        before = [c for c in ends if c.start_s < (start_s + end_s) / 2]
        # Practice and discussion that are seen in the codes go on whatever was announced.
        if before and rows[at][1] < _CODED:
            last = before[-1]
            rows[at] = (kinds[last.kind], _CUED, f"after {last.matched!r}")


def _joined(steps: Intervals, rows: list[_Row]) -> tuple[Phase, ...]:
    found: list[Phase] = []
    for (start_s, end_s), (kind, sure, rule) in zip(steps.tolist(), rows, strict=True):
        last = found[-1] if found else None
        if last and (last.kind, last.confidence, last.rule) == (kind, sure, rule):
            found[-1] = Phase(last.start_s, end_s, kind, sure, rule)
        else:
            found.append(Phase(start_s, end_s, kind, sure, rule))
    return tuple(found)
