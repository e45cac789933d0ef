"""Which triangle is nearest at each sample: compiled, exact, the same on every machine.

Corners are rounded to 64ths of a sample and edges tested in whole numbers, so that two triangles
which share an edge leave no gap. No fast mathematics here: truth comes from these buffers.
"""

from __future__ import annotations

import math

import numpy as np

from classwatch.simulate.render.compiled import exact, exact_part
from classwatch.simulate.render.view import NEAR_M

BITS = 6
UNIT = 1 << BITS
HALF = UNIT >> 1
FARTHEST = 1 << 28
"""Corners beyond this many 64ths of a sample are moved in, so that products fit 64 bits."""
HOLE_ALPHA = 110


@exact_part
def to_fixed(value):  # type: ignore[no-untyped-def]
    """A coordinate in samples as whole 64ths."""
    scaled = math.floor(value * UNIT + 0.5)
    return int(min(max(scaled, -FARTHEST), FARTHEST))


@exact
def project_vertices(vertices, camera, projected, corners):  # type: ignore[no-untyped-def]
    """Fill ``projected`` (n, 3: x, y in samples, 1/depth) and ``corners``; 0 for 1/depth where a
    vertex is nearer than NEAR_M or behind."""
    r, t = camera.rotation, camera.shift
    for i in range(vertices.shape[0]):
        x, y, z = vertices[i, 0], vertices[i, 1], vertices[i, 2]
        depth = r[2, 0] * x + r[2, 1] * y + r[2, 2] * z + t[2]
        if depth > NEAR_M:
            inverse = 1.0 / depth
            across = r[0, 0] * x + r[0, 1] * y + r[0, 2] * z + t[0]
            down = r[1, 0] * x + r[1, 1] * y + r[1, 2] * z + t[1]
            sx = camera.focal * across * inverse + camera.middle_x
            sy = camera.focal * down * inverse + camera.middle_y
            projected[i, 0], projected[i, 1], projected[i, 2] = sx, sy, inverse
            corners.place[i, 0], corners.place[i, 1] = to_fixed(sx), to_fixed(sy)
            corners.nearness[i] = inverse
        else:
            projected[i, 0], projected[i, 1], projected[i, 2] = 0.0, 0.0, 0.0
            corners.nearness[i] = 0.0


@exact
def project_to_light(vertices, matrix, corners):  # type: ignore[no-untyped-def]
    """Fill ``corners`` for the map of a far light; see ``Lamps.matrix``."""
    for i in range(vertices.shape[0]):
        x, y, z = vertices[i, 0], vertices[i, 1], vertices[i, 2]
        for axis in range(2):
            m = matrix[axis]
            corners.place[i, axis] = to_fixed(m[0] * x + m[1] * y + m[2] * z + m[3])
        m = matrix[2]
        corners.nearness[i] = m[0] * x + m[1] * y + m[2] * z + m[3]


@exact_part
def texel_start(textures, material, u, v):  # type: ignore[no-untyped-def]
    """Index of the texel of the finest mip at (u, v)."""
    width, height = textures.width[material], textures.height[material]
    x = min(int((u - math.floor(u)) * width), width - 1)
    y = min(int((1.0 - (v - math.floor(v))) * height), height - 1)
    return textures.start[material] + (y * width + x) * 4


@exact_part
def is_hole(holes, number, weights):  # type: ignore[no-untyped-def]
    """Whether the texture is cut out where the (unnormalised) ``weights`` of the corners are."""
    material = holes.material[number]
    if holes.textures.levels[material] == 0:
        return False
    total = weights[0] + weights[1] + weights[2]
    u, v = 0.0, 0.0
    for corner in range(3):
        vertex = holes.faces[number, corner]
        share = weights[corner] / total
        u += share * holes.uv[vertex, 0]
        v += share * holes.uv[vertex, 1]
    return holes.textures.texels[texel_start(holes.textures, material, u, v) + 3] < HOLE_ALPHA


@exact_part
def span(low, high, size):  # type: ignore[no-untyped-def]
    """First and last sample whose middle lies in [low, high], inside 0 .. size - 1."""
    return max(0, (low + HALF - 1) >> BITS), min(size - 1, (high - HALF) >> BITS)


@exact_part
def fill(number, a, b, c, canvas, holes):  # type: ignore[no-untyped-def]
    """Draw triangle ``number`` with corners (x, y, nearness); whatever is nearer stays.

    A sample belongs to the triangle when its middle is inside or on the edge; of equals the one
    drawn first stays.
    """
    height, width = canvas.nearness.shape
    x0, x1 = span(min(a[0], b[0], c[0]), max(a[0], b[0], c[0]), width)
    if x0 > x1:
        return
    y0, y1 = span(min(a[1], b[1], c[1]), max(a[1], b[1], c[1]), height)
    if y0 > y1:
        return
    bx, by, cx, cy = b[0] - a[0], b[1] - a[1], c[0] - a[0], c[1] - a[1]
    area = bx * cy - cx * by
    if area == 0:
        return
    if area < 0:
        # Clockwise: with the edges turned round, weights are positive inside here too.
        area, bx, by, cx, cy = -area, -bx, -by, -cx, -cy
    px, py = (x0 << BITS) + HALF - a[0], (y0 << BITS) + HALF - a[1]
    at_b_row, at_c_row = px * cy - cx * py, bx * py - px * by
    b_x, b_y, c_x, c_y = cy << BITS, -(cx << BITS), -(by << BITS), bx << BITS
    per_b, per_c = (b[2] - a[2]) / area, (c[2] - a[2]) / area
    low, high = min(a[2], b[2], c[2]), max(a[2], b[2], c[2])
    cut = holes.cut[number]
    for y in range(y0, y1 + 1):
        at_b, at_c = at_b_row, at_c_row
        for x in range(x0, x1 + 1):
            if (at_b | at_c | (area - at_b - at_c)) >= 0:
                near = np.float32(min(max(a[2] + at_b * per_b + at_c * per_c, low), high))
                if near > canvas.nearness[y, x] and not (
                    cut and hole_at(holes, number, (a[2], b[2], c[2]), (at_b, at_c, area))
                ):
                    canvas.nearness[y, x] = near
                    canvas.triangle[y, x] = number
            at_b += b_x
            at_c += c_x
        at_b_row += b_y
        at_c_row += c_y


