"""Who is the teacher: decided from place and movement, with the evidence written down.

No face is used, and clothes only afterwards (``dress``), to know again who was told here. Nobody is
the teacher when nobody stands out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.media import StreamRole
from classwatch.core.people import PersonRole, TrackRole, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.vision.body import Bodies, read_bodies
from classwatch.vision.seats import NO_SEAT, SeatedHeight, Seats, find_seats, rows_of, seated_height
from classwatch.vision.zones import View, front_line_without, read_view

_TEACHER = 0.5
"""Least score of a teacher."""
_LIMIT = _TEACHER - 0.05
"""Score from which a sighting speaks for a teacher."""
_STITCH = 0.3
"""Least score of a short track taken for the teacher because it continues one."""
_STUDENT = 0.4
"""Highest score of somebody called a student."""
_STITCH_S = 30.0
_STITCH_HEIGHTS_PER_S = 1.0
_STITCH_SLACK_HEIGHTS = 1.0
STILL_S = 60.0
"""Keeping one place for so long is what the seated do."""
_LOW_S = 15.0
"""Nobody bends down for twice as long."""
_AT_FRONT = 0.8
_RIVAL = 0.35
"""What it costs to be among the desks while somebody else is at the front."""
_LEAD = 0.2
"""Least lead in score of the teacher over another adult, while both are seen."""
WALKS_HEIGHTS = 1.0
"""Who is seen on a way of so many heights walks about."""
_TOGETHER_S, _TOGETHER = 5.0, 0.3
"""Seconds, and share of the teacher's sightings, for which two are seen together before there may
be a doubt: for a moment tracks change bodies."""
_AS_MUCH = 0.6
"""Share of the evidence for the teacher that there has to be for the other one."""
_MIN_SAMPLES = 3
"""Sightings under which a track alone makes neither a teacher nor a seat."""
_TOLD = (
    *("samples", "travel_heights", "front_share", "opposite_share", "upright_share"),
    *("size_ratio", "alone_share", "rise_shoulders", "rival_share", "score"),
)
"""What is written down as evidence, in this order."""
_MIN_CLASS = 2
"""One person alone is neither teacher nor student."""


@dataclass(frozen=True, slots=True, eq=False)
class _Evidence:
    """Per track, t of them: what speaks for the teacher."""

    samples: NDArray[np.int32]
    first: NDArray[np.int32]
    """Frame index of the first sighting."""
    last: NDArray[np.int32]
    travel_heights: NDArray[np.float64]
    """Diagonal of the box that holds nine of ten anchors, in body heights."""
    front_share: NDArray[np.float64]
    opposite_share: NDArray[np.float64]
    """Sightings looking against the class, of those where it can be told."""
    upright_share: NDArray[np.float64]
    size_ratio: NDArray[np.float64]
    """Shoulder distance against the median of the seats."""
    alone_share: NDArray[np.float64]
    """Sightings in pictures that show nobody else."""
    rise_shoulders: NDArray[np.float64]
    """Height of the shoulders over those of the seated at the same distance."""
    rival_share: NDArray[np.float64]
    """Sightings during which somebody else stands at the front, where a teacher is sooner."""
    stands: NDArray[np.float64]
    """How much says that the body stands, from 0 to 1."""
    score: NDArray[np.float64]

    @property
    def alone(self) -> NDArray[np.float64]:
        """Score (t,) as if nobody else stood at the front."""
        return self.score + _RIVAL * self.rival_share * (1 - self.front_share)

    def pairs(self, number: int) -> tuple[tuple[str, float], ...]:
        """The figures of one track as ``TrackRole.evidence``."""
        return tuple((name, round(float(getattr(self, name)[number]), 4)) for name in _TOLD)


def assign_roles(poses: PoseSeries, track_id: NDArray[np.int32], stream_role: StreamRole) -> Tracks:
    """Role of every track, with confidence and evidence.

    At most one track is the teacher at any time; several tracks one after the other can be. Where
    two adults are seen together and neither leads clearly, nobody is the teacher, and ``undecided``
    says so. A track is a student's when it keeps a seat among others and nothing speaks for the
    teacher. All else is unknown. ``track_id`` (n,) as from ``track``.
    """
    bodies = read_bodies(poses.people)
    rows = rows_of(track_id, int(track_id.max(initial=-1)) + 1)
    everyone = np.arange(len(rows))
    seats = find_seats(bodies, track_id, everyone)
    teacher: NDArray[np.intp] = np.zeros(0, np.intp)
    evidence = _weigh(poses, bodies, rows, seats, stream_role)
    # The teacher's own stopping places look like seats at first; the second look leaves them out.
    for _ in range(2):
        teacher = _pick_teacher(evidence)
        seats = find_seats(bodies, track_id, np.setdiff1d(everyone, teacher))
        evidence = _weigh(poses, bodies, rows, seats, stream_role)
    if stream_role is StreamRole.SCREEN:
        return Tracks(track_id, _roles(evidence, seats, set(), stream_role))
    teacher = _pick_teacher(evidence)
    lead = _lead(teacher, evidence, poses, rows)
    if lead < _LEAD:
        roles = _roles(evidence, seats, set(), stream_role)
        return Tracks(
            track_id, tuple(_doubted(r, lead) if r.track_id in teacher else r for r in roles)
        )
    teacher = _stitched(teacher, evidence, poses, bodies, rows)
    return Tracks(track_id, _roles(evidence, seats, set(teacher.tolist()), stream_role))


def undecided(tracks: Tracks) -> bool:
    """Whether ``assign_roles`` found two who may be the teacher and took neither."""
    return any(name == "lead" for role in tracks.roles for name, _ in role.evidence)


def _doubted(role: TrackRole, lead: float) -> TrackRole:
    evidence = (*role.evidence, ("lead", round(lead, 4)))
    return TrackRole(role.track_id, PersonRole.UNKNOWN, 0.0, evidence)


def _lead(
    teacher: NDArray[np.intp],
    evidence: _Evidence,
    poses: PoseSeries,
    rows: list[NDArray[np.intp]],
) -> float:
    """Mean lead of the teacher's score over the best other adult's in the pictures of both;
    infinite where no such adult is seen together with the teacher for long enough, or much less.
    """
    able = (evidence.alone >= _TEACHER) & (evidence.stands >= 0.5)
    able &= (evidence.samples >= _MIN_SAMPLES) & (
        (evidence.front_share >= 0.5) | (evidence.travel_heights >= WALKS_HEIGHTS)
    )
    able[teacher] = False
    own, other = np.full(len(poses), np.nan), np.full(len(poses), np.nan)
    for number in teacher.tolist():
        own[poses.frame[rows[number]]] = evidence.score[number]
    for number in np.flatnonzero(able).tolist():
        shown = poses.frame[rows[number]]
        other[shown] = np.fmax(other[shown], evidence.score[number])
    weight = [float(np.nansum(np.maximum(score - _LIMIT, 0.0))) for score in (own, other)]
    both = ~np.isnan(own) & ~np.isnan(other)
    least = max(_TOGETHER_S / poses.every_s, _TOGETHER * float((~np.isnan(own)).sum()))
    if both.sum() < least or weight[1] < _AS_MUCH * weight[0]:
        return float("inf")
    return float((own - other)[both].mean())


def _weigh(
    poses: PoseSeries,
    bodies: Bodies,
    rows: list[NDArray[np.intp]],
    seats: Seats,
    stream_role: StreamRole,
) -> _Evidence:
    view = read_view(bodies, seats, stream_role, poses.size_px)
    # The last one, which ``NO_SEAT`` finds, is from all seats.
    heights = [seated_height(seats, seat) for seat in [*range(len(seats)), NO_SEAT]]
    lines = [front_line_without(seats, view, seat) for seat in range(len(seats))]
    upright = bodies.upright
    seat_px = float(np.median(seats.shoulder_px)) if len(seats) else float("nan")
    table = np.zeros((len(rows), 10))
    alone = np.bincount(poses.frame, minlength=len(poses))[poses.frame] == 1
    for number, own in enumerate(rows):
        seat = int(seats.of_track[number])
        table[number] = (
            len(own),
            poses.frame[own[0]],
            poses.frame[own[-1]],
            travel_heights(bodies, own),
            _front(bodies, own, view, view.front_line_px if seat == NO_SEAT else lines[seat]),
            _opposite(bodies, own, view),
            upright[own].mean(),
            np.median(bodies.shoulder_px[own]) / seat_px if np.isfinite(seat_px) else 1.0,
            alone[own].mean(),
            _rise(heights[seat], bodies, own),
        )
    told = ~np.isnan(table[:, 9])
    table[~told, 9] = 0.0
    moves = np.clip((table[:, 3] - 0.3) / 0.7, 0, 1)
    large = np.clip((table[:, 7] - 1.4) / 0.6, 0, 1)
    high = np.clip(table[:, 9] - 1.0, 0, 1)
    against = np.minimum(2 * table[:, 5], 1)
    present_s = np.asarray([np.ptp(poses.times_s[own]) for own in rows])
    # Whoever sits next to the camera is large as well, but for long no higher than the others who
    # sit, and looks the way that they look.
    low = np.where(told, 1 - np.clip(table[:, 9] + against, 0, 1), 0.0)
    large *= 1 - low * np.clip(present_s / _LOW_S - 1, 0, 1)
    stands = np.maximum.reduce([table[:, 6], large, high])
    # A camera for the teacher needs less proof, and none of the rest where it shows one person.
    prior = np.zeros(len(rows))
    if stream_role is StreamRole.TEACHER_CAM:
        prior = 0.2 + 0.3 * table[:, 8]
    # Keeping still for a minute is what the seated do, also the one nearest to the board.
    still = 0.2 * np.clip(present_s / STILL_S, 0, 1) * (1 - moves) * (1 - high)
    at_front = (table[:, 4] >= _AT_FRONT) & (stands >= 0.5) & (table[:, 0] >= _MIN_SAMPLES)
    rival = _rivals(poses.frame, rows, at_front)
    score = 0.25 * moves + 0.3 * table[:, 4] + 0.2 * against + 0.25 * stands
    score -= _RIVAL * rival * (1 - table[:, 4])
    return _Evidence(
        samples=table[:, 0].astype(np.int32),
        first=table[:, 1].astype(np.int32),
        last=table[:, 2].astype(np.int32),
        travel_heights=table[:, 3],
        front_share=table[:, 4],
        opposite_share=table[:, 5],
        upright_share=table[:, 6],
        size_ratio=table[:, 7],
        alone_share=table[:, 8],
        rise_shoulders=table[:, 9],
        rival_share=rival,
        stands=stands,
        score=np.clip(score + prior - still, 0.0, 1.0),
    )


def _rise(line: SeatedHeight | None, bodies: Bodies, own: NDArray[np.intp]) -> float:
    return float("nan") if line is None else line.rise(bodies, own)


def _rivals(
    frame: NDArray[np.int32], rows: list[NDArray[np.intp]], at_front: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Share (t,) of each track's sightings during which another track ``at_front`` (t,) is shown:
    one of somebody who stands there most of the time."""
    shown = np.zeros(int(frame.max(initial=-1)) + 1, np.int32)
    for number in np.flatnonzero(at_front).tolist():
        shown[frame[rows[number]]] += 1
    return np.asarray(
        [(shown[frame[own]] > itself).mean() for own, itself in zip(rows, at_front, strict=True)]
    )


