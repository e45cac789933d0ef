"""Kinds of sound: the path through probabilities, what they do to speech, and real sounds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classwatch.config.schema import VadConfig
from classwatch.core.errors import ModelError
from classwatch.core.speech import SoundKind, SoundSpan, SpeakerRole, SpeechActivity
from classwatch.core.time import intersect, intervals, normalise, total_s
from classwatch.speech.network import SmallNetwork
from classwatch.speech.sound_classes import (
    classify_sounds,
    load_sound_model,
    of_kinds,
    speech_by_sound,
)
from classwatch.speech.sound_features import NAMES, window_features, with_surroundings
from classwatch.speech.sound_roles import attribute
from classwatch.speech.vad import detect_speech
from classwatch.train.sounds.material import load_material
from classwatch.train.sounds.mixed import mix_lesson
from tests.benchmarks.no_speech import shares, without_speech
from tests.speech.sounds import Samples
from tests.speech.test_roles import cells

V, C, B, P, N = (
    SoundKind.VOICE,
    SoundKind.CHORUS,
    SoundKind.BABBLE,
    SoundKind.PLAYBACK,
    SoundKind.NOISE,
)


def heard(speech: list[tuple[float, float]], level_db: float = -20.0) -> SpeechActivity:
    level = np.full(600, level_db, np.float32)
    level[:50] = -60.0
    return SpeechActivity(intervals(speech), level, 0.1, -60.0, -20.0, 0.0)


def spans(*rows: tuple[float, float, SoundKind, float]) -> tuple[SoundSpan, ...]:
    return tuple(SoundSpan(*row) for row in rows)


def test_noise_and_music_leave_the_speech() -> None:
    sounds = spans((0, 10, V, 0.9), (10, 20, N, 0.9), (20, 30, SoundKind.MUSIC, 0.4))
    found = speech_by_sound(heard([(8.0, 12.0), (14.0, 15.0), (21.0, 22.0)]), sounds)
    # Uncertain music stays.
    assert found.speech.tolist() == [[8.0, 10.0], [21.0, 22.0]]


def test_a_crowd_joins_the_speech_only_where_it_is_loud_and_somebody_was_heard() -> None:
    sounds = spans((6, 10, V, 0.9), (10, 20, B, 0.9), (20, 40, N, 0.9), (40, 50, C, 0.7))
    found = speech_by_sound(heard([(8.0, 9.0)]), sounds)
    assert found.speech.tolist() == [[8.0, 9.0], [10.0, 20.0]]
    sure = speech_by_sound(heard([]), spans((0, 30, N, 0.9), (30, 40, B, 0.85), (40, 60, N, 0.9)))
    assert sure.speech.tolist() == [[30.0, 40.0]]
    quiet = heard([(8.0, 9.0)], level_db=-45.0)
    assert speech_by_sound(quiet, sounds).speech.tolist() == [[8.0, 9.0]]


def test_cells_of_crowds_and_loudspeakers_belong_to_nobody() -> None:
    voices = cells([(0.0, 10.0, 0), (10.0, 14.0, 1), (14.0, 20.0, 2), (20.0, 22.0, -1)])
    sounds = spans((0, 10, V, 0.9), (10, 14, C, 0.8), (14, 17, P, 0.9), (17, 22, B, 0.3))
    found = attribute(voices, sounds)
    assert found.role[:10] == (None,) * 10
    assert set(found.role[10:14]) == {SpeakerRole.CHORAL}
    assert set(found.role[14:17]) == {SpeakerRole.PLAYBACK}
    # What is uncertain stays as clustering heard it.
    assert set(found.role[17:20]) == {None}
    assert set(found.role[20:]) == {SpeakerRole.STUDENTS}
    # Voice 1 has no cell left, so voice 2 takes its number.
    assert found.voices.voice.tolist() == [0] * 10 + [-1] * 7 + [1] * 3 + [-1] * 2
    assert found.voices.distance.shape == (2, 2)


def test_second_voices_keep_their_person() -> None:
    voices = cells([(0.0, 4.0, 0), (4.0, 6.0, 1), (6.0, 8.0, 2)])
    second = np.array([2, 1, -1, -1, 0, 2, 0, -1], np.int32)
    found = attribute(replace(voices, second=second), spans((0, 4, V, 0.9), (4, 6, C, 0.8)))
    assert found.voices.voice.tolist() == [0, 0, 0, 0, -1, -1, 1, 1]
    # Nobody has voice 1 any more, and a chorus is no one voice with another.
    assert found.voices.second.tolist() == [1, -1, -1, -1, -1, -1, 0, -1]


def test_figures_do_not_depend_on_where_the_reading_starts() -> None:
    rng = np.random.default_rng(4)
    samples = rng.normal(0.0, 0.1, 16_000 * 33)
    whole = window_features(Samples(samples), -60.0)
    part = window_features(Samples(samples[: 16_000 * 25]), -60.0)
    assert whole.shape == (66, len(NAMES))
    np.testing.assert_allclose(part[:40], whole[:40], atol=1e-4)
    some = window_features(Samples(samples), -60.0, intervals([(12.0, 13.0)]))
    assert np.isnan(some[:20]).all()
    np.testing.assert_array_equal(some[20:40], whole[20:40])
    assert np.isfinite(with_surroundings(some)[20:40]).all()


def test_a_tone_has_its_pitch_and_no_flatness() -> None:
    time_s = np.arange(16_000 * 4) / 16_000
    tone = sum(np.sin(2 * np.pi * 200 * k * time_s) / k for k in range(1, 12))
    row = dict(zip(NAMES, window_features(Samples(0.1 * tone), -60.0)[3], strict=True))
    assert 2 ** row["pitch_octaves"] == pytest.approx(200, rel=0.02)
    assert row["voiced_share"] == 1.0
    assert row["flatness"] < 0.05
    assert row["pause_share"] == 0.0


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    path = tmp_path / "sounds.npz"
    path.write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"sounds\.npz"):
        load_sound_model(path)


@pytest.mark.slow
def test_held_out_voices_in_held_out_rooms(shared: Path) -> None:
    lesson = mix_lesson(load_material(shared / "data", "test"), 8, 120.0)
    audio = Samples(lesson.samples)
    sounds = classify_sounds(audio, detect_speech(audio, VadConfig()))
    for kind, least in ((V, 0.9), (C, 0.5)):
        true = normalise(intervals((s.start_s, s.end_s) for s in lesson.sounds if s.kind is kind))
        assert total_s(intersect(true, of_kinds(sounds, kind))) >= least * total_s(true)


@pytest.mark.slow
def test_nobody_is_heard_where_nobody_speaks(shared: Path) -> None:
    samples = without_speech(load_material(shared / "data", "test"), 3.0)
    _, checked = shares(samples)
    assert checked <= 0.01


def test_music_that_is_heard_as_speech_comes_out_of_a_loudspeaker() -> None:
    rng = np.random.default_rng(6)
    audio = Samples(rng.normal(0.0, 0.1, 16_000 * 20))
    size = 2 * len(NAMES)
    labels = tuple(k.value for k in SoundKind)
    bias = np.log([0.2 if k is V else 0.6 if k is SoundKind.MUSIC else 0.05 for k in SoundKind])
    # Whatever the sound, the network says music, three times as likely as a voice.
    network = SmallNetwork(
        labels,
        np.zeros(size, np.float32),
        np.ones(size, np.float32),
        np.zeros((size, 1), np.float32),
        np.zeros(1, np.float32),
        np.zeros((1, len(labels)), np.float32),
        bias.astype(np.float32),
    )
    activity = heard([(5.0, 15.0)])
    found = classify_sounds(audio, replace(activity, level_db=activity.level_db[:200]), network)
    assert [(s.start_s, s.end_s, s.kind) for s in found] == [
        (0.0, 5.0, SoundKind.MUSIC),
        (5.0, 15.0, P),
        (15.0, 20.0, SoundKind.MUSIC),
    ]
    assert sum(found[1].shares) == pytest.approx(1.0, abs=1e-3)
