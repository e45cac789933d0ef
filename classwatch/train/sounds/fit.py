"""Figures and true kinds of lessons, and the networks that are fitted on them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.speech import SoundKind, SpeakerRole
from classwatch.core.time import Interval, complement, intervals, normalise, union
from classwatch.simulate.sound.recordings import read_sound
from classwatch.simulate.sound.signal import Samples
from classwatch.speech.network import SmallNetwork
from classwatch.speech.paths import likeliest_path
from classwatch.speech.sound_classes import STAY
from classwatch.speech.sound_features import STEP_S, WINDOW_S, window_features, with_surroundings
from classwatch.speech.vad import inside_share
from classwatch.store.artifacts import load_turns
from classwatch.train.ensemble import fit_networks
from classwatch.train.sounds.mixed import Sounding

KINDS = tuple(SoundKind)
_MOSTLY = 0.8
"""A window has a kind where one kind fills at least so much of it ..."""
_HARDLY = 0.15
"""... and every other at most so much."""
_HIDDEN = 24
_FLOOR_PERCENTILE = 10
_TURN_KINDS = {SpeakerRole.CHORAL: SoundKind.CHORUS, SpeakerRole.PLAYBACK: SoundKind.PLAYBACK}


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """Figures with surroundings (n, d) of a lesson and true kinds (n,), -1 where it is mixed."""

    name: str
    features: NDArray[np.float32]
    kind: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Sound that is held in memory."""

    samples: Samples

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / SAMPLE_RATE_HZ

    def read(self, start_s: float, end_s: float) -> Samples:
        """Samples of ``[start_s, end_s)``."""
        return self.samples[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)]


def floor_of(samples: Samples) -> float:
    """Level in dBFS that a tenth of the tenths of a second stay below."""
    step = SAMPLE_RATE_HZ // 10
    rows = samples[: len(samples) // step * step].reshape(-1, step)
    power = np.square(rows, dtype=np.float64).mean(axis=1)
    return float(10 * np.log10(max(float(np.percentile(power, _FLOOR_PERCENTILE)), 1e-12)))


def example(name: str, samples: Samples, sounds: Sequence[Sounding]) -> Example:
    """The figures of a lesson with the kind of every window."""
    features = with_surroundings(window_features(Held(samples), floor_of(samples)))
    return Example(name, features, true_kinds(sounds, len(features)))


def example_of_simulated(folder: Path) -> Example:
    """A lesson that ``classwatch simulate --sound-only`` made, as an example."""
    samples = read_sound(folder / "room.wav")
    return example(folder.name, samples, true_sounds(folder, len(samples) / SAMPLE_RATE_HZ))


def true_sounds(folder: Path, duration_s: float) -> tuple[Sounding, ...]:
    """What sounds in a simulated lesson: turns, murmurs, music, and the rest as noise."""
    found = [
        Sounding(t.start_s, t.end_s, _TURN_KINDS.get(t.role, SoundKind.VOICE), t.role, t.speaker)
        for t in load_turns(folder / "truth")
    ]
    spoken = normalise(intervals((s.start_s, s.end_s) for s in found))
    with (folder / "truth" / "intervals.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["tier"] == "sound"]
    for row in rows:
        start_s, end_s = float(row["start_s"]), float(row["end_s"])
        if row["label"] == "murmur":
            found.append(Sounding(start_s, end_s, SoundKind.BABBLE))
        elif row["label"] == "playback" and not _any(spoken, start_s, end_s):
            found.append(Sounding(start_s, end_s, SoundKind.MUSIC))
    named = union(spoken, intervals((s.start_s, s.end_s) for s in found))
    free = complement(named, Interval(0.0, duration_s))
    found += [
        Sounding(a + 0.5, b - 0.5, SoundKind.NOISE) for a, b in free.tolist() if b - a > WINDOW_S
    ]
    return tuple(sorted(found, key=lambda s: (s.start_s, s.end_s)))


def _any(spoken: NDArray[np.float64], start_s: float, end_s: float) -> bool:
    return bool(((spoken[:, 0] < end_s) & (spoken[:, 1] > start_s)).any())


def true_kinds(sounds: Sequence[Sounding], count: int) -> NDArray[np.int64]:
    """Index in ``KINDS`` of each of ``count`` windows, -1 where no kind clearly fills it.

    A loud voice over a murmur is that voice: a murmur alone is what is called babble.
    """
    quarters = np.zeros((len(KINDS), count * 2 + 2))
    for at, kind in enumerate(KINDS):
        own = normalise(intervals((s.start_s, s.end_s) for s in sounds if s.kind is kind))
        quarters[at, 1:-1] = inside_share(own, count * 2, STEP_S / 2)
    filled = np.lib.stride_tricks.sliding_window_view(quarters, 4, axis=1)[:, ::2].mean(axis=-1)
    babble = KINDS.index(SoundKind.BABBLE)
    spoken = np.delete(filled, babble, axis=0).max(axis=0)
    filled[babble] = np.where(spoken > _HARDLY, 0.0, filled[babble])
    order = np.sort(filled, axis=0)
    clear = (order[-1] >= _MOSTLY) & (order[-2] <= _HARDLY)
    kinds: NDArray[np.int64] = np.where(clear, filled.argmax(axis=0), -1)
    return kinds


def fit(examples: Sequence[Example]) -> SmallNetwork:
    """Networks on all windows with a kind, as ``train.ensemble`` makes them."""
    features = np.concatenate([e.features[e.kind >= 0] for e in examples])
    kind = np.concatenate([e.kind[e.kind >= 0] for e in examples])
    rows = _balanced(kind, np.random.default_rng(7))
    return fit_networks(features[rows], kind[rows], tuple(k.value for k in KINDS), _HIDDEN)


def _balanced(kind: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.intp]:
    """Rows such that no kind has more than three times, or less than half, of the median kind's."""
    counts = {k: int((kind == k).sum()) for k in np.unique(kind).tolist()}
    middle = int(np.median(list(counts.values())))
    picked = []
    for k, n in counts.items():
        wanted = int(np.clip(n, middle // 2, 3 * middle))
        picked.append(rng.choice(np.flatnonzero(kind == k), wanted, replace=wanted > n))
    return np.sort(np.concatenate(picked))


def found_kinds(model: SmallNetwork, lesson: Example) -> NDArray[np.int64]:
    """Index in ``KINDS`` of what the model makes of every window of a lesson."""
    path = likeliest_path(model.log_probabilities(lesson.features), STAY)
    return np.array([KINDS.index(SoundKind(kind)) for kind in model.labels])[path]
