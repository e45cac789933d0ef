"""Measures on coded acts: questions, talk moves, use of time, COPUS, snapshots."""

from __future__ import annotations

import numpy as np
import pytest

from classwatch.core.codes import ActCode, Bloom, Openness, QuestionPurpose, Sihe
from classwatch.core.events import Event, EventKind
from classwatch.core.reasons import Reason
from classwatch.core.time import Interval
from classwatch.metrics.copus import CODES, UNTOLD
from classwatch.metrics.snapshots import stallings_snapshots, teach_snapshots
from tests.metrics.builders import cells
from tests.metrics.coded import act, coded_lesson, in_a_row, stream

A = ActCode


def values(table: dict, name: str, parts: tuple[str, ...]) -> list[float | None]:
    return [table[name, part].value for part in parts]


def test_mixes_of_questions_by_hand() -> None:
    rows = [
        act(0, 2, A.ASKS, bloom=Bloom.REMEMBER, openness=Openness.CLOSED, sihe=Sihe.WHAT),
        act(2, 4, A.RESPONDS),
        act(4, 6, A.ASKS, bloom=Bloom.ANALYSE, openness=Openness.OPEN, sihe=Sihe.WHY),
        act(6, 9, A.THINKING),
        act(9, 12, A.VOLUNTEERS),
        act(12, 14, A.ASKS, bloom=Bloom.REMEMBER, purpose=QuestionPurpose.RECALL),
        act(14, 16, A.CHORAL),
        act(16, 18, A.ASKS),
        act(18, 20, A.ASKS, purpose=QuestionPurpose.PROBING),
        act(20, 30, A.LECTURES),
        # Neither counts as a content question.
        act(30, 31, A.ASKS, purpose=QuestionPurpose.MANAGEMENT, bloom=Bloom.CREATE),
        act(31, 32, A.ASKS, purpose=QuestionPurpose.RHETORICAL, bloom=Bloom.CREATE),
        act(32, 60, A.LECTURES),
    ]
    table = cells(coded_lesson(stream(60.0, rows)))
    assert table["question.level_share", "remember"].value == pytest.approx(2 / 3)
    assert table["question.level_share", "create"].value == 0
    assert table["question.high_share", ""].value == pytest.approx(1 / 3)
    assert table["question.open_share", ""].value == pytest.approx(1 / 2)
    assert table["question.sihe_share", "why"].value == pytest.approx(1 / 2)
    purposes = ("management", "recall", "understanding", "probing", "rhetorical")
    assert values(table, "question.purpose_share", purposes) == [0.25, 0.25, 0, 0.25, 0.25]
    answers = ("called", "volunteer", "choral", "discussion", "asked_again", "teacher")
    assert values(table, "question.answered_by", answers) == [0.2, 0.2, 0.2, 0, 0.2, 0.2]


def test_questions_whose_level_nobody_told_have_no_mix() -> None:
    table = cells(coded_lesson(in_a_row(3.0, [A.ASKS, A.RESPONDS] * 20)))
    cell = table["question.level_share", "remember"]
    assert cell.why is not None
    assert cell.why.code == Reason.NONE_FOUND


def test_talk_moves_count_acts_and_leave_out_what_cannot_be_told() -> None:
    rows = [
        act(0, 1, A.ASKS, purpose=QuestionPurpose.RECALL),
        act(1, 2, A.RESPONDS),
        act(2, 3, A.REPEATS),
        act(3, 4, A.ASKS, purpose=QuestionPurpose.PROBING),
        act(4, 5, A.RESPONDS),
        act(5, 6, A.USES_IDEA),
        act(6, 7, A.ASKS, purpose=QuestionPurpose.UNDERSTANDING, sihe=Sihe.WHY),
        act(7, 8, A.STUDENT_ASKS),
    ]
    table = cells(coded_lesson(stream(8.0, rows)))
    expected = {
        "teacher.restating": 1,
        "teacher.revoicing": 1,
        "teacher.accuracy": 1,
        "teacher.reasoning": 2,
        "student.claim": 2,
        "student.asking": 1,
    }
    assert {part: table["moves.count", part].value for part in expected} == expected
    cell = table["moves.count", "student.evidence"]
    assert cell.why is not None
    assert cell.why.code == Reason.CANNOT_TELL


def test_use_of_time_by_hand() -> None:
    rows = [
        act(0, 30, A.LECTURES),
        act(30, 40, A.ASKS),
        act(40, 50, A.THINKING),
        act(50, 60, A.RESPONDS),
        act(60, 80, A.PRACTICE),
        act(80, 90, A.PEER_TALK),
        act(90, 100, A.MANAGES),
    ]
    table = cells(coded_lesson(stream(100.0, rows)))
    parts = ("lecture", "interaction", "individual", "group")
    expected = [30 / 90, 30 / 90, 20 / 90, 10 / 90]
    assert values(table, "time.share", parts) == pytest.approx(expected)


