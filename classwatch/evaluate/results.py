"""What an evaluation says: figures over all lessons, by lesson, and what could not be scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from classwatch.evaluate.tally import Figure, Tally
from classwatch.store.records import ModelRecord

FigureKey = tuple[str, str]
"""Metric and group."""


class Outcome(StrEnum):
    """How a lesson of a suite ended."""

    SCORED = "scored"
    SKIPPED = "skipped"
    """Its recording or truth is not on this machine."""
    FAILED = "failed"
    """It could not be analysed, or its results or truth cannot be read."""


@dataclass(frozen=True, slots=True, eq=False)
class LessonScores:
    """One lesson: its tallies by score, its own figures, and why a score is not there.

    ``reason`` is given unless the outcome is ``scored``.
    """

    lesson_id: str
    outcome: Outcome
    reason: str = ""
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()
    not_scored: Mapping[str, str] = field(default_factory=dict)
    models: tuple[ModelRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a figure over ``lessons`` lessons.

    ``low`` and ``high`` bound the 95 % interval over lessons, None where there are too few.
    """

    score: str
    figure: Figure
    lessons: int
    low: float | None = None
    high: float | None = None
    no_interval: str = ""
    baseline: float | None = None

    @property
    def key(self) -> FigureKey:
        """Metric and group."""
        return self.figure.metric, self.figure.group

    @property
    def change(self) -> float | None:
        """Difference to the baseline, None where one of the two is missing."""
        if self.figure.value is None or self.baseline is None:
            return None
        return self.figure.value - self.baseline


@dataclass(frozen=True, slots=True, eq=False)
class SuiteScores:
    """A whole evaluation. ``versions`` and ``models`` say what was evaluated."""

    suite: str
    description: str
    licence: str
    lessons: tuple[LessonScores, ...]
    rows: tuple[Row, ...]
    versions: Mapping[str, str]
    models: tuple[ModelRecord, ...]

    def of(self, outcome: Outcome) -> tuple[LessonScores, ...]:
        """The lessons that ended so."""
        return tuple(lesson for lesson in self.lessons if lesson.outcome is outcome)

    def row(self, key: FigureKey) -> Row | None:
        """The line of one figure."""
        return next((row for row in self.rows if row.key == key), None)


def worse_by(figure: Figure, value: float, baseline: float) -> float:
    """How much worse ``value`` is than ``baseline`` in the figure's own sense; negative: better."""
    if figure.better == "higher":
        return baseline - value
    if figure.better == "lower":
        return value - baseline
    return abs(value) - abs(baseline)
