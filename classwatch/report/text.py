"""The transcript, the evidence list and the moments worth watching again."""

from __future__ import annotations

from dataclasses import dataclass

from classwatch.core.events import EventKind
from classwatch.core.measures import Measure
from classwatch.core.speech import SpeakerRole
from classwatch.core.time import Interval, clock, intersect, intervals, normalise, total_s
from classwatch.report.figures import Figure
from classwatch.report.model import ReportInput
from classwatch.report.timeline import Finder, TimeLink, link
from classwatch.report.words import Words, plain, seconds

MAX_EVENT_LINKS = 200
_LISTED = (
    EventKind.HAND_RAISED,
    EventKind.STANDING,
    EventKind.TEACHER_AT_BOARD,
    EventKind.TEACHER_AMONG_DESKS,
    EventKind.TEACHER_NOT_VISIBLE,
)
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
    """Events merged over everybody and every camera: no line is about one person."""
    span = intervals([report.span])
    found: list[EventList] = []
    for kind in _LISTED:
        pairs = [(e.start_s, e.end_s) for e in report.events if e.kind is kind]
        merged = intersect(normalise(intervals(pairs)), span)
        if len(merged) == 0:
            continue
        links = tuple(
            link(Interval(float(a), float(b)), finder) for a, b in merged[:MAX_EVENT_LINKS]
        )
        found.append(
            EventList(
                say(f"event.{kind.value}"),
                plain(len(merged)),
                seconds(total_s(merged), say),
                links,
                len(merged) - len(links),
            )
        )
    return tuple(found)


def prompts(
    report: ReportInput, shown: tuple[Figure, ...], finder: Finder, say: Words
) -> tuple[Prompt, ...]:
    """For some measures the most telling moment, with a question to think about."""
    found: list[Prompt] = []
    for base in PROMPTS:
        for measure, figure in zip(report.measures, shown, strict=True):
            if measure.id.partition("@")[0] == base and measure.evidence:
                found.append(_prompt(base, measure, figure, (finder, say)))
                break
    return tuple(found)


def _prompt(base: str, measure: Measure, figure: Figure, context: tuple[Finder, Words]) -> Prompt:
    finder, say = context
    first = measure.evidence[0]
    return Prompt(
        figure.name, link(first, finder), seconds(first.duration_s, say), say(f"prompt.{base}")
    )
