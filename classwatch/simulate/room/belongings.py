"""What students have on and under their desks: books, paper, pencil cases, bottles, bags."""

from __future__ import annotations

import numpy as np

from classwatch.simulate.room.chance import linear, muted, pick, stream
from classwatch.simulate.room.desks import CHAIR_DEPTH_M, chair_place
from classwatch.simulate.room.look import Chair
from classwatch.simulate.room.mesh import (
    MeshBuilder,
    Piece,
    Place,
    box,
    circle,
    prism,
    rounded,
    standing,
)
from classwatch.simulate.room.palette import Palette
from classwatch.simulate.room.pictures import COVER_CELLS, PAPER_ROWS
from classwatch.simulate.room.plan import Layout
from classwatch.simulate.scene import Seat

A4_M = (0.21, 0.297)
BOOK_M = (0.185, 0.26)
EXERCISE_M = (0.165, 0.215)


def build_belongings(builder: MeshBuilder, layout: Layout, palette: Palette, seed: int) -> None:
    """Belongings of every seat; classes differ in how much lies about."""
    rng = stream(seed, "belongings")
    tidy, bottles = float(rng.uniform(0.0, 0.8)), float(rng.uniform(0.05, 0.45))
    stacks = layout.plan.seats[0].desk_height_m > 0.72 and rng.random() < 0.5
    for seat in layout.plan.seats:
        desk = _desk_top(seat, layout)
        _before_student(builder, rng, desk, palette)
        if rng.random() > tidy * 0.6:
            _pencil_case(builder, rng, desk, palette)
        if rng.random() < 0.65 - 0.4 * tidy or stacks:
            _stack(builder, rng, desk, palette, tall=stacks)
        if rng.random() < bottles:
            _bottle(builder, rng, desk, palette)
        _bag(builder, rng, seat, layout, palette)


def _desk_top(seat: Seat, layout: Layout) -> Place:
    """A frame on the desk in front of ``seat``: +z away from the student, 0 at the desk's edge."""
    return chair_place(seat).at(0.0, seat.desk_height_m, seat.desk_edge_m)


def _cell(rng: np.random.Generator, paper: bool) -> tuple[float, float]:
    """Lower left corner in uv of a cover or of a printed page."""
    column = int(rng.integers(COVER_CELLS))
    row = int(rng.integers(PAPER_ROWS) if paper else rng.integers(PAPER_ROWS, COVER_CELLS))
    return column / COVER_CELLS, row / COVER_CELLS


def _sheaf(
    size_m: tuple[float, float, float], cell: tuple[float, float], *, upside_down: bool = False
) -> Piece:
    """A flat thing of ``size_m`` (x, y, z) whose top shows one cell of the covers."""
    wide, high, deep = size_m
    whole = box((-wide / 2, 0, -deep / 2), (wide / 2, high, deep / 2), faces="YxXzZ")
    span = 0.94 / COVER_CELLS
    margin = 0.03 / COVER_CELLS
    uv = np.empty((20, 2))
    # The edges take the first light texel row of the page; the top takes the cell.
    uv[:] = (cell[0] + margin + span / 2, cell[1] + margin + span * 0.02)
    top = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float) * span + margin + np.array(cell)
    uv[:4] = top if not upside_down else np.roll(top, 2, axis=0)
    return Piece(whole.vertices_m, whole.normals, uv, whole.faces, whole.openness)


def _before_student(
    builder: MeshBuilder, rng: np.random.Generator, desk: Place, palette: Palette
) -> None:
    """An open book, an exercise book or a sheet, where somebody writes."""
    at = desk.at(
        float(rng.uniform(-0.06, 0.06)),
        0.0,
        float(rng.uniform(0.14, 0.2)),
        float(rng.normal(0, 0.12)),
    )
    draw = rng.random()
    if draw < 0.45:
        wide, deep = BOOK_M
        for side in (-1, 1):
            page = _sheaf(
                (wide, float(rng.uniform(0.004, 0.012)), deep), _cell(rng, True), upside_down=True
            )
            builder.add(page, palette.covers, at.at(side * wide / 2, 0, 0))
    elif draw < 0.8:
        wide, deep = EXERCISE_M if rng.random() < 0.5 else A4_M
        sheet = _sheaf((wide, 0.004, deep), _cell(rng, rng.random() < 0.8), upside_down=True)
        builder.add(sheet, palette.covers, at)
    if draw < 0.6:
        pen = palette.gloss.tinted(linear(muted(rng, 1.0)))
        lying = at.at(float(rng.uniform(0.02, 0.1)), 0.008, 0.0, float(rng.uniform(-1, 1)))
        builder.box((-0.004, 0, -0.07), (0.004, 0.008, 0.07), pen, lying, "xXYzZ")


