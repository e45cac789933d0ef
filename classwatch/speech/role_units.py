"""Evidence for the role of every turn: its voice, its sound, its neighbours, words and pictures.

A unit is a stretch of one voice in one speech interval, or of what no single voice says. What is
not known (no words, no pictures) is 0 with a mask of 0 beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import Event, EventKind
from classwatch.core.motion import Motion
from classwatch.core.speech import SoundKind, SoundSpan, SpeakerRole, Transcript
from classwatch.core.time import Intervals, intersect, intervals, normalise, total_s
from classwatch.speech.role_evidence import VoiceTable
from classwatch.speech.role_motion import MORE, MOTION, TOLD, motion_figures
from classwatch.speech.role_parts import LEVEL_DB, PART, median_octave, part_figures
from classwatch.speech.sound_roles import ROLES, Attributed, sounds_at
from classwatch.speech.speakers import VoiceTurns
from classwatch.speech.wording import addresses_class, asks, calls_teacher

VOICE = (
    *("known", "talk_share", "spread", "change_share", "longest_turn", "steadiness"),
    *("score", "lead", "main", "distance", "median_turn_log", "turns_log"),
    *("voice_level", "voice_pitch", "pitch_octave", "pitched", "address_share", "addressed"),
)
UNIT = (
    *("length_log", "level", "own_level", "pitch", "own_pitch", "voiced", "certainty"),
    *("overlap", "many", "second_main"),
)
AROUND = (
    *("gap_before_log", "gap_after_log", "after_main", "before_main", "after_nobody"),
    *("before_nobody", "after_same", "before_same", "before_log", "after_log"),
    "main_share",
)
LESSON = ("main_lead", "voices_log")
WORDS = ("worded", "question", "address", "calls_teacher", "answers_question", "pace")
PICTURE = (
    *("pictured", "hand_before", "hands_log", "hand_falls", "standing"),
    *("teacher_told", "teacher_front", "teacher_board", "teacher_desks", "teacher_hidden"),
)
SOUND = tuple(f"sound_{kind.value}" for kind in SoundKind)
TAKEN = tuple(f"taken_{role.value}" for role in ROLES.values())
NAMES = (*VOICE, *PART, *UNIT, *SOUND, *TAKEN, *AROUND, *LESSON, *WORDS, *PICTURE, *MOTION)
HAND_BEFORE_S = 10.0
_HAND_FALLS_S = 2.0
_PLACES = (
    EventKind.TEACHER_FRONT,
    EventKind.TEACHER_AT_BOARD,
    EventKind.TEACHER_AMONG_DESKS,
    EventKind.TEACHER_NOT_VISIBLE,
)
_PACE_HZ = 5.0
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """n stretches: the cells of each, ``span`` (n, 2), ``voice`` and ``part`` (n,) as clustered (-1
    for none) and the role (n,) of those that are nobody's single voice."""

    rows: tuple[NDArray[np.intp], ...]
    span: Intervals
    voice: NDArray[np.int32]
    part: NDArray[np.int32]
    role: tuple[SpeakerRole | None, ...]

    def __len__(self) -> int:
        return len(self.voice)


def units_of(heard: Attributed) -> Units:
    """Neighbouring cells of one part of a voice, or of one role, in one speech interval."""
    voices = heard.voices
    if len(voices) == 0:
        none = np.zeros(0, np.int32)
        return Units((), np.zeros((0, 2)), none, none, ())
    change = np.diff(heard.under) != 0
    change |= np.diff(voices.part) != 0
    change |= np.diff(voices.run) != 0
    change |= np.array([a is not b for a, b in pairwise(heard.role)], np.bool_)
    rows = tuple(np.split(np.arange(len(voices)), np.flatnonzero(change) + 1))
    return Units(
        rows,
        np.array([(voices.span[r[0], 0], voices.span[r[-1], 1]) for r in rows]),
        heard.under[[r[0] for r in rows]],
        voices.part[[r[0] for r in rows]],
        tuple(heard.role[r[0]] for r in rows),
    )


def unit_features(
    heard: Attributed,
    units: Units,
    main: NDArray[np.bool_],
    table: VoiceTable,
    sounds: tuple[SoundSpan, ...],
) -> Array:
    """Figures (n, ``NAMES``) from sound alone; ``main`` (k,) says which voices lead the lesson."""
    found = np.zeros((len(units), len(NAMES)))
    if len(units) == 0:
        return found
    put = _Columns(found)
    by_voice = _voice_figures(heard.voices, main, table)
    known = units.voice >= 0
    put(VOICE, by_voice[units.voice] * known[:, None])
    leads = np.isin(heard.voices.voice, np.flatnonzero(main))
    put(PART, part_figures(heard, leads, sounds)[units.part])
    put(UNIT, _own_figures(heard.voices, units, leads))
    put(SOUND, _sound_figures(heard.voices, units, sounds))
    put(TAKEN, np.array([[float(r is role) for role in ROLES.values()] for r in units.role]))
    put(AROUND, _around(units, np.array([bool(leads[rows[0]]) for rows in units.rows])))
    put(LESSON, _lesson_figures(by_voice, main, len(units)))
    return found


