"""Shapes: they close, face outwards and keep their measures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from classwatch.simulate.room.mesh import (
    MeshBuilder,
    Paint,
    Piece,
    Place,
    ball,
    box,
    circle,
    prism,
    rounded,
    sheet,
    standing,
    wave,
)

SOLIDS = {
    "box": (box((-1, 0, -2), (1, 0.5, 2)), 2 * 0.5 * 4),
    "cylinder": (prism(circle(0.5, 64), 0.0, 2.0), math.pi * 0.25 * 2),
    "rounded": (prism(rounded(1.0, 0.5, 0.0001), 0.0, 0.1), 2 * 1 * 0.1),
    "ball": (ball(1.0, 64), 4 / 3 * math.pi),
}


def triangle_normals(piece: Piece) -> tuple[np.ndarray, np.ndarray]:
    """Unit normals from the order of corners, and areas."""
    a, b, c = (piece.vertices_m[piece.faces[:, k]] for k in range(3))
    cross = np.cross(b - a, c - a)
    area = np.linalg.norm(cross, axis=1) / 2
    return cross / (2 * area[:, None]), area


@pytest.mark.parametrize("name", SOLIDS)
def test_solids_enclose_their_volume(name: str) -> None:
    piece, volume_m3 = SOLIDS[name]
    a, b, c = (piece.vertices_m[piece.faces[:, k]] for k in range(3))
    # The divergence theorem: positive only where faces are counter-clockwise from outside.
    measured = float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)
    assert measured == pytest.approx(volume_m3, rel=0.01)


@pytest.mark.parametrize("name", SOLIDS)
def test_normals_are_unit_and_agree_with_the_faces(name: str) -> None:
    piece, _ = SOLIDS[name]
    assert np.linalg.norm(piece.normals, axis=1) == pytest.approx(np.ones(len(piece.normals)))
    flat, area = triangle_normals(piece)
    assert area.min() > 0
    for corner in range(3):
        agreement = np.einsum("ij,ij->i", flat, piece.normals[piece.faces[:, corner]])
        assert agreement.min() > 0.9


def test_normals_of_a_box_point_away_from_its_middle() -> None:
    piece = box((2, 3, 4), (5, 5, 5))
    outwards = piece.vertices_m - np.array([3.5, 4.0, 4.5])
    assert (np.einsum("ij,ij->i", outwards, piece.normals) > 0).all()


def test_a_box_draws_only_the_faces_asked_for() -> None:
    piece = box((0, 0, 0), (1, 1, 1), faces="YZ")
    assert {tuple(n) for n in piece.normals.tolist()} == {(0.0, 1.0, 0.0), (0.0, 0.0, 1.0)}
    assert len(piece.faces) == 4


def test_the_texture_of_a_box_keeps_its_scale() -> None:
    piece = box((0, 0, 0), (3, 1, 1), texture_m=0.5, faces="Z")
    assert np.ptp(piece.uv[:, 0]) == pytest.approx(6)
    assert np.ptp(piece.uv[:, 1]) == pytest.approx(2)


def test_a_sheet_is_cut_into_cells_without_changing_area() -> None:
    corners = [(0, 0, 0), (2, 0, 0), (2, 1, 0), (0, 1, 0)]
    whole = sheet(corners, [(0, 0), (1, 0), (1, 1), (0, 1)])
    cut = sheet(corners, [(0, 0), (1, 0), (1, 1), (0, 1)], 0.5)
    assert len(whole.faces) == 2
    assert len(cut.faces) == 4 * 2 * 2
    normals, area = triangle_normals(cut)
    assert area.sum() == pytest.approx(2.0)
    assert normals == pytest.approx(np.tile([0.0, 0.0, 1.0], (16, 1)))
    at = cut.vertices_m
    assert cut.uv == pytest.approx(np.stack([at[:, 0] / 2, at[:, 1]], axis=1))


def test_what_stands_has_no_underside_but_all_else() -> None:
    whole = prism(circle(1.0, 8), 0.0, 2.0)
    cut = standing(whole)
    normals, area = triangle_normals(cut)
    assert normals[:, 1].min() > -1e-9
    bottom_m2 = 0.5 * 8 * math.sin(2 * math.pi / 8)
    assert area.sum() == pytest.approx(triangle_normals(whole)[1].sum() - bottom_m2)
    assert len(np.unique(cut.faces)) == len(cut.vertices_m)


def test_a_place_turns_forward_to_where_a_person_looks() -> None:
    """Yaw pi/2 takes +z (forward) to +x, the left of somebody who faces the class."""
    place = Place(1.0, 0.0, 2.0, math.pi / 2)
    ahead = place.world(np.array([[0.0, 0.0, 3.0]]))[0]
    assert ahead == pytest.approx([4.0, 0.0, 2.0])
    inner = place.at(0.0, 1.0, 3.0, math.pi / 2)
    assert (inner.x_m, inner.y_m, inner.z_m) == pytest.approx((4.0, 1.0, 2.0))
    assert inner.yaw == pytest.approx(math.pi)


def test_a_curtain_has_folds_and_hangs_between_its_ends() -> None:
    piece = wave(1.2, 2.0, 5, 0.04)
    assert np.ptp(piece.vertices_m[:, 0]) == pytest.approx(1.2)
    assert np.ptp(piece.vertices_m[:, 1]) == pytest.approx(2.0)
    assert np.abs(piece.vertices_m[:, 2]).max() <= 0.04
    assert np.linalg.norm(piece.normals, axis=1) == pytest.approx(np.ones(len(piece.normals)))


def test_pieces_join_into_one_mesh() -> None:
    builder = MeshBuilder()
    builder.box((0, 0, 0), (1, 1, 1), Paint(3, (0.5, 0.5, 0.5)))
    builder.picture((0, 0), (1, 1), Paint(4), Place(5, 0, 0), step_m=0)
    mesh = builder.mesh()
    assert len(mesh.vertices_m) == 24 + 4
    assert mesh.material.tolist() == [3] * 12 + [4] * 2
    assert mesh.faces.max() == 27
    assert mesh.faces[12:].min() == 24
    assert set(mesh.owner.tolist()) == {-1}
    assert mesh.vertices_m[24:, 0].min() == 5
