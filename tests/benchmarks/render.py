"""Cost of one picture of 25 people in a room, in seconds of one core.

``python -m tests.benchmarks.render`` prints the median of five pictures of each: drawn onto what
is kept of the empty room, drawn whole, and what comes after (truth, the camera's faults). People
are rounded columns of as many triangles as a dressed character has.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from classwatch.simulate.render.camera_faults import Exposure, develop, draw_faults
from classwatch.simulate.render.raster import Renderer
from classwatch.simulate.render.view import look_at
from classwatch.simulate.render.visibility import observe
from classwatch.simulate.scene import Material, Mesh, PosedFigure
from tests.simulate.render.made import box, box_corners, join, light, lighting, materials, quad

TRIANGLES = 14_000
ROOM_M = ((-4.0, 0.0, 0.0), (4.0, 3.0, 8.0))


def person(owner: int, x_m: float, z_m: float) -> Mesh:
    """A column 1.2 m high with a round top and bottom, standing at a place."""
    around = int((TRIANGLES / 2) ** 0.5)
    turn, rise = np.meshgrid(np.linspace(0, 2 * np.pi, around), np.linspace(0, np.pi, around))
    normals = np.stack(
        [np.cos(turn) * np.sin(rise), -np.cos(rise), np.sin(turn) * np.sin(rise)], 2
    ).reshape(-1, 3)
    places = normals * (0.22, 0.6, 0.16) + (x_m, 0.65, z_m)
    first = (np.arange(around - 1)[:, None] * around + np.arange(around - 1)).ravel()
    low = np.stack([first, first + around, first + 1], 1)
    high = np.stack([first + 1, first + around, first + around + 1], 1)
    faces = np.concatenate([low, high])
    count = len(faces)
    return Mesh(
        places.astype(np.float32),
        normals.astype(np.float32),
        np.stack([turn, rise], 2).reshape(-1, 2).astype(np.float32),
        np.ones(len(places), np.float32),
        faces.astype(np.int32),
        np.full(count, 1, np.int16),
        np.full((count, 3), 0.6, np.float32),
        np.full(count, owner, np.int16),
    )


def room() -> list[Mesh]:
    """Floor, back wall and 25 desks."""
    floor = quad([(-4, 0, 8), (4, 0, 8), (4, 0, 0), (-4, 0, 0)])
    wall = quad([(4, 0, 8), (-4, 0, 8), (-4, 3, 8), (4, 3, 8)])
    desks = [
        box(box_corners((x - 0.3, 0.6, z - 0.2), (x + 0.3, 0.7, z + 0.2))) for x, z in seats(-0.5)
    ]
    return [floor, wall, *desks]


def seats(nearer_m: float = 0.0) -> list[tuple[float, float]]:
    """25 places in rows."""
    return [(x, 2.6 + 1.1 * row + nearer_m) for row in range(5) for x in np.linspace(-2.6, 2.6, 5)]


def seconds(call: Callable[[], object]) -> float:
    """Median processor seconds of five calls after three that are not counted."""
    times: list[float] = []
    for repeat in range(8):
        began = time.thread_time()
        call()
        if repeat >= 3:
            times.append(time.thread_time() - began)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=2)
    samples = parser.parse_args().samples
    people = [person(i, x, z) for i, (x, z) in enumerate(seats())]
    static = room()
    scene = join([*static, *people])
    first = sum(len(m.vertices_m) for m in static)
    size = len(people[0].vertices_m)
    ranges = [(first + i * size, first + (i + 1) * size) for i in range(len(people))]
    texture = np.random.default_rng(0).integers(90, 250, (256, 256, 3)).astype(np.uint8)
    looks = materials(Material("wall", specular=0.05), Material("cloth", texture=texture, wrap=0.1))
    lights = lighting(light((0.1, 1, 0.1), 7), light((1, 0.7, 0.2), 3), light((0.2, 0.8, -0.8), 8))
    view = look_at((0.8, 2.6, 0.2), (0, 0.6, 4.5), 85, 1280, 720, k1=0.03)
    joints = np.tile(np.array([0.0, 1.0, 4.0]), (17, 1))
    figures = [PosedFigure(m.vertices_m, m.normals, joints) for m in people]
    kept = Renderer(scene, looks, lights, ROOM_M)
    whole = Renderer(scene, looks, lights, ROOM_M, keep_views=0)
    drawn = kept.draw(scene.vertices_m, scene.normals, view, samples)
    rng = np.random.default_rng(1)
    faults = draw_faults(rng)
    exposure = Exposure(scene.faces, drawn.projected + np.float32(1))
    print(f"{len(scene.faces)} triangles, {len(people)} people, 1280x720, {samples} samples a side")
    rows: dict[str, Callable[[], object]] = {
        "drawn onto the empty room": lambda: kept.draw(
            scene.vertices_m, scene.normals, view, samples
        ),
        "drawn whole": lambda: whole.draw(scene.vertices_m, scene.normals, view, samples),
        "truth": lambda: observe(drawn, view, figures, ranges, scene.faces),
        "camera": lambda: develop(drawn, view, rng, faults, exposure),
    }
    for name, call in rows.items():
        print(f"{name:28s}{seconds(call):.3f} s")


if __name__ == "__main__":
    main()
