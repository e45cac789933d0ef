"""Pitch, and the trace of a second pitch that is left when the first is cancelled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import SAMPLE_RATE_HZ

PITCH_LOW_HZ = 70.0
PITCH_HIGH_HZ = 500.0
PITCH_STEP_S = 0.02

_RATE_HZ = 8_000
_FRAME = 512
_HOP = round(PITCH_STEP_S * _RATE_HZ)
_LOW, _HIGH = int(_RATE_HZ / PITCH_HIGH_HZ), int(_RATE_HZ / PITCH_LOW_HZ)
_RELATED = (1 / 3, 1 / 2, 2 / 3, 1.0, 3 / 2, 2.0, 3.0)
"""Lags near these multiples of the first one are the first voice again."""
_NEARNESS = 0.06
_FIRST_LEAST = 0.5
_TRANSFORM = 640
"""No shorter than a frame and the longest lag together, so that the end never meets the start."""
_NEXT_TO_NOTHING = np.float32(1e-12)
Array = NDArray[np.float32]
"""Single precision: half the time, and a thousand times finer than the figures made from it."""


@dataclass(frozen=True, slots=True, eq=False)
class PitchTrack:
    """Every 20 ms (k,): ``lag`` of the pitch in samples at 8 kHz, and ``periodicity`` in [0, 1].

    ``frames`` (k, 512) is the sound around each.
    """

    frames: Array
    lag: NDArray[np.intp]
    periodicity: Array

    @property
    def hz(self) -> Array:
        """Pitch (k,) in Hz."""
        found: Array = np.float32(_RATE_HZ) / self.lag.astype(np.float32)
        return found

    def second(self) -> Array:
        """Trace (k,) of a second pitch, in [0, 1]; worked out at every call.

        The periodicity of what remains when the first pitch is cancelled by a comb filter
        (de Cheveigne 1993), times the root of the share of energy that remains; 0 where there is
        no first pitch.
        """
        # Noise has no first pitch to cancel, and a second one by chance.
        clear = np.flatnonzero(self.periodicity >= _FIRST_LEAST)
        trace = np.zeros(len(self.lag), np.float32)
        trace[clear] = _second(self.frames[clear], self.lag[clear])
        return trace


def track_pitch(samples: NDArray[np.float32]) -> PitchTrack:
    """Pitch of ``samples`` at 16 kHz.

    The highest peak of the autocorrelation normalised by the energies of both halves (Boersma
    1993 divides by the window's autocorrelation instead); a shorter lag wins over its multiples
    where it is nearly as high.
    """
    import scipy.signal

    slow = scipy.signal.resample_poly(samples.astype(np.float32), _RATE_HZ, SAMPLE_RATE_HZ)
    slow = np.pad(slow, (0, max(0, _FRAME - len(slow))))
    frames = np.lib.stride_tricks.sliding_window_view(slow, _FRAME)[::_HOP]
    frames = frames - frames.mean(axis=1, keepdims=True)
    score = _autocorrelation(frames)
    # A voice is also periodic at twice its period: a slight slope prefers the shorter lag.
    slope = 1.0 - 0.15 * np.arange(_HIGH + 1 - _LOW, dtype=np.float32) / (_HIGH - _LOW)
    best = (score[:, _LOW:] * slope).argmax(axis=1) + _LOW
    rows = np.arange(len(best))
    return PitchTrack(frames, best, np.clip(score[rows, best], 0.0, 1.0))


def _autocorrelation(frames: Array) -> Array:
    """Normalised autocorrelation (k, lags 0 to the longest) of every frame."""
    import scipy.fft

    length = frames.shape[1]
    transform = scipy.fft.rfft(frames, _TRANSFORM, axis=1)
    power = np.square(transform.real) + np.square(transform.imag)
    raw = scipy.fft.irfft(power, _TRANSFORM, axis=1)[:, : _HIGH + 1]
    squares = np.square(frames)
    whole = squares.sum(axis=1, keepdims=True)
    # What is lost at either end with every lag more, so that no long sums are kept.
    head = whole - _sums(squares[:, length - _HIGH :][:, ::-1])
    tail = whole - _sums(squares[:, :_HIGH])
    both = np.maximum(head, 0.0) * np.maximum(tail, 0.0)
    score: Array = raw / np.sqrt(both + _NEXT_TO_NOTHING)
    return score


def _sums(values: Array) -> Array:
    """Sums (k, n + 1) of the first 0, 1, ... n of ``values`` (k, n)."""
    sums: Array = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    return sums


def _second(frames: Array, lag: NDArray[np.intp]) -> Array:
    delayed = np.take_along_axis(frames, np.arange(_HIGH, _FRAME) - lag[:, None], axis=1)
    rest = frames[:, _HIGH:] - delayed
    energy = np.square(frames).mean(axis=1)
    left = np.clip(np.square(rest).mean(axis=1) / (2.0 * energy + 1e-12), 0.0, 1.0)
    score = _autocorrelation(rest)[:, _LOW:]
    ratio = np.arange(_LOW, _HIGH + 1) / lag[:, None]
    for related in _RELATED:
        score[np.abs(ratio / related - 1.0) < _NEARNESS] = 0.0
    second: Array = np.clip(score.max(axis=1), 0.0, 1.0) * np.sqrt(left)
    return second
