"""Which pictures show the class, how much of it, and for how long."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classwatch.core.measures import Gate, Unit, Why
from classwatch.core.media import StreamRole
from classwatch.core.reasons import Reason
from classwatch.core.time import Intervals, normalise, total_s
from classwatch.metrics.basis import Basis, failed
from classwatch.metrics.cells import Sheet
from classwatch.metrics.facts import PictureFacts
from classwatch.metrics.timeline import clip

MIN_GROUP = 5
"""Fewer students than this in a picture are never reported: a group of three is three pupils."""


@dataclass(frozen=True, slots=True, eq=False)
class ClassView:
    """One stream that shows students, its pictures inside the span, and whether they suffice.

    ``spans`` (f, 2) is the time each picture stands for, ``enough`` (f,) whether it shows at least
    ``MIN_GROUP`` students, ``inside`` (f,) whether it lies in the lesson.
    """

    picture: PictureFacts
    spans: Intervals
    inside: NDArray[np.bool_]
    enough: NDArray[np.bool_]
    gates: tuple[Gate, ...]

    @property
    def passed(self) -> bool:
        """Whether the view suffices for what it was made for."""
        return all(gate.passed for gate in self.gates)

    def coverage(self, lesson_s: float) -> float | None:
        """Share of the lesson in which at least ``MIN_GROUP`` students were seen."""
        if lesson_s <= 0:
            return None
        seconds = (self.spans[:, 1] - self.spans[:, 0])[self.enough].sum()
        return float(min(1.0, seconds / lesson_s))


def picture_spans(times_s: NDArray[np.float64], every_s: float) -> Intervals:
    """Time each sampled picture stands for (f, 2): up to the next, at most 1.5 sampling steps."""
    if len(times_s) == 0:
        return np.zeros((0, 2))
    nexts = np.append(times_s[1:], times_s[-1] + every_s)
    return np.stack([times_s, np.minimum(nexts, times_s + 1.5 * every_s)], axis=1)


def class_views(basis: Basis) -> tuple[ClassView, ...]:
    """Views of the class, by stream name: student cameras, or where there are none mixed views."""
    shown = sorted(basis.facts.pictures, key=lambda p: p.shown.stream)
    for role in (StreamRole.STUDENT_CAM, StreamRole.MIXED):
        own = [picture for picture in shown if picture.shown.role is role]
        if own:
            return tuple(_view(basis, picture) for picture in own)
    return ()


def hand_views(basis: Basis) -> tuple[ClassView, ...]:
    """Views of the class for what arms and standing show: the pose model must know raised arms, and
    students must be large enough."""
    views: list[ClassView] = []
    for view in class_views(basis):
        limit, size_rule = _least_size(basis, closer=view.picture.closer)
        fit, height_px = view.picture.gestures, view.picture.student_px
        large = height_px is None or height_px >= limit
        points = Gate(
            "points", float(fit), 1.0, fit, "a pose model that knows raised arms (1: yes)"
        )
        size = Gate("size", height_px, limit, large, size_rule)
        views.append(replace(view, gates=(*view.gates, points, size)))
    return tuple(views)


def _least_size(basis: Basis, *, closer: bool) -> tuple[float, str]:
    """Least height of students whose arms can be told, and the rule in words."""
    if closer:
        limit, where = basis.cfg.min_student_closer_px, "the recording, each looked at once more"
    else:
        limit, where = basis.cfg.min_student_px, "the picture the model saw"
    return limit, f"students at least {limit:g} px tall (median) in {where}"


def observed_times(views: tuple[ClassView, ...]) -> Intervals:
    """Times (n, 2), normalised, of the lesson that the pictures of any of the views stand for."""
    return normalise(np.concatenate([np.zeros((0, 2)), *(v.spans[v.inside] for v in views)]))


def joint_coverage(basis: Basis, views: tuple[ClassView, ...]) -> float | None:
    """Share of the lesson in which any of the views shows at least ``MIN_GROUP`` students."""
    if not views or basis.lesson_s <= 0:
        return None
    seen = normalise(np.concatenate([view.spans[view.enough] for view in views]))
    return min(1.0, total_s(seen) / basis.lesson_s)


def view_why(basis: Basis, views: tuple[ClassView, ...]) -> Why | None:
    """Why nothing can be said about the class in the picture (None: at least one view suffices)."""
    if not views:
        if not basis.facts.pictures and "pose" in basis.facts.missing:
            return basis.facts.missing["pose"]
        return Why(Reason.NO_STUDENT_PICTURE if basis.facts.pictures else Reason.NO_PICTURE)
    if any(view.passed for view in views):
        return None
    return failed(views[0].gates)


def sufficient(views: tuple[ClassView, ...]) -> tuple[ClassView, ...]:
    """The views whose gates all passed."""
    return tuple(view for view in views if view.passed)


def class_sheets(
    basis: Basis, views: tuple[ClassView, ...], name: str, unit: Unit
) -> tuple[tuple[tuple[Sheet, ClassView | None], ...], Why | None]:
    """A sheet for each view that suffices, or one sheet and why none does."""
    formula = f"{name.partition('@')[0]}/1"
    why = view_why(basis, views)
    if why:
        gates = tuple(gate for view in views for gate in view.gates)
        return ((Sheet(name, unit, formula, "sampled pictures", gates), None),), why
    return tuple(
        (
            Sheet(
                name,
                unit,
                formula,
                f"one picture every {view.picture.shown.every_s:g} s",
                view.gates,
                view.coverage(basis.lesson_s),
                view.picture.shown.stream,
            ),
            view,
        )
        for view in sufficient(views)
    ), None


def _view(basis: Basis, picture: PictureFacts) -> ClassView:
    span = basis.facts.span
    times = picture.shown.frame_times_s
    inside = (times >= span.start_s) & (times < span.end_s)
    spans = picture_spans(times, picture.shown.every_s)
    spans = np.clip(spans, span.start_s, span.end_s)
    enough = inside & (picture.shown.students_seen >= MIN_GROUP)
    share = float(enough.sum() / inside.sum()) if inside.any() else None
    limit = basis.cfg.min_visible_share
    passed = share is not None and share >= limit and share > 0
    rule = f"{limit:.0%} of the pictures show at least {MIN_GROUP} students"
    gate = Gate("visible", share, limit, passed, rule)
    return ClassView(picture, spans, inside, enough, (gate,))


def event_spans(basis: Basis, kind: str, streams: tuple[str, ...]) -> Intervals:
    """Times (n, 2) of the events of one kind in the given streams, inside the span, unordered."""
    found = [
        (event.start_s, event.end_s)
        for event in basis.facts.events
        if event.kind == kind and event.stream in streams
    ]
    return clip(np.array(found, dtype=np.float64).reshape(-1, 2), basis.facts.span)
