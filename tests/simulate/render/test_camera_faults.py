from __future__ import annotations

import dataclasses
import sys

import numpy as np
import pytest

from classwatch.core.errors import ModelError
from classwatch.simulate.render.camera_faults import (
    CameraFaults,
    Exposure,
    develop,
    draw_faults,
    motion_blurred,
)
from classwatch.simulate.render.kernels import kernels
from classwatch.simulate.render.view import look_at, project
from classwatch.simulate.scene import Material, Rendered, View
from tests.simulate.render.made import facing, join, renderer

AHEAD = look_at((0, 1, 0), (0, 1, 5), 90, 320, 180)
PERFECT = CameraFaults()


def even(level: float, view: View = AHEAD) -> Rendered:
    """A picture of the same light everywhere."""
    shape = view.height_px, view.width_px
    return Rendered(
        np.full((*shape, 3), level, np.float32),
        np.full(shape, -1, np.int16),
        np.zeros(shape, np.float32),
        np.full(shape, -1, np.int32),
        np.zeros((0, 3), np.float32),
        1,
    )


def shot(rendered: Rendered, faults: CameraFaults, seed: int = 1) -> np.ndarray:
    return develop(rendered, AHEAD, np.random.default_rng(seed), faults)


def test_a_perfect_camera_follows_the_curve_of_srgb() -> None:
    # IEC 61966-2-1: 0.2159 -> 128, 0.5029 -> 188, 1 -> 255.
    for light, byte in ((0.0, 0), (0.2159, 128), (0.5029, 188), (1.0, 255)):
        assert np.unique(shot(even(light), PERFECT)).tolist() == [byte]


def test_noise_is_drawn_from_the_generator_alone() -> None:
    noisy = CameraFaults(read_noise=1e-4)
    first, again, other = (shot(even(0.3), noisy, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.3


def test_noise_has_the_strength_that_is_asked_for() -> None:
    # On a stretch of the tone curve with slope s, light of variance v gives bytes of (255 s)^2 v:
    # at 0.5 the sRGB curve has slope 1.055 / 2.4 * 0.5^(1/2.4 - 1) = 0.6586.
    faults = CameraFaults(read_noise=1e-4, shot_noise=4e-4)
    spread = shot(even(0.5), faults).std()
    assert spread == pytest.approx(255 * 0.6586 * np.sqrt(1e-4 + 0.5 * 4e-4), rel=0.1)


def test_the_corners_are_darker_by_the_vignetting() -> None:
    picture = shot(even(0.5029), CameraFaults(vignetting=0.3))
    assert picture[90, 160, 0] == 188
    # Light 0.5029 * 0.7 in the corner: byte 255 * (1.055 * 0.352^(1/2.4) - 0.055) = 160.
    assert picture[0, 0, 0] == pytest.approx(160, abs=1)


def test_white_balance_tints_grey() -> None:
    picture = shot(even(0.3), CameraFaults(gains=(1.1, 1.0, 0.9)))
    red, green, blue = picture[50, 50].tolist()
    assert red > green > blue


def test_a_window_spills_light_over_its_surroundings() -> None:
    rendered = even(0.05)
    rendered.light[60:120, 100:200] = 0.98
    plain, glaring = shot(rendered, PERFECT), shot(rendered, CameraFaults(glare=1.0))
    assert glaring[90, 206, 0] > plain[90, 206, 0] + 5
    spilled = glaring[90].astype(int)[:, 0] - plain[90].astype(int)[:, 0]
    assert spilled[206] > spilled[240] > 0


def test_defocus_widens_an_edge_and_sharpening_overshoots_it() -> None:
    rendered = even(0.2)
    rendered.light[:, 160:] = 0.5
    rows = [
        shot(rendered, faults)[90, :, 0].astype(int)
        for faults in (PERFECT, CameraFaults(defocus_px=1.5), CameraFaults(sharpening=0.8))
    ]
    between = [int(((row > 126) & (row < 186)).sum()) for row in rows]
    assert between[0] == 0
    assert between[1] >= 3
    assert rows[2].max() > 188
    assert rows[2].min() < 124


@pytest.mark.parametrize("k1", [-0.06, 0.0, 0.12])
def test_a_thing_is_developed_where_its_point_is_projected(k1: float) -> None:
    view = look_at((0.4, 1.2, 0), (0, 1, 5), 90, 320, 180, roll_deg=2, k1=k1)
    place = (1.9, 2.0, 3.0)
    lamp = facing(*place, 0.12, owner=0)
    drawn = renderer(lamp, Material("lamp", emission=0.6)).draw(
        lamp.vertices_m, lamp.normals, view, 2
    )
    picture = develop(drawn, view, np.random.default_rng(1), PERFECT)
    weight = picture[..., 0].astype(float)
    y, x = np.mgrid[0:180, 0:320] + 0.5
    middle = (x * weight).sum() / weight.sum(), (y * weight).sum() / weight.sum()
    np.testing.assert_allclose(middle, project(view, [place])[0][0], atol=0.3)


def moved_square(step_m: float) -> tuple[Rendered, Exposure]:
    """A bright square of 80 px, drawn at x = 0, that was ``step_m`` to its right as the exposure
    began, and a still one beside it."""
    square, still = facing(0, 1, 2, 0.5, owner=0), facing(1.2, 1, 2, 0.3, owner=1)
    scene = join([square, still])
    made = renderer(scene, Material("lamp", emission=0.6))
    before = scene.vertices_m.copy()
    before[:4, 0] -= step_m
    drawn = made.draw(scene.vertices_m, scene.normals, AHEAD)
    return drawn, Exposure(scene.faces, made.project(before, AHEAD))


def test_what_moves_is_blurred_about_where_it_is() -> None:
    # 0.1 m at 2 m is 8 px: edges at 140 and 180 px spread over 132..148 and 172..188.
    drawn, exposure = moved_square(0.1)
    row = motion_blurred(drawn, exposure)[90, :, 0] / drawn.light[90, 160, 0]
    assert row[126:131].max() < 0.05
    assert row[190:194].max() < 0.05
    # 3.5 px outside the edge it is covered in 4.5 of 16 parts of the time, 4.5 px inside in 12.5.
    np.testing.assert_allclose(row[[136, 144, 175, 183]], [0.28, 0.78, 0.78, 0.28], atol=0.08)
    assert row[152:168].min() > 0.97
    assert (row[125:195] * (np.arange(125, 195) + 0.5)).sum() / row[125:195].sum() == pytest.approx(
        160, abs=1
    )


def test_what_is_still_stays_sharp() -> None:
    drawn, exposure = moved_square(0.1)
    blurred = motion_blurred(drawn, exposure)
    np.testing.assert_array_equal(blurred[:, :100], drawn.light[:, :100])
    drawn, exposure = moved_square(0.0)
    np.testing.assert_array_equal(motion_blurred(drawn, exposure), drawn.light)


def test_cameras_differ_and_the_same_seed_gives_the_same() -> None:
    def faults(seed: int) -> CameraFaults:
        return draw_faults(np.random.default_rng(seed))

    assert faults(1) == faults(1)
    assert len({dataclasses.astuple(faults(seed)) for seed in range(20)}) == 20


def test_without_numba_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [m for m in sys.modules if m.startswith("classwatch.simulate.render.")]:
        if name.endswith(("truth_kernels", ".compiled")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(ModelError, match=r"classwatch\[sim\]"):
        kernels("truth")
