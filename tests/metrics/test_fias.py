from __future__ import annotations

from dataclasses import replace

import pytest

from classwatch.config.schema import MetricsConfig
from classwatch.core.codes import ActCode, Openness, QuestionPurpose
from classwatch.core.reasons import Reason
from classwatch.core.speech import Origin, SpeakerRole
from classwatch.core.time import Interval
from classwatch.metrics.crosswalk import LOSSES, label_of
from classwatch.metrics.facts import LessonFacts
from classwatch.metrics.scheme import FIAS, IFIAS, ITIAS, SCHEMES, scheme_of
from classwatch.metrics.sequence import coded_by_hand
from tests.metrics.builders import cells
from tests.metrics.coded import act, coded_lesson, in_a_row, stream

A = ActCode
SERIES = "10 5 5 5 4 8 8 2 3 5 4 8 3 4 9 9 6 10 10 7 6 5 5 4 8 8 1 4 8 10"
# Counted by hand: 30 codes.
#   1: 1   2: 1   3: 2   4: 5   5: 6   6: 2   7: 1   8: 6   9: 2   10: 4


def given(text: str, scheme=FIAS) -> dict:
    sequence = coded_by_hand(scheme, text.split())
    span = Interval(0.0, 3.0 * len(sequence.codes))
    return cells(LessonFacts(span, sequences=(sequence,)))


@pytest.mark.parametrize(
    ("name", "numerator", "denominator"),
    [
        ("tt", 18, 30),
        ("pt", 8, 30),
        ("sc", 4, 30),
        ("id_ratio", 9, 9),
        ("id_revised", 4, 3),
        ("trr", 4, 7),
        ("tqr", 5, 11),
        ("pir", 2, 8),
        # 29 pairs. Rows 4 and 5: 5 + 6 pairs; columns 4 and 5: 5 + 6; in both (5,5) (5,5) (5,4)
        # (5,4) (5,5) (5,4) = 6, so 11 + 11 - 6.
        ("ccr", 16, 29),
        # (5,5) x 3, (8,8) x 2, (9,9), (10,10).
        ("ssr", 7, 29),
        ("pssr", 3, 8),
        # After 8 or 9: 2, 3, 6, 1, and 10 at the end: 3 of 4 answers to ideas and feelings.
        ("trr89", 3, 4),
    ],
)
def test_ratios_by_hand(name: str, numerator: int, denominator: int) -> None:
    cell = given(SERIES)[f"fias.{name}@3s-coded", ""]
    assert (cell.numerator, cell.denominator) == (numerator, denominator)
    assert cell.value == pytest.approx(numerator / denominator)


def test_a_ratio_without_anything_below_is_absent() -> None:
    cell = given(SERIES)["fias.tqr89@3s-coded", ""]
    assert cell.why is not None
    assert cell.why.code == Reason.NONE_FOUND
    # After pupils the teacher asks once and lectures twice.
    found = given("8 4 8 5 9 5 " + "10 " * 20)["fias.tqr89@3s-coded", ""]
    assert (found.numerator, found.denominator) == (1, 3)


def test_areas_of_the_matrix_by_hand() -> None:
    found = given(SERIES)
    expected = {
        "extended_indirect": 1,  # (2,3)
        "extended_direct": 1,  # (7,6)
        "response_to_pupils": 4,  # (8,2) (8,3) (9,6) (8,1)
        "pupils_after_teacher": 5,  # (4,8) x 4, (4,9)
        "extended_pupil_talk": 3,
        "into_silence": 2,  # (6,10) (8,10)
        "extended_silence": 1,
    }
    counts = {part: found["fias.region@3s-coded", part].numerator for part in expected}
    assert counts == expected


def test_shares_of_the_categories_add_up() -> None:
    for scheme in SCHEMES:
        series = " ".join(scheme.labels) + " " + " ".join(scheme.labels)
        found = given(series, scheme)
        parts = [found[f"{scheme.id}.share@3s-coded", label].value for label in scheme.labels]
        assert sum(parts) == pytest.approx(1.0)
        assert parts == pytest.approx([2 / (2 * len(parts))] * len(parts))