def _front(bodies: Bodies, own: NDArray[np.intp], view: View, line_px: float | None) -> float:
    if line_px is None:
        return 0.0
    return float(view.beyond(bodies.hip[own, 1], line_px).mean())


def travel_heights(bodies: Bodies, own: NDArray[np.intp]) -> float:
    """Diagonal of the box that holds nine of ten anchors of one body, in its heights."""
    low, high = np.percentile(bodies.anchor[own], [5, 95], axis=0)
    return float(np.hypot(*(high - low)) / np.median(bodies.height_px[own]))


def _opposite(bodies: Bodies, own: NDArray[np.intp], view: View) -> float:
    told = bodies.facing[own][bodies.facing[own] != 0]
    if view.class_facing == 0 or len(told) == 0:
        return 0.0
    return float((told == -view.class_facing).mean())


def _pick_teacher(evidence: _Evidence) -> NDArray[np.intp]:
    """Tracks that do not overlap in time, with the greatest sum of (score - limit) x sightings."""
    gain = (evidence.score - _LIMIT) * evidence.samples
    able = np.flatnonzero((evidence.score >= _TEACHER) & (evidence.samples >= _MIN_SAMPLES))
    order = able[np.lexsort((able, evidence.last[able]))]
    best: list[tuple[float, tuple[int, ...]]] = [(0.0, ())]
    ends = evidence.last[order]
    for position, number in enumerate(order.tolist()):
        before = int(np.searchsorted(ends[:position], evidence.first[number], side="left"))
        taken = (best[before][0] + float(gain[number]), (*best[before][1], number))
        best.append(max(best[-1], taken, key=lambda choice: choice[0]))
    return np.asarray(best[-1][1], np.intp)


