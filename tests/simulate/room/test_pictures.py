"""Textures and lettering: sizes that a renderer takes, no seams, text with and without fonts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from classwatch.simulate.room import lettering, pictures, textures
from classwatch.simulate.room.canvas import Canvas
from classwatch.simulate.room.chance import linear, pick, stream
from classwatch.simulate.room.look import Floor


@pytest.fixture
def no_fonts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A machine without fonts and without fontconfig."""
    monkeypatch.setattr(lettering, "_FOLDERS", (str(tmp_path / "fonts"),))
    monkeypatch.setenv("PATH", str(tmp_path))
    caches = (lettering.han_font_file, lettering.font)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def step_across_seam(picture: np.ndarray) -> tuple[float, float]:
    """Mean step from the last column to the first, and the largest between other columns."""
    values = picture.astype(float).mean(axis=2)
    inner = np.abs(np.diff(values, axis=1)).mean(axis=0).max()
    return float(np.abs(values[:, 0] - values[:, -1]).mean()), float(inner)


@pytest.mark.parametrize("name", ["plaster", "wood", "cloth"])
def test_textures_that_repeat_have_no_seam(name: str) -> None:
    picture = getattr(textures, name)(stream(1, name))
    seam, inner = step_across_seam(picture)
    assert seam < 1.1 * inner


def test_noise_repeats_and_has_unit_variance() -> None:
    field = textures.noise(stream(1, "noise"), 256, 128)
    assert field.shape == (128, 256)
    assert abs(float(field.std()) - 1) < 0.35
    assert np.abs(field[:, 0] - field[:, -1]).mean() < 3 * np.abs(np.diff(field, axis=1)).mean()


@pytest.mark.parametrize("kind", list(Floor))
def test_floors_are_of_middling_brightness_and_show_their_pattern(kind: Floor) -> None:
    picture = textures.floor(stream(2, "floor"), kind)
    assert picture.shape == (512, 512, 3)
    assert 60 < picture.mean() < 220
    assert picture.std() > 2


@pytest.mark.parametrize("chinese", [True, False])
def test_printed_things_have_sizes_in_powers_of_two(chinese: bool) -> None:
    made = [
        pictures.poster(stream(3, "p"), chinese),
        pictures.bulletin(stream(3, "b"), chinese),
        pictures.slogan(stream(3, "s"), chinese),
        pictures.covers(stream(3, "c"), chinese),
        pictures.flag(),
    ]
    for picture in made:
        assert all(side & (side - 1) == 0 for side in picture.shape[:2])
        assert picture.std() > 10


def test_fitted_text_stays_in_its_box() -> None:
    sheet = Canvas(400, 200)
    sheet.fitted(((100, 50), (300, 100)), "Fractions and more fractions", (0.0, 0.0, 0.0))
    rows, columns = np.nonzero(sheet.pixels().min(axis=2) < 128)
    assert len(rows) > 50
    assert 98 <= columns.min() <= columns.max() <= 302
    assert 48 <= rows.min() <= rows.max() <= 104


def test_without_a_chinese_font_marks_take_its_place(no_fonts: None) -> None:
    assert lettering.han_font_file() is None
    sheet = Canvas(300, 100)
    sheet.text((10, 10), "认识分数", 60, (0.0, 0.0, 0.0))
    sheet_other = Canvas(300, 100)
    sheet_other.text((10, 10), "练习三题", 60, (0.0, 0.0, 0.0))
    dark = sheet.pixels().min(axis=2) < 128
    assert 0.02 < dark.mean() < 0.5
    assert np.nonzero(dark)[1].max() - np.nonzero(dark)[1].min() > 180
    assert (sheet.pixels() != sheet_other.pixels()).any()


def test_latin_text_needs_no_font_of_the_system(no_fonts: None) -> None:
    sheet = Canvas(300, 100)
    sheet.text((10, 10), "a b = c", 50, (0.0, 0.0, 0.0))
    assert (sheet.pixels() < 128).any()


def test_a_font_with_chinese_characters_tells_them_apart() -> None:
    if lettering.han_font_file() is None:
        pytest.skip("no font with Chinese characters on this machine")
    shapes = set()
    for character in "认识分数":
        sheet = Canvas(64, 64)
        sheet.text((2, 2), character, 56, (0.0, 0.0, 0.0))
        shapes.add(sheet.pixels().tobytes())
    assert len(shapes) == 4


def test_streams_of_chance_are_separate() -> None:
    assert stream(1, "a").random() == stream(1, "a").random()
    assert stream(1, "a").random() != stream(1, "b").random()
    assert stream(1, "a").random() != stream(2, "a").random()


def test_weights_rule_what_is_picked() -> None:
    rng = stream(5, "weights")
    drawn = [pick(rng, ("x", "y"), (3, 1)) for _ in range(2000)]
    assert drawn.count("x") / 2000 == pytest.approx(0.75, abs=0.04)


def test_linear_light_of_srgb() -> None:
    assert linear((0.0, 1.0, 0.5)) == pytest.approx((0.0, 1.0, 0.2176), abs=1e-3)
