from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classwatch.core.codes import ActCode
from classwatch.core.reasons import Reason
from classwatch.core.time import Interval
from classwatch.metrics.facts import LessonFacts
from classwatch.metrics.scheme import FIAS, IFIAS, ITIAS, ST
from classwatch.metrics.sequence import coded_by_hand, sequence_of
from classwatch.metrics.st import rt_ch
from classwatch.metrics.st_codes import TEACHER_CODES, at_centres, from_stream
from tests.metrics.builders import cells, turns
from tests.metrics.coded import act, coded_lesson, in_a_row, stream

A = ActCode


def by_hand(text: str, scheme=ST, interval_s: float = 30.0) -> dict:
    sequence = coded_by_hand(scheme, text.split(), interval_s)
    span = Interval(0.0, interval_s * len(sequence.codes))
    return cells(LessonFacts(span, sequences=(sequence,)))


def test_a_persons_s_t_series() -> None:
    # 20 codes, 12 T; runs TTT SS TTTT S TTT SSSS T... counted: TTT|SS|TTTT|S|TTT|SSSS|TT|S: 8 runs.
    found = by_hand("T T T S S T T T T S T T T S S S S T T S")
    assert found["st.coded_rt@30s-coded", ""].value == pytest.approx(12 / 20)
    assert found["st.coded_ch@30s-coded", ""].value == pytest.approx(7 / 20)
    assert found["st.coded_mode@30s-coded", ""].category == "mixed"


def test_a_step_without_a_code_is_left_out() -> None:
    # T T S S S T | ? | S T T T S: 11 coded, 6 of them T, 5 changes where codes follow each other.
    found = by_hand("T T S S S T ? S T T T S")
    assert found["st.coded_rt@30s-coded", ""].value == pytest.approx(6 / 11)
    assert found["st.coded_ch@30s-coded", ""].value == pytest.approx(5 / 11)
    assert found["st.coded_rt@30s-coded", ""].coverage == pytest.approx(11 / 12)
    # Runs TT SSS T S TTT S: median of 1 1 1 2 3 3 is 1.5 windows.
    assert found["st.coded_run@30s-coded", ""].value == pytest.approx(45.0)
    assert found["st.coded_mode@30s-coded", ""].why is not None


def test_no_mode_from_codes_every_three_seconds() -> None:
    found = by_hand("T S " * 110, interval_s=3.0)
    # The classical grid beside it: 22 centres, each at a code that begins 15 s after a multiple of
    # 30 s, the sixth of ten: S every time.
    assert found["st.coded_mode@30s-point", ""].category == "practice"
    assert found["st.coded_rt@3s-coded", ""].value == pytest.approx(0.5)
    cell = found["st.coded_mode@3s-coded", ""]
    assert cell.why is not None
    assert cell.why.code == Reason.INTERVAL


def test_silent_writing_and_media_are_teacher_behaviour() -> None:
    codes = [A.WRITES, A.MEDIA, A.TEACHER_TECH, A.LECTURES, A.ASKS] * 2
    codes += [A.PRACTICE, A.STUDENT_TECH, A.PEER_TALK, A.THINKING, A.RESPONDS] * 2
    found = cells(coded_lesson(in_a_row(30.0, codes)))
    assert found["st.coded_rt@30s-point", ""].value == 0.5
    assert found["st.coded_mode@30s-point", ""].category == "mixed"


def test_unknown_acts_are_neither() -> None:
    rows = [act(0, 300, A.LECTURES), act(300, 400, A.UNKNOWN), act(400, 600, A.PRACTICE)]
    cell = cells(coded_lesson(stream(600.0, rows)))["st.coded_rt@30s-point", ""]
    # Centres 15, 45 ... 585: ten in the lecture, 315 345 375 unknown, seven in practice.
    assert (cell.numerator, cell.denominator) == (10, 17)
    assert cell.coverage == pytest.approx(17 / 20)


def test_other_schemes_are_read_at_the_centre_of_each_window() -> None:
    # 20 codes a minute: lecture, then answers, in turns of 30 s.
    fias = by_hand(("5 " * 10 + "8 " * 10) * 10, FIAS, 3.0)
    assert fias["st.coded_rt@30s-point", ""].value == 0.5
    assert fias["st.coded_ch@30s-point", ""].value == pytest.approx(19 / 20)
    itias = by_hand(("16 " * 10 + "17 " * 10) * 10, ITIAS, 3.0)
    assert itias["st.coded_rt@30s-point", ""].value == 0.5


@given(st.lists(st.booleans(), min_size=1, max_size=120))
def test_ch_lies_under_the_triangle(codes: list[bool]) -> None:
    rt, ch = rt_ch(np.array(codes))
    assert ch <= 2 * min(rt, 1 - rt) + 1 / len(codes) + 1e-12


@settings(max_examples=20)
@given(st.lists(st.sampled_from("TS"), min_size=300, max_size=500))
def test_the_classical_grid_is_that_of_the_turns(codes: list[str]) -> None:
    found = by_hand(" ".join(codes), interval_s=3.0)
    talk = turns([(3.0 * i, 3.0 * i + 3.0, c) for i, c in enumerate(codes)])
    same = cells(LessonFacts(Interval(0.0, 3.0 * len(codes)), talk))
    for name in ("rt", "ch", "run", "mode"):
        own, other = found[f"st.coded_{name}@30s-point", ""], same[f"st.{name}@30s-point", ""]
        assert (own.value, own.category) == (other.value, other.category)


def test_the_teacher_codes_are_those_of_the_crosswalk() -> None:
    # FIAS 1-7, iFIAS 1-7 and 13, ITIAS 1-8, 16 and 18, each against the acts that become them.
    assert {name: len(codes) for name, codes in TEACHER_CODES.items()} == {
        "st": 1, "fias": 7, "ifias": 8, "itias": 10,
    }  # fmt: skip
    found = by_hand("4.1 9.1 13 14 " * 5, IFIAS, 30.0)
    assert found["st.coded_rt@30s-coded", ""].value == 0.5


MAPPED = (A.LECTURES, A.ASKS, A.RESPONDS, A.PRACTICE, A.PEER_TALK, A.STUDENT_ASKS, A.DIRECTS)


@given(st.lists(st.sampled_from(MAPPED), min_size=10, max_size=120))
def test_acts_and_their_fias_series_agree(codes: list[ActCode]) -> None:
    acts = in_a_row(3.0, codes)
    exact, series = from_stream(acts, 30.0), at_centres(sequence_of(acts, FIAS), 30.0)
    assert exact.teacher.tolist() == series.teacher.tolist()
    assert exact.decided.all()
