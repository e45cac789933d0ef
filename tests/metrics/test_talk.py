from __future__ import annotations

from dataclasses import replace

import pytest

from classwatch.config.schema import MetricsConfig
from classwatch.core.reasons import Reason
from classwatch.core.speech import Origin
from tests.metrics.builders import EASY, cells, lesson, turn, value, voiced

# 100 s: T 0-30, S1 30-40, T 38-50 (2 s overlap), silence 50-60, all 60-65, unknown 70-80.
PAPER = [
    (0.0, 30.0, "T"),
    (30.0, 40.0, "S1"),
    (38.0, 50.0, "T"),
    (60.0, 65.0, "A"),
    (70.0, 80.0, "U"),
]


def test_seconds_and_shares_by_hand() -> None:
    table = cells(lesson(100.0, PAPER))
    by_hand = {"teacher": 42.0, "student": 10.0, "students": 5.0, "unknown": 10.0}
    for role, seconds in by_hand.items():
        assert table["talk.seconds", role].value == pytest.approx(seconds)
        assert table["talk.share_lesson", role].value == pytest.approx(seconds / 100)
        assert table["talk.share_talk", role].value == pytest.approx(seconds / 67)
    assert table["talk.overlap", ""].value == pytest.approx(2.0)
    # Talk covers 0-50, 60-65 and 70-80.
    assert table["talk.silence", ""].value == pytest.approx(0.35)
    assert table["talk.silence", ""].numerator == pytest.approx(35.0)


def test_speech_outside_every_turn_is_of_unknown_role_and_not_silence() -> None:
    facts = lesson(100.0, [(0.0, 40.0, "T")], activity=voiced([(0, 40), (50, 60)]))
    assert value(facts, "talk.seconds", "unknown") == pytest.approx(10.0)
    assert value(facts, "talk.silence") == pytest.approx(0.5)


def test_speech_at_the_edge_of_a_turn_is_no_unknown_voice_and_turns_stay_as_coded() -> None:
    # 0.3 s after the turn and 0.2 s before the answer; 0.4 s by itself is nobody's.
    talk = [(0.0, 40.0, "T"), (50.0, 60.0, "S1")]
    facts = lesson(100.0, talk, activity=voiced([(0, 40.3), (49.8, 60), (80, 80.4)]))
    assert value(facts, "talk.seconds", "teacher") == pytest.approx(40.0)
    assert value(facts, "talk.seconds", "student") == pytest.approx(10.0)
    assert value(facts, "talk.seconds", "unknown") == pytest.approx(0.4)
    # A long rest is not an edge.
    longer = lesson(100.0, talk, activity=voiced([(0, 45.0), (50, 60)]))
    assert value(longer, "talk.seconds", "teacher") == pytest.approx(40.0)
    assert value(longer, "talk.seconds", "unknown") == pytest.approx(5.0)


def test_what_is_predicted_from_sound_never_says_how_much_another_adult_talks() -> None:
    coded = lesson(100.0, PAPER)
    heard = replace(coded, turns=tuple(replace(t, origin=Origin.PREDICTED) for t in coded.turns))
    for name in ("talk.seconds", "talk.share_lesson", "talk.share_talk", "talk.turns@gap2s"):
        assert cells(coded)[name, "adult"].value == 0
        absent = cells(heard)[name, "adult"]
        assert absent.value is None
        assert absent.why is not None
        assert absent.why.code == Reason.CANNOT_TELL
        assert cells(heard)[name, "teacher"].value == cells(coded)[name, "teacher"].value


def test_only_the_span_counts() -> None:
    facts = lesson(20.0, [(-5.0, 5.0, "T"), (18.0, 40.0, "S1")])
    assert value(facts, "talk.seconds", "teacher") == pytest.approx(5.0)
    assert value(facts, "talk.seconds", "student") == pytest.approx(2.0)


def test_turns_join_over_short_pauses_unless_somebody_talks_in_them() -> None:
    talk = [
        (0.0, 10.0, "T"),
        (11.5, 20.0, "T"),  # 1.5 s pause, nobody talks: same turn
        (21.5, 30.0, "T"),  # 1.5 s pause with an answer in it: new turn
        (20.2, 21.2, "S1"),
        (33.0, 40.0, "T"),  # 3 s pause: new turn
    ]
    facts = lesson(60.0, talk)
    assert value(facts, "talk.turns@gap2s", "teacher") == 3
    assert value(facts, "talk.turns@gap2s", "student") == 1
    assert value(facts, "talk.turns_per_minute@gap2s") == pytest.approx(4.0)
    assert value(facts, "talk.monologue_longest@gap2s") == pytest.approx(20.0)
    assert value(facts, "talk.monologue_median@gap2s") == pytest.approx(8.5)


