"""What most measures start from: talk by role as interval sets, and the gates on it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import MetricsConfig
from classwatch.core.codes import ActCode
from classwatch.core.measures import Gate, Why
from classwatch.core.reasons import Reason
from classwatch.core.speech import STUDENT_ROLES, Origin, SpeakerRole, Turn
from classwatch.core.time import Intervals, intervals, normalise, subtract, total_s, union
from classwatch.metrics.facts import LessonFacts
from classwatch.metrics.sequence import Coded, code_lesson
from classwatch.metrics.timeline import TOUCH_S, clip, joined

EDGE_S = 0.5
"""Detected speech up to this long beside a turn belongs to the turn."""
LESSON_ROLES = (SpeakerRole.TEACHER, *STUDENT_ROLES)
"""Whose talk the protocols are about."""
KNOWN_ROLES = tuple(role for role in SpeakerRole if role is not SpeakerRole.UNKNOWN)


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """The facts of one lesson and what is derived from them once.

    ``talk`` holds a normalised set per role inside the span; ``UNKNOWN`` there is every second of
    speech, in turns or found by voice activity detection, that no known role covers. ``speech`` is
    the union of all of it, ``voiced`` only what voice activity detection found (None without it).
    ``turns`` are the talk turns after joining (``turns_of``), sorted by start.
    ``sound_why``/``roles_why`` say why talk/roles cannot be measured, with the gates behind it.
    ``coverage`` is the share of the lesson that is not speech of unknown role. ``coded`` is the
    lesson in each interaction scheme, where it was coded.
    """

    facts: LessonFacts
    cfg: MetricsConfig
    talk: Mapping[SpeakerRole, Intervals]
    speech: Intervals
    voiced: Intervals | None
    turns: tuple[Turn, ...]
    sound_gates: tuple[Gate, ...]
    sound_why: Why | None
    role_gates: tuple[Gate, ...]
    roles_why: Why | None
    coverage: float | None
    coded: tuple[Coded, ...] = ()

    @property
    def lesson_s(self) -> float:
        return self.facts.span.duration_s

    @property
    def students(self) -> Intervals:
        """Talk of one student or of several, normalised."""
        return union(*(self.talk[role] for role in STUDENT_ROLES))

    @property
    def acting(self) -> Intervals:
        """Audible behaviour of the teacher, normalised: talk, and what is played to the class."""
        return union(self.talk[SpeakerRole.TEACHER], self.talk[SpeakerRole.PLAYBACK])

    @property
    def undecided(self) -> Intervals:
        """Speech of nobody whom the protocols are about, normalised: unknown, or another adult."""
        aside = union(self.talk[SpeakerRole.UNKNOWN], self.talk[SpeakerRole.ADULT])
        return subtract(aside, union(self.acting, self.students))

    @property
    def others(self) -> Intervals:
        """All speech that is not the teacher's, normalised."""
        return union(*(own for role, own in self.talk.items() if role is not SpeakerRole.TEACHER))


def prepare(facts: LessonFacts, cfg: MetricsConfig) -> Basis:
    """Derive the interval sets and decide the gates on sound and roles."""
    span = facts.span
    talk = {
        role: normalise(
            clip(intervals([(t.start_s, t.end_s) for t in facts.turns if t.role is role]), span),
            join_gap_s=TOUCH_S,
        )
        for role in SpeakerRole
    }
    voiced = None
    if facts.activity is not None:
        voiced = normalise(clip(facts.activity.speech, span))
    in_turns = union(*talk.values())
    speech = in_turns if voiced is None else union(in_turns, voiced)
    known = union(*(talk[role] for role in KNOWN_ROLES))
    talk[SpeakerRole.UNKNOWN] = subtract(subtract(speech, known), _edges(talk, voiced))
    coverage = total_s(known) / total_s(speech) if len(speech) else None
    sound_gates = _sound_gates(facts, cfg, total_s(speech if voiced is None else voiced))
    role_gates = (*sound_gates, *_role_gates(facts, cfg, coverage))
    sound_why = facts.missing.get("speech") if voiced is None and not facts.turns else None
    if voiced is None and not facts.turns and sound_why is None:
        sound_why = Why(Reason.NO_SOUND)
    sound_why = sound_why or failed(sound_gates)
    return Basis(
        facts=facts,
        cfg=cfg,
        talk=talk,
        speech=speech,
        voiced=voiced,
        turns=turns_of(facts, cfg.monologue_gap_s),
        sound_gates=sound_gates,
        sound_why=sound_why,
        role_gates=role_gates,
        roles_why=sound_why or _roles_missing(facts) or failed(role_gates),
        coverage=_coverage(talk[SpeakerRole.UNKNOWN], span.duration_s),
        coded=code_lesson(facts.codes, facts.sequences),
    )


