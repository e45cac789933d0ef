"""How the teacher moves: zones, patrols, stops, and metres where the floor is known.

All of one camera: the best that shows the teacher. Thresholds are in the ids.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.people import FloorSource
from classwatch.core.reasons import Reason
from classwatch.core.time import Interval
from classwatch.metrics.basis import Basis, failed
from classwatch.metrics.cells import Sheet
from classwatch.metrics.definition import measure
from classwatch.metrics.facts import TeacherTrace
from classwatch.metrics.pictures import picture_spans
from classwatch.metrics.place import MAX_GAP_S, path_why, trace_within, traced

ZONES = tuple(f"{d}_{s}" for d in ("front", "desks") for s in ("left", "middle", "right"))
PATROL_S = 8.0
PATROL_ZONES = 2
VISIT_S = 3.0
STOP_S = 5.0
STOP_HEIGHTS = 0.5
STEP_M = 0.4
"""Shorter displacements on the floor are jitter of the hips."""
MAX_FLOOR_ERROR = 0.35
MIN_VISIBLE_S = 60.0
_FLOOR = {
    FloorSource.POINTS: "floor from marked points",
    FloorSource.SEATS: "floor from the width of seated shoulders",
}


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """The teacher's sightings inside the lesson with the seconds (m,) each stands for."""

    trace: TeacherTrace
    seconds: NDArray[np.float64]
    stream: str

    @property
    def zones(self) -> NDArray[np.int64]:
        """Number in ``ZONES`` of each sighting, -1 where zones cannot be told."""
        return np.asarray([ZONES.index(z) if z in ZONES else -1 for z in self.trace.zone])

    def span(self, first: int, last: int) -> Interval:
        """Time of the sightings from first to last."""
        end_s = float(self.trace.times_s[last] + self.seconds[last])
        return Interval(float(self.trace.times_s[first]), end_s)


@measure("movement.zone_share")
def zone_share(basis: Basis) -> tuple[Measure, ...]:
    """Share of visible time in each of six zones of the picture.

    name-zh: 教师在各区域的时间比例
    name-en: Teacher's time by zone
    unit: share
    formula: share(z) = seconds in zone z / seconds visible
    source: Moodoo (doi 10.1007/s40593-021-00276-w), presence in areas of interest; in the image
    sampling-zh: 抽样画面；前区或课桌区，各按画面宽度三等分为左、中、右
    sampling-en: sampled pictures; front or desks, each in the left, middle or right third of them
    gates: visible_s
    zh: 教师在六个画面区域中各占看得见时间的比例，相加为 1。
    en: Of the time the teacher is seen, the share in each of six zones; they add up to 1.
    reading-zh: 左右是画面上的左右；区域大小随机位而变，不同教室之间不宜比较。
    reading-en: Left and right are those of the picture, and zones differ between cameras.
    """
    way, sheet, why = _zoned(basis, "movement.zone_share", Unit.SHARE)
    if way is None or why is not None:
        return sheet.all_absent(why or Why(Reason.NO_TEACHER_SEEN), ZONES)
    times = _zone_seconds(way)
    return tuple(
        sheet.ratio(float(own), float(times.sum()), part=zone)
        for zone, own in zip(ZONES, times, strict=True)
    )


@measure("movement.entropy")
def entropy(basis: Basis) -> tuple[Measure, ...]:
    """How evenly the teacher's time is spread over the zones.

    name-zh: 教师位置熵
    name-en: Entropy of the teacher's place
    unit: ratio
    formula: H = -sum p(z) ln p(z) / ln 6
    source: Moodoo (doi 10.1007/s40593-021-00276-w), entropy; normalised by the number of zones
    sampling-zh: 同上六个画面区域
    sampling-en: the six zones of movement.zone_share
    gates: visible_s
    zh: 各区域时间比例的熵除以 ln 6：0 为始终在一个区域，1 为各区域时间相等。
    en: Entropy of the shares of time over ln 6, which is 0 in one zone only and 1 when all zones
        get the same time.
    reading-zh: 高低随课型而变，本身不说明好坏。
    reading-en: It varies with the kind of lesson and is neither good nor bad in itself.
    """
    way, sheet, why = _zoned(basis, "movement.entropy", Unit.RATIO)
    if way is None or why is not None:
        return (sheet.absent(why or Why(Reason.NO_TEACHER_SEEN)),)
    shares = _zone_seconds(way) / _zone_seconds(way).sum()
    positive = shares[shares > 0]
    return (sheet.give(abs(float((positive * np.log(positive)).sum())) / math.log(len(ZONES))),)


