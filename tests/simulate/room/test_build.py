"""Furnished rooms: sound geometry, textures that a renderer can use, variety and repeatability."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pytest

from classwatch.simulate.room.board import BoardContent, Slide, SlideKind
from classwatch.simulate.room.build import build_room, repaint
from classwatch.simulate.room.plan import free_board, plan_room
from classwatch.simulate.scene import ROOM, BuiltRoom, Materials, Mesh
from classwatch.simulate.script import Room

CONTENT = BoardContent(
    ("认识分数", "1/2 + 1/4"), Slide(SlideKind.POINTS, "想一想", ("四分之一",), 1, 3)
)
LAYOUTS = ("rows", "pairs", "groups")


def built(
    room: Room, seed: int, content: BoardContent | None = None
) -> tuple[BuiltRoom, Materials]:
    materials = Materials()
    return build_room(room, plan_room(room, seed), seed, materials, content), materials


def digest(mesh: Mesh, materials: Materials) -> str:
    total = sha256()
    arrays = (mesh.vertices_m, mesh.normals, mesh.uv, mesh.openness, mesh.faces, mesh.material)
    for array in (*arrays, mesh.tint):
        total.update(array.tobytes())
    for material in materials.items:
        total.update(repr((material.name, material.colour, material.emission)).encode())
        if material.texture is not None:
            total.update(material.texture.tobytes())
    return total.hexdigest()


@pytest.fixture(
    scope="module", params=[(layout, seed) for layout in LAYOUTS for seed in (0, 1, 2, 5)]
)
def case(request: pytest.FixtureRequest) -> tuple[BuiltRoom, Materials]:
    layout, seed = request.param
    return built(Room(layout=layout, rows=5, columns=6), seed, CONTENT)


def test_arrays_have_the_shapes_of_the_contract(case: tuple[BuiltRoom, Materials]) -> None:
    mesh = case[0].mesh
    n, m = len(mesh.vertices_m), len(mesh.faces)
    assert mesh.vertices_m.shape == mesh.normals.shape == (n, 3)
    assert mesh.uv.shape == (n, 2)
    assert mesh.openness.shape == (n,)
    assert mesh.tint.shape == (m, 3)
    assert mesh.material.shape == mesh.owner.shape == (m,)
    dtypes = (mesh.vertices_m.dtype, mesh.uv.dtype, mesh.openness.dtype, mesh.tint.dtype)
    assert all(d == np.float32 for d in dtypes)
    assert (mesh.faces.dtype, mesh.material.dtype, mesh.owner.dtype) == ("int32", "int16", "int16")
    assert (mesh.owner == ROOM).all()


def test_numbers_are_finite_and_in_range(case: tuple[BuiltRoom, Materials]) -> None:
    mesh, materials = case[0].mesh, case[1]
    for array in (mesh.vertices_m, mesh.normals, mesh.uv, mesh.tint, mesh.openness):
        assert np.isfinite(array).all()
    assert mesh.faces.min() >= 0
    assert mesh.faces.max() < len(mesh.vertices_m)
    assert mesh.material.min() >= 0
    assert mesh.material.max() < len(materials.items)
    assert np.linalg.norm(mesh.normals, axis=1) == pytest.approx(
        np.ones(len(mesh.normals)), abs=1e-5
    )
    assert 0 < mesh.openness.min() <= mesh.openness.max() <= 1
    assert 0 <= mesh.tint.min() <= mesh.tint.max() <= 1.25


def test_faces_turn_the_way_their_normals_point(case: tuple[BuiltRoom, Materials]) -> None:
    mesh = case[0].mesh
    a, b, c = (mesh.vertices_m[mesh.faces[:, k]].astype(float) for k in range(3))
    flat = np.cross(b - a, c - a)
    mean = mesh.normals[mesh.faces].mean(axis=1)
    turn = np.einsum("ij,ij->i", flat, mean)
    assert (turn > 0).mean() > 0.999


def test_walls_floor_and_ceiling_look_into_the_room(case: tuple[BuiltRoom, Materials]) -> None:
    room, materials = case
    mesh, plan = room.mesh, room.plan
    middle = np.array([0.0, plan.height_m / 2, plan.depth_m / 2])
    names = {"room wall", "room window wall", "room ceiling", "room floor", "room dado"}
    numbers = [k for k, material in enumerate(materials.items) if material.name in names]
    for corner in mesh.faces[np.isin(mesh.material, numbers)].T:
        big = np.abs(mesh.vertices_m[corner] - middle)
        shell = (big[:, 1] > plan.height_m / 2 - 1e-4) | (big[:, 2] > plan.depth_m / 2 - 1e-4)
        inwards = np.einsum("ij,ij->i", middle - mesh.vertices_m[corner], mesh.normals[corner])
        assert shell.any()
        assert (inwards[shell] > -1e-4).mean() > 0.97


def test_the_room_is_small_enough_to_draw(case: tuple[BuiltRoom, Materials]) -> None:
    room, materials = case
    assert 5_000 < len(room.mesh.faces) < 60_000
    pictures = [m.texture for m in materials.items if m.texture is not None]
    for picture in pictures:
        assert picture.dtype == np.uint8
        assert picture.ndim == 3
        assert picture.shape[2] in (3, 4)
        assert all(side & (side - 1) == 0 for side in picture.shape[:2])
    assert sum(p.nbytes for p in pictures) < 64_000_000


def test_furniture_stands_in_the_room(case: tuple[BuiltRoom, Materials]) -> None:
    room, materials = case
    mesh, plan = room.mesh, room.plan
    far = [k for k, m in enumerate(materials.items) if m.name in ("room outside", "room corridor")]
    inside = mesh.vertices_m[mesh.faces[~np.isin(mesh.material, far)].ravel()]
    assert np.abs(inside[:, 0]).max() < plan.width_m / 2 + 0.25
    assert inside[:, 1].min() > -0.01
    assert inside[:, 1].max() < plan.height_m + 0.01
    assert -0.25 < inside[:, 2].min() < inside[:, 2].max() < plan.depth_m + 0.25


def test_a_desk_top_lies_at_its_height_before_every_seat(case: tuple[BuiltRoom, Materials]) -> None:
    """Straight down on the place in front of somebody one meets wood at the desk's height."""
    room, materials = case
    mesh = room.mesh
    number = next(k for k, m in enumerate(materials.items) if m.name == "room desk")
    a, b, c = (mesh.vertices_m[mesh.faces[mesh.material == number, k]] for k in range(3))
    for seat in room.plan.seats:
        x = seat.x_m + np.sin(seat.yaw) * (seat.desk_edge_m + 0.1)
        z = seat.z_m + np.cos(seat.yaw) * (seat.desk_edge_m + 0.1)
        area = _cross(b - a, c - a)
        safe = np.where(np.abs(area) < 1e-9, np.inf, area)
        at = np.array([x, 0, z])
        u, v = _cross(at - a, c - a) / safe, _cross(b - a, at - a) / safe
        hit = (u >= -1e-6) & (v >= -1e-6) & (u + v <= 1 + 1e-6) & np.isfinite(safe)
        height = (a[:, 1] + u * (b - a)[:, 1] + v * (c - a)[:, 1])[hit]
        assert height.max() == pytest.approx(seat.desk_height_m, abs=1e-3)


