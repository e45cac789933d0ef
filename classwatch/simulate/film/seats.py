"""Where seats lie in the picture of a camera that stands still."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from classwatch.simulate.scene import Floorplan, View
from classwatch.store import schemas
from classwatch.store.tables import Table, make_table

CHEST_OVER_SEAT_M = 0.35
"""Height of the chest of somebody seated over the seat of the chair."""
_FAR_PX = 1e5


@dataclass(frozen=True, slots=True)
class SeatPlace:
    """A seat in the picture from ``start_s`` to ``end_s``; see the schema of ``seats``."""

    seat: str
    row: int
    column: int
    start_s: float
    end_s: float
    x_px: float
    y_px: float
    visible: bool


def seat_places(plan: Floorplan, view: View, start_s: float, end_s: float) -> tuple[SeatPlace, ...]:
    """The seats before the camera (others have no place in the picture), for one shot."""
    from classwatch.simulate.render.view import project

    chests = [[s.x_m, s.chair_height_m + CHEST_OVER_SEAT_M, s.z_m] for s in plan.seats]
    places_px, _ = project(view, np.asarray(chests, np.float64).reshape(-1, 3))
    found: list[SeatPlace] = []
    for seat, (x, y) in zip(plan.seats, places_px.tolist(), strict=True):
        if not (abs(x) < _FAR_PX and abs(y) < _FAR_PX):  # Also refuses NaN: behind the camera.
            continue
        inside = 0 <= x < view.width_px and 0 <= y < view.height_px
        found.append(SeatPlace(seat.id, seat.row, seat.column, start_s, end_s, x, y, inside))
    return tuple(found)


def seats_table(stream: str, places: Iterable[SeatPlace]) -> Table:
    """The places as a table."""
    rows = list(places)
    values: dict[str, list[object]] = {"stream": [stream] * len(rows)}
    for column in schemas.SEATS.columns[1:]:
        values[column.name] = [getattr(row, column.name) for row in rows]
    return make_table(schemas.SEATS, values)
