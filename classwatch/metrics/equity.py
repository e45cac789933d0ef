"""Who takes part, by zone of seats: never by pupil, and only in a class that is large enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import OF_TEACHER, EventKind
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
MIN_ZONES = 2
_OF_ADULTS = OF_TEACHER | {EventKind.OTHER_ADULT}
"""Their zones are where they stand, however few sit there."""


def gini(counts: NDArray[np.floating]) -> float:
    """``G = sum_ij |x_i - x_j| / (2 n^2 mean)`` of counts (n,): 0 all equal, 1 - 1/n all in one.

    Errors: ``ValueError`` without counts, with negative ones, or where all are zero.
    """
    if len(counts) == 0 or counts.min() < 0 or counts.sum() <= 0:
        raise ValueError("the Gini index needs counts that are not all zero")
    gaps = np.abs(counts[:, None] - counts[None, :]).sum()
    return float(gaps / (2 * len(counts) ** 2 * counts.mean()))


def zones_seen(basis: Basis, stream: str) -> tuple[str, ...]:
    """Zones with enough seats in one stream: those that anything students do is placed in."""
    told = {
        event.zone
        for event in basis.facts.events
        if event.stream == stream and event.kind not in _OF_ADULTS
    }
    return tuple(zone for zone in ZONES if zone in told)


def turns_by_zone(basis: Basis, stream: str) -> dict[str, list[Interval]]:
    """Turns of one student that somebody spoke standing, by the zone of who stood longest in them.

    Turns during which nobody stands in a zone are left out.
    """
    found: dict[str, list[Interval]] = {zone: [] for zone in zones_seen(basis, stream)}
    turns = of_turns(basis.turns, SpeakerRole.STUDENT)
    if len(turns) == 0 or not found:
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
    zh: 起立发言在左、中、右等座位区的分布，相加为 1。班级不足 20 人、不足 5 次，
        或一区座位不足 5 个时不给。
    en: How turns spoken standing are spread over the zones of seats; they add up to 1. Not given
        for classes under 20, for fewer than 5 turns, and for a zone of fewer than five seats.
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


@measure("zone.hands")
def hands(basis: Basis) -> tuple[Measure, ...]:
    """Raised hands, by zone.

    name-zh: 各座位区的举手比例
    name-en: Raised hands by zone of seats
    unit: share
    formula: share(z) = hands raised in zone z / hands raised in all zones
    source: own; zones as in the picture
    sampling-zh: 举手事件，每人每次举手算一次；区域是座位在画面中的左、中、右
    sampling-en: events of a raised hand, one for each time a pupil raises it; left, middle and
        right as the seats lie in the picture
    gates: visible points size class_size occurrences
    zh: 举手在左、中、右座位区的分布，相加为 1。班级不足 20 人、不足 5 次，
        或一区座位不足 5 个时不给。
    en: How raised hands are spread over the zones of seats; they add up to 1. Not given for classes
        under 20, for fewer than 5 hands, and for a zone of fewer than five seats.
    reading-zh: 各区人数可能不同，离镜头远的区漏看更多，先看机位。
    reading-en: Zones may hold different numbers of pupils, and more hands are missed far from the
        camera.
    """
    views = hand_views(basis)
    stream = _stream(views)
    found: dict[str, tuple[Interval, ...]] = {}
    if stream is not None:
        found = {zone: _raised(basis, stream, zone) for zone in zones_seen(basis, stream)}
    gates = _gates(views, sum(map(len, found.values())))
    coverage = max((view.coverage(basis.lesson_s) or 0.0 for view in views), default=None)
    sampling = "raised hands, zones of the picture"
    sheet = Sheet("zone.hands", Unit.SHARE, "zone.hands/1", sampling, gates, coverage, stream or "")
    why = view_why(basis, views) or _zones_why(found) or failed(gates)
    return sheet.all_absent(why, ZONES) if why else _shares(basis, sheet, found)


MEASURES = (share, inequality, silent_share, hands)


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
    why = basis.roles_why or view_why(basis, views) or _zones_why(found) or failed(gates)
    if why or stream is None:
        return sheet.all_absent(why or Why(Reason.NO_STUDENT_PICTURE), parts)
    if name == "zone.gini":
        return (sheet.give(gini(counts)),)
    if name == "zone.silent_share":
        return (sheet.ratio(int((counts == 0).sum()), len(counts)),)
    return _shares(basis, sheet, found)


def _shares(
    basis: Basis, sheet: Sheet, found: Mapping[str, Sequence[Interval]]
) -> tuple[Measure, ...]:
    """Share of what was found in each zone; absent for a zone of too few seats."""
    every = [moment.start_s for own in found.values() for moment in own]
    return tuple(
        with_share_interval(
            sheet.ratio(len(found[zone]), len(every), part=zone, evidence=tuple(found[zone][:50])),
            [moment.start_s for moment in found[zone]],
            every,
            basis.facts.span,
        )
        if zone in found
        else sheet.absent(Why(Reason.ZONE_SMALL), part=zone)
        for zone in ZONES
    )


def _zones_why(found: Mapping[str, Sequence[Interval]]) -> Why | None:
    return Why(Reason.ZONE_SMALL) if len(found) < MIN_ZONES else None


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
            f"at least {MIN_TURNS} of them with a zone",
        ),
    )


def _raised(basis: Basis, stream: str, zone: str) -> tuple[Interval, ...]:
    own = intervals(
        (e.start_s, e.end_s)
        for e in basis.facts.events
        if e.kind is EventKind.HAND_RAISED and e.stream == stream and e.zone == zone
    )
    inside = clip(own, basis.facts.span)
    return as_values(inside[np.argsort(inside[:, 0], kind="stable")], len(inside))


def _standing(
    basis: Basis, stream: str, zone: str, turns: NDArray[np.float64]
) -> NDArray[np.float64]:
    own = intervals(
        (e.start_s, e.end_s)
        for e in basis.facts.events
        if e.kind is EventKind.STANDING and e.stream == stream and e.zone == zone
    )
    return covered_within(normalise(clip(own, basis.facts.span)), turns)
