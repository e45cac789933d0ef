"""Heads up while the teacher talks, for the class as a whole."""

from __future__ import annotations

import numpy as np

from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.speech import SpeakerRole
from classwatch.core.time import contains
from classwatch.metrics.basis import Basis, failed
from classwatch.metrics.bootstrap import BLOCK_S
from classwatch.metrics.cells import Sheet, with_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.pictures import ClassView, gesture_views, sufficient, view_why
from classwatch.metrics.timeline import blocks


@measure("heads.up_in_teacher_talk")
def up_in_teacher_talk(basis: Basis) -> tuple[Measure, ...]:
    """Share of heads that are up while the teacher talks.

    name-zh: 教师讲话时抬头比例
    name-en: Heads up during teacher talk
    unit: share
    formula: sum of heads up / sum of (heads up + heads down), over pictures during teacher talk
    source: own; pose-based, after the definitions collected for 抬头率
    sampling-zh: 教师话轮内、拍到至少 5 名学生的抽样画面；看不清的头不计
    sampling-en: pictures inside teacher turns that show at least 5 students; undecided heads are
        left out
    gates: voiced snr roles voices visible points decided
    zh: 教师讲话期间，能判断的头部中抬起的比例；覆盖率为能判断的头部占看到的学生的比例。
    en: Among the heads that can be decided while the teacher talks, the share that is up. Its
        coverage is the share of students seen whose head could be decided.
    reading-zh: 低头可能正在看书、记录；抬头也不等于在听。它不是专注度，不能用来评价学生。
    reading-en: A lowered head may read or write, a raised one need not listen. It says nothing
        about minds and must not be used to judge pupils.
    """
    views = gesture_views(basis)
    why = basis.roles_why or view_why(basis, views)
    if why:
        gates = (*basis.role_gates, *(gate for view in views for gate in view.gates))
        return (_sheet(gates, None, "", "pictures during teacher talk").absent(why),)
    return tuple(_cell(basis, view) for view in sufficient(views))


MEASURES = (up_in_teacher_talk,)


def _sheet(gates: tuple[Gate, ...], coverage: float | None, stream: str, sampling: str) -> Sheet:
    name = "heads.up_in_teacher_talk"
    return Sheet(name, Unit.SHARE, f"{name}/1", sampling, gates, coverage, stream)


def _cell(basis: Basis, view: ClassView) -> Measure:
    picture = view.picture
    used = view.enough & contains(basis.talk[SpeakerRole.TEACHER], picture.shown.frame_times_s)
    up, down = picture.shown.heads_up[used], picture.shown.heads_down[used]
    decided, seen = int((up + down).sum()), int(picture.shown.students_seen[used].sum())
    share = min(1.0, decided / seen) if seen else None
    limit = basis.cfg.min_visible_share
    passed = share is not None and share >= limit
    gate = Gate("decided", share, limit, passed, f"up or down decided for {limit:.0%} of heads")
    sampling = f"one picture every {picture.shown.every_s:g} s during teacher talk"
    gates = (*basis.role_gates, *view.gates, gate)
    sheet = _sheet(gates, share, picture.shown.stream, sampling)
    why = failed((gate,)) if seen else Why(Reason.NO_OVERLAP)
    if why:
        return sheet.absent(why)
    edges = blocks(basis.facts.span, BLOCK_S)
    times = picture.shown.frame_times_s[used]
    inside = np.append(edges[:, 0], edges[-1:, 1]) if len(edges) else np.zeros(0)
    above = np.histogram(times, inside, weights=up)[0] if len(inside) else np.zeros(0)
    below = np.histogram(times, inside, weights=up + down)[0] if len(inside) else np.zeros(0)
    return with_interval(sheet.ratio(int(up.sum()), decided), above, below)
