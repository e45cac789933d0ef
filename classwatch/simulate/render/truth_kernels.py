"""Where each figure is seen, counted over all samples of a picture."""

from __future__ import annotations

import numba


@numba.njit(cache=True)
def extents(owner, weight, counted):  # type: ignore[no-untyped-def]
    """Fill ``counted``: (rows (f, H, 2), columns (f, W, 2), area (f,)).

    ``rows`` has the first and last column of figure f in each row of samples, ``columns`` the
    first and last row in each column; ``area`` adds ``weight`` (h, w) of the pixels. A weight of 0
    is outside the picture.
    """
    rows, columns, area = counted
    samples = owner.shape[0] // weight.shape[0]
    for y in range(owner.shape[0]):
        for x in range(owner.shape[1]):
            figure = owner[y, x]
            if figure < 0:
                continue
            share = weight[y // samples, x // samples]
            if share <= 0:
                continue
            area[figure] += share
            rows[figure, y, 0] = min(rows[figure, y, 0], x)
            rows[figure, y, 1] = max(rows[figure, y, 1], x)
            columns[figure, x, 0] = min(columns[figure, x, 0], y)
            columns[figure, x, 1] = max(columns[figure, x, 1], y)


@numba.njit(cache=True)
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
