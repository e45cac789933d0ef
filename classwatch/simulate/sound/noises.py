"""Short sounds of a classroom and the steady noise under everything, made from the seed."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.simulate.script import NoiseKind
from classwatch.simulate.sound.signal import Samples, band, fade, gain, rms

_LEVEL_DB = {
    NoiseKind.CHAIR: 2.0,
    NoiseKind.TAP: 2.0,
    NoiseKind.CLICK: -4.0,
    NoiseKind.DOOR: 6.0,
    NoiseKind.PAPER: -8.0,
    NoiseKind.BELL: 6.0,
}
"""Over the loud part, against a teacher's ordinary voice at one metre."""

_VENTILATION_HZ, _VENTILATION_SHARE = 400.0, 0.94
_HISS_SHARE = 0.02
_HUM_HZ, _HUM_SHARE = 100.0, 0.04
"""Shares of the steady noise's power."""
_CHUNK = 60 * SAMPLE_RATE_HZ


def short_noise(kind: NoiseKind, rng: np.random.Generator, reference_rms: float) -> Samples:
    """A dry sound of at most 0.9 s, as loud as its kind is against speech of ``reference_rms``."""
    makers = {
        NoiseKind.CHAIR: _chair,
        NoiseKind.TAP: _taps,
        NoiseKind.CLICK: _click,
        NoiseKind.DOOR: _door,
        NoiseKind.PAPER: _paper,
        NoiseKind.BELL: _bell,
    }
    made = fade(makers[kind](rng), 0.002)
    loud = made[np.abs(made) > 0.1 * np.abs(made).max()]
    return made * np.float32(reference_rms * gain(_LEVEL_DB[kind]) / rms(loud))


def add_steady_noise(track: Samples, level_rms: float, rng: np.random.Generator) -> None:
    """Add ventilation, hiss and mains hum of ``level_rms`` together to ``track`` (n,), in place.

    The power of each share is exact in expectation: filtered noise is scaled by the energy of the
    filter's response. Works in chunks, so that memory does not grow with the lesson.
    """
    from scipy.signal import butter, sosfilt

    sections = butter(2, _VENTILATION_HZ, fs=SAMPLE_RATE_HZ, output="sos")
    click = np.zeros(SAMPLE_RATE_HZ)
    click[0] = 1.0
    through = math.sqrt(float(np.sum(sosfilt(sections, click) ** 2)))
    air = level_rms * math.sqrt(_VENTILATION_SHARE) / through
    hiss = level_rms * math.sqrt(_HISS_SHARE)
    hum = level_rms * math.sqrt(2.0 * _HUM_SHARE)
    state = np.zeros((len(sections), 2))
    phase = float(rng.uniform(0.0, 2.0 * math.pi))
    for first in range(0, len(track), _CHUNK):
        count = min(_CHUNK, len(track) - first)
        rumble, state = sosfilt(sections, rng.standard_normal(count), zi=state)
        turn = 2.0 * math.pi * _HUM_HZ / SAMPLE_RATE_HZ
        wave = np.sin(phase + turn * (first + np.arange(count)))
        noise = air * rumble + hiss * rng.standard_normal(count) + hum * wave
        track[first : first + count] += noise.astype(np.float32)


