"""A reference set of one's own: how a measure is spread over lessons of one kind.

Standard scores against a set that the user built (方海光 2023), never against another kind of
lesson unless asked for: a share of 60 % means one thing in a review and another in practice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classwatch.core.errors import DataError, UsageError
from classwatch.core.measures import Unit
from classwatch.store import schemas
from classwatch.store.documents import DocumentSchema
from classwatch.store.parquet import read_columns

STRATA = ("stage", "subject", "lesson_type")
MIN_N = 10
"""Own rule: with fewer lessons the quartiles are single lessons."""

Stratum = tuple[tuple[str, str], ...]
"""Metadata that lessons of one kind share, as (field, value) in the order asked for."""


@dataclass(frozen=True, slots=True)
class MeasuredValue:
    """What a reference set takes from one cell of a measure; ``value`` is None where it abstained.

    ``id`` carries the sampling rule; ``stream`` is "" for a cell of the whole lesson.
    """

    id: str
    part: str
    unit: Unit
    value: float | None
    stream: str = ""


@dataclass(frozen=True, slots=True)
class LessonValues:
    """What a reference set takes from a lesson."""

    lesson_id: str
    metadata: Mapping[str, str]
    measures: tuple[MeasuredValue, ...]


@dataclass(frozen=True, slots=True)
class NormCell:
    """One measure over the lessons of a stratum.

    ``measure`` carries its sampling rule, so values by another rule never meet it. ``sd`` is the
    sample standard deviation (n - 1); quartiles by linear interpolation.
    """

    measure: str
    part: str
    unit: Unit
    n: int
    mean: float
    sd: float
    q1: float
    median: float
    q3: float


@dataclass(frozen=True, slots=True)
class NormStratum:
    """Lessons of one kind: how many, of how many teachers (None: not known), and the cells."""

    stratum: Stratum
    lessons: int
    teachers: int | None
    cells: tuple[NormCell, ...]


@dataclass(frozen=True, slots=True)
class NormSet:
    """A reference set. ``small`` lists the strata with too few lessons, which have no cells."""

    by: tuple[str, ...]
    min_n: int
    strata: tuple[NormStratum, ...]
    small: tuple[tuple[Stratum, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """One value beside a reference: ``z`` is None where the reference does not vary.

    ``quarter`` is 1 (below the first quartile) to 4 (above the third); a value on a quartile
    counts in the quarter below it.
    """

    value: float
    cell: NormCell
    z: float | None
    quarter: int


NORM_SET: DocumentSchema[NormSet] = DocumentSchema(
    "norms", 1, NormSet, "A reference set built from analysed lessons."
)


def read_values(path: Path) -> tuple[MeasuredValue, ...]:
    """The values in a lesson's ``measures.parquet``.

    Evidence and gates, most of the file, are left unread: a thousand lessons take seconds. Errors
    as in ``store.parquet.read_table``.
    """
    columns = read_columns(path, schemas.MEASURES, ("measure", "part", "stream", "unit", "value"))
    return tuple(
        MeasuredValue(measure, part, Unit(unit), value, stream)
        for measure, part, stream, unit, value in zip(*columns, strict=True)
    )


def stratum_of(metadata: Mapping[str, str], by: Sequence[str]) -> Stratum:
    """The kind of a lesson; a field that is not given is "" and is a kind of its own."""
    return tuple((field, metadata.get(field, "").strip()) for field in by)


def stratum_text(stratum: Stratum) -> str:
    """``stage=primary, subject=maths`` for people; "all lessons" where nothing was asked for."""
    return ", ".join(f"{k}={v or '(not given)'}" for k, v in stratum) or "all lessons"


def build_norms(
    lessons: Iterable[LessonValues], by: Sequence[str] = STRATA, min_n: int = MIN_N
) -> NormSet:
    """The reference set of ``lessons``, by stratum.

    A cell needs ``min_n`` lessons in which it was measured; abstentions are no zeros. Cells that a
    lesson has in several streams are left out of that lesson. Independent of the order of lessons.
    Errors: ``UsageError`` for ``min_n`` under 2, ``DataError`` for a lesson given twice.
    """
    if min_n < 2:
        raise UsageError("a reference needs at least 2 lessons", remedy="give --min-n 2 or more")
    groups: dict[Stratum, list[LessonValues]] = {}
    seen: set[str] = set()
    for lesson in sorted(lessons, key=lambda one: one.lesson_id):
        if lesson.lesson_id in seen:
            raise DataError(
                "is given twice",
                subject=lesson.lesson_id,
                remedy="name each run once, and give lessons different ids",
            )
        seen.add(lesson.lesson_id)
        groups.setdefault(stratum_of(lesson.metadata, by), []).append(lesson)
    large = [(s, own) for s, own in sorted(groups.items()) if len(own) >= min_n]
    small = tuple((s, len(own)) for s, own in sorted(groups.items()) if len(own) < min_n)
    return NormSet(tuple(by), min_n, tuple(_stratum(s, own, min_n) for s, own in large), small)


def compare(
    norms: NormSet, lesson: LessonValues, stratum: Stratum | None = None
) -> tuple[tuple[MeasuredValue, Standing], ...]:
    """Each value of a lesson that the reference knows, beside it, in the lesson's order.

    ``stratum`` None takes the lesson's own kind; another one has to be named. Errors:
    ``UsageError`` where the set does not have that kind of lesson.
    """
    wanted = stratum_of(lesson.metadata, norms.by) if stratum is None else stratum
    found = next((s for s in norms.strata if s.stratum == wanted), None)
    if found is None:
        known = "; ".join(stratum_text(s.stratum) for s in norms.strata) or "none"
        raise UsageError(
            f"the reference set has no lessons of the kind {stratum_text(wanted)}; it has: {known}",
            subject=lesson.lesson_id,
            remedy="build a set with such lessons, or name another kind with --stratum",
        )
    cells = {(cell.measure, cell.part): cell for cell in found.cells}
    return tuple(
        (measure, standing(measure.value, cells[measure.id, measure.part]))
        for measure in _single(lesson.measures)
        if measure.value is not None and (measure.id, measure.part) in cells
    )


def standing(value: float, cell: NormCell) -> Standing:
    """Where ``value`` lies: ``z = (value - mean) / sd``, and the quarter."""
    z = (value - cell.mean) / cell.sd if cell.sd > 0 else None
    quarter = 1 + sum(value > limit for limit in (cell.q1, cell.median, cell.q3))
    return Standing(value, cell, z, quarter)


def _stratum(stratum: Stratum, lessons: list[LessonValues], min_n: int) -> NormStratum:
    values: dict[tuple[str, str, Unit], list[float]] = {}
    for lesson in lessons:
        for measure in _single(lesson.measures):
            if measure.value is not None:
                key = (measure.id, measure.part, measure.unit)
                values.setdefault(key, []).append(measure.value)
    cells = tuple(
        _cell(key, np.array(own)) for key, own in sorted(values.items()) if len(own) >= min_n
    )
    teachers = {lesson.metadata.get("teacher", "").strip() for lesson in lessons}
    return NormStratum(stratum, len(lessons), None if "" in teachers else len(teachers), cells)


def _cell(key: tuple[str, str, Unit], values: np.ndarray) -> NormCell:
    q1, median, q3 = (float(q) for q in np.quantile(values, [0.25, 0.5, 0.75]))
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    # Equal values may leave a rounding error, which would make huge scores.
    if np.ptp(values) == 0:
        mean, sd = float(values[0]), 0.0
    return NormCell(key[0], key[1], key[2], len(values), mean, sd, q1, median, q3)


def _single(measures: Sequence[MeasuredValue]) -> list[MeasuredValue]:
    """The cells that a lesson has once, whatever the stream."""
    count: dict[tuple[str, str], int] = {}
    for measure in measures:
        count[measure.id, measure.part] = count.get((measure.id, measure.part), 0) + 1
    return [m for m in measures if count[m.id, m.part] == 1]