@measure("movement.dispersion")
def dispersion(basis: Basis) -> tuple[Measure, ...]:
    """How unevenly the teacher's time among the desks is spread over them.

    name-zh: 课桌区停留不均度
    name-en: Uneven presence among the desks
    unit: ratio
    formula: Gini = sum |t(i) - t(j)| / (2 n sum t), over the three zones of desks
    source: Moodoo (doi 10.1007/s40593-021-00276-w), index of dispersion; over zones, never seats
    sampling-zh: 课桌区左、中、右三个区域的时间
    sampling-en: time in the left, middle and right zone of the desks
    gates: visible_s
    zh: 教师在课桌区三个区域停留时间的基尼系数：0 为相等，2/3 为只在一个区域。
    en: Gini index of the time in the three zones of desks; 0 is equal, 2/3 is one zone only.
    reading-zh: 只在教师走入课桌区时才有；区域内的学生人数可能不同。
    reading-en: Given only where the teacher walks among the desks; zones may seat unequal numbers.
    """
    way, sheet, why = _zoned(basis, "movement.dispersion", Unit.RATIO)
    if way is None or why is not None:
        return (sheet.absent(why or Why(Reason.NO_TEACHER_SEEN)),)
    own = _zone_seconds(way)[3:]
    if own.sum() <= 0:
        return (sheet.absent(Why(Reason.NONE_FOUND)),)
    gaps = np.abs(own[:, None] - own[None]).sum()
    return (sheet.give(float(gaps / (2 * len(own) * own.sum()))),)


@measure("movement.patrols")
def patrols(basis: Basis) -> tuple[Measure, ...]:
    """Excursions from the front among the desks.

    name-zh: 巡视次数
    name-en: Patrols
    unit: count
    formula: stretches among the desks of at least 8 s that touch at least 2 zones
    source: own formula, after procurement wording (patrol count) and Moodoo transitions
    sampling-zh: 抽样画面；离开前区、在课桌区连续不少于 8 秒且经过至少 2 个区域
    sampling-en: sampled pictures; away from the front for at least 8 s, in at least 2 zones
    gates: visible_s
    zh: 教师离开讲台区、走到课桌间的次数；看不见超过 5 秒算中断。
    en: How often the teacher leaves the front for the desks; more than 5 s unseen ends a stretch.
    reading-zh: 镜头拍不到的巡视不计；次数多少本身不说明好坏。
    reading-en: Patrols outside the view are not counted; many or few is neither good nor bad.
    """
    way, sheet, why = _zoned(basis, f"movement.patrols@{PATROL_S:g}s", Unit.COUNT)
    if way is None or why is not None:
        return (sheet.absent(why or Why(Reason.NO_TEACHER_SEEN)),)
    found = tuple(
        way.span(first, last)
        for first, last in _stretches(way, way.zones >= 3)
        if way.span(first, last).duration_s >= PATROL_S - 1e-6
        and len(set(way.zones[first : last + 1].tolist()) - {-1}) >= PATROL_ZONES
    )
    return (sheet.give(len(found), evidence=found[:50]),)


