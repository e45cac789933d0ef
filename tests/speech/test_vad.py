"""Voice activity against faster-whisper's own whole-file run, annotated speech and noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classwatch.config.schema import VadConfig
from classwatch.core.time import Interval, intersect, intervals, total_s
from classwatch.speech.silero import WINDOW_S
from classwatch.speech.vad import (
    SILENCE_DB,
    detect_speech,
    speech_from_probabilities,
    speech_probabilities,
)
from tests.speech.sounds import Samples, frame_error, read_rttm, recording, sound_of_video


def windows(text: str) -> np.ndarray:
    """``#`` a window of speech, ``.`` one of silence, ``~`` one between the two thresholds."""
    return np.array([{"#": 0.9, ".": 0.1, "~": 0.42}[c] for c in text], np.float32)


def speech_of(text: str, **settings: float) -> list[list[int]]:
    cfg = VadConfig(**{"min_speech_s": 0.001, "min_silence_s": 0.06, **settings})
    found = speech_from_probabilities(windows(text), cfg, len(text) * WINDOW_S)
    return np.rint(found / WINDOW_S).astype(int).tolist()


def test_speech_ends_where_silence_begins_without_padding() -> None:
    assert speech_of("...####.....##..") == [[3, 7], [12, 14]]


def test_short_pause_is_closed_and_long_one_is_not() -> None:
    # 0.09 s are three windows of 32 ms, and the end is only decided in the window after them.
    assert speech_of("##...##....##", min_silence_s=0.09) == [[0, 7], [11, 13]]


def test_between_the_thresholds_speech_goes_on_but_does_not_begin() -> None:
    assert speech_of("~~##~~....") == [[2, 6]]


def test_short_speech_is_dropped() -> None:
    assert speech_of("..#....######..", min_speech_s=0.1) == [[7, 13]]


def test_speech_at_the_end_stops_with_the_sound() -> None:
    found = speech_from_probabilities(windows("..####"), VadConfig(min_speech_s=0.05), 0.19)
    assert found.tolist() == [[2 * WINDOW_S, 0.19]]


def test_levels_of_a_sine_silence_and_a_clipped_square() -> None:
    second = 16_000
    sine = 0.5 * np.sin(2 * np.pi * 440 * np.arange(second) / second)
    square = np.where(np.arange(second) % 40 < 20, 1.0, -1.0)
    activity = detect_speech(Samples(np.concatenate([sine, np.zeros(second), square])), VadConfig())
    assert activity.level_db.shape == (30,)
    assert activity.level_db[:10] == pytest.approx(10 * np.log10(0.125), abs=0.01)
    assert activity.level_db[10:20] == pytest.approx(SILENCE_DB)
    assert activity.level_db[20:] == pytest.approx(0.0, abs=0.01)
    assert activity.clipped_share == pytest.approx(1 / 3, abs=1e-3)
    assert total_s(activity.speech) == 0.0
    assert np.isnan(activity.speech_db)


def test_noise_floor_is_the_tenth_percentile_outside_speech() -> None:
    levels = np.repeat([1e-3, 1e-2], [8_000, 32_000])
    signs = np.where(np.arange(len(levels)) % 2, 1.0, -1.0)
    activity = detect_speech(Samples(levels * signs), VadConfig())
    # 5 of 25 tenths lie at -60 dBFS, the rest at -40: the tenth percentile is among the former.
    assert activity.noise_db == pytest.approx(-60.0, abs=0.1)


@pytest.mark.parametrize("length_s", [0.0, 0.01, 0.0321])
def test_very_short_sounds(length_s: float) -> None:
    activity = detect_speech(Samples(np.zeros(round(length_s * 16_000))), VadConfig())
    assert activity.speech.shape == (0, 2)


def test_never_reads_more_than_a_minute() -> None:
    audio = Samples(np.zeros(16_000 * 150))
    detect_speech(audio, VadConfig())
    assert 0 < audio.longest_read_s <= 60.0


def test_the_surer_of_two_hearings_in_the_first_block(shared: Path) -> None:
    from faster_whisper.vad import get_vad_model
    from scipy.signal import butter, resample_poly, sosfilt

    audio = recording(shared / "data/speech/ami_pyannote/dev00.wav")
    above_80_hz = butter(4, 80, "highpass", fs=16_000, output="sos")
    samples = sosfilt(above_80_hz, audio.samples[: 125 * 512]).astype(np.float32)
    plain = get_vad_model()(samples.copy()).reshape(-1)
    slow = resample_poly(samples, 5, 4).astype(np.float32)[: 156 * 512]
    slower = get_vad_model()(slow).reshape(-1)
    middle_s = (np.arange(124) + 0.5) * 0.032
    again = 0.85 * np.interp(middle_s, (np.arange(156) + 0.5) * 0.0256, slower)
    # Each hearing is the surer one somewhere; their last window is padded differently.
    assert plain.max() > 0.9
    assert (again > plain[:124] + 0.01).any()
    assert (plain[:124] > again + 0.01).any()
    expected = np.maximum(plain[:124], again)
    assert speech_probabilities(audio)[:123] == pytest.approx(expected[:123], abs=2e-3)


