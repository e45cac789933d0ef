"""Whatever is missing, every measure answers, and never with an invented number."""

from __future__ import annotations

import string

import pytest

from classwatch.config.schema import MetricsConfig
from classwatch.core.measures import Why
from classwatch.core.reasons import Reason, reason_text
from classwatch.core.time import Interval
from classwatch.metrics.compute import MEASURES, compute, definitions
from classwatch.metrics.facts import LessonFacts
from classwatch.metrics.reasons import load_gates, load_reasons
from tests.metrics.builders import lesson, picture


@pytest.mark.parametrize("length_s", [0.0, 0.5, 2700.0])
def test_a_lesson_without_anything_gives_reasons_and_no_number(length_s: float) -> None:
    found = compute(LessonFacts(Interval(0.0, length_s)), MetricsConfig())
    assert {m.id.partition("@")[0] for m in found} == {d.id for d in definitions()}
    assert [m.id for m in found if m.value is not None or m.category is not None] == []


def test_the_reason_given_by_an_earlier_step_is_passed_on() -> None:
    missing = {
        "speech": Why(Reason.STAGE_FAILED, {"stage": "media"}),
        "pose": Why(Reason.NO_POSE_MODEL),
        "words": Why(Reason.NO_SPEECH_MODEL),
    }
    found = {
        m.id: m.why
        for m in compute(LessonFacts(Interval(0.0, 60.0), missing=missing), MetricsConfig())
    }
    assert found["talk.silence"] == missing["speech"]
    assert found["hands.episodes@gap2s"] == missing["pose"]
    assert found["place.not_visible"] == missing["pose"]
    assert found["question.per_minute"] == missing["words"]


def test_missing_roles_leave_silence_measured() -> None:
    missing = {"roles": Why(Reason.NO_CLEAR_TEACHER)}
    facts = lesson(100.0, [(0.0, 60.0, "U")], missing=missing)
    found = {(m.id, m.part): m for m in compute(facts, MetricsConfig())}
    assert found["talk.silence", ""].value == pytest.approx(0.4)
    assert found["talk.share_talk", "teacher"].why == missing["roles"]
    assert found["wait.two_median", ""].why == missing["roles"]


def test_every_reason_has_a_sentence_in_both_languages_with_the_same_blanks() -> None:
    zh, en = load_reasons("zh"), load_reasons("en")
    assert set(zh) == set(en) == set(Reason)
    for code in Reason:
        assert blanks(zh[code]) == blanks(en[code])


def test_every_gate_in_the_glossary_is_explained() -> None:
    named = {gate for measured in MEASURES for gate in measured.entry.gates}
    assert named == set(load_gates("zh")) == set(load_gates("en"))


def test_reason_text_fills_blanks_and_survives_what_it_does_not_know() -> None:
    sentences = {"noisy": "{value} dB, {limit} dB needed"}
    assert (
        reason_text(Why("noisy", {"value": 3.25, "limit": 6}), sentences) == "3.25 dB, 6 dB needed"
    )
    assert reason_text(Why("noisy", {"limit": 6.0}), sentences) == "? dB, 6 dB needed"
    assert reason_text(Why("brand_new"), sentences) == "brand_new"


def test_reasons_that_occur_fill_all_their_blanks() -> None:
    cases = [
        lesson(100.0, [(0.0, 5.0, "T")]),
        lesson(100.0, [(0.0, 50.0, "U")]),
        lesson(100.0, [(0.0, 50.0, "T")], pictures=(picture({"students_seen": [3] * 50}),)),
    ]
    sentences = load_reasons("zh")
    for facts in cases:
        for cell in compute(facts, MetricsConfig()):
            if cell.why is not None:
                assert "?" not in reason_text(cell.why, sentences)


def blanks(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}
