"""What each sighted student does, told by a small network; "cannot tell" is an answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import EventKind
from classwatch.core.people import Tracks
from classwatch.core.pose import GLANCES, PoseSeries
from classwatch.vision.acts_features import Sighted, features, risen
from classwatch.vision.acts_model import ActsModel
from classwatch.vision.paths import Course, likeliest
from classwatch.vision.posture import Postures
from classwatch.vision.scene import Scene
from classwatch.vision.seats import NO_SEAT, rows_of

STUDENT_CLASSES = (
    "head_up",
    "hand_raised",
    "standing",
    "writing",
    "reading",
    "lying",
    "device",
    "turned",
)
"""``head_up``: sits and looks up, with nothing else to be told."""
_UP = ("head_up", "hand_raised", "standing")
_DOWN = ("writing", "reading", "lying", "device")
_LEAST_RISE = 0.3
"""Nobody stands by shape alone whose shoulders are not this much above the seat's usual ones, in
body sizes: from the side or cut off by the edge, a seated one can look like a standing one."""
_SEEN_TO_STAND = 0.85
"""Chance of standing from which a glance is believed about somebody who stands all the time, whose
usual shoulders are those of one who stands."""
_MEET = 2
"""Pictures that two tracks of one person may share when the second takes over."""
_NO_HAND = 0.25
"""A sighting counts among those that were asked for a hand where one is told, or less likely than
this."""
ACTIVITIES = {
    1: EventKind.WRITING,
    2: EventKind.READING,
    3: EventKind.LYING,
    4: EventKind.DEVICE,
    5: EventKind.TURNED,
}
"""Numbers of ``Acts.activity``; 0 is none of them, or not to be told."""
_CELLS = 200_000
"""Tracks times pictures that are solved together."""
_HEADS = Course(least_s=(1.0, 2.0, 2.0), change=1.5, untold=0.4, trust=0.5)
_HANDS = Course(least_s=(1.0, 2.0), change=1.0, untold=0.0, trust=0.5, favour=1.0)
_STANDS = Course(least_s=(1.0, 2.0), change=2.0, untold=0.0, trust=0.5)
_DOES = Course(least_s=(1.0, 3.0, 3.0, 3.0, 3.0, 3.0), change=1.0, untold=0.45, trust=0.5)


@dataclass(frozen=True, slots=True, eq=False)
class Acts:
    """What each of n detections shows: ``postures``, and the ``activity`` (n,) int8 as numbered in
    ``ACTIVITIES`` with its probability (n,). Nothing is told of anybody but students."""

    postures: Postures
    activity: NDArray[np.int8]
    activity_confidence: NDArray[np.float32]


def read_acts(
    poses: PoseSeries,
    tracks: Tracks,
    scene: Scene,
    model_scale: NDArray[np.float32],
    model: ActsModel,
) -> Acts:
    """Acts of the students of one stream: for each of head, hands, standing and activity the
    likeliest course through the network's probabilities.

    ``model_scale`` (n,) is the number of pixels the pose model saw for each pixel of the recording.
    """
    return course_of(
        poses,
        tracks,
        scene.student,
        student_probabilities(poses, tracks, scene, model_scale, model),
    )


def student_probabilities(
    poses: PoseSeries,
    tracks: Tracks,
    scene: Scene,
    model_scale: NDArray[np.float32],
    model: ActsModel,
) -> NDArray[np.float32]:
    """Probability (n, 8) of each of ``STUDENT_CLASSES``; all 0 where there is nothing to tell
    from, and of everybody but students."""
    probability = np.zeros((len(poses.people), len(STUDENT_CLASSES)), np.float32)
    rows = np.flatnonzero(scene.student)
    if len(rows) == 0:
        return probability
    track = tracks.track_id[rows]
    own = _own_places(track, scene.seats.of_detection[rows], poses.frame[rows])
    people = poses.people.take(rows)
    times_s, scale = poses.times_s[rows], model_scale[rows]
    seen = Sighted(people.keypoints, times_s, track, own, scale, people.glance)
    table = features(seen)
    told = model.probabilities(table)[:, [model.classes.index(name) for name in STUDENT_CLASSES]]
    told = only_risen_stand(told, risen(table), people.glance)
    told[seen.keypoints[..., 2].max(axis=1) <= 0] = 0.0
    probability[rows] = told
    return probability


def _own_places(
    track: NDArray[np.int32], seat: NDArray[np.int32], frame: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Number (n,) of the place whose usual pose each sighting is held against.

    Tracks of one seat share a place as long as they follow each other: two that are seen in the
    same pictures are neighbours whom one seat was found for, and a mixture of both would be the
    usual pose of nobody. Whoever sits nowhere is held against the own track.
    """
    own = np.zeros(len(track), np.int32)
    taken: list[tuple[int, NDArray[np.int32]]] = []
    for _, rows in sorted(
        ((t, np.flatnonzero(track == t)) for t in np.unique(track).tolist()),
        key=lambda item: (-len(item[1]), item[0]),
    ):
        here, frames = int(seat[rows[0]]), frame[rows]
        free = (
            place
            for place, (at, others) in enumerate(taken)
            if at == here != NO_SEAT and np.isin(frames, others).sum() <= _MEET
        )
        place = next(free, len(taken))
        if place == len(taken):
            taken.append((here, frames))
        else:
            taken[place] = (here, np.concatenate([taken[place][1], frames]))
        own[rows] = place
    return own


