"""What a camera makes of the light: blur, distortion, glare, noise, its own idea of colour.

Camera faults stay the same through a lesson (``draw_faults`` once for each camera); only noise
differs from picture to picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.render.kernels import kernels
from classwatch.simulate.render.view import margin_px, undistort
from classwatch.simulate.scene import Floats, Rendered, View

_GRAIN_PX = 1024
_GRAIN_SEED = 20240
_GLARE_STEP = 4
_GLARE_FROM = 0.82
"""Light above this spills over its neighbours."""
_TONE_STEPS = 4096


@dataclass(frozen=True, slots=True)
class CameraFaults:
    """How far a camera is from perfect; the defaults are perfect but for 8 bits and its curve.

    ``gains`` are the errors of white balance times exposure; ``vignetting`` is the share of light
    lost half a picture from the middle both ways; ``glare`` the light that spills from windows and
    screens; ``shot_noise`` and ``read_noise`` are variances at full and no light; ``defocus_px``
    the sigma of blur before the sensor, ``sharpening`` how much the camera adds against it;
    ``contrast`` turns the tone curve about the middle, ``black`` lifts it.
    """

    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
    vignetting: float = 0.0
    glare: float = 0.0
    shot_noise: float = 0.0
    read_noise: float = 0.0
    defocus_px: float = 0.0
    sharpening: float = 0.0
    contrast: float = 1.0
    black: float = 0.0
    saturation: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """What moved during the exposure: the mesh's ``faces`` (m, 3) and where its vertices were when
    it began, ``before`` (n, 3) from ``Renderer.project``.

    The pose that was drawn is the middle of the exposure, so that keypoints lie in the middle of
    their blur.
    """

    faces: NDArray[np.int32]
    before: Floats


def draw_faults(rng: np.random.Generator) -> CameraFaults:
    """A camera as they hang in classrooms, from fair to cheap."""
    cheapness = float(rng.beta(1.6, 2.4))
    sensitivity = float(rng.uniform(0.3, 1.0)) * (0.4 + cheapness)
    exposure = float(rng.uniform(0.92, 1.1))
    balance = rng.normal(0, 0.012 + 0.025 * cheapness, 3)
    return CameraFaults(
        gains=(
            exposure * (1 + float(balance[0])),
            exposure * (1 + 0.4 * float(balance[1])),
            exposure * (1 + float(balance[2])),
        ),
        vignetting=float(rng.uniform(0.02, 0.12 + 0.2 * cheapness)),
        glare=float(rng.uniform(0.15, 0.5 + 0.5 * cheapness)),
        shot_noise=0.0016 * sensitivity**2,
        read_noise=(0.0045 * sensitivity) ** 2,
        defocus_px=float(rng.uniform(0.25, 0.45 + 0.4 * cheapness)),
        sharpening=float(rng.uniform(0.1, 0.4 + 0.7 * cheapness)),
        contrast=float(rng.uniform(0.9, 1.12)),
        black=float(rng.uniform(0.0, 0.05)),
        saturation=float(rng.uniform(0.8, 1.1)),
    )


def develop(
    rendered: Rendered,
    view: View,
    rng: np.random.Generator,
    settings: CameraFaults,
    exposure: Exposure | None = None,
) -> NDArray[np.uint8]:
    """The final picture (h, w, 3), RGB. Its noise is drawn from ``rng``, nothing else.

    ``exposure`` adds the blur of what moves.
    """
    import cv2

    light = rendered.light if exposure is None else motion_blurred(rendered, exposure)
    if view.k1 != 0:
        x, y = _sources(view.width_px, view.height_px, view.k1)
        edge = cv2.BORDER_REPLICATE
        light = np.asarray(cv2.remap(light, x, y, cv2.INTER_LINEAR, borderMode=edge), np.float32)
    if settings.defocus_px > 0:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), settings.defocus_px), np.float32)
    offset_y, offset_x = (int(v) for v in rng.integers(0, _GRAIN_PX, 2))
    picture = np.empty((view.height_px, view.width_px, 3), np.uint8)
    kernels("camera").expose(
        light,
        _glare(light, settings.glare),
        (_grain(), offset_y, offset_x),
        (
            np.array(settings.gains, np.float32),
            settings.vignetting,
            settings.shot_noise,
            settings.read_noise,
            settings.saturation,
            _tone(settings.contrast, settings.black),
        ),
        picture,
    )
    if settings.sharpening > 0:
        soft = cv2.GaussianBlur(picture, (0, 0), 1.2)
        gain = settings.sharpening
        picture = np.asarray(cv2.addWeighted(picture, 1 + gain, soft, -gain, 0), np.uint8)
    return picture


def motion_blurred(rendered: Rendered, exposure: Exposure) -> Floats:
    """``rendered.light`` with the blur of what moved during ``exposure``."""
    camera = kernels("camera")
    height, width = rendered.light.shape[:2]
    speed = np.empty((height, width, 2), np.float32)
    seen = (rendered.triangle, rendered.owner, rendered.projected, rendered.samples)
    camera.velocities(seen, (exposure.faces, exposure.before), speed)
    tile = camera.TILE_PX
    tiles = np.zeros((-(-height // tile), -(-width // tile), 2), np.float32)
    camera.fastest_in_tiles(speed, tiles)
    blurred = rendered.light.copy()
    camera.blur(rendered.light, speed, tiles, rendered.inverse_depth, blurred)
    return blurred


def _glare(light: Floats, strength: float) -> Floats:
    """Light that spills from bright places: a narrow halo and a wide veil, on a coarse grid."""
    import cv2

    height, width = light.shape[:2]
    small = (max(width // _GLARE_STEP, 1), max(height // _GLARE_STEP, 1))
    coarse = cv2.resize(light, small, interpolation=cv2.INTER_AREA)
    bright = np.clip(coarse - _GLARE_FROM, 0, None) / (1 - _GLARE_FROM)
    spread = max(small[0] / 320, 0.3)
    halo = cv2.GaussianBlur(bright, (0, 0), 4 * spread)
    tiny = cv2.resize(halo, (max(small[0] // 4, 1), max(small[1] // 4, 1)))
    veil = cv2.resize(cv2.GaussianBlur(tiny, (0, 0), 8 * spread), small)
    return np.asarray(strength * (0.10 * halo + 0.12 * veil), np.float32)


@lru_cache(maxsize=4)
def _sources(width_px: int, height_px: int, k1: float) -> tuple[Floats, Floats]:
    """For each final pixel the place in what was drawn, as ``cv2.remap`` counts (first pixel's
    middle at 0)."""
    view = View(np.eye(3), np.zeros(3), 1.0, width_px, height_px, k1)
    x, y = np.meshgrid(np.arange(width_px) + 0.5, np.arange(height_px) + 0.5)
    ideal = undistort(view, np.stack([x, y], 2)) + np.array(margin_px(view)) - 0.5
    return ideal[..., 0].astype(np.float32), ideal[..., 1].astype(np.float32)


@lru_cache(maxsize=1)
def _grain() -> Floats:
    """Noise of unit variance that repeats without seam; neighbours share some of it, as colours
    do that a camera fills in from neighbouring cells.

    Drawing it anew for each picture would cost more than drawing the room.
    """
    white = np.random.default_rng(_GRAIN_SEED).standard_normal((_GRAIN_PX, _GRAIN_PX, 3))
    mixed = white.copy()
    for axis in (0, 1):
        mixed += 0.35 * (np.roll(white, 1, axis) + np.roll(white, -1, axis))
    shared = mixed.mean(axis=2, keepdims=True)
    mixed += 0.8 * shared
    return np.asarray(mixed / mixed.std(), np.float32)


@lru_cache(maxsize=8)
def _tone(contrast: float, black: float) -> Floats:
    """Picture value (0 to 1) of linear light in 4096 steps: the sRGB curve, then contrast."""
    light = np.linspace(0, 1, _TONE_STEPS)
    curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    turned = (curve - 0.5) * contrast + 0.5
    return np.asarray(np.clip(black + (1 - black) * turned, 0, 1), np.float32)
