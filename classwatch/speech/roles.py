"""Who is the teacher, who answers: decided from evidence that is written down, or left open.

Every voice gets a score in [0, 1], a weighted mean of shares that are each readable on their own.
The voice with the highest score leads the lesson if it is ahead by ``min_teacher_margin``; else
all voices stay unknown and an issue says so. Voices that sound nearly like it are the same person.
A small network (``role_network``) judges every turn by its voice, its sound, its neighbours and,
where known, words and pictures, and so also where no voice is ahead; without the network the
leading voice is the teacher and all others are students. Pitch is not part of the score: a deep
voice is as likely to be a grown pupil as a man who teaches.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import SpeakersConfig
from classwatch.core.events import Event
from classwatch.core.issues import Issue, Severity
from classwatch.core.labels import role_of_label
from classwatch.core.motion import Motion
from classwatch.core.speech import (
    STUDENT_ROLES,
    Origin,
    RoleEvidence,
    SoundSpan,
    SpeakerRole,
    Transcript,
    Turn,
)
from classwatch.speech.clustering import SAME_PERSON
from classwatch.speech.labels import turns_from_labels
from classwatch.speech.network import SmallNetwork
from classwatch.speech.role_evidence import VoiceTable, features_of, voice_table
from classwatch.speech.role_network import Judged, judge
from classwatch.speech.role_units import (
    Units,
    add_motion,
    add_pictures,
    add_words,
    known_means,
    unit_features,
    units_of,
)
from classwatch.speech.sound_roles import PLAYED, Attributed, attribute
from classwatch.speech.speakers import VoiceTurns

STAGE = "roles"
NO_LESSON = 0.5
"""Share of talk like that of no lesson from which roles are left open."""
MIN_PARTS = 2
"""With fewer parts of voices nobody can be told apart from the teacher."""
RULE = (
    "score = weighted mean of talk share, spread over tenths of the lesson, share of speaker "
    "changes, longest turn, steadiness of loudness and, with words, share of questions and "
    "requests; the highest score is the teacher if it leads by the margin"
)
NETWORK = (
    "the voice with the highest score leads the lesson if it is ahead by the margin; a small "
    "network then judges every turn by its voice, sound and neighbours and, where known, words and "
    "pictures"
)
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RoleResult:
    """Turns in order of time, why they have their roles, and what limits them."""

    turns: tuple[Turn, ...]
    evidence: tuple[RoleEvidence, ...]
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True, eq=False)
class RoleInput:
    """What is known of a lesson before roles: n cells of voices, kinds of sound, words and events.

    ``transcript`` and ``events`` are None where there are no words or no pictures; ``motions`` is
    how arms and mouths move in each stream that shows any.
    """

    voices: VoiceTurns
    sounds: tuple[SoundSpan, ...] = ()
    transcript: Transcript | None = None
    events: tuple[Event, ...] | None = None
    motions: tuple[Motion, ...] = ()


@dataclass(frozen=True, slots=True)
class Lead:
    """How clearly one voice leads by the rule, 0 where none does, and then the finding."""

    confidence: float
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """All that decides. ``main`` (k,) marks the voices of whoever has the highest score;
    ``features`` (n, d) are the figures of the units."""

    attributed: Attributed
    table: VoiceTable
    units: Units
    main: NDArray[np.bool_]
    lead: Lead
    features: Array

    @property
    def tellable(self) -> bool:
        """Whether there is anybody to tell apart from a teacher."""
        part = self.attributed.voices.part[self.attributed.voices.voice >= 0]
        return len(np.unique(part[part >= 0])) >= MIN_PARTS


def assign_roles(
    heard: RoleInput, cfg: SpeakersConfig, network: SmallNetwork | None = None
) -> RoleResult:
    """Turns with roles; labels of a supplied transcript win over anything heard.

    Without a ``network`` roles follow the rule. Confidence of a turn is the posterior of its voice
    times how sure its role is: the network's probability, or by the rule from 0.5 at the required
    margin to 1 at a margin of 0.5. Both are orderings, not calibrated probabilities. Turns never
    reach over a pause between two speech intervals.
    """
    transcript = heard.transcript
    if transcript is not None and transcript.origin is not Origin.PREDICTED:
        labelled = [s for s in transcript.segments if s.speaker]
        if any(role_of_label(s.speaker) is not SpeakerRole.UNKNOWN for s in labelled):
            return RoleResult(turns_from_labels(transcript), (), ())
    if len(heard.voices) == 0:
        return RoleResult((), (), ())
    evidence = gather(heard, cfg)
    if network is None or not evidence.tellable:
        return _by_rule(evidence, evidence.lead.issues)
    judged = judge(network, evidence.features, evidence.units)
    # Who is alone in a recording need not teach, unless a class is seen.
    clear = not evidence.lead.issues or bool(heard.events)
    clear = clear or any(role in STUDENT_ROLES for role in judged.role)
    if judged.nobody_teaches < NO_LESSON and clear and SpeakerRole.TEACHER in judged.role:
        return _by_network(evidence, judged)
    return _by_rule(evidence, evidence.lead.issues or (_nobody_teaches(),))


def gather(heard: RoleInput, cfg: SpeakersConfig) -> Evidence:
    """The evidence on every voice and on every unit of a lesson with speech."""
    attributed = attribute(heard.voices, heard.sounds)
    table = voice_table(attributed.voices, heard.transcript, heard.sounds)
    main, lead = _leading(table, attributed.voices.distance, cfg)
    units = units_of(attributed)
    features = unit_features(attributed, units, main, table, heard.sounds)
    if heard.transcript is not None:
        add_words(features, units, heard.transcript)
    if heard.events is not None:
        add_pictures(features, units, heard.events)
    if heard.motions:
        add_motion(features, units, attributed.voices.span, heard.motions)
    return Evidence(attributed, table, units, main, lead, features)


def _leading(
    table: VoiceTable, distance: Array, cfg: SpeakersConfig
) -> tuple[NDArray[np.bool_], Lead]:
    """The voices (k,) of whoever has the highest score, and how far that one is ahead."""
    k = len(table.score)
    main = np.zeros(k, np.bool_)
    if k == 0:
        return main, Lead(0.0, ())
    main[int(table.score.argmax())] = True
    # One person can fall into two voices (moving about, changing tone); the lead is over others.
    same: NDArray[np.bool_] = main | (distance[int(table.score.argmax())] < SAME_PERSON)
    if same.all():
        return main, Lead(0.0, (_one_voice(),))
    margin = float(table.score[same].max() - table.score[~same].max())
    if margin < cfg.min_teacher_margin:
        return same, Lead(0.0, (_no_clear_teacher(margin, cfg.min_teacher_margin),))
    lead = (margin - cfg.min_teacher_margin) / max(0.5 - cfg.min_teacher_margin, 1e-9)
    return same, Lead(0.5 + 0.5 * min(max(lead, 0.0), 1.0), ())


def _one_voice() -> Issue:
    return Issue(
        code="roles.one_voice",
        severity=Severity.ABSTAINED,
        stage=STAGE,
        message="all speech sounds like one voice, so nobody can be told apart from the teacher",
        remedy="use a recording in which the pupils are audible, or supply a transcript with "
        "speaker labels",
    )


def _nobody_teaches() -> Issue:
    return Issue(
        code="roles.nobody_teaches",
        severity=Severity.ABSTAINED,
        stage=STAGE,
        message="the voices talk with each other as in no lesson, so none is called the teacher",
        remedy="supply a transcript with speaker labels",
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


_LETTERS = {SpeakerRole.STUDENT: "S", SpeakerRole.ADULT: "A", SpeakerRole.UNKNOWN: "V"}


class _Names:
    """T for the teacher, S1, S2, ... for voices of students, A1, ... for other adults, V1, ... for
    voices without a role; nobody in particular has no name."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, int], str] = {}

    def of(self, role: SpeakerRole, voice: int) -> str:
        """The name of a voice in a role, the same each time."""
        fixed = {SpeakerRole.TEACHER: "T", SpeakerRole.PLAYBACK: PLAYED}.get(role)
        letter = _LETTERS.get(role, "")
        if fixed is not None or not letter or voice < 0:
            return fixed or ""
        count = sum(name.startswith(letter) for name in self._given.values())
        return self._given.setdefault((letter, voice), f"{letter}{count + 1}")