def _cross(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return first[..., 0] * second[..., 2] - first[..., 2] * second[..., 0]


def test_the_same_seed_gives_the_same_bytes() -> None:
    room = Room(rows=2, columns=3)
    first, second = built(room, 9, CONTENT), built(room, 9, CONTENT)
    assert digest(first[0].mesh, first[1]) == digest(second[0].mesh, second[1])


def test_other_seeds_give_other_rooms() -> None:
    room = Room(rows=2, columns=2)
    digests, pictures = set(), set()
    for seed in range(4):
        made, materials = built(room, seed)
        digests.add(digest(made.mesh, materials))
        by_name = {m.name: m.texture for m in materials.items}
        pictures.add(by_name["room poster 0"].tobytes())
    assert len(digests) == len(pictures) == 4


def test_the_mesh_does_not_depend_on_what_is_written() -> None:
    room = Room(rows=3, columns=4, light="projector")
    empty, before = built(room, 4)
    full, after = built(room, 4, CONTENT)
    assert empty.mesh.faces.tobytes() == full.mesh.faces.tobytes()
    assert empty.mesh.vertices_m.tobytes() == full.mesh.vertices_m.tobytes()
    assert empty.mesh.material.tobytes() == full.mesh.material.tobytes()
    assert [m.name for m in before.items] == [m.name for m in after.items]
    changed = {
        m.name
        for m, other in zip(before.items, after.items, strict=True)
        if m.texture is not None and m.texture.tobytes() != other.texture.tobytes()
    }
    assert changed == {"room board", "room screen"}


def test_repainting_equals_building_with_the_content() -> None:
    room = Room(rows=3, columns=4, light="mixed")
    _, materials = built(room, 4)
    materials.items.insert(0, materials.items.pop())
    repaint(materials, room, 4, CONTENT)
    fresh = {m.name: m for m in built(room, 4, CONTENT)[1].items}
    for material in materials.items:
        if material.texture is not None:
            assert material.texture.tobytes() == fresh[material.name].texture.tobytes()


def test_a_plan_of_another_room_is_refused() -> None:
    room = Room(rows=3, columns=4)
    with pytest.raises(ValueError, match="not the one"):
        build_room(room, plan_room(room, 1), 2, Materials())


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 10])
def test_the_free_part_of_the_board_is_not_behind_the_screen(seed: int) -> None:
    """Nothing that belongs to the screen at the wall stands over where writing begins."""
    room = Room(rows=2, columns=6)
    made, materials = built(room, seed)
    mesh, plan = made.mesh, made.plan
    low_m, high_m = free_board(room, seed)
    assert plan.board_right_m <= low_m < high_m <= plan.board_left_m
    assert high_m - low_m > 0.5
    number = next(k for k, m in enumerate(materials.items) if m.name == "room screen")
    at = mesh.vertices_m[mesh.faces[mesh.material == number].ravel()]
    at_wall = at[at[:, 2] < 0.4]
    over = at_wall[(at_wall[:, 0] < high_m) & (at_wall[:, 0] > low_m)]
    assert len(over) == 0


def test_the_largest_room_stays_within_its_budget() -> None:
    made, _ = built(Room(layout="rows", rows=12, columns=12, age="upper"), 3)
    assert len(made.mesh.faces) < 60_000
