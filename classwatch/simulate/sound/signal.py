"""Small signal tools: levels, resampling, fades, and where a dry signal has sound."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import SAMPLE_RATE_HZ

Samples = NDArray[np.float32]
"""Mono sound (n,), full scale 1."""

PAUSE_S = 0.2
"""A quieter stretch longer than this splits a voiced stretch in two."""

_FRAME_S = 0.01
_QUIET_DB = 32.0
"""Frames this far under the loud ones are a pause; speech itself spans about 30 dB."""
_MAX_DENOMINATOR = 300
"""Rates are kept to 1 part in 10^5 and the resampling filter stays short."""


def gain(level_db: float) -> float:
    """Factor on the amplitude that a level in dB stands for."""
    return float(10.0 ** (level_db / 20.0))


def rms(samples: Samples) -> float:
    """Root mean square of (n,) samples; 0 for none."""
    if len(samples) == 0:
        return 0.0
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def decibels(amplitude: float) -> float:
    """Level of an amplitude against full scale, at least -200 dB."""
    return float(20.0 * np.log10(max(amplitude, 1e-10)))


def resample(samples: Samples, factor: float) -> Samples:
    """``samples`` made ``factor`` times as long by a polyphase filter, pitch moving with it."""
    from scipy.signal import resample_poly

    ratio = Fraction(factor).limit_denominator(_MAX_DENOMINATOR)
    if ratio == 1 or len(samples) == 0:
        return samples
    longer: Samples = resample_poly(
        samples.astype(np.float64), ratio.numerator, ratio.denominator
    ).astype(np.float32)
    return longer


def fade(samples: Samples, length_s: float) -> Samples:
    """The same sound with a linear fade of ``length_s`` at both ends."""
    count = min(round(length_s * SAMPLE_RATE_HZ), len(samples) // 2)
    if count == 0:
        return samples
    ramp = (np.arange(count, dtype=np.float32) + 1) / (count + 1)
    faded = samples.copy()
    faded[:count] *= ramp
    faded[len(faded) - count :] *= ramp[::-1]
    return faded


def band(samples: Samples, low_hz: float, high_hz: float, order: int = 4) -> Samples:
    """``samples`` between two frequencies (Butterworth, ``order`` per edge)."""
    from scipy.signal import butter, sosfilt

    sections = butter(order, [low_hz, high_hz], "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    passed: Samples = sosfilt(sections, samples).astype(np.float32)
    return passed


def voiced(samples: Samples, pause_s: float = PAUSE_S) -> tuple[tuple[int, int], ...]:
    """Half-open sample ranges with sound, ascending, split at pauses longer than ``pause_s``.

    Energy-based, for dry signals: frames of 10 ms within 32 dB of the 95th percentile of those
    that are not silent.
    """
    frame = round(_FRAME_S * SAMPLE_RATE_HZ)
    count = len(samples) // frame
    if count == 0:
        return ()
    energy = np.square(samples[: count * frame], dtype=np.float64).reshape(count, frame).mean(1)
    audible = energy[energy > 1e-12]
    if len(audible) == 0:
        return ()
    loud = np.flatnonzero(energy > np.percentile(audible, 95) * 10 ** (-_QUIET_DB / 10))
    cuts = np.flatnonzero(np.diff(loud) > round(pause_s / _FRAME_S))
    firsts = loud[np.concatenate([[0], cuts + 1])] * frame
    lasts = (loud[np.concatenate([cuts, [len(loud) - 1]])] + 1) * frame
    return tuple(zip(firsts.tolist(), lasts.tolist(), strict=True))


def level_speech(samples: Samples, target_rms: float) -> Samples:
    """``samples`` scaled so that their voiced stretches have ``target_rms``."""
    loud = np.concatenate([np.zeros(0, np.float32), *(samples[a:b] for a, b in voiced(samples))])
    now = rms(loud)
    return samples if now == 0.0 else samples * np.float32(target_rms / now)
