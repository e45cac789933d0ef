"""Snapshots of the lesson at set times: Teach (World Bank) and Stallings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classwatch.core.codes import (
    ANSWER_ACTS,
    FEEDBACK_ACTS,
    ActCode,
    CodeStream,
)
from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.time import Interval, Intervals
from classwatch.metrics.acts import acts_sheet, coded_time
from classwatch.metrics.basis import Basis
from classwatch.metrics.cells import with_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.timeline import as_values, covered_within

SEGMENT_S = 900.0
TEACH_AT_S = (270.0, 570.0, 870.0)
"""Middle of minutes 4-5, 9-10 and 14-15 of each 15-minute segment."""
TEACH_S = 10.0
STALLINGS_PARTS = 10
STALLINGS_S = 15.0
MIN_KNOWN = 0.5
"""Own rule: a snapshot of which less than this is coded cannot be told."""
_ACTIVE = frozenset(
    {
        *(ActCode.LECTURES, ActCode.ASKS, ActCode.WRITES, ActCode.TEACHER_TECH, ActCode.MEDIA),
        *(ActCode.PEER_TALK, ActCode.STUDENT_ASKS, ActCode.INITIATES, ActCode.THINKING),
        *(FEEDBACK_ACTS - {ActCode.CRITICISES}),
        *ANSWER_ACTS,
    }
)
STALLINGS: dict[str, frozenset[ActCode]] = {
    "active": _ACTIVE,
    "passive": frozenset({ActCode.PRACTICE, ActCode.STUDENT_TECH}),
    "management": frozenset({ActCode.MANAGES, ActCode.DIRECTS, ActCode.CRITICISES}),
}
OFF_TASK = "off_task"
_TEACH = "three 10 s snapshots in 15 min"
_ACTIVITY = _ACTIVE | STALLINGS["passive"] | {ActCode.DIRECTS}
_NONE = frozenset({ActCode.MANAGES, ActCode.CRITICISES, ActCode.CONFUSION})


def teach_snapshots(span: Interval) -> Intervals:
    """Teach snapshots (k, 2) of ``TEACH_S``: three in each 15-minute segment, as far as it goes."""
    count = int(span.duration_s // SEGMENT_S) + 1
    centres = span.start_s + np.array(
        [SEGMENT_S * segment + at for segment in range(count) for at in TEACH_AT_S]
    )
    half = TEACH_S / 2
    rows = np.stack([centres - half, centres + half], axis=1)
    kept: Intervals = rows[rows[:, 1] <= span.end_s]
    return kept


def stallings_snapshots(span: Interval) -> Intervals:
    """Stallings snapshots (10, 2): the first 15 s of each tenth of the lesson.

    Empty where a tenth is shorter than a snapshot.
    """
    step = span.duration_s / STALLINGS_PARTS
    if step < STALLINGS_S:
        return np.zeros((0, 2))
    starts = span.start_s + step * np.arange(STALLINGS_PARTS)
    return np.stack([starts, starts + STALLINGS_S], axis=1)


def strongest(
    stream: CodeStream, groups: tuple[frozenset[ActCode], ...], snapshots: Intervals
) -> NDArray[np.int64]:
    """Which group of acts fills most of each snapshot (k,); -1 where under half is in any group."""
    seconds = np.stack([covered_within(coded_time(stream, g), snapshots) for g in groups])
    best: NDArray[np.int64] = seconds.argmax(axis=0).astype(np.int64)
    lengths = snapshots[:, 1] - snapshots[:, 0]
    best[seconds.sum(axis=0) < MIN_KNOWN * lengths] = -1
    return best


@measure("teach.activity")
def teach_activity(basis: Basis) -> tuple[Measure, ...]:
    """Share of Teach snapshots in which the teacher provides a learning activity.

    name-zh: Teach 快照：有学习活动的比例
    name-en: Teach snapshots with a learning activity
    unit: share
    formula: snapshots with a learning activity / snapshots that could be told
    source: Teach manual 1.0, World Bank (time on learning, part a)
    sampling-zh: 每 15 分钟三次快照，第 4–5、9–10、14–15 分钟，各 10 秒
    sampling-en: three snapshots of 10 s in every 15 min, at minutes 4-5, 9-10 and 14-15
    gates: voiced snr roles voices coded
    zh: 快照中主要是讲授、问答、练习、讨论等学习活动的比例；管理、批评、混乱算“没有”，
        编码不足一半的快照不计。
    en: Snapshots filled mostly by a learning activity (lecture, questions, practice, discussion);
        management, criticism and confusion are none, snapshots of which under half is coded are
        left out.
    reading-zh: 每节课只有几次快照，数字很粗；与 Teach 培训过的观察者不等同。
    reading-en: A few snapshots a lesson make a rough number; it does not replace a trained
        observer.
    """
    sheet, stream = acts_sheet(basis, "teach.activity", Unit.SHARE, _TEACH)
    if isinstance(stream, Why):
        return (sheet.absent(stream),)
    snapshots = teach_snapshots(stream.span)
    if len(snapshots) == 0:
        return (sheet.absent(Why(Reason.TOO_SHORT, {"value": 0, "limit": 1})),)
    best = strongest(stream, (_ACTIVITY, _NONE), snapshots)
    evidence = as_values(snapshots[best == 0])
    return (sheet.ratio(int((best == 0).sum()), int((best >= 0).sum()), evidence=evidence),)


@measure("teach.on_task")
def teach_on_task(basis: Basis) -> tuple[Measure, ...]:
    """Pupils on task, which takes an observer.

    name-zh: Teach 快照：学生参与任务的程度
    name-en: Teach snapshots, pupils on task
    unit: category
    formula: high (0-1 pupils off task), medium (2-5), low (6 and more)
    source: Teach manual 1.0, World Bank (time on learning, part b)
    sampling-zh: 同上
    sampling-en: as for the learning activity
    gates: none
    zh: 需要数出没有投身任务的学生；画面判断不了，因此总是不给。
    en: Needs a count of pupils who are off task; pictures do not show it, so it is never given.
    reading-zh: 如需此项，请由受过培训的观察者记录后导入。
    reading-en: If you need it, have a trained observer record it and import the record.
    """
    sheet, stream = acts_sheet(basis, "teach.on_task", Unit.CATEGORY, _TEACH)
    return (sheet.absent(stream if isinstance(stream, Why) else Why(Reason.CANNOT_TELL)),)


@measure("stallings.share")
def stallings_share(basis: Basis) -> tuple[Measure, ...]:
    """Stallings snapshots by what the teacher does.

    name-zh: Stallings 快照：教师时间构成
    name-en: Stallings snapshots, use of the teacher's time
    unit: share
    formula: share(k) = snapshots of kind k / snapshots that could be told
    source: Stallings Classroom Snapshot; categories as usually quoted; the rules are own
    sampling-zh: 全课十等分，每份开头 15 秒
    sampling-en: the first 15 s of each tenth of the lesson
    gates: voiced snr roles voices coded
    zh: 十次快照中主动教学（讲授、问答、讨论）、被动教学（学生独立练习）与课堂管理各占的比例；
        编码不足一半
        的快照不计。教师不在任务中（off_task）从录像判断不了，因此不给。
    en: The share of ten snapshots that are active instruction (lecture, questions, discussion),
        passive instruction (students work alone) and management; snapshots of which under half is
        coded are left out. The teacher off task cannot be told from a recording and gets no number.
    reading-zh: 一节课只有十次快照，一次就是十个百分点；流传的 85/15/0 基准未经核实。
    reading-en: With ten snapshots each is ten points; the benchmark of 85/15/0 is unverified.
    """
    parts = (*STALLINGS, OFF_TASK)
    sheet, stream = acts_sheet(basis, "stallings.share", Unit.SHARE, "ten 15 s snapshots")
    if isinstance(stream, Why):
        return sheet.all_absent(stream, parts)
    snapshots = stallings_snapshots(stream.span)
    if len(snapshots) == 0:
        why = Why(Reason.TOO_SHORT, {"value": 0, "limit": STALLINGS_PARTS})
        return sheet.all_absent(why, parts)
    best = strongest(stream, tuple(STALLINGS.values()), snapshots)
    told = tuple(
        with_interval(
            sheet.ratio(
                int((best == at).sum()),
                int((best >= 0).sum()),
                part=name,
                evidence=as_values(snapshots[best == at]),
            ),
            # Snapshots lie minutes apart: each is a block of its own.
            (best == at).astype(np.float64),
            (best >= 0).astype(np.float64),
        )
        for at, name in enumerate(STALLINGS)
    )
    return (*told, sheet.absent(Why(Reason.CANNOT_TELL), part=OFF_TASK))


MEASURES = (teach_activity, teach_on_task, stallings_share)
