"""What happens on the board and the screen: writing, new slides, and how long the screen is on."""

from __future__ import annotations

import numpy as np

from classwatch.core.events import EventKind
from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.media import StreamRole
from classwatch.core.reasons import Reason
from classwatch.core.time import Intervals, normalise, subtract, total_s, union
from classwatch.metrics.basis import Basis
from classwatch.metrics.bootstrap import BLOCK_S
from classwatch.metrics.cells import Sheet, with_count_interval, with_length_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.facts import FrontFacts
from classwatch.metrics.pictures import event_spans, picture_spans
from classwatch.metrics.timeline import as_values, blocks, clip, common, covered_within

_ORDER = (
    StreamRole.SCREEN,
    StreamRole.TEACHER_CAM,
    StreamRole.MIXED,
    StreamRole.STUDENT_CAM,
    StreamRole.AUDIO,
)
"""What shows a screen best comes first."""
_SCREEN_KINDS = (EventKind.SLIDE_CHANGE, EventKind.SCREEN_ON, EventKind.SCREEN_FILM)


@measure("board.writing")
def writing(basis: Basis) -> tuple[Measure, ...]:
    """Time of writing on the board.

    name-zh: 板书时间
    name-en: Time writing on the board
    unit: s
    formula: seconds in which somebody writes on the board, in any stream that shows it
    source: own; picture measure named in procurement texts (板书)
    sampling-zh: 抽样画面中的板书事件，各路合并；覆盖率为拍到黑板的时间占全课的比例
    sampling-en: events of board writing in the sampled pictures, all streams together; coverage is
        the share of the lesson in which the board is in the picture
    gates: none
    zh: 有人背对学生站在黑板前，而其可及之处出现新的字迹，或手举在黑板上，这样的时间之和。
    en: The sum of the times in which somebody stands at the board with the back to the class and
        new ink comes to be within reach, or a hand is up at the board.
    reading-zh: 停笔讲解不到两秒的间隙算在内；被身体一直挡住、之后没有露出的字迹会漏计。
    reading-en: Pauses under two seconds are part of it; writing that is never seen uncovered is
        missed unless a hand was seen up there.
    """
    fronts = board_fronts(basis)
    sheet = _sheet(basis, "board.writing", Unit.SECONDS, fronts)
    if not fronts:
        return (sheet.absent(front_why(basis)),)
    names = tuple(front.stream for front in fronts)
    return (_length(basis, sheet, normalise(event_spans(basis, EventKind.BOARD_WRITING, names))),)


@measure("board.slide_changes")
def slide_changes(basis: Basis) -> tuple[Measure, ...]:
    """Number of new slides.

    name-zh: 课件翻页次数
    name-en: Changes of slide
    unit: count
    formula: moments at which most of the screen comes to show something else and stays so
    source: own
    sampling-zh: 屏幕录制优先，其次教师机位、混合画面；一路拍不到时取拍得到的另一路；播放视频时不计
    sampling-en: from the screen's own stream, else from a camera that shows it, a stream filling in
        where none before it shows the screen; changes while a film plays are left out
    gates: none
    zh: 屏幕上大部分内容换成另一幅并停住的次数，第一幅不算。
    en: How often most of the screen changed to something else that stayed; the first is no change.
    reading-zh: 页内逐条出现的文字不算翻页；老师站在整个屏幕前时的翻页会漏计。
    reading-en: Text that appears line by line within a slide is no change; changes while somebody
        stands before the whole screen are missed.
    """
    shares = _screens(basis)
    sheet = _sheet(basis, "board.slide_changes", Unit.COUNT, tuple(f for f, _ in shares))
    if not shares:
        return (sheet.absent(_screen_why(basis)),)
    starts: list[float] = []
    for front, own in shares:
        changes = event_spans(basis, EventKind.SLIDE_CHANGE, (front.stream,))[:, 0]
        inside = (changes[:, None] >= own[:, 0]) & (changes[:, None] < own[:, 1])
        starts += changes[inside.any(axis=1)].tolist()
    starts.sort()
    moments = as_values(np.asarray([(s, s + 1.0) for s in starts]).reshape(-1, 2))
    cell = sheet.give(len(starts), evidence=moments)
    return (with_count_interval(cell, starts, basis.facts.span),)


