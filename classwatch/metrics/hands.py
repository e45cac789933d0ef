"""Raised hands and standing answers, for the class as a whole and never for one pupil."""

from __future__ import annotations

import numpy as np

from classwatch.core.events import EventKind
from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.speech import SpeakerRole
from classwatch.core.time import Interval, Intervals, normalise, total_s
from classwatch.metrics.basis import Basis, of_turns
from classwatch.metrics.bootstrap import BLOCK_S
from classwatch.metrics.cells import Sheet, in_minutes, with_count_interval, with_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.pictures import (
    MIN_GROUP,
    ClassView,
    event_spans,
    hand_views,
    joint_coverage,
    observed_times,
    sufficient,
    view_why,
)
from classwatch.metrics.timeline import as_values, blocks, covered_within, longest_first

GAP_S = 2.0
"""Hands that go up again within this time belong to the same episode."""
MIN_STANDING_S = 0.5
_ID = f"@gap{GAP_S:g}s"


@measure("hands.episodes")
def episodes(basis: Basis) -> tuple[Measure, ...]:
    """Number of episodes in which at least one hand is up.

    name-zh: 举手次数（班级）
    name-en: Hand-raising episodes
    unit: count
    formula: number of stretches in which at least one hand is up, pauses up to the gap closed
    source: own; class level, after procurement wording for hand-raise events
    sampling-zh: 由抽样画面的举手事件合并；停顿不超过编号中 gap 秒算同一次
    sampling-en: merged from hand events in the sampled pictures; pauses up to the gap in the id
    gates: visible points size
    zh: 至少有一只手举起的连续时段数。一次可以是一个人，也可以是全班；不记录是谁。
    en: Stretches in which at least one hand is up, be it one or the whole class; nobody is named.
    reading-zh: 后排和被遮挡的手容易漏看；伸懒腰、挠头会误算。
    reading-en: Hands at the back are missed; stretching and scratching may be counted.
    """
    sheet, raised, why = _class_sheet(basis, "hands.episodes" + _ID, Unit.COUNT)
    if why:
        return (sheet.absent(why),)
    cell = sheet.give(len(raised), evidence=as_values(raised))
    return (with_count_interval(cell, raised[:, 0], basis.facts.span),)


@measure("hands.per_minute")
def per_minute(basis: Basis) -> tuple[Measure, ...]:
    """Hand-raising episodes per observed minute.

    name-zh: 每分钟举手次数（班级）
    name-en: Hand-raising episodes per minute
    unit: 1/min
    formula: episodes / observed minutes
    source: own
    sampling-zh: 分母为有抽样画面的时间
    sampling-en: over the time for which there are sampled pictures
    gates: visible points size
    zh: 举手时段数除以有画面的分钟数。
    en: Hand-raising episodes over the minutes for which there are pictures.
    reading-zh: 与提问数一起看：问而无人举手，可能是齐答或点名。
    reading-en: Read it with the questions: questions without hands may be choral or called.
    """
    sheet, raised, why = _class_sheet(basis, "hands.per_minute" + _ID, Unit.PER_MINUTE)
    if why:
        return (sheet.absent(why),)
    times = observed_times(sufficient(hand_views(basis)))
    cell = sheet.ratio(len(raised), total_s(times) / 60.0)
    observed = covered_within(times, blocks(basis.facts.span, BLOCK_S)) / 60.0
    return (with_interval(cell, in_minutes(raised[:, 0], basis.facts.span), observed),)


@measure("hands.median_s")
def median_s(basis: Basis) -> tuple[Measure, ...]:
    """Median length of a hand-raising episode.

    name-zh: 举手持续时间（中位数）
    name-en: Length of a hand-raising episode, median
    unit: s
    formula: median length of the episodes
    source: own
    sampling-zh: 精度为画面抽样间隔
    sampling-en: no finer than the sampling step of the pictures
    gates: visible points size
    zh: 每次举手时段的长度的中位数。
    en: The median length of the stretches in which at least one hand is up.
    reading-zh: 时间长可能是教师在等待，也可能是学生等不到机会。
    reading-en: A long one may be a teacher who waits or students who wait in vain.
    """
    sheet, raised, why = _class_sheet(basis, "hands.median_s" + _ID, Unit.SECONDS)
    if why or len(raised) == 0:
        return (sheet.absent(why or Why(Reason.NONE_FOUND, {"what": "hands"})),)
    lengths = raised[:, 1] - raised[:, 0]
    return (sheet.give(float(np.median(lengths)), evidence=longest_first(raised, 20)),)


