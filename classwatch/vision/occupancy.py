"""Seats between two looks that saw somebody there: the one who was missed has not left.

Somebody found with little certainty counts where somebody was found before, and nowhere else. A
body that a pose model finds in half of the pictures is found now and then, while its owner sits
there all the time. Whoever is put back has the place and the shape of the nearest sighting with
all keypoints at confidence 0: present, with nothing to be told of head, hands or posture.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classwatch.core.people import NO_TRACK
from classwatch.core.pose import Detections, PoseSeries
from classwatch.vision.body import RIGHT_SHOULDER
from classwatch.vision.closer import stacked
from classwatch.vision.shot_kinds import part_of

_SAME_SEAT = 0.3
"""Sightings nearer than this share of the root of their box area belong to one seat."""
_SIZE = 1.5
"""Most that two sightings in one seat differ in size."""
_FEWEST = 3
_SHOWN = 0.2
"""Confidence of head and shoulders, in the middle of a seat's sightings, under which nothing is
added to it: it may be a bag."""
_BARE, _BARE_SCORE = 0.1, 0.6
"""Without head and shoulders a sighting of a lower score is of no person."""
_OVER, _INSIDE = 0.3, 0.7
"""Overlap, and share of the smaller box in the larger one, from which two boxes are one body."""
_OFTEN = 0.5
"""Share of the pictures between first and last sighting in which a seat was seen, at least."""
_LEFT = 0.05
"""A gap is closed while missing somebody so often in a row is likelier than this."""
_SURE_GAP_S = 3.0
"""Misses in a row hang together, so a gap this short is always closed."""
_LONGEST_GAP_S = 15.0


def with_missed(poses: PoseSeries) -> PoseSeries:
    """The series with those who were missed between two sightings in one seat put back.

    ``scores`` of those put back is the share of the pictures in which their seat was seen. A seat
    is only filled where nobody else was found on it. The same series gives the same result.
    """
    if len(poses.people) == 0:
        return poses
    frames: list[NDArray[np.int32]] = []
    rows: list[NDArray[np.intp]] = []
    shares: list[NDArray[np.float32]] = []
    for seat in _sure_places(poses):
        missed, source, share = _gaps(poses, seat)
        frames.append(missed)
        rows.append(source)
        shares.append(np.full(len(missed), share, np.float32))
    if sum(len(f) for f in frames) == 0:
        return poses
    frame, source = np.concatenate(frames), np.concatenate(rows)
    put_back = _silent(poses.people, source, np.concatenate(shares))
    free = _free(poses, frame, put_back)
    return _merged(poses, frame[free], put_back.take(free))


def on_known_seats(poses: PoseSeries, min_score: float) -> PoseSeries:
    """The series without those below ``min_score`` who are on no seat that was seen taken.

    On such a seat, while nobody surer is found there, the best of each picture stays. What has
    neither head nor shoulders goes, unless it is very sure.
    """
    people = poses.people
    bare = (_head_seen(people) < _BARE) & (people.scores < _BARE_SCORE)
    sure = ~bare & (people.scores >= min_score)
    kept = sure.copy()
    rows = np.flatnonzero(sure)
    surer = poses.only(rows)
    place, size = _points(people), _sizes(people)
    low = np.flatnonzero(~bare & ~sure)
    for seat in _sure_places(surer):
        middle = np.median(place[rows[seat]], axis=0)
        typical = float(np.median(size[rows[seat]]))
        away = np.linalg.norm(place[low] - middle, axis=1)
        ratio = np.maximum(size[low] / typical, typical / size[low])
        here = low[(away <= _SAME_SEAT * typical) & (ratio <= _SIZE)]
        here = here[np.argsort(-people.scores[here], kind="stable")]
        frames, best = np.unique(poses.frame[here], return_index=True)
        kept[here[best[~np.isin(frames, surer.frame[seat])]]] = True
    low = np.flatnonzero(kept & ~sure)
    kept[low] = False
    kept[low[_free(surer, poses.frame[low], people.take(low))]] = True
    return poses.only(np.flatnonzero(kept))


def seated_in_each(poses: PoseSeries, setup: NDArray[np.int32], min_score: float) -> PoseSeries:
    """``on_known_seats`` and then ``with_missed``, within the pictures of each ``setup`` (f,): a
    cut moves every seat."""
    frames: list[NDArray[np.int32]] = []
    people: list[Detections] = []
    for one in np.unique(setup):
        own = np.flatnonzero(setup == one)
        part, _ = part_of(poses, own)
        filled = with_missed(on_known_seats(part, min_score))
        frames.append(own[filled.frame].astype(np.int32))
        people.append(filled.people)
    if not frames:
        return poses
    frame = np.concatenate(frames)
    order = np.argsort(frame, kind="stable")
    everyone = stacked(people).take(order)
    return PoseSeries(poses.frame_times_s, frame[order], everyone, poses.size_px, poses.every_s)


def put_back(people: Detections) -> NDArray[np.bool_]:
    """Which of the detections (n,) were put back by ``with_missed``: all keypoints at 0."""
    return np.asarray(people.keypoints[..., 2].max(axis=1, initial=0.0) <= 0.0)


def seats_of_missed(
    poses: PoseSeries, track_id: NDArray[np.int32], keeps_seat: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """``track_id`` (n,) with those put back given to the track that they were copied from.

    Only tracks with ``keeps_seat`` (t,) have missed owners: who walks about has left the place
    where they stood. The others stay without a track.
    """
    copied: dict[bytes, list[int]] = {}
    silent = put_back(poses.people)
    boxes = np.ascontiguousarray(poses.people.boxes_px)
    for row in np.flatnonzero(~silent & (track_id != NO_TRACK)).tolist():
        copied.setdefault(boxes[row].tobytes(), []).append(row)
    found = track_id.copy()
    for row in np.flatnonzero(silent).tolist():
        sources = copied.get(boxes[row].tobytes(), [])
        if not sources:
            continue
        nearest = min(sources, key=lambda other: abs(int(poses.frame[other] - poses.frame[row])))
        if keeps_seat[track_id[nearest]]:
            found[row] = track_id[nearest]
    return found


def _points(people: Detections) -> NDArray[np.float32]:
    """Mean (n, 2) of head and shoulder points."""
    return np.asarray(people.keypoints[:, : RIGHT_SHOULDER + 1, :2].mean(axis=1), np.float32)


def _sizes(people: Detections) -> NDArray[np.float32]:
    sides = people.boxes_px[:, 2:] - people.boxes_px[:, :2]
    return np.asarray(np.sqrt(np.maximum(np.prod(sides, axis=1), 1.0)), np.float32)


def kept_places(poses: PoseSeries) -> list[NDArray[np.intp]]:
    """Ascending rows of the sightings of each seat: places where many sightings nearly coincide.

    The place with the most sightings around one of them is taken first, then the rest.
    """
    place, size = _points(poses.people), _sizes(poses.people)
    left = np.ones(len(place), np.bool_)
    seats: list[NDArray[np.intp]] = []
    order = np.argsort(-poses.people.scores, kind="stable")
    for row in order.tolist():
        if not left[row]:
            continue
        near = _near(place, size, row, left)
        # Once more from the middle of those found: the first one may sit at the rim.
        middle = np.median(place[near], axis=0)
        typical = float(np.median(size[near]))
        away = np.linalg.norm(place - middle, axis=1)
        ratio = np.maximum(size / typical, typical / size)
        near = np.flatnonzero(left & (away <= _SAME_SEAT * typical) & (ratio <= _SIZE))
        left[row] = False
        left[near] = False
        if len(np.unique(poses.frame[near])) >= _FEWEST:
            seats.append(near)
    return seats


def _sure_places(poses: PoseSeries) -> list[NDArray[np.intp]]:
    """The places at which a head and shoulders are seen."""
    shown = _head_seen(poses.people)
    return [seat for seat in kept_places(poses) if np.median(shown[seat]) >= _SHOWN]


def _head_seen(people: Detections) -> NDArray[np.float32]:
    """Mean confidence (n,) of head and shoulder points."""
    return np.asarray(people.keypoints[:, : RIGHT_SHOULDER + 1, 2].mean(axis=1), np.float32)


def _near(
    place: NDArray[np.float32], size: NDArray[np.float32], row: int, left: NDArray[np.bool_]
) -> NDArray[np.intp]:
    away = np.linalg.norm(place - place[row], axis=1)
    ratio = np.maximum(size / size[row], size[row] / size)
    return np.flatnonzero(left & (away <= _SAME_SEAT * size[row]) & (ratio <= _SIZE))


def _gaps(
    poses: PoseSeries, seat: NDArray[np.intp]
) -> tuple[NDArray[np.int32], NDArray[np.intp], float]:
    """Pictures in which a seat's owner was missed, the sighting nearest to each, and the share."""
    seen, first = np.unique(poses.frame[seat], return_index=True)
    share = len(seen) / (int(seen[-1]) - int(seen[0]) + 1)
    missed: list[int] = []
    source: list[int] = []
    for (before, left), (after, right) in pairwise(zip(seen, first, strict=True)):
        gap_s = float(poses.frame_times_s[after] - poses.frame_times_s[before])
        if after == before + 1 or not _stayed(share, int(after - before) - 1, gap_s):
            continue
        between = list(range(int(before) + 1, int(after)))
        missed += between
        source += [int(seat[left if f - before <= after - f else right]) for f in between]
    return np.asarray(missed, np.int32), np.asarray(source, np.intp), share


