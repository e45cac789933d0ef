"""The truth of one stream's pictures, in the artifacts that an analysis leaves.

Only people who are seen have a row (``Sightings.seen``). A box is the extent of the largest piece
that is seen of somebody: not the body behind the desk, nor the feet below it; the score is the
share of the body that is seen. A keypoint has confidence 1.0 where it is seen, 0.5 where something
(or the own body) hides it but it lies in the picture, and 0 with place 0, 0 where it is outside.
Track numbers count people in order of first appearance in the stream and stay with them, also over
cuts. The second adult of a lesson has the role ``adult``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import Event
from classwatch.core.media import StreamRole
from classwatch.core.people import NO_TRACK, ClassPictures, PersonRole, TrackRole, Tracks
from classwatch.core.pose import Detections, PoseSeries
from classwatch.core.time import contains, intervals
from classwatch.simulate.film.events import (
    HEAD_DOWN,
    HEAD_UNDECIDED,
    Happening,
    events_of,
)
from classwatch.simulate.film.seats import SeatPlace, seats_table
from classwatch.simulate.film.sightings import HIDDEN, OUTSIDE, SEEN, Sightings, Who
from classwatch.simulate.script import ActKind, PersonKind
from classwatch.store import schemas
from classwatch.store.artifacts import save_events, save_poses, save_tracks, table_path
from classwatch.store.convert import frames_table
from classwatch.store.parquet import write_table
from classwatch.vision.timeline import sample_spans

SEEN_CONFIDENCE = 1.0
HIDDEN_CONFIDENCE = 0.5

_ROLES = {
    PersonKind.TEACHER: PersonRole.TEACHER,
    PersonKind.STUDENT: PersonRole.STUDENT,
    PersonKind.ADULT: PersonRole.ADULT,
}
_ELBOWS_AND_WRISTS = slice(7, 11)


@dataclass(frozen=True, slots=True, eq=False)
class StreamTruth:
    """Everything that is true of one stream's pictures.

    ``person`` (n,) is the number in the room's cast of each detection of ``series``; it is for
    scoring only and is not stored.
    """

    stream: str
    series: PoseSeries
    tracks: Tracks
    events: tuple[Event, ...]
    counts: ClassPictures
    person: NDArray[np.intp]
    seats: tuple[SeatPlace, ...]


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """Name, role, size and rate of a stream."""

    name: str
    role: StreamRole
    size_px: tuple[int, int]
    fps: float


def stream_truth(
    facts: StreamFacts,
    times_s: NDArray[np.float64],
    people: Sequence[Who],
    sightings: Sightings,
    happening: Happening,
    seats: tuple[SeatPlace, ...] = (),
) -> StreamTruth:
    """The truth of a stream with pictures at ``times_s`` (f,), one row of ``sightings`` each."""
    frame, person = np.nonzero(sightings.seen())
    series = PoseSeries(
        times_s,
        frame.astype(np.int32),
        _detections(sightings, frame, person),
        facts.size_px,
        1.0 / facts.fps,
    )
    track_of = _track_numbers(person, len(people))
    tracks = Tracks(track_of[person].astype(np.int32), _roles(people, track_of))
    spans = sample_spans(series)
    events = events_of(facts.name, people, sightings, spans, [int(t) for t in track_of], happening)
    counts = class_counts(facts, series, people, sightings, happening)
    return StreamTruth(facts.name, series, tracks, events, counts, person, seats)


def save_truth(folder: Path, truth: StreamTruth) -> None:
    """Store poses, frames with counts, tracks, events and seats of one stream in ``folder``.

    Raises ``ResourceError`` where the disk does not allow it.
    """
    save_poses(folder, truth.stream, truth.series)
    save_tracks(folder, truth.stream, truth.series, truth.tracks)
    save_events(folder, truth.events)
    frames = frames_table(truth.stream, truth.series, truth.counts)
    write_table(table_path(folder, schemas.FRAMES), frames)
    write_table(table_path(folder, schemas.SEATS), seats_table(truth.stream, truth.seats))


def _detections(
    sightings: Sightings, frame: NDArray[np.intp], person: NDArray[np.intp]
) -> Detections:
    points = sightings.keypoints[frame, person].astype(np.float32)
    code = points[..., 2]
    known = code != OUTSIDE
    confidence = np.select([code == SEEN, code == HIDDEN], [SEEN_CONFIDENCE, HIDDEN_CONFIDENCE])
    placed = np.where(known[..., None], points[..., :2], 0.0)
    keypoints = np.concatenate([placed, confidence[..., None]], axis=-1).astype(np.float32)
    scores = np.clip(sightings.share[frame, person], 0.0, 1.0).astype(np.float32)
    return Detections(sightings.box_px[frame, person].astype(np.float32), scores, keypoints)


def _track_numbers(person: NDArray[np.intp], people: int) -> NDArray[np.int32]:
    """Number (p,) of each person's track: in order of first appearance, then of the cast."""
    numbers = np.full(people, NO_TRACK, np.int32)
    for track, index in enumerate(dict.fromkeys(person.tolist())):
        numbers[index] = track
    return numbers


def _roles(people: Sequence[Who], track_of: NDArray[np.int32]) -> tuple[TrackRole, ...]:
    roles = [
        TrackRole(int(track), _ROLES[who.kind], 1.0, ())
        for who, track in zip(people, track_of, strict=True)
        if track != NO_TRACK
    ]
    return tuple(sorted(roles, key=lambda role: role.track_id))


def class_counts(
    facts: StreamFacts,
    series: PoseSeries,
    people: Sequence[Who],
    sightings: Sightings,
    happening: Happening,
) -> ClassPictures:
    """Counts of the class in each picture, over the students who are seen in it.

    A hand is up while the act lasts; it can be judged where an elbow or a wrist is seen. Heads are
    down over writing, reading, a device or the desk; turned students are undecided.
    """
    times_s = series.frame_times_s
    is_student = np.array([w.kind is PersonKind.STUDENT for w in people], np.bool_)
    seen = sightings.seen() & is_student
    arms = (sightings.keypoints[:, :, _ELBOWS_AND_WRISTS, 2] == SEEN).any(axis=2)
    up = _doing(people, happening, frozenset({ActKind.RAISE_HAND}), times_s)
    down = _doing(people, happening, HEAD_DOWN, times_s)
    turned = _doing(people, happening, HEAD_UNDECIDED, times_s)
    judged = seen & (arms | up)
    return ClassPictures(
        stream=facts.name,
        role=facts.role,
        frame_times_s=times_s,
        every_s=series.every_s,
        students_seen=seen.sum(axis=1),
        hands_raised=(judged & up).sum(axis=1),
        hands_judged=judged.sum(axis=1),
        heads_up=(seen & ~down & ~turned).sum(axis=1),
        heads_down=(seen & down).sum(axis=1),
        heads_undecided=(seen & turned).sum(axis=1),
    )


def _doing(
    people: Sequence[Who],
    happening: Happening,
    kinds: frozenset[ActKind],
    times_s: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Whether (f, p) somebody does one of ``kinds`` at each time."""
    result = np.zeros((len(times_s), len(people)), np.bool_)
    for index, who in enumerate(people):
        own = [d for d in happening.doings if d.person_id == who.person_id and d.kind in kinds]
        result[:, index] = contains(intervals((d.start_s, d.end_s) for d in own), times_s)
    return result
