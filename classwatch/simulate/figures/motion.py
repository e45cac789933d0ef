"""Everybody in a room at any moment, and what they really did when."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.figures.body import Side
from classwatch.simulate.figures.bones import NUMBER, pair
from classwatch.simulate.figures.cast import Cast, Member
from classwatch.simulate.figures.held import MOUTH, STOOL, gape, grip, lips, put_away, under
from classwatch.simulate.figures.performer import Performer, State
from classwatch.simulate.figures.places import Floor, Point
from classwatch.simulate.figures.rotations import heading
from classwatch.simulate.figures.skeleton import Skeletons
from classwatch.simulate.figures.skinning import bend, bone_matrices, keypoints
from classwatch.simulate.scene import Floorplan, PosedFigure
from classwatch.simulate.script import ActKind, PersonKind
from classwatch.simulate.timeline import Timeline

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is: metres on the floor, height of the floor there, yaw in radians."""

    x_m: float
    y_m: float
    z_m: float
    yaw: float


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody is seen to do; while ``walking`` the kind says nothing (``FACE``)."""

    person_id: str
    kind: ActKind
    side: Side
    walking: bool


@dataclass(frozen=True, slots=True)
class MotionSpan:
    """``[start_s, end_s)`` during which somebody is seen to do ``kind``.

    From the moment when the pose is half reached to that when the next one is; a hand counts as
    raised while its wrist is above the shoulder. While ``walking`` the kind says nothing
    (``FACE``).
    """

    person_id: str
    kind: ActKind
    side: Side
    walking: bool
    start_s: float
    end_s: float


class Motion:
    """The figures of ``cast`` through a lesson. Everything is a function of time alone."""

    def __init__(self, cast: Cast, timeline: Timeline, plan: Floorplan) -> None:
        self._cast = cast
        self._floor = Floor(plan)
        self._duration_s = timeline.duration_s
        self._performers = [Performer(m, timeline, self._floor) for m in cast.members]
        self._by_id = {p.member.person_id: p for p in self._performers}
        self._heads = np.array([m.skin.bone_heads_m for m in cast.members]).reshape(-1, 44, 3)
        self._skeletons = Skeletons(self._heads) if cast.members else None
        skins = (m.skin for m in cast.members)
        self._lips = [lips(s.vertices_m, s.keypoints_m[0], s.keypoints_m[1:3]) for s in skins]
        self._spans: tuple[MotionSpan, ...] | None = None
        self._shown: dict[str, list[MotionSpan]] | None = None

    def at(self, time_s: float) -> tuple[PosedFigure, ...]:
        """Everybody at ``time_s`` on the lesson clock, in the order of the cast's members."""
        figures = []
        bones = self._bones(time_s)
        for performer, matrices, own in zip(self._performers, bones, self._lips, strict=True):
            skin = performer.member.skin
            things = self._things(performer, matrices, time_s)
            jaw_rad = performer.jaw_rad(time_s)
            if jaw_rad > 0:
                things[MOUTH] = gape(matrices[NUMBER["head"]], own, jaw_rad)
            vertices, normals = bend(skin, matrices, things)
            present = performer.present(time_s)
            figures.append(PosedFigure(vertices, normals, keypoints(skin, matrices), present))
        return tuple(figures)

    def keypoints_at(self, time_s: float) -> Array:
        """COCO keypoints of everybody (p, 17, 3), without the meshes: much quicker than ``at``."""
        skins = (p.member.skin for p in self._performers)
        found = [keypoints(s, m) for s, m in zip(skins, self._bones(time_s), strict=True)]
        return np.array(found, np.float64).reshape(-1, 17, 3)

    @property
    def members(self) -> tuple[Member, ...]:
        """Those who move, in the order of everything else here."""
        return self._cast.members

    def mouth_at(self, person_id: str, time_s: float) -> float:
        """How far the jaw of ``person_id`` is open, in radians."""
        return self._by_id[person_id].jaw_rad(time_s)

    def acts_at(self, time_s: float) -> tuple[Shown, ...]:
        """What each member is seen to do at ``time_s``, in the order of the members."""
        if self._shown is None:
            self._shown = {}
            for span in self.intervals():
                self._shown.setdefault(span.person_id, []).append(span)
        return tuple(_shown_at(self._shown[m.person_id], time_s) for m in self._cast.members)

    def place_at(self, person_id: str, time_s: float) -> Place:
        """Where ``person_id`` is at ``time_s``; KeyError where nobody is called so."""
        performer = self._by_id[person_id]
        state = performer.base(performer.number_at(time_s), time_s)
        return Place(state.x_m, self._floor.height_m(state.z_m), state.z_m, state.yaw)

    def intervals(self) -> tuple[MotionSpan, ...]:
        """What everybody is seen to do, member by member, without gap, to the millisecond."""
        if self._spans is None:
            spans = (s for p in self._performers for s in _spans(p, self._duration_s))
            self._spans = tuple(spans)
        return self._spans

    def _bones(self, time_s: float) -> Array:
        """Matrices (p, 44, 3, 4) from rest to world."""
        if self._skeletons is None:
            return np.zeros((0, 44, 3, 4))
        states = self._states(time_s)
        posed = self._skeletons.solve(np.stack([s.row for s in states]))
        places = np.array([[s.x_m, self._floor.height_m(s.z_m), s.z_m] for s in states])
        turned = heading(np.array([s.yaw for s in states]))
        return bone_matrices(posed, self._heads, turned, places)

    def _things(self, performer: Performer, bones: Array, time_s: float) -> Array:
        """Matrices of what can be held, with what the performer has in place."""
        heads = performer.member.skin.bone_heads_m
        joints = (bones[:, :, :3] @ heads[:, :, None])[..., 0] + bones[:, :, 3]
        root_m = joints[NUMBER["root"]]
        matrices = put_away(root_m)
        thing = performer.thing(time_s)
        if thing is None:
            return matrices
        if thing == STOOL:
            place = self.place_at(performer.member.person_id, time_s)
            matrices[thing] = under(root_m, place.yaw, place.y_m)
        else:
            hands = joints[pair("wrist")], joints[pair("fingers1")]
            matrices[thing] = grip(*hands, joints[NUMBER["head"]], thing)
        return matrices

    def _states(self, time_s: float) -> list[State]:
        watched = self._watched(time_s)
        return [
            p.at(time_s, None if watched is None or p is watched[0] else watched[1])
            for p in self._performers
        ]

    def _watched(self, time_s: float) -> tuple[Performer, Point] | None:
        """The first teacher and where; a teacher who went out was last seen at the door."""
        for performer in self._performers:
            if performer.member.kind is PersonKind.TEACHER:
                return performer, performer.place(time_s)
        return None