def test_backing_that_overlaps_does_not_end_a_monologue() -> None:
    facts = lesson(60.0, [(0.0, 30.0, "T"), (10.0, 11.0, "S1")])
    assert value(facts, "talk.monologue_longest@gap2s") == pytest.approx(30.0)


def test_the_gap_is_part_of_the_id() -> None:
    cfg = EASY.model_copy(update={"monologue_gap_s": 0.5})
    table = cells(lesson(60.0, [(0.0, 5.0, "T"), (6.0, 9.0, "T")]), cfg)
    assert table["talk.turns@gap0.5s", "teacher"].value == 2


def test_different_students_are_different_turns() -> None:
    facts = lesson(60.0, [(0.0, 5.0, "S1"), (5.5, 9.0, "S2"), (9.2, 12.0, "S2")])
    assert value(facts, "talk.turns@gap2s", "student") == 2
    assert value(facts, "talk.student_longest@gap2s") == pytest.approx(6.5)


def test_little_speech_noise_and_missing_roles_each_abstain_with_their_reason() -> None:
    cfg = MetricsConfig()
    talk = [(0.0, 30.0, "T"), (30.0, 60.0, "S1")]
    short = lesson(600.0, [(0.0, 10.0, "T"), (12.0, 15.0, "S1")])
    noisy = lesson(600.0, talk, activity=voiced([(0, 60)], speech_db=-30, noise_db=-33))
    unknown = lesson(600.0, [(0.0, 10.0, "T"), (20.0, 120.0, "U")])
    for facts, reason in (
        (short, Reason.TOO_LITTLE_SPEECH),
        (noisy, Reason.NOISY),
        (unknown, Reason.ROLES_INCOMPLETE),
    ):
        cell = cells(facts, cfg)["talk.share_lesson", "teacher"]
        assert cell.value is None
        assert cell.why is not None
        assert cell.why.code == reason
        assert not all(gate.passed for gate in cell.gates)


def test_no_floor_to_compare_with_is_no_proof_of_noise() -> None:
    facts = lesson(
        60.0,
        [(0.0, 30.0, "T"), (30.0, 60.0, "S1")],
        activity=voiced([(0, 60)], noise_db=float("nan")),
    )
    gate = next(g for g in cells(facts, MetricsConfig())["talk.silence", ""].gates if g.id == "snr")
    assert gate.value is None
    assert gate.passed


def test_one_predicted_voice_abstains_but_a_labelled_one_counts() -> None:
    from dataclasses import replace

    from classwatch.core.speech import Origin
    from classwatch.core.time import Interval
    from classwatch.metrics.facts import LessonFacts

    labelled = turn(0.0, 60.0, "T")
    predicted = replace(labelled, origin=Origin.PREDICTED)
    assert value(LessonFacts(Interval(0, 100), (labelled,)), "talk.share_lesson", "teacher") == 0.6
    cell = cells(LessonFacts(Interval(0, 100), (predicted,)))["talk.share_lesson", "teacher"]
    assert cell.why is not None
    assert cell.why.code == Reason.ONE_VOICE


def test_adults_and_recordings_are_neither_teacher_nor_students() -> None:
    talk = [(0.0, 30.0, "T"), (30.0, 40.0, "C"), (40.0, 60.0, "O"), (60.0, 90.0, "P")]
    table = cells(lesson(100.0, talk))
    shares = {
        role: table["talk.share_lesson", role].value
        for role in ("teacher", "choral", "adult", "playback", "unknown")
    }
    assert shares == pytest.approx(
        {"teacher": 0.3, "choral": 0.1, "adult": 0.2, "playback": 0.3, "unknown": 0.0}
    )
    # Playing something is behaviour of the teacher (T), another adult is neither T nor S.
    rt = table["st.rt@exact", ""]
    assert (rt.numerator, rt.denominator) == pytest.approx((60.0, 80.0))
    assert table["talk.turns_per_minute@gap2s", ""].value == pytest.approx(2 / (100 / 60))
