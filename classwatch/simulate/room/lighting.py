"""Where a room's light comes from: sky, lamps, the screen; and how a camera exposes for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classwatch.simulate.room.chance import stream
from classwatch.simulate.room.look import Light, RoomLook, Screen
from classwatch.simulate.scene import Floorplan, Lighting
from classwatch.simulate.scene import Light as FarLight

_RANGES: dict[Light, tuple[tuple[float, float], tuple[float, float]]] = {
    Light.DAY: ((0.75, 1.0), (0.0, 0.0)),
    Light.LAMPS: ((0.0, 0.04), (0.85, 1.0)),
    Light.MIXED: ((0.35, 0.8), (0.6, 1.0)),
    Light.DIM: ((0.12, 0.25), (0.0, 0.0)),
    Light.PROJECTOR: ((0.05, 0.14), (0.0, 0.12)),
}
_LAMP_TONES = ((1.0, 0.96, 0.9), (0.97, 1.0, 1.02), (1.0, 1.0, 0.98))
"""Warm white, daylight tubes, neutral white."""


WHITE_LEVEL = 1.0
"""What a camera shows as white."""


@dataclass(frozen=True, slots=True)
class Levels:
    """How much of each light there is, 0 to 1; ``sunny``: the sun itself shines in."""

    day: float
    lamps: float
    screen: float
    sunny: bool
    warmth: int

    @property
    def curtains_drawn(self) -> bool:
        """Curtains are closed to see the screen."""
        return self.day < 0.3 and self.screen > 0 and self.lamps < 0.3


@dataclass(frozen=True, slots=True, eq=False)
class RoomLight:
    """The light of one room, and how much there is of each kind."""

    levels: Levels
    lighting: Lighting


def light_levels(look: RoomLook, seed: int) -> Levels:
    """Levels for the look's kind of light."""
    rng = stream(seed, "levels")
    (day_low, day_high), (lamps_low, lamps_high) = _RANGES[look.light]
    day = float(rng.uniform(day_low, day_high))
    lamps = float(rng.uniform(lamps_low, lamps_high))
    screen = 0.0 if look.screen is Screen.NONE else 1.0
    sunny = bool(rng.random() < 0.35) and day > 0.5
    return Levels(day, lamps, screen, sunny, int(rng.integers(len(_LAMP_TONES))))


def screen_glow(lighting: Lighting) -> float:
    """Emission that makes a white screen come out just white as the camera exposes."""
    walls = 1.3 * float(lighting.ambient_side.mean())
    return max(0.1, WHITE_LEVEL / lighting.exposure - walls)


def light_room(look: RoomLook, plan: Floorplan, seed: int) -> RoomLight:
    """Three far lights and the light that walls and ceiling throw back."""
    levels = light_levels(look, seed)
    rng = stream(seed, "light")
    lamp = np.array(_LAMP_TONES[levels.warmth])
    sky = np.array([0.96, 1.0, 1.06])
    across = plan.window_side
    from_window = np.array([across, rng.uniform(0.45, 0.8), rng.uniform(-0.35, 0.35)])
    tilt = np.array([-0.12 * across + rng.uniform(-0.05, 0.05), 1.0, rng.uniform(-0.2, 0.2)])
    window = sky * levels.day * 0.5
    softness_px = 6.0
    if levels.sunny:
        window, softness_px = np.array([1.0, 0.94, 0.84]) * levels.day * 1.1, 1.5
    lights = [
        _far(tilt, lamp * (0.5 * levels.lamps + 0.18 * levels.day + 0.015), 7.0),
        _far(from_window, window, softness_px),
    ]
    if look.light in (Light.PROJECTOR, Light.DIM) and levels.screen:
        toward_screen = np.array([0.0, 0.3, -1.0])
        lights.append(_far(toward_screen, np.array([0.85, 0.95, 1.1]) * 0.11, 8.0))
    else:
        toward = np.array([rng.uniform(-0.3, 0.3), 0.8, rng.choice([-1, 1]) * rng.uniform(0.5, 1)])
        lights.append(_far(toward, lamp * 0.3 * levels.lamps + sky * 0.08 * levels.day, 8.0))
    bounced = lamp * 0.27 * levels.lamps + sky * 0.27 * levels.day + 0.014
    if levels.screen:
        bounced = bounced + 0.012 * np.array([0.85, 0.95, 1.1])
    floor_tone = np.array([1.0, 0.97, 0.92])
    key = 0.55 * levels.lamps + 0.5 * levels.day + 0.045
    lighting = Lighting(
        lights=tuple(lights),
        ambient_up=bounced * 0.95,
        ambient_side=bounced * 0.66,
        ambient_down=bounced * 0.92 * floor_tone,
        exposure=float(1.25 * rng.uniform(0.9, 1.15) * (0.8 / key) ** 0.72),
        background=(0.7, 0.76, 0.82) if levels.day > 0.3 else (0.04, 0.05, 0.08),
    )
    return RoomLight(levels, lighting)


def _far(towards: np.ndarray, colour: np.ndarray, softness_px: float) -> FarLight:
    return FarLight(
        towards=towards / np.linalg.norm(towards),
        colour=np.asarray(colour, float),
        softness_px=softness_px,
        bias_m=0.05,
        map_px=1024,
    )
