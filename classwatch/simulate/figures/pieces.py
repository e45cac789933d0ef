"""What somebody does from the first to the last second of a lesson, from the acts of the script."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from classwatch.simulate.script import ActKind, PersonKind, Point
from classwatch.simulate.timeline import TimedAct, Timeline

_SHORTEST_S = 1e-6


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing done, half-open; ``scripted`` is False for what people do when left alone."""

    start_s: float
    end_s: float
    kind: ActKind
    side: Literal["left", "right"] = "right"
    place: Point | str | None = None
    scripted: bool = True


def idle_kind(kind: PersonKind, *, seated: bool) -> ActKind:
    """What somebody does when the script says nothing."""
    return ActKind.LISTEN if kind is PersonKind.STUDENT or seated else ActKind.FACE


def pieces_of(timeline: Timeline, person_id: str, idle: ActKind) -> tuple[Piece, ...]:
    """Everything ``person_id`` does, without gap; of two acts at a time the later one wins."""
    painted = [Piece(0.0, max(timeline.duration_s, _SHORTEST_S), idle, scripted=False)]
    for act in timeline.acts:
        if person_id in act.actors:
            painted = list(_painted_over(painted, act))
    return tuple(_joined(painted))


def _painted_over(painted: Iterable[Piece], timed: TimedAct) -> Iterable[Piece]:
    act = timed.act
    new = Piece(timed.start_s, timed.end_s, act.kind, act.side, act.place)
    placed = False
    for old in painted:
        if old.end_s <= new.start_s or old.start_s >= new.end_s:
            if not placed and old.start_s >= new.end_s:
                yield new
                placed = True
            yield old
            continue
        if old.start_s < new.start_s:
            yield replace(old, end_s=new.start_s)
        if not placed:
            yield new
            placed = True
        if old.end_s > new.end_s:
            yield replace(old, start_s=new.end_s)


def _joined(painted: Iterable[Piece]) -> Iterable[Piece]:
    """Pieces that go on as before become one."""
    last: Piece | None = None
    for piece in painted:
        if last is not None and replace(piece, start_s=last.start_s, end_s=last.end_s) == last:
            last = replace(last, end_s=piece.end_s)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
