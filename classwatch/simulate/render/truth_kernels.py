"""Where each figure is seen, counted over all samples of a picture."""

from __future__ import annotations

import math

from classwatch.simulate.render.compiled import exact, exact_part


@exact
def extents(owner, weight, counted):  # type: ignore[no-untyped-def]
    """Fill ``counted``: (rows (f, H, 2), columns (f, W, 2), area (f,), seen (f,)).

    ``rows`` has the first and last column of figure f in each row of samples, ``columns`` the
    first and last row in each column; ``area`` adds ``weight`` (h, w) of the pixels and ``seen``
    counts samples. A weight of 0 is outside the picture.
    """
    rows, columns, area, seen = counted
    samples = owner.shape[0] // weight.shape[0]
    for y in range(owner.shape[0]):
        line = y // samples
        for x in range(owner.shape[1]):
            figure = owner[y, x]
            if figure < 0 or figure >= area.shape[0]:
                continue
            share = weight[line, x // samples]
            if share <= 0:
                continue
            area[figure] += share
            seen[figure] += 1
            rows[figure, y, 0] = min(rows[figure, y, 0], x)
            rows[figure, y, 1] = max(rows[figure, y, 1], x)
            columns[figure, x, 0] = min(columns[figure, x, 0], y)
            columns[figure, x, 1] = max(columns[figure, x, 1], y)


@exact_part
def shrink(squared, k1):  # type: ignore[no-untyped-def]
    """Radius in the distorted picture over that in the ideal one (squared, in half widths).

    Solves s (1 + k1 s^2 r^2) = 1 by Newton's method, as ``view.distort`` does; what lies beyond a
    lens's fold is as far out as the fold.
    """
    scale = 1.0
    if k1 < 0 and squared * -27.0 * k1 >= 4.0:
        return 1.5
    for _ in range(12):
        bend = k1 * scale * scale * squared
        step = (scale * (1.0 + bend) - 1.0) / max(1.0 + 3.0 * bend, 1e-6)
        scale -= step
        if abs(step) < 1e-12:
            break
    return scale


@exact
def distorted_box(projected, lens, box):  # type: ignore[no-untyped-def]
    """Fill ``box`` (4,) with the extent of vertices (n, 3) in the final picture; return whether
    all are before the camera. ``lens`` is (middle x, middle y, half width, k1),
    in samples; the extent is from the middle, in half widths."""
    middle_x, middle_y, half, k1 = lens
    for i in range(projected.shape[0]):
        if projected[i, 2] <= 0:
            return False
        x, y = (projected[i, 0] - middle_x) / half, (projected[i, 1] - middle_y) / half
        if k1 != 0:
            scale = shrink(x * x + y * y, k1)
            x, y = x * scale, y * scale
        box[0], box[1] = min(box[0], x), min(box[1], y)
        box[2], box[3] = max(box[2], x), max(box[3], y)
    return projected.shape[0] > 0


@exact
def fill_outline(projected, faces, span, box, mask):  # type: ignore[no-untyped-def]
    """Mark the cells of ``mask`` (c, c) whose middle a triangle covers; return how many.

    ``faces`` (m, 3) index ``projected`` (n, 3); those count that begin with a vertex of ``span``
    (first, one past the last). ``box`` is (left, top, size) in samples of the
    square that the cells divide. Triangles with a corner behind the camera are left out.
    """
    cells = mask.shape[0]
    scale = cells / box[2]
    filled = 0
    for k in range(faces.shape[0]):
        if not span[0] <= faces[k, 0] < span[1]:
            continue
        a, b, c = projected[faces[k, 0]], projected[faces[k, 1]], projected[faces[k, 2]]
        if min(a[2], b[2], c[2]) <= 0:
            continue
        ax, ay = (a[0] - box[0]) * scale, (a[1] - box[1]) * scale
        bx, by = (b[0] - a[0]) * scale, (b[1] - a[1]) * scale
        cx, cy = (c[0] - a[0]) * scale, (c[1] - a[1]) * scale
        area = bx * cy - cx * by
        if area == 0:
            continue
        left = max(0, math.ceil(ax + min(0.0, bx, cx) - 0.5))
        right = min(cells - 1, math.floor(ax + max(0.0, bx, cx) - 0.5))
        top = max(0, math.ceil(ay + min(0.0, by, cy) - 0.5))
        bottom = min(cells - 1, math.floor(ay + max(0.0, by, cy) - 0.5))
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                if mask[y, x]:
                    continue
                px, py = x + 0.5 - ax, y + 0.5 - ay
                at_b, at_c = (px * cy - cx * py) / area, (bx * py - px * by) / area
                if at_b >= 0 and at_c >= 0 and at_b + at_c <= 1:
                    mask[y, x] = 1
                    filled += 1
    return filled
