"""The materials of one room, made once and numbered in a fixed order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classwatch.simulate.room import pictures, textures
from classwatch.simulate.room.board import BoardContent
from classwatch.simulate.room.board_pictures import board_texture, screen_texture
from classwatch.simulate.room.chance import Colour, linear, muted, pick, stream
from classwatch.simulate.room.lighting import RoomLight, screen_glow
from classwatch.simulate.room.look import Board, Ceiling, Light, RoomLook
from classwatch.simulate.room.mesh import WHITE, Paint
from classwatch.simulate.scene import Material, Materials

BOARD = "room board"
SCREEN = "room screen"
POSTERS = 6


@dataclass(frozen=True, slots=True)
class Palette:
    """What everything in a room is painted with."""

    wall: Paint
    dado: Paint
    window_wall: Paint
    window_dado: Paint
    ceiling: Paint
    floor: Paint
    skirting: Paint
    plain: Paint
    gloss: Paint
    metal: Paint
    lamp: Paint
    fixture: Paint
    """What hangs from the ceiling: nearer than the far lights stand for, so without shadow."""
    glass: Paint
    outside: Paint
    corridor: Paint
    curtain: Paint
    window_frame: Paint
    door: Paint
    wood: Paint
    desk: Paint
    desk_frame: Paint
    seat: Paint
    board: Paint
    screen: Paint
    covers: Paint
    bulletin: Paint
    slogan: Paint
    flag: Paint
    posters: tuple[Paint, ...]


def mix_palette(
    materials: Materials,
    look: RoomLook,
    light: RoomLight,
    content: BoardContent,
    seed: int,
) -> Palette:
    """Adds the room's materials; their number and order do not depend on ``content``."""
    rng, levels = stream(seed, "palette"), light.levels
    plaster = textures.plaster(rng)
    dado = textures.wall_tiles(rng) if min(look.dado) > 0.9 else plaster
    shades_sun = levels.sunny
    ceiling, repeat_m = (
        (textures.ceiling_grid(rng), 1.2) if look.ceiling is Ceiling.GRID else (plaster, 2.0)
    )
    gloss = 0.16 if min(look.dado) > 0.9 else 0.03

    def add(material: Material, tint: Colour = WHITE, texture_m: float = 1.0) -> Paint:
        return Paint(materials.add(material), tint, texture_m)

    wall_tint, dado_tint = linear(look.wall), linear(look.dado)
    wall = add(Material("room wall", texture=plaster, casts_shadow=False), wall_tint, 2.0)
    lower = Material("room dado", texture=dado, specular=gloss, casts_shadow=False)
    grain = textures.wood(rng)
    return Palette(
        wall=wall,
        dado=add(lower, dado_tint, 0.6),
        window_wall=add(
            Material("room window wall", texture=plaster, casts_shadow=shades_sun), wall_tint, 2.0
        ),
        window_dado=add(
            Material("room window dado", texture=dado, specular=gloss, casts_shadow=shades_sun),
            dado_tint,
            0.6,
        ),
        ceiling=add(
            Material("room ceiling", texture=ceiling, casts_shadow=False),
            linear((0.95, 0.95, 0.94)),
            repeat_m,
        ),
        floor=add(
            Material(
                "room floor", texture=textures.floor(rng, look.floor), specular=0.1, shininess=32
            ),
            WHITE,
            textures.FLOOR_REPEAT_M[look.floor],
        ),
        skirting=add(Material("room skirting"), linear(pick(rng, _SKIRTINGS))),
        plain=add(Material("room plain", specular=0.03)),
        gloss=add(Material("room gloss", specular=0.18, shininess=40)),
        metal=add(Material("room metal", specular=0.25, shininess=40), linear((0.62, 0.63, 0.65))),
        lamp=add(
            Material("room lamp", emission=1.7 if levels.lamps > 0.3 else 0.0, casts_shadow=False),
            linear((0.97, 0.97, 0.95)),
        ),
        fixture=add(Material("room fixture", specular=0.05, casts_shadow=False)),
        glass=add(
            Material("room glass", specular=0.4, shininess=60, emission=0.3 * levels.day),
            linear((0.55, 0.62, 0.65)),
        ),
        outside=add(
            Material(
                "room outside",
                texture=textures.outside(rng),
                emission=0.012 + 1.15 * levels.day * (0.5 if look.light is Light.DIM else 1.0),
                casts_shadow=False,
            )
        ),
        corridor=add(
            Material(
                "room corridor",
                texture=_corridor(rng),
                emission=0.05 + 0.55 * levels.day + 0.2 * levels.lamps,
                casts_shadow=False,
            )
        ),
        curtain=add(
            Material("room curtain", texture=textures.cloth(rng), emission=0.12 * levels.day),
            linear(look.curtain),
        ),
        window_frame=add(Material("room frame", specular=0.1), linear(look.window_frame)),
        door=add(Material("room door", texture=grain, specular=0.07), linear(look.door), 1.5),
        wood=add(Material("room wood", texture=grain, specular=0.06), WHITE, 0.8),
        desk=add(
            Material("room desk", texture=grain, specular=0.12, shininess=30),
            linear(look.desk),
            0.6,
        ),
        desk_frame=add(
            Material("room desk frame", specular=0.2, shininess=40), linear(look.desk_frame)
        ),
        seat=add(
            Material("room seat", texture=grain, specular=0.08, shininess=24),
            linear(look.seat),
            0.5,
        ),
        board=add(board_material(look, content, seed)),
        screen=add(screen_material(light, content)),
        covers=add(
            Material("room covers", texture=pictures.covers(rng, look.chinese), specular=0.04)
        ),
        bulletin=add(Material("room bulletin", texture=pictures.bulletin(rng, look.chinese))),
        slogan=add(Material("room slogan", texture=pictures.slogan(rng, look.chinese))),
        flag=add(Material("room flag", texture=pictures.flag())),
        posters=tuple(
            add(Material(f"room poster {k}", texture=pictures.poster(rng, look.chinese)))
            for k in range(POSTERS)
        ),
    )


_SKIRTINGS = ((0.35, 0.3, 0.27), (0.5, 0.5, 0.48), (0.75, 0.73, 0.7), (0.3, 0.38, 0.4))


def board_material(look: RoomLook, content: BoardContent, seed: int) -> Material:
    """The board with ``content`` on it."""
    gloss = 0.22 if look.board is Board.WHITE else 0.05
    shine = 50.0 if look.board is Board.WHITE else 10.0
    picture = board_texture(content, look, seed)
    return Material(BOARD, texture=picture, specular=gloss, shininess=shine)


def screen_material(light: RoomLight, content: BoardContent) -> Material:
    """The screen with the slide of ``content``; its picture glows."""
    picture = screen_texture(content, lit=light.levels.screen > 0)
    glow = screen_glow(light.lighting)
    return Material(SCREEN, texture=picture, specular=0.05, shininess=50, emission=glow)


def _corridor(rng: np.random.Generator) -> textures.Texture:
    """The wall of a corridor, or the open side of a gallery."""
    picture = textures.outside(rng, 512, 128)
    if rng.random() < 0.5:
        tone = np.asarray(muted(rng, 0.2)) * 0.4 + 0.55
        picture[...] = textures.to_bytes(textures.flat((1, 1, 1), 512, 128) * tone)
        picture[88:] = textures.to_bytes(np.asarray(tone) * 0.75)
    else:
        picture[96:] = 205
    return picture