@measure("board.screen_on")
def screen_on(basis: Basis) -> tuple[Measure, ...]:
    """Time for which the screen is on.

    name-zh: 屏幕开启时间
    name-en: Time the screen is on
    unit: s
    formula: seconds in which the screen shows something, in the first stream that shows it
    source: own
    sampling-zh: 屏幕录制优先，其次教师机位、混合画面；一路拍不到时取拍得到的另一路
    sampling-en: from the screen's own stream, else from a camera that shows it, a stream filling in
        where none before it shows the screen
    gates: none
    zh: 屏幕亮着（有内容或有光）的时间之和，包括播放视频。
    en: The sum of the times in which the screen is lit or shows something, films included.
    reading-zh: 屏幕由其内容的变化找到；从头到尾一幅不变的屏幕找不到，这时没有数字。
    reading-en: A screen is found by what changes on it; one that shows the same from beginning to
        end is not found, and there is no number then.
    """
    shares = _screens(basis)
    sheet = _sheet(basis, "board.screen_on", Unit.SECONDS, tuple(f for f, _ in shares))
    if not shares:
        return (sheet.absent(_screen_why(basis)),)
    pieces = [
        common(normalise(event_spans(basis, EventKind.SCREEN_ON, (front.stream,))), own)
        for front, own in shares
    ]
    return (_length(basis, sheet, union(*pieces)),)


MEASURES = (writing, slide_changes, screen_on)


def board_fronts(basis: Basis) -> tuple[FrontFacts, ...]:
    """Streams that show the board itself."""
    return tuple(front for front in _fronts(basis) if front.role is not StreamRole.SCREEN)


def _fronts(basis: Basis) -> tuple[FrontFacts, ...]:
    """Streams that show the board or the screen, the best for a screen first."""
    return tuple(
        sorted(
            (front for front in basis.facts.fronts if len(front.times_s)),
            key=lambda front: (_ORDER.index(front.role), front.stream),
        )
    )


def front_times(basis: Basis, front: FrontFacts) -> Intervals:
    """Times (n, 2), normalised, that the pictures of one stream stand for."""
    # Half a step closes the pictures of a stream whose frames are a little apart.
    spans = clip(picture_spans(front.times_s, front.every_s), basis.facts.span)
    return normalise(spans, join_gap_s=0.5 * front.every_s)


def _screens(basis: Basis) -> tuple[tuple[FrontFacts, Intervals], ...]:
    """The streams that show a screen, each with the times (n, 2) that none before it shows.

    A camera that never found a screen has no say about it.
    """
    told = {e.stream for e in basis.facts.events if e.kind in _SCREEN_KINDS}
    taken: Intervals = np.zeros((0, 2))
    shares: list[tuple[FrontFacts, Intervals]] = []
    for front in _fronts(basis):
        if front.role is StreamRole.SCREEN or front.stream in told:
            own = front_times(basis, front)
            shares.append((front, subtract(own, taken)))
            taken = union(taken, own)
    return tuple(shares)


def _screen_why(basis: Basis) -> Why:
    return Why(Reason.NO_SCREEN) if _fronts(basis) else front_why(basis)


def front_why(basis: Basis) -> Why:
    """Why no stream shows the front."""
    missing = basis.facts.missing.get("pose")
    return missing or Why(Reason.NO_FRONT_PICTURE if basis.facts.pictures else Reason.NO_PICTURE)


def _sheet(basis: Basis, name: str, unit: Unit, fronts: tuple[FrontFacts, ...]) -> Sheet:
    seen_s = total_s(union(*(front_times(basis, front) for front in fronts))) if fronts else 0.0
    coverage = min(1.0, seen_s / basis.lesson_s) if fronts and basis.lesson_s > 0 else None
    stream = fronts[0].stream if fronts else ""
    return Sheet(name, unit, f"{name}/1", "sampled pictures", (), coverage, stream)


def _length(basis: Basis, sheet: Sheet, spans: Intervals) -> Measure:
    span = basis.facts.span
    cell = sheet.give(total_s(spans), evidence=as_values(spans))
    return with_length_interval(cell, covered_within(spans, blocks(span, BLOCK_S)), span)
