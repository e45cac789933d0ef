"""The pictures of a room's cameras at one moment, and what each shows of everybody."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.film.follow import aim_at
from classwatch.simulate.film.schedule import StreamPlan
from classwatch.simulate.film.sightings import Sightings
from classwatch.simulate.film.stage import Moment, Stage
from classwatch.simulate.render.camera_faults import Exposure, develop, draw_faults
from classwatch.simulate.render.visibility import Observed, observe
from classwatch.simulate.room.board import Slide, slide_at
from classwatch.simulate.room.board_pictures import slide_picture
from classwatch.simulate.room.cameras import camera_view
from classwatch.simulate.scene import PosedFigure, View
from classwatch.simulate.script import Camera, CameraKind

EXPOSURES_S = {"day": 0.01, "lamps": 0.02, "mixed": 0.02, "dim": 0.04, "projector": 0.04}
"""Time for which the shutter is open, by the light; whole periods of the mains under lamps."""
USUAL_EXPOSURE_S = 0.02
_LEFT_SHOULDER, _RIGHT_SHOULDER = 5, 6
_HIPS = slice(11, 13)


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """One finished picture (h, w, 3) RGB, and one row of what it shows."""

    rgb: NDArray[np.uint8]
    sightings: Sightings


class Studio:
    """A stage with the streams of the whole script; each picture depends on its time alone."""

    def __init__(self, stage: Stage, streams: tuple[StreamPlan, ...]) -> None:
        self.stage = stage
        self.streams = streams
        self._open: tuple[float, Moment] | None = None
        self._slide: tuple[tuple[Slide | None, tuple[int, int]], NDArray[np.uint8]] | None = None

    def expose(self, time_s: float, due: Iterable[StreamPlan]) -> Iterator[tuple[int, Taken]]:
        """The picture of each stream that takes one at ``time_s``, by the stream's number.

        Streams that show the same camera in the same size share one picture.
        """
        moment: Moment | None = None
        taken: dict[tuple[int, int, int], Taken] = {}
        for stream in due:
            shot = stream.shot_at(time_s)
            camera = self.streams[shot].camera
            size_px = (stream.camera.width_px, stream.camera.height_px)
            key = (shot, *size_px)
            if key not in taken:
                if camera.kind is CameraKind.SCREEN:
                    taken[key] = self._screen(time_s, shot, size_px)
                else:
                    moment = moment or self.stage.at(time_s)
                    taken[key] = self._picture(moment, shot, sized(camera, size_px))
            yield stream.number, taken[key]

    def view(self, camera: Camera, time_s: float) -> View:
        """Where ``camera`` looks at ``time_s``."""
        aim = None
        if camera.kind is CameraKind.TRACKING:
            aim = aim_at(self.stage.aims(), time_s)
        return camera_view(camera, self.stage.plan, self.stage.timeline.script.seed, aim)

    def _screen(self, time_s: float, shot: int, size_px: tuple[int, int]) -> Taken:
        nobody = Sightings.blank(1, len(self.stage.people), shot)
        slide = slide_at(self.stage.timeline, time_s)
        if self._slide is None or self._slide[0] != (slide, size_px):
            picture = slide_picture(self.stage.timeline, time_s, *size_px)
            self._slide = ((slide, size_px), picture)
        return Taken(self._slide[1], nobody)

    def _picture(self, moment: Moment, shot: int, camera: Camera) -> Taken:
        seed = self.stage.timeline.script.seed
        code = zlib.crc32(camera.name.encode())
        view = self.view(camera, moment.time_s)
        rendered = self.stage.draw(moment, view)
        began = self._began(moment)
        before = self.stage.project(began, self.view(camera, began.time_s))
        rgb = develop(
            rendered,
            view,
            # The grain of a picture depends on its time, not on which stream it goes to.
            np.random.default_rng([seed, code, round(moment.time_s * 1e6)]),
            draw_faults(np.random.default_rng([seed, code])),
            Exposure(self.stage.faces, before),
        )
        seen = observe(rendered, view, moment.figures, self.stage.spans, self.stage.faces)
        return Taken(rgb, sightings_row(moment.figures, seen, shot))

    def _began(self, moment: Moment) -> Moment:
        """The room when the shutter opened for a picture whose middle is ``moment``."""
        if self._open is None or self._open[0] != moment.time_s:
            light = self.stage.timeline.script.room.light
            open_s = EXPOSURES_S[light] if light else USUAL_EXPOSURE_S
            start_s = max(0.0, moment.time_s - open_s / 2)
            self._open = (moment.time_s, self.stage.at(start_s))
        return self._open[1]


def sightings_row(figures: Sequence[PosedFigure], seen: Sequence[Observed], shot: int) -> Sightings:
    """One picture's row of sightings, of posed figures and what is seen of each."""
    row = Sightings.blank(1, len(figures), shot)
    for i, (figure, observed) in enumerate(zip(figures, seen, strict=True)):
        if not figure.present:
            continue
        row.place_m[0, i] = figure.keypoints_m[_HIPS][:, (0, 2)].mean(axis=0)
        row.facing[0, i] = facing_of(figure)
        if observed.box_px is not None:
            row.box_px[0, i] = observed.box_px
            row.keypoints[0, i] = observed.keypoints
            row.share[0, i] = observed.visible_share
            row.area_px[0, i] = observed.area_px
    return row


def sized(camera: Camera, size_px: tuple[int, int]) -> Camera:
    """The same camera with a picture of another size, as a mix may have."""
    return camera.model_copy(update={"width_px": size_px[0], "height_px": size_px[1]})


def facing_of(figure: PosedFigure) -> float:
    """Cosine of the angle between a chest and the direction from the board to the back wall.

    Somebody with yaw 0 faces +z and has the left shoulder at +x (``scene``).
    """
    across = figure.keypoints_m[_LEFT_SHOULDER] - figure.keypoints_m[_RIGHT_SHOULDER]
    length_m = float(np.hypot(across[0], across[2]))
    return float(across[0]) / length_m if length_m > 0 else 0.0