@measure("movement.visits")
def visits(basis: Basis) -> tuple[Measure, ...]:
    """Visits to each zone of desks.

    name-zh: 到访各课桌区域次数
    name-en: Visits to the desks by zone
    unit: count
    formula: stretches of at least 3 s in a zone of desks
    source: Moodoo (doi 10.1007/s40593-021-00276-w), visits; to zones, never to one pupil
    sampling-zh: 抽样画面；课桌区左、中、右，每次不少于 3 秒
    sampling-en: sampled pictures; left, middle and right of the desks, at least 3 s each
    gates: visible_s
    zh: 教师进入课桌区左、中、右各区域的次数。
    en: How often the teacher came to the left, middle and right zone of the desks.
    reading-zh: 到访区域不等于与其中某个学生互动。
    reading-en: Coming to a zone does not mean dealing with any one pupil in it.
    """
    way, sheet, why = _zoned(basis, f"movement.visits@{VISIT_S:g}s", Unit.COUNT)
    if way is None or why is not None:
        return sheet.all_absent(why or Why(Reason.NO_TEACHER_SEEN), ZONES[3:])
    cells: list[Measure] = []
    for number in range(3, len(ZONES)):
        spans = [way.span(*ends) for ends in _stretches(way, way.zones == number)]
        found = tuple(s for s in spans if s.duration_s >= VISIT_S - 1e-6)
        cells.append(sheet.give(len(found), part=ZONES[number], evidence=found[:20]))
    return tuple(cells)


@measure("movement.stops")
def stops(basis: Basis) -> tuple[Measure, ...]:
    """Places at which the teacher stays, per visible minute.

    name-zh: 每分钟驻足次数
    name-en: Stops per minute
    unit: 1/min
    formula: stretches of at least 5 s within 0.5 own heights of where they began / minutes visible
    source: Moodoo (doi 10.1007/s40593-021-00276-w), stops; thresholds ours, in the image
    sampling-zh: 抽样画面中的位置；以自身身高为单位
    sampling-en: positions in the sampled pictures, in own heights
    gates: visible_s
    zh: 教师在半个身高范围内停留不少于 5 秒的次数，除以看得见的分钟数。
    en: How often the teacher stayed within half a body height for at least 5 s, per minute seen.
    reading-zh: 朝向镜头的移动会被低估；少可能是一直站着，也可能是一直在走。
    reading-en: Movement towards the camera is too short; few stops may be standing or walking on.
    """
    way, sheet, why = _way(basis, f"movement.stops@{STOP_S:g}s", Unit.PER_MINUTE)
    if way is None or why is not None:
        return (sheet.absent(why or Why(Reason.NO_TEACHER_SEEN)),)
    found = _stops(way)
    minutes = float(way.seconds.sum()) / 60.0
    return (sheet.ratio(len(found), minutes, evidence=found[:50]),)


@measure("movement.distance")
def distance(basis: Basis) -> tuple[Measure, ...]:
    """Metres walked per visible minute.

    name-zh: 每分钟行走距离（米）
    name-en: Metres walked per minute
    unit: 1/min
    formula: sum of steps of at least 0.4 m on the floor / minutes followed
    source: Moodoo (doi 10.1007/s40593-021-00276-w), distance; hips taken to the floor
    sampling-zh: 抽样画面；由标定点，或由学生肩宽估计的地面坐标
    sampling-en: sampled pictures; floor from marked points, or from the width of seated shoulders
    gates: visible_s floor
    zh: 教师在地面上每分钟走了多少米；间隔超过 5 秒的两次出现之间不计。
    en: How many metres the teacher walks each minute; nothing is added over gaps of over 5 s.
    reading-zh: 没有标定点时由座位估计，误差写在前提中。
    reading-en: Without marked points the seats give the scale, with the error in the conditions.
    """
    way, sheet, why = _way(basis, "movement.distance", Unit.PER_MINUTE)
    if way is None or why is not None:
        return (sheet.absent(why or Why(Reason.NO_TEACHER_SEEN)),)
    error, source = way.trace.floor_error, way.trace.floor_source
    known = error is not None and error <= MAX_FLOOR_ERROR
    rule = f"distances on the floor known to {MAX_FLOOR_ERROR:.0%}"
    gate = Gate("floor", error, MAX_FLOOR_ERROR, known, rule)
    sampling = sheet.sampling if source is None else f"{sheet.sampling}, {_FLOOR[source]}"
    sheet = replace(sheet, gates=(*sheet.gates, gate), sampling=sampling)
    lost = failed((gate,))
    if lost is not None:
        told = {} if source is None else {"source": str(source)}
        return (sheet.absent(replace(lost, detail={**lost.detail, **told})),)
    return (sheet.ratio(*_walked(way)),)