def _stayed(share: float, looks: int, gap_s: float) -> bool:
    if gap_s <= _SURE_GAP_S:
        return True
    often = share >= _OFTEN or (1.0 - share) ** looks >= _LEFT
    return often and gap_s <= _LONGEST_GAP_S


def _silent(people: Detections, rows: NDArray[np.intp], shares: NDArray[np.float32]) -> Detections:
    keypoints = people.keypoints[rows].copy()
    keypoints[..., 2] = 0.0
    return Detections(people.boxes_px[rows], shares, keypoints)


def _free(poses: PoseSeries, frame: NDArray[np.int32], added: Detections) -> NDArray[np.intp]:
    """Those of ``added`` on whose place nobody was found in their picture ``frame``."""
    bounds = np.searchsorted(poses.frame, np.arange(len(poses) + 1))
    found, size = _points(poses.people), _sizes(poses.people)
    place, own = _points(added), _sizes(added)
    free = []
    for i, f in enumerate(frame.tolist()):
        rows = slice(int(bounds[f]), int(bounds[f + 1]))
        away = np.linalg.norm(found[rows] - place[i], axis=1)
        taken = away <= _SAME_SEAT * np.minimum(size[rows], own[i])
        taken |= _one_body(poses.people.boxes_px[rows], added.boxes_px[i])
        if not taken.any():
            free.append(i)
    return np.asarray(free, np.intp)


def _one_body(boxes: NDArray[np.float32], box: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which boxes (k, 4) overlap ``box`` so far that they show the same body."""
    sides = np.minimum(boxes[:, 2:], box[2:]) - np.maximum(boxes[:, :2], box[:2])
    shared = np.prod(np.maximum(sides, 0), axis=1)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    area = float(np.prod(box[2:] - box[:2]))
    over = shared / np.maximum(areas + area - shared, 1e-6)
    inside = shared / np.maximum(np.minimum(areas, area), 1e-6)
    return np.asarray((over >= _OVER) | (inside >= _INSIDE), np.bool_)


def _merged(poses: PoseSeries, frame: NDArray[np.int32], put_back: Detections) -> PoseSeries:
    frames = np.concatenate([poses.frame, frame])
    order = np.argsort(frames, kind="stable")
    people = stacked([poses.people, put_back]).take(order)
    return PoseSeries(poses.frame_times_s, frames[order], people, poses.size_px, poses.every_s)
