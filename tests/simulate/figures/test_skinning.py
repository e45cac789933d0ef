from __future__ import annotations

import sys

import numpy as np
import pytest

from classwatch.core.errors import ModelError
from classwatch.simulate.figures import held
from classwatch.simulate.figures.bones import BONES, NUMBER
from classwatch.simulate.figures.fitting import Fitted, fit
from classwatch.simulate.figures.load import load_character
from classwatch.simulate.figures.looks import Look
from classwatch.simulate.figures.rotations import about
from classwatch.simulate.figures.schematic import schematic_library
from classwatch.simulate.figures.skeleton import Posed
from classwatch.simulate.figures.skinning import bend, bone_matrices, keypoints, twins

BODY = slice(None, -held.VERTICES)
"""The vertices that are no things to hold."""
LOOK = Look(1.0, 1.0, False, True, (1, 1, 1), (0, 0, 0), None, None, None, 0, False)


def fitted(look: Look = LOOK) -> Fitted:
    character = schematic_library().characters[0]
    return fit(character, look, 0, np.random.default_rng(0))


def at_rest(heads: np.ndarray) -> np.ndarray:
    posed = Posed(np.broadcast_to(np.eye(3), (1, len(BONES), 3, 3)).copy(), heads[None].copy())
    return bone_matrices(posed, heads[None], np.eye(3)[None], np.zeros((1, 3)))[0]


def test_bones_at_rest_leave_mesh_and_keypoints_where_they_are() -> None:
    skin = fitted().skin
    bones = at_rest(skin.bone_heads_m)
    vertices, _ = bend(skin, bones)
    np.testing.assert_allclose(vertices[BODY], skin.vertices_m[BODY], atol=1e-6)
    np.testing.assert_allclose(keypoints(skin, bones), skin.keypoints_m, atol=1e-12)


@pytest.mark.shared
def test_real_figures_at_rest_too(shared) -> None:
    character = load_character(shared / "humans" / "s05.npz")
    for lod in (0, 1):
        skin = fit(character, LOOK, lod, np.random.default_rng(0)).skin
        bones = at_rest(skin.bone_heads_m)
        bent, _ = bend(skin, bones)
        np.testing.assert_allclose(bent[BODY], skin.vertices_m[BODY], atol=2e-6)
        np.testing.assert_allclose(keypoints(skin, bones), character.shape.keypoints_m, atol=1e-12)


def test_blending_agrees_with_the_formula_written_out() -> None:
    skin = fitted().skin
    rng = np.random.default_rng(1)
    count = len(skin.vertices_m)
    weight = rng.dirichlet(np.ones(4), count).astype(np.float32)
    weight[:, 2:] *= rng.random((count, 1)) < 0.5
    weight = -np.sort(-weight / weight.sum(1, keepdims=True), axis=1)
    index = rng.integers(0, len(BONES), (count, 4)).astype(np.uint8)
    bones = np.concatenate(
        [np.tile(np.eye(3), (len(BONES), 1, 1)), np.zeros((len(BONES), 3, 1))], 2
    )
    bones += 0.3 * rng.standard_normal(bones.shape)
    mixed = type(skin)(
        skin.vertices_m, index, weight, skin.twin, skin.welded, skin.bone_heads_m,
        skin.keypoints_m, skin.keypoint_bones,
    )  # fmt: skip
    matrices = (weight[:, :, None, None] * bones[index]).sum(1)
    expected = np.einsum("nij,nj->ni", matrices[:, :, :3], skin.vertices_m) + matrices[:, :, 3]
    np.testing.assert_allclose(bend(mixed, bones)[0], expected, atol=1e-5)


def test_matrices_turn_about_the_joint_and_then_move_into_the_world() -> None:
    heads = np.random.default_rng(2).standard_normal((1, len(BONES), 3))
    joints = np.random.default_rng(3).standard_normal((1, len(BONES), 3))
    rotations = about(np.array([0.0, 1.0, 0.0]), np.linspace(0, 3, len(BONES)))[None]
    turned = about(np.array([0.0, 1.0, 0.0]), np.array([np.pi]))
    place = np.array([[1.0, 0.0, 4.0]])
    found = bone_matrices(Posed(rotations, joints), heads, turned, place)[0]
    for bone in (0, NUMBER["head"], len(BONES) - 1):
        # A bone's own head goes to the joint, whatever the rotation; half a turn negates x and z.
        moved = found[bone, :, :3] @ heads[0, bone] + found[bone, :, 3]
        x, y, z = joints[0, bone]
        np.testing.assert_allclose(moved, [1 - x, y, 4 - z], atol=1e-12)


