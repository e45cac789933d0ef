"""What the class does as a whole, by hand."""

from __future__ import annotations

import pytest

from classwatch.core.events import Event, EventKind
from classwatch.core.questions import Question, QuestionForm, QuestionKind
from classwatch.core.reasons import Reason
from classwatch.core.speech import SpeakerRole
from tests.metrics.builders import cells, lesson, picture, words

WHY = QuestionForm(QuestionKind.WH, "question word", "why")


def event(kind: EventKind, start_s: float, end_s: float, track: int = 0) -> Event:
    return Event(kind, start_s, end_s, "rear", track, 0.9)


def of_class(frames: int, up: int, down: int = 0, seen: int = 20) -> dict[str, list[int]]:
    rest = seen - up - down
    return {
        "students_seen": [seen] * frames,
        "heads_up": [up] * frames,
        "heads_down": [down] * frames,
        "heads_undecided": [rest] * frames,
    }


def joined(*parts: dict[str, list[int]]) -> dict[str, list[int]]:
    return {name: [n for part in parts for n in part[name]] for name in parts[0]}


def test_group_work_is_many_turned_for_long() -> None:
    turned = [event(EventKind.TURNED, 20, 50, k) for k in range(5)]  # 5 of 20: a quarter
    few = [event(EventKind.TURNED, 70, 110, k) for k in range(4)]
    brief = [event(EventKind.TURNED, 60, 66, k) for k in range(10)]
    shown = picture(of_class(120, 18))
    facts = lesson(120.0, events=(*turned, *few, *brief), pictures=(shown,))
    table = cells(facts)
    found = table["class.group_work", ""]
    assert found.value == pytest.approx(30.0)
    assert [(e.start_s, e.end_s) for e in found.evidence] == [(20, 50)]
    phases = {part: m.value for (name, part), m in table.items() if name.startswith("class.phase")}
    assert phases == {
        "group_work": pytest.approx(3 / 12),
        "desk_work": 0,
        "looking_up": pytest.approx(9 / 12),
        "cannot_tell": 0,
    }


def test_phases_by_heads() -> None:
    counts = joined(of_class(20, 18), of_class(30, 4, 12), of_class(10, 3, 3))
    table = cells(lesson(60.0, pictures=(picture(counts),)))
    phases = {part: m.value for (name, part), m in table.items() if name.startswith("class.phase")}
    assert phases["looking_up"] == pytest.approx(2 / 6)
    assert phases["desk_work"] == pytest.approx(3 / 6)
    # Six of twenty heads are too few to tell.
    assert phases["cannot_tell"] == pytest.approx(1 / 6)


def test_heads_by_what_the_teacher_does() -> None:
    counts = joined(of_class(30, 18, 2), of_class(30, 5, 15))
    events = (
        event(EventKind.TEACHER_FRONT, 0, 30, -1),
        event(EventKind.TEACHER_AMONG_DESKS, 30, 60, -1),
    )
    table = cells(lesson(60.0, events=events, pictures=(picture(counts),)))
    assert table["heads.up_by_place", "front"].value == pytest.approx(0.9)
    assert table["heads.up_by_place", "among_desks"].value == pytest.approx(0.25)
    board = table["heads.up_by_place", "at_board"].why
    assert board is not None
    assert board.code == Reason.NONE_FOUND


def test_heads_that_move_together_and_each_for_itself() -> None:
    together = joined(of_class(30, 20, 0), of_class(30, 0, 20))
    assert cells(lesson(60.0, pictures=(picture(together),)))["heads.synchrony", ""].value == 1.0
    apart = of_class(60, 10, 10)
    # Pairs that agree: 2 * 10 * 9 of 20 * 19; half would by chance.
    found = cells(lesson(60.0, pictures=(picture(apart),)))["heads.synchrony", ""].value
    assert found == pytest.approx((180 / 380 - 0.5) / 0.5)
    always = cells(lesson(60.0, pictures=(picture(of_class(60, 20)),)))["heads.synchrony", ""]
    assert always.value is None


def asked_at(*ends_s: float):
    questions = tuple(
        Question(end - 2, end, SpeakerRole.TEACHER, "why?", "en", WHY, True) for end in ends_s
    )
    talk = [(end - 2, end, "T") for end in ends_s] + [(end + 8, end + 9, "S1") for end in ends_s]
    return questions, sorted(talk)


def hands_lesson(ups: list[tuple[float, float]], *ends_s: float):
    questions, talk = asked_at(*ends_s)
    counts = of_class(200, 20)
    counts["hands_raised"] = [sum(a <= t < b for a, b in ups) for t in range(200)]
    events = tuple(event(EventKind.HAND_RAISED, a, b, k) for k, (a, b) in enumerate(ups))
    return lesson(
        200.0,
        talk,
        questions=questions,
        transcript=words(()),
        events=events,
        pictures=(picture(counts),),
    )


def test_first_hands_after_questions() -> None:
    ups = [(11.0, 15.0), (12.0, 15.0), (29.5, 36.0), (54.0, 56.0), (75.0, 90.0), (104.0, 106.0)]
    ups += [(60.0, 175.0)]  # goes up too late for 50, and was up before 70 and the others
    facts = hands_lesson(ups, 10.0, 30.0, 50.0, 70.0, 100.0, 150.0)
    table = cells(facts)
    # 1 s, 0 (up during the question), 4 s, 5 s, 4 s; none after the last.
    share = table["hands.answered_questions@10s", ""]
    assert (share.numerator, share.denominator) == (5.0, 6.0)
    assert table["hands.first_after_question@10s", ""].value == pytest.approx(4.0)
    # Most at once of 20: 2, 1, 1, 2, 2, 1 (the hand that stays up).
    raised = table["hands.share_after_question@10s", ""].value
    assert raised == pytest.approx((2 + 1 + 1 + 2 + 2 + 1) / 6 / 20)


def test_few_questions_abstain() -> None:
    for name in ("answered_questions", "first_after_question", "share_after_question"):
        why = cells(hands_lesson([(11.0, 15.0)], 10.0, 30.0))[f"hands.{name}@10s", ""].why
        assert why is not None
        assert why.code == Reason.TOO_FEW
