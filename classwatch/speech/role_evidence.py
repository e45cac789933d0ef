"""What is known of each voice before it is called teacher, student or another adult.

Every figure can be read on its own and is stored with the decision (``RoleEvidence``).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classwatch.core.speech import SoundKind, SoundSpan, Transcript
from classwatch.speech.sound_roles import sounds_at
from classwatch.speech.speakers import VoiceTurns
from classwatch.speech.wording import address_shares

_WEIGHTS = {
    "talk_share": 0.30,
    "spread": 0.20,
    "change_share": 0.20,
    "longest_turn": 0.15,
    "steadiness": 0.05,
    "address_share": 0.30,
}
_PAUSE_S = 2.0
"""A pause up to this long does not end a turn when turns are counted as evidence."""
_STEADY_DB = 10.0
_LIVE, _RECORDED = 0.2, 0.8
"""Probabilities of playback between which a voice's score shrinks from whole to nothing."""
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class VoiceTable:
    """Evidence per voice: ``columns`` name the score's parts, ``parts`` (k, c) in [0, 1]."""

    columns: tuple[str, ...]
    parts: Array
    score: Array
    turn_count: Array
    median_turn_s: Array


def voice_table(
    voices: VoiceTurns, transcript: Transcript | None, sounds: tuple[SoundSpan, ...] = ()
) -> VoiceTable:
    """The evidence on every voice; words count where a transcript has enough of them.

    What comes out of a loudspeaker cannot lead a lesson: the score shrinks the likelier that is.
    """
    k = voices.voice_count
    spoken_s = np.zeros(k)
    length_s = voices.span[:, 1] - voices.span[:, 0]
    alone = voices.voice >= 0
    np.add.at(spoken_s, voices.voice[alone], length_s[alone])
    blocks = _blocks(voices)
    lengths = [np.array([b - a for v, a, b in blocks if v == one]) for one in range(k)]
    parts = {
        "talk_share": spoken_s / max(float(spoken_s.sum()), 1e-9),
        "spread": _spread(voices),
        "change_share": _change_share(blocks, k),
        "longest_turn": np.array([x.max() for x in lengths])
        / max(float(max(x.max() for x in lengths)), 1e-9)
        if k
        else np.zeros(0),
        "steadiness": _steadiness(voices),
    }
    address = address_shares(voices, transcript) if transcript is not None else None
    if address is not None:
        parts["address_share"] = address
    columns = tuple(parts)
    stacked = np.stack([parts[c] for c in columns], axis=1)
    weights = np.array([_WEIGHTS[c] for c in columns])
    score = stacked @ weights / weights.sum()
    if sounds:
        score *= 1.0 - np.clip((_played(voices, sounds) - _LIVE) / (_RECORDED - _LIVE), 0.0, 1.0)
    return VoiceTable(
        columns=columns,
        parts=stacked,
        score=score,
        turn_count=np.array([float(len(x)) for x in lengths]),
        median_turn_s=np.array([float(np.median(x)) for x in lengths]),
    )


def _blocks(voices: VoiceTurns) -> list[tuple[int, float, float]]:
    """Voice, start and end of turns, pauses up to 2 s closed; several at once breaks a turn."""
    blocks: list[tuple[int, float, float]] = []
    for voice, (start_s, end_s) in zip(voices.voice.tolist(), voices.span.tolist(), strict=True):
        if blocks and blocks[-1][0] == voice and start_s - blocks[-1][2] <= _PAUSE_S:
            blocks[-1] = (voice, blocks[-1][1], end_s)
        else:
            blocks.append((voice, start_s, end_s))
    return blocks


def _spread(voices: VoiceTurns) -> Array:
    """Share of the tenths with speech in which a voice is heard."""
    start_s, end_s = float(voices.span[0, 0]), float(voices.span[-1, 1])
    middle_s = voices.span.mean(axis=1)
    tenth = np.minimum((middle_s - start_s) / max(end_s - start_s, 1e-9) * 10, 9).astype(int)
    heard = np.zeros((voices.voice_count, 10))
    alone = voices.voice >= 0
    heard[voices.voice[alone], tenth[alone]] = 1.0
    share: Array = heard.sum(axis=1) / max(len(np.unique(tenth)), 1)
    return share


def _change_share(blocks: list[tuple[int, float, float]], k: int) -> Array:
    """Share of the changes of speaker from or to a voice: in lessons most pass the teacher."""
    counts, changes = np.zeros(k), 0
    for (left, _, _), (right, _, _) in pairwise(blocks):
        if left == right:
            continue
        changes += 1
        for voice in (left, right):
            if voice >= 0:
                counts[voice] += 1
    share: Array = counts / max(changes, 1)
    return share


def _played(voices: VoiceTurns, sounds: tuple[SoundSpan, ...]) -> Array:
    """Mean probability (k,) that a voice comes out of a loudspeaker."""
    spans = sounds_at(voices, sounds)
    share = np.array([0.0 if s is None else s.share(SoundKind.PLAYBACK) for s in spans])
    own = [share[voices.voice == one] for one in range(voices.voice_count)]
    return np.array([float(x.mean()) for x in own])


def _steadiness(voices: VoiceTurns) -> Array:
    """1 for a voice whose level never moves, 0 from a standard deviation of 10 dB on."""
    values = [
        1.0 - min(float(np.std(voices.level_db[voices.voice == one])) / _STEADY_DB, 1.0)
        for one in range(voices.voice_count)
    ]
    return np.array(values)


def features_of(table: VoiceTable, one: int, voices: VoiceTurns) -> tuple[tuple[str, float], ...]:
    """Every figure of one voice by name, rounded, as it is stored."""
    mine = voices.voice == one
    pitch = voices.pitch_hz[mine]
    pairs = [(name, float(table.parts[one, c])) for c, name in enumerate(table.columns)]
    pairs += [
        ("score", float(table.score[one])),
        ("turns", float(table.turn_count[one])),
        ("median_turn_s", float(table.median_turn_s[one])),
        ("level_db", float(np.median(voices.level_db[mine]))),
    ]
    if np.isfinite(pitch).any():
        pairs.append(("pitch_hz", float(np.nanmedian(pitch))))
    return tuple((name, round(value, 4)) for name, value in pairs)
