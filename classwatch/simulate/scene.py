"""What the parts of the picture simulator hand to each other: meshes, materials, lights, views.

World: metres, y up, floor at y = 0; x from -width/2 to width/2, z from the front wall (0) to the
back wall (depth). Somebody with yaw 0 faces +z, the class, and has their left at +x; students
have yaw pi. Colours are linear light unless a texture (sRGB bytes).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
ROOM = -1
"""Owner of triangles that belong to nobody and never move."""
LOOSE = -2
"""Owner of triangles that figures carry or move: drawn where they are now, and nobody's."""


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """n vertices and m triangles, counter-clockwise seen from outside.

    ``vertices_m`` and ``normals`` (n, 3) float32; ``uv`` (n, 2) float32, origin lower left;
    ``openness`` (n,) float32, 1 = nothing near that keeps light away; ``faces`` (m, 3) int32;
    ``material`` (m,) int16 indexes ``Materials``; ``tint`` (m, 3) float32 multiplies its colour;
    ``owner`` (m,) int16, the number of a figure, ``ROOM`` or ``LOOSE``.
    """

    vertices_m: Floats
    normals: Floats
    uv: Floats
    openness: Floats
    faces: NDArray[np.int32]
    material: NDArray[np.int16]
    tint: Floats
    owner: NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """How a surface takes light; ``texture`` (h, w, 3 or 4) uint8 sRGB, h and w powers of two."""

    name: str
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    texture: NDArray[np.uint8] | None = None
    specular: float = 0.0
    shininess: float = 20.0
    emission: float = 0.0
    wrap: float = 0.0
    """Light bleeding past the edge of shade: skin and cloth."""
    cutout: bool = False
    """Texels with alpha under a half are holes."""
    casts_shadow: bool = True


@dataclass(slots=True)
class Materials:
    """Materials in the order in which they were added."""

    items: list[Material] = field(default_factory=list)

    def add(self, material: Material) -> int:
        """Number of ``material`` for ``Mesh.material``."""
        self.items.append(material)
        return len(self.items) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """A far light with a shadow map. ``towards`` (3,) points to the light."""

    towards: NDArray[np.float64]
    colour: NDArray[np.float64]
    softness_px: float = 2.0
    bias_m: float = 0.05
    map_px: int = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Lighting:
    """At most three lights; ambient light (3,) from above, the sides and below; exposure."""

    lights: tuple[Light, ...]
    ambient_up: NDArray[np.float64]
    ambient_side: NDArray[np.float64]
    ambient_down: NDArray[np.float64]
    exposure: float = 1.3
    background: tuple[float, float, float] = (0.75, 0.8, 0.85)


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat: ``id`` is ``r2c3`` of the script; ``x_m``, ``z_m`` the middle of the chair."""

    id: str
    row: int
    column: int
    x_m: float
    z_m: float
    yaw: float
    chair_height_m: float
    desk_height_m: float
    desk_edge_m: float
    """From the middle of the chair forward to the near edge of the desk."""


@dataclass(frozen=True, slots=True)
class Floorplan:
    """What movement and cameras need to know of a room."""

    width_m: float
    depth_m: float
    height_m: float
    platform_height_m: float
    platform_depth_m: float
    board_left_m: float
    """x of the board's end at the teacher's left hand when facing the class (larger x)."""
    board_right_m: float
    board_bottom_m: float
    board_top_m: float
    podium_x_m: float
    podium_z_m: float
    podium_height_m: float
    window_side: int
    """+1: windows at large x, -1: at small x."""
    seats: tuple[Seat, ...]

    def seat(self, seat_id: str) -> Seat:
        """The seat called ``seat_id``; KeyError where there is none."""
        for seat in self.seats:
            if seat.id == seat_id:
                return seat
        raise KeyError(seat_id)


@dataclass(frozen=True, slots=True, eq=False)
class BuiltRoom:
    """A furnished room without people: its mesh (all ``ROOM``), its light, its plan."""

    mesh: Mesh
    lighting: Lighting
    plan: Floorplan


@dataclass(frozen=True, slots=True, eq=False)
class PosedFigure:
    """One figure at one moment, in the world.

    ``vertices_m`` and ``normals`` (n, 3) float32, parallel to the figure's rest mesh;
    ``keypoints_m`` (17, 3) float64 in COCO order. ``present`` is False while out of the room.
    """

    vertices_m: Floats
    normals: Floats
    keypoints_m: NDArray[np.float64]
    present: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A pinhole camera with one-term radial distortion.

    ``rotation`` (3, 3) and ``shift`` (3,) take the world to the camera (x right, y down, z
    forward); ``focal_px``; ``k1`` in units of half the width: ideal = seen * (1 + k1 |seen|^2).
    """

    rotation: NDArray[np.float64]
    shift: NDArray[np.float64]
    focal_px: float
    width_px: int
    height_px: int
    k1: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """One picture before the camera's own faults, and what is seen in it.

    ``light`` (h, w, 3) float32 linear; ``owner`` (h s, w s) int16 the figure seen at each sample
    (``ROOM``: none), ``inverse_depth`` (h s, w s) float32 in 1/m (0: nothing) and ``triangle``
    (h s, w s) int32, with s = ``samples`` a side; ``projected`` (n, 3) float32 the vertices as x,
    y in samples and 1/depth (0 for what is nearer than 0.1 m or behind the camera). Distortion is
    not applied; for a barrel lens (``k1`` > 0) h and w are larger than the view's by
    ``render.view.margin_px`` on each side. Light is exposed and stays below 1.
    """

    light: Floats
    owner: NDArray[np.int16]
    inverse_depth: Floats
    triangle: NDArray[np.int32]
    projected: Floats
    samples: int
