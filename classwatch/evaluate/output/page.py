"""The page for people: tables, lessons, and the worst moments to look at and listen to.

One self-contained file: no request to anywhere, no script, all text escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classwatch.core.errors import ClasswatchError, UsageError
from classwatch.core.lesson import StreamSpec
from classwatch.core.speech import STUDENT_ROLES, SpeakerRole, Turn
from classwatch.core.time import clock
from classwatch.evaluate.evaluate import open_pair
from classwatch.evaluate.gates import GateResult
from classwatch.evaluate.material import Material
from classwatch.evaluate.output.excerpts import LEAD_S, Sound, picture_address, sounds
from classwatch.evaluate.output.moments import Box, Moment, MomentKind, worst_moments
from classwatch.evaluate.output.table import (
    figure_name,
    interval_text,
    lesson_rows,
    number,
    shown_rows,
    signed,
)
from classwatch.evaluate.results import LessonScores, Outcome, Row, SuiteScores
from classwatch.evaluate.sources import absent, batches
from classwatch.evaluate.suite import LessonEntry, SuiteFile

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE = Path(__file__).resolve().parent
LANGUAGES = ("en", "zh-CN")
MOST_MOMENTS = 60
_AROUND_S = 3.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a strip, in per cent of its width; ``role`` chooses the colour."""

    left: float
    width: float
    role: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A moment with what can be seen and heard of it."""

    moment: Moment
    when: str
    truth: str
    found: str
    picture: str = ""
    boxes: tuple[Box, ...] = ()
    sound: str = ""
    heard: str = ""
    lanes: tuple[tuple[str, tuple[Bar, ...]], ...] = ()
    mark: Bar | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table of figures, as words; ``verdict`` is better, worse or ""."""

    name: str
    value: str
    interval: str
    baseline: str
    change: str
    verdict: str
    lessons: int
    why: str


def write_page(
    path: Path,
    file: SuiteFile,
    runs: Path | None,
    scores: SuiteScores,
    results: Sequence[GateResult],
    *,
    language: str = "en",
) -> None:
    """Write the page. Raises UsageError for a language it does not speak, ResourceError where the
    disk does not allow it."""
    from classwatch.store.files import disk_errors, replace_bytes

    say = _words(language)
    shown = list(_all_moments(file, runs, scores, say))
    html = (
        _environment()
        .get_template("page.html.j2")
        .render(
            say=say,
            language=language,
            scores=scores,
            results=results,
            lines=[_line(row) for row in shown_rows(scores, every=False)],
            every=[_line(row) for row in scores.rows],
            outcomes=[(o.value, len(scores.of(o))) for o in Outcome],
            missing=lesson_rows(scores),
            by_lesson=_by_lesson(scores),
            kinds=[k for k in MomentKind if any(s.moment.kind is k for s in shown)],
            shown=shown,
            style=(_HERE / "page.css").read_text(encoding="utf-8"),
        )
    )
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_bytes(path, html.encode("utf-8", "replace"), durable=False)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@cache
def _words(language: str) -> Mapping[str, str]:
    from classwatch.config.yamlfile import read_yaml

    if language not in LANGUAGES:
        raise UsageError(
            f"no page language {language!r}", remedy=f"choose one of {', '.join(LANGUAGES)}"
        )
    words: Any = read_yaml(_HERE / "locale" / f"{language}.yaml", texts_only=True)
    return {str(key): str(text) for key, text in words.items()}


# ---------------------------------------------------------------- tables


def _line(row: Row) -> Line:
    figure = row.figure
    value = number(figure.value, figure.unit)
    if figure.value is not None and figure.unit not in ("share", "kappa", "ratio"):
        value = f"{value} {figure.unit}"
    return Line(
        figure_name(row),
        value,
        interval_text(row),
        number(row.baseline, figure.unit) if row.baseline is not None else "",
        signed(row.change, figure.unit),
        _verdict(row),
        row.lessons,
        figure.why if figure.value is None else "",
    )


def _verdict(row: Row) -> str:
    from classwatch.evaluate.results import worse_by

    if row.figure.value is None or row.baseline is None:
        return ""
    worse = worse_by(row.figure, row.figure.value, row.baseline)
    if abs(worse) < 5e-7:
        return ""
    return "worse" if worse > 0 else "better"


def _by_lesson(scores: SuiteScores) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """For each score: its metric names, and by lesson their values."""
    tables = []
    for score in dict.fromkeys(row.score for row in scores.rows):
        own = [r for r in shown_rows(scores, every=False) if r.score == score][:6]
        lessons = [one for one in scores.lessons if score in one.tallies]
        if len(lessons) < 2:
            continue
        body = [(one.lesson_id, [_value(one, row) for row in own]) for one in lessons]
        tables.append((score, [("", [r.figure.metric for r in own]), *body]))
    return tables


