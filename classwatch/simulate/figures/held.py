"""What people bring along: a book to read from, a telephone, a stool where the room has no chair.

So is the dark of an open mouth, because the lips of most characters cannot part. Boxes that hang
on bones of their own. A thing is there while its act shows; otherwise it is drawn
together to a point inside the body, so that every picture has the same triangles.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.figures.bones import BONES
from classwatch.simulate.figures.rotations import cross, dot, heading, unit

Array = NDArray[np.float64]
Floats = NDArray[np.float32]

THINGS: Final = ("book", "phone", "stool", "mouth")
BOOK, PHONE, STOOL, MOUTH = range(len(THINGS))
STOOL_HEIGHT_M = 0.45
_SIZES_M = (
    (0.36, 0.014, 0.25),
    (0.074, 0.009, 0.152),
    (0.36, STOOL_HEIGHT_M, 0.34),
    (1.0, 1.0, 1.0),
)
"""Across, thick and along; an open book. A mouth is given its size when it opens."""
_JAW_M = 0.055
"""How far lips part for each radian of the jaw, in a face whose eyes are 6 cm apart ..."""
_EYES_M = 0.06
_BELOW_NOSE = 0.9
"""... whose lips meet so far below the nose, of the height of the eyes over it."""
_MOUTH_WIDE, _MOUTH_DEEP_M, _AHEAD_M = 0.5, 0.006, 0.002
_BEYOND_WRISTS_M = (0.10, 0.09)
_FACES = (
    ((-1, 1, -1), (-1, 1, 1), (1, 1, 1), (1, 1, -1)),
    ((-1, -1, -1), (1, -1, -1), (1, -1, 1), (-1, -1, 1)),
    ((1, -1, -1), (1, 1, -1), (1, 1, 1), (1, -1, 1)),
    ((-1, -1, -1), (-1, -1, 1), (-1, 1, 1), (-1, 1, -1)),
    ((-1, -1, 1), (1, -1, 1), (1, 1, 1), (-1, 1, 1)),
    ((-1, -1, -1), (-1, 1, -1), (1, 1, -1), (1, -1, -1)),
)
"""Corners of a box, counter-clockwise from outside; the first face is the one that is read."""
VERTICES: Final = len(THINGS) * 24
TRIANGLES_EACH: Final = 12


def vertices() -> Floats:
    """All things (96, 3), each round its own middle: +y towards the reader, +z down the page."""
    corners = np.array(_FACES, np.float64).reshape(24, 3)
    return np.concatenate([corners * np.array(size) / 2 for size in _SIZES_M]).astype(np.float32)


def corners() -> NDArray[np.int32]:
    """Triangles (48, 3) over ``vertices``."""
    quads = np.arange(VERTICES, dtype=np.int32).reshape(-1, 4)
    return quads[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3)


def bones_of_vertices() -> NDArray[np.uint8]:
    """The bone of each vertex (96,), numbered after those of the body."""
    return np.repeat(np.arange(len(BONES), len(BONES) + len(THINGS)), 24).astype(np.uint8)


def put_away(at_m: Array) -> Array:
    """Matrices (4, 3, 4) that draw every thing together to the point ``at_m`` (3,)."""
    out = np.zeros((len(THINGS), 3, 4))
    out[:, :, 3] = at_m
    return out


def under(hips_m: Array, yaw: float, floor_m: float) -> Array:
    """Matrix (3, 4) of the stool under somebody whose hips are at ``hips_m`` (3,)."""
    middle = np.array([hips_m[0], floor_m + STOOL_HEIGHT_M / 2, hips_m[2]])
    return np.concatenate([heading(yaw), middle[:, None]], 1)


def lips(vertices_m: Floats, nose_m: Array, eyes_m: Array) -> Array:
    """Where the lips of a face at rest meet, x, y and z, and the distance of its eyes, in metres.

    ``vertices_m`` (n, 3) of the body, ``nose_m`` (3,) and ``eyes_m`` (2, 3) its points.
    """
    middle = eyes_m.mean(axis=0)
    height_m = float(nose_m[1] - _BELOW_NOSE * (middle[1] - nose_m[1]))
    near = np.abs(vertices_m[:, :2] - np.array([nose_m[0], height_m])) <= 0.008
    ahead = vertices_m[near.all(axis=1), 2]
    front_m = float(ahead.max()) if len(ahead) else float(nose_m[2])
    eyes_apart_m = float(np.linalg.norm(eyes_m[0] - eyes_m[1]))
    return np.array([nose_m[0], height_m, front_m, eyes_apart_m])


def gape(head: Array, lips_m: Array, jaw_rad: float) -> Array:
    """Matrix (3, 4) of the dark of a mouth; ``head`` (3, 4) moves the head, ``lips_m`` as found."""
    eyes_m = float(lips_m[3])
    open_m = jaw_rad * _JAW_M * eyes_m / _EYES_M
    size = np.array([_MOUTH_WIDE * eyes_m, open_m, _MOUTH_DEEP_M])
    middle = lips_m[:3] + np.array([0.0, -open_m / 2, _AHEAD_M - _MOUTH_DEEP_M / 2])
    at = head[:, :3] @ middle + head[:, 3]
    return np.concatenate([head[:, :3] * size, at[:, None]], axis=1)


def grip(wrists_m: Array, fingers_m: Array, head_m: Array, thing: int) -> Array:
    """Matrix (3, 4) of ``thing`` held with both hands and turned to the head.

    ``wrists_m`` and ``fingers_m`` (2, 3), left first; ``head_m`` (3,); all in the world.
    """
    along = unit(unit(fingers_m - wrists_m).mean(0))
    middle = wrists_m.mean(0) + _BEYOND_WRISTS_M[thing] * along
    across = unit(wrists_m[0] - wrists_m[1])
    towards = head_m - middle
    towards = unit(towards - across * dot(towards, across))
    return np.stack([across, towards, cross(across, towards), middle], 1)