@exact_part
def hole_at(holes, number, nearness, edges):  # type: ignore[no-untyped-def]
    """``is_hole`` from edge values: weights are corrected for perspective by the nearness."""
    at_a = float(edges[2] - edges[0] - edges[1])
    at_b, at_c = float(edges[0]), float(edges[1])
    if holes.perspective:
        return is_hole(holes, number, (at_a * nearness[0], at_b * nearness[1], at_c * nearness[2]))
    return is_hole(holes, number, (at_a, at_b, at_c))


@exact
def draw_to_light(numbers, faces, corners, canvas, holes):  # type: ignore[no-untyped-def]
    """Draw into the map of a far light triangles with vertices ``faces`` (f, 3), which stand for
    the triangles ``numbers`` (f,) of the mesh."""
    for i in range(faces.shape[0]):
        fill(
            numbers[i],
            corner_of(corners, faces[i, 0]),
            corner_of(corners, faces[i, 1]),
            corner_of(corners, faces[i, 2]),
            canvas,
            holes,
        )


@exact_part
def corner_of(corners, vertex):  # type: ignore[no-untyped-def]
    """(x, y, nearness) of a vertex."""
    return (
        np.int64(corners.place[vertex, 0]),
        np.int64(corners.place[vertex, 1]),
        float(corners.nearness[vertex]),
    )


@exact
def draw_to_camera(numbers, surface, corners, lens, canvas, holes):  # type: ignore[no-untyped-def]
    """Draw triangles ``numbers`` as a camera sees them, cut off at NEAR_M.

    ``lens`` is (camera, room for clipping (7, 3)).
    """
    faces = surface.faces
    for i in range(numbers.shape[0]):
        number = numbers[i]
        a, b, c = faces[number, 0], faces[number, 1], faces[number, 2]
        in_front = 0
        for vertex in (a, b, c):
            if corners.nearness[vertex] > 0:
                in_front += 1
        if in_front == 3:
            fill(
                number,
                corner_of(corners, a),
                corner_of(corners, b),
                corner_of(corners, c),
                canvas,
                holes,
            )
        elif in_front > 0:
            clip_and_fill(number, surface, lens, canvas, holes)


@exact
def clip(number, surface, camera, seen, kept):  # type: ignore[no-untyped-def]
    """Write into ``kept`` (4, 3), in the camera's own axes, the corners of the part beyond NEAR_M
    of a triangle; return how many (Sutherland and Hodgman 1974). ``seen`` (3, 3) is overwritten."""
    for corner in range(3):
        vertex = surface.faces[number, corner]
        for axis in range(3):
            total = camera.shift[axis]
            for k in range(3):
                total += camera.rotation[axis, k] * surface.vertices[vertex, k]
            seen[corner, axis] = total
    count = 0
    for corner in range(3):
        following = (corner + 1) % 3
        here, there = seen[corner, 2], seen[following, 2]
        if here > NEAR_M:
            for axis in range(3):
                kept[count, axis] = seen[corner, axis]
            count += 1
        if (here > NEAR_M) != (there > NEAR_M):
            share = (NEAR_M - here) / (there - here)
            for axis in range(3):
                step = seen[following, axis] - seen[corner, axis]
                kept[count, axis] = seen[corner, axis] + share * step
            kept[count, 2] = NEAR_M
            count += 1
    return count


@exact
def clip_and_fill(number, surface, lens, canvas, holes):  # type: ignore[no-untyped-def]
    """Draw the part beyond NEAR_M of a triangle that crosses it.

    Holes in such a triangle are not where its texture has them: they are too near to be seen.
    """
    camera, room = lens
    count = clip(number, surface, camera, room[:3], room[3:])
    for corner in range(2, count):
        fill(
            number,
            seen_corner(room[3], camera),
            seen_corner(room[2 + corner], camera),
            seen_corner(room[3 + corner], camera),
            canvas,
            holes,
        )


@exact_part
def seen_corner(seen, camera):  # type: ignore[no-untyped-def]
    """(x, y, nearness) of a point in the camera's own axes."""
    inverse = 1.0 / seen[2]
    return (
        to_fixed(camera.focal * seen[0] * inverse + camera.middle_x),
        to_fixed(camera.focal * seen[1] * inverse + camera.middle_y),
        inverse,
    )


@exact
def owners(triangle, owner, nobody, seen):  # type: ignore[no-untyped-def]
    """Write into ``seen`` whose triangle each sample shows."""
    for y in range(triangle.shape[0]):
        for x in range(triangle.shape[1]):
            number = triangle[y, x]
            seen[y, x] = owner[number] if number >= 0 else nobody
