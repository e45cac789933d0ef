"""Made speakers: what is kept of them, and that an interrupted run goes on where it stopped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classwatch.simulate.sound.espeak import EspeakEngine
from classwatch.simulate.sound.signal import Samples
from classwatch.train.sounds.material import Material
from classwatch.train.voices.speakers import (
    LEAST_S,
    MOST_S,
    UTTERANCES,
    WARPS,
    heard_somewhere,
    make_speakers,
    people_variants,
)

pytest.importorskip("espeakng_loader")
RATE_HZ = 16_000


def tone(hz: float, length_s: float) -> Samples:
    at_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    return (0.1 * np.sin(2 * np.pi * hz * at_s)).astype(np.float32)


CLICK = np.eye(1, 160, dtype=np.float32)[0]
HISS = (0.01 * np.random.default_rng(3).standard_normal(RATE_HZ)).astype(np.float32)
MATERIAL = Material({"somebody": (tone(1000.0, 1.5), tone(1000.0, 2.0))}, (CLICK,), (HISS,), ())
MADE = 2


def test_speakers_are_made_once_and_taken_up_again(tmp_path: Path) -> None:
    heard = make_speakers(EspeakEngine(), MATERIAL, tmp_path, MADE)
    assert np.bincount(heard.speaker).tolist() == [UTTERANCES] * MADE + [2] * WARPS
    assert np.isfinite(heard.frames.astype(np.float32)).all()
    lengths = np.diff(heard.edges)
    # A frame every 10 ms; the last that fits begins 25 ms before the end.
    assert lengths.min() >= LEAST_S * 100 - 2
    assert lengths.max() <= MOST_S * 100
    written = {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    again = make_speakers(EspeakEngine(), MATERIAL, tmp_path, MADE)
    assert {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()} == written
    assert (again.frames == heard.frames).all()
    for path in tmp_path.iterdir():
        path.unlink()
    anew = make_speakers(EspeakEngine(), MATERIAL, tmp_path, MADE)
    assert (anew.frames == heard.frames).all()


def test_real_voices_are_lowered_and_raised(tmp_path: Path) -> None:
    heard = make_speakers(EspeakEngine(), MATERIAL, tmp_path, MADE)
    peak = [
        int(heard.utterance(int(np.flatnonzero(heard.speaker == k)[0])).mean(axis=0).argmax())
        for k in (MADE, MADE + WARPS - 1)
    ]
    # 1000 Hz played 0.78 times as long is 1282 Hz, 1.25 times as long 800 Hz; Kaldi's 80 bands
    # from 20 Hz to 8 kHz are 34.6 mel apart.
    mel = [1127 * np.log1p(hz / 700) for hz in (1282.0, 800.0)]
    first = 1127 * np.log1p(20 / 700)
    step = (1127 * np.log1p(8000 / 700) - first) / 81
    assert peak == pytest.approx([(m - first) / step - 1 for m in mel], abs=1.0)


@pytest.mark.parametrize("length_s", [0.0, 0.3, 2.0, 9.0])
def test_an_utterance_has_a_usable_length(length_s: float) -> None:
    found = heard_somewhere(tone(300.0, length_s), MATERIAL, np.random.default_rng(0))
    assert len(found) / RATE_HZ == pytest.approx(min(max(length_s, LEAST_S), MOST_S))
    assert np.isfinite(found).all()


def test_no_robots_and_no_whisper() -> None:
    names = people_variants()
    assert {"f1", "m3", "klatt"} <= set(names)
    assert not {"whisper", "robosoft", "UniRobot", "croak"} & set(names)
