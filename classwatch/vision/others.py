"""Who is neither the teacher nor seated: other adults, told from pupils away from their seats.

Somebody who walks past the seated is easily taken for one of them and back again. So everybody who
was given no role is looked at once more: on a student's empty seat it is that student, and the rest
are followed anew among themselves, with those who only stopped at a place like a seat.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import TrackConfig
from classwatch.core.media import StreamRole
from classwatch.core.people import NO_TRACK, PersonRole, TrackRole, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.vision.body import read_bodies
from classwatch.vision.dress import known_by_clothes, nobody, one_body
from classwatch.vision.occupancy import kept_places
from classwatch.vision.passers import passers
from classwatch.vision.people import STILL_S, reachable, undecided
from classwatch.vision.scene import Scene, read_scene
from classwatch.vision.seats import NO_SEAT, find_seats, rows_of, seated_height
from classwatch.vision.track import track
from classwatch.vision.walkers import IN_FULL, Walker, rise, weigh

_ON_SEAT_HEIGHTS = 0.3
_ALIKE = 1.6
"""Largest ratio of box heights of one body on one seat."""
_KEPT_S = 20.0
_KEPT = 0.5
"""A place that somebody is seen on this often, for so long, is a seat."""
_MOST_ROWS = 6000
_SITS = 0.7
"""Shoulders no farther than this from those of the seated, in shoulder distances."""
_SEATED, _AGAIN = 0.6, 0.5
"""How sure a seat or the teacher is that was found by place alone."""
_JUST_S = 1.5
_LEANS_S = 30.0
_MIN_SAMPLES = 5
_AMONG_DESKS = 0.3
"""A place that lies in the front zone more often than this is no pupil's."""


def tell_others(
    poses: PoseSeries,
    tracks: Tracks,
    stream_role: StreamRole,
    cfg: TrackConfig,
    clothes: NDArray[np.float32] | None = None,
) -> Tracks:
    """The same tracks with everybody of unknown role followed anew, and adults among them told.

    Students who only stopped at their place, standing, lose the role first. The teacher's and the
    other students' tracks keep what they have and gain what was seen on a student's empty seat. An
    adult stands or walks for some seconds, higher than the seated, while no seat is empty that is
    taken else; where that adult could as well be the teacher, the role stays unknown. Last, the
    teacher is known again by what is worn, here or, as ``clothes`` (3,) say, in another camera.
    """
    scene = read_scene(poses, tracks, stream_role)
    if stream_role is StreamRole.SCREEN or len(scene.seats) == 0:
        return tracks
    number, roles = tracks.track_id.copy(), list(tracks.roles)
    passing = _passing(poses, scene, tracks, stream_role)
    nobody(roles, np.unique(number[passing]).tolist())
    scene = read_scene(poses, Tracks(number, tuple(roles)), stream_role)
    unknown = ~(scene.student | scene.teacher)
    for leaning in _leaning(poses, scene, tracks):
        roles[leaning] = replace(roles[leaning], role=PersonRole.TEACHER, confidence=_AGAIN)
    for own in _seated(poses, scene, np.flatnonzero(unknown & ~passing)):
        number[own] = len(roles)
        unknown[own] = False
        evidence = (("samples", float(len(own))),)
        roles.append(TrackRole(len(roles), PersonRole.STUDENT, _SEATED, evidence))
    scene = read_scene(poses, Tracks(number, tuple(roles)), stream_role)
    back = _on_seats(poses, scene, np.flatnonzero(unknown & ~passing))
    owner = _owners(scene)
    for row, seat in back:
        number[row] = owner[seat]
        unknown[row] = False
    rows = np.flatnonzero(unknown)
    fresh = track(poses.only(rows), cfg)
    taken = _taken(poses, scene, back)
    bodies = [rows[own] for own in rows_of(fresh, int(fresh.max(initial=-1)) + 1)]
    seated = rows_of(scene.seats.of_detection, len(scene.seats))
    bodies = one_body(poses, bodies, seated)
    for place, own in enumerate(bodies):
        number[own] = len(roles) + place
    walkers = [weigh(poses, scene, own, taken, passing) for own in bodies]
    doubt = undecided(tracks)
    first = -1 if doubt else _goes_about(scene, walkers)
    roles += _walker_roles(poses, scene, bodies, walkers, first)
    if not doubt:
        number, roles = known_by_clothes(poses, number, roles, seated, clothes)
    return _renumbered(_by_seat(poses, number, roles), roles)


