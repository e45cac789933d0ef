"""Characters that a cast can be drawn from: shape, bones, surfaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import InputError

SurfaceKind = Literal["skin", "eye", "hair", "cloth", "shoe"]


@dataclass(frozen=True, slots=True)
class Surface:
    """A part of the skin of a character, such as ``top`` or ``hair``.

    ``texture`` names one of the character's textures ("" for none); ``colour`` is sRGB in 0..1.
    """

    name: str
    kind: SurfaceKind
    texture: str
    colour: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Triangles:
    """m triangles at one level of detail: ``corners`` (m, 3) int32, ``surface`` (m,) uint8."""

    corners: NDArray[np.int32]
    surface: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A body at rest, n vertices; metres, y up, facing +z, feet at y = 0.

    ``vertices_m`` (n, 3) float32; ``uv`` (n, 2) float32; ``openness`` (n,) float32;
    ``bone_index`` (n, 4) uint8 in the order of ``bones.BONES``; ``bone_weight`` (n, 4) float32, sum
    1; ``bone_heads_m`` (44, 3) float64; ``keypoints_m`` (17, 3) float64 in COCO order, carried by
    ``keypoint_bones`` (17,) intp.
    """

    vertices_m: NDArray[np.float32]
    uv: NDArray[np.float32]
    openness: NDArray[np.float32]
    bone_index: NDArray[np.uint8]
    bone_weight: NDArray[np.float32]
    bone_heads_m: NDArray[np.float64]
    keypoints_m: NDArray[np.float64]
    keypoint_bones: NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Character:
    """Somebody invented. ``fine`` and ``coarse`` are triangles over the vertices of ``shape``.

    ``textures`` by name: (h, w, 3) uint8 sRGB. ``age_years`` and ``teacher`` say whom it can play.
    """

    id: str
    teacher: bool
    age_years: float
    shape: Shape
    fine: Triangles
    coarse: Triangles
    surfaces: tuple[Surface, ...]
    textures: Mapping[str, NDArray[np.uint8]]

    def surface_number(self, name: str) -> int:
        """Place in ``surfaces`` of the one called ``name``; -1 where there is none."""
        names = [surface.name for surface in self.surfaces]
        return names.index(name) if name in names else -1


@dataclass(frozen=True, slots=True, eq=False)
class FigureLibrary:
    """All characters at hand, by id in order of id."""

    characters: tuple[Character, ...]
    where: str
    """Where they come from, for messages."""

    def character(self, character_id: str) -> Character:
        """The character called ``character_id``; InputError where there is none."""
        for character in self.characters:
            if character.id == character_id:
                return character
        known = ", ".join(c.id for c in self.characters)
        raise InputError(
            f"there is no character {character_id!r}",
            subject=self.where,
            remedy=f"use one of {known}, or leave `character` empty to have one drawn",
        )

    def teachers(self) -> tuple[Character, ...]:
        """Those who can be teachers; everybody of the greatest age where none says so."""
        found = tuple(c for c in self.characters if c.teacher)
        return found or self._oldest()

    def students(self, low_years: float, high_years: float) -> tuple[Character, ...]:
        """Students from ``low_years`` to ``high_years``; else those who come nearest in age."""
        pool = tuple(c for c in self.characters if not c.teacher) or self.characters

        def distance(character: Character) -> float:
            age = character.age_years
            return max(low_years - age, age - high_years, 0.0)

        nearest = min(distance(c) for c in pool)
        return tuple(c for c in pool if distance(c) <= nearest)

    def _oldest(self) -> tuple[Character, ...]:
        oldest = max(c.age_years for c in self.characters)
        return tuple(c for c in self.characters if c.age_years == oldest)
