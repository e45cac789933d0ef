from __future__ import annotations

import pytest

from classwatch.core.codes import (
    QUIET_ACTS,
    STUDENT_ACTS,
    TEACHER_ACTS,
    TECH_ACTS,
    ActCode,
    CodedAct,
    CodeStream,
)
from classwatch.core.speech import SpeakerRole
from classwatch.core.time import Interval

T = SpeakerRole.TEACHER


def act(start_s: float, end_s: float, code: ActCode = ActCode.LECTURES) -> CodedAct:
    return CodedAct(start_s, end_s, code, T)


def test_every_code_belongs_to_one_family() -> None:
    families = (TEACHER_ACTS, STUDENT_ACTS, QUIET_ACTS, TECH_ACTS, {ActCode.UNKNOWN})
    assert sum(len(f) for f in families) == len(ActCode)
    assert set().union(*families) == set(ActCode)


@pytest.mark.parametrize(
    ("acts", "message"),
    [
        ((act(0, 5), act(4, 6)), "overlaps"),
        ((act(4, 6), act(0, 3)), "out of order"),
        ((act(0, 11),), "outside"),
    ],
)
def test_a_stream_in_disorder_is_refused(acts: tuple[CodedAct, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CodeStream(Interval(0.0, 10.0), acts)


def test_overlap_may_be_allowed() -> None:
    stream = CodeStream(Interval(0.0, 10.0), (act(0, 5), act(4, 6, ActCode.ASKS)), overlapping=True)
    assert stream.of(ActCode.ASKS) == (act(4, 6, ActCode.ASKS),)


def test_an_act_with_impossible_values_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before"):
        act(2, 1)
    with pytest.raises(ValueError, match="finite"):
        act(0, float("nan"))
    with pytest.raises(ValueError, match="confidence"):
        CodedAct(0, 1, ActCode.ASKS, T, confidence=1.5)
