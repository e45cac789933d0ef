"""Features against values of Kaldi's own library (kaldi-native-fbank 1.23) for the same sound."""

from __future__ import annotations

import numpy as np
import pytest

from classwatch.speech.recognisers.fbank import filter_banks, stack


def two_tones() -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    n = np.arange(4000)
    later = 0.1 * np.sin(2 * np.pi * 3000 * n / 16000) * (n > 2000)
    return (0.3 * np.sin(2 * np.pi * 440 * n / 16000) + later).astype(np.float32)


def test_filter_banks_are_kaldis() -> None:
    found = filter_banks(two_tones())
    assert found.shape == (23, 80)
    kaldi = [
        [10.871, 11.217, 13.926, 20.145, 11.809, 11.301, 11.182],
        [13.849, 13.469, 11.797, 20.115, 15.065, 16.970, 15.659],
        [13.829, 13.518, 11.314, 20.111, 12.875, 14.215, 12.846],
    ]
    assert found[[0, 12, 22]][:, [0, 5, 11, 12, 40, 60, 79]] == pytest.approx(
        np.array(kaldi), abs=2e-3
    )


def test_no_frame_for_less_than_a_window() -> None:
    assert filter_banks(np.zeros(399, np.float32)).shape == (0, 80)
    assert filter_banks(np.zeros(400, np.float32)).shape == (1, 80)
    assert stack(np.zeros((0, 80), np.float32)).shape == (0, 560)


def test_stacks_of_seven_every_six_with_repeated_ends() -> None:
    frames = np.arange(13, dtype=np.float32)[:, None]
    assert stack(frames).tolist() == [
        [0, 0, 0, 0, 1, 2, 3],
        [3, 4, 5, 6, 7, 8, 9],
        [9, 10, 11, 12, 12, 12, 12],
    ]
