"""What a voice sounds like, as sums: enough to compare and to merge, and never a print on disk.

Speech is cut into cells of about ``hop_s``. Of every cell only *sufficient statistics* are kept
(count, sum and sum of products of its cepstral frames, and the same of log pitch), so memory is a
few kB per cell, joining two cells is an addition, and a Gaussian likelihood is exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.progress import Progress
from classwatch.core.speech import SpeechActivity
from classwatch.core.time import Intervals
from classwatch.speech.pitch import PITCH_STEP_S, track_pitch
from classwatch.speech.sound import Sound
from classwatch.speech.spectrum import flatness, mel_filters, power_spectra

CEPSTRA = 16
"""Mel cepstra 1 to 16; the zeroth is loudness, which is distance and not voice."""
FRAME_S = 0.01
VOICED_PERIODICITY = 0.6
"""Normalised autocorrelation above which a frame has a pitch."""

_HOP = round(FRAME_S * SAMPLE_RATE_HZ)
_WINDOW = 400
_MELS = 32
_LOW_HZ, _HIGH_HZ = 100.0, 7600.0
_QUIET_DB = 25.0
_LONGEST_RUN_S = 30.0
Array = NDArray[np.float64]
Figures = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Statistics of n cells of speech, in order of time.

    ``span`` (n, 2) seconds, disjoint; ``run`` (n,) int32 the speech interval a cell belongs to;
    ``count``/``total``/``product`` (n,), (n, d), (n, d, d) of the cepstral frames;
    ``pitch`` (n, 3) count, sum and sum of squares of log2 pitch (Hz) over voiced frames;
    ``sound`` (n, 6): level dB, its standard deviation, voiced share, periodicity, flatness, and the
    trace of a second pitch (``speech.pitch``).
    """

    span: Intervals
    run: NDArray[np.int32]
    count: Array
    total: Array
    product: Array
    pitch: Array
    sound: Array

    def __len__(self) -> int:
        return len(self.count)

    def part(self, where: slice) -> Cells:
        """The cells in ``where``; the arrays are views, so writing to them writes to these."""
        return Cells(
            span=self.span[where],
            run=self.run[where],
            count=self.count[where],
            total=self.total[where],
            product=self.product[where],
            pitch=self.pitch[where],
            sound=self.sound[where],
        )


def measure_cells(
    audio: Sound, activity: SpeechActivity, cell_s: float, progress: Progress
) -> Cells:
    """Statistics of every cell of about ``cell_s`` inside the speech of ``activity``."""
    plan = list(_plan(activity.speech, cell_s))
    cells = _empty(sum(len(edges_s) - 1 for _, _, edges_s, _ in plan))
    first = 0
    for start_s, end_s, edges_s, run in plan:
        here = slice(first, first + len(edges_s) - 1)
        _measure(audio.read(start_s, end_s), edges_s - start_s, cells.part(here))
        cells.span[here] = np.stack([edges_s[:-1], edges_s[1:]], axis=1)
        cells.run[here] = run
        first = here.stop
        progress(min(1.0, end_s / audio.duration_s))
    return cells


def _empty(n: int) -> Cells:
    """Room for n cells, made once: four hours of them are the largest thing that is held."""
    d = CEPSTRA
    return Cells(
        np.zeros((n, 2)),
        np.zeros(n, np.int32),
        np.zeros(n),
        np.zeros((n, d)),
        np.zeros((n, d, d)),
        np.zeros((n, 3)),
        np.zeros((n, 6)),
    )


def _plan(speech: Intervals, cell_s: float) -> Iterator[tuple[float, float, Array, int]]:
    """Stretches of at most 30 s with their cell edges, so that memory stays bounded."""
    for run, (start_s, end_s) in enumerate(speech.tolist()):
        pieces = max(1, int(np.ceil((end_s - start_s) / _LONGEST_RUN_S)))
        bounds = np.linspace(start_s, end_s, pieces + 1)
        for a, b in pairwise(bounds.tolist()):
            cells = max(1, round((b - a) / cell_s))
            yield a, b, np.linspace(a, b, cells + 1), run


def _measure(samples: NDArray[np.float32], edges_s: Array, cells: Cells) -> None:
    """Fill the statistics of the cells between ``edges_s``, in seconds within ``samples``."""
    cepstra, level_db, flat = _cepstra(samples)
    pitch = track_pitch(samples)
    hz, second = pitch.hz, pitch.second()
    frame_cell = _cell_of(len(level_db), FRAME_S, edges_s)
    pitch_cell = _cell_of(len(hz), PITCH_STEP_S, edges_s)
    loud = level_db >= level_db.max(initial=-200.0) - _QUIET_DB
    for i in range(len(cells)):
        here = frame_cell == i
        rows = cepstra[here & loud]
        cells.count[i] = len(rows)
        cells.total[i], cells.product[i] = rows.sum(axis=0), rows.T @ rows
        mine = pitch_cell == i
        voiced = pitch.periodicity[mine] >= VOICED_PERIODICITY
        logs = np.log2(hz[mine][voiced])
        cells.pitch[i] = len(logs), logs.sum(), np.square(logs).sum()
        cells.sound[i] = (
            *_mean_and_deviation(level_db[here]),
            _mean(voiced.astype(np.float32)),
            _mean(pitch.periodicity[mine]),
            _mean(flat[here & loud]),
            _mean(second[mine]),
        )


def _cell_of(frames: int, step_s: float, edges_s: Array) -> NDArray[np.intp]:
    centre_s = (np.arange(frames) + 0.5) * step_s
    return np.clip(np.searchsorted(edges_s, centre_s, side="right") - 1, 0, len(edges_s) - 2)


def _mean(values: Figures) -> float:
    return float(values.mean()) if len(values) else 0.0


def _mean_and_deviation(values: Figures) -> tuple[float, float]:
    return (float(values.mean()), float(values.std())) if len(values) else (-120.0, 0.0)


def _cepstra(samples: NDArray[np.float32]) -> tuple[Figures, Figures, Figures]:
    """Cepstra (k, CEPSTRA), level in dB (k,) and spectral flatness (k,) every 10 ms."""
    import scipy.fft

    padded = np.pad(samples, (0, max(0, _WINDOW - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    power = power_spectra(frames) + np.float32(1e-12)
    mel = np.log(power @ mel_filters(_MELS, _LOW_HZ, _HIGH_HZ) + 1e-10)
    cepstra = scipy.fft.dct(mel, type=2, axis=1, norm="ortho")[:, 1 : CEPSTRA + 1]
    level_db = 10.0 * np.log10(np.square(frames).mean(axis=1) + 1e-12)
    return cepstra, level_db, flatness(power)
