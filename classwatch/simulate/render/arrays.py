"""What kernels are handed: named tuples of arrays, because a compiled function takes no classes.

Letters in shapes: n vertices, m triangles, k materials, q lights, (h, w) pixels, s samples a side.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.scene import Floats


class Camera(NamedTuple):
    """A view without distortion, measured in samples: camera = rotation @ world + shift."""

    rotation: NDArray[np.float64]
    shift: NDArray[np.float64]
    eye: NDArray[np.float64]
    focal: float
    middle_x: float
    middle_y: float


class Surface(NamedTuple):
    """All triangles at one moment: arrays of ``Mesh``, and ``kind`` (m,) int32.

    Two triangles of one ``kind`` look alike: same owner, material, tint and, in the room, the same
    direction; a pixel that shows only one kind needs one look, not one for each sample.
    """

    vertices: Floats
    normals: Floats
    uv: Floats
    openness: Floats
    faces: NDArray[np.int32]
    material: NDArray[np.int16]
    tint: Floats
    kind: NDArray[np.int32]


class Textures(NamedTuple):
    """Textures of all materials with their mips, RGBA one after another in ``texels``.

    Per material (k,): ``start`` in ``texels``, ``width``, ``height`` and number of mip ``levels``
    (0: no texture).
    """

    texels: NDArray[np.uint8]
    start: NDArray[np.int64]
    width: NDArray[np.int32]
    height: NDArray[np.int32]
    levels: NDArray[np.int32]


class Looks(NamedTuple):
    """Per material: ``colour`` (k, 3) and (k,) arrays named as in ``Material``."""

    colour: Floats
    specular: Floats
    shininess: Floats
    emission: Floats
    wrap: Floats


class Holes(NamedTuple):
    """Which triangles (m,) have holes, and what is needed to find them."""

    cut: NDArray[np.bool_]
    uv: Floats
    faces: NDArray[np.int32]
    material: NDArray[np.int16]
    textures: Textures
    perspective: bool


class Canvas(NamedTuple):
    """Nearest surface at each sample: ``nearness`` grows towards the eye, ``triangle`` is its
    number or -1."""

    nearness: Floats
    triangle: NDArray[np.int32]


class Corners(NamedTuple):
    """Vertices on a canvas: ``place`` (n, 2) int32 in 64ths of a sample, ``nearness`` (n,)."""

    place: NDArray[np.int32]
    nearness: Floats


class Lamps(NamedTuple):
    """Lights with their shadow maps.

    Per light (q,): ``towards`` (q, 3), ``colour`` (q, 3), ``matrix`` (q, 3, 4) from the world to
    texel x, y and nearness to the light in metres, ``bias``, ``softness``; maps of ``size`` a side
    one after another in ``maps`` from ``start``; for the tiles of a map, from ``tile_start`` on,
    ``nearest`` and ``farthest`` say what figures changed, see ``reuse_kernels.changed_tiles``.
    """

    towards: Floats
    colour: Floats
    matrix: Floats
    bias: Floats
    softness: Floats
    maps: Floats
    start: NDArray[np.int64]
    size: NDArray[np.int64]
    nearest: Floats
    farthest: Floats
    tile_start: NDArray[np.int64]


class Air(NamedTuple):
    """Light without direction: ambient from ``up``, ``side`` and ``down`` (3,), ``background``
    (3,), ``exposure``."""

    up: Floats
    side: Floats
    down: Floats
    background: Floats
    exposure: float
