"""Numbers from which acts are told: a few seconds of keypoints against the seat's own rest, and
what each picture alone seems to show.

Everything is measured in the body's own size from the seat's usual shoulders, so that room, camera
and distance drop out; the seat's usual pose says how the body is seen (from the front, behind, the
side, above).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import GLANCES

OFFSETS_S = (-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0)
"""When the window looks, against the moment that is told."""
JOINTS = slice(0, 13)
"""Head, arms and hips; legs are behind desks."""
_COUNT = 13
_UPPER = slice(0, 9)
_SHOULDERS = slice(5, 7)
_ARM = (5, 7, 9)
"""Shoulder, elbow and wrist of the left arm; the right one's follow each."""
_SHORT = 0.05
_KNOWN = 0.05
"""Confidence under which a point's place is not looked at."""
_FARTHEST = 4.0
_NEAR_S = 0.6
_PER_ARM = 4
"""Way the forearm points (2), cosine at the elbow, height of the wrist over the shoulder."""
_POINTS = 3 * _COUNT
_ARMS = _POINTS + 1
_GLANCE = _ARMS + 2 * _PER_ARM
_PER_LOOK = _GLANCE + len(GLANCES)
_PER_SEAT = 3 * _COUNT + len(GLANCES) + 2
_LEAST_CHANCE = 0.003
"""Glances count as logarithms; less likely than this is all the same."""
WIDTH = len(OFFSETS_S) * _PER_LOOK + _PER_SEAT
"""Numbers for each sighting."""
_NOW = OFFSETS_S.index(0.0) * _PER_LOOK
_MIRROR = (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11)


@dataclass(frozen=True, slots=True)
class Spread:
    """How far bodies differ, as standard deviations: places of points in body sizes, width and
    height as shares, and places from moment to moment in body sizes; and how far what is seen of
    strangers in a glance differs: chances in half logarithms, and the share by which all of them
    may be nearer to even."""

    shape: float
    scale: float
    unsteady: float
    strange: float = 0.0
    doubt: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Sighted:
    """Sightings, n of them: ``keypoints`` (n, 17, 3) in pixels, ``times_s`` (n,) float64,
    ``body`` (n,) int the track that each belongs to, ``seat`` (n,) int whose rest it is held
    against, ``model_scale`` (n,) pixels of the model's input for each pixel, ``glance`` (n, 9) as
    in ``Detections``. Rows of one body ascend in time."""

    keypoints: NDArray[np.float32]
    times_s: NDArray[np.float64]
    body: NDArray[np.int32]
    seat: NDArray[np.int32]
    model_scale: NDArray[np.float32]
    glance: NDArray[np.float32]


def features(seen: Sighted) -> NDArray[np.float32]:
    """Numbers (n, ``WIDTH``) of all sightings."""
    looks, rest = _looks(seen)
    n = len(looks)
    table = np.zeros((n, WIDTH), np.float32)
    for body in np.unique(seen.body).tolist():
        rows = np.flatnonzero(seen.body == body)
        times = seen.times_s[rows]
        for number, offset_s in enumerate(OFFSETS_S):
            at = np.searchsorted(times, times + offset_s)
            left, right = np.maximum(at - 1, 0), np.minimum(at, len(rows) - 1)
            wanted = times + offset_s
            nearer = np.abs(times[left] - wanted) < np.abs(times[right] - wanted)
            best = np.where(nearer, left, right)
            shown = np.abs(times[best] - wanted) <= _NEAR_S
            first = number * _PER_LOOK
            table[rows[shown], first : first + _PER_LOOK] = looks[rows[best[shown]]]
    table[:, -_PER_SEAT:] = rest
    return table


def mirrored(table: NDArray[np.float32]) -> NDArray[np.float32]:
    """The features of the same people in a mirror."""
    turned = np.empty_like(table)
    for first in range(0, WIDTH - _PER_SEAT, _PER_LOOK):
        look = table[:, first : first + _PER_LOOK]
        arms = look[:, _ARMS:_GLANCE].reshape(-1, 2, _PER_ARM)[:, ::-1].copy()
        arms[..., 0] *= -1
        points = _mirrored_points(look[:, : _POINTS + 1])
        turned[:, first : first + _PER_LOOK] = np.concatenate(
            [points, arms.reshape(len(table), -1), look[:, _GLANCE:]], axis=1
        )
    turned[:, -_PER_SEAT:] = _mirrored_points(table[:, -_PER_SEAT:])
    return turned


