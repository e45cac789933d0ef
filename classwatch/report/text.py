"""The transcript, the evidence list and the moments worth watching again."""

from __future__ import annotations

from dataclasses import dataclass

from classwatch.core.events import EventKind
from classwatch.core.speech import SpeakerRole
from classwatch.core.time import Interval, Intervals, clock, total_s
from classwatch.report.model import ReportInput
from classwatch.report.timeline import Finder, TimeLink, link
from classwatch.report.views import student_events, teacher_places
from classwatch.report.words import Words, plain, seconds

MAX_EVENT_LINKS = 200
_OF_STUDENTS = (EventKind.HAND_RAISED, EventKind.STANDING)
"""Heads are left out: in a class there is always somebody with the head down."""

PROMPTS = (
    "talk.monologue_longest",
    "talk.student_longest",
    "talk.silence",
    "wait.one_median",
    "question.count",
    "hands.largest_share",
)
"""Measures whose first evidence interval is worth watching again."""


@dataclass(frozen=True, slots=True)
class Line:
    """One transcript row."""

    number: int
    start_s: float
    clock: str
    role: str
    role_name: str
    text: str
    suspect: str


@dataclass(frozen=True, slots=True)
class EventList:
    """All times at which one kind of thing was seen, whoever did it."""

    name: str
    count: str
    total: str
    moments: tuple[TimeLink, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """A moment to watch again, and a question to think about; it never says good or bad."""

    name: str
    moment: TimeLink
    length: str
    question: str


def lines(report: ReportInput, say: Words) -> tuple[Line, ...]:
    """The transcript's rows in its own order."""
    if report.transcript is None:
        return ()
    return tuple(
        Line(
            k,
            round(s.start_s, 2),
            clock(s.start_s),
            s.role.value,
            say(f"role.{s.role.value}"),
            s.text,
            say.name("suspect", s.suspect) if s.suspect else "",
        )
        for k, s in enumerate(report.transcript.segments)
    )


def roles_present(rows: tuple[Line, ...]) -> tuple[str, ...]:
    """Roles that occur in the transcript, in a fixed order."""
    present = {r.role for r in rows}
    return tuple(r.value for r in SpeakerRole if r.value in present)


def events(report: ReportInput, finder: Finder, say: Words) -> tuple[EventList, ...]:
    """Events merged over everybody in the picture: no line is about one person."""
    times = {kind: student_events(report, kind) for kind in _OF_STUDENTS}
    times.update(teacher_places(report))
    return tuple(
        _event_list(say(f"event.{kind.value}"), found, finder, say)
        for kind, found in times.items()
        if len(found)
    )


def _event_list(name: str, found: Intervals, finder: Finder, say: Words) -> EventList:
    moments = tuple(link(Interval(float(a), float(b)), finder) for a, b in found[:MAX_EVENT_LINKS])
    return EventList(
        name, plain(len(found)), seconds(total_s(found), say), moments, len(found) - len(moments)
    )


def prompts(report: ReportInput, finder: Finder, say: Words) -> tuple[Prompt, ...]:
    """For some measures the most telling moment, with a question to think about."""
    found: list[Prompt] = []
    for base in PROMPTS:
        for measure in report.measures:
            if measure.id.partition("@")[0] == base and measure.evidence:
                found.append(_prompt(base, measure.evidence[0], finder, say))
                break
    return tuple(found)


def _prompt(base: str, first: Interval, finder: Finder, say: Words) -> Prompt:
    return Prompt(
        say(f"moment.{base}"),
        link(first, finder),
        seconds(first.duration_s, say),
        say(f"prompt.{base}"),
    )
