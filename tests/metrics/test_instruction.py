"""Kinds of the teacher's sentences behind a coder that errs in a known way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from classwatch.config.schema import MetricsConfig
from classwatch.core.codes import ActCode, CodedAct, Instruction
from classwatch.core.confusion import Confusion
from classwatch.core.measures import Measure
from classwatch.core.reasons import Reason
from classwatch.core.speech import Origin, SpeakerRole, Turn
from classwatch.metrics.basis import prepare
from classwatch.metrics.facts import LessonFacts
from classwatch.metrics.instruction import share
from tests.metrics.coded import coded_lesson, stream

KINDS = tuple(Instruction)
OTHERS = KINDS.index(Instruction.OTHERS)


def sentence(start_s: float, kind: Instruction, origin: Origin) -> CodedAct:
    return CodedAct(
        start_s, start_s + 6.0, ActCode.LECTURES, SpeakerRole.TEACHER, 1.0, origin, instruction=kind
    )


def lesson(kinds: list[Instruction], origin: Origin = Origin.PREDICTED) -> LessonFacts:
    """Ten sentences a minute, one after the other; a student says nothing that counts here."""
    length_s = 6.0 * len(kinds)
    acts = [sentence(6.0 * i, kind, origin) for i, kind in enumerate(kinds)]
    turns = (
        Turn(0.0, length_s - 1.0, SpeakerRole.TEACHER, "T", 1.0),
        Turn(length_s - 1.0, length_s, SpeakerRole.STUDENT, "S1", 1.0),
    )
    return coded_lesson(stream(length_s, acts), turns=turns)


def shares(facts: LessonFacts) -> dict[str, Measure]:
    return {cell.part: cell for cell in share(prepare(facts, MetricsConfig()))}


def errors(misses: float) -> Confusion:
    """Of 1,000 sentences of each kind a share is taken for ``others``, none the other way."""
    counts = np.diag([round(1000 * (1 - misses))] * len(KINDS))
    counts[:, OTHERS] += round(1000 * misses)
    counts[OTHERS] = 0
    counts[OTHERS, OTHERS] = 1000
    return Confusion(KINDS, counts)


MIX = [Instruction.REVIEWING] * 24 + [Instruction.OTHERS] * 76


def test_shares_are_put_right_for_known_errors() -> None:
    # 24 of 100 are told as reviewing, and 40 % of those sentences are missed: there are 40.
    found = shares(replace(lesson(MIX), instruction_errors=errors(0.4)))
    reviewing = found["reviewing"]
    assert reviewing.value == pytest.approx(0.40, abs=0.01)
    assert found["others"].value == pytest.approx(0.60, abs=0.02)
    assert reviewing.ci_low is not None
    assert reviewing.ci_high is not None
    assert reviewing.ci_low < 0.40 < reviewing.ci_high
    assert sum(cell.value or 0.0 for cell in found.values()) == pytest.approx(1.0)
    assert len(reviewing.evidence) == 24


def test_without_known_errors_and_for_peoples_codes_shares_are_plain() -> None:
    assert shares(lesson(MIX))["reviewing"].value == pytest.approx(0.24)
    by_hand = replace(lesson(MIX, Origin.ANNOTATED), instruction_errors=errors(0.4))
    assert shares(by_hand)["reviewing"].value == pytest.approx(0.24)


def test_a_short_lesson_abstains() -> None:
    found = shares(replace(lesson(MIX[:95]), instruction_errors=errors(0.4)))
    assert {cell.why.code if cell.why else "" for cell in found.values()} == {Reason.TOO_SHORT}


def test_a_table_must_fit_its_labels() -> None:
    with pytest.raises(ValueError, match="counts"):
        Confusion(("a", "b"), np.eye(3, dtype=np.int64))
    with pytest.raises(ValueError, match="negative"):
        Confusion(("a",), np.array([[-1]]))
