"""What is true of a made lesson's sound: turns, words, speech, overlap, and what is neither."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from classwatch.core.speech import Origin, Segment, SpeakerRole, Transcript, Turn, Word
from classwatch.core.time import Intervals, intersect, intervals, normalise, union
from classwatch.simulate.script import Person, PersonKind
from classwatch.simulate.sound.playback import Played, PlayedText
from classwatch.simulate.timeline import TimedUtterance, Timeline

JOIN_S = 0.3
"""A speaker's stretches that are less than this apart are one turn."""

_ROLES = {
    PersonKind.TEACHER: SpeakerRole.TEACHER,
    PersonKind.STUDENT: SpeakerRole.STUDENT,
    PersonKind.ADULT: SpeakerRole.ADULT,
}
_LETTERS = {PersonKind.TEACHER: "T", PersonKind.STUDENT: "S", PersonKind.ADULT: "A"}
PLAYBACK = "P"
"""Label of the voice from the loudspeaker."""


class OtherKind(StrEnum):
    """Sound that is no turn of one known role, or more than one."""

    ADULT = "adult"
    PLAYBACK = "playback"
    MURMUR = "murmur"
    CHORAL = "choral"


@dataclass(frozen=True, slots=True)
class OtherSound:
    """A stretch of such sound on the lesson clock; a playback may be speech or music."""

    kind: OtherKind
    start_s: float
    end_s: float


def turns(timeline: Timeline, played: tuple[Played, ...] = ()) -> tuple[Turn, ...]:
    """Every turn by start: voiced stretches of one speaker, joined over less than 0.3 s.

    Speakers are ``T``, ``S1``, ``S2``, ... in the order in which they first speak. A chorus is one
    speaker without a name and the role CHORAL; a second adult is ``A1``, speech from the
    loudspeaker ``P``.
    """
    names = _names(timeline)
    spans: dict[tuple[str, SpeakerRole], list[tuple[float, float]]] = {}
    for timed in timeline.utterances:
        spans.setdefault(_speaker(timed, timeline, names), []).extend(_voiced(timed))
    for text in _texts(timeline, played):
        spans.setdefault((PLAYBACK, SpeakerRole.PLAYBACK), []).extend(text.voiced)
    made = [
        Turn(_ms(start_s), _ms(end_s), role, name, 1.0, Origin.ANNOTATED)
        for (name, role), pairs in spans.items()
        for start_s, end_s in normalise(_within(timeline, pairs), join_gap_s=JOIN_S - 1e-6).tolist()
    ]
    return tuple(sorted(made, key=lambda t: (t.start_s, t.end_s, t.speaker)))


def transcript(timeline: Timeline, played: tuple[Played, ...] = ()) -> Transcript:
    """All that is said, one segment per utterance, with words and their times where known.

    Text from a loudspeaker is a segment too (speaker ``P``), murmurs are not. What the end
    of the lesson cuts off has the words that were finished.
    """
    names = _names(timeline)
    segments = []
    for timed in timeline.utterances:
        name, role = _speaker(timed, timeline, names)
        words = tuple(
            Word(_ms(timed.start_s + w.start_s), _ms(timed.start_s + w.end_s), w.text)
            for w in timed.spoken.words
        )
        times = (timed.start_s, timed.end_s)
        text = timed.utterance.text
        segments.append(Segment(*times, text, words, timed.language, role, name))
    for said in _texts(timeline, played):
        times, role = (said.start_s, said.end_s), SpeakerRole.PLAYBACK
        segments.append(Segment(*times, said.text, said.words, said.language, role, PLAYBACK))
    heard = [_until(s, timeline.duration_s) for s in segments if s.start_s < timeline.duration_s]
    ordered = tuple(sorted(heard, key=lambda s: (s.start_s, s.end_s, s.speaker)))
    return Transcript(ordered, timeline.script.language, Origin.ANNOTATED)


def speech(timeline: Timeline, played: tuple[Played, ...] = ()) -> Intervals:
    """When anybody can be understood, normalised: voiced stretches of utterances and playbacks.

    Murmurs are not in it; whether a detector reports them is neither right nor wrong.
    """
    pairs = [p for timed in timeline.utterances for p in _voiced(timed)]
    pairs += [p for text in _texts(timeline, played) for p in text.voiced]
    return normalise(_within(timeline, pairs))