def _by_rule(evidence: Evidence, issues: tuple[Issue, ...]) -> RoleResult:
    """The leading voice is the teacher, all others are students; all unknown where an issue says
    that nobody is known to lead."""
    confidence = evidence.lead.confidence
    by_voice = [SpeakerRole.UNKNOWN] * len(evidence.main)
    if not issues:
        by_voice = [SpeakerRole.TEACHER if m else SpeakerRole.STUDENT for m in evidence.main]
    units, names = evidence.units, _Names()
    made, sure = [], _certainty(evidence)
    for at, role in enumerate(units.role):
        voice = int(units.voice[at])
        if role is None:
            role, sure[at] = by_voice[voice], sure[at] * confidence
        made.append((role, names.of(role, voice)))
    by_name = [names.of(role, voice) for voice, role in enumerate(by_voice)]
    grounds = tuple(
        RoleEvidence(
            by_name[k],
            by_voice[k],
            confidence,
            features_of(evidence.table, k, evidence.attributed.voices),
            RULE,
        )
        for k in range(len(by_voice))
    )
    return RoleResult(_turns(evidence, made, sure), grounds, issues)


def _by_network(evidence: Evidence, judged: Judged) -> RoleResult:
    units, names = evidence.units, _Names()
    sure = _certainty(evidence) * judged.probability.max(axis=1)
    made = [
        (role, names.of(role, int(voice)))
        for role, voice in zip(judged.role, units.voice, strict=True)
    ]
    grounds = tuple(
        _grounds(evidence, judged, voice, role, names.of(role, voice))
        for voice in range(len(evidence.main))
        for at, role in enumerate(_roles_of(evidence.units, judged, voice))
        if at == 0 or names.of(role, voice)
    )
    return RoleResult(_turns(evidence, made, sure), grounds, ())


