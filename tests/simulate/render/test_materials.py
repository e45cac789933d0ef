from __future__ import annotations

import numpy as np
import pytest

from classwatch.core.errors import InputError
from classwatch.simulate.render.materials import SRGB_TO_LINEAR, mips, pack_textures, surface_kinds
from classwatch.simulate.scene import Material


def test_each_mip_holds_the_means_of_four() -> None:
    texture = np.zeros((8, 16, 3), np.uint8)
    texture[0, 0], texture[0, 1], texture[1, 0], texture[1, 1] = 10, 20, 31, 41
    levels = mips(texture)
    assert [level.shape for level in levels] == [(8, 16, 3), (4, 8, 3)]
    assert levels[1][0, 0].tolist() == [26, 26, 26]  # 25.5 rounded up
    assert levels[1][1:].max() == 0


def test_a_shared_texture_is_stored_once() -> None:
    texture = np.zeros((8, 8, 3), np.uint8)
    packed = pack_textures(
        [Material("a", texture=texture), Material("b"), Material("c", texture=texture)]
    )
    assert packed.texels.size == (8 * 8 + 4 * 4) * 4
    assert packed.levels.tolist() == [2, 0, 2]


@pytest.mark.parametrize("shape", [(8, 12, 3), (8, 8), (8, 8, 2)])
def test_a_texture_of_another_size_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="powers of two"):
        pack_textures([Material("odd", texture=np.zeros(shape, np.uint8))])


def test_the_curve_of_srgb() -> None:
    # Middle grey of the standard's own table: byte 188 is half the light.
    assert SRGB_TO_LINEAR[188] == pytest.approx(0.5, abs=0.005)
    assert SRGB_TO_LINEAR[[0, 255]].tolist() == [0.0, 1.0]


def test_equal_rows_are_one_kind() -> None:
    keys = np.array([(2, 1), (1, 5), (2, 1), (1, 4)], np.float32)
    assert surface_kinds(keys).tolist() == [2, 1, 2, 0]