def music(duration_s: float, rng: np.random.Generator) -> Samples:
    """Chords of plucked tones, one every 0.6 s, over a slow walk of four chords; RMS about 0.1."""
    roots_hz = (261.6, 220.0, 174.6, 196.0)
    made = np.zeros(round(duration_s * SAMPLE_RATE_HZ), np.float64)
    step = round(0.6 * SAMPLE_RATE_HZ)
    for index, first in enumerate(range(0, len(made), step)):
        root_hz = roots_hz[(index // 4) % len(roots_hz)]
        ratio = float(rng.choice([1.0, 1.25, 1.5, 2.0]))
        tones = [root_hz, root_hz * 1.25, root_hz * 1.5, 2.0 * root_hz * ratio]
        note = np.sum([_tone(hz, 1.2, 0.4) for hz in tones], axis=0)
        last = min(len(made), first + len(note))
        made[first:last] += note[: last - first]
    return fade((made * 0.1 / max(rms(made.astype(np.float32)), 1e-9)).astype(np.float32), 0.05)


def _tone(hz: float, length_s: float, decay_s: float) -> NDArray[np.float64]:
    time_s = np.arange(round(length_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    wave = sum(np.sin(2 * np.pi * hz * k * time_s) / k**1.5 for k in (1, 2, 3, 4, 5))
    shaped: NDArray[np.float64] = wave * np.exp(-time_s / decay_s)
    return shaped


def _white(rng: np.random.Generator, length_s: float) -> Samples:
    return rng.standard_normal(round(length_s * SAMPLE_RATE_HZ), dtype=np.float32)


def _decay(samples: Samples, decay_s: float) -> Samples:
    time_s = np.arange(len(samples), dtype=np.float32) / SAMPLE_RATE_HZ
    return samples * np.exp(-time_s / np.float32(decay_s))


def _chair(rng: np.random.Generator) -> Samples:
    """Wood on stone: noise in a few narrow bands, stuttering."""
    length_s = float(rng.uniform(0.35, 0.8))
    noise = _white(rng, length_s)
    low_hz = float(rng.uniform(250.0, 500.0))
    made = band(noise, low_hz, 2.2 * low_hz, 2) + 0.5 * band(noise, 5 * low_hz, 7 * low_hz, 2)
    time_s = np.arange(len(made)) / SAMPLE_RATE_HZ
    stutter = 0.6 + 0.4 * np.sign(np.sin(2 * np.pi * float(rng.uniform(18.0, 40.0)) * time_s))
    return (made * stutter * np.hanning(len(made))).astype(np.float32)


def _taps(rng: np.random.Generator) -> Samples:
    """Chalk on a board: three to five short knocks, each with the stroke after it."""
    made = np.zeros(round(0.9 * SAMPLE_RATE_HZ), np.float32)
    for index in range(int(rng.integers(3, 6))):
        knock = _decay(band(_white(rng, 0.03), 1200.0, 4500.0, 2), 0.005)
        stroke = 0.06 * band(_white(rng, 0.09), 2500.0, 6500.0, 2)
        first = round((0.16 * index + float(rng.uniform(0.0, 0.03))) * SAMPLE_RATE_HZ)
        for sound, at in ((knock, first), (stroke, first + len(knock) // 2)):
            made[at : at + len(sound)] += sound[: len(made) - at]
    return made


def _click(rng: np.random.Generator) -> Samples:
    return _decay(band(_white(rng, float(rng.uniform(0.02, 0.04))), 1500.0, 7000.0, 2), 0.004)


def _door(rng: np.random.Generator) -> Samples:
    """A latch, then the thud."""
    thud = _decay(band(_white(rng, 0.5), 50.0, 300.0, 2), 0.08)
    latch = 0.3 * _decay(band(_white(rng, 0.1), 1000.0, 5000.0, 2), 0.01)
    made = np.zeros(round(0.65 * SAMPLE_RATE_HZ), np.float32)
    made[: len(latch)] += latch
    at = round(0.12 * SAMPLE_RATE_HZ)
    made[at : at + len(thud)] += thud
    return made


def _paper(rng: np.random.Generator) -> Samples:
    """Rustling: high noise that comes and goes irregularly."""
    length_s = float(rng.uniform(0.4, 0.9))
    noise = band(_white(rng, length_s), 1500.0, 7500.0, 2)
    knots = rng.uniform(0.0, 1.0, max(4, round(length_s * 25))) ** 3
    envelope = np.interp(np.linspace(0, len(knots) - 1, len(noise)), np.arange(len(knots)), knots)
    return (noise * envelope * np.hanning(len(noise))).astype(np.float32)


def _bell(rng: np.random.Generator) -> Samples:
    """An electric bell: partials of a struck cup, hit about 20 times a second."""
    hits_hz = float(rng.uniform(17.0, 23.0))
    base_hz = float(rng.uniform(900.0, 1300.0))
    time_s = np.arange(round(0.9 * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    ring = sum(np.sin(2 * np.pi * base_hz * k * time_s) / k for k in (1.0, 2.4, 3.9, 5.4))
    return (ring * (0.5 + 0.5 * np.exp(-((time_s * hits_hz) % 1.0) * 2.0))).astype(np.float32)
