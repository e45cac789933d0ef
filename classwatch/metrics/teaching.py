"""What the teacher does while in sight, besides where."""

from __future__ import annotations

import numpy as np

from classwatch.core.events import EventKind
from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.time import Intervals, intersect, normalise, subtract, total_s, union
from classwatch.metrics.basis import Basis
from classwatch.metrics.bootstrap import BLOCK_S
from classwatch.metrics.cells import Sheet, with_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.pictures import event_spans
from classwatch.metrics.place import path_why, teacher_streams, zone_times
from classwatch.metrics.timeline import blocks, covered_within, longest_first

_ACTS = {
    "writing": EventKind.TEACHER_WRITING,
    "pointing": EventKind.POINTING,
    "bending": EventKind.TEACHER_BENDING,
    "desk": EventKind.PODIUM,
    "sitting": EventKind.TEACHER_SITTING,
}
"""In order of precedence where two cameras disagree."""
_REST = "other"


@measure("place.acts")
def acts(basis: Basis) -> tuple[Measure, ...]:
    """Share of visible time the teacher spends on each of five acts.

    name-zh: 教师动作比例
    name-en: What the teacher does
    unit: share
    formula: share(a) = seconds of act a / seconds visible; other = 1 - the sum of them
    source: own; acts told from keypoints by the network teacher-acts
    sampling-zh: 由抽样画面中的教师动作事件合并；没有任何这类动作时不给出
    sampling-en: merged from events of teacher acts in the sampled pictures; not given where there
        is no such event at all
    gates: none
    zh: 教师板书（writing）、用手指示（pointing）、俯身指导（bending）、在讲桌或电脑前（desk）、
        坐着（sitting）各占看得见的时间的比例；其余为 other。
    en: Of the time the teacher is visible, the share spent writing on the board (writing), pointing
        (pointing), bending over a desk (bending), at the podium or computer (desk) and sitting
        (sitting); the rest is other.
    reading-zh: 由小网络根据姿态推断，短动作会漏掉，分不清的时间计入 other。
    reading-en: Told by a small network from keypoints; short acts are missed, and time that cannot
        be told counts as other.
    """
    streams = teacher_streams(basis)
    parts = (*_ACTS, _REST)
    seen = union(*zone_times(basis, streams).values()) if streams else np.zeros((0, 2))
    coverage = min(1.0, total_s(seen) / basis.lesson_s) if basis.lesson_s > 0 else None
    sheet = Sheet(
        "place.acts",
        Unit.SHARE,
        "place.acts/1",
        "sampled pictures, image plane",
        coverage=coverage if streams else None,
        stream=streams[0] if streams else "",
    )
    if not streams:
        return sheet.all_absent(path_why(basis), parts)
    times = _times(basis, streams, seen)
    done_s = sum(total_s(own) for own in times.values())
    if done_s <= 0:
        # Rules alone tell no acts, so nothing found does not mean that nothing was done.
        return sheet.all_absent(Why(Reason.CANNOT_TELL), parts)
    times[_REST] = subtract(seen, union(*times.values()))
    pieces = blocks(basis.facts.span, BLOCK_S)
    below = covered_within(seen, pieces)
    return tuple(
        with_interval(
            sheet.ratio(total_s(own), total_s(seen), part=part, evidence=longest_first(own, 20)),
            covered_within(own, pieces),
            below,
        )
        for part, own in times.items()
    )


MEASURES = (acts,)


def _times(basis: Basis, streams: tuple[str, ...], seen: Intervals) -> dict[str, Intervals]:
    """Time of each act while the teacher is seen, disjoint; a stream fills in for those before."""
    taken: Intervals = np.zeros((0, 2))
    times: dict[str, Intervals] = {part: np.zeros((0, 2)) for part in _ACTS}
    for stream in streams:
        for part, kind in _ACTS.items():
            own = intersect(normalise(event_spans(basis, kind, (stream,))), seen)
            own = subtract(own, taken)
            times[part] = union(times[part], own)
            taken = union(taken, own)
    return times
