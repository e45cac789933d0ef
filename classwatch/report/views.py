"""Which camera speaks for what, by the rules of the measures: charts and numbers must agree.

The class is read from student cameras, or where there are none from views of the whole room; the
teacher's place from one camera. Nothing about students is shown for times with fewer than
``MIN_GROUP`` of them in the picture.
"""

from __future__ import annotations

import numpy as np

from classwatch.core.events import EventKind
from classwatch.core.media import StreamRole
from classwatch.core.people import ClassPictures
from classwatch.core.time import Intervals, intersect, intervals, normalise, subtract, union
from classwatch.report.model import MIN_GROUP, ReportInput

PLACES = (
    EventKind.TEACHER_AT_BOARD,
    EventKind.TEACHER_FRONT,
    EventKind.TEACHER_AMONG_DESKS,
    EventKind.TEACHER_NOT_VISIBLE,
)
"""In order of precedence where they overlap."""
_TEACHER_VIEWS = (
    StreamRole.TEACHER_CAM,
    StreamRole.MIXED,
    StreamRole.STUDENT_CAM,
    StreamRole.SCREEN,
    StreamRole.AUDIO,
)
_HELD = 1.5
"""A picture stands for the time to the next one, at most this many sampling steps."""


def class_pictures(report: ReportInput) -> tuple[ClassPictures, ...]:
    """The streams whose counts speak for the class, by name."""
    ordered = sorted(report.pictures, key=lambda p: p.stream)
    for role in (StreamRole.STUDENT_CAM, StreamRole.MIXED):
        own = tuple(p for p in ordered if p.role is role)
        if own:
            return own
    return ()


def teacher_places(report: ReportInput) -> dict[EventKind, Intervals]:
    """Times (n, 2) of each place as seen by one camera, without overlaps; empty ones left out."""
    stream = _teacher_stream(report)
    taken = np.zeros((0, 2))
    found: dict[EventKind, Intervals] = {}
    for kind in PLACES:
        own = normalise(
            intervals(
                (e.start_s, e.end_s) for e in report.events if e.kind is kind and e.stream == stream
            )
        )
        inside = subtract(intersect(own, intervals([report.span])), taken)
        if len(inside):
            found[kind] = inside
            taken = union(taken, inside)
    return found


def student_events(report: ReportInput, kind: EventKind) -> Intervals:
    """Times (n, 2) at which ``kind`` was seen of anybody, where the class was large enough."""
    times = np.zeros((0, 2))
    for picture in class_pictures(report):
        own = intervals(
            (e.start_s, e.end_s)
            for e in report.events
            if e.kind is kind and e.stream == picture.stream
        )
        times = union(times, intersect(own, _large_enough(picture)))
    return intersect(times, intervals([report.span]))


def _teacher_stream(report: ReportInput) -> str:
    having = {e.stream for e in report.events if e.kind in PLACES}
    roles = {item.name: item.role for item in report.media}
    ranked = sorted(having, key=lambda s: (_TEACHER_VIEWS.index(roles.get(s, StreamRole.AUDIO)), s))
    return ranked[0] if ranked else ""


def _large_enough(picture: ClassPictures) -> Intervals:
    times_s = picture.frame_times_s
    if len(times_s) == 0:
        return np.zeros((0, 2))
    following = np.append(times_s[1:], times_s[-1] + picture.every_s)
    ends = np.minimum(following, times_s + _HELD * picture.every_s)
    return normalise(np.stack([times_s, ends], axis=1)[picture.students_seen >= MIN_GROUP])
