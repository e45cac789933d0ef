"""Clothes, hair and skin as materials of the scene; school uniforms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.figures import cloth, held
from classwatch.simulate.figures.character import Character, Surface
from classwatch.simulate.figures.fitting import Fitted
from classwatch.simulate.figures.looks import Look, Rgb
from classwatch.simulate.scene import Floats, Material, Materials


@dataclass(frozen=True, slots=True, eq=False)
class Dressed:
    """Per triangle ``material`` (m,) int16, ``tint`` (m, 3) float32; per vertex ``uv`` (n, 2)."""

    material: NDArray[np.int16]
    tint: Floats
    uv: Floats


def linear(colour: Rgb) -> NDArray[np.float64]:
    """sRGB 0..1 to linear light (IEC 61966-2-1)."""
    c = np.asarray(colour, np.float64)
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


class Wardrobe:
    """The materials of one room's people: each is added once, and only if somebody wears it."""

    def __init__(self, materials: Materials, seed: int) -> None:
        self._materials = materials
        self._seed = seed
        self._numbers: dict[tuple[str, ...], int] = {}
        self.colours = cloth.uniform_colours(self._rng(0))

    def _rng(self, part: int) -> np.random.Generator:
        return np.random.default_rng([self._seed, 7919, part])

    def dress(
        self,
        character: Character,
        look: Look,
        fitted: Fitted,
    ) -> Dressed:
        """Materials for a body that ``fitted`` ``character`` to ``look``."""
        surface_of, corners, rest_m = fitted.surface, fitted.corners, fitted.skin.vertices_m
        material = np.zeros(len(corners), np.int16)
        tint = np.ones((len(corners), 3), np.float32)
        uv = fitted.uv.copy()
        stature_m = float(rest_m[:, 1].max())
        for number, surface in enumerate(character.surfaces):
            chosen = surface_of == number
            if not chosen.any():
                continue
            if look.uniform and surface.name in ("top", "accent"):
                material[chosen] = self._uniform()
                worn = np.unique(corners[chosen])
                uv[worn] = cloth.flat_uv(rest_m[worn], stature_m)
                continue
            material[chosen], colour = self._surface(character, surface, look)
            tint[chosen] = np.clip(colour, 0.0, 1.6)
        self._things(len(character.surfaces), look, surface_of, material, tint)
        return Dressed(material, tint, uv)

    def _things(
        self,
        first: int,
        look: Look,
        surface_of: NDArray[np.uint8],
        material: NDArray[np.int16],
        tint: Floats,
    ) -> None:
        """A book in its cover, a dark telephone, a wooden stool, a mouth; from ``first`` on."""
        thing = surface_of >= first
        key = ("thing",)
        material[thing] = self._number(key, _material("thing", "shoe", None))
        tint[surface_of == first + held.BOOK] = linear(look.cover)
        tint[surface_of == first + held.STOOL] = linear((0.36, 0.25, 0.16))
        tint[surface_of == first + held.PHONE] = linear((0.05, 0.05, 0.06))
        tint[surface_of == first + held.MOUTH] = linear((0.16, 0.06, 0.06))
        pages = np.flatnonzero(surface_of == first + held.BOOK)[:2]
        tint[pages] = linear((0.88, 0.87, 0.83))

    def _surface(
        self, character: Character, surface: Surface, look: Look
    ) -> tuple[int, NDArray[np.float64]]:
        """Number of the material and linear tint of one surface."""
        if surface.kind == "skin":
            colour = linear(surface.colour) * np.array(look.skin)
            return self._own(character, surface), colour
        if surface.kind == "hair" and surface.name != "brows":
            return self._strands(character), linear(look.hair) / cloth.HAIR_MEAN
        if surface.kind == "hair":
            return self._own(character, surface), linear(look.hair)
        worn = self._worn(surface, look)
        if worn is None:
            mean = cloth.CLOTH_MEAN if surface.texture and surface.kind == "cloth" else 1.0
            return self._own(character, surface), linear(surface.colour) / mean
        if surface.name in ("top", "accent") or surface.texture:
            tile = look.tile if surface.name == "top" else 0
            return self._tile(tile), linear(worn) / cloth.CLOTH_MEAN
        return self._own(character, surface), linear(worn)

    def _worn(self, surface: Surface, look: Look) -> Rgb | None:
        if surface.name == "bottom":
            return self.colours.bottom if look.uniform else look.bottom
        # Socks show as specks where they poke through trousers: they take the trousers' colour.
        named = {"top": look.top, "accent": look.top, "shoes": look.shoes, "socks": look.bottom}
        if look.uniform and surface.name == "socks":
            return self.colours.bottom
        return named.get(surface.name)

    def _own(self, character: Character, surface: Surface) -> int:
        """The material that the character came with."""
        key = (character.id, surface.kind, surface.texture)
        texture = character.textures.get(surface.texture)
        return self._number(key, _material("/".join(key), surface.kind, texture))

    def _uniform(self) -> int:
        if ("uniform",) not in self._numbers:
            picture = cloth.uniform(self.colours, self._rng(1))
            self._number(("uniform",), _material("uniform", "cloth", picture))
        return self._numbers[("uniform",)]

    def _tile(self, tile: int) -> int:
        key = ("cloth", str(tile))
        if key not in self._numbers:
            weaves: tuple[cloth.Weave, ...] = ("plain", *cloth.WEAVES[:5], "plain", "knit")
            picture = cloth.fabric(weaves[tile % len(weaves)], self._rng(10 + tile))
            self._number(key, _material("/".join(key), "cloth", picture))
        return self._numbers[key]

    def _strands(self, character: Character) -> int:
        key = ("strands", str(sum(character.id.encode()) % 3))
        if key not in self._numbers:
            picture = cloth.strands(self._rng(100 + int(key[1])))
            self._number(key, _material("/".join(key), "hair", picture))
        return self._numbers[key]

    def _number(self, key: tuple[str, ...], material: Material) -> int:
        if key not in self._numbers:
            self._numbers[key] = self._materials.add(material)
        return self._numbers[key]


_SHINE: dict[str, tuple[float, float, float]] = {
    "skin": (0.06, 14.0, 0.25),
    "eye": (0.5, 60.0, 0.0),
    "hair": (0.12, 16.0, 0.15),
    "cloth": (0.01, 6.0, 0.12),
    "shoe": (0.1, 20.0, 0.0),
}
"""Specular, shininess and wrap of each kind of surface."""


def _material(name: str, kind: str, texture: NDArray[np.uint8] | None) -> Material:
    specular, shininess, wrap = _SHINE[kind]
    return Material(name, texture=texture, specular=specular, shininess=shininess, wrap=wrap)