def overlap(timeline: Timeline, played: tuple[Played, ...] = ()) -> Intervals:
    """When two or more speakers are voiced at once, normalised; a chorus is one speaker here."""
    names = _names(timeline)
    by_speaker: dict[str, list[tuple[float, float]]] = {}
    for timed in timeline.utterances:
        by_speaker.setdefault(_speaker(timed, timeline, names)[0], []).extend(_voiced(timed))
    for text in _texts(timeline, played):
        by_speaker.setdefault(PLAYBACK, []).extend(text.voiced)
    seen, twice = np.zeros((0, 2)), np.zeros((0, 2))
    for pairs in by_speaker.values():
        own = normalise(_within(timeline, pairs))
        twice, seen = union(twice, intersect(seen, own)), union(seen, own)
    return twice


def other_sounds(timeline: Timeline) -> tuple[OtherSound, ...]:
    """Second adults, playbacks, murmurs and choral answers by start, for scores that leave out."""
    adults = {p.id for p in timeline.script.people if p.kind is PersonKind.ADULT}
    found = [OtherSound(OtherKind.MURMUR, t.start_s, t.end_s) for t in timeline.murmurs]
    found += [OtherSound(OtherKind.PLAYBACK, t.start_s, t.end_s) for t in timeline.playbacks]
    for timed in timeline.utterances:
        if len(timed.speakers) > 1:
            found.append(OtherSound(OtherKind.CHORAL, timed.start_s, timed.end_s))
        elif timed.speakers[0] in adults:
            found.append(OtherSound(OtherKind.ADULT, timed.start_s, timed.end_s))
    last_s = timeline.duration_s
    heard = [replace(o, end_s=min(o.end_s, last_s)) for o in found if o.start_s < last_s]
    return tuple(sorted(heard, key=lambda o: (o.start_s, o.end_s, o.kind.value)))


def _names(timeline: Timeline) -> dict[str, str]:
    """Anonymous names by person, in the order in which people first speak alone."""
    kinds = {p.id: p.kind for p in timeline.script.people}
    counts: dict[PersonKind, int] = {}
    names: dict[str, str] = {}
    for timed in timeline.utterances:
        person = timed.speakers[0]
        if len(timed.speakers) > 1 or person in names:
            continue
        kind = kinds[person]
        counts[kind] = counts.get(kind, 0) + 1
        alone = kind is PersonKind.TEACHER and counts[kind] == 1
        names[person] = "T" if alone else f"{_LETTERS[kind]}{counts[kind]}"
    return names


def _speaker(
    timed: TimedUtterance, timeline: Timeline, names: dict[str, str]
) -> tuple[str, SpeakerRole]:
    if len(timed.speakers) > 1:
        return "", SpeakerRole.CHORAL
    person = timed.speakers[0]
    return names[person], _ROLES[_person(timeline, person).kind]


def _person(timeline: Timeline, person: str) -> Person:
    return next(p for p in timeline.script.people if p.id == person)


def _voiced(timed: TimedUtterance) -> list[tuple[float, float]]:
    return [(timed.start_s + a, timed.start_s + b) for a, b in timed.spoken.voiced]


def _texts(timeline: Timeline, played: tuple[Played, ...]) -> list[PlayedText]:
    return [t for p in played for t in p.texts if t.start_s < timeline.duration_s]


def _until(segment: Segment, end_s: float) -> Segment:
    """The part of ``segment`` before ``end_s``; without known words its whole text stays."""
    if segment.end_s <= end_s:
        return segment
    words = tuple(w for w in segment.words if w.end_s <= end_s)
    joined = (" " if segment.language == "en" else "").join(w.text for w in words)
    text = joined if segment.words else segment.text
    return replace(segment, end_s=end_s, text=text, words=words)


def _within(timeline: Timeline, pairs: Iterable[tuple[float, float]]) -> Intervals:
    """The pairs cut at the end of the lesson."""
    last_s = timeline.duration_s
    return intervals((a, min(b, last_s)) for a, b in pairs if a < last_s)


def _ms(time_s: float) -> float:
    return round(time_s, 3)
