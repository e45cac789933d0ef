"""Things with a start and an end, and when a true one and a found one are the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import Event
from classwatch.core.questions import Question
from classwatch.core.time import Intervals, intervals


@dataclass(frozen=True, slots=True)
class Span:
    """Something from ``start_s`` to ``end_s``, half-open; ``label`` says what."""

    start_s: float
    end_s: float
    label: str = ""
    confidence: float = 1.0
    stream: str = ""


def spans_of_events(events: Iterable[Event], *, by_stream: bool = True) -> tuple[Span, ...]:
    """Events as spans; without ``by_stream`` an event is the same in whichever camera it is."""
    return tuple(
        Span(e.start_s, e.end_s, str(e.kind), e.confidence, e.stream if by_stream else "")
        for e in events
    )


def spans_of_questions(questions: Iterable[Question]) -> tuple[Span, ...]:
    """Questions as spans, labelled by their surface form."""
    return tuple(Span(q.start_s, q.end_s, str(q.form.kind)) for q in questions)


class SpanRule(Protocol):
    """Says how much a true and a found span belong together."""

    @property
    def tag(self) -> str:
        """How the rule is named in a metric id, such as ``iou=0.5``."""
        ...

    def affinity(self, truth: Intervals, found: Intervals) -> NDArray[np.float64]:
        """(t, f): 0 where two cannot be the same, else the greater the better."""
        ...


@dataclass(frozen=True, slots=True)
class OverlapRule:
    """The same where intersection over union reaches ``min_iou``."""

    min_iou: float = 0.5

    @property
    def tag(self) -> str:
        return f"iou={self.min_iou:g}"

    def affinity(self, truth: Intervals, found: Intervals) -> NDArray[np.float64]:
        shared, left, right = _lengths(truth, found)
        both = left + right - shared
        ratio = np.divide(shared, both, out=np.zeros_like(shared), where=both > 0)
        return np.where(ratio >= self.min_iou - 1e-9, ratio, 0.0)


@dataclass(frozen=True, slots=True)
class CoverRule:
    """The same where ``min_cover`` of the shorter one lies within the other.

    For things whose ends are known roughly, such as a question within a longer sentence.
    """

    min_cover: float = 0.5

    @property
    def tag(self) -> str:
        return f"cover={self.min_cover:g}"

    def affinity(self, truth: Intervals, found: Intervals) -> NDArray[np.float64]:
        shared, left, right = _lengths(truth, found)
        shorter = np.minimum(left, right)
        ratio = np.divide(shared, shorter, out=np.zeros_like(shared), where=shorter > 0)
        return np.where(ratio >= self.min_cover - 1e-9, ratio, 0.0)


@dataclass(frozen=True, slots=True)
class OnsetRule:
    """The same where the starts are at most ``tolerance_s`` apart."""

    tolerance_s: float = 1.0

    @property
    def tag(self) -> str:
        return f"onset={self.tolerance_s:g}s"

    def affinity(self, truth: Intervals, found: Intervals) -> NDArray[np.float64]:
        apart_s = np.abs(truth[:, None, 0] - found[None, :, 0])
        closeness = 1.0 + np.maximum(self.tolerance_s - apart_s, 0.0)
        return np.where(apart_s <= self.tolerance_s + 1e-9, closeness, 0.0)


def _lengths(
    truth: Intervals, found: Intervals
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    start = np.maximum(truth[:, None, 0], found[None, :, 0])
    end = np.minimum(truth[:, None, 1], found[None, :, 1])
    shape = start.shape
    left = np.broadcast_to((truth[:, 1] - truth[:, 0])[:, None], shape)
    right = np.broadcast_to((found[:, 1] - found[:, 0])[None, :], shape)
    return np.maximum(end - start, 0.0), left, right


def times_of(spans: Sequence[Span]) -> Intervals:
    """Array (n, 2) of the spans' times, in the order given."""
    return intervals((span.start_s, span.end_s) for span in spans)
