"""An adult known again by what is worn, in one recording.

Most of a class never wears what the teacher wears, in uniform least of all. Where somebody does who
is seen beside the teacher, clothes say nothing and are not gone by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from classwatch.core.people import PersonRole, TrackRole
from classwatch.core.pose import PoseSeries
from classwatch.vision.clothes import ALIKE, apart, usual
from classwatch.vision.seats import rows_of

_LEAST = 3
"""Sightings that tell what somebody usually wears."""
_OFTEN = 0.4
"""Share of the teacher's sightings that show it; desks and arms hide chests."""
_MOSTLY, _ALWAYS = 0.5, 0.8
"""Of a track that wears it in so many sightings these are the teacher's, or all."""
_SPELL = 4
"""Sightings in a row in the teacher's clothes that are the teacher's within somebody's track."""
_BESIDE = 0.1
"""One body is beside itself, found twice, in no more than this share of its sightings."""
_UNIFORM = 0.3
"""Share of the class that makes it what pupils wear."""
_ELSEWHERE, _OTHERWISE = 12.0, 20.0
"""Greatest difference of the same clothes in two cameras, and least one of others."""
_NEARLY = 15.0
"""Where somebody wears what lies between, two cameras do not tell it from the same."""
_STOPS = 0.5
"""Who keeps a place in more of the pictures is not known by clothes from elsewhere alone."""
_SURE = 0.5


