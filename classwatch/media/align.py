"""How far one recording of a lesson lies behind another, found by what both heard.

Coarse first: onsets in a few bands of both sounds, correlated over all shifts at once. An onset is
a rise of a band's level, so a microphone's response and a steady noise play no part. Then fine:
generalised cross-correlation with phase transform (Knapp and Carter 1976) at many places along the
recordings, through which a line is laid: its height is the shift, its slope the drift of one
recorder's clock against the other's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.store.audio import AudioFile

_HOP_S = 0.01
_HOP = round(_HOP_S * SAMPLE_RATE_HZ)
_WINDOW = 400
_BANDS_HZ = ((120, 400), (400, 900), (900, 1800), (1800, 3500), (3500, 7000))
_BLOCK_S = 60.0
_MIN_COMMON_S = 5.0
"""Recordings that have less than this in common are not put together."""
_CANDIDATES = 5
_APART_S = 1.0
_MIN_COARSE = 6.0
"""Least height of a coarse peak over chance, in standard deviations of chance."""
_CLEAR_COARSE = 12.0
"""Height from which the onsets alone are believed."""
_PIECE_S = 8.0
_MAX_PIECES = 60
_REACH_S = 0.75
"""How far from the coarse shift a piece may lie: 300 ppm of drift over 45 minutes, and more."""
_MIN_FINE = 8.0
"""Least power of a fine peak, in medians of the curve's power."""
_AGREE_S = 0.02
_MIN_AGREEING = 3
_MIN_AGREEING_SHARE = 0.3
_MIN_DRIFT_SPAN_S = 120.0
"""Over a shorter stretch the slope of the line is noise."""
_MAX_DRIFT_PPM = 1000.0


@dataclass(frozen=True, slots=True)
class Shift:
    """Where a recording lies on the clock of the reference.

    Its time t is the reference's ``shift_s + t * (1 + drift_ppm / 1e6)``. ``confidence`` in [0, 1]
    is the share of places along the recordings that agree, to 20 ms; ``spread_s`` the median
    distance of those from the line; ``places`` how many were compared (0: onsets alone).
    """

    shift_s: float
    drift_ppm: float
    confidence: float
    spread_s: float
    places: int


def find_shift(reference: AudioFile, other: AudioFile) -> Shift | None:
    """The shift of ``other`` against ``reference``; ``None`` where they share too little sound.

    Memory is a few megabytes an hour. Raises ``DataError`` where a sound is damaged.
    """
    left, right = _onsets(reference), _onsets(other)
    best: Shift | None = None
    for coarse_s, height in _coarse(left, right):
        found = _fine(reference, other, coarse_s)
        if found is not None and (best is None or found.confidence > best.confidence):
            best = found
        if best is None and height >= _CLEAR_COARSE:
            best = Shift(coarse_s, 0.0, 0.5, _HOP_S, 0)
    return best


def _onsets(audio: AudioFile) -> NDArray[np.float32]:
    """Rises of level (b, n) in b bands at steps of 10 ms, each band with mean 0 and variance 1."""
    parts = [_levels(samples) for samples in _whole_steps(audio)]
    levels = np.concatenate([np.zeros((len(_BANDS_HZ), 0), np.float32), *parts], axis=1)
    if levels.shape[1] < 3:
        return np.zeros((len(_BANDS_HZ), 0), np.float32)
    floor = np.maximum(np.percentile(levels, 20, axis=1, keepdims=True), 1e-10)
    loud = np.log(levels + floor)
    rises = np.maximum(loud[:, 2:] - loud[:, :-2], 0.0)
    rises -= rises.mean(axis=1, keepdims=True)
    return np.asarray(rises / np.maximum(rises.std(axis=1, keepdims=True), 1e-6), np.float32)


def _whole_steps(audio: AudioFile) -> Iterator[NDArray[np.float32]]:
    """Blocks that overlap by what a window reaches over its step, so steps run on evenly."""
    reach_s = (_WINDOW - _HOP) / SAMPLE_RATE_HZ
    for _, samples in audio.blocks(_BLOCK_S + reach_s, reach_s):
        if len(samples) >= _WINDOW:
            yield samples


def _levels(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW).astype(np.float32), axis=1)) ** 2
    hz = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE_HZ)
    bands = [power[:, (hz >= low) & (hz < high)].sum(axis=1) for low, high in _BANDS_HZ]
    return np.asarray(bands, np.float32)


