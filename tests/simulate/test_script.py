"""The parts of a script: moments, and what pydantic refuses."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from classwatch.simulate.script import (
    STUDENT_ACTS,
    TEACHER_ACTS,
    Act,
    ActKind,
    Person,
    Script,
    Utterance,
    split_anchor,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("u3.end+1.5", ("u3", "end", 1.5)),
        ("u3.start", ("u3", "start", 0.0)),
        ("intro-2.end - 0.25", ("intro-2", "end", -0.25)),
        ("a_b.start+10", ("a_b", "start", 10.0)),
    ],
)
def test_an_anchor_names_an_utterance_an_edge_and_a_shift(
    text: str, expected: tuple[str, str, float]
) -> None:
    assert split_anchor(text) == expected


@pytest.mark.parametrize("text", ["u3", "u3.middle", "3.end", "u3.end+", "u3.end+1.", "u3.end+1e3"])
def test_other_text_is_no_anchor(text: str) -> None:
    with pytest.raises(ValueError, match="neither seconds nor an anchor"):
        split_anchor(text)


@pytest.mark.parametrize("moment", [-0.1, float("nan"), float("inf"), "later", 6 * 3600 + 1])
def test_a_moment_is_seconds_of_a_lesson_or_an_anchor(moment: float | str) -> None:
    with pytest.raises(ValidationError):
        Act(who="T", kind=ActKind.POINT, start=moment, end=5)


def test_every_act_is_somebodys_and_only_standing_is_everybodys() -> None:
    assert frozenset(ActKind) == STUDENT_ACTS | TEACHER_ACTS
    assert {ActKind.STAND} == STUDENT_ACTS & TEACHER_ACTS


@pytest.mark.parametrize("seat", ["3", "r1", "r1c100", "c1r1", "r1c1 "])
def test_a_seat_is_a_row_and_a_column(seat: str) -> None:
    with pytest.raises(ValidationError):
        Person(id="S01", kind="student", seat=seat)


def test_a_chorus_has_at_least_two_voices() -> None:
    with pytest.raises(ValidationError):
        Utterance(id="u1", speaker=("S01",), text="yes")


def test_a_key_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Script.model_validate(
            {
                "lesson_id": "x",
                "people": [{"id": "T", "kind": "teacher"}],
                "phases": [{"kind": "lecture", "start": 0}],
                "colour": "red",
            }
        )
