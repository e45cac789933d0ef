"""Tracks cut where they cannot be one body, and put together again by place and movement.

Link by link a track slides from one body to another: from a pupil to whoever stands before the
pupil, and from the one seat in the picture's corner to the walker who comes out of it. Seen over
some seconds either side, both show.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from classwatch.core.pose import PoseSeries
from classwatch.vision.body import Bodies, read_bodies
from classwatch.vision.seats import rows_of

_AROUND = 4
"""Sightings either side that a change is judged by."""
_LEAST = 2
"""Fewest sightings that make a piece."""
_JUMP = float(np.log(1.22))
"""Least change of size from one sighting to the next, and over the sightings around it."""
_GROWS = float(np.log(1.25))
_ROOTED_HEIGHTS = 0.25
_SAME_PLACE_HEIGHTS = 0.4
_SAME_PLACE_S = 120.0
"""Two who keep one place, one after the other, are one body for so long."""
_ROOTED = 6
"""Sightings this close to their middle are of somebody who keeps a place."""
_OFF_HEIGHTS = 0.8
"""Who goes this far from it has left it."""
_WALK_OFF = 5
"""Sightings within which."""
_JOIN_S = 10.0
_JOIN_SLACK_HEIGHTS = 0.5
_JOIN_HEIGHTS_PER_S = 0.5
_SEATED = 0.6
"""Price of the change from sitting to walking or back, where the track itself does not say so."""
_OWN = 0.15
"""What a link inside one track is cheaper by."""
_DEAREST = 0.6
"""Dearest link; one that the track itself made costs no more."""
_OPEN = 1.0
"""Price of leaving an end and a beginning open: more than any link, and less than two."""


def mended(poses: PoseSeries, track_id: NDArray[np.int32]) -> NDArray[np.int32]:
    """``track_id`` (n,) with tracks cut where they change bodies, and the pieces linked anew.

    Numbers stay in order of first appearance.
    """
    bodies = read_bodies(poses.people)
    whole = rows_of(track_id, int(track_id.max(initial=-1)) + 1)
    pieces: list[NDArray[np.intp]] = []
    origin: list[int] = []
    for number, own in enumerate(whole):
        for piece in np.split(own, _breaks(bodies, own)):
            pieces.append(piece)
            origin.append(number)
    if len(pieces) == len(whole):
        return track_id
    after = _links(poses, bodies, pieces, np.asarray(origin))
    return _numbered(track_id, pieces, after)


def _breaks(bodies: Bodies, own: NDArray[np.intp]) -> list[int]:
    """Positions in ``own`` at which another body begins."""
    found = set(_swaps(bodies, own)) | set(_departures(bodies, own))
    return sorted(found)


def _scales(bodies: Bodies, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """Logarithms (k, 3) of box size, torso and shoulders; sitting and turning change one or two."""
    box = np.sqrt(bodies.width_px[rows] * bodies.height_px[rows])
    torso = np.abs(bodies.hip[rows, 1] - bodies.anchor[rows, 1])
    sizes = np.stack([box, np.maximum(torso, 1.0), bodies.shoulder_px[rows]], axis=1)
    return np.asarray(np.log(sizes), np.float64)


def _swaps(bodies: Bodies, own: NDArray[np.intp]) -> list[int]:
    """Where all measures of a body grow or shrink at once and stay so."""
    scale = _scales(bodies, own)
    jump = np.diff(scale[:, :2], axis=0)
    sudden = (np.abs(jump) >= _JUMP).all(axis=1) & (jump[:, 0] * jump[:, 1] > 0)
    found: list[int] = []
    for at in (np.flatnonzero(sudden) + 1).tolist():
        before, after = scale[max(at - _AROUND, 0) : at], scale[at : at + _AROUND]
        if min(len(before), len(after)) < _LEAST:
            continue
        grown = np.median(after, axis=0) - np.median(before, axis=0)
        if (grown >= _GROWS).all() or (grown <= -_GROWS).all():
            found.append(at)
    return found


def _departures(bodies: Bodies, own: NDArray[np.intp]) -> list[int]:
    """Where somebody walks off who has kept a place for long, and where somebody comes to one."""
    place, height = bodies.anchor[own].astype(np.float64), bodies.height_px[own].astype(np.float64)
    back = _walks_off(place[::-1], height[::-1])
    return sorted({*_walks_off(place, height), *(len(own) - at for at in back)})


def _walks_off(place: NDArray[np.float64], height: NDArray[np.float64]) -> list[int]:
    """Positions of the first sighting away from a place that was kept until then."""
    if len(place) <= _ROOTED:
        return []
    kept = sliding_window_view(place[:-1], _ROOTED, axis=0)
    middle = np.median(kept, axis=2)
    usual = np.median(sliding_window_view(height[:-1], _ROOTED), axis=1)
    stayed = np.linalg.norm(kept - middle[..., None], axis=1).max(axis=1) <= _ROOTED_HEIGHTS * usual
    away = np.linalg.norm(place[_ROOTED:] - middle, axis=1) > _ROOTED_HEIGHTS * usual
    found: list[int] = []
    for at in np.flatnonzero(stayed & away).tolist():
        ahead = place[at + _ROOTED : at + _ROOTED + _WALK_OFF]
        if np.linalg.norm(ahead - middle[at], axis=1).max() >= _OFF_HEIGHTS * usual[at]:
            found.append(at + _ROOTED)
    return found


def _rooted(bodies: Bodies, rows: NDArray[np.intp]) -> bool:
    """Whether the body keeps its place over these sightings."""
    if len(rows) < _ROOTED:
        return False
    away = np.linalg.norm(bodies.anchor[rows] - np.median(bodies.anchor[rows], axis=0), axis=1)
    return bool(np.percentile(away, 80) <= _ROOTED_HEIGHTS * np.median(bodies.height_px[rows]))


def _links(
    poses: PoseSeries,
    bodies: Bodies,
    pieces: list[NDArray[np.intp]],
    origin: NDArray[np.intp],
) -> list[tuple[int, int]]:
    """Pairs (piece, piece that continues it): the cheapest assignment of ends to beginnings."""
    from scipy.optimize import linear_sum_assignment

    follows = np.concatenate([origin[1:] == origin[:-1], [False]])
    loose = follows | np.concatenate([[False], follows[:-1]])
    first = np.asarray([piece[0] for piece in pieces])
    last = np.asarray([piece[-1] for piece in pieces])
    cost: dict[tuple[int, int], float] = {}
    for left in range(len(pieces)):
        gap_s = poses.times_s[first] - poses.times_s[last[left]]
        near = (gap_s > 0) & (gap_s <= _SAME_PLACE_S) & (loose | loose[left])
        near &= (gap_s <= _JOIN_S) | (_away(bodies, last[left], first) <= _SAME_PLACE_HEIGHTS)
        for right in np.flatnonzero(near).tolist():
            own = right == left + 1 and bool(follows[left])
            price = _link(bodies, pieces[left], pieces[right], float(gap_s[right]), own)
            if price < _OPEN:
                cost[left, right] = price
    if not cost:
        return []
    ends, starts = (np.unique([pair[side] for pair in cost]) for side in (0, 1))
    table = np.full((len(ends), len(starts)), _OPEN)
    for (left, right), price in cost.items():
        table[np.searchsorted(ends, left), np.searchsorted(starts, right)] = price
    rows, columns = linear_sum_assignment(table)
    return [
        (int(ends[row]), int(starts[column]))
        for row, column in zip(rows, columns, strict=True)
        if table[row, column] < _OPEN
    ]


def _away(bodies: Bodies, left: np.intp, right: NDArray[np.intp]) -> NDArray[np.float64]:
    """Distance of one sighting from others (k,), in heights of the larger body."""
    height = np.maximum(bodies.height_px[left], bodies.height_px[right])
    gap = np.linalg.norm(bodies.anchor[right] - bodies.anchor[left], axis=1)
    return np.asarray(gap / height, np.float64)


def _link(
    bodies: Bodies, left: NDArray[np.intp], right: NDArray[np.intp], gap_s: float, own: bool
) -> float:
    """Price of taking ``right`` for the same body as ``left``; ``_OPEN`` where it cannot be."""
    before, after = left[-_AROUND:], right[:_AROUND]
    grown = np.median(_scales(bodies, after), axis=0) - np.median(_scales(bodies, before), axis=0)
    scale = float(np.abs(grown).min())
    swapped = bool((grown > 0).all() or (grown < 0).all()) and scale >= _GROWS
    away = float(_away(bodies, left[-1], right[:1])[0])
    kept = _rooted(bodies, left[-_ROOTED:]), _rooted(bodies, right[:_ROOTED])
    if swapped:
        return _OPEN
    if all(kept) and away <= _SAME_PLACE_HEIGHTS:
        return away + scale
    if gap_s > _JOIN_S:
        return _OPEN
    price = away / (_JOIN_SLACK_HEIGHTS + _JOIN_HEIGHTS_PER_S * gap_s) + scale
    if own:
        return min(price - (0.0 if kept[1] else _OWN), _DEAREST)
    price += _SEATED * any(kept)
    return price if price <= _DEAREST else _OPEN


def _numbered(
    track_id: NDArray[np.int32], pieces: list[NDArray[np.intp]], after: list[tuple[int, int]]
) -> NDArray[np.int32]:
    """Numbers by first appearance of the chains of linked pieces."""
    chain = np.arange(len(pieces))
    for left, right in sorted(after, key=lambda link: int(pieces[link[0]][-1])):
        chain[right] = chain[left]
    made = np.full(len(track_id), -1, np.int64)
    for number, piece in zip(chain.tolist(), pieces, strict=True):
        made[piece] = number
    seen = made >= 0
    kept, first, inverse = np.unique(made[seen], return_index=True, return_inverse=True)
    place = np.empty(len(kept), np.int32)
    place[np.argsort(first, kind="stable")] = np.arange(len(kept), dtype=np.int32)
    found = track_id.copy()
    found[seen] = place[inverse]
    return found
