"""Materials and textures packed for the kernels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import InputError
from classwatch.simulate.render.arrays import Looks, Textures
from classwatch.simulate.scene import Material

_SMALLEST_PX = 4
_SRGB_STEPS = np.arange(256) / 255.0
SRGB_TO_LINEAR = np.where(
    _SRGB_STEPS <= 0.04045, _SRGB_STEPS / 12.92, ((_SRGB_STEPS + 0.055) / 1.055) ** 2.4
).astype(np.float32)
"""Linear light of each sRGB byte (IEC 61966-2-1)."""


def mips(texture: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """The texture and its halvings, each texel the rounded mean of four, down to 4 pixels."""
    levels = [np.ascontiguousarray(texture)]
    while min(levels[-1].shape[:2]) > _SMALLEST_PX:
        last = levels[-1].astype(np.uint16)
        summed = last[0::2, 0::2] + last[1::2, 0::2] + last[0::2, 1::2] + last[1::2, 1::2]
        levels.append(((summed + 2) // 4).astype(np.uint8))
    return levels


def pack_textures(materials: Sequence[Material]) -> Textures:
    """All textures one after another. A texture that several materials share is stored once.

    Raises InputError where a texture is not uint8 (h, w, 3 or 4) with sides that are powers of two.
    """
    blocks: list[NDArray[np.uint8]] = []
    starts_by_texture: dict[int, int] = {}
    sizes: list[tuple[int, int, int, int]] = []
    used = 0
    for material in materials:
        texture = material.texture
        if texture is None:
            sizes.append((0, 0, 0, 0))
            continue
        _check(material.name, texture)
        levels = mips(_with_alpha(texture))
        if id(texture) not in starts_by_texture:
            starts_by_texture[id(texture)] = used
            blocks.extend(level.ravel() for level in levels)
            used += sum(level.size for level in levels)
        start = starts_by_texture[id(texture)]
        sizes.append((start, texture.shape[1], texture.shape[0], len(levels)))
    table = np.array(sizes, np.int64).reshape(-1, 4)
    return Textures(
        np.concatenate(blocks) if blocks else np.zeros(4, np.uint8),
        table[:, 0].copy(),
        table[:, 1].astype(np.int32),
        table[:, 2].astype(np.int32),
        table[:, 3].astype(np.int32),
    )


def pack_looks(materials: Sequence[Material]) -> Looks:
    """The numbers of all materials, by their number."""
    return Looks(
        np.array([m.colour for m in materials], np.float32).reshape(-1, 3),
        np.array([m.specular for m in materials], np.float32),
        np.array([m.shininess for m in materials], np.float32),
        np.array([m.emission for m in materials], np.float32),
        np.array([m.wrap for m in materials], np.float32),
    )


def _with_alpha(texture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if texture.shape[2] == 4:
        return texture
    opaque = np.full((*texture.shape[:2], 1), 255, np.uint8)
    return np.concatenate([texture, opaque], axis=2)


def _check(name: str, texture: NDArray[np.uint8]) -> None:
    right = texture.dtype == np.uint8 and texture.ndim == 3 and texture.shape[2] in (3, 4)
    if not right or any(side < 1 or side & (side - 1) for side in texture.shape[:2]):
        raise InputError(
            f"a texture must be uint8 (h, w, 3 or 4) with sides that are powers of two, "
            f"got {texture.dtype} {texture.shape}",
            subject=f"material {name}",
            remedy="resize the picture",
        )


def surface_kinds(keys: NDArray[np.float32]) -> NDArray[np.int32]:
    """Number (m,) of each distinct row of ``keys`` (m, c), in ascending order of rows."""
    if not len(keys):
        return np.zeros(0, np.int32)
    order = np.lexsort(keys.T[::-1])
    ordered = keys[order]
    fresh = np.r_[False, (ordered[1:] != ordered[:-1]).any(axis=1)]
    kinds = np.empty(len(keys), np.int32)
    kinds[order] = np.cumsum(fresh)
    return kinds
