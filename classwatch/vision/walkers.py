"""What tells an adult from a pupil who is up, of bodies that nobody has a role for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import PoseSeries
from classwatch.vision.people import WALKS_HEIGHTS, travel_heights
from classwatch.vision.scene import Scene
from classwatch.vision.seats import SeatedHeight, seated_height

_MIN_S = 5.0
_MIN_SAMPLES = 5
_RISE = 0.7
"""Shoulders over those of the seated, in own shoulder distances, from which somebody stands."""
_RISE_UPRIGHT = 0.2
"""The same for a body that is seen in full height."""
IN_FULL = 0.4
_BESIDE_TEACHER = 0.5
"""Who is seen without the teacher more often than this may be the teacher."""
_TAKEN, _EMPTY = 0.7, 0.4
"""A seat that is taken this often else, and no more than this while somebody walks, is theirs."""
_STOPPED = 0.5
_MIN_WALK = 10
"""Fewest sightings of who goes about."""
_HIDES = 0.5
_ABOVE_HEIGHTS = 0.25
_SAME_SCALE = 1.35
"""Who hides a seat at its own distance, straight above it, has stood up from it."""


@dataclass(frozen=True, slots=True)
class Walker:
    """Figures of one body."""

    samples: int
    present_s: float
    travel_heights: float
    rise_shoulders: float
    upright_share: float
    front_share: float
    teacher_seen_share: float
    """Pictures in which somebody else is the teacher."""
    seat_left: float
    """How much more often one seat is taken in the other pictures than in these."""
    stopped_share: float
    """Sightings of one who stopped, standing, at a place among the seated."""

    @property
    def stands(self) -> bool:
        """Whether the body stands, of whoever it is."""
        if self.stopped_share >= _STOPPED:
            return True
        in_full = self.upright_share >= IN_FULL and self.rise_shoulders >= _RISE_UPRIGHT
        return in_full or self.rise_shoulders >= _RISE

    @property
    def adult(self) -> bool:
        """Whether all of it says so."""
        long_enough = self.samples >= _MIN_SAMPLES and self.present_s >= _MIN_S
        not_teacher = self.teacher_seen_share >= _BESIDE_TEACHER
        return self.stands and not_teacher and long_enough and self.seat_left <= 0

    @property
    def goes_about(self) -> bool:
        """Whether somebody walks, standing, and has left no seat or stops among the seated."""
        walks = self.travel_heights >= WALKS_HEIGHTS and self.samples >= _MIN_WALK
        return walks and self.stands and (self.stopped_share >= _STOPPED or self.seat_left <= 0)

    def evidence(self) -> tuple[tuple[str, float], ...]:
        """The figures as ``TrackRole.evidence``."""
        names = self.__dataclass_fields__
        return tuple((name, round(float(getattr(self, name)), 4)) for name in names)


def weigh(
    poses: PoseSeries,
    scene: Scene,
    own: NDArray[np.intp],
    taken: NDArray[np.bool_],
    passing: NDArray[np.bool_],
) -> Walker:
    """The figures of the body seen as ``own``, where each seat is ``taken`` (s, f) or not and
    sightings ``passing`` (n,) are of people who only stopped at a place.
    """
    bodies = scene.bodies
    frames = poses.frame[own]
    teacher = np.isin(frames, poses.frame[scene.teacher])
    return Walker(
        samples=len(own),
        present_s=float(np.ptp(poses.times_s[own])),
        travel_heights=travel_heights(bodies, own),
        rise_shoulders=rise(scene, seated_height(scene.seats), own),
        upright_share=float(bodies.upright[own].mean()),
        front_share=float(scene.view.in_front(bodies)[own].mean()),
        teacher_seen_share=float(teacher.mean()),
        seat_left=_seat_left(poses, scene, own, taken),
        stopped_share=float(passing[own].mean()),
    )


def _seat_left(
    poses: PoseSeries, scene: Scene, own: NDArray[np.intp], taken: NDArray[np.bool_]
) -> float:
    """By how much the seat that empties most is taken less often while somebody is about (0: none
    empties). A seat that this body hides counts only where it may have stood up from it."""
    frames = poses.frame[own]
    during = np.zeros(len(poses), np.bool_)
    during[frames[0] : frames[-1] + 1] = True
    if during.all():
        return 0.0
    inside, outside = taken[:, during].mean(axis=1), taken[:, ~during].mean(axis=1)
    empties = (outside >= _TAKEN) & (inside <= _EMPTY)
    seats, bodies = scene.seats, scene.bodies
    low, high = poses.people.boxes_px[own, None, :2], poses.people.boxes_px[own, None, 2:]
    hidden = ((seats.anchor >= low) & (seats.anchor <= high)).all(axis=2).mean(axis=0) >= _HIDES
    aside = np.abs(seats.anchor[:, 0] - np.median(bodies.shoulder[own, 0])) / seats.height_px
    scale = np.median(bodies.shoulder_px[own]) / seats.shoulder_px
    risen = (aside <= _ABOVE_HEIGHTS) & (np.maximum(scale, 1 / scale) <= _SAME_SCALE)
    return float((outside - inside)[empties & (~hidden | risen)].max(initial=0.0))


def rise(scene: Scene, line: SeatedHeight | None, own: NDArray[np.intp]) -> float:
    """Shoulders over those of the seated, in own shoulder distances; 0 where nothing tells."""
    bodies, seats = scene.bodies, scene.seats
    if line is not None:
        return line.rise(bodies, own)
    # Without the line of perspective: over the farthest of the seated, and no farther off.
    if np.median(bodies.height_px[own]) < np.median(seats.height_px):
        return 0.0
    over = float(seats.shoulder[:, 1].min() - np.median(bodies.shoulder[own, 1]))
    return over / float(np.median(bodies.shoulder_px[own]))
