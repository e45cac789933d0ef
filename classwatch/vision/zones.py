"""Zones in the picture, not on the floor: front or desks; left, middle or right as seen.

Without marked floor points nothing better is honest. The line between front and desks comes from
where the students sit and which way they look: towards the camera the board is behind it and the
front is the near end, away from it the front is the far end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import StreamRole
from classwatch.vision.body import Bodies
from classwatch.vision.seats import NO_SEAT, Seats

FRONT = "front"
DESKS = "desks"
SIDES = ("left", "middle", "right")
MIN_ZONE_SEATS = 5
"""Nothing that students do is placed in a zone of fewer seats: it might point to one of them."""
_MIN_SEATS = 2
_MIN_AGREEMENT = 0.2
"""Mean facing of the seated, from -1 to 1, under which the class looks no particular way."""
_MARGIN_HEIGHTS = 0.1
_DESK_SHOULDERS = 0.6
"""Where the far edge of a desk lies over the shoulders of who sits at it, in shoulder distances:
0.6 m farther off, seen by a camera some 2 m over the shoulders from 5 to 9 m away."""


@dataclass(frozen=True, slots=True)
class View:
    """How a camera sees the room; pixels of the full-size picture.

    ``class_facing``: 1 when students look towards the camera, -1 away from it, 0 unknown.
    ``front_line_px``: hips beyond this height in the picture are in the front zone, ``None`` where
    the zones cannot be told. ``edges_px``: between the left, the middle and the right of the
    seats. ``thirds_px``: between the thirds of the picture.
    """

    class_facing: int
    front_line_px: float | None
    edges_px: tuple[float, float]
    thirds_px: tuple[float, float]

    def in_front(self, bodies: Bodies) -> NDArray[np.bool_]:
        """Mask (n,) of bodies in the front zone; all ``False`` where zones cannot be told."""
        if self.front_line_px is None:
            return np.zeros(len(bodies.hip), np.bool_)
        return self.beyond(bodies.hip[:, 1], self.front_line_px)

    def beyond(self, hip_y_px: NDArray[np.float32], line_px: float) -> NDArray[np.bool_]:
        """Mask of the heights in the picture that lie on the board's side of a line."""
        below: NDArray[np.bool_] = hip_y_px > line_px
        return below if self.class_facing > 0 else ~below

    def zones(self, bodies: Bodies) -> tuple[str, ...]:
        """Zone id of each body: ``front_left`` … ``desks_right``; "" where not to be told.

        Left, middle and right are thirds of the picture: they do not depend on who is found.
        """
        if self.front_line_px is None:
            return ("",) * len(bodies.hip)
        side = np.searchsorted(np.asarray(self.thirds_px), bodies.anchor[:, 0])
        front = self.in_front(bodies)
        return tuple(
            f"{FRONT if f else DESKS}_{SIDES[int(s)]}" for f, s in zip(front, side, strict=True)
        )


def read_view(
    bodies: Bodies, seats: Seats, stream_role: StreamRole, size_px: tuple[int, int]
) -> View:
    """The view from the students' seats.

    A camera for the teacher looks at the front: the class looks away from it where nothing tells
    otherwise, and without students all it sees is there. A few sightings of the teacher among the
    ``seats`` do not matter.
    """
    thirds = (size_px[0] / 3, size_px[0] * 2 / 3)
    if len(seats) < _MIN_SEATS:
        only_front = stream_role is StreamRole.TEACHER_CAM
        return View(-1 if only_front else 0, float("inf") if only_front else None, thirds, thirds)
    low, high = np.percentile(seats.anchor[:, 0], [5, 95])
    edges = (float(low + (high - low) / 3), float(high - (high - low) / 3))
    facing = _class_facing(bodies, seats)
    if facing == 0 and stream_role is StreamRole.TEACHER_CAM:
        facing = -1
    if facing == 0:
        return View(0, None, edges, thirds)
    return View(facing, _front_line(seats, facing, seats.samples), edges, thirds)


def seat_zones(seats: Seats, view: View) -> tuple[str, ...]:
    """Zone of each seat, ``desks_left`` to ``desks_right`` as seen in the picture.

    "" for the seats of a zone that has fewer than ``MIN_ZONE_SEATS`` of them.
    """
    side = np.searchsorted(np.asarray(view.thirds_px), seats.anchor[:, 0])
    enough = np.bincount(side, minlength=len(SIDES)) >= MIN_ZONE_SEATS
    return tuple(f"{DESKS}_{SIDES[s]}" if enough[s] else "" for s in side.tolist())


def track_zones(seats: Seats, view: View) -> tuple[str, ...]:
    """Zone of the seat of each track as from ``seat_zones``; "" for who keeps no seat."""
    zones = seat_zones(seats, view)
    return tuple("" if seat == NO_SEAT else zones[seat] for seat in seats.of_track.tolist())


def front_line_without(seats: Seats, view: View, seat: int) -> float | None:
    """The front line from all seats but one, to judge whoever holds that one by the others."""
    if view.front_line_px is None or len(seats) <= _MIN_SEATS:
        return view.front_line_px
    samples = seats.samples.copy()
    samples[seat] = 0
    return _front_line(seats, view.class_facing, samples)


def _front_line(seats: Seats, facing: int, samples: NDArray[np.int32]) -> float:
    """Height in the picture where the front begins.

    A standing body's hips (0.9 m) beyond the first row project above the shoulders of those who
    sit there (1.0 m); before the first row, nearer to the camera, below their hips (0.5 m). Seen
    from the rear the desks reach on from the shoulders of the first row.
    """
    if facing < 0:
        edge = seats.shoulder[:, 1] - _DESK_SHOULDERS * seats.shoulder_px
        return _percentile(edge, samples, 0.1)
    return _percentile(seats.hip[:, 1] + _MARGIN_HEIGHTS * seats.height_px, samples, 0.9)


def _percentile(values: NDArray[np.float32], weights: NDArray[np.int32], share: float) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, share * reached[-1])])


def _class_facing(bodies: Bodies, seats: Seats) -> int:
    seated = seats.of_detection >= 0
    mean = float(bodies.facing[seated].mean()) if seated.any() else 0.0
    return int(np.sign(mean)) if abs(mean) >= _MIN_AGREEMENT else 0
