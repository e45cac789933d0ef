"""Edges of turns and pauses after questions, by hand."""

from __future__ import annotations

import pytest

from classwatch.core.time import intervals
from classwatch.evaluate.scores.boundaries import TurnBoundaries
from classwatch.evaluate.scores.wait_time import WaitTime
from classwatch.evaluate.tally import pool
from tests.evaluate.scores.builders import figure, turn, value, whole

EDGES = TurnBoundaries()
WAIT = WaitTime()


def test_edges_by_hand() -> None:
    # Starts: true 1, 5; found 1.1, 5.4, 8. Ends: true 4, 7; found 4.25, 7.0, 9.
    # Within 0.25: starts 1 hit, ends 2. Within 0.5: starts 2 hits, ends 2.
    truth = [turn(1, 4), turn(5, 7)]
    found = [turn(1.1, 4.25), turn(5.4, 7.0), turn(8, 9)]
    figures = EDGES.figures(EDGES.count(truth, found, whole(10)))
    name = "speech.boundaries"
    assert value(figures, f"{name}.f1@0.25s", "start") == pytest.approx(2 * 1 / 5)
    assert value(figures, f"{name}.f1@0.25s", "end") == pytest.approx(2 * 2 / 5)
    assert value(figures, f"{name}.f1@0.25s") == pytest.approx(2 * 3 / 10)
    assert value(figures, f"{name}.recall@0.5s") == 1
    assert value(figures, f"{name}.precision@0.5s") == pytest.approx(4 / 6)
    # Errors of the four pairs within 0.5: +0.1, +0.4, +0.25, 0.
    assert value(figures, f"{name}.mae@0.5s") == pytest.approx(0.75 / 4)
    assert value(figures, f"{name}.bias@0.5s", "start") == pytest.approx(0.25)
    assert value(figures, f"{name}.median_error@0.5s") == pytest.approx((0.1 + 0.25) / 2)


def test_an_edge_is_matched_once_and_to_as_many_as_possible() -> None:
    # True 1.0 and 1.4; found 0.8 and 1.1. Nearest first would pair 1.0 with 1.1 and leave 0.8 and
    # 1.4 (0.6 apart) alone; both can be matched within 0.5.
    truth, found = [turn(1, 2), turn(1.4, 2)], [turn(0.8, 2), turn(1.1, 2)]
    tally = EDGES.count(truth, found, whole(10))
    assert tally.counts["hit\tstart\t0.5"] == 2


def test_edges_of_the_recording_are_none() -> None:
    tally = EDGES.count([turn(0, 10)], [turn(0, 10)], whole(10))
    assert tally.counts["truth\tstart"] == 0
    assert value(EDGES.figures(tally), "speech.boundaries.f1@0.5s") is None


def test_edges_without_findings() -> None:
    figures = EDGES.figures(EDGES.count([turn(1, 2)], [], whole(10)))
    assert value(figures, "speech.boundaries.recall@0.5s") == 0
    assert value(figures, "speech.boundaries.precision@0.5s") is None
    assert value(figures, "speech.boundaries.mae@0.5s") is None


def test_wait_time_by_hand() -> None:
    # True pauses of 2, 4 and 1 s; found 2.5 s (its start 0.3 off), 2.8 s; the last one is missed,
    # one is found where there is none.
    truth = intervals([(10, 12), (20, 24), (40, 41)])
    found = intervals([(10.3, 12.8), (20, 22.8), (60, 61)])
    figures = WAIT.figures(WAIT.count(truth, found))
    name = "speech.wait_time"
    assert value(figures, f"{name}.recall@1s") == pytest.approx(2 / 3)
    assert value(figures, f"{name}.precision@1s") == pytest.approx(2 / 3)
    # Errors +0.5 and -1.2; the second pause is 3 s or more in truth only.
    assert value(figures, f"{name}.mae@1s") == pytest.approx((0.5 + 1.2) / 2)
    assert value(figures, f"{name}.bias@1s") == pytest.approx((0.5 - 1.2) / 2)
    assert value(figures, f"{name}.goal_agreement@1s") == pytest.approx(1 / 2)


def test_pauses_of_no_length_count() -> None:
    figures = WAIT.figures(WAIT.count(intervals([(5, 5)]), intervals([(5, 5)])))
    assert value(figures, "speech.wait_time.f1@1s") == 1
    assert value(figures, "speech.wait_time.mae@1s") == 0


def test_errors_of_lessons_are_pooled_by_pause() -> None:
    one = WAIT.count(intervals([(0, 1)]), intervals([(0, 2)]))
    two = WAIT.count(intervals([(0, 1), (9, 10)]), intervals([(0, 1), (9, 10)]))
    figures = WAIT.figures(pool([one, two]))
    assert value(figures, "speech.wait_time.mae@1s") == pytest.approx(1 / 3)
    assert value(figures, "speech.wait_time.median_error@1s") == 0


def test_no_pauses() -> None:
    figures = WAIT.figures(WAIT.count(intervals(), intervals()))
    assert figure(figures, "speech.wait_time.f1@1s").value is None
    assert all(f.why for f in figures)
