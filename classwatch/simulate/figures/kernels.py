"""Compiled loops: bending a mesh by its bones, and its normals. Import inside functions only."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(cache=True, nogil=True, boundscheck=False)
def bend(
    rest_m: NDArray[np.float32],
    bone_index: NDArray[np.uint8],
    bone_weight: NDArray[np.float32],
    bones: NDArray[np.float32],
    out_m: NDArray[np.float32],
) -> None:
    """Linear blend skinning: vertices (n, 3) by up to four bones each, ``bones`` (b, 12) row-wise.

    A row holds a 3x4 matrix from rest to world.
    """
    for k in range(rest_m.shape[0]):
        x, y, z = rest_m[k, 0], rest_m[k, 1], rest_m[k, 2]
        a = np.float32(0)
        b = np.float32(0)
        c = np.float32(0)
        for j in range(4):
            w = bone_weight[k, j]
            if w == 0:
                break
            m = bones[bone_index[k, j]]
            a += w * (m[0] * x + m[1] * y + m[2] * z + m[3])
            b += w * (m[4] * x + m[5] * y + m[6] * z + m[7])
            c += w * (m[8] * x + m[9] * y + m[10] * z + m[11])
        out_m[k, 0] = a
        out_m[k, 1] = b
        out_m[k, 2] = c


@numba.njit(cache=True, nogil=True, boundscheck=False, error_model="numpy")
def smooth(
    vertices_m: NDArray[np.float32],
    corners: NDArray[np.int32],
    twin: NDArray[np.int32],
    out: NDArray[np.float32],
) -> None:
    """Unit normals of vertices (n, 3), weighted by area, shared by vertices at one place.

    ``twin`` (n,) is the first vertex at the same place, itself where there is no other before it;
    ``corners`` (m, 3) name such first vertices only.
    """
    out[:] = 0
    for k in range(corners.shape[0]):
        a, b, c = corners[k, 0], corners[k, 1], corners[k, 2]
        ux = vertices_m[b, 0] - vertices_m[a, 0]
        uy = vertices_m[b, 1] - vertices_m[a, 1]
        uz = vertices_m[b, 2] - vertices_m[a, 2]
        vx = vertices_m[c, 0] - vertices_m[a, 0]
        vy = vertices_m[c, 1] - vertices_m[a, 1]
        vz = vertices_m[c, 2] - vertices_m[a, 2]
        x = uy * vz - uz * vy
        y = uz * vx - ux * vz
        z = ux * vy - uy * vx
        for i in (a, b, c):
            out[i, 0] += x
            out[i, 1] += y
            out[i, 2] += z
    for i in range(out.shape[0]):
        if twin[i] == i:
            x, y, z = out[i, 0], out[i, 1], out[i, 2]
            scale = np.float32(1) / (np.sqrt(x * x + y * y + z * z) + np.float32(1e-20))
            out[i, 0] = x * scale
            out[i, 1] = y * scale
            out[i, 2] = z * scale
        else:
            # Twins come after their first vertex, whose normal is ready by now.
            out[i, 0] = out[twin[i], 0]
            out[i, 1] = out[twin[i], 1]
            out[i, 2] = out[twin[i], 2]