@measure("hands.largest_share")
def largest_share(basis: Basis) -> tuple[Measure, ...]:
    """Largest share of the visible class with a hand up at once.

    name-zh: 同时举手的最大比例
    name-en: Largest share of hands up at once
    unit: share
    formula: max over pictures of hands up / students whose arms are seen
    source: own
    sampling-zh: 只看拍到至少 5 名学生的抽样画面
    sampling-en: sampled pictures that show at least 5 students
    gates: visible points size
    zh: 单个抽样画面中举手人数与看得到手臂的学生人数之比的最大值。
    en: The greatest ratio of hands up to students whose arms are seen, in one sampled picture.
    reading-zh: 分母是看得到的学生，不是全班人数；一瞬间的误检会使它偏大。
    reading-en: The denominator is who is seen, not the class list; one false hand makes it larger.
    """
    views = hand_views(basis)
    why = view_why(basis, views)
    if why:
        return (_view_sheet(basis, views, "hands.largest_share").absent(why),)
    return tuple(_largest(basis, view) for view in sufficient(views))


@measure("hands.standing_answers")
def standing_answers(basis: Basis) -> tuple[Measure, ...]:
    """Student turns during which somebody stands.

    name-zh: 起立发言数
    name-en: Turns spoken standing
    unit: count
    formula: student turns that a standing student overlaps by 0.5 s or more
    source: own; standing up to answer is the custom in many Chinese classrooms
    sampling-zh: 单个学生的话轮与起立事件在时间上重叠
    sampling-en: turns of one student that overlap a standing event
    gates: voiced snr roles voices visible points size
    zh: 有学生站立的单个学生话轮数；分母为单个学生话轮总数。不判断站着的是不是说话的人。
    en: Turns of one student while a student stands, out of all turns of one student. Whether the
        one who stands is the one who talks is not decided.
    reading-zh: 是课堂习惯的描述，不是参与质量。
    reading-en: Describes a custom, not the quality of taking part.
    """
    views = hand_views(basis)
    sheet = _view_sheet(basis, views, "hands.standing_answers")
    why = basis.roles_why or view_why(basis, views)
    if why:
        return (sheet.absent(why),)
    streams = tuple(view.picture.shown.stream for view in sufficient(views))
    standing = normalise(event_spans(basis, EventKind.STANDING, streams))
    own = of_turns(basis.turns, SpeakerRole.STUDENT)
    upright = own[covered_within(standing, own) >= MIN_STANDING_S]
    cell = sheet.give(len(upright), len(upright), len(own), evidence=as_values(upright))
    return (with_count_interval(cell, upright[:, 0], basis.facts.span),)


MEASURES = (episodes, per_minute, median_s, largest_share, standing_answers)


def _view_sheet(basis: Basis, views: tuple[ClassView, ...], measure_id: str) -> Sheet:
    units = {"hands.largest_share": Unit.SHARE, "hands.standing_answers": Unit.COUNT}
    return Sheet(
        measure_id,
        units[measure_id],
        f"{measure_id}/1",
        "sampled pictures",
        tuple(gate for view in views for gate in view.gates),
        joint_coverage(basis, views),
    )


def _class_sheet(basis: Basis, measure_id: str, unit: Unit) -> tuple[Sheet, Intervals, Why | None]:
    """Sheet, episodes (n, 2) over all sufficient views, and why they are absent."""
    views = hand_views(basis)
    sheet = Sheet(
        measure_id,
        unit,
        measure_id.partition("@")[0] + "/1",
        _sampling(views),
        tuple(gate for view in views for gate in view.gates),
        joint_coverage(basis, views),
    )
    why = view_why(basis, views)
    streams = tuple(view.picture.shown.stream for view in sufficient(views))
    raised = normalise(event_spans(basis, EventKind.HAND_RAISED, streams), join_gap_s=GAP_S)
    return sheet, raised, why


def _sampling(views: tuple[ClassView, ...]) -> str:
    steps = sorted({view.picture.shown.every_s for view in views})
    shown = ", ".join(f"{step:g} s" for step in steps)
    return f"one picture every {shown}" if shown else "no pictures"


def _largest(basis: Basis, view: ClassView) -> Measure:
    sheet = Sheet(
        "hands.largest_share",
        Unit.SHARE,
        "hands.largest_share/1",
        _sampling((view,)),
        view.gates,
        view.coverage(basis.lesson_s),
        view.picture.shown.stream,
    )
    picture = view.picture
    judged = picture.shown.hands_judged
    at = np.flatnonzero(view.enough & (judged >= MIN_GROUP))
    if len(at) == 0:
        return sheet.absent(Why(Reason.NONE_FOUND, {"what": "arms"}))
    up, seen = picture.shown.hands_raised[at], judged[at]
    best = int(np.argmax(up / seen))
    start, end = view.spans[at[best]]
    # More hands than students is a miscount of the picture, not a share above one.
    raised = min(int(up[best]), int(seen[best]))
    moment = (Interval(float(start), float(end)),) if raised else ()
    return sheet.ratio(raised, int(seen[best]), evidence=moment)
