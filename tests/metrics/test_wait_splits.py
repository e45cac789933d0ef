from __future__ import annotations

from dataclasses import replace

import pytest

from classwatch.core.questions import Question, QuestionForm, QuestionKind
from classwatch.core.speech import Segment, SpeakerRole
from tests.metrics.builders import cells, lesson, voiced, words

FORM = QuestionForm(QuestionKind.WH, "zh.wh", "为什么")


def facts():
    talk = [
        (0.0, 10.0, "T"),  # a question
        (13.5, 20.0, "S1"),  # TS 3.5, I(i)
        (21.0, 30.0, "T"),  # ST 1.0, II(i); again a question
        (34.0, 40.0, "T"),  # TT 4.0, I(ii)
        (40.0, 50.0, "S1"),  # TS 0: no pause
        (52.0, 60.0, "S1"),  # SS 2.0, II(ii)
        (60.7, 70.0, "T"),  # ST 0.7, II(i)
    ]
    asked = tuple(
        Question(end - 2, end, SpeakerRole.TEACHER, "为什么", "zh", FORM, True) for end in (10, 30)
    )
    spoken = [(0, 10), (13.5, 20), (21, 30), (34, 50), (52, 60), (60.7, 70)]
    segments = [Segment(a, b, "为什么呢", role=SpeakerRole.TEACHER) for a, b, v in talk if v == "T"]
    return lesson(80.0, talk, questions=asked, transcript=words(segments), activity=voiced(spoken))


def test_tobins_pauses_by_hand() -> None:
    table = cells(facts())
    medians = {part: table["wait.tobin_median", part].value for part in ("TS", "ST", "SS", "TT")}
    assert medians == pytest.approx({"TS": 1.75, "ST": 0.85, "SS": 2.0, "TT": 4.0})
    assert table["wait.tobin_share3", "TS"].value == pytest.approx(0.5)
    assert table["wait.tobin_share3", "TT"].value == 1.0


def test_ingram_and_elliotts_pauses_by_hand() -> None:
    table = cells(facts())
    parts = ("I(i)", "I(ii)", "II(i)", "II(ii)")
    medians = [table["wait.ingram_median", part].value for part in parts]
    assert medians == pytest.approx([3.5, 4.0, 0.85, 2.0])
    assert table["wait.ingram_share3", "I(ii)"].value == 1.0
    assert table["wait.ingram_share3", "II(i)"].denominator == 2


def test_caption_times_are_not_used() -> None:
    table = cells(replace(facts(), activity=None))
    assert table["wait.tobin_median", "TS"].why is not None
