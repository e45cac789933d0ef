"""Reading the stored sound against samples whose value tells their index."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from classwatch.core.errors import DataError
from classwatch.store.audio import AudioFile

RATE_HZ = 16_000


def _ramp(count: int) -> np.ndarray:
    """PCM value of sample k is k modulo 30011, a prime, so any shift shows."""
    return (np.arange(count) % 30011).astype(np.int16)


def _value(samples: np.ndarray) -> np.ndarray:
    return np.round(samples * 32768).astype(int)


@pytest.fixture
def ramp(tmp_path: Path) -> Path:
    path = tmp_path / "声音 1.flac"
    soundfile.write(path, _ramp(5 * RATE_HZ + 123), RATE_HZ, subtype="PCM_16")
    return path


def test_duration_counts_every_sample(ramp: Path) -> None:
    with AudioFile(ramp) as sound:
        assert sound.duration_s == (5 * RATE_HZ + 123) / RATE_HZ


@pytest.mark.parametrize(
    ("start_s", "end_s", "first", "last"),
    [
        (0.0, 0.01, 0, 160),
        (1.25, 3.5, 20_000, 56_000),
        (2.00003, 2.00009, 32_000, 32_001),  # 0.48 and 1.44 samples round to 0 and 1
        (4.9, 99.0, 78_400, 80_123),
        (-1.0, 0.001, 0, 16),
        (7.0, 8.0, 0, 0),
        (3.0, 2.0, 0, 0),
    ],
)
def test_read_gives_the_samples_of_the_interval(
    ramp: Path, start_s: float, end_s: float, first: int, last: int
) -> None:
    with AudioFile(ramp) as sound:
        samples = sound.read(start_s, end_s)
    assert samples.dtype == np.float32
    np.testing.assert_array_equal(_value(samples), np.arange(first, last) % 30011)


def test_read_without_an_end_goes_to_the_end(ramp: Path) -> None:
    with AudioFile(ramp) as sound:
        assert len(sound.read(5.0)) == 123


@pytest.mark.parametrize(("block_s", "overlap_s"), [(1.0, 0.0), (1.0, 0.25), (0.7, 0.69), (60, 5)])
def test_blocks_cover_every_sample_at_its_time(
    ramp: Path, block_s: float, overlap_s: float
) -> None:
    seen = np.full(5 * RATE_HZ + 123, -1)
    starts = []
    with AudioFile(ramp) as sound:
        for start_s, samples in sound.blocks(block_s, overlap_s):
            first = round(start_s * RATE_HZ)
            seen[first : first + len(samples)] = _value(samples)
            starts.append(start_s)
    np.testing.assert_array_equal(seen, _ramp(len(seen)))
    np.testing.assert_allclose(np.diff(starts), block_s - overlap_s, atol=1e-9)


def test_reading_here_and_there_during_a_walk_does_not_disturb_it(ramp: Path) -> None:
    with AudioFile(ramp) as sound:
        lengths = []
        for _start_s, samples in sound.blocks(2.0):
            sound.read(0.5, 0.6)
            lengths.append(len(samples))
    assert lengths == [32_000, 32_000, 16_123]


@pytest.mark.parametrize(("block_s", "overlap_s"), [(1.0, 1.0), (0.0, 0.0), (1.0, -0.5)])
def test_blocks_that_never_advance_are_refused(
    ramp: Path, block_s: float, overlap_s: float
) -> None:
    with AudioFile(ramp) as sound, pytest.raises(ValueError, match="overlap"):
        sound.blocks(block_s, overlap_s)


def test_a_missing_file_and_a_text_file_are_data_errors(tmp_path: Path) -> None:
    text = tmp_path / "text.flac"
    text.write_text("not a sound")
    for path in (tmp_path / "none.flac", text):
        with pytest.raises(DataError) as caught:
            AudioFile(path)
        assert caught.value.subject == str(path)
        assert caught.value.remedy


def test_another_rate_or_stereo_is_refused(tmp_path: Path) -> None:
    for name, shape, rate_hz in (("a", (800,), 8000), ("b", (800, 2), RATE_HZ)):
        path = tmp_path / f"{name}.flac"
        soundfile.write(path, np.zeros(shape, np.int16), rate_hz, subtype="PCM_16")
        with pytest.raises(DataError, match="mono"):
            AudioFile(path)


def test_a_cut_off_file_is_a_data_error(tmp_path: Path) -> None:
    path = tmp_path / "cut.flac"
    noise = np.random.default_rng(1).integers(-9000, 9000, 5 * RATE_HZ).astype(np.int16)
    soundfile.write(path, noise, RATE_HZ, subtype="PCM_16")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with AudioFile(path) as sound, pytest.raises(DataError):
        sound.read(3.0, 5.0)
