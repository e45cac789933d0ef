"""A mesh that follows its bones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import ModelError
from classwatch.simulate.figures.held import put_away
from classwatch.simulate.figures.skeleton import Posed

Array = NDArray[np.float64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Skin:
    """What bends: n vertices at rest, their bones, and which of them lie at one place.

    Arrays as in ``character.Shape``; ``twin`` (n,) int32 is the first vertex at the same place;
    ``welded`` (m, 3) int32 are the triangles with each corner replaced by its twin.
    """

    vertices_m: Floats
    bone_index: NDArray[np.uint8]
    bone_weight: Floats
    twin: NDArray[np.int32]
    welded: NDArray[np.int32]
    bone_heads_m: Array
    keypoints_m: Array
    keypoint_bones: NDArray[np.intp]


def twins(vertices_m: Floats) -> NDArray[np.int32]:
    """For each vertex (n, 3) the first one at the same place, to a tenth of a millimetre."""
    rounded = np.round(vertices_m, 4)
    _, first, inverse = np.unique(rounded, axis=0, return_index=True, return_inverse=True)
    return first[inverse.reshape(-1)].astype(np.int32)


def bone_matrices(
    posed: Posed, heads_m: Array, turned: Array, places_m: Array
) -> NDArray[np.float64]:
    """Matrices (p, 44, 3, 4) from rest to world.

    ``heads_m`` (p, 44, 3) at rest; ``turned`` (p, 3, 3) and ``places_m`` (p, 3) put the figures
    into the world. ``v' = G (v - head) + joint``, then turned and moved.
    """
    turn = turned[:, None]
    linear = turn @ posed.rotations
    moved = posed.joints_m - (posed.rotations @ heads_m[..., None])[..., 0]
    shift = (turn @ moved[..., None])[..., 0] + places_m[:, None]
    return np.concatenate([linear, shift[..., None]], -1)


def bend(skin: Skin, bones: Array, things: Array | None = None) -> tuple[Floats, Floats]:
    """Vertices and unit normals, both (n, 3) float32, of ``skin`` bent by ``bones`` (44, 3, 4).

    ``things`` (4, 3, 4) puts what is held into place; without it all is put away. Linear blend
    skinning. Raises ModelError where numba is not installed.
    """
    try:
        from classwatch.simulate.figures import kernels
    except ImportError as e:
        raise ModelError(
            f"drawing figures needs a part that is not installed: {e.name}",
            subject="classwatch simulate",
            remedy='run: pip install "classwatch[sim]"',
        ) from e
    vertices = np.empty_like(skin.vertices_m)
    normals = np.empty_like(skin.vertices_m)
    if things is None:
        pelvis = skin.bone_heads_m[0]
        things = put_away(bones[0, :, :3] @ pelvis + bones[0, :, 3])
    rows = np.concatenate([bones, things]).reshape(-1, 12).astype(np.float32)
    kernels.bend(skin.vertices_m, skin.bone_index, skin.bone_weight, rows, vertices)
    kernels.smooth(vertices, skin.welded, skin.twin, normals)
    return vertices, normals


def keypoints(skin: Skin, bones: Array) -> Array:
    """COCO keypoints (17, 3), each rigid with its bone, for ``bones`` (44, 3, 4)."""
    carried = bones[skin.keypoint_bones]
    turned = (carried[:, :, :3] @ skin.keypoints_m[:, :, None])[..., 0]
    return np.asarray(turned + carried[:, :, 3], np.float64)
