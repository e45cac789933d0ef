"""Ambient occlusion in screen space: what is near keeps light from all sides away."""

from __future__ import annotations

from classwatch.simulate.render.compiled import fast, fast_part

_LEAST_OPEN = 0.15
_FARTHEST_CELLS = 48.0


@fast_part
def reach_of(depth, radius):  # type: ignore[no-untyped-def]
    """Cells that ``radius`` (in cells at depth 1) spans at a depth."""
    return min(max(radius / depth, 1.5), _FARTHEST_CELLS)


@fast_part
def none_near(sums, y, x, reach):  # type: ignore[no-untyped-def]
    """Whether a box around a cell holds no figure; ``sums`` (h + 1, w + 1) is an integral image."""
    height, width = sums.shape[0] - 1, sums.shape[1] - 1
    top, bottom = max(0, y - reach), min(height, y + reach + 1)
    left, right = max(0, x - reach), min(width, x + reach + 1)
    return sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left] == 0


@fast
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


@fast_part
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


@fast_part
def rise_of(here, there, radius_m):  # type: ignore[no-untyped-def]
    """How far a neighbour stands out towards the eye; what is far before it does not count."""
    if there <= 0:
        return -radius_m
    rise = here - there
    return -radius_m if rise > 2.0 * radius_m else rise