def only_risen_stand(
    probability: NDArray[np.float32], rise: NDArray[np.float32], glance: NDArray[np.float32]
) -> NDArray[np.float32]:
    """``probability`` (n, 8) without standing, which is not to be told then, where the shoulders'
    ``rise`` (n,) over the seat's usual ones, in body sizes, is too small for it and the ``glance``
    (n, 9) sees nobody stand."""
    low = (rise < _LEAST_RISE) & (glance[:, GLANCES.index("stand")] < _SEEN_TO_STAND)
    kept = probability.copy()
    kept[low, STUDENT_CLASSES.index("standing")] = 0.0
    return kept


def course_of(
    poses: PoseSeries,
    tracks: Tracks,
    student: NDArray[np.bool_],
    probability: NDArray[np.float32],
) -> Acts:
    """The likeliest acts of the ``student`` (n,) detections, track by track."""
    sums = {
        name: probability[:, [STUDENT_CLASSES.index(one) for one in names]].sum(axis=1)
        for name, names in {"up": _UP, "down": _DOWN}.items()
    }
    grid = _Grid.of(poses, tracks, np.flatnonzero(student & (probability.sum(axis=1) > 0)))
    hand, stand = (
        probability[:, STUDENT_CLASSES.index(name)] for name in ("hand_raised", "standing")
    )
    doing = probability[:, [STUDENT_CLASSES.index(kind.value) for kind in ACTIVITIES.values()]]
    head, head_sure = grid.course(_HEADS, np.stack([sums["up"], sums["down"]], axis=1))
    raised, raised_sure = grid.course(_HANDS, hand[:, None])
    stands, stands_sure = grid.course(_STANDS, stand[:, None])
    activity, activity_sure = grid.course(_DOES, doing)
    told = probability.sum(axis=1) > 0
    postures = Postures(
        head=np.asarray([0, 1, -1], np.int8)[head],
        head_confidence=head_sure,
        raised=raised > 0,
        judged=told & ((raised > 0) | (hand <= _NO_HAND)),
        hand_confidence=raised_sure,
        standing=stands > 0,
        stand_confidence=stands_sure,
    )
    return Acts(postures, activity, activity_sure)


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Sightings ``rows`` of n laid out by track and picture, some tracks at a time."""

    n: int
    rows: NDArray[np.intp]
    track: NDArray[np.int32]
    frame: NDArray[np.int32]
    every_s: float

    @staticmethod
    def of(poses: PoseSeries, tracks: Tracks, rows: NDArray[np.intp]) -> _Grid:
        _, track = np.unique(tracks.track_id[rows], return_inverse=True)
        return _Grid(
            len(poses.people), rows, track.astype(np.int32), poses.frame[rows], poses.every_s
        )

    def course(
        self, course: Course, probability: NDArray[np.float32]
    ) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        """State (n,) and its probability (n,), 0 where it is state 0; ``probability`` (n, c) is
        that of the states from 1 on."""
        own = probability[self.rows]
        path = np.zeros(len(own), np.int8)
        for some in self._together():
            path[some] = self._path(course, own[some], some)
        state = np.zeros(self.n, np.int8)
        sure = np.zeros(self.n, np.float32)
        state[self.rows] = path
        told = path > 0
        sure[self.rows[told]] = own[told, path[told] - 1]
        return state, sure

    def _together(self) -> Iterator[NDArray[np.intp]]:
        """Sightings of tracks that begin one after the other, as many as fit into one table: memory
        must not grow with the lesson."""
        tracks = rows_of(self.track, int(self.track.max(initial=-1)) + 1)
        tracks.sort(key=lambda own: (int(self.frame[own[0]]), int(own[0])))
        some: list[NDArray[np.intp]] = []
        first = last = 0
        for own in tracks:
            start = first if some else int(self.frame[own[0]])
            end = max(last if some else 0, int(self.frame[own[-1]]))
            if some and (len(some) + 1) * (end - start + 1) > _CELLS:
                yield np.concatenate(some)
                some, start, end = [], int(self.frame[own[0]]), int(self.frame[own[-1]])
            some.append(own)
            first, last = start, end
        if some:
            yield np.concatenate(some)

    def _path(
        self, course: Course, own: NDArray[np.float32], some: NDArray[np.intp]
    ) -> NDArray[np.int8]:
        # States may reach their least duration before the first picture and after the last.
        margin = 1 + round(max(course.least_s) / self.every_s)
        frame = self.frame[some] - int(self.frame[some].min()) + margin
        _, track = np.unique(self.track[some], return_inverse=True)
        shape = (int(track.max()) + 1, int(frame.max()) + 1 + margin)
        states = np.zeros((*shape, own.shape[1] + 1), np.float32)
        states[track, frame, 1:] = own
        states[track, frame, 0] = np.maximum(1.0 - own.sum(axis=1), 0.0)
        seen = np.zeros(shape, np.bool_)
        seen[track, frame] = True
        path: NDArray[np.int8] = likeliest(states, seen, self.every_s, course)[track, frame]
        return path
