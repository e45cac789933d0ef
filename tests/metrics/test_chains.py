from __future__ import annotations

import pytest

from classwatch.core.codes import ActCode, QuestionPurpose
from classwatch.metrics.chains import ExchangeKind, exchanges
from tests.metrics.builders import cells
from tests.metrics.coded import act, coded_lesson, in_a_row, stream

A = ActCode
LETTERS = {
    "I": A.ASKS,
    "R": A.RESPONDS,
    "C": A.CHORAL,
    "V": A.VOLUNTEERS,
    "E": A.PRAISES,
    "e": A.CORRECTS,
    "F": A.USES_IDEA,
    "D": A.PEER_TALK,
    "L": A.LECTURES,
    "q": A.THINKING,
    "M": A.MANAGES,
    "?": A.UNKNOWN,
}


def found(text: str, step_s: float = 3.0) -> list[tuple[str, int]]:
    rows = in_a_row(step_s, [LETTERS[letter] for letter in text])
    return [(e.kind.value, e.rounds) for e in exchanges(rows.acts)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IRE", [("ire", 1)]),
        ("IqCqe", [("ire", 1)]),
        ("IRF", [("irf", 1)]),
        ("IREF", [("irf", 1)]),
        ("IRL", [("ir", 1)]),
        ("IDRE", [("idre", 1)]),
        ("IRIRE", [("irire", 2)]),
        ("IRIRIRF", [("irire", 3)]),
        ("IDRIRE", [("idre", 2)]),
        # A question that is put again is one question.
        ("IqIRE", [("ire", 1)]),
        ("IREIRE", [("ire", 1), ("ire", 1)]),
        # A lecture between question and answer, or an unknown voice, ends the exchange.
        ("ILRE", []),
        ("I?RE", []),
        # Nobody asked.
        ("VE", []),
        ("LIRLIRE", [("ir", 1), ("ire", 1)]),
    ],
)
def test_patterns(text: str, expected: list) -> None:
    assert found(text) == expected


def test_a_long_silence_ends_an_exchange() -> None:
    assert found("IqRE", 31.0) == []
    assert found("IqRE", 30.0) == [("ire", 1)]


@pytest.mark.parametrize("purpose", [QuestionPurpose.MANAGEMENT, QuestionPurpose.RHETORICAL])
def test_questions_that_ask_for_no_content_start_nothing(purpose: QuestionPurpose) -> None:
    rows = [act(0, 3, A.ASKS, purpose=purpose), act(3, 6, A.RESPONDS), act(6, 9, A.PRAISES)]
    assert exchanges(stream(9, rows).acts) == ()


def test_measures_of_exchanges_by_hand() -> None:
    # IRE 9 s, lecture 6 s, IR 6 s, lecture 3 s, IRIRE 15 s: 39 s of talk.
    codes = in_a_row(3.0, [LETTERS[letter] for letter in "IRELLIRLIRIRE"])
    table = cells(coded_lesson(codes))
    counts = {kind.value: table["chain.count", kind.value].value for kind in ExchangeKind}
    assert counts == {"ir": 1, "ire": 1, "irf": 0, "idre": 0, "irire": 1}
    assert table["chain.closed_share", ""].value == pytest.approx(2 / 3)
    assert table["chain.talk_share", ""].value == pytest.approx(24 / 39)
    assert table["chain.rounds_longest", ""].value == 2
    moment = table["chain.count", "irire"].evidence[0]
    assert (moment.start_s, moment.end_s) == (24.0, 39.0)
