"""Where sound comes from and where it is picked up: mouths, loudspeakers, noises, microphones.

Places are (x, y, z) in metres in the axes of ``scene``: x to the left of somebody who faces the
class and 0 in the middle, y up from the floor, z from the front wall to the back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from classwatch.simulate.scene import Floorplan
from classwatch.simulate.script import ActKind, Microphone, Person, PersonKind, Point, Room
from classwatch.simulate.timeline import Timeline

Place = tuple[float, float, float]
Walk = Callable[[str, float], Point | None]
"""Where somebody is on the floor at a time on the lesson clock; None leaves it to the script."""

FAR = "far-"
"""Ids of people and microphones of the second room begin with this."""

_GRID_M = 0.25
"""Places of somebody who walks are rounded to this, so that their responses can be used again."""
_WALL_M = 0.15
_MOUTH_M = {"primary": (1.0, 1.2), "lower": (1.1, 1.4), "upper": (1.15, 1.5)}
"""Height of a student's mouth, seated and standing."""
_ADULT_MOUTH_M = (1.15, 1.5)
_CLIP_BELOW_M, _CLIP_AHEAD_M = 0.2, 0.08
"""A worn microphone hangs this far under the mouth and before it."""


@dataclass(frozen=True, slots=True)
class Hall:
    """A room as sound sees it: sizes in metres and seats by id, ``(x, z)``."""

    width_m: float
    depth_m: float
    height_m: float
    seats: dict[str, Point]
    mouth_m: tuple[float, float]
    platform_height_m: float = 0.0
    platform_depth_m: float = 0.0

    def inside(self, place: Place) -> Place:
        """``place`` moved into the room where it lies in or behind a wall."""
        x, y, z = place
        half = self.width_m / 2 - _WALL_M
        return (
            min(max(x, -half), half),
            min(max(y, _WALL_M), self.height_m - _WALL_M),
            min(max(z, _WALL_M), self.depth_m - _WALL_M),
        )


def hall_of_plan(plan: Floorplan, room: Room) -> Hall:
    """The hall of a room that has been planned."""
    seats = {s.id: (s.x_m, s.z_m) for s in plan.seats}
    return Hall(
        plan.width_m,
        plan.depth_m,
        plan.height_m,
        seats,
        _MOUTH_M[room.age],
        plan.platform_height_m,
        plan.platform_depth_m,
    )


def hall_of_room(room: Room) -> Hall:
    """A plain grid of seats, where no plan exists: 1.15 m by 1.2 m a seat, 2.8 m at the front."""
    width_m = room.width_m or room.columns * 1.15 + 1.6
    depth_m = room.depth_m or room.rows * 1.2 + 3.8
    across_m = (width_m - 1.6) / room.columns
    along_m = (depth_m - 3.8) / room.rows
    seats = {
        f"r{row}c{column}": (
            (column - (room.columns + 1) / 2) * across_m,
            2.8 + (row - 0.5) * along_m,
        )
        for row in range(1, room.rows + 1)
        for column in range(1, room.columns + 1)
    }
    return Hall(width_m, depth_m, room.height_m or 3.2, seats, _MOUTH_M[room.age])


