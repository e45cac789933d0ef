"""Who stops among the seated, standing, and moves on: no pupil, though one place is kept.

A pupil's place is held for most of the lesson by somebody of one size. Whoever comes to a place,
stands there and leaves again, larger than those who sit at that distance, only stopped there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.people import PersonRole, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.vision.body import Bodies
from classwatch.vision.seats import Seats, find_seats, perspective, rows_of

_MIN_SAMPLES = 3
_STOPS_S = 60.0
_STOPS = 0.5
"""Nobody stops at one place for longer, or is seen there in more of the pictures."""
_HOLDS_S = 30.0
_HOLDS = 0.6
"""A place held for so long, or for this share of the pictures, shows where those who sit are."""
_EDGE_S = 2.0
"""Who is there at the beginning and at the end has neither come nor gone."""
_STANDS = 0.55
"""Shoulders over those of the seated, in box widths and in trunk lengths, from which a body stands;
both stretch differently with turning, leaning and desks. From 0.5 to 0.6 ten rendered lessons come
out the same."""
_SAME_PLACE = 0.3
_ALIKE = 1.3
"""Largest ratio of the widths, and of the trunks, of one body in one place."""
_ABSENT = 0.3
"""Share of the pictures of a stop up to which the owner of a seat counts as away."""
_ASIDE = 0.3
_MOST_RISE = 1.0
"""Who stands this close over a seat, in its box heights, and no higher may have risen from it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """Medians of each track, t of them, in pixels; times in seconds."""

    frames: list[NDArray[np.int32]]
    """Pictures that show the track."""
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    anchor: NDArray[np.float64]
    shoulder_y: NDArray[np.float64]
    sizes: NDArray[np.float64]
    """(t, 2) width of the box and length of the trunk."""
    height: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """Where the shoulders are of those who sit, by their ``sizes`` (s, 2) as in ``_Places``."""

    seats: Seats
    sizes: NDArray[np.float64]

    def rise(self, places: _Places, number: int) -> float:
        """Height of one track's shoulders over those of the others who sit, by the measure that
        says less; 0 where nothing tells."""
        others = np.arange(len(self.seats)) != self.seats.of_track[number]
        found: list[float] = []
        for own, size in zip(places.sizes[number], self.sizes.T, strict=True):
            line = perspective(size[others], self.seats.shoulder[others, 1])
            if line is None:
                return 0.0
            found.append(line.over(float(own), float(places.shoulder_y[number])))
        return min(found)


def passers(poses: PoseSeries, tracks: Tracks, bodies: Bodies) -> list[int]:
    """Tracks of students that are of somebody who only stopped at that place."""
    sizes = np.stack([bodies.width_px, _trunk(bodies)], axis=1)
    students = [r.track_id for r in tracks.roles if r.role is PersonRole.STUDENT]
    places = _places(poses, tracks, bodies, sizes)
    held_s = places.end_s - places.start_s
    least_s = min(_HOLDS_S, _HOLDS * float(np.ptp(poses.frame_times_s)))
    holds = np.zeros(len(held_s), np.bool_)
    holds[students] = held_s[students] >= least_s
    seats = find_seats(bodies, tracks.track_id, np.flatnonzero(holds))
    line = _Line(seats, _medians(sizes, rows_of(seats.of_detection, len(seats))))
    return [
        number
        for number in students
        if _came_and_went(places, number, poses.frame_times_s)
        and line.rise(places, number) >= _STANDS
        and not _kept_else(places, number)
        and not _risen(places, number, holds)
    ]


def _places(
    poses: PoseSeries, tracks: Tracks, bodies: Bodies, sizes: NDArray[np.float32]
) -> _Places:
    rows = rows_of(tracks.track_id, len(tracks.roles))
    return _Places(
        frames=[poses.frame[own] for own in rows],
        start_s=np.asarray([poses.times_s[own[0]] for own in rows]),
        end_s=np.asarray([poses.times_s[own[-1]] for own in rows]),
        anchor=_medians(bodies.anchor, rows),
        shoulder_y=_medians(bodies.shoulder, rows)[:, 1],
        sizes=_medians(sizes, rows),
        height=_medians(bodies.height_px, rows),
    )


def _medians(values: NDArray[np.float32], rows: list[NDArray[np.intp]]) -> NDArray[np.float64]:
    found = [np.median(values[own], axis=0) for own in rows]
    return np.asarray(found, np.float64).reshape((len(rows), *values.shape[1:]))


def _trunk(bodies: Bodies) -> NDArray[np.float32]:
    """Length (n,) from head and shoulders to the hips, at least 1 pixel."""
    length = np.linalg.norm(bodies.hip - bodies.anchor, axis=1)
    return np.asarray(np.maximum(length, 1.0), np.float32)


def _came_and_went(places: _Places, number: int, times_s: NDArray[np.float64]) -> bool:
    start_s, end_s = places.start_s[number], places.end_s[number]
    all_along = start_s <= times_s[0] + _EDGE_S and end_s >= times_s[-1] - _EDGE_S
    enough = _MIN_SAMPLES <= len(places.frames[number]) <= _STOPS * len(times_s)
    return bool(enough and end_s - start_s <= _STOPS_S and not all_along)


def _kept_else(places: _Places, number: int) -> bool:
    """Whether somebody of the same size is seen at the same place at other times, more often."""
    away = np.linalg.norm(places.anchor - places.anchor[number], axis=1)
    here = away <= _SAME_PLACE * np.maximum(places.height, places.height[number])
    alike = _ratios(places, number).max(axis=1) <= _ALIKE
    others = np.flatnonzero(here & alike).tolist()
    kept = sum(len(places.frames[other]) for other in others if _absent(places, other, number))
    return kept > len(places.frames[number])


def _risen(places: _Places, number: int, holds: NDArray[np.bool_]) -> bool:
    """Whether somebody of this width sits straight below at other times, and not meanwhile."""
    aside = np.abs(places.anchor[:, 0] - places.anchor[number, 0]) / places.height
    rise = (places.shoulder_y - places.shoulder_y[number]) / places.height
    # Of the trunk of who sits a desk hides more.
    wide = _ratios(places, number)[:, 0] <= _ALIKE
    under = (aside <= _ASIDE) & (rise >= 0) & (rise <= _MOST_RISE)
    seats = np.flatnonzero(holds & under & wide).tolist()
    return any(_absent(places, seat, number) for seat in seats)


def _ratios(places: _Places, number: int) -> NDArray[np.float64]:
    """Ratios (t, 2) of the sizes to those of one track, never under 1."""
    ratio = places.sizes / places.sizes[number]
    return np.asarray(np.maximum(ratio, 1 / ratio))


def _absent(places: _Places, other: int, number: int) -> bool:
    """Whether one track is hardly seen from the first to the last sighting of another."""
    if other == number:
        return False
    own = places.frames[number]
    low, high = np.searchsorted(places.frames[other], [own[0], own[-1] + 1])
    return bool(high - low <= _ABSENT * len(own))