def test_itias_ratios_by_hand() -> None:
    found = given("1 4 4 5 6 6 6 7 8 9 9 10 11 12 12 13 14 15 15 16 16 17 18 6", ITIAS)
    expected = {
        "teacher": (10, 24),
        "student": (6, 24),
        "silence": (4, 24),
        "technology": (4, 24),
        "teacher_technology": (2, 4),
        "student_technology": (1, 4),
        "id_ratio": (4, 6),
        "open": (2, 3),
        "volunteered": (1, 3),
        "student_questions": (1, 6),
        "peer": (2, 6),
        # 13 before and after: 26 codes, 25 pairs; 4-4, 6-6, 6-6, 9-9, 12-12, 15-15, 16-16.
        "steady": (7, 25),
    }
    for name, counts in expected.items():
        cell = found[f"itias.{name}@3s-coded", ""]
        assert (cell.numerator, cell.denominator) == counts, name


def test_ifias_ratios_by_hand() -> None:
    found = given("1 2 3 4.1 4.2 4.2 4 5 5 5 6 7 8 8 9.1 9.2 9 10 11 12 12 13 14 5", IFIAS)
    expected = {
        "teacher": (13, 24),
        "student": (6, 24),
        "helpful_silence": (2, 24),
        "confusion": (1, 24),
        "technology": (2, 24),
        "id_ratio": (7, 6),
        "open": (1, 3),
        "initiative": (3, 5),
    }
    for name, counts in expected.items():
        cell = found[f"ifias.{name}@3s-coded", ""]
        assert (cell.numerator, cell.denominator) == counts, name


def test_few_codes_are_no_lesson() -> None:
    cell = given("5 4 8")["fias.tt@3s-coded", ""]
    assert cell.why is not None
    assert cell.why.code == Reason.TOO_SHORT


def test_one_lesson_three_protocols() -> None:
    # A minute each: lecture, question with thinking and answer, practice, group talk, device.
    minute = {
        "lecture": [A.LECTURES] * 20,
        "ask": [A.ASKS, A.THINKING, A.THINKING, A.VOLUNTEERS] * 5,
        "practice": [A.PRACTICE] * 20,
        "group": [A.PEER_TALK] * 20,
        "device": [A.STUDENT_TECH] * 20,
    }
    codes = [code for rows in minute.values() for code in rows]
    found = cells(coded_lesson(in_a_row(3.0, codes)))
    shares = {"fias.share": {"5": 20, "4": 5, "9": 5, "10": 70}}
    shares["ifias.share"] = {"5": 20, "4": 5, "9.1": 5, "12": 30, "10": 20, "14": 20}
    shares["itias.share"] = {"6": 20, "5": 5, "10": 5, "14": 10, "15": 20, "12": 20, "17": 20}
    for name, parts in shares.items():
        for part, count in parts.items():
            assert found[f"{name}@3s-change", part].numerator == count, (name, part)


def test_a_persons_series_wins_over_coded_acts() -> None:
    sequence = coded_by_hand(FIAS, ["8"] * 30)
    facts = coded_lesson(in_a_row(3.0, [A.LECTURES] * 30), sequences=(sequence,))
    found = cells(facts)
    assert found["fias.pt@3s-coded", ""].value == 1.0
    assert found["itias.teacher@3s-change", ""].value == 1.0


def test_half_coded_lessons_abstain() -> None:
    facts = coded_lesson(stream(600.0, [act(0, 200, A.LECTURES)]))
    cell = cells(facts, MetricsConfig())["fias.tt@3s-change", ""]
    assert cell.why is not None
    assert cell.why.code == Reason.CODES_SPARSE