def telling(worn: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """What somebody wears (3,) who was seen in these colours (n, 3); None where it varies."""
    colour = usual(worn)
    often = len(worn) >= _LEAST and (apart(worn, colour) <= ALIKE).mean() >= _OFTEN
    return colour if often else None


def one_body(
    poses: PoseSeries, bodies: Sequence[NDArray[np.intp]], seated: Sequence[NDArray[np.intp]]
) -> list[NDArray[np.intp]]:
    """Rows of ``bodies``, those made one that wear the same and are never seen together.

    What anybody wears who is ``seated`` says nothing.
    """
    worn = poses.people.clothes
    pupils = _usual(worn, seated)
    joined: list[NDArray[np.intp]] = []
    colours = np.zeros((len(bodies), 3), np.float32)
    for rows in sorted(bodies, key=len, reverse=True):
        own, place = usual(worn[rows]), len(joined)
        if not (apart(pupils, own) <= ALIKE).any():
            same = np.flatnonzero(apart(colours[:place], own) <= ALIKE).tolist()
            free = (n for n in same if not np.isin(poses.frame[rows], poses.frame[joined[n]]).any())
            place = next(free, place)
        if place == len(joined):
            joined.append(rows)
        else:
            joined[place] = np.sort(np.concatenate([joined[place], rows]))
        colours[place] = usual(worn[joined[place]])
    return joined


def known_by_clothes(
    poses: PoseSeries,
    number: NDArray[np.int32],
    roles: list[TrackRole],
    seated: Sequence[NDArray[np.intp]],
    elsewhere: NDArray[np.float32] | None = None,
) -> tuple[NDArray[np.int32], list[TrackRole]]:
    """Numbers (n,) and roles of tracks where the teacher is known again by what is worn: here, or
    where this view shows no teacher, in another camera, ``elsewhere`` (3,).
    """
    number, roles = number.copy(), list(roles)
    rows = rows_of(number, len(roles))
    worn, uniform = (_usual(poses.people.clothes, each) for each in (rows, seated))
    pupils = _in_uniform(worn, uniform)
    teacher = np.asarray([role.role is PersonRole.TEACHER for role in roles], np.bool_)
    samples = np.asarray([len(own) for own in rows])
    wrong = _in_others(teacher, pupils, samples)
    if elsewhere is not None:
        wrong |= _unlike_elsewhere(teacher, pupils, apart(worn, elsewhere))
        if not _in_uniform(elsewhere[None], uniform)[0]:
            wrong |= teacher & pupils
    nobody(roles, np.flatnonzero(wrong).tolist())
    others = [rows[n] for n in np.flatnonzero(~(teacher | pupils) & (samples > 0)).tolist()]
    known = np.flatnonzero(teacher & ~wrong).tolist()
    if known:
        mixed = [rows[n] for n in np.flatnonzero(~teacher & (samples > 0)).tolist()]
        again, doubtful = _again(poses, [rows[n] for n in known], others, mixed)
        nobody(roles, [known[place] for place in doubtful])
    else:
        again = _as_elsewhere(poses, elsewhere, others)
    for own in again:
        number[own] = len(roles)
        evidence = (("samples", float(len(own))),)
        roles.append(TrackRole(len(roles), PersonRole.TEACHER, _SURE, evidence))
    return number, roles


def nobody(roles: list[TrackRole], tracks: Sequence[int]) -> None:
    """Take the role away from ``tracks``."""
    for one in tracks:
        roles[one] = replace(roles[one], role=PersonRole.UNKNOWN, confidence=0.0)


def _in_others(
    teacher: NDArray[np.bool_], pupils: NDArray[np.bool_], samples: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Tracks (t,) of the teacher in what the class wears, where more sightings are not in that."""
    wrong = teacher & pupils
    return wrong if 2 * samples[wrong].sum() < samples[teacher].sum() else np.zeros_like(wrong)


def _unlike_elsewhere(
    teacher: NDArray[np.bool_], pupils: NDArray[np.bool_], away: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Tracks (t,) of the teacher ``away`` from what is worn elsewhere, where anybody wears that."""
    worn_here = bool((away[~pupils] <= _ELSEWHERE).any())
    return teacher & (away > _OTHERWISE) & worn_here


def _again(
    poses: PoseSeries,
    known: Sequence[NDArray[np.intp]],
    others: Sequence[NDArray[np.intp]],
    mixed: Sequence[NDArray[np.intp]],
) -> tuple[list[NDArray[np.intp]], list[int]]:
    """Rows of ``others`` that are of the body whose tracks are ``known``, and spells of it in
    ``mixed`` tracks; none where somebody who wears the same is seen beside it. And which of the
    ``known`` do not show what it wears, while others do."""
    worn = poses.people.clothes
    colour = telling(worn[np.concatenate(known)])
    if colour is None:
        return [], []
    alike = apart(worn, colour) <= ALIKE
    shows = [bool(alike[own].mean() >= _OFTEN) for own in known]
    sure = [own for own, its in zip(known, shows, strict=True) if its]
    shown = poses.pictures_of(np.concatenate(sure))
    same = [own for own in others if alike[own].mean() >= _MOSTLY]
    same = [own if alike[own].mean() >= _ALWAYS else own[alike[own]] for own in same]
    if any(len(own) >= _LEAST and not _alone(poses, shown, own) for own in same):
        return [], []
    for own in mixed:
        if alike[own].mean() < _MOSTLY:
            same += _spells(own, alike[own])
    found: list[NDArray[np.intp]] = []
    taken = np.zeros_like(shown)
    for own in sorted(same, key=len, reverse=True):
        if _alone(poses, shown | taken, own):
            found.append(own[~(shown | taken)[poses.frame[own]]])
            taken |= poses.pictures_of(found[-1])
    meanwhile = [taken[poses.frame[own]].any() for own in known]
    return found, np.flatnonzero(~np.asarray(shows) & meanwhile).tolist()


def _spells(own: NDArray[np.intp], alike: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Parts of a track in which every sighting is ``alike``, each long enough to mean somebody."""
    edges = np.flatnonzero(np.diff(alike, prepend=False, append=False))
    pairs = edges.reshape(-1, 2).tolist()
    return [own[first:last] for first, last in pairs if last - first >= _SPELL]


def _as_elsewhere(
    poses: PoseSeries, colour: NDArray[np.float32] | None, others: Sequence[NDArray[np.intp]]
) -> list[NDArray[np.intp]]:
    """Rows of ``others`` that wear what the teacher wears in another camera, and hold no place for
    most of the pictures; none where two of them are seen together, or anybody wears nearly that."""
    if colour is None:
        return []
    enough = [own for own in others if len(own) >= _LEAST]
    away = apart(_usual(poses.people.clothes, enough), colour)
    if ((away > _ELSEWHERE) & (away <= _NEARLY)).any():
        return []
    short = [own for own in others if len(own) <= _STOPS * len(poses)]
    found: list[NDArray[np.intp]] = []
    taken = np.zeros(len(poses), np.bool_)
    for own in sorted(short, key=len, reverse=True):
        if not apart(usual(poses.people.clothes[own]), colour) <= _ELSEWHERE:
            continue
        if not _alone(poses, taken, own):
            return []
        found.append(own[~taken[poses.frame[own]]])
        taken |= poses.pictures_of(own)
    return found if sum(map(len, found)) >= _LEAST else []


def _alone(poses: PoseSeries, shown: NDArray[np.bool_], own: NDArray[np.intp]) -> bool:
    """Whether ``own`` are hardly ever seen in the pictures ``shown`` (f,)."""
    return bool(shown[poses.frame[own]].mean() <= _BESIDE)


def _usual(worn: NDArray[np.float32], bodies: Sequence[NDArray[np.intp]]) -> NDArray[np.float32]:
    """What each of ``bodies`` (k,) usually wears (k, 3)."""
    return np.asarray([usual(worn[own]) for own in bodies], np.float32).reshape(-1, 3)


def _in_uniform(own: NDArray[np.float32], pupils: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which of the colours ``own`` (k, 3) much of the class wears."""
    pupils = pupils[~np.isnan(pupils[:, 0])]
    if not len(pupils):
        return np.zeros(len(own), np.bool_)
    alike = apart(own[:, None], pupils[None]) <= ALIKE
    return np.asarray(alike.mean(axis=1) >= _UNIFORM, np.bool_)
