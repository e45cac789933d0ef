"""Time in the four categories of the CEED study: lecture, interaction, individual task, group."""

from __future__ import annotations

import numpy as np

from classwatch.core.codes import FEEDBACK_ACTS, ActCode
from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.time import total_s
from classwatch.metrics.acts import acts_sheet, coded_time
from classwatch.metrics.basis import Basis
from classwatch.metrics.bootstrap import BLOCK_S
from classwatch.metrics.cells import with_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.timeline import blocks, covered_within, longest_first

ACTIVITIES: dict[str, frozenset[ActCode]] = {
    "lecture": frozenset({ActCode.LECTURES, ActCode.WRITES, ActCode.TEACHER_TECH, ActCode.MEDIA}),
    "interaction": frozenset(
        {
            ActCode.ASKS,
            ActCode.RESPONDS,
            ActCode.VOLUNTEERS,
            ActCode.STUDENT_ASKS,
            ActCode.INITIATES,
            ActCode.CHORAL,
            ActCode.THINKING,
            *FEEDBACK_ACTS,
        }
    ),
    "individual": frozenset({ActCode.PRACTICE, ActCode.STUDENT_TECH}),
    "group": frozenset({ActCode.PEER_TALK}),
}
"""Directions, management, plain silence and confusion belong to none of the four."""


@measure("time.share")
def share(basis: Basis) -> tuple[Measure, ...]:
    """Time in four activities.

    name-zh: 课堂时间分配（四类）
    name-en: Use of time in four activities
    unit: share
    formula: share(a) = seconds of activity a / seconds of the four together
    source: categories of CEED (杨晓哲、刘昕、王若昕 2024); the rules are own
    sampling-zh: 编码的准确时间
    sampling-en: exact time of coded acts
    gates: voiced snr roles voices coded
    zh: 讲授（含板书、演示）、师生互动（提问、思考、应答、反馈）、个人任务（练习）、
        小组活动四类时间之比，
        相加为 1。指令、管理与不知种类的安静不计。
    en: Lecture (board work and demonstration included), interaction (question, thinking, answer,
        feedback), individual task and group work, adding up to 1. Directions, management and
        silence of no known kind are left out.
    reading-zh: CEED 按活动片段识别，这里按每句话，互动中的长段讲解在这里算讲授，因此比较时要小心。
    reading-en: CEED recognises activities as stretches, this adds up acts, so a long explanation
        within an exchange counts as lecture here; compare with care.
    """
    sheet, stream = acts_sheet(basis, "time.share", Unit.SHARE)
    if isinstance(stream, Why):
        return sheet.all_absent(stream, ACTIVITIES)
    own = {name: coded_time(stream, codes) for name, codes in ACTIVITIES.items()}
    whole = sum(total_s(spans) for spans in own.values())
    pieces = blocks(stream.span, BLOCK_S)
    inside = {name: covered_within(spans, pieces) for name, spans in own.items()}
    below = np.sum(list(inside.values()), axis=0)
    return tuple(
        with_interval(
            sheet.ratio(total_s(spans), whole, part=name, evidence=longest_first(spans)),
            inside[name],
            below,
        )
        for name, spans in own.items()
    )


MEASURES = (share,)
