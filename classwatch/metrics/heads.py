"""Heads up while the teacher talks, for the class as a whole."""

from __future__ import annotations

import numpy as np

from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.speech import SpeakerRole
from classwatch.core.time import Intervals, contains
from classwatch.metrics.basis import Basis, failed
from classwatch.metrics.bootstrap import BLOCK_S
from classwatch.metrics.cells import Sheet, with_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.pictures import (
    MIN_GROUP,
    ClassView,
    class_views,
    sufficient,
    view_why,
)
from classwatch.metrics.place import ZONES, path_why, teacher_streams, zone_times
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
    gates: voiced snr roles voices visible decided
    zh: 教师讲话期间，能判断的头部中抬起的比例；覆盖率为能判断的头部占看到的学生的比例。
    en: Among the heads that can be decided while the teacher talks, the share that is up. Its
        coverage is the share of students seen whose head could be decided.
    reading-zh: 低头可能正在看书、记录；抬头也不等于在听。它不是专注度，不能用来评价学生。
    reading-en: A lowered head may read or write, a raised one need not listen. It says nothing
        about minds and must not be used to judge pupils.
    """
    views = class_views(basis)
    why = basis.roles_why or view_why(basis, views)
    if why:
        gates = (*basis.role_gates, *(gate for view in views for gate in view.gates))
        return (_sheet(gates, None, "", "pictures during teacher talk").absent(why),)
    return tuple(_cell(basis, view) for view in sufficient(views))


@measure("heads.up_by_place")
def up_by_place(basis: Basis) -> tuple[Measure, ...]:
    """Share of heads that are up while the teacher is in each place.

    name-zh: 教师在不同位置时的抬头比例
    name-en: Heads up by what the teacher is doing
    unit: share
    formula: share(p) = sum of heads up / sum of (heads up + heads down), over pictures while the
        teacher is in place p
    source: own; as heads.up_in_teacher_talk, by the places of place.share
    sampling-zh: 教师在讲台前区面向学生、背对学生在黑板前、在课桌间时，拍到至少 5 名学生的抽样画面
    sampling-en: pictures that show at least 5 students, while the teacher is at the front, at the
        board with the back turned, or among the desks
    gates: visible decided
    zh: 教师在前区面向学生（front）、在黑板前背对学生（at_board）、在课桌间（among_desks）时，
        能判断的头部中抬起的比例。
    en: Among the heads that can be decided, the share that is up while the teacher is at the front,
        at the board with the back turned, and among the desks.
    reading-zh: 教师在课桌间时学生多在做练习，低头是应有的；它不是专注度，不能用来评价学生。
    reading-en: While the teacher walks among the desks the class often works, and lowered heads
        are as they should be. It says nothing about minds and must not be used to judge pupils.
    """
    views = class_views(basis)
    name, sampling = "heads.up_by_place", "pictures by place of the teacher"
    gates = tuple(gate for view in views for gate in view.gates)
    streams = teacher_streams(basis)
    why = view_why(basis, views) or (None if streams else path_why(basis))
    if why:
        return _sheet(gates, None, "", sampling, name).all_absent(why, ZONES)
    return tuple(
        _while(basis, view, times, (name, place, sampling))
        for view in sufficient(views)
        for place, times in zone_times(basis, streams).items()
    )


@measure("heads.synchrony")
def synchrony(basis: Basis) -> tuple[Measure, ...]:
    """How far heads go up and down together.

    name-zh: 抬头低头的同步程度
    name-en: Heads going up and down together
    unit: ratio
    formula: S = (A - C) / (1 - C); A = mean over pictures of the share of pairs of decided heads
        that agree, C = P^2 + (1 - P)^2 with P the share of heads up in the whole lesson
    source: own definition, formed as a chance-corrected agreement (Scott 1955) of heads at a moment
    sampling-zh: 能判断至少 5 个头部的抽样画面；每个画面中两两比较
    sampling-en: pictures with at least 5 decided heads; pairs of heads within a picture
    gates: visible decided
    zh: 同一时刻任意两个学生的头同为抬起或同为低下的比例，扣除按全课抬头比例会偶然一致的部分：
        0 为各自独立，1 为全班总是一起抬头、一起低头。
    en: How often two heads in one picture are both up or both down, less what the lesson's share of
        heads up gives by chance; 0 where each goes its own way, 1 where all go up and down
        together.
    reading-zh: 同步来自共同的任务（一起看黑板、一起写），高低随课型而变，本身不说明好坏。
    reading-en: Heads move together where the class does one thing at a time; it varies with the
        kind of lesson and is neither good nor bad.
    """
    views = class_views(basis)
    name, sampling = "heads.synchrony", "pairs of heads within a picture"
    why = view_why(basis, views)
    if why:
        gates = tuple(gate for view in views for gate in view.gates)
        return (_sheet(gates, None, "", sampling, name, Unit.RATIO).absent(why),)
    return tuple(_together(basis, view) for view in sufficient(views))


MEASURES = (up_in_teacher_talk, up_by_place, synchrony)
_TALK = "heads.up_in_teacher_talk"
_SPREAD = 0.02
"""Where fewer heads than this share are ever up (or down), there is nothing to agree about."""


def _sheet(
    gates: tuple[Gate, ...],
    coverage: float | None,
    stream: str,
    sampling: str,
    name: str = _TALK,
    unit: Unit = Unit.SHARE,
) -> Sheet:
    return Sheet(name, unit, f"{name}/1", sampling, gates, coverage, stream)


def _cell(basis: Basis, view: ClassView) -> Measure:
    sampling = f"one picture every {view.picture.shown.every_s:g} s during teacher talk"
    talk = basis.talk[SpeakerRole.TEACHER]
    return _while(basis, view, talk, (_TALK, "", sampling), basis.role_gates)


def _while(
    basis: Basis,
    view: ClassView,
    times: Intervals,
    what: tuple[str, str, str],
    gates: tuple[Gate, ...] = (),
) -> Measure:
    """Heads up over the pictures at ``times``; ``what`` is the measure's id, part and sampling."""
    name, part, sampling = what
    shown = view.picture.shown
    used = view.enough & contains(times, shown.frame_times_s)
    up, down = shown.heads_up[used], shown.heads_down[used]
    decided, seen = int((up + down).sum()), int(shown.students_seen[used].sum())
    share, gate = _decided(basis, decided, seen)
    sheet = _sheet((*gates, *view.gates, gate), share, shown.stream, sampling, name)
    nothing = Reason.NO_OVERLAP if name == _TALK else Reason.NONE_FOUND
    why = failed((gate,)) if seen else Why(nothing)
    if why:
        return sheet.absent(why, part=part)
    edges = blocks(basis.facts.span, BLOCK_S)
    at = shown.frame_times_s[used]
    inside = np.append(edges[:, 0], edges[-1:, 1]) if len(edges) else np.zeros(0)
    above = np.histogram(at, inside, weights=up)[0] if len(inside) else np.zeros(0)
    below = np.histogram(at, inside, weights=up + down)[0] if len(inside) else np.zeros(0)
    return with_interval(sheet.ratio(int(up.sum()), decided, part=part), above, below)


