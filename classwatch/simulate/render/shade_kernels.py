"""Light for all pixels of a picture."""

from __future__ import annotations

from classwatch.simulate.render.compiled import fast, fast_part
from classwatch.simulate.render.light_kernels import look_at_sample

_STEP = 1.025
"""Depths that differ by more than this factor within a pixel are an edge."""


@fast_part
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


@fast
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
