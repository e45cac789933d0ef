from __future__ import annotations

import random

import numpy as np
import pytest

from classwatch.core.measures import Unit
from classwatch.core.reasons import Reason
from classwatch.metrics.basis import prepare
from classwatch.metrics.st import grid, mode_of, rt_ch, run_lengths
from tests.metrics.builders import EASY, cells, lesson, value


def codes(text: str) -> np.ndarray:
    return np.array([letter == "T" for letter in text])


def test_rt_and_ch_of_a_written_sequence() -> None:
    # N = 10, Nt = 6, runs TTT S TT SSS T: g = 5.
    assert rt_ch(codes("TTTSTTSSST")) == (0.6, pytest.approx(0.4))
    assert rt_ch(codes("T")) == (1.0, 0.0)
    assert rt_ch(codes("TSTSTS")) == (0.5, pytest.approx(5 / 6))
    assert list(run_lengths(codes("TTTSTTSSST"))) == [3, 1, 2, 3, 1]
    with pytest.raises(ValueError, match="at least one"):
        rt_ch(codes(""))


@pytest.mark.parametrize(
    ("rt", "ch", "mode"),
    [
        (0.3, 0.5, "practice"),
        (0.31, 0.4, "dialogue"),
        (0.5, 0.39, "mixed"),
        (0.69, 0.4, "dialogue"),
        (0.7, 0.5, "lecture"),
        (1.0, 0.0, "lecture"),
    ],
)
def test_modes_at_their_limits(rt: float, ch: float, mode: str) -> None:
    assert mode_of(rt, ch) == mode


def test_grid_reads_the_centre_of_each_window_and_silence_is_s() -> None:
    # Centres of a 30 s grid: 15, 45, 75, ...: T at 15 (0-20) and 75 (74-76) only.
    talk = [(0.0, 20.0, "T"), (44.0, 46.0, "S1"), (74.0, 76.0, "T")]
    found = grid(prepare(lesson(330.0, talk), EASY))
    assert list(found.teacher) == [True, False, True] + [False] * 8
    facts = lesson(330.0, talk)
    assert value(facts, "st.rt@30s-point") == pytest.approx(2 / 11)
    assert value(facts, "st.ch@30s-point") == pytest.approx(3 / 11)
    # Runs of 1, 1, 1 and 8 windows.
    assert value(facts, "st.run@30s-point") == pytest.approx(30.0)
    assert value(facts, "st.rt@exact") == pytest.approx(22 / 330)


def test_a_rest_shorter_than_a_window_is_not_sampled() -> None:
    assert len(grid(prepare(lesson(329.9), EASY)).windows) == 10


def test_windows_of_unknown_voices_are_left_out_and_lower_the_coverage() -> None:
    talk = [(0.0, 150.0, "T"), (150.0, 210.0, "U"), (210.0, 240.0, "S1"), (240.0, 450.0, "T")]
    cell = cells(lesson(450.0, talk))["st.rt@30s-point", ""]
    # 15 windows, 2 undecided, 12 of 13 T.
    assert (cell.numerator, cell.denominator) == (12.0, 13.0)
    assert cell.coverage == pytest.approx(13 / 15)
    exact = cells(lesson(450.0, talk))["st.rt@exact", ""]
    assert exact.value == pytest.approx(360 / 390)
    assert exact.coverage == pytest.approx(390 / 450)


def test_fifteen_seconds_is_another_id() -> None:
    cfg = EASY.model_copy(update={"st_interval_s": 15})
    assert ("st.ch@15s-point", "") in cells(lesson(600.0, [(0.0, 300.0, "T")]), cfg)


def test_mode_is_a_category_and_needs_twenty_windows() -> None:
    long = cells(lesson(600.0, [(0.0, 500.0, "T"), (500.0, 510.0, "S1")]))["st.mode@30s-point", ""]
    assert long.unit is Unit.CATEGORY
    assert long.category == "lecture"
    assert long.value is None
    short = cells(lesson(570.0, [(0.0, 500.0, "T"), (500.0, 510.0, "S1")]))["st.mode@30s-point", ""]
    assert short.why is not None
    assert short.why.code == Reason.TOO_SHORT


def test_exact_runs_close_the_teachers_short_pauses() -> None:
    # T 0-10 + 11-20 -> 20 s; S 20-50; T 50-60; S 60-100: median of 10, 20, 30, 40.
    talk = [(0.0, 10.0, "T"), (11.0, 20.0, "T"), (25.0, 40.0, "S1"), (50.0, 60.0, "T")]
    assert value(lesson(100.0, talk), "st.run@exact-gap2s") == pytest.approx(25.0)


def simulated(rng: random.Random, teacher_s: float, student_s: float) -> list:
    """A 40 min lesson of exponential turns, at least 1 s long, as in the published simulation."""
    talk, at, who = [], 0.0, "T"
    while at < 2400.0:
        length = max(1.0, rng.expovariate(1 / (teacher_s if who == "T" else student_s)))
        talk.append((at, min(2400.0, at + length), "T" if who == "T" else "S1"))
        at += length
        who = "S" if who == "T" else "T"
    return talk


# Rt and Ch by grid, as tabled in the project's domain notes (means of 20 lessons, two decimals).
TABLE = {
    "rapid": (8, 6, 0.56, {1: 0.14, 3: 0.29, 5: 0.39, 15: 0.48, 30: 0.49}),
    "typical": (20, 8, 0.71, {1: 0.07, 3: 0.17, 5: 0.24, 15: 0.37, 30: 0.42}),
    "lecture": (60, 6, 0.90, {1: 0.03, 3: 0.07, 5: 0.10, 15: 0.16, 30: 0.16}),
    "practice": (20, 60, 0.25, {1: 0.02, 3: 0.07, 5: 0.10, 15: 0.22, 30: 0.34}),
}


@pytest.mark.parametrize("name", TABLE)
def test_point_sampling_agrees_with_the_published_simulation(name: str) -> None:
    teacher_s, student_s, rt_known, by_grid = TABLE[name]
    rng = random.Random(20)
    lessons = [
        prepare(lesson(2400.0, simulated(rng, teacher_s, student_s)), EASY) for _ in range(40)
    ]
    for interval_s, ch_known in by_grid.items():
        found = np.array([rt_ch(grid(basis, interval_s).codes) for basis in lessons])
        # Standard error of our 40 lessons and of the table's 20, and the table's rounding.
        error = found.std(axis=0) * np.sqrt(1 / 40 + 1 / 20)
        rt, ch = found.mean(axis=0)
        assert abs(rt - rt_known) <= 3 * error[0] + 0.005
        assert abs(ch - ch_known) <= 3 * error[1] + 0.005


def test_the_grid_decides_ch_of_one_lesson() -> None:
    basis = prepare(lesson(2400.0, simulated(random.Random(1), 8, 6)), EASY)
    assert rt_ch(grid(basis, 1.0).codes)[1] < 0.2
    assert rt_ch(grid(basis, 30.0).codes)[1] > 0.35