def _stitched(
    teacher: NDArray[np.intp],
    evidence: _Evidence,
    poses: PoseSeries,
    bodies: Bodies,
    rows: list[NDArray[np.intp]],
) -> NDArray[np.intp]:
    """``teacher`` and the fragments between its tracks that the teacher could have reached."""
    chosen = sorted(teacher.tolist(), key=lambda t: int(evidence.first[t]))
    if not chosen:
        return teacher
    able = np.flatnonzero((evidence.score >= _STITCH) & ~np.isin(np.arange(len(rows)), teacher))
    for number in able[np.argsort(-evidence.score[able], kind="stable")].tolist():
        before = [t for t in chosen if evidence.last[t] < evidence.first[number]]
        after = [t for t in chosen if evidence.first[t] > evidence.last[number]]
        if len(before) + len(after) < len(chosen):
            continue
        joins = [(rows[before[-1]][-1], rows[number][0])] if before else []
        joins += [(rows[number][-1], rows[after[0]][0])] if after else []
        if any(reachable(poses, bodies, left, right) for left, right in joins):
            chosen = sorted([*chosen, number], key=lambda t: int(evidence.first[t]))
    return np.asarray(chosen, np.intp)


def reachable(poses: PoseSeries, bodies: Bodies, left: np.intp, right: np.intp) -> bool:
    """Whether one walking body can have been seen as row ``left`` and later as row ``right``."""
    gap_s = float(poses.times_s[right] - poses.times_s[left])
    height = max(bodies.height_px[left], bodies.height_px[right])
    away = float(np.linalg.norm(bodies.anchor[right] - bodies.anchor[left]) / height)
    return gap_s <= _STITCH_S and away <= _STITCH_SLACK_HEIGHTS + _STITCH_HEIGHTS_PER_S * gap_s


def _roles(
    evidence: _Evidence, seats: Seats, teacher: set[int], stream_role: StreamRole
) -> tuple[TrackRole, ...]:
    has_class = int((seats.samples >= _MIN_SAMPLES).sum()) >= _MIN_CLASS
    # Somebody else at the front makes nobody a student.
    alone = evidence.alone
    able = has_class and stream_role is not StreamRole.SCREEN
    roles: list[TrackRole] = []
    for number, score in enumerate(evidence.score.tolist()):
        seat = int(seats.of_track[number])
        seated = seat != NO_SEAT and int(seats.samples[seat]) >= _MIN_SAMPLES
        role, confidence = PersonRole.UNKNOWN, 0.0
        if number in teacher:
            role, confidence = PersonRole.TEACHER, score
        elif seated and able and alone[number] <= _STUDENT:
            role, confidence = PersonRole.STUDENT, 1.0 - score
        roles.append(TrackRole(number, role, round(confidence, 4), evidence.pairs(number)))
    return tuple(roles)
