"""The baseline: the figures of an earlier evaluation, to compare with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from classwatch.core.errors import InputError, UsageError
from classwatch.evaluate.results import FigureKey, Outcome, SuiteScores
from classwatch.store.documents import DocumentSchema, document_bytes, read_document
from classwatch.store.files import replace_bytes
from classwatch.store.records import ModelRecord

DECIMALS = 6


@dataclass(frozen=True, slots=True)
class BaselineFigure:
    """One figure; ``value`` is None where it was not defined."""

    metric: str
    group: str
    value: float | None
    unit: str
    better: str
    lessons: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """Figures of a suite, sorted by metric and group, and what they were made with."""

    suite: str
    versions: Mapping[str, str]
    models: tuple[ModelRecord, ...]
    lessons: tuple[str, ...]
    """Ids of the lessons that were scored."""
    figures: tuple[BaselineFigure, ...]

    def value(self, key: FigureKey) -> float | None:
        """The value of one figure, None where there is none."""
        found = (f.value for f in self.figures if (f.metric, f.group) == key)
        return next(found, None)


BASELINE: DocumentSchema[Baseline] = DocumentSchema(
    "eval_baseline", 1, Baseline, "Figures of an earlier evaluation of a suite."
)


@dataclass(frozen=True, slots=True)
class Change:
    """One figure that differs between two baselines; None on the side that lacks it."""

    metric: str
    group: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class BaselineDiff:
    """What an update changes. ``conditions`` are models, versions and lessons that differ."""

    changes: tuple[Change, ...]
    same: int
    conditions: tuple[str, ...] = field(default=())


def baseline_of(scores: SuiteScores) -> Baseline:
    """The figures of this evaluation as a baseline, sorted and rounded to six decimals."""
    figures = [
        BaselineFigure(
            row.figure.metric,
            row.figure.group,
            None if row.figure.value is None else round(row.figure.value, DECIMALS) + 0.0,
            row.figure.unit,
            row.figure.better,
            row.lessons,
        )
        for row in scores.rows
    ]
    return Baseline(
        scores.suite,
        dict(scores.versions),
        tuple(sorted(scores.models, key=lambda m: (m.task, m.name, m.sha256))),
        tuple(sorted(lesson.lesson_id for lesson in scores.of(Outcome.SCORED))),
        tuple(sorted(figures, key=lambda f: (f.metric, f.group))),
    )


def read_baseline(path: Path, suite: str) -> Baseline:
    """The baseline of ``suite`` in a file.

    Raises UsageError where the file is missing, of another suite, or no baseline.
    """
    try:
        baseline = read_document(path, BASELINE)
    except InputError as error:
        raise UsageError(
            error.message, subject=str(path), remedy="--update-baseline writes one"
        ) from None
    if baseline.suite != suite:
        raise UsageError(
            f"is the baseline of suite {baseline.suite}, not of {suite}",
            subject=str(path),
            remedy="give each suite a baseline file of its own",
        )
    return baseline


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Write the file; ResourceError where the disk does not allow it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_bytes(path, document_bytes(BASELINE, baseline))


def difference(before: Baseline | None, after: Baseline) -> BaselineDiff:
    """What changes from one baseline to the next, by metric and group."""
    old = {(f.metric, f.group): f.value for f in before.figures} if before else {}
    new = {(f.metric, f.group): f.value for f in after.figures}
    keys = sorted(old.keys() | new.keys())
    changes = [
        Change(*key, old.get(key), new.get(key))
        for key in keys
        if key not in old or key not in new or old[key] != new[key]
    ]
    return BaselineDiff(tuple(changes), len(keys) - len(changes), _conditions(before, after))


def _conditions(before: Baseline | None, after: Baseline) -> tuple[str, ...]:
    if before is None:
        return ()
    found = []
    for name in sorted(before.versions.keys() | after.versions.keys()):
        old, new = before.versions.get(name, "absent"), after.versions.get(name, "absent")
        if old != new:
            found.append(f"{name}: {old} -> {new}")
    old_models = {f"{m.task} {m.name} {m.sha256[:12]}" for m in before.models}
    new_models = {f"{m.task} {m.name} {m.sha256[:12]}" for m in after.models}
    found += [f"model no longer used: {name}" for name in sorted(old_models - new_models)]
    found += [f"model now used: {name}" for name in sorted(new_models - old_models)]
    found += [f"lesson no longer scored: {i}" for i in sorted({*before.lessons} - {*after.lessons})]
    found += [f"lesson now scored: {i}" for i in sorted({*after.lessons} - {*before.lessons})]
    return tuple(found)
