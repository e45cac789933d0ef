from __future__ import annotations

import cv2
import numpy as np
import pytest

from classwatch.core.errors import InputError
from classwatch.simulate.render.raster import Renderer
from classwatch.simulate.render.view import look_at, project_ideal
from classwatch.simulate.scene import LOOSE, ROOM, Material, Rendered, View
from tests.simulate.render.made import (
    BOUNDS,
    box,
    box_corners,
    facing,
    join,
    light,
    lighting,
    materials,
    quad,
    renderer,
)

AHEAD = look_at((0, 1, 0), (0, 1, 5), 90, 320, 180)
"""Focal length 160 px, the middle of the picture at (160, 90)."""
FLOOR = quad([(-4, 0, 8), (4, 0, 8), (4, 0, 0), (-4, 0, 0)])


def shares(drawn: Rendered, owner: int) -> float:
    """Area in pixels that ``owner`` covers."""
    return float((drawn.owner == owner).sum()) / drawn.samples**2


def middles(view: View, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Directions at depth 1, right and down, of the middles of all samples."""
    x = (np.arange(view.width_px * samples) + 0.5) / samples - view.width_px / 2
    y = (np.arange(view.height_px * samples) + 0.5) / samples - view.height_px / 2
    across, down = np.meshgrid(x / view.focal_px, y / view.focal_px)
    return across, down


@pytest.mark.parametrize("samples", [1, 2])
def test_a_cube_before_the_camera_covers_the_area_of_its_front(samples: int) -> None:
    # Front face 0.5 m at 2 m: 160 * 0.5 / 2 = 40 px a side; the sides are hidden behind it.
    cube = box(box_corners((-0.25, 0.75, 2.0), (0.25, 1.25, 2.5)), owner=0)
    drawn = renderer(cube).draw(cube.vertices_m, cube.normals, AHEAD, samples)
    assert shares(drawn, 0) == pytest.approx(1600, rel=0.001)
    rows, columns = np.nonzero(drawn.owner == 0)
    assert (columns.min(), columns.max() + 1) == (140 * samples, 180 * samples)
    assert (rows.min(), rows.max() + 1) == (70 * samples, 110 * samples)


def test_a_turned_cube_covers_the_hull_of_its_corners() -> None:
    turn, _ = cv2.Rodrigues(np.array([0.5, 0.7, 0.3]))
    corners = (box_corners((-0.3,) * 3, (0.3,) * 3)) @ turn.T + (0.2, 1.1, 2.0)
    cube = box(corners, owner=0)
    drawn = renderer(cube).draw(cube.vertices_m, cube.normals, AHEAD)
    pixels, _ = project_ideal(AHEAD, corners)
    hull = cv2.convexHull(pixels.astype(np.float32))
    assert shares(drawn, 0) == pytest.approx(cv2.contourArea(hull), rel=0.005)


def test_what_is_carried_is_drawn_where_it_is_now_and_belongs_to_nobody() -> None:
    wall, book = facing(0, 1, 3, 4), facing(0, 1, 2, 0.5, owner=LOOSE)
    scene = join([wall, book])
    moved = scene.vertices_m + np.where(scene.vertices_m[:, 2:] < 2.5, (0.5, 0, 0), 0)
    drawer = renderer(scene)
    at_rest = drawer.draw(scene.vertices_m, scene.normals, AHEAD)
    carried = drawer.draw(moved.astype(np.float32), scene.normals, AHEAD)
    # 160 * 0.5 / 2 = 40 px aside, to the left: the camera looks along +z.
    for drawn, column in ((at_rest, 160), (carried, 120)):
        nearest = np.argwhere(drawn.inverse_depth > 0.45) / drawn.samples
        assert nearest.mean(axis=0) == pytest.approx((90, column), abs=0.6)
        assert (drawn.owner == ROOM).all()


def test_the_nearer_surface_is_seen_whatever_the_order() -> None:
    near, far = facing(0.3, 1, 2, 1, owner=1), facing(0, 1, 3, 2, owner=0)
    for meshes in ([near, far], [far, near]):
        scene = join(meshes)
        drawn = renderer(scene).draw(scene.vertices_m, scene.normals, AHEAD)
        owner = drawn.owner[180, 300], drawn.owner[180, 400]
        depth_m = 1 / drawn.inverse_depth[180, 300], 1 / drawn.inverse_depth[180, 400]
        assert owner == (1, 0)
        np.testing.assert_allclose(depth_m, (2, 3), rtol=1e-5)
        assert drawn.owner[5, 5] == ROOM
        assert drawn.inverse_depth[5, 5] == 0
        assert drawn.triangle[5, 5] == -1


def test_a_floor_that_passes_under_the_camera_is_seen_up_to_its_edges() -> None:
    # Its corners at z = -2 lie behind the camera: what is drawn must be what each sample's own
    # ray meets.
    floor = quad([(-1, 0, 6), (1, 0, 6), (1, 0, -2), (-1, 0, -2)])
    drawn = renderer(floor).draw(floor.vertices_m, floor.normals, AHEAD)
    across, down = middles(AHEAD, 2)
    with np.errstate(divide="ignore"):
        depth_m = 1 / down
    expected = (down > 0) & (depth_m < 6) & (np.abs(across * depth_m) < 1) & (depth_m > 0.1)
    assert ((drawn.triangle >= 0) != expected).mean() < 0.001
    assert expected.mean() > 0.1
    both = (drawn.triangle >= 0) & expected
    np.testing.assert_allclose(drawn.inverse_depth[both], down[both], rtol=2e-3, atol=1e-3)


def test_triangles_that_share_edges_leave_no_gap() -> None:
    rng = np.random.default_rng(8)
    side = 40
    x, y = np.meshgrid(np.linspace(-4, 4, side), np.linspace(-2, 4, side))
    x[1:-1, 1:-1] += rng.uniform(-0.07, 0.07, (side - 2, side - 2))
    y[1:-1, 1:-1] += rng.uniform(-0.05, 0.05, (side - 2, side - 2))
    tiles = []
    for j in range(side - 1):
        for i in range(side - 1):
            ends = ((j, i + 1), (j, i), (j + 1, i), (j + 1, i + 1))
            tiles.append(quad([(x[e], y[e], 3.0) for e in ends]))
    wall = join(tiles)
    drawn = renderer(wall).draw(wall.vertices_m, wall.normals, AHEAD)
    assert (drawn.triangle >= 0).all()


def test_a_shadow_falls_where_geometry_says() -> None:
    # A plate 1 m above the floor, light from 45 degrees at +x: the shadow lies 1 m towards -x.
    plate = quad([(-0.5, 1, 4.5), (0.5, 1, 4.5), (0.5, 1, 3.5), (-0.5, 1, 3.5)], owner=0)
    scene = join([FLOOR, plate])
    lit = Renderer(scene, materials(), lighting(light((1, 1, 0))), BOUNDS)
    above = look_at((0, 2.5, 0.5), (0, 0, 4), 90, 320, 180)
    drawn = lit.draw(scene.vertices_m, scene.normals, above)
    under, beside, before = (-1.0, 0, 4.0), (1.0, 0, 4.0), (-1.0, 0, 2.8)
    pixels, _ = project_ideal(above, [under, beside, before])
    seen = [drawn.light[int(p[1]), int(p[0]), 0] for p in pixels]
    # White floor: ambient 0.1, and 0.5 cos 45 degrees where the light comes.
    np.testing.assert_allclose(seen, [0.1, 0.1 + 0.5 * 0.7071, 0.1 + 0.5 * 0.7071], atol=0.02)


def test_what_casts_no_shadow_lets_light_through() -> None:
    plate = quad([(-0.5, 1, 4.5), (0.5, 1, 4.5), (0.5, 1, 3.5), (-0.5, 1, 3.5)], 0, material=1)
    scene = join([FLOOR, plate])
    pair = (Material("white"), Material("glass", casts_shadow=False))
    lit = Renderer(scene, materials(*pair), lighting(light((1, 1, 0))), BOUNDS)
    above = look_at((0, 2.5, 0.5), (0, 0, 4), 90, 320, 180)
    drawn = lit.draw(scene.vertices_m, scene.normals, above)
    pixel, _ = project_ideal(above, [(-1.0, 0, 4.0)])
    assert drawn.light[int(pixel[0, 1]), int(pixel[0, 0]), 0] > 0.4


def test_ambient_light_is_kept_from_corners() -> None:
    wall = quad([(4, 0, 5), (-4, 0, 5), (-4, 3, 5), (4, 3, 5)])
    scene = join([FLOOR, wall])
    drawn = renderer(scene).draw(scene.vertices_m, scene.normals, AHEAD)
    # The wall gets ambient light only (its normal is level, the light comes from above).
    pixels, _ = project_ideal(AHEAD, [(0, 0.05, 5), (0, 1.5, 5)])
    corner, middle = (drawn.light[int(p[1]), int(p[0]), 0] for p in pixels)
    assert corner < 0.85 * middle
    assert middle == pytest.approx(0.1, abs=0.01)


def test_a_texture_lies_the_right_way_up_and_has_holes() -> None:
    texture = np.zeros((4, 4, 4), np.uint8)
    texture[:2, :2] = (255, 0, 0, 255)
    texture[:2, 2:] = (0, 255, 0, 255)
    texture[2:, :2] = (0, 0, 255, 255)
    pane = facing(0, 1, 2, 1, owner=0)
    leaf = Material("leaf", texture=texture, emission=0.6, cutout=True)
    drawn = renderer(pane, leaf).draw(pane.vertices_m, pane.normals, AHEAD)
    # 80 px a side about (160, 90); seen from the front, u grows to the right, v upwards.
    quarters = [drawn.light[y, x].argmax() for y, x in ((70, 140), (70, 180), (110, 140))]
    assert quarters == [0, 1, 2]
    assert drawn.triangle[220, 360] == -1


def test_a_fine_pattern_far_away_becomes_grey() -> None:
    texture = np.zeros((256, 256, 3), np.uint8)
    texture[::2, ::2] = 255
    texture[1::2, 1::2] = 255
    far = facing(0, 1, 7, 1, owner=0)
    glow = Material("fine", texture=texture, emission=0.5)
    drawn = renderer(far, glow).draw(far.vertices_m, far.normals, AHEAD)
    seen = drawn.light[82:98, 152:168, 0]
    # 11 texels a pixel: every pixel shows the mean byte, which is 128; light 0.216 x (0.5 + 0.1).
    np.testing.assert_allclose(seen, 0.2159 * 0.6, rtol=0.02)


def people(rng: np.random.Generator, count: int) -> list:
    """Boxes that stand for people."""
    made = []
    for owner in range(count):
        x, z = rng.uniform(-2, 2), rng.uniform(2, 6)
        corners = box_corners((x - 0.2, 0.3, z - 0.15), (x + 0.2, 1.3, z + 0.15))
        made.append(box(corners, owner, material=1))
    return made


@pytest.mark.parametrize("samples", [1, 2])
def test_what_is_kept_of_the_empty_room_changes_nothing(samples: int) -> None:
    rng = np.random.default_rng(5)
    wall = quad([(4, 0, 7), (-4, 0, 7), (-4, 3, 7), (4, 3, 7)])
    desk = box(box_corners((-1, 0.5, 3), (1, 0.6, 3.6)))
    scene = join([FLOOR, wall, desk, *people(rng, 5)])
    lights = lighting(light((0.2, 1, 0.1), 7.0), light((1, 0.6, 0.2), 3.0))
    looks = materials(Material("white", specular=0.1), Material("cloth", wrap=0.2))
    keeping = Renderer(scene, looks, lights, BOUNDS)
    forgetting = Renderer(scene, looks, lights, BOUNDS, keep_views=0)
    view = look_at((1, 2.5, 0.3), (0, 0.5, 4), 90, 320, 180, k1=0.04)
    figure = np.zeros(len(scene.vertices_m), bool)
    figure[scene.faces[scene.owner != ROOM]] = True
    for step in range(4):
        moved = scene.vertices_m.copy()
        moved[figure] += np.array([0.3 * step, 0.1 * step, -0.2 * step], np.float32)
        kept = keeping.draw(moved, scene.normals, view, samples)
        fresh = forgetting.draw(moved, scene.normals, view, samples)
        for name in ("light", "owner", "inverse_depth", "triangle", "projected"):
            np.testing.assert_array_equal(getattr(kept, name), getattr(fresh, name), name)
    assert keeping.draws_kept == 3


def test_two_renderers_draw_the_same_bytes() -> None:
    scene = join([FLOOR, *people(np.random.default_rng(1), 4)])
    pair = (Material("white"), Material("cloth", wrap=0.2))
    first, second = (
        renderer(scene, *pair).draw(scene.vertices_m, scene.normals, AHEAD).light.tobytes()
        for _ in range(2)
    )
    assert first == second


def test_vertices_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="do not fit"):
        renderer(FLOOR).draw(FLOOR.vertices_m[:3], FLOOR.normals[:3], AHEAD)


def test_a_scene_that_does_not_fit_together_is_refused() -> None:
    with pytest.raises(InputError, match="materials outside"):
        renderer(quad(FLOOR.vertices_m.tolist(), material=3))
    with pytest.raises(InputError, match="lights"):
        Renderer(FLOOR, materials(), lighting(*[light((0, 1, 0))] * 4), BOUNDS)
