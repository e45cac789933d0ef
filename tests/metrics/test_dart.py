from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from classwatch.core.reasons import Reason
from classwatch.core.speech import SpeechActivity
from classwatch.core.time import Interval
from classwatch.metrics.dart import VOICES, dart_windows
from classwatch.metrics.facts import LessonFacts
from tests.metrics.builders import cells

RATE_HZ = 16_000


def level_of(samples: np.ndarray) -> np.ndarray:
    """RMS level in dBFS of each tenth of a second."""
    step = RATE_HZ // 10
    frames = samples[: len(samples) // step * step].reshape(-1, step).astype(np.float64)
    return 10 * np.log10(np.square(frames).mean(axis=1) + 1e-10)


def kinds(level: np.ndarray, floor_db: float) -> list[str]:
    return [VOICES[v] for v in dart_windows(level, 0.1, floor_db)]


def test_real_voices_alone_and_together(shared: Path) -> None:
    import soundfile

    talk, rate = soundfile.read(shared / "data/speech/pyannote_sample/sample.wav")
    assert rate == RATE_HZ
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 1e-4, len(talk))
    # Many at once: the same recording from twenty places in time.
    crowd = sum(np.roll(talk, int(rng.integers(len(talk)))) for _ in range(20)) / 4 + noise
    floor = float(level_of(noise).mean())
    assert set(kinds(level_of(noise), floor)) == {"none"}
    assert set(kinds(level_of(talk + noise), floor)) == {"single"}
    assert set(kinds(level_of(crowd), floor)) == {"multiple"}


def test_digital_silence_holds_no_voice() -> None:
    assert kinds(np.full(300, -np.inf), -60.0) == ["none", "none"]
    assert kinds(np.full(149, -20.0), -60.0) == []


def lesson(level: np.ndarray, noise_db: float) -> LessonFacts:
    activity = SpeechActivity(
        np.array([[0.0, 60.0]]), level.astype(np.float32), 0.1, noise_db, -20.0, 0.0
    )
    return LessonFacts(Interval(0.0, len(level) / 10), activity=activity)


def test_shares_by_hand_without_knowing_who_speaks() -> None:
    # Ten minutes each: pulses of one voice, an even roar, and quiet.
    one = np.array(list(itertools.islice(itertools.cycle([-20.0] * 8 + [-55.0] * 4), 6000)))
    level = np.concatenate([one, np.full(6000, -15.0), np.full(6000, -60.0)])
    table = cells(lesson(level, -60.0))
    for part in VOICES:
        assert table["dart.share@15s-limits", part].value == pytest.approx(1 / 3)
    # Without a known floor the quiet tenth of the lesson is the floor.
    table = cells(lesson(level, float("nan")))
    assert table["dart.share@15s-limits", "none"].value == pytest.approx(1 / 3)


def test_a_short_lesson_abstains() -> None:
    cell = cells(lesson(np.full(600, -20.0), -60.0))["dart.share@15s-limits", "single"]
    assert cell.why is not None
    assert cell.why.code == Reason.TOO_SHORT
