"""A room and its people drawn as a camera without faults would see them.

A deferred software rasteriser: which triangle is nearest at each sample, shadow maps, ambient
occlusion in screen space, then light for each visible surface. What the empty room looks like is
kept for views that come again: only figures are drawn on top, and only pixels that they cover,
shade or darken are looked at anew. The result is the same as if everything were drawn.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import InputError
from classwatch.simulate.render.arrays import Canvas, Holes, Lamps, Surface
from classwatch.simulate.render.kernels import kernels
from classwatch.simulate.render.materials import pack_looks, pack_textures, surface_kinds
from classwatch.simulate.render.shadows import Bounds, Shadows, coarse_casters
from classwatch.simulate.render.shot import (
    Paint,
    Shot,
    Targets,
    air_of,
    camera_of,
    project_vertices,
    smoothed,
)
from classwatch.simulate.scene import LOOSE, ROOM, Floats, Lighting, Materials, Mesh, Rendered, View

_MOST_LIGHTS = 3
_FACETS = 8
"""Steps of a component of a triangle's direction, by which flat faces of the room differ."""
_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _EmptyRoom:
    """What one view shows of the room without figures."""

    canvas: Canvas
    raw_openness: Floats
    openness: Floats
    light: Floats
    starts: NDArray[np.int32]
    tiles: NDArray[np.uint16]
    limits: Floats


class Renderer:
    """Draws one scene again and again, from any view, with its figures in any pose.

    ``mesh`` holds the room (``ROOM``) and every figure in some pose, ``bounds`` the lowest and
    highest corner of the room. The room stands still: its vertices are taken from ``mesh``.
    A view is kept (about 70 bytes a pixel at two samples a side) when it comes the second time;
    ``keep_views`` says how many. One thread; a renderer must not be shared between threads.
    Raises InputError where mesh, materials and lights do not fit together, ModelError where numba
    is missing.
    """

    def __init__(
        self,
        mesh: Mesh,
        materials: Materials,
        lighting: Lighting,
        bounds: Bounds,
        keep_views: int = 2,
    ) -> None:
        _check(mesh, materials, lighting)
        self._mesh = mesh
        self._kind = _kinds(mesh)
        self._owner = np.where(mesh.owner == LOOSE, ROOM, mesh.owner).astype(np.int16)
        self._figure = mesh.owner != ROOM
        self._room_faces = np.flatnonzero(~self._figure)
        self._figure_faces = np.flatnonzero(self._figure)
        self._figure_vertices = np.unique(mesh.faces[self._figure_faces])
        cut = np.array([m.cutout for m in materials.items], bool)[mesh.material]
        casts = np.array([m.casts_shadow for m in materials.items], bool)[mesh.material]
        textures = pack_textures(materials.items)
        holes = Holes(cut, mesh.uv, mesh.faces, mesh.material, textures, True)
        self._paint = Paint(pack_looks(materials.items), textures, holes, air_of(lighting))
        casting = self._figure_faces[casts[self._figure_faces]]
        self._casters = coarse_casters(mesh, casting, cut[casting])
        self._shadows = Shadows(lighting, bounds, holes)
        still = self._surface(mesh.vertices_m, mesh.normals)
        self._shadows.keep_empty(still, self._room_faces[casts[self._room_faces]])
        self._keep_views = keep_views
        self._views: OrderedDict[_Key, _EmptyRoom | None] = OrderedDict()
        self.draws_kept = 0
        """How many pictures were drawn onto what was kept of the empty room."""

    def draw(self, vertices_m: Floats, normals: Floats, view: View, samples: int = 2) -> Rendered:
        """The scene with its vertices (n, 3) and unit normals (n, 3) where they are now.

        ``samples`` a side are taken in each pixel. The picture is undistorted and, for a barrel
        lens, larger than the view by ``margin_px`` on each side. Light is exposed, with highlights
        held back below 1. Raises InputError where the arrays are not parallel to the mesh.
        """
        surface = self._moved(vertices_m, normals)
        camera, shape = camera_of(view, samples)
        projected, corners = project_vertices(surface.vertices, camera)
        shot = Shot(self._paint, surface, camera, corners, shape, samples)
        lamps = self._shadows.with_figures(surface, self._casters)
        empty = self._remembered(view, shot)
        if empty is None:
            canvas, light = self._draw_all(shot, lamps)
        else:
            self.draws_kept += 1
            canvas, light = self._draw_onto(empty, shot, lamps)
        owner = np.empty(canvas.triangle.shape, np.int16)
        kernels("draw").owners(canvas.triangle, self._owner, ROOM, owner)
        return Rendered(light, owner, canvas.nearness, canvas.triangle, projected, samples)

    def project(self, vertices_m: Floats, view: View, samples: int = 2) -> Floats:
        """``Rendered.projected`` of vertices (n, 3) without drawing them."""
        camera, _ = camera_of(view, samples)
        return project_vertices(np.ascontiguousarray(vertices_m, np.float32), camera)[0]

    def _surface(self, vertices_m: Floats, normals: Floats) -> Surface:
        mesh = self._mesh
        return Surface(
            np.ascontiguousarray(vertices_m, np.float32),
            np.ascontiguousarray(normals, np.float32),
            mesh.uv,
            mesh.openness,
            mesh.faces,
            mesh.material,
            mesh.tint,
            self._kind,
        )

    def _moved(self, vertices_m: Floats, normals: Floats) -> Surface:
        """The room where it always is, the figures where they are now."""
        mesh = self._mesh
        if vertices_m.shape != mesh.vertices_m.shape or normals.shape != mesh.normals.shape:
            raise InputError(
                f"vertices {vertices_m.shape} and normals {normals.shape} do not fit a mesh of "
                f"{len(mesh.vertices_m)} vertices",
                subject="renderer",
                remedy="give all vertices of the scene, in the mesh's order",
            )
        moved = self._figure_vertices
        vertices, directions = mesh.vertices_m.copy(), mesh.normals.copy()
        vertices[moved], directions[moved] = vertices_m[moved], normals[moved]
        return self._surface(vertices, directions)

    def _draw_all(self, shot: Shot, lamps: Lamps) -> tuple[Canvas, Floats]:
        canvas = shot.blank()
        shot.cover(canvas, self._room_faces)
        shot.cover(canvas, self._figure_faces)
        openness = smoothed(shot.raw_openness(canvas, self._figure))
        light = np.empty((*shot.shape, 3), np.float32)
        shot.light(canvas, lamps, Targets(light, np.ones(shot.shape, bool), openness))
        return canvas, light

    def _draw_onto(self, empty: _EmptyRoom, shot: Shot, lamps: Lamps) -> tuple[Canvas, Floats]:
        canvas = Canvas(empty.canvas.nearness.copy(), empty.canvas.triangle.copy())
        shot.cover(canvas, self._figure_faces)
        openness = smoothed(shot.raw_openness(canvas, self._figure, empty.raw_openness))
        wanted = np.empty(shot.shape, bool)
        kernels("reuse").mark_touched(
            canvas,
            lamps,
            (empty.starts, empty.tiles, empty.limits),
            self._figure,
            (wanted, openness, empty.openness),
        )
        light = empty.light.copy()
        shot.light(canvas, lamps, Targets(light, wanted, openness))
        return canvas, light

    def _remembered(self, view: View, shot: Shot) -> _EmptyRoom | None:
        """What ``view`` shows of the empty room, once it has come twice."""
        key: _Key = (
            view.rotation.tobytes(),
            view.shift.tobytes(),
            view.focal_px,
            shot.shape,
            shot.samples,
        )
        if self._keep_views < 1:
            return None
        known = key in self._views
        empty = self._views.pop(key, None)
        if known and empty is None:
            empty = self._empty_room(shot)
        self._views[key] = empty
        while len(self._views) > self._keep_views:
            self._views.popitem(last=False)
        return empty

    def _empty_room(self, shot: Shot) -> _EmptyRoom:
        canvas = shot.blank()
        shot.cover(canvas, self._room_faces)
        raw = shot.raw_openness(canvas, self._figure)
        openness = smoothed(raw)
        lamps = self._shadows.empty()
        light = np.empty((*shot.shape, 3), np.float32)
        shot.light(canvas, lamps, Targets(light, np.ones(shot.shape, bool), openness))
        reuse = kernels("reuse")
        starts = np.empty(shot.shape[0] * shot.shape[1] + 1, np.int32)
        reuse.count_looks(shot.surface, canvas, shot.samples, starts)
        count = int(starts[-1])
        tiles = np.zeros((count, len(lamps.start)), np.uint16)
        limits = np.empty((count, len(lamps.start)), np.float32)
        scene = (shot.surface, self._paint.looks, shot.camera, lamps)
        reuse.note_looks(scene, canvas, shot.samples, tiles, limits)
        return _EmptyRoom(canvas, raw, openness, light, starts, tiles, limits)


