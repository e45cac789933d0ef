"""An evaluation as one JSON document."""

from __future__ import annotations

from collections.abc import Sequence

from classwatch.evaluate.gates import GateResult
from classwatch.evaluate.results import LessonScores, Row, SuiteScores
from classwatch.evaluate.tally import Figure

SCHEMA = "classwatch.eval/1"
_DECIMALS = 6


def scores_document(scores: SuiteScores, results: Sequence[GateResult]) -> dict[str, object]:
    """Everything that was computed, rounded to six decimals; None where there is no number."""
    return {
        "schema": SCHEMA,
        "suite": scores.suite,
        "description": scores.description,
        "licence": scores.licence,
        "versions": dict(scores.versions),
        "models": [{"task": m.task, "name": m.name, "sha256": m.sha256} for m in scores.models],
        "figures": [_row(row) for row in scores.rows],
        "lessons": [_lesson(lesson) for lesson in scores.lessons],
        "gates": [_gate(result) for result in results],
    }


def _row(row: Row) -> dict[str, object]:
    return {
        **_figure(row.figure),
        "score": row.score,
        "lessons": row.lessons,
        "ci_low": _rounded(row.low),
        "ci_high": _rounded(row.high),
        "ci_why": row.no_interval or None,
        "baseline": _rounded(row.baseline),
        "change": _rounded(row.change),
    }


def _figure(figure: Figure) -> dict[str, object]:
    return {
        "metric": figure.metric,
        "group": figure.group,
        "value": _rounded(figure.value),
        "unit": figure.unit,
        "better": figure.better,
        "numerator": _rounded(figure.numerator),
        "denominator": _rounded(figure.denominator),
        "why": figure.why or None,
    }


def _lesson(lesson: LessonScores) -> dict[str, object]:
    return {
        "lesson_id": lesson.lesson_id,
        "outcome": lesson.outcome.value,
        "reason": lesson.reason or None,
        "figures": [_figure(figure) for figure in lesson.figures],
        "not_scored": dict(lesson.not_scored),
    }


def _gate(result: GateResult) -> dict[str, object]:
    return {
        "metric": result.gate.metric,
        "group": result.gate.group,
        "state": result.state.value,
        "value": _rounded(result.value),
        "message": result.message,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), _DECIMALS) + 0.0
