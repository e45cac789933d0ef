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
    SoundSpan,
    SpeakerRole,
    Transcript,
    Turn,
)
from classwatch.speech.clustering import SAME_PERSON
from classwatch.speech.labels import turns_from_labels
from classwatch.speech.role_evidence import VoiceTable, features_of, voice_table
from classwatch.speech.sound_roles import PLAYED, Attributed, attribute
from classwatch.speech.speakers import VoiceTurns

STAGE = "roles"
RULE = (
    "score = weighted mean of talk share, spread over tenths of the lesson, share of speaker "
    "changes, longest turn, steadiness of loudness and, with words, share of questions and "
    "requests; the highest score is the teacher if it leads by the margin"
)
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
    cfg: SpeakersConfig,
    sounds: tuple[SoundSpan, ...] = (),
) -> RoleResult:
    """Turns with roles; labels of a supplied transcript win over anything heard.

    Confidence of a turn is the posterior of its voice times the confidence of the role, which
    grows from 0.5 at the required margin to 1 at a margin of 0.5. Both are orderings, not
    calibrated probabilities. ``sounds`` say where many people or a loudspeaker
    speak. Turns never reach over a pause between two speech intervals.
    """
    if transcript is not None and transcript.origin is not Origin.PREDICTED:
        labelled = [s for s in transcript.segments if s.speaker]
        if any(role_of_label(s.speaker) is not SpeakerRole.UNKNOWN for s in labelled):
            return RoleResult(turns_from_labels(transcript), (), ())
    if len(voices) == 0:
        return RoleResult((), (), ())
    heard = attribute(voices, sounds)
    voices = heard.voices
    table = voice_table(voices, transcript)
    roles, confidence, issues = _decide(table, voices.distance, cfg)
    names = _names(roles)
    evidence = tuple(
        RoleEvidence(names[k], roles[k], confidence, features_of(table, k, voices), RULE)
        for k in range(voices.voice_count)
    )
    return RoleResult(_turns(heard, roles, names, confidence), evidence, issues)


def _decide(
    table: VoiceTable, distance: Array, cfg: SpeakersConfig
) -> tuple[list[SpeakerRole], float, tuple[Issue, ...]]:
    k = len(table.score)
    unknown = [SpeakerRole.UNKNOWN] * k
    if k == 0:
        return unknown, 0.0, ()
    if k == 1:
        return unknown, 0.0, (_one_voice(),)
    first = int(table.score.argmax())
    # One person can fall into two voices (moving about, changing tone); the lead is over others.
    same = distance[first] < SAME_PERSON
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


def _turns(
    heard: Attributed, roles: list[SpeakerRole], names: list[str], confidence: float
) -> tuple[Turn, ...]:
    """Neighbouring cells of one voice in one speech interval, joined."""
    voices = heard.voices
    change = np.diff(voices.voice) != 0
    change |= np.diff(voices.run) != 0
    change |= np.array([a is not b for a, b in pairwise(heard.role)], np.bool_)
    turns = []
    for rows in np.split(np.arange(len(voices)), np.flatnonzero(change) + 1):
        one = int(voices.voice[rows[0]])
        start_s, end_s = float(voices.span[rows[0], 0]), float(voices.span[rows[-1], 1])
        nobody = heard.role[rows[0]]
        if nobody is not None:
            name = PLAYED if nobody is SpeakerRole.PLAYBACK else ""
            share = round(float(heard.share[rows].mean()), 4)
            turns.append(Turn(start_s, end_s, nobody, name, share))
            continue
        length_s = voices.span[rows, 1] - voices.span[rows, 0]
        certainty = float(np.average(voices.certainty[rows], weights=length_s))
        turns.append(Turn(start_s, end_s, roles[one], names[one], round(certainty * confidence, 4)))
    return tuple(turns)
