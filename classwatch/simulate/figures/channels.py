"""A pose as a row of numbers: what the skeleton is asked to do, in a frame of the person's own.

Frame: origin on the floor under the pelvis (standing) or under the middle of the seat (sitting),
y up, +z where the person faces, +x their left. Metres and radians. Rows can be blended.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_WHOLE = (("root", 3), ("yaw", 1), ("pelvis", 3), ("spine", 3), ("head", 3), ("jaw", 1))
_EACH_SIDE = (
    ("wrist", 3),
    ("elbow", 3),
    ("hand", 3),
    ("palm", 3),
    ("curl", 1),
    ("shrug", 1),
    ("ankle", 3),
    ("knee", 3),
    ("toe", 1),
)
"""``wrist`` and ``ankle`` are places to reach; ``elbow`` and ``knee`` directions towards which the
joint bends; ``hand`` and ``palm`` the directions of the fingers and out of the palm; ``curl`` bends
the fingers, ``shrug`` lifts the shoulder, ``toe`` lowers the toes. ``pelvis``, ``spine`` and
``head`` are bow, turn to the left, tilt to the left; spine against pelvis, head against chest."""


def _layout() -> tuple[dict[str, slice], int]:
    fields = list(_WHOLE) + [(f"{n}.{s}", k) for s in ("L", "R") for n, k in _EACH_SIDE]
    slices: dict[str, slice] = {}
    start = 0
    for name, width in fields:
        slices[name] = slice(start, start + width)
        start += width
    return slices, start


SLICES, WIDTH = _layout()
_LEFT = np.arange(SLICES["wrist.L"].start, SLICES["wrist.R"].start)
_RIGHT = np.arange(SLICES["wrist.R"].start, WIDTH)
_BY_SIDE: Final = np.stack([_LEFT, _RIGHT])
_SIDE_START = SLICES["wrist.L"].start


def channel(rows: Array, name: str) -> Array:
    """The numbers called ``name`` of rows (..., WIDTH), as a view."""
    return rows[..., SLICES[name]]


def both_sides(rows: Array, name: str) -> Array:
    """The numbers called ``name`` of both sides: (p, 2, k), left first, of rows (p, WIDTH)."""
    part = SLICES[f"{name}.L"]
    columns = _BY_SIDE[:, part.start - _SIDE_START : part.stop - _SIDE_START]
    return rows[:, columns]


class Pose:
    """One row while it is being composed, by names of channels."""

    __slots__ = ("row",)

    def __init__(self, row: Array | None = None) -> None:
        self.row: Array = np.zeros(WIDTH) if row is None else row.copy()

    def __getitem__(self, name: str) -> Array:
        return self.row[SLICES[name]]

    def __setitem__(self, name: str, value: ArrayLike) -> None:
        self.row[SLICES[name]] = value
