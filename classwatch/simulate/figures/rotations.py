"""Rotations of many things at once: arrays (..., 3, 3) that turn column vectors, right-handed.

Angles in radians. Vectors need not be of unit length unless said so.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
_TINY = 1e-12


def unit(vectors: ArrayLike) -> Array:
    """``vectors`` (..., 3) scaled to length one; a null vector stays null."""
    array = np.asarray(vectors, np.float64)
    length = np.sqrt((array * array).sum(-1, keepdims=True))
    return np.asarray(array / (length + _TINY), np.float64)


def dot(a: Array, b: Array) -> Array:
    """Inner products (...,) of vectors (..., 3)."""
    return np.asarray((a * b).sum(-1), np.float64)


def cross(a: Array, b: Array) -> Array:
    """Cross products of vectors (..., 3); quicker than ``np.cross`` for small arrays."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], -1)


def apply(rotations: Array, vectors: Array) -> Array:
    """Each rotation (..., 3, 3) applied to its vector (..., 3)."""
    return np.asarray((rotations @ vectors[..., None])[..., 0], np.float64)


def about(axes: ArrayLike, angles: ArrayLike) -> Array:
    """Rotations by ``angles`` (...,) about unit ``axes`` (..., 3), by Rodrigues' formula."""
    a = np.asarray(angles, np.float64)[..., None]
    x, y, z = np.moveaxis(np.broadcast_to(np.asarray(axes, np.float64), (*a.shape[:-1], 3)), -1, 0)
    c, s = np.cos(a[..., 0]), np.sin(a[..., 0])
    d = 1 - c
    rows = [
        [c + x * x * d, x * y * d - z * s, x * z * d + y * s],
        [y * x * d + z * s, c + y * y * d, y * z * d - x * s],
        [z * x * d - y * s, z * y * d + x * s, c + z * z * d],
    ]
    return np.stack([np.stack(row, -1) for row in rows], -2)


def heading(yaw: ArrayLike) -> Array:
    """Rotations about the vertical: positive turns from +z towards +x, the figure's left."""
    return about((0.0, 1.0, 0.0), yaw)


def bow_turn_tilt(angles: Array) -> Array:
    """Rotations from (..., 3) angles: bow forwards, turn to the left, tilt to the left."""
    bow = about((1.0, 0.0, 0.0), angles[..., 0])
    turn = about((0.0, 1.0, 0.0), angles[..., 1])
    tilt = about((0.0, 0.0, 1.0), -angles[..., 2])
    return np.asarray(turn @ bow @ tilt, np.float64)


def _frames(along: Array, across: Array) -> Array:
    d = unit(along)
    n = unit(across - d * dot(across, d)[..., None])
    return np.stack([d, n, cross(d, n)], -1)


def aligning(along: Array, across: Array, to_along: Array, to_across: Array) -> Array:
    """Rotations that take ``along`` to ``to_along`` and ``across`` near ``to_across``."""
    from_frame = _frames(*np.broadcast_arrays(along, across))
    to_frame = _frames(*np.broadcast_arrays(to_along, to_across))
    return np.asarray(to_frame @ np.swapaxes(from_frame, -1, -2), np.float64)


def swinging(start: Array, end: Array) -> Array:
    """Shortest rotations that take directions ``start`` to ``end``."""
    a, b = unit(start), unit(end)
    axis = cross(a, b)
    sine = np.sqrt(dot(axis, axis))
    # Opposite directions leave the axis open: any that is square to the start will do.
    spare = unit(cross(a, np.broadcast_to(np.array([1.0, 0.3, 0.2]), a.shape)))
    axis = np.where((sine > 1e-8)[..., None], axis / (sine + _TINY)[..., None], spare)
    return about(axis, np.arctan2(sine, dot(a, b)))


def part_way(start: Array, end: Array, share: ArrayLike) -> Array:
    """Rotations that lie ``share`` (0 to 1) of the shortest way from ``start`` to ``end``."""
    between = np.swapaxes(start, -1, -2) @ end
    twice_axis = np.stack(
        [
            between[..., 2, 1] - between[..., 1, 2],
            between[..., 0, 2] - between[..., 2, 0],
            between[..., 1, 0] - between[..., 0, 1],
        ],
        -1,
    )
    trace = between[..., 0, 0] + between[..., 1, 1] + between[..., 2, 2]
    sine = np.sqrt(dot(twice_axis, twice_axis))
    # Half a turn exactly has no axis here; staying at the start is at least a rotation.
    angle = np.where(sine > 1e-9, np.arctan2(sine, trace - 1), 0.0)
    return np.asarray(start @ about(unit(twice_axis), angle * share), np.float64)
