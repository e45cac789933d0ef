"""What kind of classroom it is: the choices that plan, walls, furniture and light agree on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from classwatch.simulate.room.chance import Colour, muted, pick, shade, stream
from classwatch.simulate.script import Room


class Board(StrEnum):
    """What is written on."""

    GREEN = "green"
    BLACK = "black"
    WHITE = "white"


class Screen(StrEnum):
    """What slides are shown on."""

    NONE = "none"
    PANEL = "panel"
    """An interactive panel in the middle of the board, the halves of which slide over it."""
    PULLED = "pulled"
    """A screen that a projector throws its picture on, pulled down over a part of the board."""
    SIDE = "side"
    """A panel or television beside the middle of the board."""


class Floor(StrEnum):
    """What people walk on."""

    TILES = "tiles"
    TERRAZZO = "terrazzo"
    WOOD = "wood"
    VINYL = "vinyl"


class Ceiling(StrEnum):
    """Plaster with hanging tubes, or panels in a grid with lamps among them."""

    PLASTER = "plaster"
    GRID = "grid"


class Chair(StrEnum):
    """What students sit on."""

    WOOD = "wood"
    PLASTIC = "plastic"
    STOOL = "stool"


class Light(StrEnum):
    """Where light comes from; the values are those of a script's ``room.light``."""

    DAY = "day"
    LAMPS = "lamps"
    MIXED = "mixed"
    DIM = "dim"
    PROJECTOR = "projector"


@dataclass(frozen=True, slots=True)
class RoomLook:
    """Choices by the seed; colours are sRGB from 0 to 1."""

    chinese: bool
    board: Board
    screen: Screen
    floor: Floor
    ceiling: Ceiling
    chair: Chair
    light: Light
    platform: bool
    drawers: bool
    shared_pair_desk: bool
    fans: bool
    wall: Colour
    dado: Colour
    """Paint of the lower wall; the same as ``wall`` where there is none."""
    desk: Colour
    desk_frame: Colour
    seat: Colour
    curtain: Colour
    door: Colour
    window_frame: Colour


def draw_look(room: Room, seed: int) -> RoomLook:
    """The look of ``room``; a light named in the script goes before the seed's."""
    rng = stream(seed, "look")
    chinese = bool(rng.random() < 0.68)
    boards = (0.78, 0.12, 0.1) if chinese else (0.12, 0.1, 0.78)
    screens = (0.16, 0.5, 0.17, 0.17) if chinese else (0.2, 0.05, 0.4, 0.35)
    light = pick(rng, tuple(Light), (0.25, 0.25, 0.35, 0.07, 0.08))
    if room.light is not None:
        light = Light(room.light)
    board = pick(rng, tuple(Board), boards)
    screen = pick(rng, tuple(Screen), screens)
    if light is Light.PROJECTOR and screen in (Screen.NONE, Screen.SIDE):
        screen = Screen.PULLED
    wall = shade(rng, (0.84, 0.83, 0.78), (0.96, 0.95, 0.93))
    return RoomLook(
        chinese=chinese,
        board=board,
        screen=screen,
        floor=pick(rng, tuple(Floor), (0.4, 0.3, 0.1, 0.2) if chinese else (0.1, 0.1, 0.3, 0.5)),
        ceiling=pick(rng, tuple(Ceiling), (0.75, 0.25) if chinese else (0.35, 0.65)),
        chair=pick(rng, tuple(Chair), (0.55, 0.35, 0.1) if chinese else (0.25, 0.7, 0.05)),
        light=light,
        platform=bool(rng.random() < (0.6 if chinese else 0.08)),
        drawers=bool(rng.random() < (0.85 if chinese else 0.3)),
        shared_pair_desk=bool(rng.random() < 0.4),
        fans=bool(rng.random() < (0.55 if chinese else 0.1)),
        wall=wall,
        dado=_dado(rng.random(), shade(rng, (0.45, 0.6, 0.55), (0.72, 0.85, 0.9)), wall),
        desk=_desk(rng.random(), shade(rng, (0.6, 0.46, 0.3), (0.87, 0.76, 0.58)), muted(rng)),
        desk_frame=pick(
            rng, ((0.3, 0.32, 0.35), (0.62, 0.63, 0.64), (0.25, 0.4, 0.55), (0.45, 0.5, 0.45))
        ),
        seat=pick(
            rng,
            (
                (0.66, 0.5, 0.33),
                (0.2, 0.36, 0.62),
                (0.75, 0.35, 0.2),
                (0.25, 0.5, 0.42),
                muted(rng),
            ),
        ),
        curtain=pick(
            rng,
            ((0.35, 0.5, 0.72), (0.82, 0.8, 0.7), (0.45, 0.62, 0.5), (0.75, 0.55, 0.5), muted(rng)),
        ),
        door=pick(
            rng, ((0.55, 0.37, 0.22), (0.42, 0.27, 0.16), (0.75, 0.72, 0.65), (0.4, 0.55, 0.62))
        ),
        window_frame=pick(rng, ((0.92, 0.93, 0.94), (0.7, 0.72, 0.74), (0.5, 0.38, 0.28))),
    )


def _dado(chance: float, painted: Colour, wall: Colour) -> Colour:
    if chance < 0.35:
        return painted
    return (0.93, 0.94, 0.93) if chance < 0.5 else wall


def _desk(chance: float, wood: Colour, other: Colour) -> Colour:
    if chance < 0.7:
        return wood
    if chance < 0.9:
        return (0.82, 0.84, 0.85)
    red, green, blue = other
    return 0.5 + red / 2, 0.5 + green / 2, 0.5 + blue / 2
