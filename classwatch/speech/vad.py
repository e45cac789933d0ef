"""Voice activity and loudness: where anybody speaks, and how loud it is above the room.

The detector is the Silero network that ships inside faster-whisper, run statefully over
stretches of fixed length, so that memory does not grow with the lesson and the result does not
depend on where a stretch ends. Boundaries are not padded: padding of 0.2-0.4 s would be as large
as the wait times that are measured from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import VadConfig
from classwatch.core.errors import ModelError
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.progress import Progress, silent
from classwatch.core.speech import SpeechActivity
from classwatch.core.time import Intervals, contains, intervals, normalise
from classwatch.speech.sound import Sound, stretches

WINDOW = 512
"""Samples per decision of the network (32 ms)."""
WINDOW_S = WINDOW / SAMPLE_RATE_HZ
LEVEL_STEP_S = 0.1
SILENCE_DB = -120.0
"""Level given to digital silence instead of minus infinity."""

_CONTEXT = 64
_STRETCH_S = 60.0
_HYSTERESIS = 0.15
_FULL_SCALE = 0.999


def detect_speech(audio: Sound, cfg: VadConfig, progress: Progress = silent) -> SpeechActivity:
    """Speech intervals at window resolution (32 ms, no padding) and the loudness under them.

    Levels are RMS in dBFS per 0.1 s, digital silence being -120 dB. Raises ``ModelError`` when
    the network that ships with faster-whisper cannot be loaded.
    """
    session = _session()
    state = _Network.fresh()
    loudness = _Loudness()
    probabilities: list[NDArray[np.float32]] = []
    for start_s, samples in stretches(audio, _STRETCH_S):
        probability, state = _run(session, samples, state)
        probabilities.append(probability)
        loudness.add(samples)
        progress(min(1.0, (start_s + _STRETCH_S) / audio.duration_s))
    speech = speech_from_probabilities(_joined(probabilities), cfg, audio.duration_s)
    return loudness.activity(speech)


def speech_probabilities(audio: Sound, stretch_s: float = _STRETCH_S) -> NDArray[np.float32]:
    """Speech probability (n,) of every 32 ms window; ``stretch_s`` must be a multiple of it."""
    if round(stretch_s * SAMPLE_RATE_HZ) % WINDOW:
        raise ValueError(f"stretch_s must be a multiple of {WINDOW_S} s, got {stretch_s}")
    session = _session()
    state = _Network.fresh()
    parts: list[NDArray[np.float32]] = []
    for _, samples in stretches(audio, stretch_s):
        probability, state = _run(session, samples, state)
        parts.append(probability)
    return _joined(parts)


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


def _joined(parts: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.concatenate([np.zeros(0, np.float32), *parts])


@dataclass(frozen=True, slots=True, eq=False)
class _Network:
    """Recurrent state and the last samples seen, handed from one stretch to the next."""

    h: NDArray[np.float32]
    c: NDArray[np.float32]
    context: NDArray[np.float32]

    @staticmethod
    def fresh() -> _Network:
        shape = (1, 1, 128)
        return _Network(
            np.zeros(shape, np.float32), np.zeros(shape, np.float32), np.zeros(_CONTEXT, np.float32)
        )


def _run(
    session: Any, samples: NDArray[np.float32], state: _Network
) -> tuple[NDArray[np.float32], _Network]:
    missing = -len(samples) % WINDOW
    padded = np.concatenate([state.context, samples, np.zeros(missing, np.float32)])
    # Every window is seen together with the 64 samples before it, as the network was trained.
    view = np.lib.stride_tricks.sliding_window_view(padded, WINDOW + _CONTEXT)[::WINDOW]
    feed = {"input": np.ascontiguousarray(view, np.float32), "h": state.h, "c": state.c}
    probability, h, c = session.run(None, feed)
    flat: NDArray[np.float32] = np.asarray(probability, np.float32).reshape(-1)
    return flat, _Network(h, c, padded[len(padded) - _CONTEXT :])


@lru_cache(maxsize=1)
def _session() -> Any:
    try:
        from faster_whisper.vad import get_vad_model

        return get_vad_model().session
    except Exception as error:
        raise ModelError(
            f"the voice activity network cannot be loaded: {error}",
            subject="faster-whisper/silero_vad",
            remedy="reinstall faster-whisper, which carries the file in its assets folder",
        ) from error


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
        level = _joined(self.levels)
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
