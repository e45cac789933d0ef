"""Edges against sounds whose edges are made, and against annotated ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classwatch.config.schema import VadConfig
from classwatch.core.time import intervals
from classwatch.speech.edges import frame_levels, sharpen
from classwatch.speech.vad import detect_speech
from tests.speech.sounds import read_rttm, recording, sound_of_video

RATE_HZ = 16_000


def burst(start_s: float, end_s: float, length_s: float = 4.0, floor: float = 1e-3) -> np.ndarray:
    """Noise of amplitude ``floor``, a hundred times louder in between."""
    noise = np.random.default_rng(3).standard_normal(round(length_s * RATE_HZ)) * floor
    noise[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)] *= 100.0
    return noise.astype(np.float32)


@pytest.mark.parametrize("off_s", [-0.1, -0.032, 0.0, 0.05, 0.09])
def test_edge_moves_to_where_the_level_rises_and_falls(off_s: float) -> None:
    level_db = frame_levels(burst(1.0, 2.0), RATE_HZ)
    found = sharpen(intervals([(1.0 + off_s, 2.0 - off_s)]), level_db)
    assert found == pytest.approx(np.array([[1.0, 2.0]]), abs=0.011)


def test_edge_without_a_rise_stays() -> None:
    level_db = frame_levels(burst(1.0, 1.0), RATE_HZ)
    given = intervals([(1.2345, 2.3456)])
    assert sharpen(given, level_db).tolist() == given.tolist()


def test_neighbours_never_meet() -> None:
    level_db = frame_levels(burst(0.5, 3.5), RATE_HZ)
    given = intervals([(0.5, 1.0), (1.04, 2.0), (2.3, 3.5)])
    found = sharpen(given, level_db)
    assert len(found) == 3
    assert (found[1:, 0] > found[:-1, 1]).all()


@pytest.mark.parametrize("speech", [[], [(0.0, 0.05)], [(3.9, 4.0)], [(0.0, 4.0)]])
def test_edges_of_the_recording(speech: list[tuple[float, float]]) -> None:
    given = intervals(speech)
    found = sharpen(given, frame_levels(burst(0.0, 4.0), RATE_HZ))
    assert found == pytest.approx(given)


def test_no_sound() -> None:
    assert frame_levels(np.zeros(0, np.float32), RATE_HZ).shape == (0,)


def nearest_errors(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return np.array([np.abs(found - edge).min() for edge in truth])


def test_annotated_and_made_edges_within_wait_time_accuracy(shared: Path) -> None:
    errors = []
    for name, truth in (
        ("train", [(0.52, 0.85), (1.32, 1.83), (2.35, 3.70)]),
        ("valid", [(0.38, 2.70), (4.10, 5.88)]),
    ):
        audio = recording(shared / f"data/speech/speechbrain/VAD/{name}.wav")
        found = detect_speech(audio, VadConfig()).speech.ravel()
        errors.append(nearest_errors(found, np.array(truth).ravel()))
    lesson = shared / "samples/lesson60"
    found = detect_speech(sound_of_video(lesson / "front.mp4"), VadConfig()).speech
    turns = [t for t in read_rttm(lesson / "turns.rttm") if t.speaker != "murmur"]
    truth = np.array([(t.start_s, t.end_s) for t in turns])
    errors.append(nearest_errors(found.ravel(), truth.ravel()))
    assert np.median(np.concatenate(errors)) <= 0.1
