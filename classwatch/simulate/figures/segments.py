"""A member's lesson as segments: staying somewhere in a pose, or walking to the next place."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.figures.body import Side
from classwatch.simulate.figures.cast import Member
from classwatch.simulate.figures.pieces import Piece, idle_kind, pieces_of
from classwatch.simulate.figures.places import Floor, Point, Spot
from classwatch.simulate.script import ActKind, PersonKind
from classwatch.simulate.timeline import Timeline

Array = NDArray[np.float64]

BLEND_S = 0.7
"""Time from one pose to the next."""
_STAND_UP_S, _LIE_DOWN_S, _SHIFT_S, _STEP_S = 0.9, 1.2, 1.3, 0.5
_SPEED_M_S = (0.8, 1.1)
_WALK_FROM_M = 0.4
"""A shorter way is one step within the pose."""
_REST_S = 2.0
"""Nobody walks back for less time than this."""
_HOLD_S = 0.3

_VARIES_S: dict[ActKind, tuple[float, float]] = {
    ActKind.LISTEN: (8.0, 24.0),
    ActKind.WRITE: (10.0, 25.0),
    ActKind.READ: (12.0, 30.0),
    ActKind.DEVICE: (15.0, 40.0),
    ActKind.CHIN: (15.0, 40.0),
    ActKind.TURN_LEFT: (5.0, 14.0),
    ActKind.TURN_RIGHT: (5.0, 14.0),
    ActKind.TURN_BACK: (6.0, 15.0),
    ActKind.STAND: (8.0, 20.0),
    ActKind.FACE: (5.0, 13.0),
    ActKind.GESTURE: (1.2, 3.2),
    ActKind.BOARD: (3.0, 6.0),
    ActKind.POINT: (3.0, 6.0),
    ActKind.PODIUM: (5.0, 13.0),
    ActKind.LEAN: (6.0, 15.0),
    ActKind.SIT: (8.0, 24.0),
}
"""How long people keep quite the same posture while they go on doing the same."""

_ANYWHERE = frozenset({ActKind.FACE, ActKind.GESTURE, ActKind.POINT, ActKind.STAND, ActKind.OUT})
"""What can be done wherever one is; nobody can be late for going out."""

SEATED = frozenset(
    {
        ActKind.LISTEN,
        ActKind.WRITE,
        ActKind.READ,
        ActKind.RAISE_HAND,
        ActKind.TURN_LEFT,
        ActKind.TURN_RIGHT,
        ActKind.TURN_BACK,
        ActKind.SLEEP,
        ActKind.DEVICE,
        ActKind.CHIN,
        ActKind.SIT,
    }
)
"""What is done sitting."""


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A walk along ``corners_m`` (k, 2), x and z."""

    corners_m: Array
    reached_m: Array
    """Distance walked at each corner (k,)."""

    @staticmethod
    def along(corners_m: Array) -> Way:
        """The walk along these corners."""
        legs = np.hypot(*np.diff(corners_m, axis=0).T)
        return Way(corners_m, np.concatenate([[0.0], np.cumsum(legs)]))

    @property
    def length_m(self) -> float:
        """The whole way."""
        return float(self.reached_m[-1])

    def point(self, walked_m: float) -> Point:
        """Where one is after ``walked_m``."""
        x, z = (np.interp(walked_m, self.reached_m, self.corners_m[:, k]) for k in (0, 1))
        return float(x), float(z)

    def heading(self, walked_m: float) -> float:
        """Yaw after ``walked_m``; corners are rounded over half a metre."""
        (x0, z0), (x1, z1) = self.point(walked_m - 0.25), self.point(walked_m + 0.25)
        return math.atan2(x1 - x0, z1 - z0)


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """``[start_s, end_s)`` of doing ``kind`` at ``spot``, or walking there along ``way``.

    ``blend_s`` is how long the pose takes to get into.
    """

    start_s: float
    end_s: float
    kind: ActKind
    side: Side
    spot: Spot
    blend_s: float
    way: Way | None = None

    @property
    def seated(self) -> bool:
        """Whether this is done on a chair."""
        return self.way is None and self.kind in SEATED


