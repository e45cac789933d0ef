"""Students at the board and seats left empty, for the class as a whole and never for one pupil."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import EventKind
from classwatch.core.measures import Gate, Measure, Unit, Why
from classwatch.core.time import Intervals, normalise, total_s, union
from classwatch.metrics.basis import Basis, failed
from classwatch.metrics.board import board_fronts, front_times, front_why
from classwatch.metrics.bootstrap import BLOCK_S
from classwatch.metrics.cells import Sheet, with_count_interval, with_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.pictures import (
    MIN_GROUP,
    ClassView,
    class_sheets,
    class_views,
    event_spans,
)
from classwatch.metrics.timeline import as_values, at_once, blocks, common, covered_within

GAP_S = 5.0
"""Somebody who is back at the board within this time was not gone."""


@measure("class.at_board_share")
def at_board_share(basis: Basis) -> tuple[Measure, ...]:
    """Share of the time with at least one student at the board.

    name-zh: 有学生在黑板前的时间比例
    name-en: Share of the time with a student at the board
    unit: share
    formula: seconds in which at least one student stands before the class / seconds in which a
        camera behind the class shows the front
    source: own; picture measure named in procurement texts (学生上台)
    sampling-zh: 从学生身后拍到前区的抽样画面；教师须同时在画面中；停顿不超过 5 秒算同一次
    sampling-en: sampled pictures that show the front from behind the class, the teacher in the same
        picture; pauses up to 5 s closed
    gates: class_size
    zh: 除教师外至少还有一人站在全班前面的时间，占能看到前区的时间的比例。不记录是谁。
    en: The time in which somebody besides the teacher stands before the class, as a share of the
        time in which the front is seen. Nobody is named.
    reading-zh: 走上讲台的其他成人若没有被分辨出来也会算入；教师被挡住时不判断，因此偏小。
    reading-en: Another adult at the front who was not told apart counts, too. Nothing is told while
        the teacher is hidden, so it is rather too small.
    """
    sheet, visits, shown, why = _board(basis, "class.at_board_share", Unit.SHARE)
    if why:
        return (sheet.absent(why),)
    own = common(visits, shown)
    cell = sheet.ratio(total_s(own), total_s(shown), evidence=as_values(own))
    edges = blocks(basis.facts.span, BLOCK_S)
    return (with_interval(cell, covered_within(own, edges), covered_within(shown, edges)),)


@measure("class.board_visits")
def board_visits(basis: Basis) -> tuple[Measure, ...]:
    """How often students come to the board.

    name-zh: 学生上台次数（班级）
    name-en: Visits of students to the board
    unit: count
    formula: number of stretches in which at least one student stands before the class, pauses up
        to 5 s closed
    source: own; as class.at_board_share
    sampling-zh: 同“有学生在黑板前的时间比例”
    sampling-en: as class.at_board_share
    gates: class_size
    zh: 至少有一名学生站在全班前面的连续时段数。几个人一起上台算一次，不记录是谁。
    en: Stretches in which at least one student stands before the class; several together are one
        visit, and nobody is named.
    reading-zh: 与课型有关：演算、展示、朗读都会请学生上台；短于 5 秒的不算。
    reading-en: It goes with the kind of lesson: working on the board, showing, reciting. Shorter
        than 5 s does not count.
    """
    sheet, visits, _, why = _board(basis, "class.board_visits", Unit.COUNT)
    if why:
        return (sheet.absent(why),)
    cell = sheet.give(len(visits), evidence=as_values(visits))
    return (with_count_interval(cell, visits[:, 0], basis.facts.span),)


@measure("class.empty_seats")
def empty_seats(basis: Basis) -> tuple[Measure, ...]:
    """Seats left empty during the lesson, median.

    name-zh: 离座空位数（中位数）
    name-en: Seats left empty, median
    unit: count
    formula: median over pictures of the number of seats left empty
    source: own
    sampling-zh: 拍到至少 5 名学生的抽样画面；有人坐过一半以上时间、之后至少 45 秒无人的座位
    sampling-en: pictures that show at least 5 students; seats that are taken half of the time or
        more and then show nobody for at least 45 s
    gates: visible
    zh: 各抽样画面中本有人坐、此时空着的座位数的中位数。全班大多离座时不计。
    en: The median, over the pictures, of the number of seats that are somebody's and show nobody.
        Nothing counts while most of the class is up.
    reading-zh: 只知道座位空着，不知道是谁、为什么。从头到尾没有人坐的座位不算。
    reading-en: A seat is empty; whose it is and why is not known. Seats in which nobody ever sat do
        not count.
    """
    sheets, why = class_sheets(basis, class_views(basis), "class.empty_seats", Unit.COUNT)
    if why:
        return tuple(sheet.absent(why) for sheet, _ in sheets)
    cells = []
    for sheet, view in sheets:
        assert view is not None
        spans = _left(basis, view)
        empty = at_once(spans, view.picture.shown.frame_times_s[view.enough])
        cells.append(sheet.give(float(np.median(empty)), evidence=as_values(normalise(spans))))
    return tuple(cells)


@measure("class.empty_seat_share")
def empty_seat_share(basis: Basis) -> tuple[Measure, ...]:
    """Share of the class's seats that are left empty.

    name-zh: 离座空位比例
    name-en: Share of seats left empty
    unit: share
    formula: sum of seats left empty / sum of (students seen + seats left empty), over pictures
    source: own; seats as in class.empty_seats
    sampling-zh: 同“离座空位数”
    sampling-en: as class.empty_seats
    gates: visible
    zh: 全课中空着的座位与（看到的学生加空位）之比。
    en: Seats left empty over the students seen and the seats left empty together, over the lesson.
    reading-zh: 分母是看得到的学生，不是全班名单；被遮挡很久的学生会算作离座。
    reading-en: The denominator is who is seen, not the class list; somebody hidden for long counts
        as having left.
    """
    sheets, why = class_sheets(basis, class_views(basis), "class.empty_seat_share", Unit.SHARE)
    if why:
        return tuple(sheet.absent(why) for sheet, _ in sheets)
    cells = []
    for sheet, view in sheets:
        assert view is not None
        spans, times_s = _left(basis, view), view.picture.shown.frame_times_s[view.enough]
        empty = at_once(spans, times_s)
        seats = empty + view.picture.shown.students_seen[view.enough]
        given = as_values(normalise(spans))
        cell = sheet.ratio(int(empty.sum()), int(seats.sum()), evidence=given)
        above, below = (_in_minutes(basis, times_s, counts) for counts in (empty, seats))
        cells.append(with_interval(cell, above, below))
    return tuple(cells)


MEASURES = (at_board_share, board_visits, empty_seats, empty_seat_share)


def _board(basis: Basis, name: str, unit: Unit) -> tuple[Sheet, Intervals, Intervals, Why | None]:
    """Sheet, visits (n, 2) and times (m, 2) in which the front is seen, and why they are absent."""
    fronts = board_fronts(basis)
    shown = union(*(front_times(basis, front) for front in fronts)) if fronts else np.zeros((0, 2))
    coverage = min(1.0, total_s(shown) / basis.lesson_s) if fronts and basis.lesson_s else None
    gate = _class_size(basis)
    sheet = Sheet(name, unit, f"{name}/1", "sampled pictures", (gate,), coverage)
    streams = tuple(front.stream for front in fronts)
    visits = normalise(event_spans(basis, EventKind.STUDENT_AT_BOARD, streams), join_gap_s=GAP_S)
    return sheet, visits, shown, (failed((gate,)) if fronts else front_why(basis))


def _class_size(basis: Basis) -> Gate:
    """A class of at least ``MIN_GROUP`` in some stream: with fewer it would be one pupil's time."""
    sizes = [np.median(p.shown.students_seen) for p in basis.facts.pictures if len(p.shown)]
    size = float(max(sizes, default=0.0))
    rule = f"at least {MIN_GROUP} students in sight (median) of some camera"
    return Gate("class_size", size, MIN_GROUP, size >= MIN_GROUP, rule)


def _left(basis: Basis, view: ClassView) -> Intervals:
    """Times (n, 2) of seats left empty in one stream, one row for each seat and time."""
    return event_spans(basis, EventKind.SEAT_EMPTY, (view.picture.shown.stream,))


def _in_minutes(
    basis: Basis, times_s: NDArray[np.float64], counts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Sums (b,) of the counts at times (f,) over each whole minute of the lesson."""
    minutes = blocks(basis.facts.span, BLOCK_S)
    if len(minutes) == 0:
        return np.zeros(0)
    edges = np.append(minutes[:, 0], minutes[-1, 1])
    return np.histogram(times_s, edges, weights=counts)[0].astype(np.float64)