def _decided(basis: Basis, decided: int, seen: int) -> tuple[float | None, Gate]:
    share = min(1.0, decided / seen) if seen else None
    limit = basis.cfg.min_visible_share
    passed = share is not None and share >= limit
    return share, Gate(
        "decided", share, limit, passed, f"up or down decided for {limit:.0%} of heads"
    )


def _together(basis: Basis, view: ClassView) -> Measure:
    shown = view.picture.shown
    up, down = shown.heads_up[view.enough], shown.heads_down[view.enough]
    seen = int(shown.students_seen[view.enough].sum())
    share, gate = _decided(basis, int((up + down).sum()), seen)
    sampling = f"pairs of heads in one picture every {shown.every_s:g} s"
    gates, name = (*view.gates, gate), "heads.synchrony"
    sheet = _sheet(gates, share, shown.stream, sampling, name, Unit.RATIO)
    heads = (up + down)[up + down >= MIN_GROUP]
    why = failed((gate,))
    if why or len(heads) == 0:
        return sheet.absent(why or Why(Reason.NONE_FOUND))
    ups = up[up + down >= MIN_GROUP]
    overall = float(ups.sum() / heads.sum())
    if min(overall, 1 - overall) < _SPREAD:
        return sheet.absent(Why(Reason.NONE_FOUND))
    pairs = heads * (heads - 1)
    alike = (ups * (ups - 1) + (heads - ups) * (heads - ups - 1)) / pairs
    chance = overall**2 + (1 - overall) ** 2
    return sheet.give((float(alike.mean()) - chance) / (1 - chance))