def segments_of(member: Member, timeline: Timeline, floor: Floor) -> tuple[Segment, ...]:
    """The whole lesson of ``member``, without gap; ``rng`` of their own draws what is open."""
    return tuple(_Planner(member, timeline, floor).plan())


@dataclass(frozen=True, slots=True, eq=False)
class _Visit:
    """A piece at its spot; the way there takes from ``begin_s`` to ``arrive_s``."""

    piece: Piece
    spot: Spot
    begin_s: float
    arrive_s: float
    way: Way | None = None


class _Planner:
    """Goes through somebody's pieces and decides where each happens and when they walk."""

    def __init__(self, member: Member, timeline: Timeline, floor: Floor) -> None:
        self._member = member
        self._floor = floor
        code = np.frombuffer(member.person_id.encode("utf-8"), np.uint8)
        self._rng = np.random.default_rng([timeline.script.seed, 31, *code.tolist()])
        idle = idle_kind(member.kind, seated=member.seat is not None)
        self._pieces = pieces_of(timeline, member.person_id, idle)
        self._home = self._first_home()

    def _first_home(self) -> Spot:
        if self._member.seat is not None:
            return self._floor.at_seat(self._member.seat)
        visitor = self._member.kind is PersonKind.ADULT
        return self._floor.rear(self._rng) if visitor else self._floor.home(self._rng)

    def plan(self) -> Iterator[Segment]:
        """Segments in order of time."""
        visits = self._visits()
        last: Segment | None = None
        for k, visit in enumerate(visits):
            leave_s = visits[k + 1].begin_s if k + 1 < len(visits) else visit.piece.end_s
            if visit.way is not None:
                kind = ActKind.FACE
                span_s = visit.begin_s, visit.arrive_s
                last = Segment(*span_s, kind, "R", visit.spot, _STEP_S, visit.way)
                yield last
            for segment in self._stays(visit, leave_s, last):
                last = segment
                yield segment

    def _visits(self) -> list[_Visit]:
        """Where each piece happens, and the way there where time allows it."""
        visits: list[_Visit] = []
        for k, piece in enumerate(self._pieces):
            if k == 0:
                spot = self._scripted_spot(piece, self._home)
                visits.append(_Visit(piece, spot, piece.start_s, piece.start_s))
                continue
            before = visits[-1]
            following = self._pieces[k + 1] if k + 1 < len(self._pieces) else None
            spot = self._spot(piece, before, following)
            visits.append(self._visit(piece, spot, before))
        return visits

    def _spot(self, piece: Piece, before: _Visit, following: Piece | None) -> Spot:
        here = before.spot
        if piece.scripted or self._member.seat is not None:
            return self._scripted_spot(piece, here)
        home = self._after(before.piece, here)
        # Only the distance matters here; the spot itself is drawn again in its turn.
        there = self._scripted_spot(following, here) if following is not None else None
        back_m = here.distance_m(home) + (home.distance_m(there) if there else 0.0)
        if piece.end_s - piece.start_s < back_m / _SPEED_M_S[0] + _REST_S:
            return self._turned_round(here)
        return home

    def _visit(self, piece: Piece, spot: Spot, before: _Visit) -> _Visit:
        """The way from ``before`` to ``spot``: early enough for the act, without running."""
        here, start_s = before.spot, piece.start_s
        speed_m_s = float(self._rng.uniform(*_SPEED_M_S))
        if here.distance_m(spot) < _WALK_FROM_M:
            return _Visit(piece, spot, start_s, start_s)
        way = Way.along(self._floor.way(here, spot))
        walk_s = way.length_m / speed_m_s
        begin_s = start_s
        if piece.scripted and before.piece.kind is not ActKind.OUT:
            stayed_s = before.piece.end_s - before.arrive_s
            hold_s = 0.5 * stayed_s if before.piece.scripted else min(_HOLD_S, stayed_s)
            begin_s = max(start_s - walk_s, min(before.arrive_s + hold_s, start_s))
        arrive_s = begin_s + walk_s
        in_time_s = start_s if piece.kind is ActKind.OUT else piece.end_s - _HOLD_S
        if arrive_s > in_time_s:
            return self._no_time(piece, before)
        return _Visit(piece, spot, begin_s, arrive_s, way)

    def _no_time(self, piece: Piece, before: _Visit) -> _Visit:
        """What somebody does who cannot get there before it is over: they stay where they are."""
        here = before.spot
        if piece.kind in _ANYWHERE or self._member.seat is not None:
            return _Visit(piece, here, piece.start_s, piece.start_s)
        stays = replace(piece, kind=ActKind.FACE)
        return _Visit(stays, self._turned_round(here), piece.start_s, piece.start_s)

    def _after(self, before: Piece, here: Spot) -> Spot:
        """Where a teacher goes after an act: stays near the front, comes back from elsewhere."""
        if before.kind in (ActKind.BOARD, ActKind.POINT, ActKind.GESTURE, ActKind.FACE):
            if here.z_m < self._floor.lane_m:
                return self._turned_round(here)
        elif before.kind is ActKind.PODIUM:
            return here
        return self._home

    def _turned_round(self, here: Spot) -> Spot:
        return self._floor.facing_class((here.x_m, here.z_m))

    def _scripted_spot(self, piece: Piece, here: Spot) -> Spot:
        floor, seat = self._floor, self._member.seat
        if seat is not None and piece.place is None:
            return floor.at_seat(seat)
        if isinstance(piece.place, str):
            return floor.beside(floor.plan.seat(piece.place.removeprefix("beside:")))
        if piece.place is not None:
            return self._at_point(piece.kind, piece.place)
        return self._usual(piece.kind, here)

    def _at_point(self, kind: ActKind, point: Point) -> Spot:
        if kind is ActKind.BOARD:
            return self._floor.facing_board(point[0])
        if kind is ActKind.LEAN:
            return self._floor.near_desk(point)
        return self._floor.facing_class(point)

    def _usual(self, kind: ActKind, here: Spot) -> Spot:
        floor = self._floor
        if kind is ActKind.BOARD:
            return floor.board(self._rng)
        if kind is ActKind.PODIUM:
            return floor.podium()
        if kind is ActKind.SIT:
            return floor.chair()
        if kind is ActKind.OUT:
            return floor.door()
        if kind is ActKind.LEAN and floor.plan.seats:
            near = sorted(floor.plan.seats, key=lambda s: (s.z_m, s.x_m))
            front = near[: max(len(near) // 2, 1)]
            return floor.beside(front[int(self._rng.integers(len(front)))])
        if here.z_m < floor.lane_m and abs(here.x_m - floor.podium().x_m) > 0.5:
            return self._turned_round(here)
        return self._home

    def _stays(self, visit: _Visit, end_s: float, last: Segment | None) -> Iterator[Segment]:
        """One or several postures of the same act, from arriving to ``end_s``."""
        piece, spot, start_s = visit.piece, visit.spot, visit.arrive_s
        side: Side = "L" if piece.side == "left" else "R"
        first = True
        while start_s < end_s:
            until_s = end_s
            varies = _VARIES_S.get(piece.kind)
            if varies is not None:
                keep_s = float(self._rng.uniform(*varies))
                until_s = start_s + keep_s if start_s + keep_s + varies[0] < end_s else end_s
            blend_s = _blend_s(last, piece.kind) if first else _SHIFT_S
            if not first and piece.kind in (ActKind.GESTURE, ActKind.BOARD):
                blend_s = BLEND_S
            if not first and piece.kind is ActKind.BOARD:
                spot = self._along_board(spot)
            last = Segment(start_s, until_s, piece.kind, side, spot, blend_s)
            yield last
            start_s, first = until_s, False

    def _along_board(self, spot: Spot) -> Spot:
        """The next place of somebody writing: mostly on to their right, as lines go."""
        plan = self._floor.plan
        low, high = sorted((plan.board_right_m, plan.board_left_m))
        x_m = spot.x_m + float(self._rng.uniform(-0.1, 0.25))
        return self._floor.facing_board(min(max(x_m, low + 0.2), high - 0.2))


def _blend_s(last: Segment | None, kind: ActKind) -> float:
    """How long it takes from ``last`` into ``kind``."""
    if last is None:
        return 0.0
    if last.seated != (kind in SEATED):
        return _STAND_UP_S
    if ActKind.SLEEP in (last.kind, kind):
        return _LIE_DOWN_S
    return BLEND_S
