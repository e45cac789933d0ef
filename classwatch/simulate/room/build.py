"""A furnished classroom: mesh, materials and light of a floor plan."""

from __future__ import annotations

from classwatch.simulate.room.belongings import build_belongings
from classwatch.simulate.room.board import BoardContent
from classwatch.simulate.room.desks import build_desks
from classwatch.simulate.room.fittings import build_fittings
from classwatch.simulate.room.front import build_front
from classwatch.simulate.room.lighting import light_room
from classwatch.simulate.room.mesh import MeshBuilder
from classwatch.simulate.room.palette import (
    BOARD,
    SCREEN,
    board_material,
    mix_palette,
    screen_material,
)
from classwatch.simulate.room.plan import lay_out
from classwatch.simulate.room.shell import build_shell
from classwatch.simulate.scene import BuiltRoom, Floorplan, Materials
from classwatch.simulate.script import Room


def build_room(
    room: Room, plan: Floorplan, seed: int, materials: Materials, board: BoardContent | None = None
) -> BuiltRoom:
    """The furnished room of ``plan = plan_room(room, seed)``; its materials join ``materials``.

    The mesh and the numbers of the materials do not depend on ``board``: what is written later is
    brought up to date by ``repaint``. Raises ValueError where the plan is another room's.
    """
    layout = lay_out(room, seed)
    if layout.plan != plan:
        raise ValueError("the floor plan is not the one of this room and seed")
    light = light_room(layout.look, plan, seed)
    palette = mix_palette(materials, layout.look, light, board or BoardContent(), seed)
    builder = MeshBuilder()
    shell = build_shell(builder, layout, palette, light.levels, seed)
    build_front(builder, layout, palette, seed)
    build_desks(builder, layout, palette, seed)
    build_belongings(builder, layout, palette, seed)
    build_fittings(builder, layout, shell, palette, seed)
    return BuiltRoom(builder.mesh(), light.lighting, plan)


def repaint(materials: Materials, room: Room, seed: int, board: BoardContent) -> None:
    """Puts ``board`` on the board and the screen of a room built before, in place."""
    layout = lay_out(room, seed)
    light = light_room(layout.look, layout.plan, seed)
    fresh = {
        BOARD: board_material(layout.look, board, seed),
        SCREEN: screen_material(light, board),
    }
    materials.items[:] = [fresh.get(m.name, m) for m in materials.items]