def test_copus_marks_windows_of_two_minutes() -> None:
    rows = [
        act(0, 120, A.LECTURES),
        act(120, 125, A.ASKS),
        act(125, 130, A.RESPONDS),
        act(130, 133, A.PRAISES),
        act(133, 140, A.STUDENT_ASKS),
        act(140, 237, A.LECTURES),
        # Four seconds are a remark, no lecture; the rest is group work.
        act(240, 244, A.LECTURES),
        act(244, 360, A.PEER_TALK),
    ]
    events = tuple(
        Event(kind, start, end, "rear", 0, 1.0)
        for kind, start, end in (
            (EventKind.TEACHER_AT_BOARD, 10.0, 40.0),
            (EventKind.TEACHER_AMONG_DESKS, 300.0, 330.0),
        )
    )
    table = cells(coded_lesson(stream(390.0, rows), events=events))
    counts = {code: table["copus.share@120s-any", code].numerator for code in CODES}
    assert counts == {
        "instructor.Lec": 2,
        "instructor.RtW": 1,
        "instructor.FUp": 1,
        "instructor.PQ": 1,
        "instructor.AnQ": 1,
        "instructor.MG": 1,
        "instructor.Adm": 0,
        "student.L": 2,
        "student.Ind": 0,
        "student.OG": 1,
        "student.AnQ": 1,
        "student.SQ": 1,
    }
    assert table["copus.share@120s-any", "student.OG"].denominator == 3
    assert len(CODES) + len(UNTOLD) == 25


def test_copus_does_not_guess_what_takes_a_picture() -> None:
    table = cells(coded_lesson(stream(240.0, [act(0, 240, A.LECTURES)])))
    assert table["copus.share@120s-any", "instructor.RtW"].why is not None
    assert table["copus.share@120s-any", "instructor.MG"].why is not None
    assert table["copus.share@120s-any", "instructor.Lec"].value == 1.0


def test_times_of_snapshots() -> None:
    assert teach_snapshots(Interval(0, 2400)).mean(axis=1).tolist() == [
        *(270, 570, 870),
        *(1170, 1470, 1770),
        *(2070, 2370),
    ]
    found = stallings_snapshots(Interval(100, 2500))
    assert found[:, 0].tolist() == [100 + 240 * i for i in range(10)]
    assert np.allclose(found[:, 1] - found[:, 0], 15)
    assert len(stallings_snapshots(Interval(0, 100))) == 0


def test_snapshots_by_hand() -> None:
    # 40 minutes: management 0-5, lecture 5-15, practice 15-25, unknown 25-30, questions 30-40.
    rows = [
        act(0, 300, A.MANAGES),
        act(300, 900, A.LECTURES),
        act(900, 1500, A.PRACTICE),
        act(1500, 1800, A.UNKNOWN),
        act(1800, 2400, A.ASKS),
    ]
    table = cells(coded_lesson(stream(2400.0, rows)))
    teach = table["teach.activity", ""]
    # 270 management; 570 870 1170 1470 2070 2370 activity; 1770 unknown.
    assert (teach.numerator, teach.denominator) == (6, 7)
    # At 0 240 management, 480 720 lecture, 960 1200 1440 practice, 1680 unknown, 1920 2160 asks.
    parts = {p: table["stallings.share", p].numerator for p in ("active", "passive", "management")}
    assert parts == {"active": 4, "passive": 3, "management": 2}
    assert table["stallings.share", "active"].denominator == 9
    for absent in (table["stallings.share", "off_task"], table["teach.on_task", ""]):
        assert absent.why is not None
        assert absent.why.code == Reason.CANNOT_TELL


def test_counts_have_an_interval_around_them() -> None:
    # Twenty minutes; an exchange in every other minute: 10, binomial standard deviation 2.2.
    busy = [A.ASKS, A.RESPONDS, A.PRAISES] + [A.LECTURES] * 17
    table = cells(coded_lesson(in_a_row(3.0, (busy + [A.LECTURES] * 20) * 10)))
    cell = table["chain.count", "ire"]
    assert cell.value == 10
    assert cell.ci_low is not None
    assert cell.ci_high is not None
    assert cell.ci_low == pytest.approx(10 - 1.96 * 2.24, abs=1.2)
    assert cell.ci_high == pytest.approx(10 + 1.96 * 2.24, abs=1.2)
    claims = table["moves.count", "student.claim"]
    assert (claims.ci_low, claims.ci_high) == (cell.ci_low, cell.ci_high)
