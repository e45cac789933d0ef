"""What differs between two people with one character, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classwatch.simulate.figures.character import Character

Rgb = tuple[float, float, float]

_HAIR: tuple[Rgb, ...] = (
    (0.09, 0.08, 0.08),
    (0.11, 0.09, 0.085),
    (0.14, 0.11, 0.09),
    (0.19, 0.13, 0.10),
    (0.26, 0.17, 0.11),
)
_GREY_HAIR: tuple[Rgb, ...] = ((0.42, 0.42, 0.43), (0.58, 0.58, 0.58), (0.30, 0.29, 0.29))
_FAIR = 0.2
"""Fair hair keeps its colour: the scalp is painted in it."""
_GREY_FROM_YEARS = 48.0
_TOPS: tuple[Rgb, ...] = (
    (0.86, 0.86, 0.84),
    (0.20, 0.22, 0.26),
    (0.72, 0.20, 0.20),
    (0.22, 0.38, 0.62),
    (0.85, 0.72, 0.30),
    (0.30, 0.48, 0.36),
    (0.85, 0.55, 0.60),
    (0.55, 0.50, 0.66),
    (0.48, 0.62, 0.72),
    (0.40, 0.33, 0.28),
    (0.90, 0.45, 0.25),
)
_BOTTOMS: tuple[Rgb, ...] = (
    (0.15, 0.16, 0.20),
    (0.26, 0.33, 0.48),
    (0.36, 0.36, 0.38),
    (0.46, 0.41, 0.34),
    (0.10, 0.10, 0.12),
    (0.20, 0.22, 0.34),
)
_SHOES: tuple[Rgb, ...] = (
    (0.75, 0.75, 0.78),
    (0.12, 0.12, 0.13),
    (0.55, 0.25, 0.22),
    (0.3, 0.35, 0.5),
)
_OWN_CLOTHES_SHARE = 0.4
"""Share of adults who wear what their character came with."""
_TILES = 8


@dataclass(frozen=True, slots=True)
class Look:
    """What differs between two people with one character.

    ``height`` and ``width`` scale the body; ``skin`` multiplies the colour of the skin.
    """

    height: float
    width: float
    mirrored: bool
    glasses: bool
    skin: Rgb
    hair: Rgb
    top: Rgb | None
    """None: the colour and cloth that the character came with."""
    bottom: Rgb | None
    shoes: Rgb | None
    tile: int
    """Which of the wardrobe's cloths the top is made of."""
    uniform: bool
    cover: Rgb = (0.3, 0.4, 0.6)
    """The book that they read from."""


def draw_look(character: Character, rng: np.random.Generator, *, uniform: bool) -> Look:
    """A look for somebody played by ``character``; ``uniform`` for the clothes of the school."""
    grey = character.age_years >= _GREY_FROM_YEARS and rng.random() < 0.6
    # Most hair is nearly black.
    hair = _pick(_GREY_HAIR if grey else _HAIR[:3] if rng.random() < 0.8 else _HAIR, rng)
    own_hair = next((s.colour for s in character.surfaces if s.name == "hair"), hair)
    if min(own_hair) > _FAIR:
        hair = own_hair
    tone = 1 + 0.05 * rng.standard_normal()
    warm = 0.02 * rng.standard_normal()
    own = character.teacher and rng.random() < _OWN_CLOTHES_SHARE
    muted = rng.uniform(0.2, 0.7, 3) if rng.random() < 0.35 else None
    if muted is not None:
        muted = muted.mean() + 0.7 * (muted - muted.mean())
    top = _pick(_TOPS, rng) if muted is None else (muted[0], muted[1], muted[2])
    bottom, shoes = _pick(_BOTTOMS, rng), _pick(_SHOES, rng)
    return Look(
        height=float(np.clip(1 + 0.03 * rng.standard_normal(), 0.93, 1.07)),
        width=float(np.clip(1 + 0.05 * rng.standard_normal(), 0.9, 1.13)),
        mirrored=bool(rng.random() < 0.5),
        glasses=bool(rng.random() < 0.75),
        skin=(tone * (1 + warm), tone, tone * (1 - warm)),
        hair=_near(hair, rng),
        top=None if own else _near(top, rng),
        bottom=None if own else _near(bottom, rng),
        shoes=None if character.teacher else shoes,
        tile=int(rng.integers(_TILES)),
        uniform=uniform,
        cover=_pick(_TOPS, rng),
    )


def _pick(colours: tuple[Rgb, ...], rng: np.random.Generator) -> Rgb:
    return colours[int(rng.integers(len(colours)))]


def _near(colour: Rgb, rng: np.random.Generator) -> Rgb:
    r, g, b = np.clip(np.array(colour) * (1 + 0.06 * rng.standard_normal(3)), 0.02, 0.98)
    return float(r), float(g), float(b)