def _coarse(left: NDArray[np.float32], right: NDArray[np.float32]) -> Iterator[tuple[float, float]]:
    """Shifts in seconds with their height over chance, highest first."""
    n, m = left.shape[1], right.shape[1]
    common = round(_MIN_COMMON_S / _HOP_S)
    if min(n, m) < common:
        return
    size = 1 << (n + m).bit_length()
    spectrum = (np.fft.rfft(left, size, axis=1) * np.conj(np.fft.rfft(right, size, axis=1))).sum(0)
    curve = np.roll(np.fft.irfft(spectrum, size), m - 1)[: n + m - 1]
    lag = np.arange(-(m - 1), n)
    shared = np.minimum(n, lag + m) - np.maximum(0, lag)
    # Chance adds up like a random walk, so a short overlap is not favoured.
    height = np.where(shared >= common, curve / np.sqrt(np.maximum(shared, 1)), -np.inf)
    height /= max(float(np.std(height[np.isfinite(height)])), 1e-9)
    for _ in range(_CANDIDATES):
        top = int(np.argmax(height))
        if height[top] < _MIN_COARSE:
            return
        yield float(lag[top]) * _HOP_S, float(height[top])
        near = round(_APART_S / _HOP_S)
        height[max(0, top - near) : top + near + 1] = -np.inf


def _fine(reference: AudioFile, other: AudioFile, coarse_s: float) -> Shift | None:
    start_s = max(0.0, -coarse_s)
    end_s = min(other.duration_s, reference.duration_s - coarse_s)
    piece_s = min(_PIECE_S, (end_s - start_s) / _MIN_AGREEING)
    if piece_s * _MIN_AGREEING < _MIN_COMMON_S:
        return None
    count = int(min(_MAX_PIECES, (end_s - start_s) / piece_s))
    starts = np.linspace(start_s, end_s - piece_s, count)
    rows = [(t + piece_s / 2, _piece(reference, other, coarse_s, (t, piece_s))) for t in starts]
    found = np.asarray([(t, coarse_s + d) for t, d in rows if d is not None]).reshape(-1, 2)
    if len(found) < _MIN_AGREEING:
        return None
    return _line(found)


def _piece(
    reference: AudioFile, other: AudioFile, coarse_s: float, piece: tuple[float, float]
) -> float | None:
    """How far the piece (start, length) of ``other`` lies from the coarse shift, if it tells."""
    start_s, length_s = piece
    own = other.read(start_s, start_s + length_s)
    first_s = start_s + coarse_s - _REACH_S
    theirs = reference.read(max(0.0, first_s), first_s + length_s + 2 * _REACH_S)
    missing = round(max(0.0, -first_s) * SAMPLE_RATE_HZ)
    theirs = np.concatenate([np.zeros(missing, np.float32), theirs])
    size = 1 << (len(own) + len(theirs)).bit_length()
    spectrum = np.fft.rfft(theirs, size) * np.conj(np.fft.rfft(own, size))
    hz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
    strength = np.abs(spectrum)
    heard = (hz >= 150) & (hz <= 6000) & (strength > 0)
    white = np.where(heard, spectrum / np.maximum(strength, 1e-20), 0.0)
    curve = np.fft.irfft(white, size)[: round(2 * _REACH_S * SAMPLE_RATE_HZ)]
    # Two rooms' echoes put the peak anywhere in a few milliseconds: take the middle of the energy.
    smooth = np.convolve(curve**2, np.hanning(33), mode="same")
    top = int(np.argmax(smooth))
    if smooth[top] < _MIN_FINE * float(np.median(smooth)):
        return None
    return top / SAMPLE_RATE_HZ - _REACH_S


def _line(found: NDArray[np.float64]) -> Shift | None:
    """The line through most of the points (n, 2) of time and shift; Theil-Sen, then inliers."""
    times, shifts = found[:, 0], found[:, 1]
    slope = _slope(times, shifts)
    level = _mode(shifts - slope * times)
    agree = np.abs(shifts - slope * times - level) <= _AGREE_S
    share = float(agree.mean())
    if agree.sum() < _MIN_AGREEING or share < _MIN_AGREEING_SHARE:
        return None
    if slope and np.ptp(times[agree]) >= _MIN_DRIFT_SPAN_S:
        slope, level = (float(c) for c in np.polyfit(times[agree], shifts[agree], 1))
    else:
        level = float(np.median((shifts - slope * times)[agree]))
    spread_s = float(np.median(np.abs(shifts - slope * times - level)[agree]))
    return Shift(
        round(level, 4), round(slope * 1e6, 1), round(share, 3), round(spread_s, 4), len(found)
    )


def _slope(times: NDArray[np.float64], shifts: NDArray[np.float64]) -> float:
    """Slope that most pairs of places share, 0 where none can be told."""
    one, other = np.triu_indices(len(times), 1)
    apart = times[other] - times[one]
    far = apart >= _MIN_DRIFT_SPAN_S / 2
    if np.ptp(times) < _MIN_DRIFT_SPAN_S or not far.any():
        return 0.0
    slopes = (shifts[other] - shifts[one])[far] / apart[far]
    likely = slopes[np.abs(slopes) <= _MAX_DRIFT_PPM / 1e6]
    return float(np.median(likely)) if len(likely) else 0.0


def _mode(values: NDArray[np.float64]) -> float:
    """The value with the most others within the agreed distance."""
    near = np.abs(values[:, None] - values[None]) <= _AGREE_S
    return float(np.median(values[near[int(np.argmax(near.sum(axis=1)))]]))