def test_acts_coded_by_machine_need_roles_that_are_sure() -> None:
    acts = [replace(act(0, 600, A.LECTURES), origin=Origin.PREDICTED)]
    cell = cells(coded_lesson(stream(600.0, acts)), MetricsConfig())["fias.tt@3s-change", ""]
    assert cell.value is None
    mine = cells(coded_lesson(stream(600.0, [act(0, 600, A.LECTURES)])), MetricsConfig())
    assert mine["fias.tt@3s-change", ""].value == 1.0


@pytest.mark.parametrize(
    ("code", "rest", "labels"),
    [
        (A.LECTURES, {}, ("5", "5", "6")),
        (A.ASKS, {"openness": Openness.OPEN}, ("4", "4.1", "4")),
        (A.ASKS, {"openness": Openness.CLOSED}, ("4", "4.2", "5")),
        (A.ASKS, {"purpose": QuestionPurpose.RHETORICAL}, ("5", "5", "6")),
        (A.PRAISES, {}, ("2", "2", "2")),
        (A.USES_IDEA, {}, ("3", "3", "3")),
        (A.ACCEPTS_FEELING, {}, ("1", "1", "1")),
        (A.DIRECTS, {}, ("6", "6", "7")),
        (A.CRITICISES, {}, ("7", "7", "8")),
        (A.RESPONDS, {}, ("8", "8", "9")),
        (A.VOLUNTEERS, {}, ("9", "9.1", "10")),
        (A.STUDENT_ASKS, {}, ("9", "9.2", "11")),
        (A.PEER_TALK, {}, ("10", "10", "12")),
        (A.PRACTICE, {}, ("10", "12", "15")),
        (A.THINKING, {}, ("10", "12", "14")),
        (A.CONFUSION, {}, ("10", "11", "13")),
        (A.TEACHER_TECH, {}, ("10", "13", "16")),
        (A.STUDENT_TECH, {}, ("10", "14", "17")),
        (A.UNKNOWN, {}, ("", "", "")),
    ],
)
def test_the_published_crosswalk(code: ActCode, rest: dict, labels: tuple[str, ...]) -> None:
    one = act(0, 1, code, **rest)
    assert tuple(label_of(one, scheme) for scheme in SCHEMES) == labels


def test_every_act_is_in_every_scheme_and_every_loss_is_true() -> None:
    for scheme in SCHEMES:
        for code in A:
            label = label_of(act(0, 1, code), scheme)
            assert (label == "") == (code is A.UNKNOWN)
    for loss in LOSSES:
        scheme = scheme_of(loss.scheme)
        kinds = [act(0, 1, code) for code in loss.acts]
        kinds += [
            act(0, 1, A.ASKS, purpose=QuestionPurpose.RHETORICAL)
            for code in loss.acts
            if code is A.ASKS
        ]
        assert loss.label in {label_of(one, scheme) for one in kinds}
        assert all(label_of(one, scheme) == loss.label for one in kinds if one.act is not A.ASKS)


def test_speakers_of_made_acts_are_right() -> None:
    assert act(0, 1, A.CHORAL).role is SpeakerRole.STUDENTS
    assert act(0, 1, A.THINKING).role is None


def test_a_published_lesson_by_its_tallies() -> None:
    # A published analysis of one university lesson: tallies 5 67 75 76 112 0 0 71 84 1, teacher
    # 68.22 %, students 31.57 % (cut after two places), indirect 223 of 335, motivation and control
    # 147 of 147.
    tallies = (5, 67, 75, 76, 112, 0, 0, 71, 84, 1)
    series = " ".join(" ".join([str(c)] * n) for c, n in enumerate(tallies, start=1) if n)
    found = given(series)
    assert found["fias.tt@3s-coded", ""].value == pytest.approx(0.6822, abs=1e-4)
    assert found["fias.pt@3s-coded", ""].value == pytest.approx(0.3157, abs=1e-4)
    cell = found["fias.id_ratio@3s-coded", ""]
    assert (cell.numerator, cell.denominator) == (223, 112)
    assert found["fias.trr@3s-coded", ""].value == 1.0
