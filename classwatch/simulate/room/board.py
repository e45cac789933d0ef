"""What stands on the board and on the screen at a time of the lesson.

Writing grows while somebody is at the board; a full board is wiped before the next writing. The
screen shows slides that change with phases and with what the teacher says, or a film during
playback. Everything follows from the timeline alone, so pictures can be made in any order.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from classwatch.simulate.room.chance import stream
from classwatch.simulate.script import ActKind, PersonKind, PhaseKind, Script
from classwatch.simulate.timeline import TimedUtterance, Timeline

LINES_ON_BOARD = 8
SECONDS_A_LINE = 5.0
"""How long writing one line takes."""
SLIDE_EVERY_S = 45.0
"""A slide stays for about this long within a phase."""
FILM_STEP_S = 5.0
"""The picture of a film on the screen in the room changes this often (its stream is smooth)."""
MOST_FILM_STEPS = 24
_LONGEST = {"zh": 14, "en": 30}


class SlideKind(StrEnum):
    """How a slide is set out."""

    TITLE = "title"
    POINTS = "points"
    PICTURE = "picture"
    TASK = "task"
    FILM = "film"


@dataclass(frozen=True, slots=True)
class Slide:
    """One picture of the screen; ``number`` tells apart slides with the same words."""

    kind: SlideKind
    title: str
    points: tuple[str, ...]
    number: int
    style: int
    """Chooses colours and pictures."""
    film_s: float = 0.0
    """Time since a film began."""


@dataclass(frozen=True, slots=True)
class BoardContent:
    """Lines written on the board, oldest first, and the slide that is shown (None: screen off)."""

    lines: tuple[str, ...] = ()
    slide: Slide | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    at_s: float
    lines: tuple[str, ...]


def board_times(timeline: Timeline) -> tuple[float, ...]:
    """Times at which the content changes, ascending, the first at 0."""
    return _programme(_ByIdentity(timeline)).times_s


def board_at(timeline: Timeline, time_s: float) -> BoardContent:
    """Content from the last change at or before ``time_s`` on; constant between changes."""
    programme = _programme(_ByIdentity(timeline))
    held_s = programme.times_s[max(0, bisect_right(programme.times_s, time_s) - 1)]
    known = bisect_right(programme.writing, held_s, key=_time_of)
    return BoardContent(programme.writing[known - 1].lines, slide_at(timeline, held_s))


def slide_at(timeline: Timeline, time_s: float) -> Slide | None:
    """The slide shown at exactly ``time_s``; a film's slide carries the time since its start."""
    for film in timeline.playbacks:
        if film.start_s <= time_s < film.end_s:
            style = int(stream(timeline.script.seed, f"film {film.start_s}").integers(1 << 16))
            points = (film.part.text,) if film.part.text else ()
            return Slide(SlideKind.FILM, "", points, 0, style, round(time_s - film.start_s, 3))
    slides = _programme(_ByIdentity(timeline)).slides
    shown = bisect_right(slides, time_s, key=_time_of)
    return slides[max(0, shown - 1)].slide