def _roles_of(units: Units, judged: Judged, voice: int) -> list[SpeakerRole]:
    """The roles of a voice by their time: two people who sound alike may be one voice."""
    length_s = units.span[:, 1] - units.span[:, 0]
    seconds: dict[SpeakerRole, float] = {}
    for at in np.flatnonzero(units.voice == voice).tolist():
        seconds[judged.role[at]] = seconds.get(judged.role[at], 0.0) + float(length_s[at])
    return sorted(seconds, key=lambda role: (-seconds[role], role.value))


def _grounds(
    evidence: Evidence, judged: Judged, voice: int, role: SpeakerRole, name: str
) -> RoleEvidence:
    """Why turns of a voice have a role: the voice's figures, and the means of those turns."""
    units = evidence.units
    has = np.array([found is role for found in judged.role])
    own = np.flatnonzero((units.voice == voice) & has)
    length_s = units.span[own, 1] - units.span[own, 0]
    means = np.average(judged.probability[own], axis=0, weights=length_s)
    shares = [(f"p_{label.value}", float(p)) for label, p in zip(judged.labels, means, strict=True)]
    sure = float(means.max())
    return RoleEvidence(
        name,
        role,
        round(sure, 4),
        (
            *features_of(evidence.table, voice, evidence.attributed.voices),
            *((name, round(value, 4)) for name, value in shares),
            *known_means(evidence.features[own], length_s),
        ),
        NETWORK,
    )


def _certainty(evidence: Evidence) -> Array:
    """How sure the voice (n,) of each unit is; of what no single voice says, how sure that is."""
    attributed, units = evidence.attributed, evidence.units
    voices = attributed.voices
    found = np.zeros(len(units))
    for at, rows in enumerate(units.rows):
        length_s = voices.span[rows, 1] - voices.span[rows, 0]
        cells = voices.certainty if units.role[at] is None else attributed.share
        found[at] = float(np.average(cells[rows], weights=length_s))
    return found


def _turns(
    evidence: Evidence, made: Iterable[tuple[SpeakerRole, str]], sure: Array
) -> tuple[Turn, ...]:
    """Units with one role and speaker that follow each other in one speech interval, joined."""
    run = evidence.attributed.voices.run
    turns: list[Turn] = []
    before = -1
    for at, (role, name) in enumerate(made):
        start_s, end_s = evidence.units.span[at].tolist()
        here = int(run[evidence.units.rows[at][0]])
        last = turns[-1] if turns and before == here else None
        if last is not None and (last.role, last.speaker) == (role, name):
            old_s, new_s = last.end_s - last.start_s, end_s - start_s
            mean = (last.confidence * old_s + float(sure[at]) * new_s) / max(old_s + new_s, 1e-9)
            turns[-1] = Turn(last.start_s, end_s, role, name, round(mean, 4))
        else:
            turns.append(Turn(start_s, end_s, role, name, round(float(sure[at]), 4)))
        before = here
    return tuple(turns)
