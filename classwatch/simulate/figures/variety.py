"""More characters from a few: clothes on bodies of other proportions, hair of others, long sleeves.

What learns from pictures of a dozen characters learns those characters. Here every body is worn by
others' shapes, its limbs a little longer or thinner, so that nobody looks the same in two scenes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.figures.bones import pair
from classwatch.simulate.figures.character import (
    Character,
    FigureLibrary,
    Shape,
    Surface,
    Triangles,
)
from classwatch.simulate.figures.proportions import draw_proportions, reshaped

Array = NDArray[np.float64]
_EACH = 3
"""Characters made for each body."""
_OTHER_HAIR = 0.6
_LONG_SLEEVES = 0.4
_SLEEVE_ENDS = ("lowerarm01", "lowerarm02", "wrist")
"""Sleeves end where one of these bones begins."""
_ARM = ("upperarm01", "upperarm02", "lowerarm01", "lowerarm02", "wrist")
_LOOSE = 1.12
"""Cloth lies so much farther from the bone than the skin that it covers."""
_NOSE, _EYES, _EARS = 0, slice(1, 3), slice(3, 5)


def varied(library: FigureLibrary, rng: np.random.Generator) -> FigureLibrary:
    """A library of characters made from those of ``library``: of each body several, dressed as
    others of them, students as anybody and teachers as teachers."""
    made: list[Character] = []
    for body in library.characters:
        wardrobe = library.teachers() if body.teacher else library.characters
        for number in range(_EACH):
            dressed = wardrobe[int(rng.integers(len(wardrobe)))]
            other = wardrobe[int(rng.integers(len(wardrobe)))]
            one = _made(dressed, body, other, rng)
            made.append(replace(one, id=f"{body.id}-{number}"))
    return FigureLibrary(tuple(made), library.where)


def _made(
    dressed: Character, body: Character, other: Character, rng: np.random.Generator
) -> Character:
    """``dressed`` with the proportions of ``body``, and perhaps the hair of ``other``."""
    one = replace(
        dressed,
        teacher=body.teacher,
        age_years=body.age_years,
        shape=reshaped(dressed.shape, body.shape, draw_proportions(rng)),
        surfaces=_with_hair_colour(dressed.surfaces, body.surfaces),
    )
    if rng.random() < _LONG_SLEEVES:
        one = long_sleeved(one, _SLEEVE_ENDS[int(rng.integers(len(_SLEEVE_ENDS)))])
    return with_hair(one, other) if rng.random() < _OTHER_HAIR else one


def _with_hair_colour(
    surfaces: tuple[Surface, ...], others: tuple[Surface, ...]
) -> tuple[Surface, ...]:
    """``surfaces`` with the hair of the age of ``others``."""
    colour = next((s.colour for s in others if s.name == "hair"), None)
    if colour is None:
        return surfaces
    return tuple(replace(s, colour=colour) if s.name == "hair" else s for s in surfaces)


def with_hair(character: Character, other: Character) -> Character:
    """``character`` with the hair of ``other``, moved and scaled by eyes, ears and nose; as it is
    where one of the two has none."""
    own, theirs = character.surface_number("hair"), other.surface_number("hair")
    if own < 0 or theirs < 0:
        return character
    shape, given = character.shape, other.shape
    used = np.unique(other.fine.corners[other.fine.surface == theirs])
    used = np.union1d(used, other.coarse.corners[other.coarse.surface == theirs])
    place = _placement(given.keypoints_m, shape.keypoints_m)
    hair = _taken(given, used, place(given.vertices_m[used].astype(np.float64)))
    first = len(shape.vertices_m)
    number = np.full(len(given.vertices_m), -1, np.int32)
    number[used] = first + np.arange(len(used))

    def exchanged(level: Triangles, source: Triangles) -> Triangles:
        kept = level.surface != own
        new = number[source.corners[source.surface == theirs]]
        return Triangles(
            np.concatenate([level.corners[kept], new]),
            np.concatenate([level.surface[kept], np.full(len(new), own, np.uint8)]),
        )

    return replace(
        character,
        shape=_joined(shape, hair),
        fine=exchanged(character.fine, other.fine),
        coarse=exchanged(character.coarse, other.coarse),
    )


def long_sleeved(character: Character, end: str) -> Character:
    """``character`` with the bare skin of the arms, down to the bone ``end``, as cloth of the top;
    as it is where nothing of the arms is bare."""
    top, skin = character.surface_number("top"), character.surface_number("skin")
    if top < 0 or skin < 0:
        return character
    covered = _carried_by(character.shape, _ARM[: _ARM.index(end)])
    moved = np.zeros(len(covered), np.bool_)

    def dressed(level: Triangles) -> Triangles:
        bare = (level.surface == skin) & covered[level.corners].all(axis=1)
        moved[level.corners[bare]] = True
        return Triangles(level.corners, np.where(bare, top, level.surface).astype(np.uint8))

    fine, coarse = dressed(character.fine), dressed(character.coarse)
    shape = replace(character.shape, vertices_m=_loosened(character.shape, moved))
    return replace(character, shape=shape, fine=fine, coarse=coarse)


def _loosened(shape: Shape, moved: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Vertices (n, 3) with those that are ``moved`` farther from the axis of their bone."""
    vertices = shape.vertices_m.astype(np.float64)
    bones = (zip(pair(bone), pair(ahead), strict=True) for bone, ahead in pairwise(_ARM))
    for bone, ahead in chain.from_iterable(bones):
        mine = np.flatnonzero(moved & (shape.bone_index[:, 0] == bone))
        start = shape.bone_heads_m[bone]
        axis = shape.bone_heads_m[ahead] - start
        axis = axis / max(float(np.linalg.norm(axis)), 1e-9)
        out = vertices[mine] - start
        along = (out @ axis)[:, None] * axis
        vertices[mine] = start + along + _LOOSE * (out - along)
    return vertices.astype(np.float32)