def slide_times(timeline: Timeline) -> tuple[float, ...]:
    """Times at which another slide comes up, ascending; the first one is no change, nor is what
    comes up while a film plays."""
    changes = [shown.at_s for shown in _programme(_ByIdentity(timeline)).slides[1:]]
    films = [(film.start_s, film.end_s) for film in timeline.playbacks]
    return tuple(
        t for t in changes if t < timeline.duration_s and not any(a <= t < b for a, b in films)
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    at_s: float
    slide: Slide


def _time_of(change: _Change | _Shown) -> float:
    return change.at_s


@dataclass(frozen=True, slots=True)
class _Programme:
    """Everything that a lesson writes and shows, in order of time."""

    times_s: tuple[float, ...]
    writing: tuple[_Change, ...]
    slides: tuple[_Shown, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _ByIdentity:
    """A timeline as a key: it cannot be hashed, and while it is kept nobody else has its id."""

    timeline: Timeline

    def __hash__(self) -> int:
        return id(self.timeline)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.timeline is self.timeline


@lru_cache(maxsize=4)
def _programme(key: _ByIdentity) -> _Programme:
    timeline = key.timeline
    writing, slides = _writing(timeline), _slides(timeline)
    times = {0.0} | {c.at_s for c in writing} | {s.at_s for s in slides}
    for film in timeline.playbacks:
        steps = int((film.end_s - film.start_s) / FILM_STEP_S)
        stride = FILM_STEP_S * max(1, -(-steps // MOST_FILM_STEPS))
        count = int((film.end_s - film.start_s) / stride) + 1
        times |= {round(film.start_s + k * stride, 3) for k in range(count)}
        times.add(film.end_s)
    kept = sorted(t for t in times if t < max(timeline.duration_s, 0.001))
    return _Programme(tuple(kept), tuple(writing), tuple(slides))


def _writing(timeline: Timeline) -> list[_Change]:
    """States of the board, one for each line that is added, in order of time."""
    lines: list[str] = []
    changes = [_Change(0.0, ())]
    for stroke in sorted(_strokes(timeline), key=lambda s: s.at_s):
        if len(lines) + stroke.still_to_come > LINES_ON_BOARD:
            lines = lines[:1]
        options = [w for w in stroke.words if w not in lines]
        lines.append(options[0] if options else _example(timeline.script, len(changes)))
        changes.append(_Change(stroke.at_s, tuple(lines)))
    return changes


@dataclass(frozen=True, slots=True)
class _Stroke:
    """A line to be written: from which words, and how many its writer has still to write."""

    at_s: float
    words: tuple[str, ...]
    still_to_come: int


def _strokes(timeline: Timeline) -> Iterator[_Stroke]:
    """Lines of each time that somebody is at the board, evenly over it."""
    acts = [a for a in timeline.acts if a.act.kind is ActKind.BOARD]
    for number, act in enumerate(sorted(acts, key=lambda a: a.start_s)):
        length_s = act.end_s - act.start_s
        count = max(1, min(4, int(length_s / SECONDS_A_LINE)))
        words = tuple(_said_about(timeline, act.start_s, act.end_s))
        if number == 0:
            words = (_title(timeline.script), *words)
        for k in range(count):
            at_s = round(act.start_s + (k + 1) * length_s / (count + 1), 3)
            yield _Stroke(at_s, words, count - k)


def _example(script: Script, number: int) -> str:
    return f"例{number}" if script.language == "zh" else f"Example {number}"


def _slides(timeline: Timeline) -> list[_Shown]:
    script = timeline.script
    slides = [_Shown(0.0, _titled(script))]
    number = 1
    for phase in timeline.phases:
        start_s = phase.start_s if phase.start_s > 0 else min(8.0, (phase.end_s) / 3)
        count = max(1, round((phase.end_s - start_s) / SLIDE_EVERY_S))
        for k in range(count):
            at_s = round(start_s + k * (phase.end_s - start_s) / count, 3)
            until_s = start_s + (k + 1) * (phase.end_s - start_s) / count
            words = _said_about(timeline, at_s, until_s)
            slides.append(_Shown(at_s, _slide(script, phase.part.kind, words, number)))
            number += 1
    return slides


def _titled(script: Script) -> Slide:
    points = tuple(v for k, v in script.metadata.items() if k in ("grade", "class"))
    return Slide(SlideKind.TITLE, _title(script), points, 0, _style(script))


def _slide(script: Script, phase: PhaseKind, words: list[str], number: int) -> Slide:
    draw = stream(script.seed, f"slide {number}").random()
    kind = SlideKind.PICTURE if draw < 0.35 else SlideKind.POINTS
    if phase in (PhaseKind.PRACTICE, PhaseKind.GROUP):
        kind = SlideKind.TASK
    names = _PHASES_ZH if script.language == "zh" else _PHASES_EN
    return Slide(kind, names[phase], tuple(words[:5]), number, _style(script))


_PHASES_ZH = {
    PhaseKind.LECTURE: "新课讲授",
    PhaseKind.DIALOGUE: "想一想，说一说",
    PhaseKind.PRACTICE: "练一练",
    PhaseKind.GROUP: "小组讨论",
    PhaseKind.PLAYBACK: "看一看",
}
_PHASES_EN = {
    PhaseKind.LECTURE: "New ideas",
    PhaseKind.DIALOGUE: "Think and share",
    PhaseKind.PRACTICE: "Your turn",
    PhaseKind.GROUP: "Group work",
    PhaseKind.PLAYBACK: "Watch",
}
_SUBJECTS_ZH = {
    "chinese": "语文",
    "mathematics": "数学",
    "maths": "数学",
    "english": "英语",
    "science": "科学",
}


def _title(script: Script) -> str:
    subject = script.metadata.get("subject", "")
    for key in ("topic", "title", "lesson"):
        if script.metadata.get(key):
            return _shorten(script.metadata[key], script.language)
    if script.language == "zh":
        return _SUBJECTS_ZH.get(subject.lower(), subject) or "今天的课"
    return subject.capitalize() or "Today's lesson"


def _style(script: Script) -> int:
    return int(stream(script.seed, "slides").integers(1 << 16))


def _said_about(timeline: Timeline, start_s: float, end_s: float) -> list[str]:
    """Short pieces of what adults say from a little before ``start_s`` to ``end_s``."""
    adults = {p.id for p in timeline.script.people if p.kind is not PersonKind.STUDENT}

    def near(said: TimedUtterance) -> bool:
        spoken_by_adult = said.speakers[0] in adults
        return spoken_by_adult and said.end_s > start_s - 12 and said.start_s < end_s

    pieces: list[str] = []
    for said in timeline.utterances:
        if near(said):
            clauses = re.split(r"[，。！？；：,.!?;:]\s*", said.utterance.text)
            longest = max(clauses, key=len).strip()
            short = _shorten(longest, said.language)
            if short and short not in pieces:
                pieces.append(short)
    return pieces


def _shorten(text: str, language: str) -> str:
    most = _LONGEST[language]
    if len(text) <= most:
        return text
    cut = text[:most]
    return cut if language == "zh" else cut.rsplit(" ", 1)[0]
