"""Who takes part, by zone of seats: never by pupil, and only in a class that is large enough."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import EventKind
from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.speech import SpeakerRole
from classwatch.core.time import Interval, intervals, normalise
from classwatch.metrics.basis import Basis, failed, of_turns
from classwatch.metrics.cells import Sheet, with_share_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.hands import MIN_STANDING_S
from classwatch.metrics.pictures import ClassView, hand_views, sufficient, view_why
from classwatch.metrics.timeline import as_values, clip, covered_within

MIN_CLASS = 20
MIN_TURNS = 5
ZONES = ("desks_left", "desks_middle", "desks_right")
"""Zones of seats that always exist; others are added where students are seen in them."""


def gini(counts: NDArray[np.floating]) -> float:
    """``G = sum_ij |x_i - x_j| / (2 n^2 mean)`` of counts (n,): 0 all equal, 1 - 1/n all in one.

    Errors: ``ValueError`` without counts, with negative ones, or where all are zero.
    """
    if len(counts) == 0 or counts.min() < 0 or counts.sum() <= 0:
        raise ValueError("the Gini index needs counts that are not all zero")
    gaps = np.abs(counts[:, None] - counts[None, :]).sum()
    return float(gaps / (2 * len(counts) ** 2 * counts.mean()))


def turns_by_zone(basis: Basis, stream: str) -> dict[str, list[Interval]]:
    """Turns of one student that somebody spoke standing, by the zone of who stood longest in them.

    Turns during which nobody stands have no zone and are left out.
    """
    events = [e for e in basis.facts.events if e.stream == stream and e.zone]
    seen = {
        e.zone
        for e in events
        if e.kind in (EventKind.STANDING, EventKind.HAND_RAISED, EventKind.HEAD_DOWN)
    }
    found: dict[str, list[Interval]] = {zone: [] for zone in sorted({*ZONES, *seen})}
    turns = of_turns(basis.turns, SpeakerRole.STUDENT)
    if len(turns) == 0:
        return found
    overlap = np.stack([_standing(basis, stream, zone, turns) for zone in found])
    best = overlap.argmax(axis=0)
    names = tuple(found)
    for at, moment in enumerate(as_values(turns, len(turns))):
        if overlap[best[at], at] >= MIN_STANDING_S:
            found[names[int(best[at])]].append(moment)
    return found


@measure("zone.share")
def share(basis: Basis) -> tuple[Measure, ...]:
    """Turns spoken standing, by zone.

    name-zh: 各座位区的起立发言比例
    name-en: Turns by zone of seats
    unit: share
    formula: share(z) = turns spoken standing in zone z / turns spoken standing
    source: own; zones as in the picture
    sampling-zh: 单个学生的话轮，与起立事件重叠 0.5 秒以上；区域取站得最久者所在
    sampling-en: turns of one student that a standing student overlaps by 0.5 s; the zone of who
        stands longest
    gates: voiced snr roles voices visible points size class_size occurrences
    zh: 起立发言在左、中、右等座位区的分布，相加为 1。班级不足 20 人或不足 5 次时不给。
    en: How turns spoken standing are spread over the zones of seats; they add up to 1. Not given
        for classes under 20 or fewer than 5 turns.
    reading-zh: 左右按画面；各区人数可能不同，坐着发言的不在其中；机位决定能看到哪些区。
    reading-en: Left and right as in the picture. Zones may hold different numbers of pupils, turns
        spoken sitting are not in it, and the camera decides which zones are seen.
    """
    return _zones(basis, "zone.share", Unit.SHARE)


@measure("zone.gini")
def inequality(basis: Basis) -> tuple[Measure, ...]:
    """Gini index of turns over zones.

    name-zh: 发言在座位区之间的不均等程度（基尼系数）
    name-en: Inequality of turns over zones (Gini)
    unit: ratio
    formula: G = sum_ij |x_i - x_j| / (2 n^2 mean x), x turns of each of n zones
    source: Gini index; its use over zones is own
    sampling-zh: 同“各座位区的起立发言比例”
    sampling-en: as for the turns by zone
    gates: voiced snr roles voices visible points size class_size occurrences
    zh: 0 表示各区发言次数相同；三个区时最大为 2/3，即全部来自一个区。
    en: 0 where all zones have equal turns; with three zones at most 2/3, where one has all.
    reading-zh: 次数少时偶然性很大；没有公认的常模。
    reading-en: Chance weighs much where there are few turns; there is no accepted norm.
    """
    return _zones(basis, "zone.gini", Unit.RATIO)


@measure("zone.silent_share")
def silent_share(basis: Basis) -> tuple[Measure, ...]:
    """Share of zones without a turn.

    name-zh: 没有起立发言的座位区比例
    name-en: Zones without a turn
    unit: share
    formula: zones without a turn spoken standing / zones
    source: own
    sampling-zh: 同“各座位区的起立发言比例”
    sampling-en: as for the turns by zone
    gates: voiced snr roles voices visible points size class_size occurrences
    zh: 全课没有一次起立发言的座位区占全部座位区的比例。
    en: Zones from which nobody spoke standing in the whole lesson, over all zones.
    reading-zh: 被遮挡或没拍到的区也会显得“没有发言”，先看机位。
    reading-en: A zone that is hidden looks silent too, so look at the camera first.
    """
    return _zones(basis, "zone.silent_share", Unit.SHARE)


MEASURES = (share, inequality, silent_share)


def _zones(basis: Basis, name: str, unit: Unit) -> tuple[Measure, ...]:
    parts = ZONES if name == "zone.share" else ("",)
    views = hand_views(basis)
    stream = _stream(views)
    found = {} if stream is None else turns_by_zone(basis, stream)
    counts = np.array([len(own) for own in found.values()], dtype=np.float64)
    gates = (*basis.role_gates, *_gates(views, int(counts.sum())))
    coverage = max((view.coverage(basis.lesson_s) or 0.0 for view in views), default=None)
    sampling = "turns spoken standing, zones of the picture"
    sheet = Sheet(name, unit, f"{name}/1", sampling, gates, coverage, stream or "")
    why = basis.roles_why or view_why(basis, views) or failed(gates)
    if why or stream is None:
        return sheet.all_absent(why or Why(Reason.NO_STUDENT_PICTURE), parts)
    if name == "zone.gini":
        return (sheet.give(gini(counts)),)
    if name == "zone.silent_share":
        return (sheet.ratio(int((counts == 0).sum()), len(counts)),)
    every = [turn.start_s for own in found.values() for turn in own]
    return tuple(
        with_share_interval(
            sheet.ratio(len(own), len(every), part=zone, evidence=tuple(own[:50])),
            [turn.start_s for turn in own],
            every,
            basis.facts.span,
        )
        for zone, own in found.items()
    )


def _stream(views: tuple[ClassView, ...]) -> str | None:
    """The view that shows most students."""
    enough = sufficient(views)
    best = max(enough, key=_seen, default=None)
    return None if best is None else best.picture.shown.stream


def _seen(view: ClassView) -> float:
    seen = view.picture.shown.students_seen[view.inside]
    return float(np.median(seen)) if len(seen) else 0.0


def _gates(views: tuple[ClassView, ...], turns: int) -> tuple[Gate, ...]:
    students = max((_seen(view) for view in sufficient(views)), default=0.0)
    seen = tuple(gate for view in views for gate in view.gates)
    return (
        *(seen if not sufficient(views) else sufficient(views)[0].gates),
        Gate(
            "class_size",
            students,
            float(MIN_CLASS),
            students >= MIN_CLASS,
            f"at least {MIN_CLASS} students seen",
        ),
        Gate(
            "occurrences",
            float(turns),
            float(MIN_TURNS),
            turns >= MIN_TURNS,
            f"at least {MIN_TURNS} turns with a zone",
        ),
    )


def _standing(
    basis: Basis, stream: str, zone: str, turns: NDArray[np.float64]
) -> NDArray[np.float64]:
    own = intervals(
        (e.start_s, e.end_s)
        for e in basis.facts.events
        if e.kind is EventKind.STANDING and e.stream == stream and e.zone == zone
    )
    return covered_within(normalise(clip(own, basis.facts.span)), turns)
