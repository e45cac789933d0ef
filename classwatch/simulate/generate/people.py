"""Who is in a generated lesson, and where they sit."""

from __future__ import annotations

import math

from classwatch.simulate.generate.banks import Profile
from classwatch.simulate.generate.config import GeneratorConfig
from classwatch.simulate.generate.draft import TEACHER, seeded
from classwatch.simulate.script import Person, PersonKind, Room

_MOST = 12


def furnish(config: GeneratorConfig, profile: Profile) -> Room:
    """A room with a seat for everybody; now and then some more."""
    rng = seeded(config.seed, "room")
    layout = profile.layouts[int(rng.integers(len(profile.layouts)))]
    spare = config.students + int(rng.integers(0, 4))
    wide = math.sqrt(spare * float(rng.uniform(1.0, 1.6)))
    if layout == "rows":
        columns = min(_MOST, max(2, round(wide)))
        rows = math.ceil(spare / columns)
    else:
        columns = min(_MOST, max(2, 2 * round(wide / 2)))
        rows = math.ceil(spare / columns)
        if layout == "groups":
            rows += rows % 2
    return Room(layout=layout, rows=min(_MOST, rows), columns=columns, age=config.age)


def invite(config: GeneratorConfig, room: Room) -> tuple[Person, ...]:
    """The teacher ``T`` and students ``S01``, … in seats drawn by the seed, front rows first."""
    rng = seeded(config.seed, "seats")
    seats = [(r, c) for r in range(1, room.rows + 1) for c in range(1, room.columns + 1)]
    # Empty seats are more often at the back.
    order = sorted(seats, key=lambda s: s[0] * 0.6 + float(rng.random()) * room.rows)
    taken = sorted(order[: config.students])
    people = [Person(id=TEACHER, kind=PersonKind.TEACHER)]
    for number, (row, column) in enumerate(taken, start=1):
        people.append(Person(id=f"S{number:02d}", kind=PersonKind.STUDENT, seat=f"r{row}c{column}"))
    return tuple(people)
