from __future__ import annotations

import numpy as np
import pytest

from classwatch.simulate.sound.signal import (
    band,
    decibels,
    fade,
    gain,
    level_speech,
    resample,
    rms,
    voiced,
)
from tests.simulate.sound.made import RATE, band_db


def tone(hz: float, length_s: float, amplitude: float = 0.5) -> np.ndarray:
    time_s = np.arange(round(length_s * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * hz * time_s)).astype(np.float32)


def test_levels_of_a_sine() -> None:
    assert rms(tone(500, 1.0)) == pytest.approx(0.5 / np.sqrt(2), rel=1e-3)
    assert decibels(0.1) == pytest.approx(-20.0)
    assert gain(6.0206) == pytest.approx(2.0, rel=1e-4)
    assert rms(np.zeros(0, np.float32)) == 0.0


def test_shorter_is_higher() -> None:
    shorter = resample(tone(400, 1.0), 0.8)
    assert len(shorter) == pytest.approx(0.8 * RATE, abs=2)
    assert np.argmax(np.abs(np.fft.rfft(shorter))) * RATE / len(shorter) == pytest.approx(
        500, abs=2
    )


def test_voiced_stretches_of_tones_between_pauses() -> None:
    parts = [np.zeros(3200), tone(300, 0.5), np.zeros(1600), tone(300, 0.5), np.zeros(8000)]
    parts += [tone(300, 0.3, 0.05), np.zeros(800)]
    found = voiced(np.concatenate(parts).astype(np.float32))
    # 0.1 s is no pause, 0.5 s is one; 20 dB lower is still speech.
    expected = [(0.2, 1.3), (1.8, 2.1)]
    assert np.allclose(np.array(found) / RATE, expected, atol=0.011)


def test_a_noise_floor_is_not_voiced() -> None:
    noise = np.random.default_rng(0).standard_normal(2 * RATE).astype(np.float32) * 0.001
    noise[RATE // 2 : RATE] += tone(300, 0.5)
    assert np.allclose(np.array(voiced(noise)) / RATE, [(0.5, 1.0)], atol=0.011)


def test_silence_has_no_stretch() -> None:
    assert voiced(np.zeros(RATE, np.float32)) == ()
    assert voiced(np.zeros(0, np.float32)) == ()


def test_levelling_counts_voiced_time_only() -> None:
    padded = np.concatenate([np.zeros(RATE), tone(300, 1.0, 0.01), np.zeros(RATE)])
    levelled = level_speech(padded.astype(np.float32), 0.05)
    assert rms(levelled[RATE : 2 * RATE]) == pytest.approx(0.05, rel=0.01)


def test_band_keeps_the_middle() -> None:
    noise = np.random.default_rng(1).standard_normal(4 * RATE).astype(np.float32)
    passed = band(noise, 300, 3000)
    assert band_db(passed, 600, 2000) == pytest.approx(band_db(noise, 600, 2000), abs=0.5)
    assert band_db(passed, 6000, 7500) < band_db(noise, 6000, 7500) - 25


def test_fades_begin_and_end_near_zero() -> None:
    faded = fade(np.ones(1000, np.float32), 0.01)
    assert faded[0] < 0.01
    assert faded[-1] < 0.01
    assert faded[500] == 1.0
