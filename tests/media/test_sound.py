"""Placing samples on the grid, with samples whose value tells where they belong."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classwatch.media.sound import JITTER_S, Piece, Timeline, steady

RATE_HZ = 16_000


def _ramp(first: int, last: int) -> np.ndarray:
    """Sample k is k + 1, so that silence, 0, is never mistaken for sound."""
    return np.arange(first + 1, last + 1, dtype=np.float32)


def _place(pieces: Iterable[Piece]) -> tuple[Timeline, np.ndarray]:
    timeline = Timeline()
    blocks = [block for piece in steady(pieces) for block in timeline.place(piece)]
    blocks += list(timeline.finish())
    samples = np.concatenate([np.zeros(0, np.float32), *blocks])
    assert len(samples) == timeline.position
    return timeline, samples


def _piece(first: int, last: int) -> Piece:
    return Piece(Fraction(first, RATE_HZ), RATE_HZ, _ramp(first, last))


def test_an_overlap_is_cut_and_counted() -> None:
    timeline, samples = _place([_piece(0, 40_000), _piece(32_000, 60_000)])
    np.testing.assert_array_equal(samples, _ramp(0, 60_000))
    assert timeline.overlap_s == 0.5
    assert timeline.gaps == []


def test_a_gap_is_filled_with_silence_and_noted() -> None:
    timeline, samples = _place([_piece(8_000, 16_000), _piece(48_000, 64_000)])
    expected = _ramp(0, 64_000)
    expected[:8_000] = expected[16_000:48_000] = 0
    np.testing.assert_array_equal(samples, expected)
    assert timeline.gaps == [(0.0, 0.5), (1.0, 3.0)]


def test_sound_before_the_clock_starts_is_dropped_without_complaint() -> None:
    timeline, samples = _place([_piece(-1_000, 4_000)])
    np.testing.assert_array_equal(samples, _ramp(0, 4_000))
    assert timeline.overlap_s == 0


def test_a_piece_without_a_time_follows_the_last_one() -> None:
    _timeline, samples = _place([_piece(0, 5_000), Piece(None, RATE_HZ, _ramp(5_000, 9_000))])
    np.testing.assert_array_equal(samples, _ramp(0, 9_000))


@settings(max_examples=100, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(700, 30_000), st.integers(1, 20_000)), min_size=1, max_size=8)
)
def test_every_sample_lies_where_its_time_says(gaps_and_lengths: list[tuple[int, int]]) -> None:
    assert 700 / RATE_HZ > JITTER_S
    at, pieces, expected = 0, [], []
    for gap, length in gaps_and_lengths:
        pieces.append(_piece(at + gap, at + gap + length))
        expected += [np.zeros(gap), _ramp(at + gap, at + gap + length)]
        at += gap + length
    timeline, samples = _place(pieces)
    np.testing.assert_array_equal(samples, np.concatenate(expected))
    assert len(timeline.gaps) == len(gaps_and_lengths)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 44_100, 48_000, 96_000])
def test_resampled_sound_keeps_its_time_and_its_length(rate_hz: int) -> None:
    times_s = np.arange(20 * rate_hz) / rate_hz
    tone = (0.5 * np.sin(2 * np.pi * 300 * times_s)).astype(np.float32)
    step = 1_152
    pieces = [
        Piece(Fraction(k, rate_hz), rate_hz, tone[k : k + step]) for k in range(0, len(tone), step)
    ]
    _timeline, samples = _place(pieces)
    assert len(samples) == pytest.approx(20 * RATE_HZ, abs=16)
    expected = 0.5 * np.sin(2 * np.pi * 300 * np.arange(len(samples)) / RATE_HZ)
    np.testing.assert_allclose(samples[200:-200], expected[200:-200], atol=0.002)


def test_a_change_of_rate_in_the_middle_keeps_the_time() -> None:
    first = Piece(Fraction(0), 48_000, np.full(48_000, 0.25, np.float32))
    second = Piece(Fraction(1), 32_000, np.full(32_000, 0.5, np.float32))
    _timeline, samples = _place([first, second])
    assert len(samples) == pytest.approx(2 * RATE_HZ, abs=16)
    assert samples[RATE_HZ - 800] == pytest.approx(0.25, abs=0.01)
    assert samples[RATE_HZ + 800] == pytest.approx(0.5, abs=0.01)


def test_one_wrong_timestamp_does_not_tear_the_sound() -> None:
    pieces = [_piece(k * 1_000, (k + 1) * 1_000) for k in range(10)]
    for start_s in (Fraction(9_000), Fraction(-7)):
        wrong = Piece(start_s, RATE_HZ, pieces[5].samples)
        timeline, samples = _place([*pieces[:5], wrong, *pieces[6:]])
        np.testing.assert_array_equal(samples, _ramp(0, 10_000))
        assert timeline.gaps == []
        assert timeline.overlap_s == 0
