"""Measures from what people coded, without any recording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from classwatch.config.schema import MetricsConfig
from classwatch.core.code_rows import ACTS, ATTRIBUTES
from classwatch.core.codes import ActCode
from classwatch.core.labels import role_of_label
from classwatch.core.measures import Measure, Why
from classwatch.core.reasons import Reason
from classwatch.core.speech import Origin, Segment, SpeakerRole, Transcript, Turn
from classwatch.core.time import Interval
from classwatch.discourse.questions import find_questions
from classwatch.exchange.code_sequence import steps
from classwatch.exchange.correcting_codes import corrected_acts
from classwatch.exchange.corrections import CodedTier, Correction, Reading, read_corrections
from classwatch.exchange.eaf import Tier
from classwatch.exchange.lesson_coding import CODES
from classwatch.exchange.tiers import Coding
from classwatch.exchange.transcripts import guess_language
from classwatch.metrics.compute import compute, compute_coded
from classwatch.metrics.facts import LessonFacts
from classwatch.metrics.scheme import BY_HAND, ST, STD
from classwatch.metrics.sequence import coded_by_hand

_ROLES = frozenset(role.value for role in SpeakerRole)


@dataclass(frozen=True, slots=True)
class CodedSeries:
    """One tier of codes of a protocol, at equal steps of time; "" is a step without a code."""

    name: str
    scheme: str
    step_s: float
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CodedLesson:
    """A coding as measures need it; ``left_out`` says which tiers nothing was made of, and why."""

    facts: LessonFacts
    tiers: tuple[CodedSeries, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodedMeasures:
    """Measures of the turns and words, and of each tier of codes by its name."""

    measures: tuple[Measure, ...]
    by_tier: tuple[tuple[str, tuple[Measure, ...]], ...]


def coded_lesson(
    coding: Coding, *, step_s: float, scheme: str = "", kinds: Mapping[str, str] | None = None
) -> CodedLesson:
    """Turns, words and codes of a coding.

    Tiers are what their names say (``exchange.corrections``), or what ``kinds`` says they are.
    Others are codes: of ``scheme``, or of the protocol that the tier's name or its codes show.
    """
    reading = read_corrections(coding, kinds)
    segments = reading.segments or _words_of_voices(coding, kinds or {})
    turns = reading.turns or _turns_of(segments)
    transcript = _transcript(segments)
    facts = LessonFacts(
        span=Interval(0.0, coding.end_s),
        turns=turns,
        transcript=transcript,
        questions=None if transcript is None else find_questions(transcript),
        events=tuple(event for own in reading.events for event in own.events),
        missing=_missing(turns),
    )
    acts: list[CodedTier] = []
    tiers: list[CodedSeries] = []
    left_out: list[str] = []
    for tier in _code_tiers(coding, reading):
        own = scheme or scheme_of(tier)
        if own in (ACTS, *ATTRIBUTES):
            acts.append(CodedTier(own, tier.annotations))
        elif own:
            codes = steps(tier.annotations, coding.end_s, step_s)
            tiers.append(CodedSeries(tier.name, own, step_s, tuple(codes)))
        else:
            left_out.append(f"{tier.name}: its protocol is not known (--scheme)")
    if acts:
        given = Correction("", "", codes=tuple(acts))
        facts = replace(facts, codes=corrected_acts(None, facts.span, (given,)))
    return CodedLesson(facts, tuple(tiers), tuple(left_out))


def measure_coded(lesson: CodedLesson, cfg: MetricsConfig) -> CodedMeasures:
    """Every measure of the turns and words, and the protocols of each tier of codes."""
    facts = lesson.facts
    found: tuple[Measure, ...] = ()
    if facts.turns:
        found = compute(facts, cfg)
    elif facts.codes is not None:
        found = compute_coded(facts.codes, (), cfg)
    return CodedMeasures(found, tuple((t.name, _protocols(t, cfg)) for t in lesson.tiers))


def _protocols(tier: CodedSeries, cfg: MetricsConfig) -> tuple[Measure, ...]:
    """What the tier's own protocol can say, and S-T read from it."""
    series = coded_by_hand(BY_HAND[tier.scheme], tier.codes, tier.step_s)
    return compute_coded(None, (series,), cfg)


def scheme_of(tier: Tier) -> str:
    """What the codes of a tier are: acts, what describes acts, or a protocol; "" for others.

    By the tier's name, else by the codes themselves (acts, S-T, S-T-D).
    """
    own = tier.name.rpartition("/")[2]
    if own in ATTRIBUTES:
        return own
    texts = {item.text for item in tier.annotations}
    if texts and texts <= set(ActCode):
        return ACTS
    name = tier.name.casefold().replace("-", "")
    for scheme in sorted(BY_HAND.keys() - {ST.id}, key=len, reverse=True):
        if scheme in name:
            return scheme
    return next((s.id for s in (ST, STD) if texts and texts <= set(s.labels)), "")


def _code_tiers(coding: Coding, reading: Reading) -> Iterable[Tier]:
    for tier in coding.tiers:
        if tier.name in reading.left_out:
            yield tier
    for own in reading.codes:
        yield Tier(f"{CODES}/{own.name}", own.codes)


def _words_of_voices(coding: Coding, kinds: Mapping[str, str]) -> tuple[Segment, ...]:
    """What is written in the tiers of voices, where it is more than their roles."""
    found: list[Segment] = []
    for tier in coding.tiers:
        role = role_of_label(kinds.get(tier.name, tier.name))
        if role is SpeakerRole.UNKNOWN:
            continue
        found += [
            Segment(a.start_s, a.end_s, a.text, role=role)
            for a in tier.annotations
            if a.text.strip() and a.text not in _ROLES and len(a.text) > 1
        ]
    return tuple(sorted(found, key=lambda s: (s.start_s, s.end_s, s.text)))


def _turns_of(segments: Sequence[Segment]) -> tuple[Turn, ...]:
    return tuple(
        Turn(s.start_s, s.end_s, s.role, s.speaker, 1.0, Origin.ANNOTATED) for s in segments
    )


def _transcript(segments: Sequence[Segment]) -> Transcript | None:
    if not segments:
        return None
    language = guess_language(" ".join(s.text for s in segments[:500]))
    own = tuple(
        Segment(s.start_s, s.end_s, s.text, role=s.role, speaker=s.speaker, language=language)
        for s in segments
    )
    return Transcript(own, language, Origin.ANNOTATED)


def _missing(turns: Sequence[Turn]) -> dict[str, Why]:
    missing = {"pose": Why(Reason.NO_PICTURE), "teacher": Why(Reason.NO_PICTURE)}
    return missing if turns else {**missing, "speech": Why(Reason.NO_TURNS)}
