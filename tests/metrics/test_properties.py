"""Properties that hold for any lesson."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classwatch.core.speech import SpeakerRole
from classwatch.core.time import Interval
from classwatch.metrics.basis import prepare
from classwatch.metrics.compute import compute
from classwatch.metrics.facts import LessonFacts
from classwatch.metrics.st import rt_ch, run_lengths
from classwatch.metrics.timeline import covered_until, joined
from tests.metrics.builders import EASY, cells, lesson, turns

VOICES = ("T", "S1", "S2", "A", "U")


@st.composite
def talks(draw: st.DrawFn) -> list[tuple[float, float, str]]:
    """Up to 25 turns on a grid of 0.25 s within 600 s; overlaps are common."""
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, 2390), st.integers(1, 200), st.sampled_from(VOICES)),
            max_size=25,
        )
    )
    return [(a / 4, min(600.0, (a + n) / 4), voice) for a, n, voice in rows]


@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_ch_stays_in_the_triangle(sequence: list[bool]) -> None:
    codes = np.array(sequence)
    rt, ch = rt_ch(codes)
    assert ch <= 2 * min(rt, 1 - rt) + 1e-12
    assert run_lengths(codes).sum() == len(codes)
    assert len(run_lengths(codes)) == round(ch * len(codes)) + 1
    # Naming the codes the other way round, or reading the lesson backwards, changes no switch.
    assert rt_ch(~codes) == (pytest.approx(1 - rt), ch)
    assert rt_ch(codes[::-1]) == (rt, ch)


@settings(max_examples=60)
@given(talks())
def test_shares_add_up(talk: list[tuple[float, float, str]]) -> None:
    table = cells(lesson(600.0, talk))
    roles = [str(role) for role in SpeakerRole]
    shares = [table["talk.share_talk", role].value for role in roles]
    if shares[0] is not None:
        assert sum(s or 0.0 for s in shares) == pytest.approx(1.0)
    silence = table["talk.silence", ""].value
    if silence is not None and shares[0] is not None:
        spoken = sum(table["talk.share_lesson", role].value or 0.0 for role in roles)
        assert spoken + silence >= 1.0 - 1e-9
    for cell in table.values():
        if cell.unit == "share" and cell.value is not None:
            assert 0.0 <= cell.value <= 1.0
        if cell.ci_low is not None and cell.ci_high is not None:
            assert 0.0 <= cell.ci_low <= cell.ci_high
            assert cell.unit != "share" or cell.ci_high <= 1.0


@settings(max_examples=40)
@given(talks(), st.randoms(use_true_random=False))
def test_order_and_cuts_of_turns_change_nothing(
    talk: list[tuple[float, float, str]], rng: random.Random
) -> None:
    whole = cells(lesson(600.0, talk))
    pieces = []
    for start, end, voice in talk:
        cut = round((start + rng.random() * (end - start)) * 4) / 4
        pieces += (
            [(start, cut, voice), (cut, end, voice)] if start < cut < end else [(start, end, voice)]
        )
    rng.shuffle(pieces)
    again = cells(lesson(600.0, pieces))
    assert whole.keys() == again.keys()
    for key, cell in whole.items():
        assert again[key].value == pytest.approx(cell.value), key
        assert again[key].category == cell.category
        assert again[key].evidence == cell.evidence


@settings(max_examples=40)
@given(talks(), st.floats(-1e4, 1e4))
def test_moving_the_clock_moves_only_the_evidence(
    talk: list[tuple[float, float, str]], shift: float
) -> None:
    shift = round(shift * 4) / 4
    moved = LessonFacts(
        Interval(shift, 600.0 + shift), turns([(a + shift, b + shift, v) for a, b, v in talk])
    )
    still = compute(lesson(600.0, talk), EASY)
    for one, other in zip(still, compute(moved, EASY), strict=True):
        assert other.value == pytest.approx(one.value, abs=1e-6)


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 10)), max_size=10),
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 10)), max_size=10),
    st.integers(0, 5),
)
def test_joining_agrees_with_a_walk_second_by_second(own, others, gap) -> None:
    mine = np.array([(a, a + n) for a, n in own], dtype=float).reshape(-1, 2)
    theirs = np.array([(a, a + n) for a, n in others], dtype=float).reshape(-1, 2)
    talking = [any(a <= s < a + n for a, n in own) for s in range(70)]
    foreign = [any(a <= s < a + n for a, n in others) for s in range(70)]
    expected: list[list[int]] = []
    for second in range(70):
        if not talking[second]:
            continue
        pause = range(expected[-1][1], second) if expected else range(0)
        if (expected and len(pause) <= gap and not any(foreign[s] for s in pause)) or (
            expected and expected[-1][1] == second
        ):
            expected[-1][1] = second + 1
        else:
            expected.append([second, second + 1])
    assert joined(mine, theirs, float(gap)).tolist() == expected


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 10)), max_size=10))
def test_covered_until_counts_seconds(rows) -> None:
    from classwatch.core.time import normalise

    normal = normalise(np.array([(a, a + n) for a, n in rows], dtype=float).reshape(-1, 2))
    inside = [any(a <= s < a + n for a, n in rows) for s in range(70)]
    times = np.arange(70, dtype=float)
    assert covered_until(normal, times).tolist() == list(np.cumsum([0, *inside])[:70])


def test_equal_facts_give_equal_measures() -> None:
    talk = [(i * 10.0, i * 10.0 + 7.0, VOICES[i % 4]) for i in range(60)]
    assert compute(lesson(600.0, talk), EASY) == compute(lesson(600.0, talk), EASY)


def test_minutes_with_the_same_share_give_no_spread_and_mixed_ones_do() -> None:
    even = [(60.0 * i, 60.0 * i + 30.0, "T") for i in range(20)]
    cell = cells(lesson(1200.0, even))["talk.share_lesson", "teacher"]
    assert (cell.ci_low, cell.ci_high) == (pytest.approx(0.5), pytest.approx(0.5))
    mixed = [(120.0 * i, 120.0 * i + 60.0, "T") for i in range(10)]
    cell = cells(lesson(1200.0, mixed))["talk.share_lesson", "teacher"]
    assert cell.ci_low is not None
    assert cell.ci_high is not None
    # Of 20 minutes half are all talk: the binomial standard error is 0.11.
    assert cell.ci_low == pytest.approx(0.5 - 1.96 * 0.112, abs=0.06)
    assert cell.ci_high == pytest.approx(0.5 + 1.96 * 0.112, abs=0.06)


def test_short_lessons_have_no_interval() -> None:
    cell = cells(lesson(500.0, [(0.0, 100.0, "T")]))["talk.share_lesson", "teacher"]
    assert cell.ci_low is None


def test_basis_of_overlapping_known_and_unknown_keeps_the_known() -> None:
    basis = prepare(lesson(60.0, [(0.0, 20.0, "U"), (10.0, 30.0, "T")]), EASY)
    assert basis.talk[SpeakerRole.UNKNOWN].tolist() == [[0.0, 10.0]]
