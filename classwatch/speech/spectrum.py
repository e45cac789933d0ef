"""Parts of the spectrum that several figures of voices and of sounds are made from."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import SAMPLE_RATE_HZ

FFT = 512
"""Samples of the transform behind every power spectrum here."""
_BODY = slice(6, 128)
Array = NDArray[np.float32]


@cache
def mel_filters(bands: int, low_hz: float, high_hz: float) -> Array:
    """Triangular filters (fft bins, bands) from ``low_hz`` to ``high_hz`` on the HTK mel scale.

    Equal to ``librosa.filters.mel(htk=True, norm=None)``; written out because importing librosa
    for these lines takes seconds and 150 MB in every lesson's process.
    """
    low_mel, high_mel = (2595.0 * np.log10(1.0 + hz / 700.0) for hz in (low_hz, high_hz))
    mels = np.linspace(low_mel, high_mel, bands + 2)
    corners_hz = 700.0 * (10.0 ** (mels / 2595.0) - 1.0)
    bins_hz = np.linspace(0.0, SAMPLE_RATE_HZ / 2, FFT // 2 + 1)[:, None]
    left, top, right = corners_hz[:-2], corners_hz[1:-1], corners_hz[2:]
    rising, falling = (bins_hz - left) / (top - left), (right - bins_hz) / (right - top)
    return np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)


def flatness(power: Array) -> Array:
    """Geometric over arithmetic mean (k,) of power spectra (k, fft bins), 200 Hz to 4 kHz."""
    body = power[:, _BODY]
    flat: Array = np.exp(np.log(body).mean(axis=1)) / body.mean(axis=1)
    return flat


def power_spectra(frames: Array) -> Array:
    """Power (k, fft bins) of sound frames (k, n) under a Hann window."""
    import scipy.fft

    window = np.hanning(frames.shape[1]).astype(np.float32)
    spectrum = scipy.fft.rfft(frames * window, FFT, axis=1)
    power: Array = np.square(spectrum.real) + np.square(spectrum.imag)
    return power
