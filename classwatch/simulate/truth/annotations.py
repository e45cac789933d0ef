"""The lesson as ELAN tiers: teacher, student, choral, phases, acts and sounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from classwatch.core.speech import Segment, SpeakerRole, Transcript
from classwatch.core.time import intervals, normalise
from classwatch.exchange.eaf import Annotation, Tier, eaf_text
from classwatch.simulate.script import ActKind, PersonKind
from classwatch.simulate.sound.truth import other_sounds
from classwatch.simulate.timeline import Timeline

_SPEECH = {
    SpeakerRole.TEACHER: "teacher",
    SpeakerRole.STUDENT: "student",
    SpeakerRole.CHORAL: "choral",
    SpeakerRole.ADULT: "adult",
    SpeakerRole.PLAYBACK: "playback",
}


def lesson_eaf(timeline: Timeline, transcript: Transcript, media: Sequence[str]) -> str:
    """The EAF file of a lesson; ``media`` are file names beside it.

    Annotations of a tier never overlap, as ELAN asks: what would overlap goes to a further tier
    (``student 2``). What students do is told for the class, one tier for each kind of act.
    """
    tiers = [
        *_speech_tiers(transcript),
        Tier(
            "phases",
            tuple(Annotation(p.start_s, p.end_s, p.part.kind.value) for p in timeline.phases),
        ),
        *lanes("teacher acts", _adult_acts(timeline)),
        *_class_tiers(timeline),
        *_code_tiers(timeline),
        *_sound_tiers(timeline),
    ]
    return eaf_text([tier for tier in tiers if tier.annotations], media)


def lanes(name: str, annotations: Iterable[Annotation]) -> tuple[Tier, ...]:
    """``annotations`` on as few tiers as keep them from overlapping: ``name``, ``name 2``, …"""
    rows: list[list[Annotation]] = []
    for item in sorted(annotations, key=lambda a: (a.start_s, a.end_s, a.text)):
        for row in rows:
            if row[-1].end_s <= item.start_s:
                row.append(item)
                break
        else:
            rows.append([item])
    return tuple(
        Tier(name if number == 1 else f"{name} {number}", tuple(row))
        for number, row in enumerate(rows, start=1)
    )


def phases(timeline: Timeline) -> list[Annotation]:
    """The phases by their kinds."""
    return [Annotation(p.start_s, p.end_s, p.part.kind.value) for p in timeline.phases]


def codes(timeline: Timeline) -> dict[str, list[Annotation]]:
    """Labels of utterances by name (``fias``, ``question``, ``feedback``), in order of time."""
    found: dict[str, list[Annotation]] = {}
    for timed in timeline.utterances:
        for name, value in timed.utterance.labels.items():
            found.setdefault(name, []).append(Annotation(timed.start_s, timed.end_s, value))
    return {name: found[name] for name in sorted(found)}


def _speech_tiers(transcript: Transcript) -> list[Tier]:
    tiers: list[Tier] = []
    for role, name in _SPEECH.items():
        own = (s for s in transcript.segments if s.role is role)
        tiers += lanes(name, (_said(segment) for segment in own))
    return tiers


def _said(segment: Segment) -> Annotation:
    return Annotation(segment.start_s, segment.end_s, segment.text)


def _adult_acts(timeline: Timeline) -> list[Annotation]:
    """Acts of adults, where a later one in the script ends an earlier one."""
    adults = {p.id for p in timeline.script.people if p.kind is not PersonKind.STUDENT}
    found = []
    for timed in timeline.acts:
        who = [a for a in timed.actors if a in adults]
        if who:
            text = timed.act.kind.value
            found.append(Annotation(timed.start_s, timed.end_s, text))
    return found


def _class_tiers(timeline: Timeline) -> list[Tier]:
    students = {p.id for p in timeline.script.people if p.kind is PersonKind.STUDENT}
    spans: dict[ActKind, list[tuple[float, float]]] = {}
    for timed in timeline.acts:
        if students.intersection(timed.actors):
            spans.setdefault(timed.act.kind, []).append((timed.start_s, timed.end_s))
    return [
        Tier(
            f"class {kind.value}",
            tuple(Annotation(a, b, kind.value) for a, b in normalise(intervals(own)).tolist()),
        )
        for kind, own in sorted(spans.items())
    ]


def _code_tiers(timeline: Timeline) -> list[Tier]:
    return [tier for name, own in codes(timeline).items() for tier in lanes(name, own)]


def _sound_tiers(timeline: Timeline) -> list[Tier]:
    """Playbacks, murmurs, choruses and second adults."""
    found = [Annotation(s.start_s, s.end_s, s.kind.value) for s in other_sounds(timeline)]
    return list(lanes("sounds", found))
