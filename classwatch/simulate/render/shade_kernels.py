"""How bright and of what colour each sample is: textures, lights, shadows, ambient occlusion."""

from __future__ import annotations

import math

import numba
import numpy as np

TILE = 8
"""Side in texels of the tiles of a shadow map for which changes are noted."""
_STEP = 1.025
"""Depths that differ by more than this factor within a pixel are an edge."""
_LIFT_M = 0.02
"""Points are lifted off their surface by this much before they are looked up in shadow maps."""
_KNEE = 0.7
"""Where bright light begins to be held back, so that the edges of windows stay smooth."""
_LEAST_OPEN = 0.15
_FARTHEST_CELLS = 48.0


@numba.njit(cache=True, fastmath=True)
def unit(x, y, z):  # type: ignore[no-untyped-def]
    """The vector at length 1."""
    scale = 1.0 / math.sqrt(x * x + y * y + z * z + 1e-20)
    return x * scale, y * scale, z * scale


@numba.njit(cache=True, fastmath=True)
def dot(a, b):  # type: ignore[no-untyped-def]
    """Scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@numba.njit(cache=True, fastmath=True)
def cross(a, b):  # type: ignore[no-untyped-def]
    """Vector product."""
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


@numba.njit(cache=True, fastmath=True)
def row(array, i):  # type: ignore[no-untyped-def]
    """Row ``i`` of an (n, 3) array as a tuple."""
    return float(array[i, 0]), float(array[i, 1]), float(array[i, 2])


@numba.njit(cache=True, fastmath=True)
def mix(array, corners, weights):  # type: ignore[no-untyped-def]
    """Mean of three rows of an (n, 3) array."""
    a, b, c = corners
    p, q, r = weights
    return (
        p * array[a, 0] + q * array[b, 0] + r * array[c, 0],
        p * array[a, 1] + q * array[b, 1] + r * array[c, 1],
        p * array[a, 2] + q * array[b, 2] + r * array[c, 2],
    )


@numba.njit(cache=True, fastmath=True)
def ray(camera, x, y):  # type: ignore[no-untyped-def]
    """Direction in the world of the ray through a place on the canvas, with depth 1."""
    across = (x - camera.middle_x) / camera.focal
    down = (y - camera.middle_y) / camera.focal
    r = camera.rotation
    return (
        across * r[0, 0] + down * r[1, 0] + r[2, 0],
        across * r[0, 1] + down * r[1, 1] + r[2, 1],
        across * r[0, 2] + down * r[1, 2] + r[2, 2],
    )


@numba.njit(cache=True, fastmath=True)
def hit(surface, corners, eye, towards):  # type: ignore[no-untyped-def]
    """Weights of the corners where a ray meets a triangle (Möller and Trumbore 1997), held inside
    it, and the triangle's normal (unnormalised)."""
    a = row(surface.vertices, corners[0])
    b = row(surface.vertices, corners[1])
    c = row(surface.vertices, corners[2])
    ab = (b[0] - a[0], b[1] - a[1], b[2] - a[2])
    ac = (c[0] - a[0], c[1] - a[1], c[2] - a[2])
    from_a = (eye[0] - a[0], eye[1] - a[1], eye[2] - a[2])
    normal = cross(ab, ac)
    across = cross(from_a, towards)
    slope = -dot(towards, normal)
    scale = 1.0 / slope if abs(slope) > 1e-20 else 0.0
    at_b = min(max(dot(ac, across) * scale, 0.0), 1.0)
    at_c = min(max(-dot(ab, across) * scale, 0.0), 1.0)
    beyond = at_b + at_c
    if beyond > 1.0:
        at_b, at_c = at_b / beyond, at_c / beyond
    return (max(0.0, 1.0 - at_b - at_c), at_b, at_c), normal


