"""Mixed lessons: the truth is true, sides share nothing, the same seed gives the same bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classwatch.core.speech import SoundKind, SpeakerRole
from classwatch.train.sounds import material
from classwatch.train.sounds.fit import KINDS, true_kinds
from classwatch.train.sounds.mixed import Sounding, mix_lesson


def test_no_recording_is_on_both_sides() -> None:
    tables = (material._VOICES, material._RESPONSES, material._NOISES, material._MUSIC)
    for table in tables:
        own = [set(_paths(table[side])) for side in ("train", "test")]
        assert not own[0] & own[1]


def _paths(part: object) -> list[str]:
    if isinstance(part, dict):
        return [path for paths in part.values() for path in paths]
    return list(part)


def test_a_mixed_lesson_is_the_same_twice_and_its_truth_is_where_the_sound_is(
    shared: Path,
) -> None:
    held = material.load_material(shared / "data", "test")
    first, again = mix_lesson(held, 8, 40.0), mix_lesson(held, 8, 40.0)
    np.testing.assert_array_equal(first.samples, again.samples)
    assert first.turns == again.turns
    assert {t.role for t in first.turns} >= {SpeakerRole.TEACHER, SpeakerRole.CHORAL}
    level = np.array(
        [
            np.sqrt(np.mean(first.samples[round(s.start_s * 16e3) : round(s.end_s * 16e3)] ** 2))
            for s in first.sounds
            if s.role is SpeakerRole.TEACHER
        ]
    )
    assert level.min() > 3 * np.sqrt(np.mean(first.samples[:6000] ** 2))


def test_a_window_has_a_kind_only_where_one_fills_it() -> None:
    sounds = [
        Sounding(0.0, 4.0, SoundKind.VOICE),
        Sounding(4.0, 8.0, SoundKind.CHORUS),
        Sounding(8.0, 20.0, SoundKind.BABBLE),
        Sounding(12.0, 16.0, SoundKind.VOICE),
    ]
    found = [KINDS[k].value if k >= 0 else "" for k in true_kinds(sounds, 40)]
    assert found[1:7] == ["voice"] * 6
    assert found[7:9] == ["", ""]
    assert found[9:15] == ["chorus"] * 6
    assert found[17:23] == ["babble"] * 6
    # A voice over babble is that voice.
    assert found[25:31] == ["voice"] * 6


def test_the_noise_of_a_recording_is_no_phrase() -> None:
    rng = np.random.default_rng(3)
    rate = 16_000
    # One second of noise, two of a loud tone, one of noise, only 24 dB below: less than speech
    # itself spans, so that level alone does not tell them apart.
    noise = rng.normal(0.0, 0.1, 4 * rate).astype(np.float32) * np.float32(10 ** (-24 / 20))
    tone = np.sin(2 * np.pi * 220 * np.arange(2 * rate) / rate).astype(np.float32) * 0.1414
    noise[rate : 3 * rate] += tone
    (phrase,) = material.phrases(noise)
    sound = np.flatnonzero(phrase) / rate
    assert sound[0] == pytest.approx(1.0, abs=0.05)
    assert sound[-1] == pytest.approx(3.0, abs=0.05)
