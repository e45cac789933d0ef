"""What stands on the board and on the screen at a time of the lesson.

Writing grows while somebody is at the board; a full board is wiped before the next writing. The
screen shows slides that change with phases and with what the teacher says, or a film during
playback. Everything follows from the timeline alone, so pictures can be made in any order.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from enum import StrEnum

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
    times = {0.0} | {c.at_s for c in _writing(timeline)} | {at_s for at_s, _ in _slides(timeline)}
    for film in timeline.playbacks:
        steps = int((film.end_s - film.start_s) / FILM_STEP_S)
        stride = FILM_STEP_S * max(1, -(-steps // MOST_FILM_STEPS))
        count = int((film.end_s - film.start_s) / stride) + 1
        times |= {round(film.start_s + k * stride, 3) for k in range(count)}
        times.add(film.end_s)
    return tuple(sorted(t for t in times if t < max(timeline.duration_s, 0.001)))


def board_at(timeline: Timeline, time_s: float) -> BoardContent:
    """Content from the last change at or before ``time_s`` on; constant between changes."""
    times = board_times(timeline)
    held_s = times[max(0, bisect_right(times, time_s) - 1)]
    lines: tuple[str, ...] = ()
    for change in _writing(timeline):
        if change.at_s <= held_s:
            lines = change.lines
    return BoardContent(lines, slide_at(timeline, held_s))


def slide_at(timeline: Timeline, time_s: float) -> Slide | None:
    """The slide shown at exactly ``time_s``; a film's slide carries the time since its start."""
    for film in timeline.playbacks:
        if film.start_s <= time_s < film.end_s:
            style = int(stream(timeline.script.seed, f"film {film.start_s}").integers(1 << 16))
            points = (film.part.text,) if film.part.text else ()
            return Slide(SlideKind.FILM, "", points, 0, style, time_s - film.start_s)
    shown = None
    for at_s, slide in _slides(timeline):
        if at_s <= time_s:
            shown = slide
    return shown


def _writing(timeline: Timeline) -> list[_Change]:
    """States of the board, one for each line that is added, in order of time."""
    script = timeline.script
    lines: list[str] = []
    changes = [_Change(0.0, ())]
    acts = [a for a in timeline.acts if a.act.kind is ActKind.BOARD]
    for number, act in enumerate(sorted(acts, key=lambda a: a.start_s)):
        count = max(1, min(4, int((act.end_s - act.start_s) / SECONDS_A_LINE)))
        words = _said_about(timeline, act.start_s, act.end_s)
        if number == 0:
            words = [_title(script), *words]
        if len(lines) + count > LINES_ON_BOARD:
            lines = lines[:1]
        for k in range(count):
            lines.append(words[k % len(words)] if words else f"{number + 1}.")
            at_s = act.start_s + (k + 1) * (act.end_s - act.start_s) / (count + 1)
            changes.append(_Change(round(at_s, 3), tuple(lines)))
    return changes


def _slides(timeline: Timeline) -> list[tuple[float, Slide]]:
    script = timeline.script
    slides = [(0.0, _titled(script))]
    number = 1
    for phase in timeline.phases:
        start_s = phase.start_s if phase.start_s > 0 else min(8.0, (phase.end_s) / 3)
        count = max(1, round((phase.end_s - start_s) / SLIDE_EVERY_S))
        for k in range(count):
            at_s = round(start_s + k * (phase.end_s - start_s) / count, 3)
            until_s = start_s + (k + 1) * (phase.end_s - start_s) / count
            words = _said_about(timeline, at_s, until_s)
            slides.append((at_s, _slide(script, phase.part.kind, words, number)))
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


def still(slide: Slide, step_s: float = FILM_STEP_S) -> Slide:
    """A film's slide held at the last whole step."""
    return replace(slide, film_s=slide.film_s // step_s * step_s)
