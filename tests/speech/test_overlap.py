"""Two at once against mixtures of recordings of one person each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classwatch.config.schema import SpeakersConfig, VadConfig
from classwatch.core.time import intervals, total_s
from classwatch.speech.overlap import OVERLAP_LEAST, overlap_certainty, voice_intervals
from classwatch.speech.pitch import track_pitch
from classwatch.speech.speakers import find_voices
from classwatch.speech.vad import detect_speech
from tests.speech.sounds import read_rttm, recording

RATE_HZ = 16_000


def pulses(hz: float, length_s: float = 2.0) -> np.ndarray:
    """A harmonic tone like a vowel's."""
    time_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    return sum(np.sin(2 * np.pi * hz * k * time_s + k) / k for k in range(1, 12))


def test_second_pitch_is_found_beside_the_first_and_not_in_one() -> None:
    one = track_pitch(pulses(120.0).astype(np.float32)).second()
    two = track_pitch((pulses(120.0) + pulses(211.0)).astype(np.float32)).second()
    assert np.median(one) < 0.15
    assert np.median(two) > 0.4


def test_certainty_is_against_the_recording_itself() -> None:
    sound = np.zeros((20, 6))
    sound[:, 5] = 0.1 + 0.01 * (np.arange(20) % 5)
    sound[7, 5] = 0.5
    for louder in (0.0, 0.2):
        found = overlap_certainty(sound + np.array([0, 0, 0, 0, 0, louder]))
        assert np.flatnonzero(found >= 0.5).tolist() == [7]
    assert not overlap_certainty(sound[:11]).any()


def test_second_voices_count_where_they_speak() -> None:
    span = intervals([(0.0, 1.0), (1.0, 2.0), (3.0, 4.0)])
    voice, second = np.array([0, 1, -1], np.int32), np.array([-1, 0, -1], np.int32)
    first, other = voice_intervals(span, voice, second)
    assert first.tolist() == [[0.0, 2.0]]
    assert other.tolist() == [[1.0, 2.0]]
    assert voice_intervals(intervals([]), voice[:0], second[:0]) == ()


def test_second_voices_of_a_real_conversation_are_where_two_speak(shared: Path) -> None:
    folder = shared / "data/speech/pyannote_sample"
    audio = recording(folder / "sample.wav")
    voices = find_voices(audio, detect_speech(audio, VadConfig()), SpeakersConfig())
    claimed = voices.span[voices.second >= 0]
    turns = read_rttm(folder / "sample.rttm")
    talk_s = sum(
        max(0.0, min(t.end_s, end_s) - max(t.start_s, start_s))
        for start_s, end_s in claimed
        for t in turns
    )
    assert len(claimed) > 0
    assert talk_s / total_s(claimed) >= 1.2


@pytest.mark.parametrize(
    "name", ["mfa/wav/acoustic_corpus.wav", "openai_jfk_faster_whisper/jfk.flac"]
)
def test_one_person_has_no_second_voice(shared: Path, name: str) -> None:
    audio = recording(shared / "data/speech" / name)
    voices = find_voices(audio, detect_speech(audio, VadConfig()), SpeakersConfig())
    assert (voices.second == -1).all()
    assert (voices.overlap >= OVERLAP_LEAST).mean() <= 0.05
