"""How bright and of what colour one place of a surface is: textures, lights, shadows."""

from __future__ import annotations

import math

from classwatch.simulate.render.compiled import fast_part

LIFT_M = 0.02
"""Points are lifted off their surface by this much before they are looked up in shadow maps."""
_KNEE = 0.7
"""Where bright light begins to be held back, so that the edges of windows stay smooth."""


@fast_part
def unit(x, y, z):  # type: ignore[no-untyped-def]
    """The vector at length 1."""
    scale = 1.0 / math.sqrt(x * x + y * y + z * z + 1e-20)
    return x * scale, y * scale, z * scale


@fast_part
def dot(a, b):  # type: ignore[no-untyped-def]
    """Scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@fast_part
def cross(a, b):  # type: ignore[no-untyped-def]
    """Vector product."""
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


@fast_part
def row(array, i):  # type: ignore[no-untyped-def]
    """Row ``i`` of an (n, 3) array as a tuple."""
    return float(array[i, 0]), float(array[i, 1]), float(array[i, 2])


@fast_part
def mix(array, corners, weights):  # type: ignore[no-untyped-def]
    """Mean of three rows of an (n, 3) array."""
    a, b, c = corners
    p, q, r = weights
    return (
        p * array[a, 0] + q * array[b, 0] + r * array[c, 0],
        p * array[a, 1] + q * array[b, 1] + r * array[c, 1],
        p * array[a, 2] + q * array[b, 2] + r * array[c, 2],
    )


@fast_part
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


@fast_part
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


@fast_part
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


@fast_part
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


@fast_part
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


@fast_part
def is_free(lamps, lamp, x, y, limit):  # type: ignore[no-untyped-def]
    """1 where nothing at a texel is nearer to the light than ``limit``, else 0."""
    size = lamps.size[lamp]
    column, line = math.floor(x), math.floor(y)
    if column < 0 or line < 0 or column >= size or line >= size:
        return 1
    return 1 if lamps.maps[lamps.start[lamp] + line * size + column] < limit else 0


@fast_part
def lit_share(lamps, lamp, place, jitter):  # type: ignore[no-untyped-def]
    """Share of a light that reaches ``place`` (texel x, y, nearness).

    3x3 percentage-closer filtering (Reeves, Salesin and Cook 1987), shifted for each sample so
    that steps become grain. Where the corners and the middle agree, the rest is not asked.
    """
    step = lamps.softness[lamp]
    limit = place[2] + lamps.bias[lamp]
    x, y = place[0] + jitter[0] * step, place[1] + jitter[1] * step
    free = is_free(lamps, lamp, x, y, limit)
    for k in range(4):
        i, j = (k & 1) * 2 - 1, (k & 2) - 1
        free += is_free(lamps, lamp, x + i * step, y + j * step, limit)
    if free == 0 or free == 5:
        return free / 5.0
    free += is_free(lamps, lamp, x - step, y, limit) + is_free(lamps, lamp, x + step, y, limit)
    free += is_free(lamps, lamp, x, y - step, limit) + is_free(lamps, lamp, x, y + step, limit)
    return free / 9.0


@fast_part
def place_on_map(lamps, lamp, point):  # type: ignore[no-untyped-def]
    """Texel x, y and nearness of a point of the world on a light's map."""
    m = lamps.matrix[lamp]
    return (
        m[0, 0] * point[0] + m[0, 1] * point[1] + m[0, 2] * point[2] + m[0, 3],
        m[1, 0] * point[0] + m[1, 1] * point[1] + m[1, 2] * point[2] + m[1, 3],
        m[2, 0] * point[0] + m[2, 1] * point[1] + m[2, 2] * point[2] + m[2, 3],
    )


@fast_part
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


@fast_part
def direct(lamps, look, at, jitter):  # type: ignore[no-untyped-def]
    """Diffuse and specular light of all lamps: ``look`` is (wrap, specular, shininess), ``at``
    (point, normal, to the eye, openness). Returns six numbers."""
    wrap, specular, shininess = look
    point, normal, to_eye, openness = at
    lifted = (
        point[0] + normal[0] * LIFT_M,
        point[1] + normal[1] * LIFT_M,
        point[2] + normal[2] * LIFT_M,
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


@fast_part
def held_back(value):  # type: ignore[no-untyped-def]
    """Light above the knee comes nearer and nearer to 1."""
    if value <= _KNEE:
        return value
    over = (value - _KNEE) / (1.0 - _KNEE)
    return _KNEE + (1.0 - _KNEE) * over / (1.0 + over)


@fast_part
def grain(x, y):  # type: ignore[no-untyped-def]
    """Two numbers in [-0.5, 0.5) that depend on the place alone."""
    number = (x * 73856093) ^ (y * 19349663)
    number = ((number ^ (number >> 13)) * 1274126177) & 0x7FFFFFFF
    return ((number >> 4) & 255) / 256.0 - 0.5, ((number >> 14) & 255) / 256.0 - 0.5


@fast_part
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
