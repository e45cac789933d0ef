"""Light: as bright and as many lights as its kind says."""

from __future__ import annotations

import numpy as np
import pytest

from classwatch.simulate.room.lighting import light_levels, light_room, screen_glow
from classwatch.simulate.room.look import Light, draw_look
from classwatch.simulate.room.plan import plan_room
from classwatch.simulate.scene import Lighting
from classwatch.simulate.script import Room

KINDS = tuple(kind.value for kind in Light)


def lit(kind: str, seed: int) -> Lighting:
    room = Room(light=kind)
    return light_room(draw_look(room, seed), plan_room(room, seed), seed).lighting


def brightness(light: Lighting) -> float:
    return float(sum(far.colour.sum() for far in light.lights) + light.ambient_up.sum())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_lights_are_few_and_point_to_where_light_comes_from(kind: str, seed: int) -> None:
    light = lit(kind, seed)
    assert 1 <= len(light.lights) <= 3
    for far in light.lights:
        assert np.linalg.norm(far.towards) == pytest.approx(1.0)
        assert far.towards[1] > 0
        assert (far.colour >= 0).all()
    assert (light.ambient_up > 0).all()
    assert 0.5 < light.exposure < 12


@pytest.mark.parametrize("seed", range(5))
def test_bright_rooms_are_brighter_than_dark_ones_but_less_exposed(seed: int) -> None:
    bright = [lit(kind, seed) for kind in ("day", "lamps", "mixed")]
    dark = [lit(kind, seed) for kind in ("dim", "projector")]
    assert min(map(brightness, bright)) > max(map(brightness, dark))
    assert max(light.exposure for light in bright) < min(light.exposure for light in dark)


def test_daylight_comes_from_the_windows() -> None:
    for seed in range(8):
        room = Room(light="day")
        plan = plan_room(room, seed)
        light = light_room(draw_look(room, seed), plan, seed).lighting
        strongest = max(light.lights, key=lambda far: far.colour.sum())
        assert np.sign(strongest.towards[0]) == plan.window_side


def test_a_projector_room_has_a_screen_that_lights_the_class() -> None:
    for seed in range(8):
        room = Room(light="projector")
        look = draw_look(room, seed)
        levels = light_levels(look, seed)
        assert levels.screen > 0
        assert levels.day < 0.2
        towards_board = [far for far in lit("projector", seed).lights if far.towards[2] < -0.9]
        assert len(towards_board) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_a_white_slide_is_exposed_as_white_but_not_burnt_out(kind: str, seed: int) -> None:
    """Glow and the light that falls on an upright surface, times the exposure."""
    light = lit(kind, seed)
    facing = [max(0.0, far.towards[2]) * far.colour.mean() for far in light.lights]
    falling = float(light.ambient_side.mean() + sum(facing))
    assert 0.75 < (screen_glow(light) + falling) * light.exposure < 1.9


def test_an_open_light_is_drawn_by_the_seed() -> None:
    kinds = {draw_look(Room(), seed).light for seed in range(60)}
    assert kinds == set(Light)
