"""Everything a report is made of, as one frozen value; nothing here knows about HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from classwatch.core.events import Event
from classwatch.core.issues import Issue
from classwatch.core.measures import Definition, Gate, Measure
from classwatch.core.media import MediaInfo, StreamRole
from classwatch.core.norms import Norm
from classwatch.core.people import ClassPictures
from classwatch.core.speech import RoleEvidence, SpeechActivity, Transcript, Turn
from classwatch.core.time import Interval

Language = Literal["zh-CN", "en"]

MIN_GROUP = 5
"""Fewer students in the picture than this: class-level figures are not drawn."""


@dataclass(frozen=True, slots=True)
class StreamItem:
    """One media file of the lesson. ``info`` is None where it could not be probed.

    ``offset_s`` is the lesson time of the file's time 0; ``digest`` a short prefix of its SHA-256.
    """

    name: str
    role: StreamRole
    info: MediaInfo | None = None
    offset_s: float = 0.0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class StGrid:
    """The S-T codes that the S-T measures were computed from, one per window of ``interval_s``.

    ``codes`` holds True for T, False for S and None for undecided, from the start of the span on.
    """

    interval_s: float
    codes: tuple[bool | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ReportInput:
    """One lesson, ready to be shown. Empty tuples and None are legal everywhere.

    ``metadata`` holds the manifest's columns; ``activity`` feeds the loudness strip;
    ``pictures`` the hand and head strips; ``st_grid`` the S-T strip; ``provenance`` is shown as
    written, in order; ``reasons`` maps the code of a ``Why`` to a sentence in the language of the
    report, whose ``{blanks}`` are filled from its detail; ``gates`` names the gates by id and
    ``samplings`` the sampling rules by definition id, likewise; what they lack is shown in English.
    ``sound_checks`` are the conditions that the recording's sound was held against, passed or not.
    ``uncorrected`` holds the measures that rest on people's corrections, as they were without them.
    """

    lesson_id: str
    span: Interval
    metadata: Mapping[str, str] = field(default_factory=dict)
    media: tuple[StreamItem, ...] = ()
    issues: tuple[Issue, ...] = ()
    measures: tuple[Measure, ...] = ()
    definitions: tuple[Definition, ...] = ()
    turns: tuple[Turn, ...] = ()
    transcript: Transcript | None = None
    events: tuple[Event, ...] = ()
    activity: SpeechActivity | None = None
    role_evidence: tuple[RoleEvidence, ...] = ()
    sound_checks: tuple[Gate, ...] = ()
    pictures: tuple[ClassPictures, ...] = ()
    st_grid: StGrid | None = None
    provenance: tuple[tuple[str, str], ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    gates: Mapping[str, str] = field(default_factory=dict)
    samplings: Mapping[str, str] = field(default_factory=dict)
    norms: tuple[Norm, ...] = ()
    uncorrected: tuple[Measure, ...] = ()