def _passing(
    poses: PoseSeries, scene: Scene, tracks: Tracks, stream_role: StreamRole
) -> NDArray[np.bool_]:
    """Sightings (n,) of students who only stopped at their place.

    From behind, whoever gets up comes out from behind nearer rows like somebody who came, and the
    teacher is known by looking the other way.
    """
    if stream_role is StreamRole.TEACHER_CAM or scene.view.class_facing < 0:
        return np.zeros(len(tracks.track_id), np.bool_)
    return np.isin(tracks.track_id, passers(poses, tracks, scene.bodies))


def _goes_about(scene: Scene, walkers: list[Walker]) -> int:
    """Who of the ``walkers`` is the teacher of a view that shows none: the only one who goes about;
    -1 where nobody does, or several."""
    able = [place for place, walker in enumerate(walkers) if walker.goes_about]
    return able[0] if len(able) == 1 and not scene.teacher.any() else -1


def _walker_roles(
    poses: PoseSeries,
    scene: Scene,
    bodies: list[NDArray[np.intp]],
    walkers: list[Walker],
    first: int,
) -> Iterator[TrackRole]:
    """Role of each walker, of whom ``first`` is the teacher where it is none of those known."""
    if first >= 0:
        known = scene.teacher.copy()
        known[bodies[first]] = True
        scene = replace(scene, teacher=known)
    teacher = poses.pictures_of(np.flatnonzero(scene.teacher))
    for place, (own, walker) in enumerate(zip(bodies, walkers, strict=True)):
        lost = walker.stands and _found_again(poses, scene, own, teacher)
        if lost:
            teacher |= poses.pictures_of(own)
        yield _role(walker, PersonRole.TEACHER if lost or place == first else None)


def _by_seat(
    poses: PoseSeries, number: NDArray[np.int32], roles: list[TrackRole]
) -> NDArray[np.int32]:
    """``number`` (n,) with the students' tracks that take turns on one seat made one.

    Whoever is found twice in one picture keeps both numbers.
    """
    rows = rows_of(number, len(roles))
    students = [
        n for n, role in enumerate(roles) if role.role is PersonRole.STUDENT and len(rows[n])
    ]
    seats = find_seats(read_bodies(poses.people), number, np.asarray(students, np.intp))
    found = number.copy()
    shown: dict[int, list[tuple[int, NDArray[np.bool_]]]] = {}
    for track_number in sorted(students, key=lambda n: (-len(rows[n]), n)):
        if seats.of_track[track_number] == NO_SEAT:
            continue
        own = poses.pictures_of(rows[track_number])
        sharing = shown.setdefault(int(seats.of_track[track_number]), [])
        for first, taken in sharing:
            if not (taken & own).any():
                found[rows[track_number]] = first
                taken |= own
                break
        else:
            sharing.append((track_number, own))
    return found


