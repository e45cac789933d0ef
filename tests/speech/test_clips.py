"""Clips for a recogniser: cover all speech, stay short, never overlap."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classwatch.core.speech import SpeechActivity
from classwatch.core.time import Interval, intervals, normalise, subtract, total_s
from classwatch.speech.clips import GROUP_S, LONGEST_CLIP_S, group_clips, plan_clips


def activity(
    pairs: list[tuple[float, float]], level_db: np.ndarray | None = None
) -> SpeechActivity:
    end_s = max((b for _, b in pairs), default=1.0)
    level = np.full(int(end_s * 10) + 1, -25.0) if level_db is None else level_db
    speech = normalise(intervals(pairs))
    return SpeechActivity(speech, level.astype(np.float32), 0.1, -60.0, -25.0, 0.0)


def times(clips: tuple[Interval, ...]) -> list[tuple[float, float]]:
    return [(round(c.start_s, 3), round(c.end_s, 3)) for c in clips]


def test_short_pauses_are_bridged_and_long_ones_are_not() -> None:
    clips = plan_clips(activity([(1.0, 3.0), (3.8, 5.0), (8.0, 9.0)]), 60.0)
    assert times(clips) == [(0.8, 5.2), (7.8, 9.2)]


def test_lead_stays_inside_the_sound_and_out_of_the_neighbour() -> None:
    clips = plan_clips(activity([(0.1, 27.0), (27.2, 30.0)]), 30.0)
    assert times(clips) == [(0.05, 27.1), (27.1, 30.0)]


def test_long_speech_is_cut_where_it_is_quietest() -> None:
    level = np.full(600, -25.0)
    level[205] = -50.0
    clips = plan_clips(activity([(0.0, 40.0)], level), 40.0)
    assert times(clips) == [(0.0, 20.55), (20.55, 40.0)]


def test_no_speech_no_clips() -> None:
    assert plan_clips(activity([]), 10.0) == ()


def test_groups_span_at_most_ten_minutes() -> None:
    clips = tuple(Interval(k * 100.0, k * 100.0 + 20.0) for k in range(14))
    groups = list(group_clips(clips))
    assert [len(g.clips) for g in groups] == [6, 6, 2]
    assert groups[1].span == Interval(600.0, 1120.0)


def test_many_short_clips_are_not_held_at_once() -> None:
    clips = tuple(Interval(k * 5.0, k * 5.0 + 1.0) for k in range(70))
    assert [len(g.clips) for g in group_clips(clips)] == [32, 32, 6]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.floats(0.0, 900.0), st.floats(0.1, 120.0)), min_size=1, max_size=30),
    st.integers(0, 9),
)
def test_clips_cover_all_speech_and_nothing_twice(
    starts: list[tuple[float, float]], seed: int
) -> None:
    level = -30.0 + 5.0 * np.random.default_rng(seed).standard_normal(10_300)
    found = activity([(a, a + length) for a, length in starts], level)
    clips = plan_clips(found, 1_030.0)
    assert total_s(subtract(found.speech, intervals(clips))) == pytest.approx(0.0, abs=1e-6)
    assert all(c.duration_s <= LONGEST_CLIP_S + 0.4 + 1e-9 for c in clips)
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in pairwise(clips))
    assert all(g.span.duration_s <= GROUP_S for g in group_clips(clips))
