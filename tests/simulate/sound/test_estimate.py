from __future__ import annotations

import sys

import pytest

from classwatch.simulate.sound.estimate import estimate, estimate_all
from classwatch.simulate.timeline import resolve
from tests.simulate.sound.made import said, script


def test_chinese_at_4_2_characters_a_second() -> None:
    spoken = estimate("我们开始上课吧今天")
    assert spoken.duration_s == pytest.approx(9 / 4.2, abs=0.01)
    assert spoken.voiced == ((0.0, spoken.duration_s),)
    assert "".join(w.text for w in spoken.words) == "我们开始上课吧今天"


def test_english_at_2_6_words_a_second() -> None:
    spoken = estimate("It's 12.5 metres")
    assert [w.text for w in spoken.words] == ["It's", "12.5", "metres"]
    assert spoken.duration_s == pytest.approx(3 / 2.6, abs=0.01)


def test_a_mark_inside_is_a_pause_and_one_at_the_end_is_not() -> None:
    spoken = estimate("好的，，请坐。")
    assert spoken.duration_s == pytest.approx(4 / 4.2 + 0.3, abs=0.01)
    (a, b), (c, d) = spoken.voiced
    assert (a, d) == (0.0, spoken.duration_s)
    assert c - b == pytest.approx(0.3, abs=0.001)


def test_marks_alone_still_take_time() -> None:
    spoken = estimate("……")
    assert spoken.words == ()
    assert spoken.duration_s > 0.2
    assert spoken.voiced == ((0.0, spoken.duration_s),)


def test_a_lesson_needs_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    lesson = script(utterances=[said("t", "你好"), said("s1", "老师好", "u2", gap_s=1.0)])
    timeline = resolve(lesson, estimate_all(lesson))
    assert timeline.utterances[1].start_s == pytest.approx(0.5 + 2 / 4.2 + 1.0, abs=0.005)
