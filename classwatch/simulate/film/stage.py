"""One room of a lesson, furnished and with its people, ready to be drawn at any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.figures.cast import Cast
from classwatch.simulate.figures.load import load_figures
from classwatch.simulate.figures.motion import Motion
from classwatch.simulate.figures.schematic import schematic_library
from classwatch.simulate.film.follow import STEP_S, follow
from classwatch.simulate.film.schedule import teacher_of
from classwatch.simulate.film.sightings import Who
from classwatch.simulate.room.board import BoardContent, board_at
from classwatch.simulate.room.build import build_room, repaint
from classwatch.simulate.room.plan import plan_room
from classwatch.simulate.scene import (
    Floats,
    Floorplan,
    Lighting,
    Materials,
    Mesh,
    PosedFigure,
    Rendered,
    View,
)
from classwatch.simulate.timeline import Timeline

if TYPE_CHECKING:
    from classwatch.simulate.figures.character import FigureLibrary
    from classwatch.simulate.render.raster import Renderer

_HALF_DESK_M = 0.5
_BYTES_PER_SAMPLE = 18
_MOST_BYTES = 600_000_000
"""For views of the empty room that are kept, in each process."""
_BELOW_M = -5.0
"""Where those are put who are out of the room: under the floor, in one point."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """The room at one time: everybody posed, and all vertices and normals (n, 3) of the scene."""

    time_s: float
    figures: tuple[PosedFigure, ...]
    vertices_m: Floats
    normals: Floats


def library_from(folder: Path | None) -> FigureLibrary:
    """The characters of a folder, or the schematic ones; InputError for a bad folder."""
    return schematic_library() if folder is None else load_figures(folder)


class Stage:
    """A room of a lesson. Not to be shared between threads.

    ``timeline`` is that of the room alone (``schedule.in_room``). What the board and the screen
    show is painted anew when it changes, so moments are best drawn in order of time.
    """

    def __init__(
        self, timeline: Timeline, library: FigureLibrary, *, room: int = 0, samples: int = 2
    ) -> None:
        script = timeline.script
        self.timeline = timeline
        self.plan: Floorplan = plan_room(script.room, script.seed)
        self._materials = Materials()
        self.cast = Cast.build(script, self.plan, library, self._materials, room)
        self.motion = Motion(self.cast, timeline, self.plan)
        self.people = tuple(Who(m.person_id, m.kind) for m in self.cast.members)
        self._samples = samples
        self._room: _Furnished | None = None
        self._painted: tuple[BoardContent, Renderer] | None = None
        self._aim: NDArray[np.float64] | None = None

    def at(self, time_s: float) -> Moment:
        """Everybody and everything at ``time_s``."""
        furnished = self._furnished()
        figures = self.motion.at(time_s)
        vertices, normals = furnished.mesh.vertices_m.copy(), furnished.mesh.normals.copy()
        for (first, last), figure in zip(furnished.spans, figures, strict=True):
            if figure.present:
                vertices[first:last], normals[first:last] = figure.vertices_m, figure.normals
            else:
                vertices[first:last] = (0.0, _BELOW_M, 0.0)
        return Moment(time_s, figures, vertices, normals)

    def draw(self, moment: Moment, view: View) -> Rendered:
        """The picture of a camera without faults."""
        renderer = self._renderer(moment.time_s)
        return renderer.draw(moment.vertices_m, moment.normals, view, self._samples)

    def project(self, moment: Moment, view: View) -> Floats:
        """Where all vertices fall, as ``Rendered.projected``, without drawing."""
        # What is written on the board does not matter here: any renderer will do.
        renderer = self._painted[1] if self._painted else self._renderer(moment.time_s)
        return renderer.project(moment.vertices_m, view, self._samples)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Vertices of the scene that belong to each figure: first, and one past the last."""
        return self._furnished().spans

    @property
    def faces(self) -> NDArray[np.int32]:
        """Corners (m, 3) of all triangles of the scene."""
        return self._furnished().mesh.faces

    def aims(self) -> NDArray[np.float64]:
        """Where a camera that follows the teacher aims (k, 2), every ``follow.STEP_S``."""
        if self._aim is None:
            teacher = teacher_of(self.timeline.script)
            steps = int(self.timeline.duration_s / STEP_S) + 2
            places = [self._place(teacher, step * STEP_S) for step in range(steps)]
            self._aim = follow(places)
        return self._aim

    @property
    def front_z_m(self) -> float:
        """Where the front of the room ends and the desks begin."""
        edges = [s.z_m - s.desk_edge_m - _HALF_DESK_M for s in self.plan.seats]
        return min(edges, default=self.plan.depth_m)

    def _place(self, person_id: str, time_s: float) -> tuple[float, float] | None:
        if not person_id:
            return None
        place = self.motion.place_at(person_id, time_s)
        return place.x_m, place.z_m

    def _furnished(self) -> _Furnished:
        if self._room is None:
            script = self.timeline.script
            built = build_room(script.room, self.plan, script.seed, self._materials)
            mesh, spans = joined([built.mesh, *(m.mesh for m in self.cast.members)])
            self._room = _Furnished(built.lighting, mesh, spans[1:])
        return self._room

    def _renderer(self, time_s: float) -> Renderer:
        content = board_at(self.timeline, time_s)
        if self._painted is None or self._painted[0] != content:
            self._painted = None  # Give back its memory first.
            self._painted = (content, self._paint(content))
        return self._painted[1]

    def _paint(self, content: BoardContent) -> Renderer:
        from classwatch.simulate.render.raster import Renderer

        furnished, script, plan = self._furnished(), self.timeline.script, self.plan
        materials = Materials(list(self._materials.items))
        repaint(materials, script.room, script.seed, content)
        half_m = plan.width_m / 2
        bounds = ((-half_m, 0.0, 0.0), (half_m, plan.height_m, plan.depth_m))
        largest_px = max((c.width_px * c.height_px for c in script.cameras), default=1)
        view_bytes = _BYTES_PER_SAMPLE * largest_px * self._samples**2
        views = min(len(script.cameras) + 1, max(2, _MOST_BYTES // view_bytes))
        return Renderer(furnished.mesh, materials, furnished.lighting, bounds, keep_views=views)


@dataclass(frozen=True, slots=True, eq=False)
class _Furnished:
    """The room and everybody at rest, in one mesh; ``spans`` are the vertices of each figure."""

    lighting: Lighting
    mesh: Mesh
    spans: tuple[tuple[int, int], ...]


def joined(meshes: Sequence[Mesh]) -> tuple[Mesh, tuple[tuple[int, int], ...]]:
    """One mesh of several, and which vertices come from each."""
    spans = tuple(pairwise(accumulate((len(m.vertices_m) for m in meshes), initial=0)))
    faces = [m.faces + first for m, (first, _) in zip(meshes, spans, strict=True)]
    whole = Mesh(
        vertices_m=np.concatenate([m.vertices_m for m in meshes]),
        normals=np.concatenate([m.normals for m in meshes]),
        uv=np.concatenate([m.uv for m in meshes]),
        openness=np.concatenate([m.openness for m in meshes]),
        faces=np.concatenate(faces).astype(np.int32),
        material=np.concatenate([m.material for m in meshes]),
        tint=np.concatenate([m.tint for m in meshes]),
        owner=np.concatenate([m.owner for m in meshes]),
    )
    return whole, spans
