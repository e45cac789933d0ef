"""The features that FunASR's models hear: Kaldi filter banks, stacked and normalised.

Kaldi's ``compute-fbank-feats`` as FunASR configures it (80 bands, 25 ms every 10 ms, Hamming
window, no dither, edges snipped, samples as 16-bit numbers), seven frames stacked every six (low
frame rate, Gao et al. 2022, Paraformer, section 4.1), then the model's own shift and scale.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import ModelError
from classwatch.core.media import SAMPLE_RATE_HZ

BANDS = 80
STACKED = 7
STRIDE = 6
STEP_S = 0.01 * STRIDE
"""Time from one stacked frame to the next."""
_WINDOW, _HOP, _FFT = 400, 160, 512
_PREEMPHASIS = 0.97
_LOWEST_HZ = 20.0
_FULL_SCALE = 32768.0
HAMMING = np.hamming(_WINDOW)
POVEY = np.hanning(_WINDOW) ** 0.85
"""Kaldi's own window (feature-window.cc), which is what it takes unless told otherwise."""


def filter_banks(
    samples: NDArray[np.float32],
    scale: float = _FULL_SCALE,
    window: NDArray[np.float64] = HAMMING,
) -> NDArray[np.float32]:
    """Log energies (frames, 80) of samples (n,) in [-1, 1]; no frame below 25 ms of sound.

    ``scale`` is what full scale becomes; ``window`` (400,) weighs the samples of a frame.
    """
    count = 1 + (len(samples) - _WINDOW) // _HOP if len(samples) >= _WINDOW else 0
    if count == 0:
        return np.zeros((0, BANDS), np.float32)
    scaled = samples.astype(np.float64) * scale
    frames = np.lib.stride_tricks.sliding_window_view(scaled, _WINDOW)[::_HOP][:count]
    frames = frames - frames.mean(axis=1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    frames = (frames - _PREEMPHASIS * before) * window
    power = np.abs(np.fft.rfft(frames, _FFT)) ** 2
    energies = power[:, : _FFT // 2] @ _mel_bank().T
    return np.log(np.maximum(energies, np.finfo(np.float32).eps)).astype(np.float32)


def stack(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Seven frames (n, 80) side by side every six: (ceil(n / 6), 560), ends repeated."""
    count = -(-len(features) // STRIDE)
    if count == 0:
        return np.zeros((0, STACKED * features.shape[1]), np.float32)
    before = STACKED // 2
    # The last frame stands in wherever a stack would reach past the end.
    at = np.arange(count)[:, None] * STRIDE + np.arange(STACKED)[None, :] - before
    stacked: NDArray[np.float32] = features[np.clip(at, 0, len(features) - 1)].reshape(count, -1)
    return stacked


def read_cmvn(path: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Shift and scale (560,) from FunASR's ``am.mvn``; ``ModelError`` when damaged."""
    found = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        for mark in ("<AddShift>", "<Rescale>"):
            row = next(i for i, line in enumerate(lines) if line.startswith(mark))
            inside = lines[row + 1].partition("[")[2].partition("]")[0]
            found.append(np.array([float(v) for v in inside.split()], np.float32))
    except (OSError, ValueError, StopIteration, IndexError) as error:
        raise ModelError(
            f"holds no shift and scale: {type(error).__name__}",
            subject=str(path),
            remedy="import the model's folder again",
        ) from error
    return found[0], found[1]


@cache
def _mel_bank() -> NDArray[np.float64]:
    """Triangles (80, 256) on Kaldi's mel scale from 20 Hz to half the sampling rate."""

    def mel(hz: NDArray[np.float64] | float) -> NDArray[np.float64]:
        return 1127.0 * np.log1p(np.asarray(hz, np.float64) / 700.0)

    edges = np.linspace(mel(_LOWEST_HZ), mel(SAMPLE_RATE_HZ / 2), BANDS + 2)
    at = mel(np.arange(_FFT // 2) * SAMPLE_RATE_HZ / _FFT)
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (at - left) / (centre - left), (right - at) / (right - centre)
    bank: NDArray[np.float64] = np.maximum(0.0, np.minimum(rising, falling))
    return bank
