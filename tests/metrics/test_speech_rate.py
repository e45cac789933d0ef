from __future__ import annotations

import pytest

from classwatch.config.schema import MetricsConfig
from classwatch.core.reasons import Reason
from classwatch.core.speech import Segment, SpeakerRole
from classwatch.core.text import count_units, script_of
from tests.metrics.builders import EASY, cells, lesson, value, voiced, words

T = SpeakerRole.TEACHER


@pytest.mark.parametrize(
    ("text", "language", "units"),
    [
        ("同学们好，请坐。", "zh", 6),
        ("二分之一加三分之一等于多少？", "zh", 13),
        ("等于2024", "zh", 6),
        ("Y等于X", "zh", 4),
        ("What is your favourite season?", "en", 5),
        ("Don't touch it, it's 3.5 volts", "en", 6),
        ("……！", "zh", 0),
    ],
)
def test_units(text: str, language: str, units: int) -> None:
    assert count_units(text, language) == units


def test_language_by_script() -> None:
    assert script_of("请读 apple 这个单词") == "zh"
    assert script_of("What is this?") == "en"
    assert script_of("12。") == ""


def test_both_rates_by_hand() -> None:
    # 60 characters in 0-30 s of talk, of which 24 s are voiced.
    segments = [Segment(0.0, 15.0, "字" * 30, role=T), Segment(15.0, 30.0, "字" * 30, role=T)]
    facts = lesson(
        100.0, [(0.0, 30.0, "T")], transcript=words(segments), activity=voiced([(0, 20), (26, 30)])
    )
    assert value(facts, "rate.teacher@voiced", "zh") == pytest.approx(60 / 24 * 60)
    assert value(facts, "rate.teacher@turn", "zh") == pytest.approx(60 / 30 * 60)


def test_each_language_by_itself_and_only_the_teacher() -> None:
    segments = [
        Segment(0.0, 30.0, "字" * 100, role=T),
        Segment(30.0, 60.0, "one two three four five " * 10, role=T),
        Segment(60.0, 90.0, "字" * 900, role=SpeakerRole.STUDENT),
    ]
    talk = [(0.0, 60.0, "T"), (60.0, 90.0, "S1")]
    facts = lesson(100.0, talk, transcript=words(segments))
    assert value(facts, "rate.teacher@turn", "zh") == pytest.approx(200)
    assert value(facts, "rate.teacher@turn", "en") == pytest.approx(100)


def test_suspect_text_and_its_time_are_left_out() -> None:
    segments = [
        Segment(0.0, 30.0, "字" * 100, role=T),
        Segment(40.0, 60.0, "请点赞订阅" * 99, role=T, suspect="credit"),
    ]
    facts = lesson(100.0, [(0.0, 60.0, "T")], transcript=words(segments))
    assert value(facts, "rate.teacher@turn", "zh") == pytest.approx(200)


def test_text_for_little_of_the_talk_abstains() -> None:
    segments = [Segment(0.0, 30.0, "字" * 100, role=T)]
    facts = lesson(100.0, [(0.0, 90.0, "T")], transcript=words(segments))
    cell = cells(facts, EASY)["rate.teacher@turn", ""]
    assert cell.why is not None
    assert cell.why.code == Reason.TEXT_SPARSE


def test_a_few_seconds_of_a_language_give_no_rate() -> None:
    segments = [
        Segment(0.0, 60.0, "字" * 100, role=T),
        Segment(60.0, 65.0, "one two three", role=T),
    ]
    talk = [(0.0, 65.0, "T"), (66.0, 70.0, "S1")]
    table = cells(lesson(100.0, talk, transcript=words(segments)), MetricsConfig())
    assert table["rate.teacher@turn", "zh"].value == pytest.approx(100)
    why = table["rate.teacher@turn", "en"].why
    assert why is not None
    assert why.code == Reason.TOO_LITTLE_SPEECH
