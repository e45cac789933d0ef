"""A character made into one person: one level of detail, scaled, mirrored, hair shaped."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.figures import held
from classwatch.simulate.figures.bones import MIRRORED, MIRRORED_KEYPOINTS, NUMBER
from classwatch.simulate.figures.character import Character
from classwatch.simulate.figures.looks import Look
from classwatch.simulate.figures.skinning import Skin, twins
from classwatch.simulate.scene import Floats

Array = NDArray[np.float64]
_LENGTH_SPREAD_M = 0.012
"""How far the ends of hair hang lower or higher than in the character."""
_LOCKS_M = 0.004
"""Height of the locks on the surface of hair."""


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A body at rest: its ``skin``, triangles ``corners`` (m, 3) int32 with ``surface`` (m,) uint8.

    ``uv`` (n, 2) and ``openness`` (n,) are parallel to the vertices.
    """

    skin: Skin
    corners: NDArray[np.int32]
    surface: NDArray[np.uint8]
    uv: Floats
    openness: Floats


def fit(character: Character, look: Look, lod: int, rng: np.random.Generator) -> Fitted:
    """``character`` as somebody who looks like ``look``; ``lod`` 0 is fine, 1 coarse.

    Vertices that no triangle uses are left out; the last ``held.VERTICES`` are held things, each in
    a frame of its own.
    """
    shape = character.shape
    level = character.coarse if lod else character.fine
    keep = np.ones(len(level.surface), np.bool_)
    if not look.glasses:
        keep &= level.surface != character.surface_number("glasses")
    corners, surface = level.corners[keep], level.surface[keep]
    used, corners_flat = np.unique(corners, return_inverse=True)
    corners = corners_flat.reshape(corners.shape).astype(np.int32)
    vertices = shape.vertices_m[used].astype(np.float64)
    twin = twins(shape.vertices_m[used])
    hair = np.unique(corners[surface == character.surface_number("hair")])
    vertices[hair] += _hair_offsets(vertices, hair, twin, rng)
    scale = _Scale(shape.bone_heads_m, look)
    vertices, heads = scale(vertices), scale(shape.bone_heads_m)
    keypoints, carriers = scale(shape.keypoints_m), shape.keypoint_bones
    bone_index = shape.bone_index[used]
    if look.mirrored:
        vertices, keypoints = _flip(vertices), _flip(keypoints)[MIRRORED_KEYPOINTS]
        heads, carriers = _flip(heads)[MIRRORED], MIRRORED[carriers][MIRRORED_KEYPOINTS]
        bone_index = MIRRORED[bone_index].astype(np.uint8)
        corners = np.ascontiguousarray(corners[:, ::-1])
    skin = Skin(
        vertices_m=vertices.astype(np.float32),
        bone_index=bone_index,
        bone_weight=shape.bone_weight[used],
        twin=twin,
        welded=twin[corners],
        bone_heads_m=heads,
        keypoints_m=keypoints,
        keypoint_bones=carriers,
    )
    body = Fitted(skin, corners, surface, shape.uv[used], shape.openness[used])
    return _with_things(body, len(character.surfaces))


def _with_things(body: Fitted, first_surface: int) -> Fitted:
    """``body`` and the things it can hold, their surfaces numbered from ``first_surface``."""
    skin, count = body.skin, len(body.skin.vertices_m)
    index = np.zeros((held.VERTICES, 4), np.uint8)
    index[:, 0] = held.bones_of_vertices()
    weight = np.zeros((held.VERTICES, 4), np.float32)
    weight[:, 0] = 1.0
    corners = held.corners() + np.int32(count)
    # Their edges are sharp: corners at one place keep normals of their own.
    own = np.arange(count, count + held.VERTICES, dtype=np.int32)
    things = np.arange(first_surface, first_surface + len(held.THINGS), dtype=np.uint8)
    return Fitted(
        skin=replace(
            skin,
            vertices_m=np.concatenate([skin.vertices_m, held.vertices()]),
            bone_index=np.concatenate([skin.bone_index, index]),
            bone_weight=np.concatenate([skin.bone_weight, weight]),
            twin=np.concatenate([skin.twin, own]),
            welded=np.concatenate([skin.welded, corners]),
        ),
        corners=np.concatenate([body.corners, corners]),
        surface=np.concatenate([body.surface, np.repeat(things, held.TRIANGLES_EACH)]),
        uv=np.concatenate([body.uv, np.zeros((held.VERTICES, 2), np.float32)]),
        openness=np.concatenate([body.openness, np.ones(held.VERTICES, np.float32)]),
    )


def _flip(points: Array) -> Array:
    return np.asarray(points * np.array([-1.0, 1.0, 1.0]), np.float64)


class _Scale:
    """Height of the whole and width of the body; the head keeps nearly its own proportions."""

    def __init__(self, heads: Array, look: Look) -> None:
        self._low = float(heads[NUMBER["spine01"], 1])
        self._high = float(heads[NUMBER["head"], 1])
        self._look = look

    def __call__(self, points: Array) -> Array:
        up = np.clip((points[:, 1] - self._low) / (self._high - self._low), 0.0, 1.0)
        width = 1 + (self._look.width - 1) * (1 - 0.7 * up)
        scale = np.stack([width, np.ones_like(width), width], 1) * self._look.height
        return np.asarray(points * scale, np.float64)


def _hair_offsets(
    vertices: Array, hair: NDArray[np.intp], twin: NDArray[np.int32], rng: np.random.Generator
) -> Array:
    """Locks and uneven ends (h, 3) for the hair's vertices: smooth shapes look like helmets.

    Vertices at one place move together.
    """
    if not len(hair):
        return np.zeros((0, 3))
    rough = rng.standard_normal(len(vertices))[twin[hair]]
    places = vertices[hair]
    middle = np.median(places, 0)
    out = places - middle
    out /= np.linalg.norm(out, axis=1, keepdims=True) + 1e-9
    low = float(places[:, 1].min())
    span = max(float(places[:, 1].max()) - low, 1e-6)
    end = np.clip(1 - (places[:, 1] - low) / (0.35 * span), 0.0, 1.0)
    volume_m = float(rng.uniform(0.0, 0.006))
    moved = out * (volume_m + _LOCKS_M * np.abs(rough))[:, None]
    moved[:, 1] -= end * (_LENGTH_SPREAD_M * rough + rng.uniform(-0.008, 0.012))
    return np.asarray(moved, np.float64)
