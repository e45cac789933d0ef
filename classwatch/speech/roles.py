"""Who is the teacher: a rule over evidence that is written down, and able to say nobody.

Every voice gets a score in [0, 1], a weighted mean of shares that are each readable on their
own. The voice with the highest score is the teacher if it leads by ``min_teacher_margin``;
otherwise all voices stay unknown and an issue says so. Voices that sound nearly like the
teacher's are the teacher's too. Pitch is not part of the score: a deep
voice is as likely to be a grown pupil as a man who teaches.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import SpeakersConfig
from classwatch.core.issues import Issue, Severity
from classwatch.core.labels import role_of_label
from classwatch.core.speech import (
    Origin,
    RoleEvidence,
    SpeakerRole,
    SpeechActivity,
    Transcript,
    Turn,
)
from classwatch.speech.labels import turns_from_labels
from classwatch.speech.speakers import VoiceTurns
from classwatch.speech.wording import address_shares

STAGE = "roles"
RULE = (
    "score = weighted mean of talk share, spread over tenths of the lesson, share of speaker "
    "changes, longest turn, steadiness of loudness and, with words, share of questions and "
    "requests; the highest score is the teacher if it leads by the margin"
)
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
_SAME_PERSON = 2.2
"""Distance to the teacher's voice below which another voice is taken for the teacher's too."""
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RoleResult:
    """Turns in order of time, why they have their roles, and what limits them."""

    turns: tuple[Turn, ...]
    evidence: tuple[RoleEvidence, ...]
    issues: tuple[Issue, ...]


def assign_roles(
    voices: VoiceTurns,
    transcript: Transcript | None,
    activity: SpeechActivity,
    cfg: SpeakersConfig,
) -> RoleResult:
    """Turns with roles; labels of a supplied transcript win over anything heard.

    Confidence of a turn is the posterior of its voice times the confidence of the role, which
    grows from 0.5 at the required margin to 1 at a margin of 0.5. Both are orderings, not
    calibrated probabilities. Turns never reach over a pause between two speech intervals.
    """
    if transcript is not None and transcript.origin is not Origin.PREDICTED:
        labelled = [s for s in transcript.segments if s.speaker]
        if any(role_of_label(s.speaker) is not SpeakerRole.UNKNOWN for s in labelled):
            return RoleResult(turns_from_labels(transcript), (), ())
    if len(voices) == 0:
        return RoleResult((), (), ())
    table = _evidence(voices, transcript)
    roles, confidence, issues = _decide(table, voices.distance, cfg)
    names = _names(roles)
    evidence = tuple(
        RoleEvidence(names[k], roles[k], confidence, _features(table, k, voices), RULE)
        for k in range(voices.voice_count)
    )
    turns = _turns(voices, roles, names, confidence)
    return RoleResult(turns, evidence, issues + _audibility(turns, activity, voices))


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Evidence per voice: ``columns`` name the score's parts, ``parts`` (k, c) in [0, 1]."""

    columns: tuple[str, ...]
    parts: Array
    score: Array
    turn_count: Array
    median_turn_s: Array


