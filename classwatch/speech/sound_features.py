"""What a second of sound is like, in figures that say how many people make it, and through what.

Every half second gets the figures of the whole second around it: timbre and how much it moves,
loudness and its pauses, pitch and how clear it is, the rhythm of syllables, and the share of each
band (a loudspeaker of a classroom has neither lows nor highs).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.time import Intervals
from classwatch.speech.pitch import PITCH_STEP_S, track_pitch
from classwatch.speech.sound import Sound
from classwatch.speech.spectrum import FFT, flatness, mel_filters, power_spectra
from classwatch.speech.voiceprint import VOICED_PERIODICITY

STEP_S = 0.5
WINDOW_S = 1.0
_FRAME_S = 0.01
_HOP = round(_FRAME_S * SAMPLE_RATE_HZ)
_FRAME = 400
_MELS = 26
_LOW_HZ = 60.0
_CEPSTRA = 12
_STRETCH_S = 10.0
_MARGIN_S = (WINDOW_S - STEP_S) / 2
_BANDS_HZ = (0.0, 200.0, 1000.0, 3400.0, 5500.0, 8000.0)
_RHYTHM_HZ = (1.0, 3.0, 6.0, 12.0, 25.0)
_PAUSE_DB = 15.0
_SEMITONES = 12.0
NAMES = (
    *(f"cepstrum_{k}_mean" for k in range(1, _CEPSTRA + 1)),
    *(f"cepstrum_{k}_spread" for k in range(1, _CEPSTRA + 1)),
    *("level_above_floor_db", "level_spread_db", "level_range_db", "pause_share"),
    *("flux", "flatness", "flatness_spread"),
    *(f"band_{k}_db" for k in range(len(_BANDS_HZ) - 1)),
    *("periodicity", "periodicity_spread", "periodicity_high", "voiced_share"),
    *("pitch_octaves", "pitch_spread", "pitch_jumps"),
    *(f"rhythm_{k}" for k in range(len(_RHYTHM_HZ) - 1)),
)
"""What the columns of ``window_features`` are."""
Array = NDArray[np.float32]
Table = NDArray[np.float32]


def window_features(audio: Sound, floor_db: float, where: Intervals | None = None) -> Table:
    """Figures (n, len(NAMES)) of every ``STEP_S``, each over ``WINDOW_S`` around it.

    ``floor_db`` is the level of the room without speech in dBFS; loudness counts from there.
    Stretches of 10 s without any of ``where`` are not looked at: their rows are NaN.
    """
    steps = int(np.ceil(audio.duration_s / STEP_S))
    table = np.full((steps, len(NAMES)), np.nan, np.float32)
    per = round(_STRETCH_S / STEP_S)
    for first in range(0, steps, per):
        here = slice(first, min(first + per, steps))
        if where is None or _any_within(where, here.start * STEP_S, here.stop * STEP_S):
            table[here] = _stretch(audio, first, here.stop - first, floor_db)
    return table


def _any_within(where: Intervals, start_s: float, end_s: float) -> bool:
    return bool(((where[:, 0] < end_s) & (where[:, 1] > start_s)).any())


def with_surroundings(features: Table) -> Table:
    """Every row with the mean of it and its two neighbours on either side (n, 2 * columns)."""
    if len(features) == 0:
        return np.concatenate([features, features], axis=1)
    looked = np.isfinite(features[:, :1]).astype(np.float32)
    sums = _five(np.where(looked > 0, features, 0.0))
    around = sums / np.maximum(_five(looked), 1.0)
    joined: Table = np.concatenate([features, around], axis=1).astype(np.float32)
    return joined


def _five(values: Table) -> Table:
    """Sum of every row and its two neighbours on either side."""
    padded = np.pad(values, ((2, 2), (0, 0)))
    sums: Table = np.lib.stride_tricks.sliding_window_view(padded, 5, axis=0).sum(axis=-1)
    return sums


def _stretch(audio: Sound, first: int, count: int, floor_db: float) -> Table:
    """Rows ``first`` to ``first + count``; sound beyond the ends of the lesson is silence."""
    start_s, end_s = first * STEP_S - _MARGIN_S, (first + count) * STEP_S + _MARGIN_S
    want = round((end_s - start_s) * SAMPLE_RATE_HZ) + _FRAME - _HOP
    before = round(max(0.0, -start_s) * SAMPLE_RATE_HZ)
    last_s = start_s + want / SAMPLE_RATE_HZ
    read = audio.read(max(0.0, start_s), min(last_s, audio.duration_s))[: want - before]
    samples = np.zeros(want, np.float32)
    samples[before : before + len(read)] = read
    return _windows(samples, count, floor_db)


def _windows(samples: NDArray[np.float32], count: int, floor_db: float) -> Table:
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::_HOP]
    timbre, spectrum, level = _spectra(frames)
    length, step = round(WINDOW_S / _FRAME_S), round(STEP_S / _FRAME_S)
    cepstra = _views(timbre, length, step, count)
    loud = _views(level, length, step, count)
    top = np.percentile(loud, 95, axis=1)
    columns = [
        *cepstra.mean(axis=-1).T,
        *cepstra.std(axis=-1).T,
        np.clip(10 * np.log10((10 ** (loud / 10)).mean(axis=1)) - floor_db, -10.0, 60.0),
        loud.std(axis=1),
        top - np.percentile(loud, 10, axis=1),
        (loud < top[:, None] - _PAUSE_DB).mean(axis=1),
        np.abs(np.diff(cepstra, axis=-1)).mean(axis=(1, 2)),
        *_flatness(spectrum, length, step, count),
        *_shares(spectrum, length, step, count),
        *_pitch(samples, count),
        *_rhythm(loud),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _views(values: Array, length: int, step: int, count: int) -> Array:
    """Windows (count, ..., length) of frames (k, ...)."""
    view: Array = np.lib.stride_tricks.sliding_window_view(values, length, axis=0)[::step][:count]
    return view


def _spectra(frames: NDArray[np.float32]) -> tuple[Array, Array, Array]:
    """Cepstra (k, c), power spectrum (k, bins) and level in dB (k,) of every frame."""
    import scipy.fft

    power = power_spectra(frames) + np.float32(1e-10)
    # No band is quite empty, however narrow: its logarithm is taken.
    filters = mel_filters(_MELS, _LOW_HZ, SAMPLE_RATE_HZ / 2) + np.float32(1e-12)
    mel = np.log(power @ filters)
    cepstra = scipy.fft.dct(mel, type=2, axis=1, norm="ortho")[:, 1 : _CEPSTRA + 1]
    level = 10.0 * np.log10(np.square(frames).mean(axis=1) + 1e-10)
    return cepstra, power, level


def _flatness(power: Array, length: int, step: int, count: int) -> tuple[Array, Array]:
    """Mean and spread of the flatness."""
    windows = _views(flatness(power), length, step, count)
    return windows.mean(axis=1), windows.std(axis=1)


def _shares(power: Array, length: int, step: int, count: int) -> list[Array]:
    """Power of each band against all of it, in dB."""
    hz = np.linspace(0.0, SAMPLE_RATE_HZ / 2, FFT // 2 + 1)
    edges = np.searchsorted(hz, _BANDS_HZ[:-1])
    bands = np.add.reduceat(power, edges, axis=1)
    sums = _views(bands, length, step, count).sum(axis=-1)
    shares = 10.0 * np.log10(sums / sums.sum(axis=1, keepdims=True))
    return list(np.maximum(shares, -60.0).T)


def _pitch(samples: NDArray[np.float32], count: int) -> list[Array]:
    found = track_pitch(samples)
    hz, clear = found.hz, found.periodicity
    length, step = round(WINDOW_S / PITCH_STEP_S), round(STEP_S / PITCH_STEP_S)
    clear = _views(_at_least(clear, count, length, step), length, step, count)
    octave = np.log2(_views(_at_least(hz, count, length, step), length, step, count))
    voiced = clear >= VOICED_PERIODICITY
    number = np.maximum(voiced.sum(axis=1), 1)
    mean = (octave * voiced).sum(axis=1) / number
    spread = np.sqrt((np.square(octave - mean[:, None]) * voiced).sum(axis=1) / number)
    both = voiced[:, 1:] & voiced[:, :-1]
    jumps = (np.abs(np.diff(octave, axis=1)) > 2.0 / _SEMITONES) & both
    return [
        clear.mean(axis=1),
        clear.std(axis=1),
        np.percentile(clear, 90, axis=1),
        voiced.mean(axis=1),
        mean,
        spread,
        jumps.sum(axis=1) / np.maximum(both.sum(axis=1), 1),
    ]


def _at_least(values: Array, count: int, length: int, step: int) -> Array:
    """Values (k,) with the last repeated until ``count`` windows fit."""
    return np.pad(values, (0, max(0, (count - 1) * step + length - len(values))), mode="edge")


def _rhythm(loud: Array) -> list[Array]:
    """Share of the movement of loudness in bands around the rate of syllables."""
    moving = loud - loud.mean(axis=1, keepdims=True)
    power = np.square(np.abs(np.fft.rfft(moving * np.hanning(loud.shape[1]), axis=1)))
    hz = np.fft.rfftfreq(loud.shape[1], _FRAME_S)
    edges = np.searchsorted(hz, _RHYTHM_HZ)
    sums = [power[:, a:b].sum(axis=1) for a, b in pairwise(edges.tolist())]
    whole = np.sum(sums, axis=0) + 1e-9
    return [part / whole for part in sums]
