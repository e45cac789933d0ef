from __future__ import annotations

import numpy as np
import pytest

from classwatch.simulate.script import NoiseKind
from classwatch.simulate.sound.noises import add_steady_noise, music, short_noise
from tests.simulate.sound.made import RATE, band_db, level_db, spectrum_db


@pytest.mark.parametrize("kind", list(NoiseKind))
def test_short_noises_are_short_audible_and_reproducible(kind: NoiseKind) -> None:
    made = short_noise(kind, np.random.default_rng(3), 0.05)
    assert 0 < len(made) <= 0.9 * RATE
    assert np.isfinite(made).all()
    assert -45 < level_db(made) < 0
    again = short_noise(kind, np.random.default_rng(3), 0.05)
    other = short_noise(kind, np.random.default_rng(4), 0.05)
    assert made.tobytes() == again.tobytes()
    assert made.tobytes() != other.tobytes()


def test_kinds_have_their_own_colour() -> None:
    made = {k: short_noise(k, np.random.default_rng(1), 0.05) for k in NoiseKind}

    def treble(kind: NoiseKind) -> float:
        padded = np.pad(made[kind], (0, 1024))
        return band_db(padded, 1500, 7000) - band_db(padded, 60, 400)

    assert treble(NoiseKind.DOOR) < -5
    for kind in (NoiseKind.TAP, NoiseKind.CLICK, NoiseKind.PAPER, NoiseKind.BELL):
        assert treble(kind) > 10, kind


def test_taps_are_several_knocks() -> None:
    made = short_noise(NoiseKind.TAP, np.random.default_rng(2), 0.05)
    frame = RATE // 100
    energy = np.square(made[: len(made) // frame * frame]).reshape(-1, frame).mean(1)
    loud = np.flatnonzero(energy > 0.2 * energy.max())
    assert 3 <= 1 + np.count_nonzero(np.diff(loud) > 5) <= 5


def test_steady_noise_has_the_level_asked_for_and_is_mostly_ventilation() -> None:
    track = np.zeros(70 * RATE, np.float32)
    add_steady_noise(track, 0.01, np.random.default_rng(0))
    assert level_db(track) == pytest.approx(-40.0, abs=0.15)
    # Chunks of 60 s join without a step.
    joint = track[60 * RATE - 400 : 60 * RATE + 400]
    assert np.abs(np.diff(joint)).max() < 6 * np.std(np.diff(track[: 10 * RATE]))
    assert band_db(track, 50, 400) > band_db(track, 2000, 7000) + 15
    spectrum = spectrum_db(track[: 20 * RATE], 4096)
    hum = round(100 / (RATE / 4096))
    assert spectrum[hum - 1 : hum + 2].max() > spectrum[hum + 8 : hum + 20].max() + 3


def test_steady_noise_is_added_to_what_is_there() -> None:
    track = np.full(RATE, 0.25, np.float32)
    add_steady_noise(track, 0.001, np.random.default_rng(0))
    assert track.mean() == pytest.approx(0.25, abs=0.001)


def test_music_has_tones() -> None:
    made = music(3.0, np.random.default_rng(0))
    assert len(made) == 3 * RATE
    spectrum = spectrum_db(made, 4096)
    assert spectrum[:1000].max() - np.median(spectrum[:1000]) > 20
