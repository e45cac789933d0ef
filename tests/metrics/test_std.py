from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classwatch.metrics.scheme import STD
from classwatch.metrics.sequence import coded_by_hand
from classwatch.metrics.st import rt_ch
from classwatch.metrics.std import std_rt_ch
from tests.metrics.builders import cells, lesson


def test_a_written_sequence() -> None:
    # S S T T D D T S D T: Nt 4, Nd 3, N 10; switches SS|TT|DD|T|S|D|T = 6.
    codes = np.array([0, 0, 1, 1, 2, 2, 1, 0, 2, 1])
    assert std_rt_ch(codes) == (pytest.approx(0.55), pytest.approx(0.6))
    with pytest.raises(ValueError, match="at least one"):
        std_rt_ch(np.zeros(0, dtype=int))


@given(st.lists(st.booleans(), min_size=1, max_size=100))
def test_without_interaction_it_is_s_t(teacher: list[bool]) -> None:
    codes = np.array(teacher)
    assert std_rt_ch(codes.astype(np.int64)) == pytest.approx(rt_ch(codes))


def test_windows_in_which_both_talk_are_interaction() -> None:
    # Ten windows of 30 s: 1 both, 2 teacher only, 3 student only, 4 both but the student under
    # 1 s with the teacher at the centre, the rest silent.
    talk = [
        *((0.0, 10.0, "T"), (12.0, 20.0, "S1")),
        *((30.0, 60.0, "T"), (60.0, 90.0, "S1")),
        *((90.0, 119.5, "T"), (119.5, 120.0, "S1")),
    ]
    table = cells(lesson(300.0, talk))
    assert table["std.interaction@30s-point-both1s", ""].value == pytest.approx(0.1)
    assert table["std.rt@30s-point-both1s", ""].value == pytest.approx((2 + 0.5) / 10)
    # D T S T S S S S S S: four switches.
    assert table["std.ch@30s-point-both1s", ""].value == pytest.approx(0.4)


def test_a_persons_series_goes_before_the_turns() -> None:
    # S S T T D D T S D T: as above, Rt 0.55, Ch 0.6, D 3 of 10; "?" is left out of all.
    series = coded_by_hand(STD, ["S", "S", "T", "T", "D", "?", "D", "T", "S", "D", "T"], 30.0)
    table = cells(lesson(330.0, [(0.0, 330.0, "T")], sequences=(series,)))
    assert table["std.rt@30s-coded", ""].value == pytest.approx(0.55)
    assert table["std.ch@30s-coded", ""].value == pytest.approx(0.6)
    assert table["std.interaction@30s-coded", ""].value == pytest.approx(0.3)
    assert table["std.rt@30s-coded", ""].coverage == pytest.approx(10 / 11)
