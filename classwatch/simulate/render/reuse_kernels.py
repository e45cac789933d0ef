"""Which pixels of an empty room figures change: what need not be looked at again.

A place of the room is looked up in each shadow map somewhere in a tile of texels. Its shadow can
differ only if a texel that may be met from there has changed from farther off than the place to
nearer than it.
"""

from __future__ import annotations

import numpy as np

from classwatch.simulate.render.compiled import exact, exact_part, fast, fast_part
from classwatch.simulate.render.light_kernels import (
    LIFT_M,
    hit,
    mix,
    place_on_map,
    ray,
    row,
    unit,
)
from classwatch.simulate.render.shade_kernels import one_kind

TILE = 8
"""Side in texels of the tiles of a shadow map for which changes are noted."""
_DARK = np.float32(-1e9)
"""Noted where a light does not reach a surface that faces away from it."""
_ROUNDING_M = 1e-3


@exact
def count_looks(surface, canvas, samples, starts):  # type: ignore[no-untyped-def]
    """Fill ``starts`` (h w + 1) with the number of the first look at each pixel and, last, of all.

    There is one look at a pixel of one kind of surface, else one at each sample.
    """
    total, pixel = 0, 0
    for y in range(0, canvas.triangle.shape[0], samples):
        for x in range(0, canvas.triangle.shape[1], samples):
            starts[pixel] = total
            single = one_kind(surface, canvas, (y, x), samples)
            total += 1 if single else samples * samples
            pixel += 1
    starts[pixel] = total


@fast_part
def place_looked_at(surface, camera, number, x, y):  # type: ignore[no-untyped-def]
    """Point of triangle ``number`` at a place on the canvas and its normal towards the eye, as
    light is found for it."""
    corners = (surface.faces[number, 0], surface.faces[number, 1], surface.faces[number, 2])
    eye = (camera.eye[0], camera.eye[1], camera.eye[2])
    towards = ray(camera, x, y)
    weights, flat = hit(surface, corners, eye, towards)
    point = mix(surface.vertices, corners, weights)
    bent = mix(surface.normals, corners, weights)
    normal = unit(bent[0], bent[1], bent[2])
    to_eye = (eye[0] - point[0], eye[1] - point[1], eye[2] - point[2])
    if flat[0] * to_eye[0] + flat[1] * to_eye[1] + flat[2] * to_eye[2] < 0:
        normal = (-normal[0], -normal[1], -normal[2])
    return point, normal


@fast
def note_look(scene, number, spot, tiles, limits):  # type: ignore[no-untyped-def]
    """Note for one look the tile (q,) and the nearness (q,) beyond which something shades it.

    ``scene`` is (surface, looks, camera, lamps).
    """
    surface, looks, camera, lamps = scene
    if number < 0:
        limits[:] = _DARK
        return
    point, normal = place_looked_at(surface, camera, number, spot[0], spot[1])
    wrap = looks.wrap[surface.material[number]]
    lifted = (
        point[0] + normal[0] * LIFT_M,
        point[1] + normal[1] * LIFT_M,
        point[2] + normal[2] * LIFT_M,
    )
    for lamp in range(lamps.towards.shape[0]):
        towards = row(lamps.towards, lamp)
        facing = normal[0] * towards[0] + normal[1] * towards[1] + normal[2] * towards[2]
        place = place_on_map(lamps, lamp, lifted)
        across = (lamps.size[lamp] + TILE - 1) // TILE
        column = min(max(int(place[0]) // TILE, 0), across - 1)
        line = min(max(int(place[1]) // TILE, 0), across - 1)
        tiles[lamp] = line * across + column
        limits[lamp] = place[2] + lamps.bias[lamp] if facing + wrap > -1e-4 else _DARK


@exact
def note_looks(scene, canvas, samples, tiles, limits):  # type: ignore[no-untyped-def]
    """``note_look`` for all looks at the empty room, in the order of ``count_looks``."""
    first = 0
    for top in range(0, canvas.triangle.shape[0], samples):
        for left in range(0, canvas.triangle.shape[1], samples):
            if one_kind(scene[0], canvas, (top, left), samples):
                spot = (left + 0.5 * samples, top + 0.5 * samples)
                note_look(scene, canvas.triangle[top, left], spot, tiles[first], limits[first])
                first += 1
                continue
            for j in range(samples):
                for i in range(samples):
                    spot = (left + i + 0.5, top + j + 0.5)
                    number = canvas.triangle[top + j, left + i]
                    note_look(scene, number, spot, tiles[first], limits[first])
                    first += 1


@exact
def changed_tiles(empty, full, reach, nearest, farthest):  # type: ignore[no-untyped-def]
    """Fill for each tile (t, t) of a shadow map the ``nearest`` that any texel became, and the
    ``farthest`` that one was before it changed, among those within ``reach`` texels of the tile."""
    tiles = nearest.shape[0]
    size = full.shape[0]
    for y in range(size):
        # The tiles that lie within reach of a texel are the same for all changes of one block.
        top, bottom = max(0, (y - reach) // TILE), min(tiles - 1, (y + reach) // TILE)
        for x in range(size):
            before, now = empty[y, x], full[y, x]
            if now == before:
                continue
            left, right = max(0, (x - reach) // TILE), min(tiles - 1, (x + reach) // TILE)
            for j in range(top, bottom + 1):
                for i in range(left, right + 1):
                    nearest[j, i] = max(nearest[j, i], now)
                    farthest[j, i] = min(farthest[j, i], before)


@exact_part
def shadow_may_differ(lamps, tiles, limits):  # type: ignore[no-untyped-def]
    """Whether figures may have changed the shadow at a look (q,), (q,)."""
    for lamp in range(tiles.shape[0]):
        tile = lamps.tile_start[lamp] + tiles[lamp]
        limit = limits[lamp]
        if limit == _DARK:
            continue
        reached = lamps.farthest[tile] < limit + _ROUNDING_M
        if reached and lamps.nearest[tile] > limit - _ROUNDING_M:
            return True
    return False


@exact_part
def figure_shows(triangle, figures, corner, samples):  # type: ignore[no-untyped-def]
    """Whether a sample of the pixel whose first sample is ``corner`` shows a figure."""
    for y in range(corner[0], corner[0] + samples):
        for x in range(corner[1], corner[1] + samples):
            if triangle[y, x] >= 0 and figures[triangle[y, x]]:
                return True
    return False


@exact
def mark_touched(canvas, lamps, noted, figures, grids):  # type: ignore[no-untyped-def]
    """Fill ``wanted`` with the pixels in which figures change anything against the empty room.

    ``noted`` is (starts, tiles, limits) of the looks at the empty room, ``figures`` (m,) marks the
    figures' triangles, ``grids`` is (wanted, openness now, openness of the empty room).
    """
    starts, tiles, limits = noted
    wanted, openness, before = grids
    height, width = wanted.shape
    samples = canvas.triangle.shape[0] // height
    coarse = canvas.triangle.shape[0] // openness.shape[0]
    for y in range(height):
        cell_y = min(y * samples // coarse, openness.shape[0] - 1)
        for x in range(width):
            cell_x = min(x * samples // coarse, openness.shape[1] - 1)
            changed = openness[cell_y, cell_x] != before[cell_y, cell_x] or figure_shows(
                canvas.triangle, figures, (y * samples, x * samples), samples
            )
            look, end = starts[y * width + x], starts[y * width + x + 1]
            while not changed and look < end:
                changed = shadow_may_differ(lamps, tiles[look], limits[look])
                look += 1
            wanted[y, x] = changed