def _edges(talk: Mapping[SpeakerRole, Intervals], voiced: Intervals | None) -> Intervals:
    """Short pieces of speech (n, 2) that touch a turn but lie outside every turn.

    Coded turns and detected speech never end at the same instant; a piece of up to ``EDGE_S``
    between the two is no unknown voice. The turns stay as they were coded.
    """
    if voiced is None:
        return intervals()
    pieces = subtract(voiced, union(*talk.values()))
    short = pieces[pieces[:, 1] - pieces[:, 0] <= EDGE_S]
    touching = np.zeros(len(short), dtype=np.bool_)
    for own in talk.values():
        touching |= _near(short[:, 0], own[:, 1]) | _near(short[:, 1], own[:, 0])
    return short[touching]


def _near(times_s: NDArray[np.float64], edges_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each time (k,) lies on one of the ascending edges (n,)."""
    if len(edges_s) == 0:
        return np.zeros(len(times_s), dtype=np.bool_)
    at = np.searchsorted(edges_s, times_s - TOUCH_S)
    found: NDArray[np.bool_] = (
        np.abs(edges_s[np.minimum(at, len(edges_s) - 1)] - times_s) <= TOUCH_S
    )
    return found


def _coverage(unknown: Intervals, lesson_s: float) -> float | None:
    if lesson_s <= 0:
        return None
    return min(1.0, max(0.0, 1 - total_s(unknown) / lesson_s))


def turns_of(facts: LessonFacts, gap_s: float) -> tuple[Turn, ...]:
    """Talk turns of one voice each: pauses up to ``gap_s`` in which nobody else talks are closed.

    Students without a separable voice ("") count as one voice per role, so two of them who follow
    each other within the pause are one turn. Sorted by start; independent of the order of the
    input and of cuts inside a turn.
    """
    voices: dict[tuple[SpeakerRole, str], list[Turn]] = {}
    for turn in facts.turns:
        voices.setdefault((turn.role, turn.speaker), []).append(turn)
    sets = {
        key: clip(intervals([(t.start_s, t.end_s) for t in own]), facts.span)
        for key, own in voices.items()
    }
    found: list[Turn] = []
    for (role, speaker), own in sorted(sets.items()):
        rest = [array for key, array in sets.items() if key != (role, speaker)]
        others = np.concatenate([np.zeros((0, 2)), *rest])
        least = min(t.confidence for t in voices[role, speaker])
        origin = voices[role, speaker][0].origin
        for start, end in joined(own, others, gap_s):
            found.append(Turn(float(start), float(end), role, speaker, least, origin))
    return tuple(sorted(found, key=lambda t: (t.start_s, t.end_s, t.role, t.speaker)))


def of_turns(turns: tuple[Turn, ...], *roles: SpeakerRole) -> Intervals:
    """Rows (n, 2) of the turns with one of ``roles``, in their order."""
    return intervals([(t.start_s, t.end_s) for t in turns if t.role in roles])


REASONS = {
    "voiced": Reason.TOO_LITTLE_SPEECH,
    "snr": Reason.NOISY,
    "roles": Reason.ROLES_INCOMPLETE,
    "voices": Reason.ONE_VOICE,
    "visible": Reason.TOO_FEW_SEEN,
    "points": Reason.POINTS_COARSE,
    "size": Reason.STUDENTS_SMALL,
    "decided": Reason.HEADS_UNDECIDED,
    "boundary": Reason.PAUSES_COARSE,
    "windows": Reason.TOO_SHORT,
    "text": Reason.TEXT_SPARSE,
    "coded": Reason.CODES_SPARSE,
    "class_size": Reason.CLASS_SMALL,
    "occurrences": Reason.TOO_FEW,
    "visible_s": Reason.TEACHER_BRIEF,
    "floor": Reason.FLOOR_ROUGH,
}


def failed(gates: tuple[Gate, ...]) -> Why | None:
    """The reason of the first gate that did not pass."""
    for gate in gates:
        if not gate.passed:
            value = math.nan if gate.value is None else round(gate.value, 3)
            detail = {} if math.isnan(value) else {"value": value}
            return Why(REASONS[gate.id], {**detail, "limit": gate.limit})
    return None


def codes_gates(basis: Basis) -> tuple[Gate, ...]:
    """Gates on the coded acts: those on roles where a machine coded, and how much is coded."""
    return _codes_check(basis)[0]


def codes_why(basis: Basis) -> Why | None:
    """Why nothing can be read from coded acts, or None."""
    return _codes_check(basis)[1]


@lru_cache(maxsize=1)
def _codes_check(basis: Basis) -> tuple[tuple[Gate, ...], Why | None]:
    # Dozens of measures of one lesson ask, so the last answer is kept.
    stream = basis.facts.codes
    if stream is None:
        missing = basis.facts.missing
        return (), missing.get("codes") or missing.get("words") or Why(Reason.NO_CODES)
    known = [a for a in stream.acts if a.act is not ActCode.UNKNOWN]
    covered_s = total_s(intervals([(a.start_s, a.end_s) for a in known]))
    share = covered_s / stream.span.duration_s if stream.span.duration_s > 0 else 0.0
    limit = basis.cfg.min_role_coverage
    gate = Gate("coded", share, limit, share >= limit, f"a code for at least {limit:.0%} of time")
    if any(act.origin is Origin.PREDICTED for act in stream.acts):
        return (*basis.role_gates, gate), basis.roles_why or failed((gate,))
    return (gate,), failed((gate,))


def _sound_gates(facts: LessonFacts, cfg: MetricsConfig, speech_s: float) -> tuple[Gate, ...]:
    voiced = Gate(
        "voiced",
        speech_s,
        cfg.min_voiced_s,
        speech_s >= cfg.min_voiced_s,
        f"at least {cfg.min_voiced_s:g} s of speech",
    )
    if facts.activity is None:
        return (voiced,)
    ratio = float(facts.activity.speech_db) - float(facts.activity.noise_db)
    # Without a moment free of speech there is no floor to compare with; that is no proof of noise.
    measured = ratio if math.isfinite(ratio) else None
    rule = f"speech at least {cfg.min_snr_db:g} dB above the noise; passes where no floor exists"
    passed = measured is None or measured >= cfg.min_snr_db
    return (voiced, Gate("snr", measured, cfg.min_snr_db, passed, rule))


def _role_gates(facts: LessonFacts, cfg: MetricsConfig, coverage: float | None) -> tuple[Gate, ...]:
    limit = cfg.min_role_coverage
    passed = coverage is not None and coverage >= limit
    roles = Gate("roles", coverage, limit, passed, f"a role for at least {limit:.0%} of speech")
    if any(turn.origin is not Origin.PREDICTED for turn in facts.turns):
        return (roles,)
    heard = [turn for turn in facts.turns if turn.role is not SpeakerRole.PLAYBACK]
    voices = len({(turn.role, turn.speaker) for turn in heard})
    return (roles, Gate("voices", float(voices), 2.0, voices >= 2, "at least two voices"))


def _roles_missing(facts: LessonFacts) -> Why | None:
    if any(turn.role in LESSON_ROLES for turn in facts.turns):
        return None
    return facts.missing.get("roles") or (None if facts.turns else Why(Reason.NO_TURNS))
