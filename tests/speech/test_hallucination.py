"""An hour in which nobody speaks, heard by a recogniser that writes words whatever it hears.

Nothing it writes may count. The sounds are recorded (noises, scraping, tapping, animals, a guitar)
and synthesised (silence, hiss, hum, music, applause).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from classwatch.config.schema import TranscribeConfig, VadConfig
from classwatch.core.speech import Transcript
from classwatch.core.time import total_s
from classwatch.speech.transcribe import Run, transcribe
from classwatch.speech.vad import detect_speech
from tests.speech import tiny_whisper
from tests.speech.sounds import Samples, recording

RATE_HZ = 16_000
INVENTED = ("同", "学", "们", "好", "。", "请", "坐", "！")
"""Nothing that any list of phrases knows."""


def _silence(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    return np.zeros(count)


def _hiss(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    return 0.02 * rng.standard_normal(count)


def _rumble(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(rng.standard_normal(count))
    pink = np.fft.irfft(spectrum / np.sqrt(np.arange(1, len(spectrum) + 1)), count)
    return 0.1 * pink / pink.std()


def _hum(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    at_s = np.arange(count) / RATE_HZ
    return sum((0.05 / k) * np.sin(2 * np.pi * 50 * k * at_s) for k in range(1, 6))


def _music(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Chords of a plucked string, four a second."""
    at_s = np.arange(count) / RATE_HZ
    out = np.zeros(count)
    for i in range(int(at_s[-1] * 4)):
        begin = i * RATE_HZ // 4
        here_s = at_s[: min(RATE_HZ, count - begin)]
        for step in rng.choice([0, 4, 7, 12, 16], 3, replace=False):
            hz = 220.0 * 2 ** (step / 12)
            partials = sum(np.sin(2 * np.pi * hz * k * here_s) / k**2 for k in range(1, 6))
            out[begin : begin + len(here_s)] += 0.06 * np.exp(-4 * here_s) * partials
    return out


def _applause(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Two hundred claps a second, each a few milliseconds of noise."""
    out = np.zeros(count)
    length = 160
    decay = np.exp(-np.arange(length) / 30)
    for begin in rng.integers(0, count - length, int(count / RATE_HZ * 200)):
        out[begin : begin + length] += 0.05 * decay * rng.standard_normal(length)
    return out


SYNTHESISED: tuple[Callable[[int, np.random.Generator], NDArray[np.float64]], ...] = (
    _silence,
    _hiss,
    _rumble,
    _hum,
    _music,
    _applause,
)


def synthesised(each_s: float) -> NDArray[np.float32]:
    rng = np.random.default_rng(11)
    count = round(each_s * RATE_HZ)
    return np.concatenate([make(count, rng) for make in SYNTHESISED]).astype(np.float32)


def recorded(shared: Path) -> NDArray[np.float32]:
    """Everything in noise_rir that is no speech and no room response."""
    root = shared / "data/noise_rir"
    files = [
        *sorted((root / "speechbrain/noise").glob("*.wav")),
        *sorted((root / "audiomentations/short_noises").glob("*.wav")),
        *sorted((root / "audiomentations/background_noises").glob("*.ogg")),
        root / "audiomentations/acoustic_guitar_0.wav",
        root / "audiomentations/tap.wav",
    ]
    return np.concatenate([recording(path).samples for path in files])


def heard(samples: NDArray[np.float32], model: Path) -> tuple[float, Transcript]:
    """Share of speech, and what was written."""
    audio = Samples(samples)
    activity = detect_speech(audio, VadConfig())
    found = transcribe(audio, activity, model, TranscribeConfig(beam_size=1), Run(device="cpu"))
    return total_s(activity.speech) / audio.duration_s, found


def counted(transcript: Transcript) -> list[str]:
    return [s.text for s in transcript.segments if not s.suspect]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_whisper.build(tmp_path_factory.mktemp("models") / "tiny", INVENTED, language="zh")


def test_minutes_of_made_noise(model: Path) -> None:
    share, found = heard(synthesised(30.0), model)
    assert share <= 0.01
    assert counted(found) == []


@pytest.mark.slow
def test_an_hour_of_recorded_and_made_noise(model: Path, shared: Path) -> None:
    both = np.concatenate([recorded(shared), synthesised(60.0)])
    hour = np.tile(both, -(-3600 * RATE_HZ // len(both)))[: 3600 * RATE_HZ]
    share, found = heard(hour, model)
    assert share <= 0.01
    assert counted(found) == []
