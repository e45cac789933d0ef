"""Voice activity and loudness: where anybody speaks, and how loud it is above the room.

The Silero network in short blocks (``speech.silero``), then edges moved to where the level rises
or falls (``speech.edges``). Everything is gathered over stretches of fixed length, so that memory
hardly grows with the lesson and the result does not depend on where a stretch ends. Boundaries are
not padded: padding of 0.2-0.4 s would be as large as the wait times that are measured from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import VadConfig
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.progress import Progress, silent
from classwatch.core.speech import SpeechActivity
from classwatch.core.time import Intervals, contains, intervals, normalise
from classwatch.speech.edges import frame_levels, sharpen
from classwatch.speech.silero import BLOCK, WINDOW_S, Detector
from classwatch.speech.sound import Sound, stretches

LEVEL_STEP_S = 0.1
SILENCE_DB = -120.0
"""Level given to digital silence instead of minus infinity."""

_STRETCH_S = 60.0
_BLOCK_SAMPLES = round(BLOCK * WINDOW_S * SAMPLE_RATE_HZ)
_HYSTERESIS = 0.15
_FULL_SCALE = 0.999
_NONE = np.zeros(0, np.float32)


def detect_speech(audio: Sound, cfg: VadConfig, progress: Progress = silent) -> SpeechActivity:
    """Speech intervals, edges to 10 ms and without padding, and the loudness under them.

    Levels are RMS in dBFS per 0.1 s, digital silence being -120 dB. Raises ``ModelError`` when
    the network that ships with faster-whisper cannot be loaded.
    """
    detector, loudness = Detector(), _Loudness()
    probability, fine_db = [_NONE], [_NONE]
    for start_s, samples in stretches(audio, _STRETCH_S):
        probability.append(detector.probabilities(samples))
        loudness.add(samples)
        fine_db.append(frame_levels(samples, SAMPLE_RATE_HZ))
        progress(min(1.0, (start_s + _STRETCH_S) / audio.duration_s))
    speech = speech_from_probabilities(np.concatenate(probability), cfg, audio.duration_s)
    return loudness.activity(sharpen(speech, np.concatenate(fine_db)))


def speech_probabilities(audio: Sound, stretch_s: float = _STRETCH_S) -> NDArray[np.float32]:
    """Speech probability (n,) of every 32 ms window; ``stretch_s`` must be a multiple of 4 s."""
    if round(stretch_s * SAMPLE_RATE_HZ) % _BLOCK_SAMPLES:
        raise ValueError(f"stretch_s must be a multiple of {BLOCK * WINDOW_S} s, got {stretch_s}")
    detector = Detector()
    parts = [detector.probabilities(samples) for _, samples in stretches(audio, stretch_s)]
    return np.concatenate([_NONE, *parts])


def speech_from_probabilities(
    probability: NDArray[np.float32], cfg: VadConfig, duration_s: float
) -> Intervals:
    """Normalised speech intervals from window probabilities (n,).

    Silero's rule: speech begins at the first window of at least ``threshold`` and ends at the
    first window below ``threshold - 0.15`` that no speech follows within ``min_silence_s``; what
    is then no longer than ``min_speech_s`` is dropped.
    """
    pairs = []
    for first, last in _runs(probability, cfg):
        start_s, end_s = first * WINDOW_S, min(last * WINDOW_S, duration_s)
        if end_s - start_s > cfg.min_speech_s:
            pairs.append((start_s, end_s))
    return normalise(intervals(pairs))


def _runs(probability: NDArray[np.float32], cfg: VadConfig) -> Iterator[tuple[int, int]]:
    """Half-open window ranges of speech, pauses shorter than ``min_silence_s`` closed."""
    low = max(cfg.threshold - _HYSTERESIS, 0.01)
    start = quiet = -1
    for i, p in enumerate(probability.tolist()):
        if p >= cfg.threshold:
            quiet = -1
            if start < 0:
                start = i
        elif p < low and start >= 0:
            quiet = i if quiet < 0 else quiet
            if (i - quiet) * WINDOW_S >= cfg.min_silence_s:
                yield start, quiet
                start = quiet = -1
    if start >= 0:
        yield start, (len(probability) if quiet < 0 else quiet)


@dataclass(slots=True)
class _Loudness:
    """Levels and clipping, collected stretch by stretch."""

    levels: list[NDArray[np.float32]] = field(default_factory=list)
    clipped: int = 0
    seen: int = 0

    def add(self, samples: NDArray[np.float32]) -> None:
        step = round(LEVEL_STEP_S * SAMPLE_RATE_HZ)
        starts = np.arange(0, len(samples), step)
        energy = np.add.reduceat(np.square(samples, dtype=np.float64), starts)
        counts = np.diff(np.append(starts, len(samples)))
        self.levels.append(_decibels(energy / counts))
        self.clipped += int(np.count_nonzero(np.abs(samples) >= _FULL_SCALE))
        self.seen += len(samples)

    def activity(self, speech: Intervals) -> SpeechActivity:
        level = np.concatenate([_NONE, *self.levels])
        inside = inside_share(speech, len(level), LEVEL_STEP_S)
        outside, within = level[inside == 0.0], level[inside >= 0.5]
        return SpeechActivity(
            speech=speech,
            level_db=level,
            level_step_s=LEVEL_STEP_S,
            noise_db=float(np.percentile(outside, 10)) if len(outside) else float("nan"),
            speech_db=float(np.median(within)) if len(within) else float("nan"),
            clipped_share=self.clipped / self.seen if self.seen else 0.0,
        )


def _decibels(mean_square: NDArray[np.float64]) -> NDArray[np.float32]:
    floor = 10.0 ** (SILENCE_DB / 10.0)
    level: NDArray[np.float32] = (10.0 * np.log10(np.maximum(mean_square, floor))).astype(
        np.float32
    )
    return level


def inside_share(speech: Intervals, steps: int, step_s: float) -> NDArray[np.float64]:
    """Share (k,) of every step that the set covers, to a tenth of the step."""
    times_s = (np.arange(steps * 10, dtype=np.float64) + 0.5) * (step_s / 10)
    share: NDArray[np.float64] = contains(speech, times_s).reshape(steps, 10).mean(axis=1)
    return share