MEASURES = (zone_share, entropy, dispersion, patrols, visits, stops, distance)


def _way(basis: Basis, measure_id: str, unit: Unit) -> tuple[_Way | None, Sheet, Why | None]:
    """The teacher's way, the sheet with its gate on visible time, and what is missing."""
    formula, sampling = measure_id.partition("@")[0] + "/1", "sampled pictures"
    found = traced(basis)
    if found is None or found.teacher is None:
        return None, Sheet(measure_id, unit, formula, sampling), path_why(basis)
    trace = trace_within(basis, found.teacher)
    spans = picture_spans(trace.times_s, found.shown.every_s)
    seconds = spans[:, 1] - spans[:, 0]
    total = float(seconds.sum())
    rule = f"the teacher seen for at least {MIN_VISIBLE_S:g} s"
    gate = Gate("visible_s", total, MIN_VISIBLE_S, total >= MIN_VISIBLE_S, rule)
    coverage = min(1.0, total / basis.lesson_s) if basis.lesson_s > 0 else None
    stream = found.shown.stream
    sheet = Sheet(measure_id, unit, formula, sampling, (gate,), coverage, stream)
    return _Way(trace, seconds, stream), sheet, failed((gate,))


def _zoned(basis: Basis, measure_id: str, unit: Unit) -> tuple[_Way | None, Sheet, Why | None]:
    """As ``_way``, for measures that need zones of the picture."""
    way, sheet, why = _way(basis, measure_id, unit)
    if way is not None and why is None and not (way.zones >= 0).any():
        why = Why(Reason.NO_ZONES)
    return way, sheet, why


def _zone_seconds(way: _Way) -> NDArray[np.float64]:
    told = way.zones >= 0
    counts = np.bincount(way.zones[told], way.seconds[told], minlength=len(ZONES))
    return np.asarray(counts, np.float64)


def _stretches(way: _Way, mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last sighting of each stretch of the mask without a long gap."""
    at = np.flatnonzero(mask)
    if len(at) == 0:
        return []
    breaks = (np.diff(at) > 1) | (np.diff(way.trace.times_s[at]) > MAX_GAP_S)
    firsts = at[np.concatenate([[True], breaks])]
    lasts = at[np.concatenate([breaks, [True]])]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _stops(way: _Way) -> tuple[Interval, ...]:
    trace = way.trace
    found: list[Interval] = []
    first = 0
    for now in range(1, len(trace.times_s) + 1):
        if now < len(trace.times_s) and _stays(trace, first, now):
            continue
        span = way.span(first, now - 1)
        if span.duration_s >= STOP_S - 1e-6:
            found.append(span)
        first = now
    return tuple(found)


def _stays(trace: TeacherTrace, first: int, now: int) -> bool:
    if trace.times_s[now] - trace.times_s[now - 1] > MAX_GAP_S:
        return False
    if trace.setup[now] != trace.setup[first]:
        return False
    across = float(trace.x[now] - trace.x[first]) * trace.aspect
    away = math.hypot(across, float(trace.y[now] - trace.y[first]))
    return away <= STOP_HEIGHTS * float(trace.height[first] + trace.height[now]) / 2


def _walked(way: _Way) -> tuple[float, float]:
    """Metres walked and the minutes over which they were followed."""
    trace = way.trace
    if trace.floor_m is None:
        return 0.0, 0.0
    metres = seconds = 0.0
    anchor = 0
    for now in range(1, len(trace.times_s)):
        gap_s = float(trace.times_s[now] - trace.times_s[now - 1])
        step = float(np.linalg.norm(trace.floor_m[now] - trace.floor_m[anchor]))
        if gap_s > MAX_GAP_S or trace.setup[now] != trace.setup[anchor] or math.isnan(step):
            anchor = now
            continue
        seconds += gap_s
        if step >= STEP_M:
            metres += step
            anchor = now
    return metres, seconds / 60.0
