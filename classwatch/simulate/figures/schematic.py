"""Figures made by code, of rounded segments, so that everything works without a figure folder.

Proportions of the bones follow a standing adult; children have a larger head and shorter limbs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.figures.bones import BONES, KEYPOINT_BONES, NUMBER
from classwatch.simulate.figures.character import (
    Character,
    FigureLibrary,
    Shape,
    Surface,
    Triangles,
)

Array = NDArray[np.float64]

_ADULT_M: dict[str, tuple[float, float, float]] = {
    "root": (0.0, 0.92, -0.02),
    "spine05": (0.0, 0.99, -0.01),
    "spine04": (0.0, 1.06, -0.01),
    "spine03": (0.0, 1.13, -0.01),
    "spine02": (0.0, 1.21, -0.02),
    "spine01": (0.0, 1.31, -0.02),
    "neck01": (0.0, 1.42, 0.0),
    "neck02": (0.0, 1.45, 0.01),
    "head": (0.0, 1.49, 0.02),
    "jaw": (0.0, 1.50, 0.04),
    "pelvis": (0.0, 0.92, 0.0),
    "upperleg01": (0.095, 0.90, 0.0),
    "upperleg02": (0.098, 0.74, 0.01),
    "lowerleg01": (0.105, 0.49, 0.02),
    "lowerleg02": (0.113, 0.28, 0.01),
    "foot": (0.12, 0.08, 0.0),
    "clavicle": (0.02, 1.39, 0.02),
    "shoulder01": (0.12, 1.40, 0.0),
    "upperarm01": (0.175, 1.37, 0.0),
    "upperarm02": (0.245, 1.29, 0.0),
    "lowerarm01": (0.355, 1.164, 0.0),
    "lowerarm02": (0.42, 1.09, 0.035),
    "wrist": (0.50, 1.0, 0.08),
    "thumb1": (0.51, 0.985, 0.12),
    "thumb2": (0.51, 0.96, 0.15),
    "fingers1": (0.545, 0.945, 0.11),
    "fingers2": (0.57, 0.91, 0.13),
}
"""Heads of the left bones of an adult 1.70 m tall, at rest."""

_BULK_M: tuple[tuple[str, str, float, str], ...] = (
    ("root", "spine03", 0.135, "top"),
    ("spine03", "spine01", 0.14, "top"),
    ("spine01", "neck01", 0.10, "top"),
    ("neck01", "head", 0.055, "skin"),
    ("upperleg01", "lowerleg01", 0.078, "bottom"),
    ("lowerleg01", "foot", 0.055, "bottom"),
    ("shoulder01", "upperarm01", 0.06, "top"),
    ("upperarm01", "lowerarm01", 0.052, "top"),
    ("lowerarm01", "wrist", 0.042, "skin"),
    ("wrist", "fingers2", 0.036, "skin"),
)
"""Segments from one joint to another with their radius and surface."""

_SKIN_RGB = (0.80, 0.62, 0.50)
_RINGS, _SPOKES = 4, 10
_SURFACES = ("skin", "top", "bottom", "hair", "shoes")


@dataclass(slots=True)
class _Pieces:
    """A mesh being put together; each vertex hangs on one bone."""

    vertices: list[Array]
    bones: list[int]
    corners: list[tuple[int, int, int]]
    surface: list[int]


def schematic_library() -> FigureLibrary:
    """Two teachers and two students of each age group: ``adult1``, ``primary1`` and so on."""
    made = [
        ("adult1", True, 35.0, 1.74),
        ("adult2", True, 42.0, 1.63),
        ("lower1", False, 13.0, 1.52),
        ("lower2", False, 13.0, 1.58),
        ("primary1", False, 9.0, 1.28),
        ("primary2", False, 10.0, 1.38),
        ("upper1", False, 17.0, 1.62),
        ("upper2", False, 17.0, 1.72),
    ]
    return FigureLibrary(tuple(_character(*row) for row in made), "schematic figures")


def schematic_heads(height_m: float, age_years: float) -> Array:
    """Bone heads (44, 3) at rest of a figure ``height_m`` tall."""
    scale = height_m / 1.70
    # A child of eight has a head of 1/6.3 of the stature, an adult of 1/7.5.
    child = float(np.clip((18.0 - age_years) / 10.0, 0.0, 1.0))
    heads = np.empty((len(BONES), 3))
    for name, row in NUMBER.items():
        stem, _, side = name.partition(".")
        x, y, z = _ADULT_M[stem]
        y *= 1.0 - 0.03 * child
        heads[row] = np.array([-x if side == "R" else x, y, z]) * scale
    return heads


def _character(name: str, teacher: bool, age_years: float, height_m: float) -> Character:
    heads = schematic_heads(height_m, age_years)
    skull_m = (height_m - heads[NUMBER["head"], 1]) / 2
    pieces = _Pieces([], [], [], [])
    for top, end, radius_m, surface in _BULK_M:
        for side in ("",) if top in NUMBER else (".L", ".R"):
            start = NUMBER[top + side]
            stop = NUMBER[end + side] if end + side in NUMBER else NUMBER[end]
            width_m = radius_m * height_m / 1.70
            _capsule(
                pieces, (heads[start], heads[stop]), width_m, (start, _SURFACES.index(surface))
            )
    _skull(pieces, heads, skull_m)
    for side in (".L", ".R"):
        foot = NUMBER["foot" + side]
        heel = heads[foot] * [1, 0, 1] + np.array([0, 0.04, -0.04]) * height_m / 1.7
        toes = heel + np.array([0, -0.005, 0.20]) * height_m / 1.7
        _capsule(pieces, (heel, toes), 0.035 * height_m / 1.7, (foot, _SURFACES.index("shoes")))
    triangles = Triangles(np.array(pieces.corners, np.int32), np.array(pieces.surface, np.uint8))
    shape = _shape(pieces, heads, skull_m)
    return Character(name, teacher, age_years, shape, triangles, triangles, _surfaces(), {})


def _surfaces() -> tuple[Surface, ...]:
    return (
        Surface("skin", "skin", "", _SKIN_RGB),
        Surface("top", "cloth", "", (0.35, 0.45, 0.65)),
        Surface("bottom", "cloth", "", (0.20, 0.22, 0.28)),
        Surface("hair", "hair", "", (0.10, 0.09, 0.08)),
        Surface("shoes", "shoe", "", (0.15, 0.15, 0.16)),
    )


def _shape(pieces: _Pieces, heads: Array, skull_m: float) -> Shape:
    count = len(pieces.bones)
    index = np.zeros((count, 4), np.uint8)
    index[:, 0] = pieces.bones
    weight = np.zeros((count, 4), np.float32)
    weight[:, 0] = 1.0
    carriers = np.array([NUMBER[name] for name in KEYPOINT_BONES], np.intp)
    joints = heads[carriers].copy()
    joints[5], joints[6] = heads[NUMBER["upperarm01.L"]], heads[NUMBER["upperarm01.R"]]
    middle = heads[NUMBER["head"]] + np.array([0.0, skull_m, 0.0])
    offsets = np.array(
        [[0, -0.1, 0.84], [0.28, 0.1, 0.72], [-0.28, 0.1, 0.72], [0.8, 0, 0], [-0.8, 0, 0]]
    )
    joints[:5] = middle + offsets * skull_m
    return Shape(
        vertices_m=np.array(pieces.vertices, np.float32),
        uv=np.zeros((count, 2), np.float32),
        openness=np.ones(count, np.float32),
        bone_index=index,
        bone_weight=weight,
        bone_heads_m=heads,
        keypoints_m=joints,
        keypoint_bones=carriers,
    )


def _skull(pieces: _Pieces, heads: Array, skull_m: float) -> None:
    bone = NUMBER["head"]
    middle = heads[bone] + np.array([0.0, skull_m, 0.0])
    up = np.array([0.0, skull_m, 0.0])
    low, high = middle - 0.25 * up, middle + 0.2 * up
    _capsule(pieces, (low, high), 0.76 * skull_m, (bone, _SURFACES.index("skin")))
    nose = middle + np.array([0.0, -0.1, 0.74]) * skull_m
    tip = nose + np.array([0.0, -0.04, 0.05]) * skull_m
    _capsule(pieces, (nose, tip), 0.1 * skull_m, (bone, _SURFACES.index("skin")))
    back = np.array([0.0, 0.14, -0.14]) * skull_m
    _capsule(pieces, (low + back, high + back), 0.80 * skull_m, (bone, _SURFACES.index("hair")))


def _capsule(
    pieces: _Pieces, ends: tuple[Array, Array], radius_m: float, bone_and_surface: tuple[int, int]
) -> None:
    """A rounded segment; all of it hangs on one bone."""
    start, stop = ends
    axis = (stop - start) / max(float(np.linalg.norm(stop - start)), 1e-9)
    across = np.cross(axis, [0.0, 0.0, 1.0] if abs(axis[2]) < 0.9 else [1.0, 0.0, 0.0])
    across /= np.linalg.norm(across)
    third = np.cross(axis, across)
    first = len(pieces.vertices)
    angles = np.linspace(-np.pi / 2, np.pi / 2, 2 * _RINGS)
    for k, angle in enumerate(angles):
        centre = start if k < _RINGS else stop
        ring_m, along_m = radius_m * np.cos(angle), radius_m * np.sin(angle)
        for spoke in range(_SPOKES):
            turn = 2 * np.pi * spoke / _SPOKES
            out = across * np.cos(turn) + third * np.sin(turn)
            pieces.vertices.append(centre + axis * along_m + out * ring_m)
            pieces.bones.append(bone_and_surface[0])
    for k in range(2 * _RINGS - 1):
        for spoke in range(_SPOKES):
            a = first + k * _SPOKES + spoke
            b = first + k * _SPOKES + (spoke + 1) % _SPOKES
            pieces.corners += [(a, b, b + _SPOKES), (a, b + _SPOKES, a + _SPOKES)]
            pieces.surface += [bone_and_surface[1]] * 2