@dataclass(frozen=True, slots=True)
class Places:
    """Answers where everybody and everything is. ``halls``: the lesson's room, then a far one."""

    timeline: Timeline
    halls: tuple[Hall, ...]
    walk: Walk | None = None
    _people: dict[str, Person] = field(init=False)

    def __post_init__(self) -> None:
        people = {p.id: p for p in self.timeline.script.people}
        object.__setattr__(self, "_people", people)

    def hall_of(self, person_or_microphone: str) -> int:
        """Number of the room that somebody or a microphone is in."""
        return 1 if person_or_microphone.startswith(FAR) and len(self.halls) > 1 else 0

    def mouth(self, person: str, time_s: float) -> Place:
        """Where the voice of ``person`` comes from at ``time_s``."""
        hall = self.halls[self.hall_of(person)]
        x, z = self._floor(person, time_s, hall)
        who = self._people[person]
        kinds = self._acts(person, time_s)
        if who.kind is PersonKind.STUDENT:
            y = hall.mouth_m[ActKind.STAND in kinds]
        else:
            y = _ADULT_MOUTH_M[ActKind.SIT not in kinds]
        if z < hall.platform_depth_m:
            y += hall.platform_height_m
        return hall.inside((x, y, z))

    def microphone(self, microphone: Microphone, time_s: float) -> Place:
        """Where a microphone is; a worn one moves with whoever wears it."""
        hall = self.halls[self.microphone_hall(microphone)]
        if microphone.worn_by is not None:
            x, y, z = self.mouth(microphone.worn_by, time_s)
            ahead_m = -_CLIP_AHEAD_M if self._is_student(microphone.worn_by) else _CLIP_AHEAD_M
            return hall.inside((x, y - _CLIP_BELOW_M, z + ahead_m))
        x, z = microphone.place or (0.0, 0.4)
        return hall.inside((x, microphone.height_m, z))

    def microphone_hall(self, microphone: Microphone) -> int:
        """Number of the room that ``microphone`` is in."""
        return self.hall_of(microphone.worn_by or microphone.name)

    def loudspeaker(self, hall: int) -> Place:
        """The loudspeaker beside the board, at the right hand of somebody facing the class."""
        room = self.halls[hall]
        return room.inside((-room.width_m * 0.3, 2.2, 0.3))

    def seats(self, hall: int) -> tuple[Place, ...]:
        """Mouths of seated students in a room, by seat, whether somebody sits there or not."""
        room = self.halls[hall]
        places = sorted(room.seats.items())
        return tuple(room.inside((x, room.mouth_m[0], z)) for _, (x, z) in places)

    def _floor(self, person: str, time_s: float, hall: Hall) -> Point:
        walked = self.walk(person, time_s) if self.walk is not None else None
        if walked is not None:
            return _snapped(walked)
        for timed in reversed(self.timeline.acts):
            now = timed.start_s <= time_s < timed.end_s and person in timed.actors
            if now and timed.act.place is not None:
                return _snapped(self._named(timed.act.place, hall))
        who = self._people[person]
        if who.seat in hall.seats:
            return hall.seats[who.seat]
        if who.kind is PersonKind.TEACHER:
            return (0.25, 1.25)
        # An adult without a seat stands at the back; a student without one in the middle.
        return (-1.0, hall.depth_m - 0.8) if who.kind is PersonKind.ADULT else (0.0, 4.0)

    @staticmethod
    def _named(place: Point | str, hall: Hall) -> Point:
        if not isinstance(place, str):
            return place
        x, z = hall.seats.get(place.removeprefix("beside:"), (0.0, 2.0))
        return (x + 0.55, z)

    def _acts(self, person: str, time_s: float) -> set[ActKind]:
        return {
            t.act.kind
            for t in self.timeline.acts
            if t.start_s <= time_s < t.end_s and person in t.actors
        }

    def _is_student(self, person: str) -> bool:
        return self._people[person].kind is PersonKind.STUDENT


def places_of(
    timeline: Timeline, plans: tuple[Floorplan, ...] = (), walk: Walk | None = None
) -> Places:
    """Places of a lesson; ``plans`` of its room and its far room where they have been planned."""
    script = timeline.script
    rooms = [script.room] + ([] if script.far_room is None else [script.far_room])
    halls = tuple(
        hall_of_plan(plans[i], room) if i < len(plans) else hall_of_room(room)
        for i, room in enumerate(rooms)
    )
    return Places(timeline, halls, walk)


def _snapped(point: Point) -> Point:
    return (round(point[0] / _GRID_M) * _GRID_M, round(point[1] / _GRID_M) * _GRID_M)
