"""Which stretches of speech share a voice, without any name and without any print kept.

The statistics behind the decision live only inside ``find_voices``; what leaves it is a number
per cell and a few acoustic figures, from which nobody can be recognised in another lesson.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import SpeakersConfig
from classwatch.core.progress import Progress, silent
from classwatch.core.speech import SpeechActivity
from classwatch.core.time import Intervals
from classwatch.speech.clustering import Clustering, cluster_cells
from classwatch.speech.overlap import OVERLAP_LEAST, overlap_certainty
from classwatch.speech.sound import Sound
from classwatch.speech.voiceprint import Cells, measure_cells

MANY_LEAST_S = 1.5
"""Several voices at once are only claimed for at least this long."""
_MEASURING = 0.2
"""Share of the work that measuring cells is where a model listens too."""
_MANY_SPREAD_DB = 2.7
_MANY_PERIODICITY = 0.56
_MANY_FLATNESS = 0.045
_MANY_ABOVE_NOISE_DB = 10.0
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class VoiceTurns:
    """n cells of speech in order of time, disjoint, each with one voice.

    ``span`` (n, 2) seconds; ``run`` (n,) int32 the speech interval it lies in; ``voice`` (n,)
    int32, numbered from 0 by first appearance; ``certainty`` (n,) posterior of that voice;
    ``many`` (n,) whether several people seem to speak at once; ``pitch_hz`` (n,) geometric mean
    of the pitch, NaN where nothing is voiced; ``level_db`` (n,) mean level in dBFS.
    ``overlap`` (n,) is the certainty that two people speak at once, an ordering, and ``second``
    (n,) int32 the other voice where that is likely, else -1 (never the same as ``voice``); both are
    empty where nobody looked for overlap.
    ``count_range`` bounds the number of voices, by a rule that joins more and one that joins less.
    ``distance`` (k, k) says how different two voices sound (see ``speech.clustering``, which joins
    what lies too near); one person who moves about may still be two voices. ``part`` (n,) int32
    cuts the speech finer, -1 where ``voice`` is, for two people who sound alike, and
    ``part_distance`` (p, p) is as ``distance``; without a finer cut they are the voices.
    """

    span: Intervals
    run: NDArray[np.int32]
    voice: NDArray[np.int32]
    certainty: Array
    many: NDArray[np.bool_]
    pitch_hz: Array
    level_db: Array
    distance: Array
    part: NDArray[np.int32]
    part_distance: Array
    overlap: Array = field(default_factory=lambda: np.zeros(0))
    second: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    count_range: tuple[int, int] = (0, 0)

    def __len__(self) -> int:
        return len(self.voice)

    @property
    def voice_count(self) -> int:
        """Number of separable voices, 0 where nobody speaks."""
        return int(self.voice.max(initial=-1)) + 1


class VoiceTeller(Protocol):
    """A trained model that tells voices apart."""

    def tell(
        self, audio: Sound, cells: Cells, cfg: SpeakersConfig, progress: Progress
    ) -> Clustering:
        """Voices of the cells, at most ``cfg.max_speakers``; ``progress`` goes from 0 to 1.

        Raises ``ModelError`` when the model does not take the sound.
        """
        ...


def find_voices(
    audio: Sound,
    activity: SpeechActivity,
    cfg: SpeakersConfig,
    progress: Progress = silent,
    teller: VoiceTeller | None = None,
) -> VoiceTurns:
    """Cells of about ``cfg.hop_s`` inside the speech, each with the number of its voice.

    Voices are told apart by ``teller``, or without one by their cepstra (``speech.clustering``).

    Several at once is a rule and not a model: over at least 1.5 s the level hardly moves (syllables
    of many people fill each other's gaps), no common pitch is found, the spectrum is flat, and the
    sound stands at least 10 dB above the noise floor, below which one voice in noise would look
    the same.
    """
    measured = 1.0 if teller is None else _MEASURING
    cells = measure_cells(audio, activity, cfg.hop_s, lambda done: progress(measured * done))
    many = several_at_once(cells, activity.noise_db)
    alone = np.flatnonzero(~many)
    heard = _take(cells, alone)
    if teller is None:
        window_cells = max(1, round(cfg.window_s / cfg.hop_s))
        found = cluster_cells(heard, window_cells, cfg.max_speakers)
    else:
        rest = 1.0 - measured
        found = teller.tell(audio, heard, cfg, lambda done: progress(measured + rest * done))
    voice = np.full(len(cells), -1, np.int32)
    certainty = np.zeros(len(cells))
    voice[alone], certainty[alone] = found.voice, found.certainty
    part, part_distance = voice, found.distance
    if found.parts is not None:
        part, part_distance = np.full(len(cells), -1, np.int32), found.parts.distance
        part[alone] = found.parts.part
    overlap = overlap_certainty(cells.sound)
    second = np.full(len(cells), -1, np.int32)
    second[alone] = np.where(overlap[alone] >= OVERLAP_LEAST, found.second, -1)
    progress(1.0)
    return VoiceTurns(
        span=cells.span,
        run=cells.run,
        voice=voice,
        certainty=certainty,
        many=many,
        pitch_hz=_pitch_hz(cells),
        level_db=cells.sound[:, 0].copy(),
        distance=found.distance,
        part=part,
        part_distance=part_distance,
        overlap=overlap,
        second=second,
        count_range=found.count_range,
    )


def several_at_once(cells: Cells, noise_db: float) -> NDArray[np.bool_]:
    """Mask (n,) of cells in which several people seem to speak at once; see ``find_voices``."""
    found = np.zeros(len(cells), dtype=np.bool_)
    for rows in _runs(cells.run):
        level = _smooth(cells.sound[rows, 0])
        spread, periodicity = _smooth(cells.sound[rows, 1]), _smooth(cells.sound[rows, 3])
        flat = (spread <= _MANY_SPREAD_DB) & (periodicity <= _MANY_PERIODICITY)
        flat &= _smooth(cells.sound[rows, 4]) >= _MANY_FLATNESS
        # Without any pause there is no floor to compare with; the other two figures decide.
        if np.isfinite(noise_db):
            flat &= level >= noise_db + _MANY_ABOVE_NOISE_DB
        for stretch in _stretches(rows[flat]):
            if cells.span[stretch[-1], 1] - cells.span[stretch[0], 0] >= MANY_LEAST_S:
                found[stretch] = True
    return found


def _runs(run: NDArray[np.int32]) -> list[NDArray[np.intp]]:
    if len(run) == 0:
        return []
    return np.split(np.arange(len(run)), np.flatnonzero(np.diff(run)) + 1)


def _stretches(rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    if len(rows) == 0:
        return []
    return np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)


def _smooth(values: Array) -> Array:
    """Median of every value and its neighbours, shorter at the ends."""
    if len(values) < 3:
        return np.full(len(values), np.median(values)) if len(values) else values
    within = np.median(np.lib.stride_tricks.sliding_window_view(values, 3), axis=1)
    smooth: Array = np.concatenate([[values[:2].mean()], within, [values[-2:].mean()]])
    return smooth


def _take(cells: Cells, rows: NDArray[np.intp]) -> Cells:
    return Cells(
        cells.span[rows],
        cells.run[rows],
        cells.count[rows],
        cells.total[rows],
        cells.product[rows],
        cells.pitch[rows],
        cells.sound[rows],
    )


def _pitch_hz(cells: Cells) -> Array:
    voiced = cells.pitch[:, 0]
    mean = cells.pitch[:, 1] / np.maximum(voiced, 1.0)
    pitch: Array = np.where(voiced > 0, np.exp2(mean), np.nan)
    return pitch
