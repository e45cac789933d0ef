from __future__ import annotations

from itertools import pairwise

import pytest

from classwatch.core.codes import ActCode
from classwatch.core.events import Event, EventKind
from classwatch.core.measures import Why
from classwatch.core.reasons import Reason
from classwatch.core.speech import Segment, SpeakerRole
from classwatch.metrics.basis import prepare
from classwatch.metrics.cues import CueKind, find_cues, patterns
from classwatch.metrics.phases import PhaseKind, find_phases
from tests.metrics.builders import EASY, cells, lesson, words
from tests.metrics.coded import act, stream

T, S = SpeakerRole.TEACHER, SpeakerRole.STUDENT
LESSON = (
    (5.0, "上课！同学们好，请坐。"),
    (60.0, "还记得上节课我们讲了什么吗？"),
    (300.0, "今天我们一起来学习长方形的面积。"),
    (1200.0, "请同桌讨论一下，为什么是长乘宽。"),
    (1500.0, "现在独立完成练习本上的第三题。"),
    (2400.0, "我们来小结一下，这节课你有什么收获？"),
    (2580.0, "今天的作业是练习册第十页。"),
    (2690.0, "下课，同学们再见。"),
)


def said(rows=LESSON, role: SpeakerRole = T, language: str = "zh"):
    return words([Segment(a, a + 6.0, text, role=role) for a, text in rows], language)


def kinds(text: str, language: str) -> set[str]:
    return {k.value for k, pattern in patterns(language).items() if pattern.search(text)}


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("同学们好", "zh", {"greeting"}),
        ("上节课我们学习了分数", "zh", {"review"}),
        ("这节课我们来认识小数", "zh", {"goal"}),
        ("把书上的第二题做完", "zh", set()),
        ("完成课本上的练习", "zh", {"practice"}),
        ("四人小组讨论", "zh", {"discussion"}),
        ("谁来总结一下", "zh", {"summary"}),
        ("回家以后预习下一课", "zh", {"homework"}),
        ("长方形的面积等于长乘宽", "zh", set()),
        ("Today we're going to learn about fractions", "en", {"goal"}),
        ("Turn and talk to your neighbour", "en", {"discussion"}),
        ("Good morning, everyone", "en", {"greeting"}),
        ("The area is length times width", "en", set()),
    ],
)
def test_wording(text: str, language: str, expected: set[str]) -> None:
    assert kinds(text, language) == expected


def test_cues_have_times_and_leave_out_students_and_doubtful_text() -> None:
    basis = prepare(lesson(2700.0, transcript=said(((100.0, "很好。现在独立完成第一题。"),))), EASY)
    found = find_cues(basis)
    assert isinstance(found, tuple)
    assert [c.kind for c in found] == [CueKind.PRACTICE]
    # The second clause of thirteen characters in six seconds begins after three of them.
    assert found[0].start_s == pytest.approx(100 + 6 * 3 / 13)
    for transcript in (
        said(((100.0, "独立完成第一题。"),), role=S),
        words([Segment(1.0, 2.0, "独立完成。", role=T, suspect="credits")]),
    ):
        assert find_cues(prepare(lesson(2700.0, transcript=transcript), EASY)) == ()


def test_phases_of_a_lesson_from_words_alone() -> None:
    found = find_phases(prepare(lesson(2700.0, transcript=said()), EASY))
    assert isinstance(found, tuple)
    assert found[0].start_s == 0
    assert found[-1].end_s == 2700
    assert all(a.end_s == b.start_s for a, b in pairwise(found))
    rows = [(p.kind.value, p.start_s, p.end_s, p.confidence) for p in found]
    assert rows == [
        ("introduction", 0.0, 300.0, 0.6),
        ("new_content", 300.0, 1200.0, 0.3),
        ("discussion", 1200.0, 1320.0, 0.6),
        ("new_content", 1320.0, 1500.0, 0.3),
        ("practice", 1500.0, 1620.0, 0.6),
        ("new_content", 1620.0, 2400.0, 0.3),
        ("summary", 2400.0, 2580.0, 0.6),
        ("homework", 2580.0, 2700.0, 0.6),
    ]


def test_codes_say_how_long_practice_and_discussion_last() -> None:
    rows = [
        act(0, 1230, ActCode.LECTURES),
        act(1230, 1500, ActCode.PEER_TALK),
        act(1500, 2100, ActCode.PRACTICE),
        act(2100, 2700, ActCode.LECTURES),
    ]
    table = cells(lesson(2700.0, transcript=said(), codes=stream(2700.0, rows)))
    assert table["phase.share@30s-rules", "practice"].numerator == 600
    assert table["phase.share@30s-rules", "discussion"].numerator == 270
    assert table["phase.confidence@30s-rules", "practice"].value == pytest.approx(0.8)
    shares = [table["phase.share@30s-rules", kind].value for kind in PhaseKind]
    assert sum(shares) == pytest.approx(1.0)


def test_no_words_no_phases() -> None:
    table = cells(lesson(2700.0))
    assert table["phase.share@30s-rules", "practice"].why.code == Reason.NO_WORDS
    russian = words([Segment(0.0, 1.0, "Здравствуйте", role=T)], "ru")
    why = find_cues(prepare(lesson(2700.0, transcript=russian), EASY))
    assert isinstance(why, Why)
    assert why.code == Reason.LANGUAGE


def test_the_checklist_says_found_not_found_or_cannot_tell() -> None:
    board = Event(EventKind.TEACHER_AT_BOARD, 400.0, 420.0, "rear", 0, 0.9)
    facts = lesson(2700.0, [(0.0, 60.0, "T"), (70.0, 75.0, "S1")], transcript=said(LESSON[:4]),
                   events=(board,))  # fmt: skip
    table = cells(facts)
    answers = {part: table["checklist.item", part].category for part in
               ("greeting", "review", "goal", "discussion", "student_talk", "board",
                "among_desks", "summary", "homework", "farewell")}  # fmt: skip
    assert answers == {
        "greeting": "found",
        "review": "found",
        "goal": "found",
        "discussion": "found",
        "student_talk": "found",
        "board": "found",
        "among_desks": "not_found",
        "summary": "not_found",
        "homework": "not_found",
        "farewell": "not_found",
    }
    moment = table["checklist.item", "board"].evidence[0]
    assert (moment.start_s, moment.end_s) == (400.0, 420.0)
    # No codes: feedback, and practice that was not announced, cannot be told.
    for part in ("feedback", "practice", "waiting"):
        assert table["checklist.item", part].why is not None


def test_homework_in_the_middle_of_a_lesson_is_not_its_close() -> None:
    table = cells(lesson(2700.0, transcript=said(((900.0, "昨天的作业都交了吗？"),))))
    assert table["checklist.item", "homework"].category == "not_found"
