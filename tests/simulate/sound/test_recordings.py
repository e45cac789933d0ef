from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from classwatch.core.errors import InputError
from classwatch.simulate.script import Script
from classwatch.simulate.sound.speak import speak_all
from tests.simulate.sound.made import said, script


def recorded_lesson(tract: float | None = None) -> Script:
    voice = {"recordings": "voice", "tract": tract}
    return script(
        people=[{"id": "t", "kind": "teacher", "voice": voice}],
        utterances=[said("t", "Hello there")],
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A stereo recording at 44.1 kHz: 0.4 s nothing, 1 s at 500 Hz, 0.6 s nothing."""
    time_s = np.arange(44100) / 44100
    tone = 0.3 * np.sin(2 * np.pi * 500 * time_s)
    whole = np.concatenate([np.zeros(17640), tone, np.zeros(26460)])
    (tmp_path / "voice").mkdir()
    soundfile.write(tmp_path / "voice" / "u1.wav", np.stack([whole, 0.5 * whole], 1), 44100)
    return tmp_path


def test_silence_around_a_recording_is_cut(folder: Path) -> None:
    sound = speak_all(recorded_lesson(), folder=folder)["u1"]
    assert sound.spoken.duration_s == pytest.approx(1.0, abs=0.025)
    assert sound.spoken.words == ()
    samples = sound.parts[0].samples
    peak_hz = np.argmax(np.abs(np.fft.rfft(samples))) * 16000 / len(samples)
    assert peak_hz == pytest.approx(500, abs=2)


def test_a_tract_makes_a_recording_higher_and_shorter(folder: Path) -> None:
    sound = speak_all(recorded_lesson(0.8), folder=folder)["u1"]
    assert sound.spoken.duration_s == pytest.approx(0.8, abs=0.025)


def test_a_text_that_differs_would_make_the_truth_false(folder: Path) -> None:
    said_path = folder / "voice" / "u1.txt"
    said_path.write_text("hello, THERE.\n", "utf-8")
    assert speak_all(recorded_lesson(), folder=folder)["u1"].spoken.duration_s > 0.9
    said_path.write_text("hello you", "utf-8")
    with pytest.raises(InputError, match=r"u1\.txt"):
        speak_all(recorded_lesson(), folder=folder)


def test_a_missing_and_a_broken_recording_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"u1\.wav"):
        speak_all(recorded_lesson(), folder=tmp_path)
    (tmp_path / "voice").mkdir()
    (tmp_path / "voice" / "u1.wav").write_bytes(b"RIFFnonsense")
    with pytest.raises(InputError, match="cannot be read"):
        speak_all(recorded_lesson(), folder=tmp_path)