def add_words(found: Array, units: Units, transcript: Transcript) -> None:
    """Fill in what is said in each unit; doubted text is no evidence."""
    segments = sorted(
        (s for s in transcript.segments if not s.suspect and s.end_s > s.start_s),
        key=lambda s: s.start_s,
    )
    table = np.zeros((len(units), len(WORDS)))
    starts = np.array([s.start_s for s in segments])
    ends = np.maximum.accumulate(np.array([s.end_s for s in segments])) if segments else starts
    asked = False
    for at, (start_s, end_s) in enumerate(units.span.tolist()):
        first = int(np.searchsorted(ends, start_s, side="right"))
        last = int(np.searchsorted(starts, end_s))
        own = [
            s
            for s in segments[first:last]
            if min(s.end_s, end_s) - max(s.start_s, start_s) > 0.3 * (s.end_s - s.start_s)
            or min(s.end_s, end_s) - max(s.start_s, start_s) > 0.5 * (end_s - start_s)
        ]
        if not own:
            continue
        text = sum(len(s.text) for s in own) / sum(s.end_s - s.start_s for s in own)
        question = any(asks(s.text) for s in own)
        table[at] = (
            *(1.0, float(question), float(any(addresses_class(s.text) for s in own))),
            *(float(any(calls_teacher(s.text) for s in own)), float(asked), text / _PACE_HZ),
        )
        asked = question
    _Columns(found)(WORDS, table)


def add_pictures(found: Array, units: Units, events: Iterable[Event]) -> None:
    """Fill in what the pictures show around each unit: hands, who stands, where the teacher is."""
    own = list(events)
    hands = [e for e in own if e.kind is EventKind.HAND_RAISED]
    rise = np.sort(np.array([e.start_s for e in hands]))
    fall = np.sort(np.array([e.end_s for e in hands]))
    standing = _times(own, EventKind.STANDING)
    places = [_times(own, kind) for kind in _PLACES]
    told = any(len(times) for times in places[:-1])
    table = np.zeros((len(units), len(PICTURE)))
    for at, (start_s, end_s) in enumerate(units.span.tolist()):
        up = np.searchsorted(rise, start_s) - np.searchsorted(fall, start_s)
        recent = np.searchsorted(rise, start_s) - np.searchsorted(fall, start_s - HAND_BEFORE_S)
        falls = np.searchsorted(fall, start_s + _HAND_FALLS_S) - np.searchsorted(
            fall, start_s - _HAND_FALLS_S
        )
        here, length_s = intervals([(start_s, end_s)]), max(end_s - start_s, 1e-9)
        table[at, :5] = (
            *(1.0, float(recent > 0), np.log1p(max(int(up), 0)), float(falls > 0)),
            total_s(intersect(standing, here)) / length_s,
        )
        if told:
            table[at, 5] = 1.0
            table[at, 6:] = [total_s(intersect(times, here)) / length_s for times in places]
    _Columns(found)(PICTURE, table)


def add_motion(found: Array, units: Units, speech: Intervals, motions: Sequence[Motion]) -> None:
    """Fill in how much arms and mouths move; ``speech`` (c, 2) is where anybody is heard."""
    _Columns(found)(MOTION, motion_figures(units.span, units.part, speech, motions))


def known_means(features: Array, length_s: Array) -> tuple[tuple[str, float], ...]:
    """Means of what words and pictures say about units (n, ``NAMES``), where they say anything.

    Weighted by ``length_s`` (n,), by name, rounded as they are stored.
    """
    found: list[tuple[str, float]] = []
    told: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("worded", ("question", "address", "calls_teacher", "answers_question")),
        ("pictured", ("hand_before", "standing")),
        ("teacher_told", PICTURE[6:]),
        *((told, (more,)) for told, more in zip(TOLD, MORE, strict=True)),
    )
    for mask, names in told:
        known = features[:, NAMES.index(mask)] > 0
        if known.any():
            columns = [NAMES.index(name) for name in names]
            means = np.average(features[known][:, columns], axis=0, weights=length_s[known])
            found += [(n, round(float(m), 4)) for n, m in zip(names, means, strict=True)]
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """Writes named columns."""

    table: Array

    def __call__(self, names: tuple[str, ...], values: Array) -> None:
        first = NAMES.index(names[0])
        self.table[:, first : first + len(names)] = values


def _times(events: list[Event], kind: EventKind) -> Intervals:
    return normalise(intervals((e.start_s, e.end_s) for e in events if e.kind is kind))


