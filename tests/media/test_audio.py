"""Sound with known beeps, read back from the written FLAC."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from classwatch.core.errors import InputError
from classwatch.media.audio import AudioFacts, write_audio
from classwatch.store.audio import AudioFile
from tests.made_media import Picture, Sound, beeps, evenly, make, onsets_s

AT_S = [0.5, 2.25, 4.0, 7.75]
START = Fraction(0)
SMALL = Picture(evenly(25, 9), size_px=(96, 64), options={"preset": "ultrafast"})


def _written(path: Path) -> tuple[AudioFacts, np.ndarray]:
    out = path.with_suffix(".flac16k")
    facts = write_audio(path, out)
    with AudioFile(out) as sound:
        samples = sound.read()
    assert len(samples) == round(facts.duration_s * 16_000)
    return facts, samples


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz"),
    [
        ("a.mp4", "aac", 48_000),
        ("b.mp4", "aac", 44_100),
        ("c.mkv", "aac", 44_100),
        ("d.m4a", "aac", 22_050),
        ("e.mp3", "libmp3lame", 44_100),
        ("f.mkv", "libmp3lame", 44_100),
        ("g.ogg", "libopus", 48_000),
        ("h.mkv", "libopus", 48_000),
        ("i.flac", "flac", 48_000),
        ("j.wav", "pcm_s16le", 44_100),
        ("k.wav", "pcm_s16le", 8_000),
        ("l.wav", "pcm_s24le", 16_000),
        ("m.wav", "pcm_f32le", 48_000),
        ("n.wav", "pcm_u8", 48_000),
        ("o.avi", "pcm_s16le", 48_000),
    ],
)
def test_beeps_come_back_at_their_time_without_the_delay_of_the_codec(
    tmp_path: Path, name: str, codec: str, rate_hz: int
) -> None:
    sound = Sound([(START, beeps(9, AT_S, rate_hz=rate_hz))], rate_hz, codec)
    facts, samples = _written(make(tmp_path / name, sounds=[sound]))
    np.testing.assert_allclose(onsets_s(samples), AT_S, atol=0.001)
    assert facts.duration_s == pytest.approx(9, abs=0.03)
    assert facts.peak == pytest.approx(0.5, abs=0.05)
    assert len(facts.gaps) == 0
    assert not facts.silent
    assert facts.issues == ()


@pytest.mark.parametrize("name", ["late.mp4", "late.mkv", "late.ts"])
def test_sound_that_starts_late_is_late(tmp_path: Path, name: str) -> None:
    sound = Sound([(Fraction(5, 2), beeps(6, [0.5, 2]))])
    facts, samples = _written(make(tmp_path / name, SMALL, [sound]))
    np.testing.assert_allclose(onsets_s(samples), [3.0, 4.5], atol=0.001)
    assert facts.gaps.shape == (1, 2)
    assert facts.gaps[0] == pytest.approx([0, 2.5], abs=0.025)
    assert [issue.code for issue in facts.issues] == ["sound.gaps"]


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "aac"), ("b.mkv", "aac"), ("c.mkv", "libopus"), ("d.mkv", "pcm_s16le")],
)
def test_a_gap_becomes_silence_and_what_follows_keeps_its_time(
    tmp_path: Path, name: str, codec: str
) -> None:
    # 3.072 s are whole frames of every codec here, so that the gap is 1.7 s exactly.
    pieces = [(START, beeps(3.072, [0.5, 2])), (Fraction(4772, 1000), beeps(3, [0.5, 2]))]
    facts, samples = _written(make(tmp_path / name, SMALL, [Sound(pieces, codec=codec)]))
    np.testing.assert_allclose(onsets_s(samples), [0.5, 2.0, 5.272, 6.772], atol=0.001)
    assert facts.gaps.shape == (1, 2)
    assert np.diff(facts.gaps[0]) == pytest.approx(1.7, abs=0.001)
    first, last = (facts.gaps[0] * 16_000).round().astype(int)
    assert np.abs(samples[first:last]).max() == 0


def test_jittering_timestamps_neither_drift_nor_tear_the_sound(tmp_path: Path) -> None:
    tone = 0.4 * np.sin(2 * np.pi * 250 * np.arange(60 * 48_000) / 48_000).astype(np.float32)
    jitter_s = (0.0, 0.008, -0.006, 0.013, 0.002)
    sound = Sound([(START, tone)], codec="pcm_s16le", jitter_s=jitter_s)
    facts, samples = _written(make(tmp_path / "a.mkv", sounds=[sound]))
    assert facts.duration_s == pytest.approx(60, abs=0.001)
    assert len(facts.gaps) == 0
    expected = 0.4 * np.sin(2 * np.pi * 250 * np.arange(len(samples)) / 16_000)
    # Away from both ends, where a resampler has no neighbours to look at.
    np.testing.assert_allclose(samples[200:-200], expected[200:-200], atol=0.002)


def test_sound_that_is_already_mono_16_khz_passes_unchanged(tmp_path: Path) -> None:
    values = np.random.default_rng(5).integers(-32768, 32768, 50_000).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", values, 16_000, subtype="PCM_16")
    out = tmp_path / "a.flac"
    write_audio(tmp_path / "a.wav", out)
    written, _rate = soundfile.read(out, dtype="int16")
    np.testing.assert_array_equal(written, values)


def test_channels_are_averaged(tmp_path: Path) -> None:
    left = beeps(5, [1.0])
    both = np.stack([left, np.zeros_like(left)], axis=1)
    facts, samples = _written(
        make(tmp_path / "a.mkv", sounds=[Sound([(START, both)], codec="flac")])
    )
    assert np.abs(samples).max() == pytest.approx(0.25, abs=0.005)
    assert facts.channel is None


def test_channels_of_opposite_sign_do_not_cancel_out(tmp_path: Path) -> None:
    left = beeps(9, AT_S)
    sound = Sound([(START, np.stack([left, -left], axis=1))], codec="flac")
    facts, samples = _written(make(tmp_path / "a.mkv", sounds=[sound]))
    np.testing.assert_allclose(onsets_s(samples), AT_S, atol=0.001)
    assert facts.channel == 0
    assert [issue.code for issue in facts.issues] == ["sound.channels_cancel"]


def test_the_first_track_that_is_not_silent_is_taken(tmp_path: Path) -> None:
    quiet, loud = beeps(9, []), beeps(9, AT_S)
    sounds = [Sound([(START, quiet)]), Sound([(START, loud)]), Sound([(START, loud * 0.9)])]
    path = make(tmp_path / "a.mkv", SMALL, sounds)
    facts, samples = _written(path)
    assert (facts.track, facts.tracks) == (1, 3)
    np.testing.assert_allclose(onsets_s(samples), AT_S, atol=0.001)
    asked = write_audio(path, tmp_path / "b.flac", track=0)
    assert asked.track == 0
    assert asked.silent
    assert "sound.silent" in [issue.code for issue in asked.issues]
    with pytest.raises(InputError, match="3 sound tracks"):
        write_audio(path, tmp_path / "c.flac", track=3)


def test_a_track_that_speaks_only_late_is_not_taken_for_silent(tmp_path: Path) -> None:
    late = Sound([(START, beeps(120, list(np.arange(100, 118, 0.5)), rate_hz=16_000))], 16_000)
    other = Sound([(START, beeps(120, [1.0], rate_hz=16_000))], 16_000)
    facts = write_audio(make(tmp_path / "a.mp4", sounds=[late, other]), tmp_path / "a.flac")
    assert facts.track == 0


def test_damaged_packets_are_skipped_and_counted_and_times_stay_true(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mkv", sounds=[Sound([(START, beeps(9, AT_S))], codec="libopus")])
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 3, len(data) // 3 + 200):
        data[at] ^= 0x5A
    path.write_bytes(data)
    facts, samples = _written(path)
    assert facts.duration_s == pytest.approx(9, abs=0.03)
    assert onsets_s(samples)[-1] == pytest.approx(7.75, abs=0.001)
    assert onsets_s(samples)[0] == pytest.approx(0.5, abs=0.001)


def test_no_sound_is_an_input_error_and_leaves_no_file(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp4", SMALL)
    out = tmp_path / "a.flac"
    with pytest.raises(InputError, match="no sound") as caught:
        write_audio(path, out)
    assert caught.value.subject == str(path)
    assert caught.value.remedy
    assert not out.exists()


def test_progress_ends_at_one_and_never_goes_back(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp4", sounds=[Sound([(START, beeps(30, AT_S))])])
    shares: list[float] = []
    write_audio(path, tmp_path / "a.flac", progress=shares.append)
    assert shares == sorted(shares)
    assert len(shares) > 5
    assert shares[-1] == 1.0


_FULL_DISK = """
import resource, sys
from pathlib import Path
from classwatch.core.errors import ResourceError
from classwatch.media.audio import write_audio
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    write_audio(Path(sys.argv[1]), Path(sys.argv[2]))
except ResourceError as error:
    print(error.remedy)
"""


def test_a_full_disk_is_a_resource_error_and_leaves_no_file(tmp_path: Path) -> None:
    noise = np.random.default_rng(2).uniform(-0.5, 0.5, 16_000 * 20).astype(np.float32)
    path = make(tmp_path / "a.wav", sounds=[Sound([(START, noise)], 16_000, "pcm_s16le")])
    out = tmp_path / "a.flac"
    done = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, str(path), str(out)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "free some space" in done.stdout
    assert not out.exists()


_PEAK_KB = """
import sys
from pathlib import Path
from classwatch.media.audio import write_audio
write_audio(Path(sys.argv[1]), Path(sys.argv[2]))
status = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    peaks_kb = []
    for minutes in (1, 40):
        path = tmp_path / f"{minutes}.wav"
        soundfile.write(path, np.zeros(minutes * 60 * 8_000, np.int16), 8_000)
        done = subprocess.run(
            [sys.executable, "-c", _PEAK_KB, str(path), str(tmp_path / "out.flac")],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        peaks_kb.append(int(done.stdout))
    # The sound itself would be 150 MB as the samples that pass through.
    assert peaks_kb[1] - peaks_kb[0] < 10_000