def _value(lesson: LessonScores, row: Row) -> str:
    for figure in lesson.figures:
        if (figure.metric, figure.group) == row.key:
            return number(figure.value, figure.unit)
    return number(None)


# ---------------------------------------------------------------- moments


def _all_moments(
    file: SuiteFile, runs: Path | None, scores: SuiteScores, say: Mapping[str, str]
) -> Iterator[Shown]:
    scored = {lesson.lesson_id for lesson in scores.of(Outcome.SCORED)}
    lessons = [lesson for lesson in file.suite.lessons if lesson.id in scored]
    each = max(1, min(4, MOST_MOMENTS // max(1, len(lessons) * 3)))
    for lesson in lessons:
        pair = open_pair(file, lesson, runs)
        moments = worst_moments(lesson.id, pair.truth, pair.found, most=each)
        streams = _streams(file, lesson, runs)
        voices = [(m.start_s, m.end_s) for m in moments if m.kind is MomentKind.VOICE]
        heard = sounds(tuple(streams.values()), voices)
        for moment in moments:
            if moment.kind is MomentKind.VOICE:
                sound = heard.get((moment.start_s, moment.end_s))
                yield _voice(moment, (pair.truth, pair.found), sound, say)
            else:
                yield _seen(moment, streams, say)


def _streams(file: SuiteFile, lesson: LessonEntry, runs: Path | None) -> Mapping[str, StreamSpec]:
    """The lesson's recordings by stream name; none where they are not here."""
    if runs is None or not (lesson.media or lesson.still):
        return {}
    if absent(file, lesson, with_media=True):
        return {}
    try:
        source = batches(file, [lesson], runs)[0].sources[0].require()
    except ClasswatchError:
        return {}
    return {stream.name: stream for stream in source.streams}


def _voice(
    moment: Moment, sides: tuple[Material, Material], sound: Sound | None, say: Mapping[str, str]
) -> Shown:
    start_s = max(0.0, moment.start_s - _AROUND_S)
    end_s = moment.end_s + _AROUND_S
    if sound is not None and sound.end_s - LEAD_S < moment.end_s:
        end_s = sound.end_s + _AROUND_S
    lanes = tuple(
        (say[name], _bars(side.turns or (), start_s, end_s))
        for name, side in zip(("truth", "found"), sides, strict=True)
    )
    heard = f"{clock_tenths(sound.start_s)}–{clock_tenths(sound.end_s)}" if sound else ""
    return Shown(
        moment,
        f"{clock_tenths(moment.start_s)}–{clock_tenths(moment.end_s)}",
        _roles(moment.truth, say),
        _roles(moment.found, say),
        sound=sound.address if sound else "",
        heard=heard,
        lanes=lanes,
        mark=_bar(moment.start_s, min(moment.end_s, end_s), start_s, end_s, "mark"),
    )


def _roles(label: str, say: Mapping[str, str]) -> str:
    if not label:
        return say["nothing"]
    return " + ".join(say[f"role_{part}"] for part in label.split("+"))


def _bars(turns: Sequence[Turn], start_s: float, end_s: float) -> tuple[Bar, ...]:
    shown = [t for t in turns if t.end_s > start_s and t.start_s < end_s]
    return tuple(
        _bar(max(t.start_s, start_s), min(t.end_s, end_s), start_s, end_s, _colour(t.role))
        for t in shown
    )


def _colour(role: SpeakerRole) -> str:
    return "student" if role in STUDENT_ROLES else role.value


def _bar(left_s: float, right_s: float, start_s: float, end_s: float, role: str) -> Bar:
    width_s = end_s - start_s
    left = round(100 * (left_s - start_s) / width_s, 2)
    return Bar(left, round(100 * (right_s - left_s) / width_s, 2), role)


def _seen(moment: Moment, streams: Mapping[str, StreamSpec], say: Mapping[str, str]) -> Shown:
    stream = streams.get(moment.stream)
    picture = ""
    if stream is not None and moment.picture_s is not None:
        picture = picture_address(stream, moment.picture_s)
    when = clock_tenths(moment.start_s)
    if moment.end_s > moment.start_s:
        when = f"{when}–{clock_tenths(moment.end_s)}"
    boxes = tuple(sorted(moment.boxes, key=lambda b: b.kind.value))
    nothing = say["nothing"]
    return Shown(
        moment, when, moment.truth or nothing, moment.found or nothing, picture, boxes=boxes
    )


def clock_tenths(seconds: float) -> str:
    """``m:ss.t`` for people."""
    tenths = round(seconds * 10)
    return f"{clock(tenths // 10)}.{tenths % 10}"