def test_stretch_length_does_not_change_probabilities(shared: Path) -> None:
    audio = recording(shared / "data/speech/ami_pyannote/dev00.wav")
    whole = speech_probabilities(audio)
    assert whole.max() > 0.9
    for stretch_s in (4.0, 12.0):
        assert speech_probabilities(audio, stretch_s) == pytest.approx(whole, abs=1e-4)
    with pytest.raises(ValueError, match="multiple"):
        speech_probabilities(audio, 5.0)


def test_short_answer_after_a_long_silence_is_heard(shared: Path) -> None:
    # Meeting noise without speech for twenty seconds, then 0.7 s of one speaker (AMI reference).
    audio = recording(shared / "data/speech/ami_pyannote/trn02.wav")
    found = detect_speech(audio, VadConfig()).speech
    assert total_s(intersect(found, intervals([(20.704, 21.392)]))) >= 0.3
    assert total_s(found) <= 0.9


def test_rumble_below_speech_does_not_hide_it(shared: Path) -> None:
    """A fan's 12 Hz eight times as strong as the talk and the mains' 50 Hz as strong as it."""
    clean = recording(shared / "data/speech/mandarin_wenet/long.wav").samples
    time_s = np.arange(len(clean)) / 16_000
    loud = float(np.sqrt(2 * np.mean(np.square(clean, dtype=np.float64))))
    low = 8 * np.sin(2 * np.pi * 12 * time_s) + np.sin(2 * np.pi * 50 * time_s)
    plain = speech_probabilities(Samples(clean)) > 0.5
    rumbling = speech_probabilities(Samples(clean + loud * low)) > 0.5
    assert plain.sum() > 50
    assert (plain & rumbling).sum() > 0.9 * plain.sum()


@pytest.mark.parametrize(
    ("name", "truth", "end_s"),
    [
        ("train", [(0.52, 0.85), (1.32, 1.83), (2.35, 3.70)], 4.0),
        ("valid", [(0.38, 2.70), (4.10, 5.88)], 8.0),
    ],
)
def test_annotated_boundaries(
    shared: Path, name: str, truth: list[tuple[float, float]], end_s: float
) -> None:
    # Boundaries from speechbrain's VAD_*.json; after end_s the files are not annotated.
    audio = recording(shared / f"data/speech/speechbrain/VAD/{name}.wav")
    error, _, _ = frame_error(detect_speech(audio, VadConfig()).speech, intervals(truth), end_s)
    assert error <= 0.08


def test_conversation_and_meetings(shared: Path) -> None:
    speech = shared / "data/speech"
    found = detect_speech(recording(speech / "pyannote_sample/sample.wav"), VadConfig()).speech
    turns = read_rttm(speech / "pyannote_sample/sample.rttm")
    truth = intervals(Interval(t.start_s, t.end_s) for t in turns)
    assert frame_error(found, truth, 30.0)[0] <= 0.08
    # AMI's reference turns reach over pauses inside an utterance, which count as missed here.
    turns = read_rttm(speech / "ami_pyannote/debug.train.rttm", "trn00")
    truth = intervals(Interval(t.start_s, t.end_s) for t in turns)
    found = detect_speech(recording(speech / "ami_pyannote/trñ00.wav"), VadConfig()).speech
    error, _, false_alarm = frame_error(found, truth, 30.0)
    assert false_alarm <= 0.02
    assert error <= 0.30


def test_sample_lesson(shared: Path) -> None:
    lesson = shared / "samples/lesson60"
    found = detect_speech(sound_of_video(lesson / "front.mp4"), VadConfig()).speech
    turns = [t for t in read_rttm(lesson / "turns.rttm") if t.speaker != "murmur"]
    truth = intervals(Interval(t.start_s, t.end_s) for t in turns)
    error, missed, _ = frame_error(found, truth, 49.0)
    assert missed <= 0.02
    assert error <= 0.12


def test_noise_holds_no_speech(shared: Path) -> None:
    folder = shared / "data/noise_rir"
    heard_s = whole_s = 0.0
    for path in sorted(folder.rglob("*")):
        # p286_011 is a sentence of VCTK.
        if path.suffix in (".wav", ".ogg", ".flac") and path.stem != "p286_011":
            audio = recording(path)
            heard_s += total_s(detect_speech(audio, VadConfig()).speech)
            whole_s += audio.duration_s
    assert whole_s > 100
    assert heard_s <= 0.01 * whole_s
