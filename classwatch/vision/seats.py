"""Places where somebody sits, found from where bodies stay; they outlive a broken track."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classwatch.vision.body import Bodies

NO_SEAT = -1
_STAYS_HEIGHTS = 0.5
"""A track whose anchors lie this close to their median (four of five) keeps its place."""
_SAME_SEAT_HEIGHTS = 0.3
"""Tracks whose median anchors lie closer than this share a seat; neighbours sit at 0.5 or more."""
_MIN_LINE_SEATS = 6
_APART = 0.15
"""Two seats tell a slope when their shoulder distances differ by more than this share."""


@dataclass(frozen=True, slots=True, eq=False)
class Seats:
    """Seats, s of them, in descending number of sightings; pixels of the full-size picture.

    ``of_track`` (t,) int32 seat of each track or ``NO_SEAT``; ``of_detection`` (n,) the same for
    each detection; medians over all sightings in the seat: ``anchor``, ``shoulder``, ``hip``
    (s, 2), ``shoulder_px`` and ``height_px`` (s,); ``samples`` (s,) int32 the sightings.
    """

    of_track: NDArray[np.int32]
    of_detection: NDArray[np.int32]
    anchor: NDArray[np.float32]
    shoulder: NDArray[np.float32]
    hip: NDArray[np.float32]
    shoulder_px: NDArray[np.float32]
    height_px: NDArray[np.float32]
    samples: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.samples)


def find_seats(bodies: Bodies, track_id: NDArray[np.int32], tracks: NDArray[np.intp]) -> Seats:
    """Seats of those ``tracks`` (numbers) that keep their place; the others sit nowhere."""
    count = int(track_id.max(initial=-1)) + 1
    of_track = np.full(count, NO_SEAT, np.int32)
    centres: list[NDArray[np.float32]] = []
    reach_px: list[float] = []
    rows = rows_of(track_id, count)
    for number in sorted(tracks.tolist(), key=lambda t: (-len(rows[t]), t)):
        anchors = bodies.anchor[rows[number]]
        height = float(np.median(bodies.height_px[rows[number]]))
        centre = np.median(anchors, axis=0)
        away = np.linalg.norm(anchors - centre, axis=1)
        if np.percentile(away, 80) > _STAYS_HEIGHTS * height:
            continue
        of_track[number] = _seat_at(centre, centres, reach_px)
        if of_track[number] == len(centres):
            centres.append(centre)
            reach_px.append(_SAME_SEAT_HEIGHTS * height)
    of_detection = np.where(track_id >= 0, of_track[track_id], NO_SEAT).astype(np.int32)
    return _described(bodies, of_track, of_detection, len(centres))


@dataclass(frozen=True, slots=True)
class SeatedHeight:
    """Height in the picture of seated shoulders of a given width: a line, by perspective.

    Shoulders 0.4 m wide and 1 m over the floor lie at ``y = horizon + slope * width`` wherever in
    the room they are; a standing body's lie about one shoulder width higher than the line.
    """

    horizon_px: float
    slope: float

    def rise(self, bodies: Bodies, rows: NDArray[np.intp]) -> float:
        """Median height over the line of one body's sightings, in its shoulder distances."""
        width = float(np.median(bodies.shoulder_px[rows]))
        return self.over(width, float(np.median(bodies.shoulder[rows, 1])))

    def over(self, size_px: float, y_px: float) -> float:
        """Height over the line of shoulders at ``y_px`` of a body of this size, in that size."""
        return (self.horizon_px + self.slope * size_px - y_px) / size_px


def seated_height(seats: Seats, without: int = NO_SEAT) -> SeatedHeight | None:
    """The line through the seats (Theil-Sen, so a few odd ones do not matter).

    ``without`` leaves one seat out, to judge whoever holds it by the others. ``None`` with too few
    seats, with all at one distance, or where no perspective shows.
    """
    others = np.arange(len(seats)) != without
    return perspective(seats.shoulder_px[others], seats.shoulder[others, 1])


def perspective(size_px: NDArray[np.floating], y_px: NDArray[np.floating]) -> SeatedHeight | None:
    """The line of heights in the picture by any size of bodies (k,) that sit."""
    one, other = np.triu_indices(len(size_px), 1)
    apart = size_px[one] - size_px[other]
    told = np.abs(apart) > _APART * np.minimum(size_px[one], size_px[other])
    if len(size_px) < _MIN_LINE_SEATS or told.sum() < _MIN_LINE_SEATS:
        return None
    slope = float(np.median((y_px[one] - y_px[other])[told] / apart[told]))
    if slope <= 0:
        return None
    return SeatedHeight(float(np.median(y_px - slope * size_px)), slope)


def rows_of(numbers: NDArray[np.int32], count: int) -> list[NDArray[np.intp]]:
    """For each number from 0 to ``count`` - 1, the ascending rows that carry it."""
    order = np.argsort(numbers, kind="stable")
    bounds = np.searchsorted(numbers[order], np.arange(count + 1))
    return [order[low:high] for low, high in pairwise(bounds)]


def _seat_at(
    centre: NDArray[np.float32], centres: list[NDArray[np.float32]], reach_px: list[float]
) -> int:
    if not centres:
        return 0
    away = np.linalg.norm(np.asarray(centres) - centre, axis=1) / np.asarray(reach_px)
    nearest = int(np.argmin(away))
    return nearest if away[nearest] <= 1 else len(centres)


def _described(
    bodies: Bodies, of_track: NDArray[np.int32], of_detection: NDArray[np.int32], count: int
) -> Seats:
    rows = rows_of(of_detection, count)

    def medians(values: NDArray[np.float32]) -> NDArray[np.float32]:
        shape = (count, *values.shape[1:])
        found = [np.median(values[r], axis=0) for r in rows]
        return np.asarray(found, np.float32).reshape(shape)

    return Seats(
        of_track,
        of_detection,
        anchor=medians(bodies.anchor),
        shoulder=medians(bodies.shoulder),
        hip=medians(bodies.hip),
        shoulder_px=medians(bodies.shoulder_px),
        height_px=medians(bodies.height_px),
        samples=np.asarray([len(r) for r in rows], np.int32),
    )