def test_normals_are_unit_outwards_and_equal_at_one_place() -> None:
    body = fitted()
    skin = body.skin
    vertices, normals = bend(skin, at_rest(skin.bone_heads_m))
    np.testing.assert_allclose(np.linalg.norm(normals[BODY], axis=1), 1, atol=1e-4)
    np.testing.assert_array_equal(normals, normals[skin.twin])
    # Volume by the divergence theorem: positive only where triangles are wound outwards.
    a, b, c = (vertices[body.corners[:, k]].astype(np.float64) for k in range(3))
    assert float((a * np.cross(b, c)).sum() / 6) > 0.02
    face = np.cross(b - a, c - a)
    face = face[(face**2).sum(1) > 1e-14]
    assert len(face) > 2000
    corners = body.corners[((np.cross(b - a, c - a)) ** 2).sum(1) > 1e-14]
    assert ((face * normals[corners[:, 0]]).sum(1) > 0).mean() > 0.99


def test_twins_are_the_first_at_their_place() -> None:
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 0.00001], [1, 0, 0], [2, 0, 0]], np.float32)
    assert twins(points).tolist() == [0, 1, 0, 1, 4]


def test_a_mirrored_body_is_the_mirror_image_with_left_and_right_exchanged() -> None:
    plain = fitted()
    mirrored = fitted(Look(1.0, 1.0, True, True, (1, 1, 1), (0, 0, 0), None, None, None, 0, False))
    flip = np.array([-1, 1, 1])
    bodies = [f.skin.vertices_m[BODY] for f in (mirrored, plain)]
    np.testing.assert_allclose(bodies[0], bodies[1] * flip, atol=1e-6)
    keys = mirrored.skin.keypoints_m
    assert (keys[[1, 3, 5, 7, 9, 11, 13, 15], 0] > 0).all()
    np.testing.assert_allclose(keys[5], plain.skin.keypoints_m[6] * flip, atol=1e-12)
    assert mirrored.skin.keypoint_bones[9] == NUMBER["wrist.L"]
    hand = np.flatnonzero(mirrored.skin.bone_index[:, 0] == NUMBER["wrist.L"])
    assert (mirrored.skin.vertices_m[hand, 0] > 0).all()
    a, b, c = (mirrored.skin.vertices_m[mirrored.corners[:, k]].astype(float) for k in range(3))
    assert float((a * np.cross(b, c)).sum()) > 0


def test_height_and_width_scale_body_bones_and_keypoints_together() -> None:
    plain = fitted().skin
    look = Look(1.05, 1.1, False, True, (1, 1, 1), (0, 0, 0), None, None, None, 0, False)
    large = fitted(look).skin
    heights = [s.vertices_m[BODY, 1] for s in (large, plain)]
    np.testing.assert_allclose(heights[0], heights[1] * 1.05, rtol=1e-5, atol=1e-6)
    hip = NUMBER["upperleg01.L"]
    assert large.bone_heads_m[hip, 0] == pytest.approx(plain.bone_heads_m[hip, 0] * 1.05 * 1.1)
    assert large.keypoints_m[11, 0] == pytest.approx(plain.keypoints_m[11, 0] * 1.05 * 1.1)
    ears_m = [abs(s.keypoints_m[3, 0] - s.keypoints_m[4, 0]) for s in (plain, large)]
    assert ears_m[1] / ears_m[0] < 1.05 * 1.06  # a broad body has no broad head


def test_without_the_compiled_part_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from classwatch.simulate import figures

    skin = fitted().skin
    monkeypatch.setitem(sys.modules, "classwatch.simulate.figures.kernels", None)
    monkeypatch.delattr(figures, "kernels", raising=False)
    with pytest.raises(ModelError, match="not installed") as caught:
        bend(skin, at_rest(skin.bone_heads_m))
    assert 'pip install "classwatch[sim]"' in caught.value.remedy