def _carried_by(shape: Shape, bones: Sequence[str]) -> NDArray[np.bool_]:
    """Which vertices (n,) hang mostly on one of ``bones``, of either side."""
    return np.isin(shape.bone_index[:, 0], np.concatenate([pair(bone) for bone in bones]))


@dataclass(frozen=True, slots=True, eq=False)
class _Placement:
    """From a place at one head to that at another: about the ears, each axis by its own scale."""

    source: Array
    target: Array
    scale: Array

    def __call__(self, points: Array) -> Array:
        return np.asarray(self.target + (points - self.source) * self.scale, np.float64)


def _placement(source: Array, target: Array) -> _Placement:
    (middle, own), (there, other) = _head(source), _head(target)
    return _Placement(middle, there, other / own)


def _head(keypoints: Array) -> tuple[Array, Array]:
    """Middle of the ears, and width, height and depth of a head, told by ears, nose and eyes."""
    ears, eyes = keypoints[_EARS], keypoints[_EYES]
    middle = ears.mean(axis=0)
    width = float(np.abs(ears[0] - ears[1]).sum())
    depth = float(keypoints[_NOSE, 2] - middle[2])
    apart = float(np.linalg.norm(eyes[0] - eyes[1]))
    # Ears and eyes lie about level, so that the height of a head follows its width and depth.
    height = (width * depth * apart) ** (1 / 3)
    return middle, np.array([width, height, depth])


def _taken(shape: Shape, used: NDArray[np.intp], places_m: Array) -> Shape:
    """The vertices ``used`` of ``shape`` at other places."""
    return replace(
        shape,
        vertices_m=places_m.astype(np.float32),
        uv=shape.uv[used],
        openness=shape.openness[used],
        bone_index=shape.bone_index[used],
        bone_weight=shape.bone_weight[used],
    )


def _joined(shape: Shape, more: Shape) -> Shape:
    """``shape`` and the vertices of ``more``, which hang on its bones."""
    return replace(
        shape,
        vertices_m=np.concatenate([shape.vertices_m, more.vertices_m]),
        uv=np.concatenate([shape.uv, more.uv]),
        openness=np.concatenate([shape.openness, more.openness]),
        bone_index=np.concatenate([shape.bone_index, more.bone_index]),
        bone_weight=np.concatenate([shape.bone_weight, more.bone_weight]),
    )
