"""Where the teacher is in the picture, and how far the teacher moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from classwatch.core.events import EventKind
from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.media import StreamRole
from classwatch.core.reasons import Reason
from classwatch.core.time import Intervals, normalise, subtract, total_s, union
from classwatch.metrics.basis import Basis
from classwatch.metrics.bootstrap import BLOCK_S
from classwatch.metrics.cells import Sheet, with_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.facts import PictureFacts, TeacherTrace
from classwatch.metrics.pictures import event_spans, picture_spans
from classwatch.metrics.timeline import (
    as_values,
    blocks,
    clip,
    common,
    covered_within,
    longest_first,
)

STEP_HEIGHTS = 0.25
"""Shorter displacements are taken for jitter of the detector, not for steps."""
MAX_GAP_S = 5.0
"""Nothing is assumed about the way between sightings farther apart."""
ZONES = {
    "at_board": EventKind.TEACHER_AT_BOARD,
    "front": EventKind.TEACHER_FRONT,
    "among_desks": EventKind.TEACHER_AMONG_DESKS,
}
"""In order of precedence where events overlap."""
TEACHER_ORDER = (
    StreamRole.TEACHER_CAM,
    StreamRole.MIXED,
    StreamRole.STUDENT_CAM,
    StreamRole.SCREEN,
    StreamRole.AUDIO,
)
"""Which camera is asked first about the teacher."""


@measure("place.share")
def share(basis: Basis) -> tuple[Measure, ...]:
    """Share of visible time the teacher spends in each zone.

    name-zh: 教师位置比例
    name-en: Teacher's place
    unit: share
    formula: share(z) = seconds in zone z / seconds visible
    source: zone share as in Moodoo (doi 10.1007/s40593-021-00276-w), in the image plane
    sampling-zh: 由抽样画面中的教师事件合并，一路看不到时取看得到的另一路；
        区域是画面中的，不是地面上的；从教室后方拍摄时，看不到不超过 10 秒又在原处出现的算作没有离开
    sampling-en: merged from teacher events in the sampled pictures, a stream filling in where none
        before it sees the teacher; zones lie in the picture, not on the floor; seen from behind the
        class, who is lost for at most 10 s and found again at the same place has stayed there
    gates: none
    zh: 教师在讲台前区面向学生（front）、背对学生在黑板前（at_board）、在课桌间（among_desks）
        各占看得见的时间的比例，相加为 1。
    en: Of the time the teacher is visible, the share in the front zone (front), at the board with
        the back turned (at_board), and among the desks (among_desks); they add up to 1.
    reading-zh: 没有地面标定，区域边界随机位而变，不同教室之间不宜直接比较。
    reading-en: Without a floor calibration the zones depend on the camera, so rooms should not be
        compared with each other.
    """
    streams = teacher_streams(basis)
    sheet = _sheet(basis, "place.share", Unit.SHARE, streams)
    if not streams:
        return sheet.all_absent(path_why(basis), ZONES)
    zones = zone_times(basis, streams)
    visible_s = sum(total_s(own) for own in zones.values())
    if visible_s <= 0:
        return sheet.all_absent(Why(Reason.NO_TEACHER_SEEN), ZONES)
    pieces = blocks(basis.facts.span, BLOCK_S)
    inside = {zone: covered_within(own, pieces) for zone, own in zones.items()}
    below = np.sum(list(inside.values()), axis=0)
    return tuple(
        with_interval(
            sheet.ratio(total_s(own), visible_s, part=zone, evidence=longest_first(own, 20)),
            inside[zone],
            below,
        )
        for zone, own in zones.items()
    )


@measure("place.not_visible")
def not_visible(basis: Basis) -> tuple[Measure, ...]:
    """Share of observed time without the teacher in the picture.

    name-zh: 画面中看不到教师的比例
    name-en: Teacher not in the picture
    unit: share
    formula: seconds not visible / (seconds visible + seconds not visible)
    source: own
    sampling-zh: 由抽样画面中的教师事件合并
    sampling-en: merged from teacher events in the sampled pictures
    gates: none
    zh: 有画面而看不到教师的时间比例。
    en: The share of the observed time in which the teacher is not seen.
    reading-zh: 教师可能在画面外、被遮挡或蹲下，不等于离开教室。
    reading-en: The teacher may be outside the view, hidden or crouching; it does not mean absent.
    """
    streams = teacher_streams(basis)
    sheet = _sheet(basis, "place.not_visible", Unit.SHARE, streams)
    if not streams:
        return (sheet.absent(path_why(basis)),)
    seen = union(*zone_times(basis, streams).values())
    if len(seen) == 0:
        return (sheet.absent(Why(Reason.NO_TEACHER_SEEN)),)
    away = normalise(event_spans(basis, EventKind.TEACHER_NOT_VISIBLE, streams))
    away = subtract(away, seen)
    observed_s = total_s(away) + total_s(seen)
    cell = sheet.ratio(total_s(away), observed_s, evidence=longest_first(away, 20))
    pieces = blocks(basis.facts.span, BLOCK_S)
    inside, observed = (covered_within(s, pieces) for s in (away, union(away, seen)))
    return (with_interval(cell, inside, observed),)


@measure("place.other_adult")
def other_adult(basis: Basis) -> tuple[Measure, ...]:
    """Share of observed time with another adult in the picture.

    name-zh: 画面中有其他成人的时间比例
    name-en: Another adult in the picture
    unit: share
    formula: seconds with another adult in any stream / seconds observed
    source: own
    sampling-zh: 抽样画面；站立或走动、高于坐着的学生、与教师同时在画面中的人，各路合并
    sampling-en: sampled pictures, all streams together; somebody who stands or walks, higher than
        the seated, while the teacher is seen elsewhere
    gates: none
    zh: 除教师外有成人（助教、听课者）站立或走动的时间占有画面的时间的比例，证据为其进出的时段。
    en: The share of the observed time in which an adult beside the teacher (an assistant, a
        visitor) stands or walks in the picture; the evidence is when one came and went.
    reading-zh: 坐着的听课者认不出；站着的学生若座位不空也可能误算。
    reading-en: A visitor who sits is not told from pupils, and a pupil who stands about while no
        seat is seen empty may be taken for an adult.
    """
    streams = teacher_streams(basis)
    sheet = _sheet(basis, "place.other_adult", Unit.SHARE, streams)
    if not streams or len(union(*zone_times(basis, streams).values())) == 0:
        return (sheet.absent(path_why(basis)),)
    shown = [p.shown for p in basis.facts.pictures]
    seen = [picture_spans(pictures.frame_times_s, pictures.every_s) for pictures in shown]
    observed = clip(union(*seen), basis.facts.span)
    names = tuple(pictures.stream for pictures in shown)
    about = common(normalise(event_spans(basis, EventKind.OTHER_ADULT, names)), observed)
    if basis.lesson_s > 0:
        sheet = replace(sheet, coverage=min(1.0, total_s(observed) / basis.lesson_s))
    cell = sheet.ratio(total_s(about), total_s(observed), evidence=as_values(about, 50))
    pieces = blocks(basis.facts.span, BLOCK_S)
    inside, below = (covered_within(s, pieces) for s in (about, observed))
    return (with_interval(cell, inside, below),)


@measure("place.path")
def path(basis: Basis) -> tuple[Measure, ...]:
    """Length of the teacher's way per visible minute, in body heights.

    name-zh: 教师移动量
    name-en: Teacher's movement
    unit: 1/min
    formula: sum of steps of at least 0.25 own heights / minutes followed
    source: own; in the picture, after distance measures for teacher movement (Moodoo)
    sampling-zh: 抽样画面中的位置；小于编号中 step 个身高的位移视为抖动
    sampling-en: positions in the sampled pictures; displacements under the step in the id are
        jitter
    gates: none
    zh: 教师在画面平面上每分钟移动了几个自身身高；间隔超过 5 秒的两次出现之间不计。
    en: How many of the teacher's own heights the teacher moves per minute in the plane of the
        picture; nothing is added between sightings more than 5 s apart.
    reading-zh: 朝向镜头的前后移动会被低估；移动多少本身不说明好坏。
    reading-en: Movement towards the camera is too short; much or little is neither good nor bad.
    """
    found = traced(basis)
    streams = () if found is None else (found.shown.stream,)
    sheet = _sheet(basis, f"place.path@step{STEP_HEIGHTS:g}", Unit.PER_MINUTE, streams)
    if found is None or found.teacher is None:
        return (sheet.absent(path_why(basis)),)
    length, seconds = path_length(trace_within(basis, found.teacher))
    return (sheet.ratio(length, seconds / 60.0),)


MEASURES = (share, not_visible, other_adult, path)


def teacher_streams(basis: Basis) -> tuple[str, ...]:
    """The streams with teacher events, best first: teacher camera before mixed before others.

    A stream fills in only where none before it sees the teacher.
    """
    kinds = {*ZONES.values(), EventKind.TEACHER_NOT_VISIBLE}
    having = {event.stream for event in basis.facts.events if event.kind in kinds}
    roles = {picture.shown.stream: picture.shown.role for picture in basis.facts.pictures}
    return tuple(
        sorted(having, key=lambda s: (TEACHER_ORDER.index(roles.get(s, StreamRole.AUDIO)), s))
    )


def zone_times(basis: Basis, streams: tuple[str, ...]) -> dict[str, Intervals]:
    """Time in each zone over all streams, normalised and disjoint."""
    taken: Intervals = np.zeros((0, 2))
    zones: dict[str, Intervals] = {zone: np.zeros((0, 2)) for zone in ZONES}
    for stream in streams:
        for zone, kind in ZONES.items():
            own = subtract(normalise(event_spans(basis, kind, (stream,))), taken)
            zones[zone] = union(zones[zone], own)
            taken = union(taken, own)
    return zones


def placed_times(basis: Basis, kind: EventKind) -> Intervals | None:
    """Time (n, 2) the teacher is in one place, from whichever stream sees it; None: none does."""
    streams = teacher_streams(basis)
    if not streams:
        return None
    zone = next((zone for zone, own in ZONES.items() if own is kind), None)
    if zone is None:
        return normalise(event_spans(basis, kind, streams[:1]))
    return zone_times(basis, streams)[zone]


def path_length(trace: TeacherTrace) -> tuple[float, float]:
    """Length of the way in own heights, and the seconds over which it was followed.

    A position counts as moved when it lies at least ``STEP_HEIGHTS`` from the last counted one,
    measured in the mean of the two body heights; the picture's aspect makes x and y comparable.
    """
    length = seconds = 0.0
    anchor = 0
    for now in range(1, len(trace.times_s)):
        gap_s = float(trace.times_s[now] - trace.times_s[now - 1])
        if gap_s > MAX_GAP_S or trace.setup[now] != trace.setup[anchor]:
            anchor = now
            continue
        seconds += gap_s
        height = float(trace.height[anchor] + trace.height[now]) / 2
        if height <= 0:
            continue
        across = float(trace.x[now] - trace.x[anchor]) * trace.aspect
        step = float(np.hypot(across, trace.y[now] - trace.y[anchor])) / height
        if step >= STEP_HEIGHTS:
            length += step
            anchor = now
    return length, seconds


def trace_within(basis: Basis, trace: TeacherTrace) -> TeacherTrace:
    """The sightings inside the lesson."""
    span = basis.facts.span
    kept = (trace.times_s >= span.start_s) & (trace.times_s < span.end_s)
    return replace(
        trace,
        times_s=trace.times_s[kept],
        x=trace.x[kept],
        y=trace.y[kept],
        height=trace.height[kept],
        setup=trace.setup[kept],
        zone=tuple(zone for zone, inside in zip(trace.zone, kept, strict=False) if inside),
        floor_m=None if trace.floor_m is None else trace.floor_m[kept],
    )


def traced(basis: Basis) -> PictureFacts | None:
    """The pictures that show the teacher best: by role of the stream."""
    having = [p for p in basis.facts.pictures if p.teacher is not None and len(p.teacher.times_s)]
    ranked = sorted(having, key=lambda p: (TEACHER_ORDER.index(p.shown.role), p.shown.stream))
    return ranked[0] if ranked else None


def path_why(basis: Basis) -> Why:
    """Why the teacher's way is not known."""
    missing = basis.facts.missing
    for key in ("pose", "teacher"):
        if key in missing:
            return missing[key]
    return Why(Reason.NO_TEACHER_SEEN if basis.facts.pictures else Reason.NO_PICTURE)


def _sheet(basis: Basis, measure_id: str, unit: Unit, streams: tuple[str, ...]) -> Sheet:
    coverage = None
    if streams and basis.lesson_s > 0:
        seen = total_s(union(*zone_times(basis, streams).values()))
        coverage = min(1.0, seen / basis.lesson_s)
    gates: tuple[Gate, ...] = ()
    formula = measure_id.partition("@")[0] + "/1"
    sampling = "sampled pictures, image plane"
    return Sheet(
        measure_id, unit, formula, sampling, gates, coverage, streams[0] if streams else ""
    )
