"""What people corrected in a lesson: read from a file of any format, kept, and put in place.

A file counts for the kinds of tiers that it holds: its turns replace all turns, its words all
words, a tier of events the events of that stream and kind, within the time it is about. What is
the same as predicted to the millisecond stays the prediction, with its confidence and word times;
everything else is ``annotated``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from classwatch.core.events import Event, EventKind
from classwatch.core.labels import role_of_label
from classwatch.core.people import NO_TRACK
from classwatch.core.speech import Origin, Segment, SpeakerRole, Turn
from classwatch.core.time import Interval
from classwatch.exchange.eaf import Annotation, Tier
from classwatch.exchange.formats import role_of_text
from classwatch.exchange.lesson_coding import (
    CODES,
    EVENTS,
    TURNS,
    WORDS,
    code_tiers,
    published_codes,
)
from classwatch.exchange.tiers import Coding, rounded
from classwatch.store.documents import DocumentSchema, read_document
from classwatch.store.lesson_folder import CORRECTIONS_FILE, CORRECTIONS_FOLDER

_ROLES = frozenset(role.value for role in SpeakerRole)


@dataclass(frozen=True, slots=True)
class CorrectedEvents:
    """Every event of one stream and kind, as a person has them."""

    stream: str
    kind: EventKind
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class CodedTier:
    """Codes that a person gave, under the name of their tier."""

    name: str
    codes: tuple[Annotation, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """One file that was brought in. ``turns`` and ``segments`` are None where it holds none.

    ``file`` is its copy in the lesson's folder of corrections, ``sha256`` its content; ``within``
    is the time it is about (None: the whole lesson).
    """

    file: str
    sha256: str
    within: Interval | None = None
    turns: tuple[Turn, ...] | None = None
    segments: tuple[Segment, ...] | None = None
    events: tuple[CorrectedEvents, ...] = ()
    codes: tuple[CodedTier, ...] = ()


@dataclass(frozen=True, slots=True)
class Corrections:
    """Everything that people brought in, the latest last; the latest wins."""

    corrections: tuple[Correction, ...] = ()


CORRECTIONS: DocumentSchema[Corrections] = DocumentSchema(
    "corrections", 1, Corrections, "What people corrected in a lesson, file by file."
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says about a lesson, before it is known whether it changes anything.

    ``left_out`` names tiers that mean nothing here.
    """

    turns: tuple[Turn, ...] | None
    segments: tuple[Segment, ...] | None
    events: tuple[CorrectedEvents, ...]
    codes: tuple[CodedTier, ...]
    left_out: tuple[str, ...] = ()


def read_corrections(coding: Coding, kinds: Mapping[str, str] | None = None) -> Reading:
    """Turns, words, events and codes of a coding.

    A tier is what its name says (``turns/T``, ``words/teacher``, ``events/front/hand_raised``,
    ``codes/fias``), or a voice where its name is a speaker's (``老师``, ``S1``). ``kinds`` maps
    other names of tiers to such names. Tiers that are neither are left out and named.
    """
    named = kinds or {}
    turns: list[Turn] = []
    segments: list[Segment] = []
    events: dict[tuple[str, EventKind], list[Event]] = {}
    codes: list[CodedTier] = []
    left_out: list[str] = []
    held: set[str] = set()
    for tier in coding.tiers:
        kind, rest = _meaning(named.get(tier.name, tier.name))
        held.add(kind)
        if kind == TURNS:
            turns += _turns(tier, rest)
        elif kind == WORDS:
            segments += _segments(tier, rest)
        elif kind == EVENTS:
            stream, _, event = rest.rpartition("/")
            events.setdefault((stream, EventKind(event)), []).extend(_events(tier, stream, event))
        elif kind == CODES:
            codes.append(CodedTier(rest, tuple(map(rounded, tier.annotations))))
        else:
            left_out.append(tier.name)
    return Reading(
        tuple(sorted(turns, key=lambda t: (t.start_s, t.end_s, t.speaker)))
        if TURNS in held
        else None,
        tuple(sorted(segments, key=lambda s: (s.start_s, s.end_s, s.text)))
        if WORDS in held
        else None,
        tuple(CorrectedEvents(s, k, tuple(found)) for (s, k), found in sorted(events.items())),
        tuple(codes),
        tuple(left_out),
    )


def coded_tiers(folder: Path) -> tuple[Tier, ...]:
    """The codes that people brought into the lesson in ``folder``; of one name the latest."""
    path = folder / CORRECTIONS_FOLDER / CORRECTIONS_FILE
    if not path.is_file():
        return ()
    kept = read_document(path, CORRECTIONS).corrections
    found = {tier.name: tier.codes for one in kept for tier in one.codes}
    return tuple(Tier(f"{CODES}/{name}", codes) for name, codes in sorted(found.items()))


def known_codes(folder: Path) -> tuple[CodedTier, ...]:
    """The codes of the lesson in ``folder``: as published, and other tiers that people brought."""
    tiers = (*coded_tiers(folder), *code_tiers(published_codes(folder)))
    found = {tier.name.partition("/")[2]: tier.annotations for tier in tiers}
    return tuple(CodedTier(name, codes) for name, codes in sorted(found.items()))


def _meaning(name: str) -> tuple[str, str]:
    """Kind of a tier and the rest of its name; ("", name) where it means nothing here."""
    kind, _, rest = name.partition("/")
    if kind in (TURNS, WORDS, CODES) and rest:
        return kind, rest
    if kind == EVENTS and rest.rpartition("/")[2] in set(EventKind):
        return kind, rest
    if role_of_label(name) is not SpeakerRole.UNKNOWN or name in _ROLES:
        return TURNS, name
    return "", name


def _turns(tier: Tier, voice: str) -> list[Turn]:
    found = []
    for item in map(rounded, tier.annotations):
        role = role_of_text(item.text, voice)
        # A voice that is called like a role was never told apart from others.
        speaker = "" if voice in _ROLES else voice
        found.append(Turn(item.start_s, item.end_s, role, speaker, 1.0, Origin.ANNOTATED))
    return found


def _segments(tier: Tier, who: str) -> list[Segment]:
    role = SpeakerRole(who) if who in _ROLES else role_of_label(who)
    speaker = "" if who in _ROLES else who
    return [
        Segment(item.start_s, item.end_s, item.text, role=role, speaker=speaker)
        for item in map(rounded, tier.annotations)
        if item.text.strip()
    ]


def _events(tier: Tier, stream: str, kind: str) -> list[Event]:
    return [
        Event(
            EventKind(kind),
            item.start_s,
            item.end_s,
            stream,
            NO_TRACK,
            1.0,
            origin=Origin.ANNOTATED,
        )
        for item in map(rounded, tier.annotations)
    ]