def varied(
    table: NDArray[np.float32], spread: Spread, rng: np.random.Generator
) -> NDArray[np.float32]:
    """The features of other bodies that do the same: each sighting's points moved alike in all of
    its window and in the seat's usual pose, wider or taller, and unsteady from moment to moment;
    and glanced at with other mistakes, which stay."""
    n, done = len(table), table.copy()
    shape = rng.normal(0, spread.shape, (n, _COUNT, 2)).astype(np.float32)
    scale = (1 + rng.normal(0, spread.scale, (n, 1, 2))).astype(np.float32)
    strange = rng.normal(0, spread.strange, (n, len(GLANCES))).astype(np.float32)
    doubt = (1 - spread.doubt * rng.random((n, 1))).astype(np.float32)
    for first in range(0, WIDTH, _PER_LOOK):
        part = done[:, first : first + _POINTS].reshape(n, _COUNT, 3)
        known = (part[..., :2] != 0).any(axis=2, keepdims=True)
        moved = part[..., :2] * scale + shape
        if first < WIDTH - _PER_SEAT:
            moved += rng.normal(0, spread.unsteady, moved.shape).astype(np.float32)
            # Heights of the wrists; angles stay as they are.
            done[:, first + _ARMS + 3 : first + _GLANCE : _PER_ARM] *= scale[:, 0, 1:]
        part = np.concatenate([moved * known, part[..., 2:]], axis=2)
        done[:, first : first + _POINTS] = part.reshape(n, -1)
        at = first + (_GLANCE if first < WIDTH - _PER_SEAT else _POINTS)
        glance = done[:, at : at + len(GLANCES)]
        looked = glance.any(axis=1, keepdims=True)
        done[:, at : at + len(GLANCES)] = np.where(looked, doubt * glance + strange, 0.0)
    return done


def risen(table: NDArray[np.float32]) -> NDArray[np.float32]:
    """Height (n,) of the shoulders over the seat's usual ones, in body sizes, from features."""
    now = table[:, _NOW : _NOW + 3 * _COUNT].reshape(-1, _COUNT, 3)[:, _SHOULDERS, 1]
    usual = table[:, -_PER_SEAT : -_PER_SEAT + 3 * _COUNT].reshape(-1, _COUNT, 3)[:, _SHOULDERS, 1]
    rise: NDArray[np.float32] = usual.mean(axis=1) - now.mean(axis=1)
    return rise


def _mirrored_points(part: NDArray[np.float32]) -> NDArray[np.float32]:
    points = part[:, : 3 * _COUNT].reshape(-1, _COUNT, 3)[:, _MIRROR].copy()
    points[..., 0] *= -1
    return np.concatenate([points.reshape(len(part), -1), part[:, 3 * _COUNT :]], axis=1)


def _arms(placed: NDArray[np.float32], known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Angles and heights (m, 2 * ``_PER_ARM``) of both arms of points (m, 13, 2); 0 where a point
    of the arm is not known (m, 13)."""
    arms = np.zeros((len(placed), 2, _PER_ARM), np.float32)
    for side in (0, 1):
        joints = [first + side for first in _ARM]
        shoulder, elbow, wrist = (placed[:, joint] for joint in joints)
        upper, fore = elbow - shoulder, wrist - elbow
        long = np.maximum(np.linalg.norm(fore, axis=1), _SHORT)
        both = long * np.maximum(np.linalg.norm(upper, axis=1), _SHORT)
        arms[:, side, :2] = fore / long[:, None]
        arms[:, side, 2] = (upper * fore).sum(axis=1) / both
        arms[:, side, 3] = shoulder[:, 1] - wrist[:, 1]
        arms[~known[:, joints].all(axis=1), side] = 0.0
    return arms.reshape(len(placed), -1)


def _looks(seen: Sighted) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Numbers (n, ``_PER_LOOK``) of each sighting alone, and (n, ``_PER_SEAT``) of its seat."""
    points = seen.keypoints[:, JOINTS, :2]
    sure = seen.keypoints[:, JOINTS, 2]
    n = len(points)
    looks = np.zeros((n, _PER_LOOK), np.float32)
    rest = np.zeros((n, _PER_SEAT), np.float32)
    glance = _chances(seen.glance)
    looks[:, _GLANCE:] = glance
    upper = points[:, _UPPER] - points[:, _UPPER].mean(axis=1, keepdims=True)
    spread = 2.0 * np.sqrt((upper**2).sum(axis=2).mean(axis=1))
    for seat in np.unique(seen.seat).tolist():
        rows = np.flatnonzero(seen.seat == seat)
        told = rows[sure[rows].max(axis=1) > _KNOWN]
        if len(told) == 0:
            continue
        size = max(float(np.median(spread[told])), 1.0)
        origin = np.median(points[told, _SHOULDERS].mean(axis=1), axis=0)
        placed = np.clip((points[rows] - origin) / size, -_FARTHEST, _FARTHEST)
        known = sure[rows] > _KNOWN
        look = np.concatenate([np.where(known[..., None], placed, 0.0), sure[rows][..., None]], 2)
        looks[rows, :_POINTS] = look.reshape(len(rows), -1)
        looks[rows, _POINTS] = known.any(axis=1)
        looks[rows, _ARMS:_GLANCE] = _arms(placed, known)
        usual = np.median((points[told] - origin) / size, axis=0)
        mean_sure = np.median(sure[told], axis=0)[:, None]
        rest[rows, : 3 * _COUNT] = np.concatenate([usual, mean_sure], axis=1).ravel()
        rest[rows, 3 * _COUNT : -2] = glance[told].mean(axis=0)
        height_px = size * float(np.median(seen.model_scale[told]))
        rest[rows, -2] = np.log(max(height_px, 1.0)) - 4.0
        rest[rows, -1] = min(len(told), 60) / 60
    return looks, rest


def _chances(glance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Half the logarithms (n, 9) of chances against even ones; 0 where nobody looked."""
    logs = 0.5 * np.log(np.maximum(glance, _LEAST_CHANCE) * glance.shape[1])
    return np.where(glance.any(axis=1, keepdims=True), logs, 0.0).astype(np.float32)
