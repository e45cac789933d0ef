"""Gates: limits on figures that a change must keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from classwatch.config.yamlfile import read_yaml
from classwatch.core.errors import InputError, UsageError
from classwatch.evaluate.results import Row, SuiteScores, worse_by

_ROUNDING = 1e-9
Number = Annotated[float, Field(allow_inf_nan=False)]
Width = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Gate(BaseModel):
    """A limit on one figure of one suite."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    suite: str
    metric: str
    group: str = ""
    min: Number | None = None
    max: Number | None = None
    max_drop: Width | None = None
    """How much worse than the baseline it may become."""
    tolerance: Width = 0.0
    """Added to every limit: what machines differ by."""
    optional: bool = False
    """Whether a figure that could not be computed passes."""
    why: str = ""

    @model_validator(mode="after")
    def _has_a_limit(self) -> Gate:
        if self.min is None and self.max is None and self.max_drop is None:
            raise ValueError("a gate needs min, max or max_drop")
        return self

    @property
    def name(self) -> str:
        """Metric and group, for people."""
        return f"{self.metric} [{self.group}]" if self.group else self.metric


class _GateFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    gates: tuple[Gate, ...]


class GateState(StrEnum):
    """What came of a gate."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"
    """Optional, and its figure is missing."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """A gate's outcome; ``value`` is None where the figure is missing, ``message`` says all."""

    gate: Gate
    state: GateState
    value: float | None
    message: str


def read_gates(path: Path) -> tuple[Gate, ...]:
    """The gates in a file, for any suites. Raises UsageError naming the file and the gate."""
    try:
        document = read_yaml(path)
    except InputError as error:
        raise UsageError(error.message, subject=error.subject, remedy=error.remedy) from None
    try:
        gates = _GateFile.model_validate(document or {}).gates
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"`{place}`: {first['msg']}",
            subject=str(path),
            remedy="a gate has suite, metric, group, and min, max or max_drop",
        ) from None
    seen: set[tuple[str, str, str]] = set()
    for gate in gates:
        key = (gate.suite, gate.metric, gate.group)
        if key in seen:
            raise UsageError(
                f"two gates for {gate.name} in suite {gate.suite}",
                subject=str(path),
                remedy="put both limits into one gate",
            )
        seen.add(key)
    return gates


def check_gates(gates: Sequence[Gate], scores: SuiteScores) -> tuple[GateResult, ...]:
    """The gates of this suite, checked, in the order of the file.

    A gate whose figure (or, for ``max_drop``, baseline) is missing fails unless it is optional:
    a measure that silently stopped being computed is the worst regression of all.
    """
    return tuple(_checked(gate, scores) for gate in gates if gate.suite == scores.suite)


def _checked(gate: Gate, scores: SuiteScores) -> GateResult:
    row = scores.row((gate.metric, gate.group))
    value = None if row is None else row.figure.value
    if row is None or value is None:
        return _missing(gate, _reason(row, scores), None)
    if gate.max_drop is not None and row.baseline is None:
        return _missing(gate, "the baseline has no such figure", value)
    wrong = _broken(gate, row, value)
    if wrong:
        return GateResult(gate, GateState.FAILED, value, wrong)
    return GateResult(gate, GateState.PASSED, value, f"{value:.4g}, {_limits(gate)}")


def _missing(gate: Gate, reason: str, value: float | None) -> GateResult:
    state = GateState.NOT_CHECKED if gate.optional else GateState.FAILED
    return GateResult(gate, state, value, f"no figure: {reason}" if value is None else reason)


def _reason(row: Row | None, scores: SuiteScores) -> str:
    if row is not None:
        return row.figure.why or "not defined"
    reasons = {reason for lesson in scores.lessons for reason in lesson.not_scored.values()}
    reasons |= {lesson.reason for lesson in scores.lessons if lesson.reason}
    return "; ".join(sorted(reasons)[:3]) or "this suite does not compute it"


def _broken(gate: Gate, row: Row, value: float) -> str:
    slack = gate.tolerance + _ROUNDING
    if gate.min is not None and value < gate.min - slack:
        return f"{value:.4g} is below {gate.min:g}{_slack(gate)}"
    if gate.max is not None and value > gate.max + slack:
        return f"{value:.4g} is above {gate.max:g}{_slack(gate)}"
    if gate.max_drop is not None and row.baseline is not None:
        drop = worse_by(row.figure, value, row.baseline)
        if drop > gate.max_drop + slack:
            return (
                f"{value:.4g} is {drop:.4g} worse than the baseline {row.baseline:.4g}, "
                f"allowed {gate.max_drop:g}{_slack(gate)}"
            )
    return ""


def _slack(gate: Gate) -> str:
    return f" (tolerance {gate.tolerance:g})" if gate.tolerance else ""


def _limits(gate: Gate) -> str:
    parts = [
        f"{word} {limit:g}"
        for word, limit in (("min", gate.min), ("max", gate.max), ("max drop", gate.max_drop))
        if limit is not None
    ]
    return ", ".join(parts) + _slack(gate)
