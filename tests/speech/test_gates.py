"""Every gate with a sound that fails it and one that does not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import fftconvolve

from classwatch.core.speech import SpeakerRole, SpeechActivity, Turn
from classwatch.core.time import intervals
from classwatch.speech.gates import (
    copies,
    decay_s,
    gate_issues,
    sound_gates,
    student_level,
    turn_gate,
)
from tests.speech.sounds import Samples

RATE_HZ = 16_000
_SPOKEN = [(1.0 + 2.0 * k, 2.2 + 2.0 * k) for k in range(20)]


def syllables(seed: int = 0) -> np.ndarray:
    """40 s of made speech: 1.2 s of harmonic bursts of moving pitch, then 0.8 s of silence."""
    rng = np.random.default_rng(seed)
    track = np.zeros(42 * RATE_HZ)
    for start_s, end_s in _SPOKEN:
        time_s = np.arange(round((end_s - start_s) * RATE_HZ)) / RATE_HZ
        pitch_hz = 140 + 60 * rng.random() + 30 * np.sin(2 * np.pi * rng.uniform(0.5, 2) * time_s)
        pulse = np.diff(np.floor(np.cumsum(pitch_hz) / RATE_HZ), prepend=0.0)
        voice = np.convolve(pulse + 0.05 * rng.normal(size=len(pulse)), _vowel(rng), "same")
        envelope = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * time_s)
        first = round(start_s * RATE_HZ)
        track[first : first + len(voice)] = voice * envelope
    return 0.2 * track / np.abs(track).max()


def _vowel(rng: np.random.Generator) -> np.ndarray:
    time_s = np.arange(400) / RATE_HZ
    formants = rng.uniform([300, 900, 2300], [800, 2000, 3500])
    return sum(np.exp(-300 * time_s) * np.sin(2 * np.pi * hz * time_s) for hz in formants)


def with_noise(track: np.ndarray, level_db: float) -> np.ndarray:
    noise = np.random.default_rng(9).normal(size=len(track)) * 10 ** (level_db / 20)
    return track + noise


def heard(track: np.ndarray, *, clipped_share: float = 0.0) -> SpeechActivity:
    """What a perfect detector says of ``track``: the made stretches, and levels from samples."""
    step = RATE_HZ // 10
    rows = track[: len(track) // step * step].reshape(-1, step)
    level = 10 * np.log10(np.square(rows).mean(axis=1) + 1e-12)
    middle_s = (np.arange(len(level)) + 0.5) / 10
    inside = np.any([(middle_s > a) & (middle_s < b) for a, b in _SPOKEN], axis=0)
    return SpeechActivity(
        speech=intervals(_SPOKEN),
        level_db=level.astype(np.float32),
        level_step_s=0.1,
        noise_db=float(np.percentile(level[~inside], 10)),
        speech_db=float(np.median(level[inside])),
        clipped_share=clipped_share,
    )


def sound(track: np.ndarray) -> Samples:
    return Samples(track.astype(np.float32))


def turns(role: SpeakerRole) -> tuple[Turn, ...]:
    return tuple(Turn(a, b, role, "", 1.0) for a, b in _SPOKEN)


def failed(
    track: np.ndarray, role: SpeakerRole = SpeakerRole.STUDENT, *, clipped_share: float = 0.0
) -> set[str]:
    activity = heard(track, clipped_share=clipped_share)
    gates = (*sound_gates(sound(track), activity), turn_gate(activity, turns(role)))
    issues = gate_issues(gates)
    assert len(issues) == sum(not g.passed for g in gates)
    for issue in issues:
        assert {"value", "limit"} == set(issue.detail)
        assert "rule" in issue.message
    return {g.id for g in gates if not g.passed}


def test_a_clean_recording_passes_every_gate() -> None:
    assert failed(with_noise(syllables(), -60.0)) == set()


def test_noise_fails_the_gate_on_noise_and_hides_the_students() -> None:
    found = failed(with_noise(syllables(), -27.0))
    assert {"snr", "students"} <= found


def test_teacher_alone_says_nothing_about_students() -> None:
    found = failed(with_noise(syllables(), -27.0), SpeakerRole.TEACHER)
    assert "snr" in found
    assert "students" not in found


@pytest.mark.parametrize(("share", "fails"), [(0.0, False), (0.0005, False), (0.01, True)])
def test_clipping(share: float, *, fails: bool) -> None:
    assert ("clipping" in failed(with_noise(syllables(), -60.0), clipped_share=share)) == fails


def test_students_level_is_their_median_above_the_floor() -> None:
    level = np.full(400, -50.0, np.float32)
    level[100:200] = -44.0
    activity = SpeechActivity(intervals([(10.0, 20.0)]), level, 0.1, -50.0, -44.0, 0.0)
    student = (Turn(10.0, 20.0, SpeakerRole.CHORAL, "", 1.0),)
    assert student_level(activity, student) == pytest.approx(6.0)
    assert student_level(activity, ()) is None


def echoed(track: np.ndarray, delay_s: float, strength: float) -> np.ndarray:
    late = np.roll(track, round(delay_s * RATE_HZ))
    return track + strength * late


@pytest.mark.parametrize("delay_s", [0.05, 0.18, 0.3])
def test_a_delayed_copy_is_an_echo_of_its_strength(delay_s: float) -> None:
    track = with_noise(echoed(syllables(), delay_s, 0.4), -70.0)
    _, echo = copies(sound(track), intervals(_SPOKEN))
    assert echo == pytest.approx(0.4, abs=0.15)
    assert failed(track) == {"echo"}


def test_two_microphones_in_one_track_are_found() -> None:
    track = with_noise(echoed(syllables(), 0.0053, 0.9), -70.0)
    assert "microphones" in failed(track)


def test_a_ringing_room_blurs_the_ends() -> None:
    rng = np.random.default_rng(3)
    dry = syllables()
    results = []
    for rt60_s in (0.4, 2.5):
        time_s = np.arange(round(rt60_s * RATE_HZ)) / RATE_HZ
        tail = rng.normal(size=len(time_s)) * 10 ** (-3 * time_s / rt60_s)
        tail *= 0.6 / np.sqrt(np.square(tail).sum())
        tail[0] = 1.0
        wet = fftconvolve(dry, tail)[: len(dry)]
        results.append(decay_s(sound(with_noise(wet, -75.0)), heard(with_noise(wet, -75.0))))
    furnished, bare = results
    assert furnished is not None
    assert bare is not None
    assert furnished < 1.2 < bare


def test_too_little_speech_measures_nothing() -> None:
    silent = sound(np.zeros(5 * RATE_HZ))
    assert copies(silent, intervals([(1.0, 2.0)])) == (None, None)
