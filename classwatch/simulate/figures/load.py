"""Characters from a folder of exports, one ``*.npz`` each (see docs/figure-folders.md)."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from classwatch.core.errors import InputError
from classwatch.core.pose import KEYPOINTS
from classwatch.simulate.figures.bones import BONES, NUMBER, PARENT_OF
from classwatch.simulate.figures.character import (
    Character,
    FigureLibrary,
    Shape,
    Surface,
    SurfaceKind,
    Triangles,
)

_UNREADABLE = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    AttributeError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What numpy raises for files that are no archives of arrays."""

GUIDE = "see docs/figure-folders.md for what such a folder holds and how it is made"
_VERTICES_MAX = 65_535
_TEXTURE_BYTES_MAX = 8 * 2**20
_TEXTURE_SIDE_PX_MAX = 4096
_BONES = len(BONES)


class _Material(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    texture: str | None = None
    color: tuple[float, float, float] = (1.0, 1.0, 1.0)
    kind: SurfaceKind


class _Meta(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    id: str = Field(pattern=r"^[A-Za-z][\w-]{0,31}$")
    role: str
    age_years: float = Field(gt=0, lt=120)
    slots: tuple[str, ...] = Field(min_length=1)
    materials: dict[str, _Material]
    bones: tuple[str, ...]
    keypoints: tuple[str, ...]


def load_figures(folder: Path) -> FigureLibrary:
    """All characters of ``folder``, in order of file name.

    Raises InputError naming the folder or file where there is none, or where one is not what the
    layout says.
    """
    if not folder.is_dir():
        raise InputError("there is no such folder of figures", subject=str(folder), remedy=GUIDE)
    paths = sorted(folder.glob("*.npz"))
    if not paths:
        raise InputError("holds no figures (*.npz)", subject=str(folder), remedy=GUIDE)
    characters = tuple(load_character(path) for path in paths)
    seen: dict[str, Path] = {}
    for character, path in zip(characters, paths, strict=True):
        if character.id in seen:
            raise _wrong(path, f"its id {character.id!r} is also that of {seen[character.id].name}")
        seen[character.id] = path
    return FigureLibrary(characters, str(folder))


def load_character(path: Path) -> Character:
    """One character; errors as for ``load_figures``."""
    arrays = _Arrays(path)
    meta = _meta(arrays)
    order = _bone_order(arrays, meta)
    shape = _shape(arrays, meta, order)
    count = len(shape.vertices_m)
    fine = _triangles(arrays, "", count, len(meta.slots))
    has_coarse = "lod1_faces" in arrays.names
    coarse = _triangles(arrays, "lod1_", count, len(meta.slots)) if has_coarse else fine
    surfaces = tuple(_surface(path, meta, slot) for slot in meta.slots)
    wanted = sorted({s.texture for s in surfaces if s.texture})
    textures = {name: _texture(arrays, name) for name in wanted}
    teacher = meta.role == "teacher"
    return Character(meta.id, teacher, meta.age_years, shape, fine, coarse, surfaces, textures)


class _Arrays:
    """The arrays of one file, checked as they are taken."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with np.load(path, allow_pickle=False) as file:
                self._arrays: Mapping[str, NDArray[Any]] = {name: file[name] for name in file.files}
        except _UNREADABLE as e:
            raise _wrong(path, f"cannot be read as arrays: {e}") from e
        self.names = frozenset(self._arrays)

    def take(self, name: str, kinds: str, *shape: int | None) -> NDArray[Any]:
        """The array ``name``: of one of the kinds of number, of ``shape`` (None: any length)."""
        array = self._arrays.get(name)
        if array is None:
            raise _wrong(self.path, f"has no array {name!r}")
        fits = array.ndim == len(shape) and all(
            want in (None, have) for want, have in zip(shape, array.shape, strict=True)
        )
        if not fits or array.dtype.kind not in kinds:
            want = ", ".join("any" if k is None else str(k) for k in shape)
            words = " or ".join({"u": "unsigned", "i": "signed", "f": "float"}[k] for k in kinds)
            raise _wrong(
                self.path,
                f"{name}: expected {words} numbers of shape ({want}), "
                f"got {array.dtype} of shape {array.shape}",
            )
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise _wrong(self.path, f"{name}: holds numbers that are not finite")
        return array


def _meta(arrays: _Arrays) -> _Meta:
    raw = bytes(arrays.take("meta", "u", None).astype(np.uint8))
    try:
        return _Meta.model_validate(json.loads(raw.decode("utf-8")))
    except (UnicodeDecodeError, json.JSONDecodeError) as e:
        raise _wrong(arrays.path, f"meta is not JSON: {e}") from e
    except ValidationError as e:
        first = e.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _wrong(arrays.path, f"meta.{where}: {first['msg']}") from e


def _bone_order(arrays: _Arrays, meta: _Meta) -> NDArray[np.intp]:
    """For each bone of the file its number in ``BONES``."""
    if sorted(meta.bones) != sorted(BONES):
        missing = sorted(set(BONES) - set(meta.bones)) or sorted(set(meta.bones) - set(BONES))
        raise _wrong(arrays.path, f"meta.bones: not the {_BONES} bones; look at {missing[:5]}")
    parents = arrays.take("bone_parent", "i", _BONES)
    for name, parent in zip(meta.bones, parents, strict=True):
        found = meta.bones[parent] if 0 <= parent < _BONES else ""
        if found != PARENT_OF[name]:
            raise _wrong(arrays.path, f"bone {name} hangs on {found!r}, not on {PARENT_OF[name]!r}")
    return np.array([NUMBER[name] for name in meta.bones], np.intp)


def _shape(arrays: _Arrays, meta: _Meta, order: NDArray[np.intp]) -> Shape:
    vertices = arrays.take("vertices", "f", None, 3).astype(np.float32)
    count = len(vertices)
    if not 3 <= count <= _VERTICES_MAX:
        raise _wrong(arrays.path, f"has {count} vertices; 3 to {_VERTICES_MAX} are taken")
    index = arrays.take("bone_index", "u", count, 4)
    _below(arrays.path, "bone_index", index, _BONES)
    weight = arrays.take("bone_weight", "u", count, 4).astype(np.float32)
    total = weight.sum(1, keepdims=True)
    if (total == 0).any():
        raise _wrong(arrays.path, "bone_weight: a vertex hangs on no bone")
    # Heaviest first: the skinning loop stops at the first weight of zero.
    heaviest = np.argsort(-weight, axis=1, kind="stable")
    heads = np.empty((_BONES, 3))
    heads[order] = arrays.take("bone_head", "f", _BONES, 3)
    if len(meta.keypoints) != len(KEYPOINTS):
        raise _wrong(arrays.path, f"meta.keypoints: expected the {len(KEYPOINTS)} of COCO")
    carriers = arrays.take("keypoint_bone", "u", len(KEYPOINTS))
    _below(arrays.path, "keypoint_bone", carriers, _BONES)
    return Shape(
        vertices_m=vertices,
        uv=arrays.take("uv", "f", count, 2).astype(np.float32),
        openness=arrays.take("vertex_ao", "u", count).astype(np.float32) / np.float32(255),
        bone_index=np.take_along_axis(order[index], heaviest, 1).astype(np.uint8),
        bone_weight=np.take_along_axis(weight / total, heaviest, 1),
        bone_heads_m=heads,
        keypoints_m=arrays.take("keypoint_rest", "f", len(KEYPOINTS), 3).astype(np.float64),
        keypoint_bones=order[carriers],
    )


def _triangles(arrays: _Arrays, prefix: str, vertices: int, slots: int) -> Triangles:
    corners = arrays.take(f"{prefix}faces", "u", None, 3)
    surface = arrays.take(f"{prefix}face_slot", "u", len(corners))
    _below(arrays.path, f"{prefix}faces", corners, vertices)
    _below(arrays.path, f"{prefix}face_slot", surface, slots)
    return Triangles(corners.astype(np.int32), surface.astype(np.uint8))


def _surface(path: Path, meta: _Meta, slot: str) -> Surface:
    material = meta.materials.get(slot)
    if material is None:
        raise _wrong(path, f"meta.materials: nothing about the slot {slot!r}")
    return Surface(slot, material.kind, material.texture or "", material.color)


def _texture(arrays: _Arrays, name: str) -> NDArray[np.uint8]:
    """A picture as (h, w, 3) RGB; its sides must be powers of two."""
    import cv2

    data = arrays.take(f"texture_{name}", "u", None).astype(np.uint8)
    if not 0 < len(data) <= _TEXTURE_BYTES_MAX:
        raise _wrong(arrays.path, f"texture_{name}: has {len(data)} bytes")
    try:
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    except cv2.error as e:
        raise _wrong(arrays.path, f"texture_{name}: is no picture: {e}") from e
    if picture is None:
        raise _wrong(arrays.path, f"texture_{name}: is no picture that can be read")
    height, width = picture.shape[:2]
    for side in (height, width):
        if side & (side - 1) or side > _TEXTURE_SIDE_PX_MAX:
            raise _wrong(
                arrays.path,
                f"texture_{name}: is {width}x{height}; sides must be powers of two, "
                f"at most {_TEXTURE_SIDE_PX_MAX}",
            )
    return np.ascontiguousarray(picture[..., ::-1], np.uint8)


def _below(path: Path, name: str, array: NDArray[Any], limit: int) -> None:
    if array.size and int(array.max()) >= limit:
        raise _wrong(path, f"{name}: holds {int(array.max())}, of 0 to {limit - 1}")


def _wrong(path: Path, what: str) -> InputError:
    return InputError(what, subject=str(path), remedy=GUIDE)
