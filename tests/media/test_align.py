"""Shifts between recordings of one lesson, against copies whose shift is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.media.align import Shift, find_shift
from classwatch.media.audio import write_audio
from classwatch.store.audio import AudioFile

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
Sound = NDArray[np.float64]


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """A minute and a half of a made lesson."""
    import soundfile

    path = tmp_path_factory.mktemp("sound") / "lesson.flac"
    write_audio(SAMPLES / "zh-dialogue" / "front.mp4", path)
    samples, _ = soundfile.read(path, dtype="float64", stop=90 * SAMPLE_RATE_HZ)
    return np.asarray(samples)


def found(reference: Sound, other: Sound, folder: Path) -> Shift | None:
    import soundfile

    for name, samples in (("a.flac", reference), ("b.flac", other)):
        soundfile.write(folder / name, np.clip(samples, -1, 1), SAMPLE_RATE_HZ, "PCM_16")
    with AudioFile(folder / "a.flac") as left, AudioFile(folder / "b.flac") as right:
        return find_shift(left, right)


def elsewhere(sound: Sound, snr_db: float, seed: int) -> Sound:
    """The sound as another microphone in another place gets it: echoes, response and noise."""
    from scipy.signal import butter, lfilter

    rng = np.random.default_rng(seed)
    tail_s = np.arange(round(0.4 * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    echoes = rng.normal(0, 0.05, len(tail_s)) * np.exp(-tail_s / 0.07)
    echoes[0] = 1.0
    low, high = butter(2, [350, 3000], "band", fs=SAMPLE_RATE_HZ)
    heard = lfilter(low, high, np.convolve(sound, echoes)[: len(sound)])
    noise = rng.normal(0, 1, len(heard)) * np.sqrt(np.mean(heard**2) / 10 ** (snr_db / 10))
    return np.asarray(heard + noise)


@pytest.mark.parametrize(("shift_s", "snr_db"), [(7.123, 20.0), (11.5, 0.0), (-3.377, 5.0)])
def test_shifted_copies_from_another_microphone(
    lesson: Sound, tmp_path: Path, shift_s: float, snr_db: float
) -> None:
    moved = round(abs(shift_s) * SAMPLE_RATE_HZ)
    before = np.random.default_rng(1).normal(0, 0.001, moved)
    cut = lesson[moved:] if shift_s > 0 else np.concatenate([before, lesson])
    shift = found(lesson, elsewhere(cut, snr_db, seed=2), tmp_path)
    assert shift is not None
    assert shift.shift_s == pytest.approx(shift_s, abs=0.005)
    assert shift.confidence >= 0.5


def test_a_clock_that_runs_fast_is_followed(tmp_path: Path) -> None:
    # Noise with a changing loudness: five minutes, as little speech is that long here.
    rng = np.random.default_rng(3)
    seconds, ppm = 300, 250.0
    loud = np.repeat(rng.uniform(0, 0.2, seconds * 5) ** 2, SAMPLE_RATE_HZ // 5)
    sound = rng.normal(0, 1, len(loud)) * loud
    at = np.arange(int(len(sound) / (1 + ppm / 1e6))) * (1 + ppm / 1e6)
    fast = np.interp(at, np.arange(len(sound)), sound)[5 * SAMPLE_RATE_HZ :]
    shift = found(sound, fast, tmp_path)
    assert shift is not None
    for own_s in (0.0, 100.0, 290.0):
        true_s = (own_s + 5.0) * (1 + ppm / 1e6)
        given_s = shift.shift_s + own_s * (1 + shift.drift_ppm / 1e6)
        assert given_s == pytest.approx(true_s, abs=0.005)
    assert shift.drift_ppm == pytest.approx(ppm, abs=10)


def test_another_lesson_is_not_placed(lesson: Sound, tmp_path: Path) -> None:
    import soundfile

    path = tmp_path / "other.flac"
    write_audio(SAMPLES / "en-practice" / "rear.mp4", path)
    other, _ = soundfile.read(path, dtype="float64", stop=60 * SAMPLE_RATE_HZ)
    assert found(lesson, np.asarray(other), tmp_path) is None


@pytest.mark.parametrize("seconds", [0.01, 2.0])
def test_too_short_to_tell(lesson: Sound, tmp_path: Path, seconds: float) -> None:
    assert found(lesson, lesson[: round(seconds * SAMPLE_RATE_HZ)], tmp_path) is None


def test_silence_is_not_placed(lesson: Sound, tmp_path: Path) -> None:
    assert found(lesson, np.zeros(30 * SAMPLE_RATE_HZ), tmp_path) is None
