"""Where each figure is seen, counted over all samples of a picture."""

from __future__ import annotations

from classwatch.simulate.render.compiled import exact, exact_part


@exact
def extents(owner, weight, counted):  # type: ignore[no-untyped-def]
    """Fill ``counted``: (rows (f, H, 2), columns (f, W, 2), area (f,)).

    ``rows`` has the first and last column of figure f in each row of samples, ``columns`` the
    first and last row in each column; ``area`` adds ``weight`` (h, w) of the pixels. A weight of 0
    is outside the picture.
    """
    rows, columns, area = counted
    samples = owner.shape[0] // weight.shape[0]
    for y in range(owner.shape[0]):
        line = y // samples
        for x in range(owner.shape[1]):
            figure = owner[y, x]
            if figure < 0:
                continue
            share = weight[line, x // samples]
            if share <= 0:
                continue
            area[figure] += share
            rows[figure, y, 0] = min(rows[figure, y, 0], x)
            rows[figure, y, 1] = max(rows[figure, y, 1], x)
            columns[figure, x, 0] = min(columns[figure, x, 0], y)
            columns[figure, x, 1] = max(columns[figure, x, 1], y)


@exact
def seen_cells(owner, figure, projected, box, cells):  # type: ignore[no-untyped-def]
    """Mark in ``cells`` (c, c) where vertices of ``figure`` fall: 1, or 2 where it is seen there.

    ``projected`` (n, 3) are its vertices, ``box`` (left, top, size) the square in samples that
    the cells divide.
    """
    left, top, size = box
    count = cells.shape[0]
    for i in range(projected.shape[0]):
        x, y = projected[i, 0], projected[i, 1]
        if projected[i, 2] <= 0:
            continue
        column = min(int((x - left) / size * count), count - 1)
        row = min(int((y - top) / size * count), count - 1)
        inside = 0 <= x < owner.shape[1] and 0 <= y < owner.shape[0]
        if inside and owner[int(y), int(x)] == figure:
            cells[row, column] = 2
        elif cells[row, column] == 0:
            cells[row, column] = 1


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
        scale -= (scale * (1.0 + bend) - 1.0) / max(1.0 + 3.0 * bend, 1e-6)
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
