"""One member through the lesson: the row of channels, the place and the yaw at any time."""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.figures.bones import SIDES, pair
from classwatch.simulate.figures.cast import Member
from classwatch.simulate.figures.channels import SLICES, Pose
from classwatch.simulate.figures.held import BOOK, PHONE, STOOL
from classwatch.simulate.figures.living import Life, Speech, looking
from classwatch.simulate.figures.places import Floor, Point
from classwatch.simulate.figures.seated import Draw, seated_pose
from classwatch.simulate.figures.segments import SEATED, Segment, segments_of
from classwatch.simulate.figures.standing import (
    stand_at_desk,
    standing_pose,
    stride_m,
    walk_row,
)
from classwatch.simulate.script import ActKind, PersonKind
from classwatch.simulate.timeline import Timeline

Array = NDArray[np.float64]
_ARC_M = 0.10
"""How far before the body a hand swings on its way up or round the edge of a desk."""
_BOOK_LIFTED_M = 0.09
"""Wrists this high above the desk hold a book up; lower ones lie beside it."""
_CROSSING_STEPS = 41


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Where somebody is and how: ``row`` of channels, place on the floor, yaw."""

    row: Array
    x_m: float
    z_m: float
    yaw: float


class Performer:
    """Everything about one member that depends on time; nothing depends on earlier questions."""

    def __init__(self, member: Member, timeline: Timeline, floor: Floor) -> None:
        self.member = member
        self.segments: tuple[Segment, ...] = segments_of(member, timeline, floor)
        self._starts = [s.start_s for s in self.segments]
        self._seed = (timeline.script.seed, 17, *member.person_id.encode("utf-8"))
        self._life = Life((*self._seed, 1), Speech.of(_voiced(member, timeline)))
        self._rows: dict[int, Array] = {}
        self._entries: dict[int, State] = {}

    def number_at(self, time_s: float) -> int:
        """Number of the segment at ``time_s``; the first or last one outside the lesson."""
        return max(bisect.bisect_right(self._starts, time_s) - 1, 0)

    def present(self, time_s: float) -> bool:
        """Whether the member is in the room."""
        return self.segments[self.number_at(time_s)].kind is not ActKind.OUT

    def place(self, time_s: float) -> Point:
        """Place on the floor, x and z."""
        number = self.number_at(time_s)
        segment = self.segments[number]
        if segment.way is not None:
            return segment.way.point(self._walked_m(segment, time_s))
        share = self._share(number, time_s)
        if share >= 1 or number == 0:
            return segment.spot.x_m, segment.spot.z_m
        entry = self._entry(number)
        return (
            _mix(entry.x_m, segment.spot.x_m, share),
            _mix(entry.z_m, segment.spot.z_m, share),
        )

    def at(self, time_s: float, look_at: Point | None) -> State:
        """State at ``time_s`` with its living movement; ``look_at`` is what listeners look at."""
        number = self.number_at(time_s)
        base = self.base(number, time_s)
        row = base.row + self._life.sway(time_s)
        share = self._share(number, time_s)
        segment = self.segments[number]
        parts = [(segment, share)]
        if number and share < 1:
            parts.append((self.segments[number - 1], 1 - share))
        for part, weight in parts:
            if part.way is None:
                row += weight * self._life.doing(part.kind, part.side, time_s)
                if not part.seated:
                    row += weight * self._life.beating(part.kind, part.side, time_s)
            if look_at is not None:
                towards = (look_at[0] - base.x_m, look_at[1] - base.z_m)
                row += weight * looking(part.kind, base.yaw, towards)
        row += self._life.talk(time_s, hands=not segment.seated)
        return State(row, base.x_m, base.z_m, base.yaw)

    def jaw_rad(self, time_s: float) -> float:
        """How far the jaw is open."""
        return self._life.jaw_rad(time_s)

    def thing(self, time_s: float) -> int | None:
        """What is there: a telephone, a book that is not laid down, a stool."""
        number = self.number_at(time_s)
        if number and self._share(number, time_s) < 0.5:
            number -= 1
        kind = self.segments[number].kind
        if kind is ActKind.DEVICE:
            return PHONE
        if kind is ActKind.SIT and self.member.seat is None:
            return STOOL
        if kind is ActKind.READ and self.member.seat is not None:
            lifted_m = self.member.seat.desk_height_m + _BOOK_LIFTED_M
            row = self._row(number)
            if min(row[SLICES[f"wrist.{side}"]][1] for side in SIDES) > lifted_m:
                return BOOK
        return None

    def base(self, number: int, time_s: float) -> State:
        """State in segment ``number`` without living movement."""
        segment = self.segments[number]
        share = self._share(number, time_s)
        goal = self._goal(number, time_s)
        if share >= 1 or number == 0:
            return goal
        entry = self._entry(number)
        row = _mix_rows(entry.row, goal.row, share)
        self._swing_hands(row, entry.row, goal.row, share)
        turn = (goal.yaw - entry.yaw + math.pi) % (2 * math.pi) - math.pi
        yaw = entry.yaw + turn * share
        if segment.way is not None:
            return State(row, goal.x_m, goal.z_m, yaw)
        return State(row, _mix(entry.x_m, goal.x_m, share), _mix(entry.z_m, goal.z_m, share), yaw)

    def reached_s(self, number: int) -> float:
        """When segment ``number`` shows: its pose half reached, or a hand above the shoulder."""
        segment = self.segments[number]
        if number == 0 or ActKind.OUT in (segment.kind, self.segments[number - 1].kind):
            return segment.start_s
        half_s = segment.start_s + segment.blend_s / 2
        raised = [s.kind is ActKind.RAISE_HAND for s in (self.segments[number - 1], segment)]
        if raised[0] == raised[1]:
            return half_s
        crossing_s = self._crossing_s(number, upwards=raised[1])
        return half_s if crossing_s is None else crossing_s

    def _crossing_s(self, number: int, *, upwards: bool) -> float | None:
        """When the acting wrist passes its shoulder on the way into segment ``number``."""
        segment = self.segments[number]
        acting = segment if upwards else self.segments[number - 1]
        end_s = min(segment.start_s + segment.blend_s, segment.end_s)
        times = np.linspace(segment.start_s, end_s, _CROSSING_STEPS)
        rows = np.stack([self.base(number, float(t)).row for t in times])
        posed = self.member.body.skeleton.solve(rows)
        side = SIDES.index(acting.side)
        wrist = posed.joints_m[:, pair("wrist")[side], 1]
        shoulder = posed.joints_m[:, pair("upperarm01")[side], 1]
        above = wrist > shoulder
        if above[-1] != upwards or above[0] == upwards:
            return None
        first = int(np.argmax(above == upwards))
        return float(times[first])

    def _share(self, number: int, time_s: float) -> float:
        segment = self.segments[number]
        if segment.blend_s <= 0:
            return 1.0
        x = min(max((time_s - segment.start_s) / segment.blend_s, 0.0), 1.0)
        return x * x * (3 - 2 * x)

    def _entry(self, number: int) -> State:
        """State at the very start of segment ``number``: where the one before had got to."""
        if number not in self._entries:
            self._entries[number] = self.base(number - 1, self.segments[number].start_s)
        return self._entries[number]

    def _goal(self, number: int, time_s: float) -> State:
        segment = self.segments[number]
        if segment.way is None:
            spot = segment.spot
            return State(self._row(number), spot.x_m, spot.z_m, spot.yaw)
        walked_m = self._walked_m(segment, time_s)
        speed = segment.way.length_m / (segment.end_s - segment.start_s)
        phase = walked_m / stride_m(self.member.body, speed)
        x_m, z_m = segment.way.point(walked_m)
        row = walk_row(self.member.body, phase, speed)
        return State(row, x_m, z_m, segment.way.heading(walked_m))

    @staticmethod
    def _walked_m(segment: Segment, time_s: float) -> float:
        assert segment.way is not None
        share = (time_s - segment.start_s) / (segment.end_s - segment.start_s)
        return segment.way.length_m * min(max(share, 0.0), 1.0)

    def _row(self, number: int) -> Array:
        """The pose of a segment that stays somewhere, drawn once."""
        if number not in self._rows:
            self._rows[number] = self._drawn(number).row
        return self._rows[number]

    def _drawn(self, number: int) -> Pose:
        segment = self.segments[number]
        rng = np.random.default_rng([*self._seed, 2, number])
        draw = Draw(self.member.body, segment.spot.chair, rng, segment.side)
        if segment.kind in SEATED:
            return seated_pose(draw, segment.kind)
        if segment.kind is ActKind.STAND and self.member.kind is PersonKind.STUDENT:
            return stand_at_desk(draw)
        return standing_pose(draw, segment.kind)

    def _swing_hands(self, row: Array, start: Array, end: Array, share: float) -> None:
        """Hands pass before the body on a long way up, and behind the edge of the desk."""
        arc = _ARC_M * math.sin(math.pi * share)
        chair = self.member.seat
        for side in SIDES:
            wrist = SLICES[f"wrist.{side}"]
            low, high = sorted((start[wrist][1], end[wrist][1]))
            if chair is not None and low < chair.desk_height_m < high:
                row[wrist.start + 2] -= arc
            elif high - low > 0.35:
                row[wrist.start + 2] += arc


def _voiced(member: Member, timeline: Timeline) -> list[tuple[float, float]]:
    return [
        (said.start_s + start_s, said.start_s + end_s)
        for said in timeline.utterances
        if member.person_id in said.speakers
        for start_s, end_s in said.spoken.voiced
    ]


def _mix(start: float, end: float, share: float) -> float:
    return start + (end - start) * share


def _mix_rows(start: Array, end: Array, share: float) -> Array:
    return start * (1 - share) + end * share