def _evidence(voices: VoiceTurns, transcript: Transcript | None) -> _Table:
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
    return _Table(
        columns=columns,
        parts=stacked,
        score=stacked @ weights / weights.sum(),
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


def _steadiness(voices: VoiceTurns) -> Array:
    """1 for a voice whose level never moves, 0 from a standard deviation of 10 dB on."""
    values = [
        1.0 - min(float(np.std(voices.level_db[voices.voice == one])) / _STEADY_DB, 1.0)
        for one in range(voices.voice_count)
    ]
    return np.array(values)


def _decide(
    table: _Table, distance: Array, cfg: SpeakersConfig
) -> tuple[list[SpeakerRole], float, tuple[Issue, ...]]:
    k = len(table.score)
    unknown = [SpeakerRole.UNKNOWN] * k
    if k == 0:
        return unknown, 0.0, ()
    if k == 1:
        return unknown, 0.0, (_one_voice(),)
    first = int(table.score.argmax())
    # One person can fall into two voices (moving about, changing tone); the lead is over others.
    same = distance[first] < _SAME_PERSON
    same[first] = True
    if same.all():
        return unknown, 0.0, (_one_voice(),)
    margin = float(table.score[first] - table.score[~same].max())
    if margin < cfg.min_teacher_margin:
        return unknown, 0.0, (_no_clear_teacher(margin, cfg.min_teacher_margin),)
    roles = [SpeakerRole.TEACHER if s else SpeakerRole.STUDENT for s in same.tolist()]
    lead = (margin - cfg.min_teacher_margin) / max(0.5 - cfg.min_teacher_margin, 1e-9)
    return roles, 0.5 + 0.5 * min(max(lead, 0.0), 1.0), ()


def _one_voice() -> Issue:
    return Issue(
        code="roles.one_voice",
        severity=Severity.ABSTAINED,
        stage=STAGE,
        message="all speech sounds like one voice, so nobody can be told apart from the teacher",
        remedy="use a recording in which the pupils are audible, or supply a transcript with "
        "speaker labels",
    )


def _no_clear_teacher(margin: float, least: float) -> Issue:
    return Issue(
        code="roles.no_clear_teacher",
        severity=Severity.ABSTAINED,
        stage=STAGE,
        message=f"no voice stands out as the teacher (lead {margin:.2f}, needed {least:.2f})",
        remedy="supply a transcript with speaker labels",
        detail={"margin": round(margin, 4), "min_margin": least},
    )


def _names(roles: list[SpeakerRole]) -> list[str]:
    """T for the teacher, S1, S2, ... for students, V1, ... for voices without a role."""
    names: list[str] = []
    for role in roles:
        if role is SpeakerRole.TEACHER:
            names.append("T")
        else:
            letter = "S" if role is SpeakerRole.STUDENT else "V"
            names.append(f"{letter}{sum(n.startswith(letter) for n in names) + 1}")
    return names


def _features(table: _Table, one: int, voices: VoiceTurns) -> tuple[tuple[str, float], ...]:
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


def _turns(
    voices: VoiceTurns, roles: list[SpeakerRole], names: list[str], confidence: float
) -> tuple[Turn, ...]:
    """Neighbouring cells of one voice in one speech interval, joined."""
    if len(voices) == 0:
        return ()
    change = np.diff(voices.voice) != 0
    change |= np.diff(voices.run) != 0
    turns = []
    for rows in np.split(np.arange(len(voices)), np.flatnonzero(change) + 1):
        one = int(voices.voice[rows[0]])
        start_s, end_s = float(voices.span[rows[0], 0]), float(voices.span[rows[-1], 1])
        if one < 0:
            turns.append(Turn(start_s, end_s, SpeakerRole.STUDENTS, "", 0.5))
            continue
        length_s = voices.span[rows, 1] - voices.span[rows, 0]
        certainty = float(np.average(voices.certainty[rows], weights=length_s))
        turns.append(Turn(start_s, end_s, roles[one], names[one], round(certainty * confidence, 4)))
    return tuple(turns)


_FAINT_DB = 6.0


def _audibility(
    turns: tuple[Turn, ...], activity: SpeechActivity, voices: VoiceTurns
) -> tuple[Issue, ...]:
    """A finding where the students that were heard hardly stand above the noise."""
    centre_s = voices.span.mean(axis=1)
    mine = np.zeros(len(voices), dtype=np.bool_)
    for turn in turns:
        if turn.role is SpeakerRole.STUDENT:
            mine |= (centre_s >= turn.start_s) & (centre_s < turn.end_s)
    if not mine.any() or not np.isfinite(activity.noise_db):
        return ()
    above_db = float(np.median(voices.level_db[mine])) - activity.noise_db
    if above_db >= _FAINT_DB:
        return ()
    return (
        Issue(
            code="roles.students_faint",
            severity=Severity.WARNING,
            stage=STAGE,
            message=f"students are only {above_db:.1f} dB above the noise; more of them may have "
            "spoken than was heard",
            remedy="place a microphone nearer to the students",
            detail={"above_noise_db": round(above_db, 1), "min_db": _FAINT_DB},
        ),
    )
