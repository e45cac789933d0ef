from __future__ import annotations

import pytest

from classwatch.core.questions import Question, QuestionForm, QuestionKind
from classwatch.core.reasons import Reason
from classwatch.core.speech import SpeakerRole
from tests.metrics.builders import cells, lesson, value, words

TALK = [(0.0, 100.0, "T"), (100.0, 120.0, "S1")]


def ask(end_s: float, kind: QuestionKind, role: SpeakerRole = SpeakerRole.TEACHER) -> Question:
    return Question(end_s - 1, end_s, role, "x", "zh", QuestionForm(kind, "rule", "x"), True)


def facts(questions: list[Question], language: str = "zh"):
    transcript = words([], language)
    return lesson(240.0, TALK, questions=tuple(questions), transcript=transcript)


def test_counts_rate_and_forms_by_hand() -> None:
    found = facts(
        [
            ask(10, QuestionKind.WH),
            ask(20, QuestionKind.WH),
            ask(30, QuestionKind.TAG),
            ask(110, QuestionKind.WH, SpeakerRole.STUDENT),
            ask(115, QuestionKind.WH, SpeakerRole.UNKNOWN),
            ask(500, QuestionKind.WH),  # after the analysed part
        ]
    )
    assert value(found, "question.count", "teacher") == 3
    assert value(found, "question.count", "students") == 1
    assert value(found, "question.per_minute") == pytest.approx(0.75)
    assert value(found, "question.form_share", "wh") == pytest.approx(2 / 3)
    assert value(found, "question.form_share", "tag") == pytest.approx(1 / 3)
    assert value(found, "question.form_share", "inversion") == 0.0


def test_no_question_is_zero_but_its_forms_are_absent() -> None:
    table = cells(facts([]))
    assert table["question.count", "teacher"].value == 0
    assert table["question.form_share", "wh"].why is not None


def test_no_words_and_a_language_without_rules_abstain() -> None:
    without = cells(lesson(240.0, TALK))["question.count", "teacher"]
    french = cells(facts([], "fr"))["question.count", "teacher"]
    assert without.why is not None
    assert without.why.code == Reason.NO_WORDS
    assert french.why is not None
    assert french.why.code == Reason.LANGUAGE
