"""Voices against recordings whose speakers are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classwatch.config.schema import SpeakersConfig, VadConfig
from classwatch.core.speech import SpeechActivity
from classwatch.core.time import intervals, total_s
from classwatch.speech.pitch import track_pitch
from classwatch.speech.speakers import VoiceTurns, find_voices
from classwatch.speech.vad import detect_speech
from tests.speech.sounds import Reference, Samples, read_rttm, recording

CFG = SpeakersConfig()


def voices_of(audio: Samples, cfg: SpeakersConfig = CFG) -> VoiceTurns:
    return find_voices(audio, detect_speech(audio, VadConfig()), cfg)


def all_speech(audio: Samples) -> SpeechActivity:
    """Activity that takes the whole sound for speech, over a silent floor."""
    found = detect_speech(audio, VadConfig())
    return SpeechActivity(
        intervals([(0.0, audio.duration_s)]), found.level_db, found.level_step_s, -80.0, -20.0, 0.0
    )


def purity(voices: VoiceTurns, turns: list[Reference]) -> float:
    """Share of the time under one reference speaker that lies in a voice mostly his or hers."""
    names = sorted({t.speaker for t in turns})
    table = np.zeros((voices.voice_count, len(names)))
    for (start_s, end_s), voice in zip(voices.span, voices.voice, strict=True):
        for turn in turns:
            shared_s = min(end_s, turn.end_s) - max(start_s, turn.start_s)
            if voice >= 0 and shared_s > 0:
                table[voice, names.index(turn.speaker)] += shared_s
    return float(table.max(axis=1).sum() / table.sum())


def alternating(shared: Path, rounds: int = 6) -> tuple[Samples, list[Reference]]:
    """Two people of speechbrain's samples taking turns, half a second of near-silence between."""
    generator = np.random.default_rng(1)
    parts, turns, at_s = [], [], 0.0
    for k in range(1, rounds + 1):
        for who in ("spk1", "spk2"):
            sound = recording(shared / f"data/speech/speechbrain/ASR/{who}_snt{k}.wav").samples
            parts += [sound, 1e-4 * generator.standard_normal(8_000)]
            turns.append(Reference(at_s, at_s + len(sound) / 16_000, who))
            at_s += len(sound) / 16_000 + 0.5
    return Samples(np.concatenate(parts)), turns


@pytest.mark.parametrize("hz", [90.0, 130.0, 220.0, 310.0, 440.0])
def test_pitch_of_a_pulse_train(hz: float) -> None:
    time_s = np.arange(16_000) / 16_000
    tone = sum(np.sin(2 * np.pi * hz * k * time_s) / k for k in range(1, 8))
    pitch = track_pitch(np.asarray(0.1 * tone, np.float32))
    assert np.median(pitch.hz) == pytest.approx(hz, rel=0.04)
    assert np.median(pitch.periodicity) > 0.9


def test_noise_has_no_pitch() -> None:
    noise = np.random.default_rng(0).standard_normal(16_000).astype(np.float32)
    assert np.median(track_pitch(noise).periodicity) < 0.5


def test_no_speech_gives_no_voices() -> None:
    voices = voices_of(Samples(np.zeros(16_000)))
    assert len(voices) == 0
    assert voices.voice_count == 0


def test_cells_tile_the_speech(shared: Path) -> None:
    audio, _ = alternating(shared, 2)
    activity = detect_speech(audio, VadConfig())
    voices = find_voices(audio, activity, CFG)
    length_s = voices.span[:, 1] - voices.span[:, 0]
    assert length_s.sum() == pytest.approx(total_s(activity.speech))
    assert (voices.span[1:, 0] >= voices.span[:-1, 1] - 1e-9).all()
    assert length_s.max() <= 1.5 * CFG.hop_s
    assert ((voices.certainty >= 0) & (voices.certainty <= 1)).all()


def test_two_people_taking_turns_are_two_voices(shared: Path) -> None:
    audio, turns = alternating(shared)
    voices = voices_of(audio)
    assert voices.voice_count == 2
    assert purity(voices, turns) >= 0.95


def test_real_conversation_is_two_voices(shared: Path) -> None:
    folder = shared / "data/speech/pyannote_sample"
    voices = voices_of(recording(folder / "sample.wav"))
    assert voices.voice_count == 2
    assert purity(voices, read_rttm(folder / "sample.rttm")) >= 0.85


@pytest.mark.parametrize(
    "name",
    ["mfa/wav/acoustic_corpus.wav", "openai_jfk_faster_whisper/jfk.flac", "praatio/bobby.wav"],
)
def test_one_person_is_one_voice(shared: Path, name: str) -> None:
    assert voices_of(recording(shared / "data/speech" / name)).voice_count == 1


def test_count_of_voices_comes_with_a_range(shared: Path) -> None:
    audio, _ = alternating(shared)
    few, many = voices_of(audio).count_range
    assert few <= 2 <= many
    assert voices_of(Samples(np.zeros(16_000))).count_range == (0, 0)


def test_second_voice_is_another_and_only_where_overlap_is_likely(shared: Path) -> None:
    voices = voices_of(recording(shared / "data/speech/pyannote_sample/sample.wav"))
    claimed = voices.second >= 0
    assert (voices.second[claimed] != voices.voice[claimed]).all()
    assert (voices.overlap[claimed] >= 0.5).all()
    assert voices.second.max(initial=-1) < voices.voice_count


def test_no_more_voices_than_allowed(shared: Path) -> None:
    audio, _ = alternating(shared)
    assert voices_of(audio, SpeakersConfig(max_speakers=1)).voice_count == 1


def test_same_input_same_answer(shared: Path) -> None:
    audio, _ = alternating(shared, 3)
    first, second = voices_of(audio), voices_of(audio)
    assert (first.voice == second.voice).all()
    assert (first.certainty == second.certainty).all()


def test_a_crowd_is_several_at_once_and_one_person_is_not(shared: Path) -> None:
    folder = shared / "data/speech/speechbrain/ASR"
    generator = np.random.default_rng(5)
    crowd = np.zeros(16_000 * 8)
    for k in range(48):
        sound = recording(folder / f"spk{k % 2 + 1}_snt{k % 6 + 1}.wav").samples
        start = int(generator.integers(0, len(crowd) - len(sound)))
        crowd[start : start + len(sound)] += sound
    middle = Samples(crowd[32_000:96_000] / np.abs(crowd).max() * 0.5)
    assert find_voices(middle, all_speech(middle), CFG).many.mean() >= 0.7
    alone = recording(shared / "data/speech/mfa/wav/acoustic_corpus.wav")
    assert not voices_of(alone).many.any()


def test_short_burst_is_never_several() -> None:
    noise = Samples(0.1 * np.random.default_rng(0).standard_normal(16_000))
    assert not find_voices(noise, all_speech(noise), CFG).many.any()


def test_reads_in_bounded_pieces() -> None:
    time_s = np.arange(16_000 * 100) / 16_000
    hum = Samples(0.1 * np.sin(2 * np.pi * 150 * time_s) * (1 + 0.5 * np.sin(20 * time_s)))
    activity = all_speech(hum)
    hum.longest_read_s = 0.0
    assert len(find_voices(hum, activity, CFG)) > 100
    assert 0.0 < hum.longest_read_s <= 30.0
