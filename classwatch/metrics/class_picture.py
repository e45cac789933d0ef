"""What the class does as a whole, from the picture alone: group work, desk work, looking up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import EventKind
from classwatch.core.measures import Measure, Unit
from classwatch.core.time import Intervals, normalise, total_s
from classwatch.metrics.basis import Basis
from classwatch.metrics.bootstrap import BLOCK_S
from classwatch.metrics.cells import with_interval, with_length_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.pictures import (
    MIN_GROUP,
    ClassView,
    class_sheets,
    class_views,
    event_spans,
)
from classwatch.metrics.timeline import as_values, at_once, blocks, covered_within

GROUP_SHARE = 0.25
"""Students turned to a neighbour at once; rendered lessons have 43 % and more (found) in group
work and under 10 % outside it."""
GROUP_S = 10.0
GAP_S = 5.0
STEP_S = 10.0
MOST = 0.5
KINDS = ("group_work", "desk_work", "looking_up", "cannot_tell")


@measure("class.group_work")
def group_work(basis: Basis) -> tuple[Measure, ...]:
    """Time in which many students are turned to each other.

    name-zh: 小组活动时间（画面）
    name-en: Group work seen in the picture
    unit: s
    formula: seconds of stretches of at least 10 s in which at least 25 % of the students seen are
        turned to a neighbour, pauses up to 5 s closed
    source: own definition; limits from rendered lessons
    sampling-zh: 拍到至少 5 名学生的抽样画面；画面中转向邻座的学生占看到的学生的比例
    sampling-en: pictures that show at least 5 students; those turned to a neighbour, of those seen
    gates: visible
    zh: 至少四分之一的学生转向邻座或后排、持续不少于 10 秒的时间之和。
    en: The sum of the times of at least 10 s in which a quarter or more of the class is turned to a
        neighbour or to the row behind.
    reading-zh: 只看身体朝向，不知道在谈什么；围坐的座位本来就朝向彼此，这样的教室不适用。
    reading-en: Bodies only, not what is talked about. Where desks face each other from the start it
        does not apply.
    """
    sheets, why = class_sheets(basis, class_views(basis), "class.group_work", Unit.SECONDS)
    if why:
        return tuple(sheet.absent(why) for sheet, _ in sheets)
    cells = []
    for sheet, view in sheets:
        assert view is not None
        spans = _in_groups(basis, view)
        seconds = covered_within(spans, blocks(basis.facts.span, BLOCK_S))
        cell = sheet.give(total_s(spans), evidence=as_values(spans))
        cells.append(with_length_interval(cell, seconds, basis.facts.span))
    return tuple(cells)


@measure("class.phase_share")
def phase_share(basis: Basis) -> tuple[Measure, ...]:
    """Kinds of time that the picture shows, without any sound.

    name-zh: 由画面判断的课堂状态
    name-en: What the class does, from the picture alone
    unit: share
    formula: share(k) = steps of kind k / steps in which the class is seen; a step is group_work
        when that covers half of it, else cannot_tell when under half of the heads seen can be
        decided, else desk_work when at least half of those are down, else looking_up
    source: own definition
    sampling-zh: 10 秒一格，只用拍到至少 5 名学生的抽样画面
    sampling-en: steps of 10 s, pictures that show at least 5 students
    gates: visible
    zh: 小组活动、伏案（多数低头书写或阅读）、抬头（听讲、看黑板、问答）和不能判断
        四类时间之比，相加为 1。
    en: Time in group work, at the desk (most heads down, writing or reading), looking up
        (listening, watching, talking with the teacher), and time that cannot be told; they add up
        to 1.
    reading-zh: 与按用语和编码判断的“教学环节”互为参照，二者不同时以听到的为准。
    reading-en: Read it beside the phases told from words and codes; where they differ, trust what
        was heard.
    """
    sheets, why = class_sheets(
        basis, class_views(basis), f"class.phase_share@{STEP_S:g}s-rules", Unit.SHARE
    )
    if why:
        return tuple(cell for sheet, _ in sheets for cell in sheet.all_absent(why, KINDS))
    cells = []
    for sheet, view in sheets:
        assert view is not None
        steps, kinds = _phases(basis, view)
        minute = np.asarray((steps[:, 0] - basis.facts.span.start_s) // BLOCK_S, np.int64)
        below = np.bincount(minute).astype(np.float64) if len(minute) else np.zeros(0)
        for number, kind in enumerate(KINDS):
            own = kinds == number
            spans = as_values(normalise(steps[own], join_gap_s=1e-6), 50)
            cell = sheet.ratio(int(own.sum()), len(own), part=kind, evidence=spans)
            above = np.bincount(minute, own, minlength=len(below)).astype(np.float64)
            cells.append(with_interval(cell, above, below))
    return tuple(cells)


MEASURES = (group_work, phase_share)


def _in_groups(basis: Basis, view: ClassView) -> Intervals:
    """Times (n, 2), normalised, in which the class works in groups."""
    shown = view.picture.shown
    turned = event_spans(basis, EventKind.TURNED, (shown.stream,))
    together = at_once(turned, shown.frame_times_s)
    many = view.enough & (together >= GROUP_SHARE * np.maximum(shown.students_seen, 1))
    spans = normalise(view.spans[many], join_gap_s=GAP_S)
    return spans[spans[:, 1] - spans[:, 0] >= GROUP_S]


def _phases(basis: Basis, view: ClassView) -> tuple[Intervals, NDArray[np.int64]]:
    """The steps (n, 2) in which the class is seen, and the number of each one's kind (n,)."""
    shown = view.picture.shown
    steps = blocks(basis.facts.span, STEP_S)
    at = np.searchsorted(steps[:, 0], shown.frame_times_s, side="right") - 1
    used = view.enough & (at >= 0) & (at < len(steps))

    def summed(counts: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.bincount(at[used], counts[used], minlength=len(steps)).astype(np.float64)

    up, down, seen = (
        summed(getattr(shown, n)) for n in ("heads_up", "heads_down", "students_seen")
    )
    kinds = np.where(down >= MOST * np.maximum(up + down, 1), 1, 2)
    kinds[up + down < MOST * seen] = 3
    kinds[covered_within(_in_groups(basis, view), steps) >= MOST * STEP_S] = 0
    kept = seen >= MIN_GROUP
    return steps[kept], kinds[kept].astype(np.int64)
