"""The skeleton that every figure has: 44 bones, as in reduced exports of MakeHuman's default rig.

Parents come before children. ``.L`` is the figure's own left, at +x when it faces +z. A figure at
rest stands with its arms half down; every bone's rest rotation is the identity, so that a bone is
known by the place of its head alone.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_TORSO = (
    ("root", ""),
    ("spine05", "root"),
    ("spine04", "spine05"),
    ("spine03", "spine04"),
    ("spine02", "spine03"),
    ("spine01", "spine02"),
    ("neck01", "spine01"),
    ("neck02", "neck01"),
    ("head", "neck02"),
    ("jaw", "head"),
)
_LIMBS = (
    ("pelvis", "root"),
    ("upperleg01", "pelvis"),
    ("upperleg02", "upperleg01"),
    ("lowerleg01", "upperleg02"),
    ("lowerleg02", "lowerleg01"),
    ("foot", "lowerleg02"),
    ("clavicle", "spine01"),
    ("shoulder01", "clavicle"),
    ("upperarm01", "shoulder01"),
    ("upperarm02", "upperarm01"),
    ("lowerarm01", "upperarm02"),
    ("lowerarm02", "lowerarm01"),
    ("wrist", "lowerarm02"),
    ("thumb1", "wrist"),
    ("thumb2", "thumb1"),
    ("fingers1", "wrist"),
    ("fingers2", "fingers1"),
)
_MIDDLE: Final = frozenset(name for name, _ in _TORSO)

SIDES: Final = ("L", "R")


def _sided(parent: str, side: str) -> str:
    return parent if parent in _MIDDLE else f"{parent}.{side}"


PARENT_OF: Final[dict[str, str]] = dict(_TORSO) | {
    f"{name}.{side}": _sided(parent, side) for name, parent in _LIMBS for side in SIDES
}
"""Parent of each bone, "" for the root, in the order of ``BONES``."""

BONES: Final[tuple[str, ...]] = tuple(PARENT_OF)
NUMBER: Final[dict[str, int]] = {name: k for k, name in enumerate(BONES)}

MIRRORED: Final[NDArray[np.intp]] = np.array(
    [NUMBER[n[:-1] + {"L": "R", "R": "L"}[n[-1]] if n[-2:] in (".L", ".R") else n] for n in BONES],
    np.intp,
)
"""For each bone the number of its counterpart on the other side."""

MIRRORED_KEYPOINTS: Final = np.array([0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15])
"""The same for the COCO keypoints."""

KEYPOINT_BONES: Final[tuple[str, ...]] = (
    *["head"] * 5,
    *["shoulder01.L", "shoulder01.R", "lowerarm01.L", "lowerarm01.R", "wrist.L", "wrist.R"],
    *["upperleg01.L", "upperleg01.R", "lowerleg01.L", "lowerleg01.R", "foot.L", "foot.R"],
)
"""The bone that usually carries each COCO keypoint."""


def pair(name: str) -> NDArray[np.intp]:
    """Numbers of the left and the right bone called ``name``."""
    return np.array([NUMBER[f"{name}.{side}"] for side in SIDES], np.intp)
