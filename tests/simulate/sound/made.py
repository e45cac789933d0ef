"""Scripts for the tests of sound, and measuring tools that owe nothing to the package."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.script import Script
from classwatch.simulate.sound.mix import Mix, mix
from classwatch.simulate.sound.places import places_of
from classwatch.simulate.sound.speak import Speaker, SpokenSound
from classwatch.simulate.timeline import Timeline, resolve

RATE = 16000
PEOPLE: list[dict[str, Any]] = [
    {"id": "t", "kind": "teacher"},
    {"id": "a", "kind": "adult"},
    *(
        {"id": f"s{i}", "kind": "student", "seat": f"r{1 + i // 3}c{1 + 2 * (i % 3)}"}
        for i in range(6)
    ),
]


def script(**parts: Any) -> Script:
    """A script with a teacher, a second adult and six students, and what ``parts`` add."""
    base: dict[str, Any] = {
        "lesson_id": "made",
        "seed": 5,
        "people": PEOPLE,
        "phases": [{"kind": "dialogue", "start": 0}],
    }
    return Script.model_validate({**base, **parts})


def said(speaker: Any, text: str, name: str = "u1", **more: Any) -> dict[str, Any]:
    return {"id": name, "speaker": speaker, "text": text, **more}


def produced(lesson: Script) -> tuple[Timeline, dict[str, SpokenSound], Mix]:
    """A script all the way to tracks."""
    speaker = Speaker(lesson)
    spoken = {u.id: speaker.utterance(u) for u in lesson.utterances}
    timeline = resolve(lesson, {name: s.spoken for name, s in spoken.items()})
    return timeline, spoken, mix(timeline, spoken, places_of(timeline), speaker)


def level_db(samples: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.mean(np.asarray(samples, np.float64) ** 2) + 1e-20))


def cut(samples: NDArray[np.float32], start_s: float, end_s: float) -> NDArray[np.float32]:
    return samples[round(start_s * RATE) : round(end_s * RATE)]


def median_f0_hz(samples: NDArray[np.float32], low_hz: float = 70, high_hz: float = 480) -> float:
    """Median over voiced frames of 50 ms of the strongest peak of the autocorrelation."""
    size, found = 800, []
    loud = np.mean(np.square(samples)) * 0.3
    for first in range(0, len(samples) - size, 160):
        frame = samples[first : first + size].astype(np.float64)
        if np.mean(frame**2) < loud:
            continue
        frame = frame * np.hanning(size)
        correlation = np.correlate(frame, frame, "full")[size - 1 :]
        low, high = int(RATE / high_hz), int(RATE / low_hz)
        lag = low + int(correlation[low:high].argmax())
        if correlation[lag] > 0.5 * correlation[0]:
            found.append(RATE / lag)
    return float(np.median(found))


def spectrum_db(samples: NDArray[np.float32], size: int = 1024) -> NDArray[np.float64]:
    """Long-term power spectrum (size/2 + 1,) in dB, Hann windows, half overlapping."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[:: size // 2]
    power = np.mean(np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)) ** 2, axis=0)
    return 10 * np.log10(power + 1e-20)


def band_db(samples: NDArray[np.float32], low_hz: float, high_hz: float) -> float:
    """Mean power in a band, dB."""
    spectrum = 10 ** (spectrum_db(samples) / 10)
    hz = np.fft.rfftfreq(1024, 1 / RATE)
    return float(10 * np.log10(spectrum[(hz >= low_hz) & (hz < high_hz)].mean()))
