from __future__ import annotations

import numpy as np
import pytest

from classwatch.core.questions import Question, QuestionForm, QuestionKind
from classwatch.core.reasons import Reason
from classwatch.core.speech import SpeakerRole
from classwatch.metrics.pauses import grid_of
from classwatch.metrics.wait_bands import BANDS, band_of
from tests.metrics.builders import cells, lesson, value, voiced, words

FORM = QuestionForm(QuestionKind.WH, "zh.wh", "什么")


def question(end_s: float, *, measured: bool = True) -> Question:
    return Question(end_s - 1.0, end_s, SpeakerRole.TEACHER, "是什么", "zh", FORM, measured)


# Detected speech; the numbers are off any round grid on purpose.
SPEECH = [
    (0.032, 10.016),  # teacher, question at the end
    (11.248, 14.032),  # S1 answers after 1.232 s
    (14.832, 20.064),  # teacher after 0.8 s, asks again
    (24.064, 30.048),  # S2 answers after 4.0 s
    (33.248, 40.032),  # teacher after 3.2 s, asks and waits
    (42.048, 50.016),  # teacher again after 2.016 s
]
TALK = [
    (0.0, 10.1, "T"),
    (11.2, 14.0, "S1"),
    (14.8, 20.1, "T"),
    (24.0, 30.1, "S2"),
    (33.2, 40.0, "T"),
    (42.1, 50.0, "T"),
]


def facts(questions: list[Question], speech=SPEECH, talk=TALK):
    return lesson(
        60.0,
        talk,
        activity=voiced(speech),
        questions=tuple(questions),
        transcript=words([]),
    )


def test_pauses_by_hand_split_by_who_talks_next() -> None:
    found = facts([question(10.3), question(19.9), question(40.2)])
    assert value(found, "wait.one_count") == 3
    assert value(found, "wait.one_median") == pytest.approx(2.016)
    assert value(found, "wait.one_median", "student") == pytest.approx((1.232 + 4.0) / 2)
    assert value(found, "wait.one_median", "teacher") == pytest.approx(2.016)
    assert value(found, "wait.one_mean") == pytest.approx((1.232 + 4.0 + 2.016) / 3)
    assert value(found, "wait.one_share3") == pytest.approx(1 / 3)
    assert value(found, "wait.two_count") == 2
    assert value(found, "wait.two_median") == pytest.approx((0.8 + 3.2) / 2)
    assert value(found, "wait.two_share3") == pytest.approx(0.5)


def test_evidence_is_the_pause_itself_longest_first() -> None:
    first = cells(facts([question(10.0), question(20.0)]))["wait.one_median", ""].evidence[0]
    assert (first.start_s, first.end_s) == pytest.approx((20.064, 24.064))


def test_a_question_the_teacher_talks_on_after_is_no_wait() -> None:
    found = cells(facts([question(5.0), question(10.0)]))["wait.one_count", ""]
    assert (found.numerator, found.denominator) == (1.0, 2.0)


def test_an_answer_without_a_pause_is_a_wait_of_zero() -> None:
    speech = [(0.032, 20.016), (22.0, 40.0)]
    talk = [(0.0, 10.0, "T"), (10.0, 20.0, "S1"), (22.0, 40.0, "T")]
    assert value(facts([question(10.0)], speech, talk), "wait.one_median", "student") == 0.0


def test_untimed_ends_and_very_long_pauses_are_left_out() -> None:
    speech = [(0.032, 10.016), (50.0, 60.0)]
    talk = [(0.0, 10.0, "T"), (50.0, 60.0, "S1")]
    assert value(facts([question(10.0)], speech, talk), "wait.one_count") == 0
    assert value(facts([question(10.0, measured=False)]), "wait.one_count") == 0


def test_no_pause_is_absent_and_not_zero() -> None:
    cell = cells(facts([]))["wait.one_median", ""]
    assert cell.value is None
    assert cell.why is not None
    assert cell.why.code == Reason.NONE_FOUND


def test_second_wait_needs_no_words() -> None:
    found = cells(lesson(60.0, TALK, activity=voiced(SPEECH)))
    assert found["wait.two_median", ""].value == pytest.approx(2.0)
    assert found["wait.one_median", ""].why is not None
    assert found["wait.one_median", ""].why.code == Reason.NO_WORDS


def test_caption_times_cannot_time_a_pause() -> None:
    found = cells(lesson(60.0, TALK, questions=(question(10.0),), transcript=words([])))
    for name in ("wait.one_median", "wait.two_median"):
        assert found[name, ""].why is not None
        assert found[name, ""].why.code == Reason.PAUSES_UNTIMED


@pytest.mark.parametrize(
    ("step", "passes"), [(1.0, False), (0.5, False), (0.25, False), (0.1, True)]
)
def test_edges_on_a_coarse_grid_abstain(step: float, passes: bool) -> None:
    speech = [(round(a / step) * step, round(b / step) * step) for a, b in SPEECH]
    cell = cells(facts([question(10.0)], speech))["wait.two_median", ""]
    assert (cell.value is not None) is passes
    if not passes:
        assert cell.why is not None
        assert cell.why.code == Reason.PAUSES_COARSE


def test_grid_of_times() -> None:
    assert grid_of(np.array([1.0, 4.0, 9.0])) == 1.0
    assert grid_of(np.array([1.0, 4.5])) == 0.5
    assert grid_of(np.array([1.2, 4.4])) == 0.2
    assert grid_of(np.array([1.032, 4.4])) == 0.05


def test_the_spread_of_waits_by_hand() -> None:
    found = facts([question(10.3), question(19.9), question(40.2)])
    # After questions 1.232, 4.0 and 2.016 s; after answers 0.8 and 3.2 s.
    one = {part: value(found, "wait.one_bands", part) for part in BANDS}
    assert one == pytest.approx({"0-1s": 0, "1-3s": 2 / 3, "3-5s": 1 / 3, "5s+": 0})
    two = {part: value(found, "wait.two_bands", part) for part in BANDS}
    assert two == pytest.approx({"0-1s": 0.5, "1-3s": 0, "3-5s": 0.5, "5s+": 0})
    # A band holds its lower end.
    assert [band_of(s) for s in (0.0, 0.999, 1.0, 3.0, 5.0, 29.0)] == [
        *("0-1s", "0-1s", "1-3s"),
        *("3-5s", "5s+", "5s+"),
    ]