def _pencil_case(
    builder: MeshBuilder, rng: np.random.Generator, desk: Place, palette: Palette
) -> None:
    paint = palette.plain.tinted(linear(muted(rng, 1.0)))
    at = desk.at(float(rng.uniform(-0.12, 0.12)), 0, 0.36, float(rng.normal(0, 0.2)))
    builder.add(standing(prism(rounded(0.1, 0.032, 0.02), 0.0, 0.045, smooth=True)), paint, at)


def _stack(
    builder: MeshBuilder,
    rng: np.random.Generator,
    desk: Place,
    palette: Palette,
    *,
    tall: bool,
) -> None:
    """Books one on the other at a far corner of the desk."""
    side = pick(rng, (-1, 1))
    y = 0.0
    for _ in range(int(rng.integers(5, 14) if tall else rng.integers(1, 5))):
        wide, deep = pick(rng, (BOOK_M, EXERCISE_M, A4_M))
        high = float(rng.uniform(0.006, 0.024))
        at = desk.at(
            side * 0.18 + float(rng.normal(0, 0.008)),
            y,
            0.27 + float(rng.normal(0, 0.008)),
            float(rng.normal(0, 0.06)),
        )
        builder.add(_sheaf((wide, high, deep * 0.9), _cell(rng, False)), palette.covers, at)
        y += high


def _bottle(builder: MeshBuilder, rng: np.random.Generator, desk: Place, palette: Palette) -> None:
    paint = palette.gloss.tinted(linear(muted(rng, 1.0)))
    at = desk.at(pick(rng, (-1, 1)) * float(rng.uniform(0.2, 0.24)), 0, 0.36)
    builder.add(standing(prism(circle(0.032, 8), 0.0, 0.17, smooth=True)), paint, at)
    cap = palette.plain.tinted(linear(pick(rng, ((0.9, 0.9, 0.9), (0.15, 0.15, 0.18), muted(rng)))))
    builder.add(standing(prism(circle(0.022, 8), 0.17, 0.205, smooth=True)), cap, at)


def _bag(
    builder: MeshBuilder,
    rng: np.random.Generator,
    seat: Seat,
    layout: Layout,
    palette: Palette,
) -> None:
    """A school bag on the back of the chair or on the floor beside it."""
    draw = rng.random()
    if draw < 0.35:
        return
    tone = muted(rng, 0.9)
    paint = palette.plain.tinted(linear([0.8 * c for c in tone]))
    pocket = palette.plain.tinted(linear([0.62 * c + 0.05 for c in tone]))
    on_chair = draw < 0.75 and layout.look.chair is not Chair.STOOL
    chair = chair_place(seat)
    if on_chair:
        at = chair.at(0.0, seat.chair_height_m - 0.12, -CHAIR_DEPTH_M / 2 - 0.1)
    else:
        at = chair.at(
            pick(rng, (-1, 1)) * 0.27,
            0.0,
            float(rng.uniform(0.0, 0.3)),
            float(rng.uniform(-0.6, 0.6)),
        )
    high = float(rng.uniform(0.32, 0.42))
    builder.box((-0.14, 0, -0.075), (0.14, 0.8 * high, 0.075), paint, at, "xXYzZ")
    builder.add(standing(prism(rounded(0.125, 0.06, 0.05), 0.8 * high, high)), paint, at)
    builder.box((-0.1, 0.04, -0.1), (0.1, high * 0.5, -0.07), pocket, at, "xXYz")
    builder.box((-0.115, high * 0.6, -0.08), (0.115, high * 0.63, -0.07), pocket, at, "Yyz")
    for side in (-1, 1):
        x = 0.08 * side
        low, top = (x - 0.02, 0.06, 0.07), (x + 0.02, 0.95 * high, 0.095)
        builder.box(low, top, pocket, at, "xXYZ")
    builder.box((-0.03, high, -0.008), (0.03, high + 0.04, 0.008), pocket, at, "xXYzZ")
