from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from classwatch.simulate.figures.rotations import (
    about,
    aligning,
    bow_turn_tilt,
    cross,
    heading,
    part_way,
    swinging,
    unit,
)


def vectors(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, 3))


def test_about_agrees_with_rotation_vectors() -> None:
    axes, angles = unit(vectors(20)), np.linspace(-3, 3, 20)
    expected = Rotation.from_rotvec(axes * angles[:, None]).as_matrix()
    np.testing.assert_allclose(about(axes, angles), expected, atol=1e-12)


def test_bow_turn_tilt_agrees_with_euler_angles() -> None:
    angles = vectors(20)
    bow, turn, tilt = angles.T
    expected = Rotation.from_euler("YXZ", np.stack([turn, bow, -tilt], 1)).as_matrix()
    np.testing.assert_allclose(bow_turn_tilt(angles), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("angles", "start", "end"),
    [
        ((np.pi / 2, 0, 0), (0, 1, 0), (0, 0, 1)),  # a bow takes the crown forwards
        ((0, np.pi / 2, 0), (0, 0, 1), (1, 0, 0)),  # a turn takes the nose to the left, +x
        ((0, 0, np.pi / 2), (0, 1, 0), (1, 0, 0)),  # a tilt takes the crown to the left
    ],
)
def test_bow_turn_tilt_go_the_way_they_say(
    angles: tuple[float, ...], start: tuple[float, ...], end: tuple[float, ...]
) -> None:
    np.testing.assert_allclose(bow_turn_tilt(np.array(angles)) @ start, end, atol=1e-12)


def test_heading_pi_faces_the_front_wall() -> None:
    np.testing.assert_allclose(heading(np.pi) @ [0, 0, 1], [0, 0, -1], atol=1e-12)


def test_aligning_takes_one_direction_exactly_and_the_other_into_its_plane() -> None:
    a, b, c, d = (vectors(10, seed) for seed in range(4))
    turned = aligning(a, b, c, d)
    np.testing.assert_allclose((turned @ unit(a)[..., None])[..., 0], unit(c), atol=1e-9)
    moved = (turned @ b[..., None])[..., 0]
    assert np.abs((moved * cross(c, d)).sum(1)).max() < 1e-9
    np.testing.assert_allclose(np.linalg.det(turned), 1.0, atol=1e-9)


def test_swinging_is_the_shortest_rotation() -> None:
    a, b = unit(vectors(10, 5)), unit(vectors(10, 6))
    turned = swinging(a, b)
    np.testing.assert_allclose((turned @ a[..., None])[..., 0], b, atol=1e-9)
    angle = Rotation.from_matrix(turned).magnitude()
    np.testing.assert_allclose(np.cos(angle), (a * b).sum(1), atol=1e-9)


def test_swinging_to_the_opposite_is_half_a_turn() -> None:
    turned = swinging(np.array([[0.0, 0.0, 1.0]]), np.array([[0.0, 0.0, -1.0]]))
    np.testing.assert_allclose(turned[0] @ [0, 0, 1], [0, 0, -1], atol=1e-7)
    assert np.linalg.det(turned[0]) == pytest.approx(1.0)


def test_part_way_is_spherical_interpolation() -> None:
    start = Rotation.from_rotvec(vectors(8, 7))
    by = Rotation.from_rotvec(unit(vectors(8, 8)) * np.linspace(0.1, 3.0, 8)[:, None])
    end = start * by
    expected = start * Rotation.from_rotvec(by.as_rotvec() * 0.3)
    found = part_way(start.as_matrix(), end.as_matrix(), 0.3)
    np.testing.assert_allclose(found, expected.as_matrix(), atol=1e-9)
    np.testing.assert_allclose(
        part_way(start.as_matrix(), start.as_matrix(), 0.5), start.as_matrix()
    )