def _kinds(mesh: Mesh) -> NDArray[np.int32]:
    """``Surface.kind``. Curved figures bend gently from face to face, furniture has edges."""
    corners = mesh.vertices_m[mesh.faces].astype(np.float64)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-20
    facet = np.rint(normal * _FACETS) * (mesh.owner == ROOM)[:, None]
    keys = np.column_stack([mesh.owner, mesh.material, mesh.tint, facet + 0.0])
    return surface_kinds(keys.astype(np.float32))


def _check(mesh: Mesh, materials: Materials, lighting: Lighting) -> None:
    n, m = len(mesh.vertices_m), len(mesh.faces)
    wrong = ""
    if mesh.faces.size and not (mesh.faces.min() >= 0 and mesh.faces.max() < n):
        wrong = f"faces name vertices outside 0 .. {n - 1}"
    elif m and not (mesh.material.min() >= 0 and mesh.material.max() < len(materials.items)):
        wrong = f"faces name materials outside 0 .. {len(materials.items) - 1}"
    elif not 1 <= len(lighting.lights) <= _MOST_LIGHTS:
        wrong = f"{len(lighting.lights)} lights, of 1 to {_MOST_LIGHTS}"
    elif not (len(mesh.normals) == len(mesh.uv) == len(mesh.openness) == n):
        wrong = "normals, uv and openness are not parallel to the vertices"
    elif not (len(mesh.material) == len(mesh.tint) == len(mesh.owner) == m):
        wrong = "material, tint and owner are not parallel to the faces"
    if wrong:
        raise InputError(wrong, subject="scene", remedy="build mesh and materials together")