def _voice_figures(voices: VoiceTurns, main: NDArray[np.bool_], table: VoiceTable) -> Array:
    k = len(main)
    found = np.zeros((k + 1, len(VOICE)))
    if k == 0:
        return found
    level = np.array([np.median(voices.level_db[voices.voice == v]) for v in range(k)])
    octave = np.array([median_octave(voices.pitch_hz[voices.voice == v]) for v in range(k)])
    first = int(np.where(main, table.score, -1.0).argmax()) if main.any() else -1
    parts = dict(zip(table.columns, table.parts.T, strict=True))
    for v in range(k):
        others = [table.score[o] for o in range(k) if o != v and not (main[o] and main[v])]
        address = parts.get("address_share")
        near = float(voices.distance[v, first]) if first >= 0 else 0.0
        found[v] = (
            1.0,
            *(parts[n][v] for n in VOICE[1:6]),
            *(table.score[v], table.score[v] - max(others, default=0.0), float(main[v])),
            *(min(near, 10.0), np.log1p(table.median_turn_s[v]), np.log1p(table.turn_count[v])),
            (level[v] - level[first]) / LEVEL_DB if first >= 0 else 0.0,
            _known(octave[v] - octave[first]) if first >= 0 else 0.0,
            *(_known(octave[v]), float(np.isfinite(octave[v]))),
            *((0.0, 0.0) if address is None else (address[v], 1.0)),
        )
    return found


def _own_figures(voices: VoiceTurns, units: Units, leads: NDArray[np.bool_]) -> Array:
    level = float(np.median(voices.level_db[leads])) if leads.any() else float("nan")
    octave = median_octave(voices.pitch_hz[leads])
    count = voices.voice_count
    levels = [float(np.median(voices.level_db[voices.voice == v])) for v in range(count)]
    octaves = [median_octave(voices.pitch_hz[voices.voice == v]) for v in range(count)]
    led = [float(leads[voices.voice == v].mean()) for v in range(count)]
    # Nobody (-1) leads nothing.
    second = np.append(led, 0.0)[voices.second] if len(voices.second) else np.zeros(len(voices))
    found = np.zeros((len(units), len(UNIT)))
    for at, rows in enumerate(units.rows):
        voice = int(units.voice[at])
        mean = float(voices.level_db[rows].mean())
        pitch = median_octave(voices.pitch_hz[rows])
        found[at] = (
            np.log1p(units.span[at, 1] - units.span[at, 0]),
            _known((mean - level) / LEVEL_DB),
            _known((mean - levels[voice]) / LEVEL_DB) if voice >= 0 else 0.0,
            _known(pitch - octave),
            _known(pitch - octaves[voice]) if voice >= 0 else 0.0,
            float(np.isfinite(voices.pitch_hz[rows]).mean()),
            float(voices.certainty[rows].mean()),
            float(voices.overlap[rows].mean()) if len(voices.overlap) else 0.0,
            float(voices.many[rows].mean()),
            float(second[rows].mean()),
        )
    return found


def _sound_figures(voices: VoiceTurns, units: Units, sounds: tuple[SoundSpan, ...]) -> Array:
    shares = np.array(
        [
            [0.0] * len(SoundKind) if span is None else [span.share(kind) for kind in SoundKind]
            for span in sounds_at(voices, sounds)
        ]
    )
    return np.array([shares[rows].mean(axis=0) for rows in units.rows])


def _around(units: Units, leads: NDArray[np.bool_]) -> Array:
    """Figures (n, ``AROUND``) of what comes before and after; ``leads`` (n,) is the leader's."""
    found = np.zeros((len(units), len(AROUND)))
    length_s = units.span[:, 1] - units.span[:, 0]
    length_log = np.log1p(length_s)
    gap_log = np.log1p(np.maximum(units.span[1:, 0] - units.span[:-1, 1], 0.0))
    crowd = np.array([role is not None for role in units.role])
    same = units.voice[1:] == units.voice[:-1]
    found[1:, 0], found[:-1, 1] = gap_log, gap_log
    found[1:, 2], found[:-1, 3] = leads[:-1], leads[1:]
    found[1:, 4], found[:-1, 5] = crowd[:-1], crowd[1:]
    found[1:, 6], found[:-1, 7] = same, same
    found[1:, 8], found[:-1, 9] = length_log[:-1], length_log[1:]
    found[:, 10] = length_s[leads].sum() / max(length_s[~crowd].sum(), 1e-9)
    return found


def _lesson_figures(by_voice: Array, main: NDArray[np.bool_], count: int) -> Array:
    """Figures (``count``, ``LESSON``), the same in every row."""
    lead = by_voice[:-1][main, VOICE.index("lead")].max() if main.any() else 0.0
    return np.tile([lead, np.log1p(len(main))], (count, 1))


def _known(value: float) -> float:
    return value if np.isfinite(value) else 0.0
