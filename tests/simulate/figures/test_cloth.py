from __future__ import annotations

import numpy as np
import pytest

from classwatch.simulate.figures import cloth
from classwatch.simulate.figures.outfits import linear


def light(picture: np.ndarray) -> np.ndarray:
    c = picture / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("weave", cloth.WEAVES)
def test_a_cloth_has_the_mean_that_colours_are_divided_by(weave: cloth.Weave) -> None:
    picture = cloth.fabric(weave, np.random.default_rng(1))
    assert picture.shape == (256, 256, 3)
    assert float(light(picture).mean()) == pytest.approx(cloth.CLOTH_MEAN, abs=0.06)


def test_strands_run_along_v_and_have_their_mean() -> None:
    means = []
    for seed in range(4):
        picture = cloth.strands(np.random.default_rng(seed)).astype(float)[..., 0]
        means.append(float(light(picture).mean()))
        along, across = (np.abs(np.diff(picture, axis=k)).mean() for k in (0, 1))
        assert across > 1.3 * along
    assert np.mean(means) == pytest.approx(cloth.HAIR_MEAN, abs=0.05)


@pytest.mark.parametrize("weave", ["plain", "knit", "stripe", "plaid"])
def test_tiles_repeat_without_seam(weave: cloth.Weave) -> None:
    picture = cloth.fabric(weave, np.random.default_rng(2)).astype(float)
    for axis in (0, 1):
        inside = np.abs(np.diff(picture, axis=axis)).mean((0, 1, 2))
        step = np.abs(picture.take(0, axis) - picture.take(-1, axis)).mean()
        jumps = np.abs(np.diff(picture, axis=axis)).mean((1 - axis, 2))
        assert step <= max(jumps.max(), inside) * 1.2


def test_the_uniform_has_its_colours_where_they_belong() -> None:
    colours = cloth.UniformColours((0.9, 0.9, 0.9), (0.1, 0.2, 0.7), (0.7, 0.1, 0.1), (0, 0, 0))
    picture = cloth.uniform(colours, np.random.default_rng(3)).astype(float)
    assert picture.shape == (512, 512, 3)
    belly = picture[int(512 * (1 - 0.60)), 290:300].mean(0)
    assert np.ptp(belly) < 40  # grey or white, whatever the cut


def test_flat_coordinates_put_the_middle_in_the_middle_and_the_floor_at_the_bottom() -> None:
    points = np.array([[0, 0, 0.1], [0, 1.5, 0], [0.3, 0.75, -0.1]], np.float32)
    found = cloth.flat_uv(points, 1.5)
    np.testing.assert_allclose(found[:2], [[0.5, 0], [0.5, 1]], atol=1e-6)
    assert found[2, 0] > 0.5
    assert found[2, 1] == pytest.approx(0.5)


def test_linear_light_by_the_standard() -> None:
    # IEC 61966-2-1: half of full sRGB is 0.2140 in light.
    np.testing.assert_allclose(linear((0.0, 0.5, 1.0)), [0, 0.21404, 1], atol=1e-5)