def _shown_at(spans: list[MotionSpan], time_s: float) -> Shown:
    """What the span at ``time_s`` shows; the first or last one outside the lesson."""
    number = bisect.bisect_right(spans, time_s, key=lambda s: s.start_s)
    span = spans[max(number - 1, 0)]
    return Shown(span.person_id, span.kind, span.side, span.walking)


def _spans(performer: Performer, duration_s: float) -> Iterator[MotionSpan]:
    """Segments from when they show to when the next one does; what is never reached is left out."""
    marks: list[tuple[float, int]] = []
    for number in range(len(performer.segments)):
        reached_s = round(performer.reached_s(number), 3)
        if reached_s >= duration_s > 0 and marks:
            break
        if number + 1 < len(performer.segments) and reached_s >= performer.segments[number].end_s:
            continue
        marks.append((reached_s, number))
    spans: list[MotionSpan] = []
    for k, (start_s, number) in enumerate(marks):
        end_s = marks[k + 1][0] if k + 1 < len(marks) else max(duration_s, start_s)
        segment = performer.segments[number]
        walking = segment.way is not None
        span = MotionSpan(
            performer.member.person_id, segment.kind, segment.side, walking, start_s, end_s
        )
        last = spans[-1] if spans else None
        if last is not None and (last.kind, last.side, last.walking) == (
            span.kind,
            span.side,
            span.walking,
        ):
            spans[-1] = MotionSpan(
                last.person_id, last.kind, last.side, walking, last.start_s, end_s
            )
        elif end_s > start_s:
            spans.append(span)
    yield from spans
