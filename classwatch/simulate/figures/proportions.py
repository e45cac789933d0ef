"""A shape at rest with the proportions of another body: bones as long and as thick as there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.figures.bones import BONES, NUMBER, PARENT_OF, pair
from classwatch.simulate.figures.character import Shape

Array = NDArray[np.float64]
_PARTS: Final[Mapping[str, str]] = {
    "root": "torso", "spine05": "torso", "spine04": "torso", "spine03": "torso",
    "spine02": "torso", "spine01": "torso", "neck01": "neck", "neck02": "neck", "head": "neck",
    "jaw": "head", "pelvis": "hips", "upperleg01": "hips", "upperleg02": "legs",
    "lowerleg01": "legs", "lowerleg02": "legs", "foot": "legs", "clavicle": "shoulders",
    "shoulder01": "shoulders", "upperarm01": "shoulders", "upperarm02": "arms",
    "lowerarm01": "arms", "lowerarm02": "arms", "wrist": "arms", "thumb1": "hands",
    "thumb2": "hands", "fingers1": "hands", "fingers2": "hands",
}  # fmt: skip
"""The part whose length decides how far the head of a bone lies from that of its parent."""
_LONGER: Final[Mapping[str, float]] = {
    "torso": 0.04, "neck": 0.06, "head": 0.05, "hips": 0.05, "legs": 0.04, "shoulders": 0.05,
    "arms": 0.05, "hands": 0.05,
}  # fmt: skip
"""Standard deviations of the log of how much longer a part is."""
_THICKER = 0.08
_MOST = 2.5
"""Standard deviations beyond which nobody differs."""
_AHEAD: Final[Mapping[str, str]] = {
    "root": "spine05", "spine01": "neck01", "wrist": "fingers1", "head": "head", "foot": "foot",
}  # fmt: skip
"""The bone that begins where this one ends, of several; itself for those that end in no joint."""
_HEAD: Final = frozenset(("head", "jaw"))
_EARS = slice(3, 5)


@dataclass(frozen=True, slots=True)
class Proportions:
    """How much ``longer`` each part is than in another body, and how much ``thicker`` all are."""

    longer: Mapping[str, float]
    thicker: float


def draw_proportions(rng: np.random.Generator) -> Proportions:
    """Somebody about as others are."""
    drawn = np.clip(rng.standard_normal(len(_LONGER) + 1), -_MOST, _MOST)
    longer = {
        part: float(np.exp(spread * far))
        for (part, spread), far in zip(_LONGER.items(), drawn, strict=False)
    }
    return Proportions(longer, float(np.exp(_THICKER * drawn[-1])))


def reshaped(shape: Shape, body: Shape, proportions: Proportions) -> Shape:
    """``shape`` with the joints of ``body``, changed by ``proportions``; it stands at y = 0.

    Every vertex goes with its bones, which are turned, stretched and thickened from their place in
    ``shape`` to that in ``body``: weighted as in skinning.
    """
    heads = _stretched(body.bone_heads_m, proportions)
    matrices = _matrices(shape, body, heads, proportions)
    moved = _skinned(shape, matrices, heads)
    keypoints = _taken(shape, matrices, heads, shape.keypoint_bones, shape.keypoints_m)
    down = np.array([0.0, float(moved[:, 1].min()), 0.0])
    return replace(
        shape,
        vertices_m=(moved - down).astype(np.float32),
        bone_heads_m=heads - down,
        keypoints_m=keypoints - down,
    )


def _stretched(heads_m: Array, proportions: Proportions) -> Array:
    """Joints (44, 3) with every part as much longer as it should be."""
    out = heads_m.copy()
    for name in BONES[1:]:
        child, parent = NUMBER[name], NUMBER[PARENT_OF[name]]
        factor = proportions.longer[_PARTS[_unsided(name)]]
        out[child] = out[parent] + factor * (heads_m[child] - heads_m[parent])
    return out


def _matrices(shape: Shape, body: Shape, heads_m: Array, proportions: Proportions) -> Array:
    """Per bone what turns and stretches it (44, 3, 3)."""
    own = shape.bone_heads_m
    across = _width(body.bone_heads_m) / _width(own) * proportions.thicker
    ears = _apart(body.keypoints_m[_EARS]) / _apart(shape.keypoints_m[_EARS])
    head = ears * proportions.longer["head"]
    out = np.empty((len(BONES), 3, 3))
    for number, name in enumerate(BONES):
        ahead = _ahead(name)
        if _unsided(name) in _HEAD:
            out[number] = head * np.eye(3)
        elif ahead == number:
            out[number] = across * np.eye(3)
        elif ahead < 0:
            out[number] = out[NUMBER[PARENT_OF[name]]]
        else:
            out[number] = _between(
                own[ahead] - own[number], heads_m[ahead] - heads_m[number], across
            )
    return out


def _between(old: Array, new: Array, across: float) -> Array:
    """What turns the direction ``old`` to ``new``, stretches along it to the length of ``new`` and
    by ``across`` about it."""
    length, wanted = float(np.linalg.norm(old)), float(np.linalg.norm(new))
    if length < 1e-6 or wanted < 1e-6:
        return across * np.eye(3)
    a, b = old / length, new / wanted
    stretch = across * np.eye(3) + (wanted / length - across) * np.outer(a, a)
    # Rodrigues for the smallest turn from a to b, which are never opposite.
    cross = np.cross(a, b)
    skew = np.array([[0, -cross[2], cross[1]], [cross[2], 0, -cross[0]], [-cross[1], cross[0], 0]])
    turn = np.eye(3) + skew + skew @ skew / (1 + float(a @ b))
    return np.asarray(turn @ stretch, np.float64)


def _skinned(shape: Shape, matrices: Array, heads_m: Array) -> Array:
    """Vertices (n, 3): the weighted mean of where each of their bones takes them."""
    vertices = shape.vertices_m.astype(np.float64)
    out = np.zeros_like(vertices)
    for k in range(shape.bone_index.shape[1]):
        bone = shape.bone_index[:, k]
        out += shape.bone_weight[:, k, None] * _taken(shape, matrices, heads_m, bone, vertices)
    return out


def _taken(
    shape: Shape, matrices: Array, heads_m: Array, bone: NDArray[np.integer], places_m: Array
) -> Array:
    """Places (n, 3), each where its bone (n,) takes it."""
    from_joint = places_m - shape.bone_heads_m[bone]
    moved = heads_m[bone] + np.einsum("nij,nj->ni", matrices[bone], from_joint)
    return np.asarray(moved, np.float64)


def _ahead(name: str) -> int:
    """Number of the bone that begins where this one ends; -1 for the last of a hand or foot."""
    plain, side = _unsided(name), name[len(_unsided(name)) :]
    if plain in _AHEAD:
        ahead = _AHEAD[plain]
        return NUMBER[ahead if ahead in NUMBER else ahead + side]
    children = [bone for bone in BONES if PARENT_OF[bone] == name]
    return NUMBER[children[0]] if children else -1


def _unsided(name: str) -> str:
    return name.removesuffix(".L").removesuffix(".R")


def _width(heads_m: Array) -> float:
    """Distance of the shoulders and of the hips together."""
    return _apart(heads_m[pair("upperarm01")]) + _apart(heads_m[pair("upperleg01")])


def _apart(two: Array) -> float:
    return float(np.linalg.norm(two[0] - two[1]))
