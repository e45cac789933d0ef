"""What happens to light on its way through a camera, one pass over the pixels each."""

from __future__ import annotations

import math

from classwatch.simulate.render.compiled import exact, fast

TILE_PX = 16
_LEAST_PX = 0.5
"""Motion under this many pixels is not seen."""
_MOST_TAPS = 33
_NEARER = 0.98
"""Something is not before a surface when its inverse depth is less than this share of it."""


@exact
def velocities(rendered, moved, speed):  # type: ignore[no-untyped-def]
    """Fill ``speed`` (h, w, 2) with pixels from the exposure's start to now.

    ``rendered`` is (triangle, owner, projected, samples), ``moved`` (faces, before): where the
    vertices were, in samples. Only figures move; pixels of the room keep 0.
    """
    triangle, owner, projected, samples = rendered
    faces, before = moved
    for y in range(speed.shape[0]):
        for x in range(speed.shape[1]):
            speed[y, x, 0], speed[y, x, 1] = 0.0, 0.0
            line, column = y * samples + samples // 2, x * samples + samples // 2
            if owner[line, column] < 0:
                continue
            number = triangle[line, column]
            for axis in range(2):
                total, known = 0.0, 0
                for corner in range(3):
                    vertex = faces[number, corner]
                    if projected[vertex, 2] > 0 and before[vertex, 2] > 0:
                        total += projected[vertex, axis] - before[vertex, axis]
                        known += 1
                if known:
                    speed[y, x, axis] = total / known / samples