def _on_seats(poses: PoseSeries, scene: Scene, rows: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Rows on a seat (row, seat) that is empty in their picture, the nearest to each seat."""
    seats, bodies = scene.seats, scene.bodies
    taken = set(zip(poses.frame.tolist(), seats.of_detection.tolist(), strict=True))
    best: dict[tuple[int, int], tuple[float, int]] = {}
    for row in rows.tolist():
        away = np.linalg.norm(seats.anchor - bodies.anchor[row], axis=1) / seats.height_px
        seat = int(np.argmin(away))
        ratio = float(bodies.height_px[row] / seats.height_px[seat])
        place = (int(poses.frame[row]), seat)
        if away[seat] > _ON_SEAT_HEIGHTS or max(ratio, 1 / ratio) > _ALIKE or place in taken:
            continue
        best[place] = min(best.get(place, (np.inf, -1)), (float(away[seat]), row))
    return sorted((row, seat) for (_, seat), (_, row) in best.items())


def _leaning(poses: PoseSeries, scene: Scene, tracks: Tracks) -> Iterator[int]:
    """Tracks taken for a pupil's that are the teacher's, who has stopped at a desk.

    They begin where the teacher was just lost or end where the teacher is found again, are short,
    and hold a place that nobody else ever holds.
    """
    teacher = np.flatnonzero(scene.teacher)
    if len(teacher) == 0:
        return
    shown = poses.pictures_of(teacher)
    shared = np.bincount(scene.seats.of_track[scene.seats.of_track != NO_SEAT])
    for number, own in enumerate(rows_of(tracks.track_id, len(tracks.roles))):
        seat = int(scene.seats.of_track[number])
        if len(own) < _MIN_SAMPLES or seat == NO_SEAT or shared[seat] > 1:
            continue
        start_s, end_s = poses.times_s[own[0]], poses.times_s[own[-1]]
        gaps_s = np.concatenate([start_s - poses.times_s[teacher], poses.times_s[teacher] - end_s])
        just = bool(((gaps_s > 0) & (gaps_s <= _JUST_S)).any())
        if just and end_s - start_s <= _LEANS_S and _found_again(poses, scene, own, shown):
            shown |= poses.pictures_of(own)
            yield number


def _seated(poses: PoseSeries, scene: Scene, rows: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Rows of each place among the seats that somebody keeps for long, sitting.

    The track of a pupil whom others pass close by is broken and mixed, but the place remains.
    """
    line, bodies = seated_height(scene.seats), scene.bodies
    # Thinned where there are many: the seats that are found get the others back as well.
    step = -(-len(rows) // _MOST_ROWS)
    rows = rows[poses.frame[rows] % max(step, 1) == 0]
    for place in kept_places(poses.only(rows)):
        own = rows[place]
        frames = np.unique(poses.frame[own])
        kept_s = float(np.ptp(poses.frame_times_s[frames]))
        often = len(frames) >= _KEPT * ((frames[-1] - frames[0]) / max(step, 1) + 1)
        in_front = scene.view.in_front(bodies)[own].mean() > _AMONG_DESKS
        # However high: far rows and groups of desks fit the line of the others badly.
        still = kept_s >= STILL_S and bodies.upright[own].mean() < IN_FULL
        low = abs(rise(scene, line, own)) < _SITS
        if kept_s >= _KEPT_S and often and not in_front and (low or still):
            yield own


def _owners(scene: Scene) -> dict[int, int]:
    """Track of each seat: the first of those that keep it."""
    seats = scene.seats
    seated = np.flatnonzero(seats.of_track != NO_SEAT)
    return {int(seats.of_track[t]): int(t) for t in reversed(seated.tolist())}


def _taken(poses: PoseSeries, scene: Scene, back: list[tuple[int, int]]) -> NDArray[np.bool_]:
    """Whether each seat (s, f) is taken in each picture."""
    taken = np.zeros((len(scene.seats), len(poses)), np.bool_)
    rows = np.flatnonzero(scene.seats.of_detection != NO_SEAT)
    taken[scene.seats.of_detection[rows], poses.frame[rows]] = True
    for row, seat in back:
        taken[seat, poses.frame[row]] = True
    return taken


def _found_again(
    poses: PoseSeries, scene: Scene, own: NDArray[np.intp], shown: NDArray[np.bool_]
) -> bool:
    """Whether this is the teacher on the way to or from where the teacher was seen last or is seen
    next; nobody is in the pictures ``shown`` (f,), which show the teacher."""
    if shown[poses.frame[own]].any():
        return False
    teacher = np.flatnonzero(scene.teacher)
    at = int(np.searchsorted(teacher, own[0]))
    joins = [(teacher[at - 1], own[0])] if at > 0 else []
    joins += [(own[-1], teacher[at])] if at < len(teacher) and teacher[at] > own[-1] else []
    return any(reachable(poses, scene.bodies, left, right) for left, right in joins)


def _role(walker: Walker, told: PersonRole | None) -> TrackRole:
    # The number is given when all are known.
    if told is not None:
        return TrackRole(NO_TRACK, told, _AGAIN, walker.evidence())
    if not walker.adult:
        return TrackRole(NO_TRACK, PersonRole.UNKNOWN, 0.0, walker.evidence())
    sure = 0.5 + 0.25 * min(walker.rise_shoulders, 1.0) + 0.25 * walker.teacher_seen_share
    return TrackRole(NO_TRACK, PersonRole.ADULT, round(sure, 4), walker.evidence())


def _renumbered(number: NDArray[np.int32], roles: list[TrackRole]) -> Tracks:
    """Tracks in order of first appearance, without those that have lost everybody."""
    kept, first = np.unique(number, return_index=True)
    order = kept[np.argsort(first, kind="stable")]
    new = np.full(len(roles), NO_TRACK, np.int32)
    new[order] = np.arange(len(order), dtype=np.int32)
    told = tuple(
        TrackRole(place, roles[old].role, roles[old].confidence, roles[old].evidence)
        for place, old in enumerate(order.tolist())
    )
    return Tracks(new[number], told)
