"""Colours of clothes: painted pictures, published values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from classwatch.vision.clothes import apart, read_clothes, usual
from tests.vision.made import Figure, detections

RED, BLUE = (255, 0, 0), (0, 0, 255)
LAB = {RED: (53.24, 80.09, 67.20), BLUE: (32.30, 79.19, -107.86)}
"""sRGB primaries in CIE Lab under D65, as Lindbloom's calculator gives them."""


def _painted(*figures: tuple[Figure, tuple[int, int, int]]) -> np.ndarray:
    """A grey picture in which trunks have a colour, from shoulder to shoulder and to the hips."""
    rgb = np.full((720, 1280, 3), 119, np.uint8)
    for figure, colour in figures:
        x0, x1 = (int(figure.x + side * figure.unit / 2) for side in (-1, 1))
        rgb[int(figure.y) : int(figure.y + 1.5 * figure.unit), max(x0, 0) : x1] = colour
    return rgb


@pytest.mark.parametrize("back", [False, True])
def test_everybody_has_the_colour_of_the_own_chest(back: bool) -> None:
    one, other = Figure(300, 200, 60, back=back), Figure(800, 400, 30, back=back)
    worn = read_clothes(_painted((one, RED), (other, BLUE)), detections([one, other]))
    np.testing.assert_allclose(worn, [LAB[RED], LAB[BLUE]], atol=0.3)


def test_who_is_seen_from_the_side_has_a_chest_too() -> None:
    figure = Figure(300, 200, 60)
    seen = detections([figure])
    points = seen.keypoints.copy()
    points[:, 5:7, 0] = 300
    points[:, 5, 1] += 1
    worn = read_clothes(_painted((figure, RED)), replace(seen, keypoints=points))
    np.testing.assert_allclose(worn, [LAB[RED]], atol=0.3)


def test_a_chest_beyond_the_edge_has_no_colour() -> None:
    below, aside = Figure(300, 715, 60), Figure(-20, 300, 60)
    worn = read_clothes(_painted((aside, RED)), detections([below, aside]))
    assert np.isnan(worn).all()


def test_a_picture_of_nobody_has_none() -> None:
    assert read_clothes(_painted(), detections([])).shape == (0, 3)


def test_colours_differ_less_by_light() -> None:
    """0.4 for each step of lightness, by hand: the root of 4 squared, 3 squared, 4 squared."""
    assert apart(np.array([10.0, 3, 4]), np.zeros(3)) == pytest.approx(np.sqrt(16 + 9 + 16))
    assert np.isnan(apart(np.full(3, np.nan), np.zeros(3)))


def test_the_usual_colour_passes_over_what_is_not_known() -> None:
    unknown = np.full((2, 3), np.nan, np.float32)
    worn = np.array([[1, 0, 0], [3, 5, 0], [2, 9, 1]], np.float32)
    np.testing.assert_array_equal(usual(np.concatenate([unknown, worn])), [2, 5, 0])
    assert np.isnan(usual(unknown)).all()
