"""New characters from a few: bodies keep together, joints lie where they should."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from classwatch.simulate.figures.bones import NUMBER
from classwatch.simulate.figures.character import Character
from classwatch.simulate.figures.load import load_character, load_figures
from classwatch.simulate.figures.proportions import Proportions, draw_proportions, reshaped
from classwatch.simulate.figures.schematic import schematic_library
from classwatch.simulate.figures.variety import long_sleeved, varied, with_hair

PARTS = ("torso", "neck", "head", "hips", "legs", "shoulders", "arms", "hands")
SAME = Proportions(dict.fromkeys(PARTS, 1.0), 1.0)


def _joint(character: Character, name: str) -> NDArray[np.float64]:
    return character.shape.bone_heads_m[NUMBER[name]]


def test_the_proportions_of_the_own_body_change_nothing() -> None:
    shape = schematic_library().characters[2].shape
    same = reshaped(shape, shape, SAME)
    ground = [0.0, float(shape.vertices_m[:, 1].min()), 0.0]
    np.testing.assert_allclose(same.vertices_m, shape.vertices_m - ground, atol=1e-5)
    np.testing.assert_allclose(same.bone_heads_m, shape.bone_heads_m - ground, atol=1e-9)
    np.testing.assert_allclose(same.keypoints_m, shape.keypoints_m - ground, atol=1e-9)


def test_somebody_tall_becomes_as_small_as_another_body() -> None:
    """Joints are those of the other body; what hangs on the end of a bone comes along."""
    library = schematic_library()
    tall, small = library.character("adult1"), library.character("primary1")
    made = reshaped(tall.shape, small.shape, SAME)
    down = made.bone_heads_m - small.shape.bone_heads_m
    np.testing.assert_allclose(down, np.broadcast_to(down[0], down.shape), atol=1e-9)
    assert made.vertices_m[:, 1].min() == pytest.approx(0.0, abs=1e-6)
    ratio = made.vertices_m[:, 1].max() / tall.shape.vertices_m[:, 1].max()
    assert ratio == pytest.approx(1.28 / 1.74, abs=0.03)
    wrist = NUMBER["wrist.L"]
    (carried,) = np.flatnonzero(tall.shape.keypoint_bones == wrist)
    np.testing.assert_allclose(made.keypoints_m[carried], made.bone_heads_m[wrist], atol=0.01)


def test_longer_arms_are_longer_and_nothing_else() -> None:
    shape = schematic_library().characters[0].shape
    made = reshaped(shape, shape, Proportions(dict.fromkeys(PARTS, 1.0) | {"arms": 1.1}, 1.0))

    def length(of: NDArray[np.float64], one: str, other: str) -> float:
        return float(np.linalg.norm(of[NUMBER[one]] - of[NUMBER[other]]))

    for side in "LR":
        for one, other, factor in (
            ("lowerarm01", "wrist", 1.1),
            ("upperleg01", "foot", 1.0),
            ("clavicle", "upperarm01", 1.0),
        ):
            before = length(shape.bone_heads_m, f"{one}.{side}", f"{other}.{side}")
            after = length(made.bone_heads_m, f"{one}.{side}", f"{other}.{side}")
            assert after == pytest.approx(factor * before)


def test_nobody_is_drawn_out_of_all_proportion() -> None:
    rng = np.random.default_rng(1)
    drawn = [draw_proportions(rng) for _ in range(500)]
    factors = np.array([[*one.longer.values(), one.thicker] for one in drawn])
    assert 0.8 < factors.min() < 0.9
    assert 1.1 < factors.max() < 1.25
    assert np.abs(np.median(factors, axis=0) - 1).max() < 0.01


def test_a_varied_library_follows_from_its_seed() -> None:
    library = schematic_library()
    one, again, other = (varied(library, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert len(one.characters) == 3 * len(library.characters)
    assert len({c.id for c in one.characters}) == len(one.characters)
    assert len(one.teachers()) == 3 * len(library.teachers())
    for a, b in zip(one.characters, again.characters, strict=True):
        np.testing.assert_array_equal(a.shape.vertices_m, b.shape.vertices_m)
    assert any(
        a.shape.vertices_m.shape != b.shape.vertices_m.shape
        or not np.array_equal(a.shape.vertices_m, b.shape.vertices_m)
        for a, b in zip(one.characters, other.characters, strict=True)
    )


def test_the_hair_of_another_sits_on_the_head(shared: Path) -> None:
    """As many triangles as there; as far above and beside the ears, in widths of the head, as on
    the head that it comes from; the rest of the body is as before."""
    short = load_character(shared / "humans" / "s01.npz")
    braid = load_character(shared / "humans" / "s12.npz")
    made = with_hair(short, braid)
    hair = [s.name for s in made.surfaces].index("hair")
    theirs = [s.name for s in braid.surfaces].index("hair")
    assert (made.fine.surface == hair).sum() == (braid.fine.surface == theirs).sum()
    assert (made.coarse.surface == hair).sum() == (braid.coarse.surface == theirs).sum()
    kept = made.fine.corners[made.fine.surface != hair]
    np.testing.assert_array_equal(kept, short.fine.corners[short.fine.surface != hair])
    np.testing.assert_allclose(_over_ears(made, hair), _over_ears(braid, theirs), atol=0.12)


def _over_ears(character: Character, hair: int) -> NDArray[np.float64]:
    """How far hair reaches above the ears and to each side, in distances of the ears."""
    ears = character.shape.keypoints_m[3:5]
    width = np.linalg.norm(ears[0] - ears[1])
    worn = np.unique(character.fine.corners[character.fine.surface == hair])
    places = (character.shape.vertices_m[worn] - ears.mean(axis=0)) / width
    return np.array([places[:, 1].max(), places[:, 0].min(), places[:, 0].max()])


def test_long_sleeves_cover_bare_arms_and_no_hands(shared: Path) -> None:
    bare = load_character(shared / "humans" / "s11.npz")
    names = [s.name for s in bare.surfaces]
    skin, top = names.index("skin"), names.index("top")

    def bare_at(character: Character, bones: tuple[str, ...]) -> int:
        mine = np.isin(character.shape.bone_index[:, 0], [NUMBER[bone] for bone in bones])
        surface = character.fine.surface[mine[character.fine.corners].all(axis=1)]
        return int((surface == skin).sum())

    forearm, hand = ("lowerarm01.L", "lowerarm02.L"), ("wrist.L", "fingers1.L", "fingers2.L")
    covered = long_sleeved(bare, "wrist")
    assert bare_at(bare, forearm) > 20
    assert bare_at(covered, forearm) == 0
    assert bare_at(covered, hand) == bare_at(bare, hand) > 20
    assert (covered.fine.surface == top).sum() > (bare.fine.surface == top).sum()
    half = long_sleeved(bare, "lowerarm02")
    assert 0 < bare_at(half, forearm) < bare_at(bare, forearm)


def test_bodies_of_real_shapes_hold_together(shared: Path) -> None:
    """Every keypoint stays inside or at the surface, heads have the size that bodies of that age
    have, and no edge of a triangle becomes longer than a limb."""
    library = load_figures(shared / "humans")
    made = varied(library, np.random.default_rng(7))
    for character in made.characters:
        original = library.character(character.id.rpartition("-")[0])
        stature = _joint(character, "head")[1] / _joint(original, "head")[1]
        assert 0.85 < stature < 1.15
        points = character.shape.keypoints_m
        gaps = np.linalg.norm(
            character.shape.vertices_m[:, None].astype(float) - points[None, 5:11], axis=2
        ).min(axis=0)
        assert gaps.max() < 0.09
        corners = character.shape.vertices_m[character.fine.corners]
        edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
        assert edges.max() < 0.2