@exact
def fastest_in_tiles(speed, tiles):  # type: ignore[no-untyped-def]
    """Fill ``tiles`` (th, tw, 2) with the fastest motion in each tile of the picture."""
    for y in range(speed.shape[0]):
        for x in range(speed.shape[1]):
            tile = tiles[y // TILE_PX, x // TILE_PX]
            here = speed[y, x]
            if here[0] ** 2 + here[1] ** 2 > tile[0] ** 2 + tile[1] ** 2:
                tile[0], tile[1] = here[0], here[1]


@exact
def fastest_around(tiles, row, column):  # type: ignore[no-untyped-def]
    """The fastest motion in a tile and those around it."""
    across, down = 0.0, 0.0
    for j in range(max(0, row - 1), min(tiles.shape[0], row + 2)):
        for i in range(max(0, column - 1), min(tiles.shape[1], column + 2)):
            x, y = tiles[j, i, 0], tiles[j, i, 1]
            if x * x + y * y > across * across + down * down:
                across, down = x, y
    return across, down


@exact
def passes(here, there, distance):  # type: ignore[no-untyped-def]
    """Whether ``there`` comes by ``here`` during the exposure, before what is here; both are
    (speed, 1/depth)."""
    return there[0] >= distance and (here[0] > _LEAST_PX or there[1] >= here[1] * _NEARER)


@exact
def look_along(light, speed, inverse_depth, path, out):  # type: ignore[no-untyped-def]
    """Write into ``out`` (3,) what a pixel collects; ``path`` is (y, x, across, down).

    At each moment the surface that is now some way along the path may pass by. Where none does,
    the pixel shows what it shows now; if that is itself moving away, what lies beside it stands
    for what it uncovers.
    """
    y, x, across, down = path
    samples = inverse_depth.shape[0] // light.shape[0]
    length = math.sqrt(across * across + down * down)
    taps = min(_MOST_TAPS, 2 * math.ceil(length) + 1)
    here = (
        math.sqrt(speed[y, x, 0] ** 2 + speed[y, x, 1] ** 2),
        inverse_depth[y * samples, x * samples],
    )
    for band in range(3):
        out[band] = 0.0
    for tap in range(taps):
        share = 2.0 * (tap + 0.5) / taps - 1.0
        i = min(max(math.floor(x + 0.5 + share * across), 0), light.shape[1] - 1)
        j = min(max(math.floor(y + 0.5 + share * down), 0), light.shape[0] - 1)
        there = (
            math.sqrt(speed[j, i, 0] ** 2 + speed[j, i, 1] ** 2),
            inverse_depth[j * samples, i * samples],
        )
        uncovered = here[0] > _LEAST_PX and there[0] <= _LEAST_PX
        if not (uncovered or passes(here, there, abs(share) * length)):
            i, j = x, y
        for band in range(3):
            out[band] += light[j, i, band] / taps


@exact
def blur(light, speed, tiles, inverse_depth, blurred):  # type: ignore[no-untyped-def]
    """Overwrite in ``blurred``, a copy of ``light``, what an exposure collects that lasts from one
    ``speed`` before now to one after."""
    for row in range(tiles.shape[0]):
        for column in range(tiles.shape[1]):
            across, down = fastest_around(tiles, row, column)
            if across * across + down * down < _LEAST_PX * _LEAST_PX:
                continue
            for y in range(row * TILE_PX, min((row + 1) * TILE_PX, light.shape[0])):
                for x in range(column * TILE_PX, min((column + 1) * TILE_PX, light.shape[1])):
                    path = (y, x, across, down)
                    look_along(light, speed, inverse_depth, path, blurred[y, x])


@fast
def veil(coarse, y, x, band):  # type: ignore[no-untyped-def]
    """Glare at a place of the coarse grid, bilinear."""
    top, left = int(y), int(x)
    lower, right = min(top + 1, coarse.shape[0] - 1), min(left + 1, coarse.shape[1] - 1)
    v, u = y - top, x - left
    upper = coarse[top, left, band] * (1 - u) + coarse[top, right, band] * u
    below = coarse[lower, left, band] * (1 - u) + coarse[lower, right, band] * u
    return upper * (1 - v) + below * v


@fast
def expose(light, glare, grain, sensor, picture):  # type: ignore[no-untyped-def]
    """Fill ``picture`` (h, w, 3) uint8.

    ``glare`` (gh, gw, 3) is added; ``grain`` is (tile (t, t, 3) with t a power of two, y, x);
    ``sensor`` is (gains (3,), vignetting, shot noise, read noise, saturation, tone (4096,)).
    """
    noise, first_y, first_x = grain
    gains, vignetting, shot, read, saturation, tone = sensor
    height, width = picture.shape[0], picture.shape[1]
    mask = noise.shape[0] - 1
    scale_y, scale_x = glare.shape[0] / height, glare.shape[1] / width
    for y in range(height):
        from_middle_y = (y + 0.5) / height - 0.5
        coarse_y = min(max((y + 0.5) * scale_y - 0.5, 0.0), glare.shape[0] - 1.0)
        for x in range(width):
            from_middle_x = (x + 0.5) / width - 0.5
            fall = 1.0 - vignetting * 2.0 * (from_middle_x**2 + from_middle_y**2)
            coarse_x = min(max((x + 0.5) * scale_x - 0.5, 0.0), glare.shape[1] - 1.0)
            row, column = (y + first_y) & mask, (x + first_x) & mask
            red = green = blue = 0.0
            for band in range(3):
                value = light[y, x, band] * fall + veil(glare, coarse_y, coarse_x, band)
                value *= gains[band]
                bounded = min(max(value, 0.0), 1.0)
                value += noise[row, column, band] * math.sqrt(bounded * shot + read)
                toned = tone[int(min(max(value, 0.0), 1.0) * 4095.0 + 0.5)]
                if band == 0:
                    red = toned
                elif band == 1:
                    green = toned
                else:
                    blue = toned
            grey = 0.299 * red + 0.587 * green + 0.114 * blue
            picture[y, x, 0] = to_byte(grey + (red - grey) * saturation)
            picture[y, x, 1] = to_byte(grey + (green - grey) * saturation)
            picture[y, x, 2] = to_byte(grey + (blue - grey) * saturation)


@fast
def to_byte(value):  # type: ignore[no-untyped-def]
    """Nearest of 0 .. 255."""
    return int(min(max(value, 0.0), 1.0) * 255.0 + 0.5)
