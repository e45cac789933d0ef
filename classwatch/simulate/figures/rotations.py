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
    angle = np.asarray(angles, np.float64)
    axis = np.asarray(axes, np.float64)
    c, s = np.cos(angle), np.sin(angle)
    turned = axis * (1 - c)[..., None]
    out = turned[..., :, None] * axis[..., None, :]
    x, y, z = (axis[..., k] * s for k in range(3))
    for k in range(3):
        out[..., k, k] += c
    out[..., 0, 1] -= z
    out[..., 0, 2] += y
    out[..., 1, 0] += z
    out[..., 1, 2] -= x
    out[..., 2, 0] -= y
    out[..., 2, 1] += x
    return np.asarray(out, np.float64)


def heading(yaw: ArrayLike) -> Array:
    """Rotations about the vertical: positive turns from +z towards +x, the figure's left."""
    return about((0.0, 1.0, 0.0), yaw)


def bow_turn_tilt(angles: Array) -> Array:
    """Rotations from (..., 3) angles: bow forwards, turn to the left, tilt to the left.

    In matrices: turn about y, times bow about x, times tilt about -z.
    """
    cb, ct, ck = np.moveaxis(np.cos(angles), -1, 0)
    sb, st, sk = np.moveaxis(np.sin(angles), -1, 0)
    out = np.empty((*angles.shape, 3))
    out[..., 0, 0] = ct * ck - st * sb * sk
    out[..., 0, 1] = ct * sk + st * sb * ck
    out[..., 0, 2] = st * cb
    out[..., 1, 0] = -cb * sk
    out[..., 1, 1] = cb * ck
    out[..., 1, 2] = -sb
    out[..., 2, 0] = -st * ck - ct * sb * sk
    out[..., 2, 1] = ct * sb * ck - st * sk
    out[..., 2, 2] = ct * cb
    return out


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
