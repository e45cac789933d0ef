"""What is known of each part of a voice, against the parts of whoever leads the lesson.

A voice as clustered may be two people who sound alike, and one person may be two voices. Parts are
cut finer: each is judged by how it sounds against the largest part of whoever leads, and by when
it is heard: students are heard between turns of the teacher, a second adult for a while at a time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classwatch.core.speech import SoundKind, SoundSpan
from classwatch.speech.sound_roles import Attributed, sounds_at
from classwatch.speech.speakers import VoiceTurns

_HEARD = (SoundKind.PLAYBACK, SoundKind.CHORUS, SoundKind.BABBLE)
PART = (
    *("part_known", "part_first", "part_leads", "part_share", "part_spread"),
    *("part_extent", "part_density", "part_longest_log", "part_turn_log", "part_turns_log"),
    *("part_beside_lead", "part_after_lead", "part_distance", "part_nearest", "part_nearest_leads"),
    *("part_level", "part_level_spread", "part_pitch", "part_pitch_spread", "part_octave"),
    *(f"part_{kind.value}" for kind in _HEARD),
)
"""``first``: it is the largest part of whoever leads; ``extent``: share of the lesson from when it
is first heard to when it is last, ``density``: share of the talk in between that is its own;
``beside_lead`` and ``after_lead``: shares of its turns; level and pitch: against the first."""
_PAUSE_S = 2.0
_FARTHEST = 10.0
LEVEL_DB = 10.0
USUAL_PITCH_HZ = 200.0
Array = NDArray[np.float64]


def part_figures(
    heard: Attributed, leads: NDArray[np.bool_], sounds: tuple[SoundSpan, ...]
) -> Array:
    """Figures (p + 1, ``PART``) of p parts and, last, of none; ``leads`` (n,) marks the cells of
    whoever leads the lesson."""
    voices = heard.voices
    count = len(voices.part_distance)
    found = np.zeros((count + 1, len(PART)))
    alone = (voices.voice >= 0) & (voices.part >= 0)
    if not alone.any():
        return found
    length_s = voices.span[:, 1] - voices.span[:, 0]
    own_s = np.bincount(voices.part[alone], length_s[alone], minlength=count)
    led_s = np.bincount(voices.part[alone & leads], length_s[alone & leads], minlength=count)
    leading = led_s > 0.5 * np.maximum(own_s, 1e-9)
    first = int(np.where(leading, own_s, -1.0).argmax()) if leading.any() else -1
    shares = _shares(voices, sounds)
    level, pitch = _level(voices, first), median_octave(voices.pitch_hz[voices.part == first])
    turns = _turns(voices, alone)
    for part in np.flatnonzero(own_s > 0).tolist():
        rows = np.flatnonzero(alone & (voices.part == part))
        found[part] = (
            *(1.0, float(part == first), float(leading[part])),
            *_when(voices, rows, own_s[part] / own_s.sum(), alone),
            *_turn_figures(turns, part, leading),
            *_distances(voices.part_distance, part, first, leading & (own_s > 0)),
            (np.median(voices.level_db[rows]) - level) / LEVEL_DB if first >= 0 else 0.0,
            float(np.std(voices.level_db[rows])) / LEVEL_DB,
            *_pitch_figures(voices.pitch_hz[rows], pitch),
            *shares[voices.part == part].mean(axis=0),
        )
    return found


def _shares(voices: VoiceTurns, sounds: tuple[SoundSpan, ...]) -> Array:
    return np.array(
        [
            [0.0 if span is None else span.share(kind) for kind in _HEARD]
            for span in sounds_at(voices, sounds)
        ]
    )


def _level(voices: VoiceTurns, part: int) -> float:
    own = voices.level_db[(voices.part == part) & (voices.voice >= 0)]
    return float(np.median(own)) if len(own) else 0.0


def median_octave(pitch_hz: Array) -> float:
    """Median pitch in octaves above 200 Hz; NaN where nothing is voiced."""
    voiced = pitch_hz[np.isfinite(pitch_hz)]
    return float(np.log2(np.median(voiced) / USUAL_PITCH_HZ)) if len(voiced) else float("nan")


def _when(
    voices: VoiceTurns, rows: NDArray[np.intp], share: float, alone: NDArray[np.bool_]
) -> tuple[float, float, float, float]:
    """Share of talk, share of the tenths of the lesson in which it is heard, extent, density."""
    start_s, whole_s = voices.span[0, 0], max(voices.span[-1, 1] - voices.span[0, 0], 1e-9)
    tenths = np.minimum((voices.span[rows].mean(axis=1) - start_s) / whole_s * 10, 9).astype(int)
    length_s = voices.span[:, 1] - voices.span[:, 0]
    within = np.arange(len(voices))
    within = alone & (within >= rows[0]) & (within <= rows[-1])
    return (
        share,
        len(np.unique(tenths)) / 10.0,
        float(voices.span[rows[-1], 1] - voices.span[rows[0], 0]) / whole_s,
        float(length_s[rows].sum() / length_s[within].sum()),
    )


def _turns(voices: VoiceTurns, alone: NDArray[np.bool_]) -> tuple[NDArray[np.int32], Array]:
    """Part (m,), -1 for what is nobody's, and length (m,) of turns, pauses up to 2 s closed."""
    part = np.where(alone, voices.part, -1)
    apart = np.diff(part) != 0
    apart |= voices.span[1:, 0] - voices.span[:-1, 1] > _PAUSE_S
    first = np.concatenate([[0], np.flatnonzero(apart) + 1])
    last = np.concatenate([first[1:], [len(part)]]) - 1
    return part[first].astype(np.int32), voices.span[last, 1] - voices.span[first, 0]


def _turn_figures(
    turns: tuple[NDArray[np.int32], Array], part: int, leading: NDArray[np.bool_]
) -> tuple[float, float, float, float, float]:
    """Logarithms of the longest and median turn and of their number, and shares of neighbours."""
    owner, length_s = turns
    leads = np.append(leading, False)[owner]
    before = np.concatenate([[False], leads[:-1]])
    after = np.concatenate([leads[1:], [False]])
    own = owner == part
    return (
        float(np.log1p(length_s[own].max())),
        float(np.log1p(np.median(length_s[own]))),
        float(np.log1p(own.sum())),
        float((before | after)[own].mean()),
        float(before[own].mean()),
    )


def _distances(
    distance: Array, part: int, first: int, leading: NDArray[np.bool_]
) -> tuple[float, float, float]:
    """To the first of whoever leads, to the nearest other part, and whether that leads."""
    others = distance[part].copy()
    others[part] = np.inf
    if not np.isfinite(others).any():
        return 0.0, 0.0, 0.0
    nearest = int(others.argmin())
    away = float(distance[part, first]) if first >= 0 else 0.0
    return min(away, _FARTHEST), min(float(others[nearest]), _FARTHEST), float(leading[nearest])


def _pitch_figures(pitch_hz: Array, octave: float) -> tuple[float, float, float]:
    """Median against ``octave``, deviation, and median in octaves above 200 Hz; 0 if unvoiced."""
    voiced = pitch_hz[np.isfinite(pitch_hz)]
    if len(voiced) == 0:
        return 0.0, 0.0, 0.0
    own = np.log2(voiced / USUAL_PITCH_HZ)
    middle = float(np.median(own))
    return middle - octave if np.isfinite(octave) else 0.0, float(own.std()), middle