@numba.njit(cache=True, fastmath=True)
def texture_colour(textures, place, u, v):  # type: ignore[no-untyped-def]
    """sRGB bytes (as floats) of a material's texture; ``place`` is (material, level of detail).

    Bilinear in the nearest mip.
    """
    material = place[0]
    level = min(max(int(place[1] + 0.5), 0), textures.levels[material] - 1)
    start = textures.start[material]
    width, height = textures.width[material], textures.height[material]
    for _ in range(level):
        start += width * height * 4
        width, height = max(1, width // 2), max(1, height // 2)
    x = (u - math.floor(u)) * width - 0.5
    y = (1.0 - (v - math.floor(v))) * height - 0.5
    left, top = math.floor(x), math.floor(y)
    right_share, lower_share = x - left, y - top
    x0, x1 = (int(left) + width) % width, (int(left) + 1) % width
    y0, y1 = (int(top) + height) % height, (int(top) + 1) % height
    texels = textures.texels
    a, b = start + (y0 * width + x0) * 4, start + (y0 * width + x1) * 4
    c, d = start + (y1 * width + x0) * 4, start + (y1 * width + x1) * 4
    p, q = (1 - right_share) * (1 - lower_share), right_share * (1 - lower_share)
    r, s = (1 - right_share) * lower_share, right_share * lower_share
    return (
        p * texels[a] + q * texels[b] + r * texels[c] + s * texels[d],
        p * texels[a + 1] + q * texels[b + 1] + r * texels[c + 1] + s * texels[d + 1],
        p * texels[a + 2] + q * texels[b + 2] + r * texels[c + 2] + s * texels[d + 2],
    )


@numba.njit(cache=True, fastmath=True)
def level_of_detail(surface, textures, number, texels_per):  # type: ignore[no-untyped-def]
    """log2 of the texels across a step of one sample; ``texels_per`` is the step's area in the
    triangle's plane over the triangle's area."""
    a, b, c = surface.faces[number, 0], surface.faces[number, 1], surface.faces[number, 2]
    uv = surface.uv
    area = abs(
        (uv[b, 0] - uv[a, 0]) * (uv[c, 1] - uv[a, 1])
        - (uv[c, 0] - uv[a, 0]) * (uv[b, 1] - uv[a, 1])
    )
    material = surface.material[number]
    texels = area * textures.width[material] * textures.height[material] * texels_per
    return 0.5 * math.log2(texels + 1e-9)


@numba.njit(cache=True, fastmath=True)
def own_colour(world, number, hit_at, sample_area):  # type: ignore[no-untyped-def]
    """Linear colour of triangle ``number`` without light; ``world`` is (surface, looks, textures,
    decode), ``hit_at`` (weights, normal, ray, depth), ``sample_area`` at depth 1 in m2."""
    surface, looks, textures, decode = world
    weights, normal, towards, depth = hit_at
    material = surface.material[number]
    red = looks.colour[material, 0] * surface.tint[number, 0]
    green = looks.colour[material, 1] * surface.tint[number, 1]
    blue = looks.colour[material, 2] * surface.tint[number, 2]
    if textures.levels[material] > 0:
        a, b, c = surface.faces[number, 0], surface.faces[number, 1], surface.faces[number, 2]
        u = weights[0] * surface.uv[a, 0] + weights[1] * surface.uv[b, 0]
        v = weights[0] * surface.uv[a, 1] + weights[1] * surface.uv[b, 1]
        u += weights[2] * surface.uv[c, 0]
        v += weights[2] * surface.uv[c, 1]
        # The ray's length per metre of depth takes the place of the cosine's denominator.
        facing = abs(dot(normal, towards)) + 1e-20
        covered = sample_area * depth * depth / facing
        detail = level_of_detail(surface, textures, number, covered)
        texel = texture_colour(textures, (material, detail), u, v)
        red *= decode[int(texel[0])]
        green *= decode[int(texel[1])]
        blue *= decode[int(texel[2])]
    return red, green, blue


@numba.njit(cache=True, fastmath=True)
def lit_share(lamps, lamp, place, jitter):  # type: ignore[no-untyped-def]
    """Share of a light that reaches ``place`` (texel x, y, nearness).

    3x3 percentage-closer filtering (Reeves, Salesin and Cook 1987), shifted for each sample so
    that steps become grain.
    """
    size, start = lamps.size[lamp], lamps.start[lamp]
    softness = lamps.softness[lamp]
    limit = place[2] + lamps.bias[lamp]
    free = 0
    for j in range(-1, 2):
        y = math.floor(place[1] + (j + jitter[1]) * softness)
        for i in range(-1, 2):
            x = math.floor(place[0] + (i + jitter[0]) * softness)
            outside = x < 0 or y < 0 or x >= size or y >= size
            if outside or lamps.maps[start + y * size + x] < limit:
                free += 1
    return free / 9.0


@numba.njit(cache=True, fastmath=True)
def place_on_map(lamps, lamp, point):  # type: ignore[no-untyped-def]
    """Texel x, y and nearness of a point of the world on a light's map."""
    m = lamps.matrix[lamp]
    return (
        m[0, 0] * point[0] + m[0, 1] * point[1] + m[0, 2] * point[2] + m[0, 3],
        m[1, 0] * point[0] + m[1, 1] * point[1] + m[1, 2] * point[2] + m[1, 3],
        m[2, 0] * point[0] + m[2, 1] * point[1] + m[2, 2] * point[2] + m[2, 3],
    )


@numba.njit(cache=True, fastmath=True)
def ambient(air, up):  # type: ignore[no-untyped-def]
    """Light without direction on a surface whose normal points up by ``up`` (-1 .. 1)."""
    pole = air.up if up > 0 else air.down
    share = abs(up)
    rest = 1.0 - share
    return (
        pole[0] * share + air.side[0] * rest,
        pole[1] * share + air.side[1] * rest,
        pole[2] * share + air.side[2] * rest,
    )


@numba.njit(cache=True, fastmath=True)
def direct(lamps, look, at, jitter):  # type: ignore[no-untyped-def]
    """Diffuse and specular light of all lamps: ``look`` is (wrap, specular, shininess), ``at``
    (point, normal, to the eye, openness). Returns six numbers."""
    wrap, specular, shininess = look
    point, normal, to_eye, openness = at
    lifted = (
        point[0] + normal[0] * _LIFT_M,
        point[1] + normal[1] * _LIFT_M,
        point[2] + normal[2] * _LIFT_M,
    )
    red, green, blue, red_shine, green_shine, blue_shine = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for lamp in range(lamps.towards.shape[0]):
        towards = row(lamps.towards, lamp)
        facing = (dot(normal, towards) + wrap) / (1.0 + wrap)
        if facing <= 0:
            continue
        share = lit_share(lamps, lamp, place_on_map(lamps, lamp, lifted), jitter)
        if share <= 0:
            continue
        share *= 0.3 + 0.7 * openness
        colour = row(lamps.colour, lamp)
        strength = facing * share
        # Where light bleeds into shade it comes out of the skin or cloth a little redder.
        warm = 1.0 + 0.17 * (1.0 - facing) if wrap > 0 else 1.0
        red += colour[0] * strength * warm
        green += colour[1] * strength
        blue += colour[2] * strength
        if specular > 0:
            half = unit(towards[0] + to_eye[0], towards[1] + to_eye[1], towards[2] + to_eye[2])
            cosine = max(0.0, dot(normal, half))
            # Schlick's rational stand-in for a power (Graphics Gems IV, 1994).
            shine = specular * share * cosine / (shininess - shininess * cosine + cosine)
            red_shine += colour[0] * shine
            green_shine += colour[1] * shine
            blue_shine += colour[2] * shine
    return red, green, blue, red_shine, green_shine, blue_shine


@numba.njit(cache=True, fastmath=True)
def held_back(value):  # type: ignore[no-untyped-def]
    """Light above the knee comes nearer and nearer to 1."""
    if value <= _KNEE:
        return value
    over = (value - _KNEE) / (1.0 - _KNEE)
    return _KNEE + (1.0 - _KNEE) * over / (1.0 + over)


@numba.njit(cache=True, fastmath=True)
def grain(x, y):  # type: ignore[no-untyped-def]
    """Two numbers in [-0.5, 0.5) that depend on the place alone."""
    number = (x * 73856093) ^ (y * 19349663)
    number = ((number ^ (number >> 13)) * 1274126177) & 0x7FFFFFFF
    return ((number >> 4) & 255) / 256.0 - 0.5, ((number >> 14) & 255) / 256.0 - 0.5


@numba.njit(cache=True, fastmath=True)
def look_at_sample(world, lighting, camera, number, spot):  # type: ignore[no-untyped-def]
    """Light from triangle ``number`` at ``spot`` (x, y on the canvas, width in samples, openness of
    the surroundings)."""
    surface, looks, _, _ = world
    lamps, air = lighting
    x, y, across, open_here = spot
    if number < 0:
        return (
            held_back(air.background[0] * air.exposure),
            held_back(air.background[1] * air.exposure),
            held_back(air.background[2] * air.exposure),
        )
    corners = (
        surface.faces[number, 0],
        surface.faces[number, 1],
        surface.faces[number, 2],
    )
    eye = (camera.eye[0], camera.eye[1], camera.eye[2])
    towards = ray(camera, x, y)
    weights, flat = hit(surface, corners, eye, towards)
    point = mix(surface.vertices, corners, weights)
    to_eye = (eye[0] - point[0], eye[1] - point[1], eye[2] - point[2])
    bent = mix(surface.normals, corners, weights)
    normal = unit(bent[0], bent[1], bent[2])
    if dot(flat, to_eye) < 0:
        # Both sides are lit. The flat normal decides: smooth ones flicker at outlines.
        normal = (-normal[0], -normal[1], -normal[2])
    r = camera.rotation
    depth = -(r[2, 0] * to_eye[0] + r[2, 1] * to_eye[1] + r[2, 2] * to_eye[2])
    area = (across / camera.focal) ** 2
    own = own_colour(world, number, (weights, flat, towards, depth), area)
    open_all = open_here * (
        weights[0] * surface.openness[corners[0]]
        + weights[1] * surface.openness[corners[1]]
        + weights[2] * surface.openness[corners[2]]
    )
    material = surface.material[number]
    look = (looks.wrap[material], looks.specular[material], looks.shininess[material])
    jitter = grain(int(x), int(y))
    eyewards = unit(to_eye[0], to_eye[1], to_eye[2])
    lit = direct(lamps, look, (point, normal, eyewards, open_all), jitter)
    soft = ambient(air, normal[1])
    glow = looks.emission[material]
    return (
        held_back((own[0] * (soft[0] * open_all + lit[0] + glow) + lit[3]) * air.exposure),
        held_back((own[1] * (soft[1] * open_all + lit[1] + glow) + lit[4]) * air.exposure),
        held_back((own[2] * (soft[2] * open_all + lit[2] + glow) + lit[5]) * air.exposure),
    )


@numba.njit(cache=True, fastmath=True)
def one_kind(surface, canvas, corner, samples):  # type: ignore[no-untyped-def]
    """Whether all samples of the pixel whose first sample is ``corner`` (y, x) look alike."""
    first = canvas.triangle[corner[0], corner[1]]
    if first < 0:
        return False
    kind = surface.kind[first]
    nearest = canvas.nearness[corner[0], corner[1]]
    farthest = nearest
    for j in range(samples):
        for i in range(samples):
            number = canvas.triangle[corner[0] + j, corner[1] + i]
            if number < 0 or surface.kind[number] != kind:
                return False
            near = canvas.nearness[corner[0] + j, corner[1] + i]
            nearest, farthest = max(nearest, near), min(farthest, near)
    return nearest <= _STEP * farthest


@numba.njit(cache=True, fastmath=True)
def shade(world, lighting, camera, canvas, targets):  # type: ignore[no-untyped-def]
    """Fill the light (h, w, 3) of the pixels that ``wanted`` (h, w) marks.

    ``targets`` is (light, wanted, openness of the surroundings on a coarser grid). A pixel that
    shows one kind of surface is looked at once, in its middle; others at each sample.
    """
    light, wanted, openness = targets
    surface = world[0]
    samples = canvas.triangle.shape[0] // light.shape[0]
    coarse = canvas.triangle.shape[0] // openness.shape[0]
    for y in range(light.shape[0]):
        for x in range(light.shape[1]):
            if not wanted[y, x]:
                continue
            top, left = y * samples, x * samples
            cell_y = min(top // coarse, openness.shape[0] - 1)
            cell_x = min(left // coarse, openness.shape[1] - 1)
            open_here = openness[cell_y, cell_x]
            if one_kind(surface, canvas, (top, left), samples):
                spot = (left + 0.5 * samples, top + 0.5 * samples, float(samples), open_here)
                number = canvas.triangle[top, left]
                seen = look_at_sample(world, lighting, camera, number, spot)
                light[y, x, 0], light[y, x, 1], light[y, x, 2] = seen
                continue
            red, green, blue = 0.0, 0.0, 0.0
            for j in range(samples):
                for i in range(samples):
                    number = canvas.triangle[top + j, left + i]
                    spot = (left + i + 0.5, top + j + 0.5, 1.0, open_here)
                    seen = look_at_sample(world, lighting, camera, number, spot)
                    red, green, blue = red + seen[0], green + seen[1], blue + seen[2]
            share = 1.0 / (samples * samples)
            light[y, x, 0], light[y, x, 1], light[y, x, 2] = (
                red * share,
                green * share,
                blue * share,
            )


@numba.njit(cache=True, fastmath=True)
def tile_of(lamps, lamp, point):  # type: ignore[no-untyped-def]
    """Number of the tile of a light's map in which ``point`` is looked up."""
    place = place_on_map(lamps, lamp, point)
    tiles = tiles_across(lamps.size[lamp])
    x = min(max(int(place[0]) // TILE, 0), tiles - 1)
    y = min(max(int(place[1]) // TILE, 0), tiles - 1)
    return y * tiles + x


@numba.njit(cache=True)
def tiles_across(size):  # type: ignore[no-untyped-def]
    """Tiles along a side of a shadow map of ``size`` texels."""
    return (size + TILE - 1) // TILE


@numba.njit(cache=True, fastmath=True)
def point_seen(surface, camera, number, x, y):  # type: ignore[no-untyped-def]
    """Point of triangle ``number`` at a place on the canvas, as it is looked at for light."""
    corners = (surface.faces[number, 0], surface.faces[number, 1], surface.faces[number, 2])
    eye = (camera.eye[0], camera.eye[1], camera.eye[2])
    weights, _ = hit(surface, corners, eye, ray(camera, x, y))
    return mix(surface.vertices, corners, weights)


@numba.njit(cache=True, fastmath=True)
def note_tiles(surface, camera, lamps, canvas, noted):  # type: ignore[no-untyped-def]
    """Write for each sample (h s, w s, q) in which tiles its shadows are looked up.

    ``noted`` is (tiles, single (h, w)): a single pixel is looked at in its middle only, and has
    its tiles at its first sample.
    """
    tiles, single = noted
    samples = canvas.triangle.shape[0] // single.shape[0]
    for y in range(canvas.triangle.shape[0]):
        for x in range(canvas.triangle.shape[1]):
            number = canvas.triangle[y, x]
            if number < 0:
                continue
            middle = 0.5
            if single[y // samples, x // samples]:
                if y % samples or x % samples:
                    continue
                middle = 0.5 * samples
            point = point_seen(surface, camera, number, x + middle, y + middle)
            for lamp in range(lamps.towards.shape[0]):
                tiles[y, x, lamp] = tile_of(lamps, lamp, point)


@numba.njit(cache=True)
def mark_single(surface, canvas, single):  # type: ignore[no-untyped-def]
    """Mark the pixels that show one kind of surface."""
    samples = canvas.triangle.shape[0] // single.shape[0]
    for y in range(single.shape[0]):
        for x in range(single.shape[1]):
            single[y, x] = one_kind(surface, canvas, (y * samples, x * samples), samples)


@numba.njit(cache=True)
def shadow_may_differ(lamps, tiles):  # type: ignore[no-untyped-def]
    """Whether figures changed a shadow map near one of the tiles (q,)."""
    for lamp in range(lamps.towards.shape[0]):
        if lamps.changed[lamps.tile_start[lamp] + tiles[lamp]]:
            return True
    return False


@numba.njit(cache=True)
def touched(canvas, lamps, empty, figures, corner):  # type: ignore[no-untyped-def]
    """Whether a figure shows in a pixel or may throw a shadow on it; ``empty`` is (tiles, single)
    of the empty room, ``figures`` (m,) marks their triangles, ``corner`` is the first sample."""
    tiles, single = empty
    samples = canvas.triangle.shape[0] // single.shape[0]
    for y in range(corner[0], corner[0] + samples):
        for x in range(corner[1], corner[1] + samples):
            number = canvas.triangle[y, x]
            if number >= 0 and figures[number]:
                return True
    count = 1 if single[corner[0] // samples, corner[1] // samples] else samples
    for y in range(corner[0], corner[0] + count):
        for x in range(corner[1], corner[1] + count):
            if canvas.triangle[y, x] >= 0 and shadow_may_differ(lamps, tiles[y, x]):
                return True
    return False


@numba.njit(cache=True)
def mark_touched(canvas, lamps, empty, figures, grids):  # type: ignore[no-untyped-def]
    """Fill ``wanted`` with the pixels in which figures change anything against the empty room.

    ``grids`` is (wanted, openness now, openness of the empty room); for the rest see ``touched``.
    """
    wanted, openness, before = grids
    samples = canvas.triangle.shape[0] // wanted.shape[0]
    coarse = canvas.triangle.shape[0] // openness.shape[0]
    for y in range(wanted.shape[0]):
        cell_y = min(y * samples // coarse, openness.shape[0] - 1)
        for x in range(wanted.shape[1]):
            cell_x = min(x * samples // coarse, openness.shape[1] - 1)
            wanted[y, x] = openness[cell_y, cell_x] != before[cell_y, cell_x] or touched(
                canvas, lamps, empty, figures, (y * samples, x * samples)
            )


@numba.njit(cache=True, fastmath=True)
def reach_of(depth, radius):  # type: ignore[no-untyped-def]
    """Cells that ``radius`` (in cells at depth 1) spans at a depth."""
    return min(max(radius / depth, 1.5), _FARTHEST_CELLS)


@numba.njit(cache=True, fastmath=True)
def none_near(sums, y, x, reach):  # type: ignore[no-untyped-def]
    """Whether a box around a cell holds no figure; ``sums`` (h + 1, w + 1) is an integral image."""
    height, width = sums.shape[0] - 1, sums.shape[1] - 1
    top, bottom = max(0, y - reach), min(height, y + reach + 1)
    left, right = max(0, x - reach), min(width, x + reach + 1)
    return sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left] == 0


@numba.njit(cache=True, fastmath=True)
def occlude(depth, sums, steps, size, openness):  # type: ignore[no-untyped-def]
    """Write into ``openness`` how open each cell of ``depth`` (h, w; 0: nothing) is, leaving alone
    what no figure is near to.

    ``size`` is (radius in metres, radius in cells at depth 1, strength); ``steps`` (turns, p, 2)
    are directions of which both ends are looked at, so that slanted planes do not shade
    themselves.
    """
    radius_m, radius, strength = size
    for y in range(depth.shape[0]):
        for x in range(depth.shape[1]):
            here = depth[y, x]
            if here <= 0:
                openness[y, x] = 1.0
                continue
            reach = reach_of(here, radius)
            if none_near(sums, y, x, int(reach) + 1):
                continue
            turn = steps[(x * 7 + y * 13) % steps.shape[0]]
            openness[y, x] = max(
                _LEAST_OPEN, 1.0 - strength * covered(depth, (y, x), turn, (reach, radius_m))
            )


@numba.njit(cache=True, fastmath=True)
def covered(depth, cell, directions, size):  # type: ignore[no-untyped-def]
    """Share of directions in which something near stands before a cell."""
    y, x = cell
    reach, radius_m = size
    height, width = depth.shape
    here = depth[y, x]
    blocked, looked = 0.0, 0
    for k in range(directions.shape[0]):
        i, j = directions[k, 0] * reach, directions[k, 1] * reach
        x1, y1, x2, y2 = int(x + i), int(y + j), int(x - i), int(y - j)
        if min(x1, y1, x2, y2) < 0 or max(x1, x2) >= width or max(y1, y2) >= height:
            continue
        rise = (
            rise_of(here, depth[y1, x1], radius_m) + rise_of(here, depth[y2, x2], radius_m)
        ) / radius_m
        looked += 1
        if rise > 0.03:
            blocked += min(1.0, rise)
    return blocked / looked if looked else 0.0


@numba.njit(cache=True, fastmath=True)
def rise_of(here, there, radius_m):  # type: ignore[no-untyped-def]
    """How far a neighbour stands out towards the eye; what is far before it does not count."""
    if there <= 0:
        return -radius_m
    rise = here - there
    return -radius_m if rise > 2.0 * radius_m else rise


@numba.njit(cache=True)
def changed_tiles(empty, full, reach, changed):  # type: ignore[no-untyped-def]
    """Mark tiles (t, t) of a shadow map from which a look-up within ``reach`` texels meets a texel
    that differs between ``empty`` and ``full``."""
    size = full.shape[0]
    tiles = changed.shape[0]
    spread = (reach + TILE - 1) // TILE
    for y in range(size):
        for x in range(size):
            if full[y, x] != empty[y, x]:
                ty, tx = y // TILE, x // TILE
                if changed[ty, tx] == 2:
                    continue
                changed[ty, tx] = 2
                for j in range(max(0, ty - spread), min(tiles, ty + spread + 1)):
                    for i in range(max(0, tx - spread), min(tiles, tx + spread + 1)):
                        changed[j, i] = max(changed[j, i], np.uint8(1))
