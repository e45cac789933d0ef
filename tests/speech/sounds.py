"""Sound for tests: samples in memory, recordings of any rate, and reference turns."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.time import Intervals, contains, normalise


class Samples:
    """Samples held in memory; remembers the longest stretch that was asked for."""

    def __init__(self, samples: NDArray[np.floating]) -> None:
        self._samples = np.asarray(samples, np.float32)
        self.longest_read_s = 0.0

    @property
    def duration_s(self) -> float:
        return len(self._samples) / SAMPLE_RATE_HZ

    def read(self, start_s: float, end_s: float) -> NDArray[np.float32]:
        self.longest_read_s = max(self.longest_read_s, end_s - start_s)
        first, last = round(start_s * SAMPLE_RATE_HZ), round(end_s * SAMPLE_RATE_HZ)
        return self._samples[max(first, 0) : max(last, 0)].copy()

    @property
    def samples(self) -> NDArray[np.float32]:
        return self._samples


def recording(path: Path) -> Samples:
    """A sound file as mono at 16 kHz."""
    import scipy.signal
    import soundfile

    samples, rate_hz = soundfile.read(str(path), dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    if rate_hz != SAMPLE_RATE_HZ:
        common = gcd(rate_hz, SAMPLE_RATE_HZ)
        mono = scipy.signal.resample_poly(mono, SAMPLE_RATE_HZ // common, rate_hz // common)
    return Samples(mono)


def sound_of_video(path: Path) -> Samples:
    """The sound of a film whose sound track starts at 0 and has no gaps."""
    import av

    resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE_HZ)
    parts = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            parts += [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
    return Samples(np.concatenate(parts))


@dataclass(frozen=True, slots=True)
class Reference:
    """One line of an RTTM file."""

    start_s: float
    end_s: float
    speaker: str


def read_rttm(path: Path, uri: str = "") -> list[Reference]:
    """Turns of an RTTM file, of one recording where ``uri`` is given."""
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [
        Reference(float(r[3]), float(r[3]) + float(r[4]), r[7]) for r in rows if uri in ("", r[1])
    ]


def frame_error(found: Intervals, truth: Intervals, end_s: float) -> tuple[float, float, float]:
    """Share of 10 ms frames in [0, end_s) that are wrong, missed and falsely found."""
    times_s = np.arange(0.0, end_s, 0.01) + 0.005
    here, there = contains(normalise(found), times_s), contains(normalise(truth), times_s)
    return (
        float((here != there).mean()),
        float((there & ~here).mean()),
        float((here & ~there).mean()),
    )
