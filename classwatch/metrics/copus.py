"""COPUS: the codes that a machine can tell, in windows of two minutes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from classwatch.core.codes import ANSWER_ACTS, FEEDBACK_ACTS, ActCode, CodeStream
from classwatch.core.events import EventKind
from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.time import Intervals, intervals, normalise
from classwatch.metrics.acts import acts_sheet, coded_time, content_questions
from classwatch.metrics.basis import Basis
from classwatch.metrics.cells import Sheet, with_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.place import placed_times
from classwatch.metrics.timeline import as_values, blocks, common, covered_within

WINDOW_S = 120.0
MIN_S: dict[str, float] = {
    "instructor.Lec": 5.0,
    "instructor.RtW": 5.0,
    "instructor.MG": 5.0,
    "instructor.Adm": 5.0,
    "student.L": 5.0,
    "student.Ind": 5.0,
    "student.OG": 5.0,
}
"""Own rule: longer than a passing remark. Other codes count from their first moment: an observer
marks whatever occurs in the window."""
CODES = (
    "instructor.Lec",
    "instructor.RtW",
    "instructor.FUp",
    "instructor.PQ",
    "instructor.AnQ",
    "instructor.MG",
    "instructor.Adm",
    "student.L",
    "student.Ind",
    "student.OG",
    "student.AnQ",
    "student.SQ",
)
UNTOLD = (
    *("instructor.CQ", "instructor.1o1", "instructor.D/V", "instructor.W", "instructor.O"),
    *("student.CG", "student.WG", "student.WC", "student.Prd", "student.SP", "student.TQ"),
    *("student.W", "student.O"),
)
"""The other 13 of the 25 codes; they need the task or the meaning."""


def marks(basis: Basis, stream: CodeStream, code: str) -> Intervals | Why:
    """Time (n, 2), normalised, in which ``code`` (one of ``CODES``) occurs, or why not known."""
    match code:
        case "instructor.RtW":
            return _writing(basis, stream)
        case "instructor.MG":
            among = _teacher_events(basis, EventKind.TEACHER_AMONG_DESKS)
            if isinstance(among, Why):
                return among
            working = (ActCode.PRACTICE, ActCode.PEER_TALK, ActCode.STUDENT_TECH)
            return common(among, coded_time(stream, working))
        case "instructor.PQ":
            return normalise(intervals((q.start_s, q.end_s) for q in content_questions(stream)))
        case "instructor.AnQ":
            return _after(stream, (ActCode.STUDENT_ASKS,), (ActCode.LECTURES, *FEEDBACK_ACTS))
        case "instructor.FUp":
            return _after(stream, tuple(ANSWER_ACTS), tuple(FEEDBACK_ACTS))
    acts: dict[str, Iterable[ActCode]] = {
        "instructor.Lec": (ActCode.LECTURES,),
        "instructor.Adm": (ActCode.MANAGES,),
        "student.L": (ActCode.LECTURES, ActCode.MEDIA),
        "student.Ind": (ActCode.PRACTICE, ActCode.THINKING),
        "student.OG": (ActCode.PEER_TALK,),
        "student.AnQ": ANSWER_ACTS,
        "student.SQ": (ActCode.STUDENT_ASKS,),
    }
    return coded_time(stream, acts[code])


def marked(spans: Intervals, windows: Intervals, least_s: float) -> NDArray[np.bool_]:
    """Which windows (n,) hold at least ``least_s`` of the spans (any at all where it is 0)."""
    inside = covered_within(spans, windows)
    found: NDArray[np.bool_] = inside >= least_s if least_s > 0 else inside > 0
    return found


@measure("copus.share")
def share(basis: Basis) -> tuple[Measure, ...]:
    """Share of two-minute windows in which a COPUS code occurs.

    name-zh: COPUS 各编码出现的窗口比例
    name-en: COPUS codes, share of windows
    unit: share
    formula: share(c) = 2 min windows in which c occurs / whole 2 min windows
    source: Smith et al. 2013 (doi 10.1187/cbe.13-08-0154); the rules for a machine are own
    sampling-zh: 每 2 分钟一窗，一窗可有多个编码；不足 2 分钟的末尾不计
    sampling-en: windows of 2 min with any number of codes; a rest under 2 min is unused
    gates: voiced snr roles voices coded
    zh: 大学课堂用的观察表中机器能判断的 12 项：教师讲授（Lec）、板书（RtW）、反馈（FUp）、
        提问（PQ）、
        答疑（AnQ）、巡视（MG）、事务（Adm）；学生听讲（L）、个人作业（Ind）、小组（OG）、
        回答（AnQ）、
        提问（SQ）。其余 13 项不判断。
    en: The 12 of 25 codes of this university protocol that a machine can tell - instructor
        lecturing
        (Lec), writing (RtW), following up (FUp), posing a question (PQ), answering (AnQ), moving
        and guiding (MG), administration (Adm); students listening (L), working alone (Ind), other
        group activity (OG), answering (AnQ), asking (SQ). The other 13 are not judged.
    reading-zh: 为大学课堂设计；只报各编码，不报“类型”聚类，因为聚类在其他样本中不成立。
    reading-en: Made for university courses. Codes only and no cluster names, which other samples
        did not bear out.
    """
    every = (*CODES, *UNTOLD)
    sheet, stream = acts_sheet(basis, "copus.share@120s-any", Unit.SHARE, "windows of 2 min")
    if isinstance(stream, Why):
        return sheet.all_absent(stream, every)
    windows = blocks(stream.span, WINDOW_S)
    if len(windows) == 0:
        return sheet.all_absent(Why(Reason.TOO_SHORT, {"value": 0, "limit": 1}), every)
    told = tuple(_cell(sheet, code, marks(basis, stream, code), windows) for code in CODES)
    return (*told, *sheet.all_absent(Why(Reason.CANNOT_TELL), UNTOLD))


MEASURES = (share,)


def _cell(sheet: Sheet, code: str, spans: Intervals | Why, windows: Intervals) -> Measure:
    if isinstance(spans, Why):
        return sheet.absent(spans, part=code)
    found = marked(spans, windows, MIN_S.get(code, 0.0))
    evidence = as_values(windows[found])
    cell = sheet.ratio(int(found.sum()), len(windows), part=code, evidence=evidence)
    # The windows are blocks already, longer than those of other measures.
    return with_interval(cell, found.astype(np.float64), np.ones(len(windows)))


def _after(
    stream: CodeStream, before: tuple[ActCode, ...], wanted: tuple[ActCode, ...]
) -> Intervals:
    """Time of acts of the ``wanted`` kinds that come next after one of ``before``."""
    acts = stream.acts
    return normalise(
        intervals(
            (act.start_s, act.end_s)
            for last, act in itertools.pairwise(acts)
            if last.act in before and act.act in wanted
        )
    )


def _writing(basis: Basis, stream: CodeStream) -> Intervals | Why:
    seen = _teacher_events(basis, EventKind.TEACHER_AT_BOARD)
    coded = coded_time(stream, (ActCode.WRITES,))
    if isinstance(seen, Why):
        return coded if len(coded) else seen
    return normalise(np.concatenate([seen, coded]))


def _teacher_events(basis: Basis, kind: EventKind) -> Intervals | Why:
    times = placed_times(basis, kind)
    if times is None:
        missing = basis.facts.missing
        return missing.get("pose") or missing.get("teacher") or Why(Reason.NO_TEACHER_SEEN)
    return times
