"""Roles by time: by hand, and kappa and F1 against scikit-learn on frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classwatch.evaluate.scores.roles import SpeakerRoles
from classwatch.evaluate.tally import pool
from tests.evaluate.scores.builders import SS, S, T, U, figure, turn, value, whole

SCORER = SpeakerRoles()


def test_by_hand() -> None:
    # True: teacher 0-6, student 6-8, nobody 8-10.
    # Found: teacher 0-5, unknown 5-6, teacher 6-7, student 7-9.
    # Seconds by (true, found): TT 5, TU 1, ST 1, SS 1, nobody-S 1, nobody-nobody 1.
    truth = [turn(0, 6, T), turn(6, 8, S)]
    found = [turn(0, 5, T), turn(5, 6, U), turn(6, 7, T), turn(7, 9, S)]
    figures = SCORER.figures(SCORER.count(truth, found, whole(10)))
    # Of 8 s of talk 6 are right; 7 were given a role, of which 6 are right.
    assert value(figures, "speech.roles.accuracy") == pytest.approx(6 / 8)
    assert value(figures, "speech.roles.coverage") == pytest.approx(7 / 8)
    assert value(figures, "speech.roles.accuracy_given") == pytest.approx(6 / 7)
    assert value(figures, "speech.roles.frame_accuracy") == pytest.approx(7 / 10)
    # Chance: teacher 6*6, student 2*2, nobody 2*1, unknown 0*1, over 100.
    chance = (36 + 4 + 2) / 100
    assert value(figures, "speech.roles.kappa") == pytest.approx((0.7 - chance) / (1 - chance))
    assert value(figures, "speech.roles.f1", "role teacher") == pytest.approx(2 * 5 / (6 + 6))
    assert value(figures, "speech.roles.f1", "role student") == pytest.approx(2 * 1 / (2 + 2))
    assert value(figures, "speech.roles.macro_f1") == pytest.approx((10 / 12 + 1 / 2) / 2)
    # Teacher's share of talk: found 6 of 9, true 6 of 8.
    assert value(figures, "speech.roles.teacher_share_error") == pytest.approx(6 / 9 - 6 / 8)


def test_overlap_in_truth_is_left_out_of_accuracy_but_not_of_f1() -> None:
    # Teacher 0-6, student 4-6: 4-6 is left out of accuracy. Found: teacher all the time.
    truth, found = [turn(0, 6, T), turn(4, 6, S)], [turn(0, 6, T)]
    tally = SCORER.count(truth, found, whole(6))
    figures = SCORER.figures(tally)
    assert tally.counts["overlap_left_out"] == pytest.approx(2)
    assert figure(figures, "speech.roles.accuracy").denominator == pytest.approx(4)
    assert value(figures, "speech.roles.accuracy") == 1
    assert value(figures, "speech.roles.f1", "role teacher") == 1
    assert value(figures, "speech.roles.f1", "role student") == 0


def test_overlap_in_the_finding_is_shared_out() -> None:
    # Teacher 0-4; found: teacher 0-4 and student 2-4: 2 s right and 2 s half right: 3 of 4.
    figures = SCORER.figures(
        SCORER.count([turn(0, 4, T)], [turn(0, 4, T), turn(2, 4, S)], whole(4))
    )
    assert value(figures, "speech.roles.accuracy") == pytest.approx(3 / 4)


def test_one_student_and_several_are_one_class_unless_fine() -> None:
    truth, found = [turn(0, 4, SS), turn(4, 8, T)], [turn(0, 4, S), turn(4, 8, T)]
    assert value(
        SCORER.figures(SCORER.count(truth, found, whole(8))), "speech.roles.accuracy"
    ) == pytest.approx(1)
    fine = SpeakerRoles(fine=True)
    figures = fine.figures(fine.count(truth, found, whole(8)))
    assert value(figures, "speech.roles.accuracy@fine") == pytest.approx(0.5)
    assert value(figures, "speech.roles.f1@fine", "role students") == 0


def test_unknown_in_truth_is_a_class_of_its_own() -> None:
    # A recording is played 0-2 (unknown in truth); called teacher it is wrong, unknown is right.
    truth = [turn(0, 2, U), turn(2, 4, T)]
    wrong = SCORER.figures(SCORER.count(truth, [turn(0, 4, T)], whole(4)))
    right = SCORER.figures(SCORER.count(truth, [turn(0, 2, U), turn(2, 4, T)], whole(4)))
    assert value(wrong, "speech.roles.accuracy") == pytest.approx(0.5)
    assert value(right, "speech.roles.accuracy") == 1
    assert value(right, "speech.roles.coverage") == pytest.approx(0.5)


def test_nothing_said() -> None:
    figures = SCORER.figures(SCORER.count([], [], whole(10)))
    assert value(figures, "speech.roles.accuracy") is None
    assert value(figures, "speech.roles.frame_accuracy") == 1
    assert value(figures, "speech.roles.kappa") is None
    assert value(figures, "speech.roles.teacher_share_error") is None


def test_no_time_scored() -> None:
    figures = SCORER.figures(SCORER.count([turn(0, 2, T)], [turn(0, 2, T)], whole(0)))
    assert all(f.value is None and f.why for f in figures)


ROLES = (None, T, S, U)
codes = st.lists(st.integers(0, 3), min_size=12, max_size=12)


@settings(max_examples=60)
@given(codes, codes, codes, codes)
def test_agrees_with_scikit_learn(
    truth: list[int], found: list[int], truth2: list[int], found2: list[int]
) -> None:
    """Seconds with one label each on both sides, two lessons pooled."""
    from sklearn.metrics import cohen_kappa_score, f1_score

    def turns(row: list[int]) -> list:
        return [turn(n, n + 1, ROLES[code]) for n, code in enumerate(row) if ROLES[code]]

    pooled = pool(
        SCORER.count(turns(one), turns(two), whole(12))
        for one, two in ((truth, found), (truth2, found2))
    )
    figures = SCORER.figures(pooled)
    left, right = truth + truth2, found + found2
    if len({*left, *right}) > 1:
        expected = cohen_kappa_score(left, right)
        assert value(figures, "speech.roles.kappa") == pytest.approx(expected)
    for code, role in ((1, "teacher"), (2, "student")):
        if code in left or code in right:
            expected = f1_score(np.equal(left, code), np.equal(right, code))
            assert value(figures, "speech.roles.f1", f"role {role}") == pytest.approx(expected)
