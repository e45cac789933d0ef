"""The teacher known again by what is worn: stick figures with known truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from classwatch.config.schema import TrackConfig
from classwatch.core.media import StreamRole
from classwatch.core.people import PersonRole, TrackRole, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.vision.dress import known_by_clothes, one_body, telling
from classwatch.vision.others import tell_others
from classwatch.vision.people import assign_roles
from tests.vision.made import Figure, desks, series

UNIFORM, COAT, OTHER = (25.0, -15.0, 4.0), (50.0, 40.0, 20.0), (60.0, -5.0, -40.0)
UNKNOWN = (np.nan,) * 3
LENGTH = 60
CLASS = desks(back=False)
STUDENT, TEACHER, NOBODY = PersonRole.STUDENT, PersonRole.TEACHER, PersonRole.UNKNOWN
Colour = tuple[float, ...]
Part = tuple[range, Colour, PersonRole]


def _lesson(
    *parts: Part, class_: Colour = UNIFORM
) -> tuple[PoseSeries, np.ndarray, list[TrackRole]]:
    """A seated class in one colour, and further tracks: pictures, colour and role of each."""
    shown = [
        [*CLASS, *(Figure(100 + 60 * n, 300) for n, (when, _, _) in enumerate(parts) if k in when)]
        for k in range(LENGTH)
    ]
    number = np.concatenate(
        [
            [*range(len(CLASS)), *(len(CLASS) + n for n, (w, _, _) in enumerate(parts) if k in w)]
            for k in range(LENGTH)
        ]
    ).astype(np.int32)
    colours = np.asarray([*[class_] * len(CLASS), *(colour for _, colour, _ in parts)], np.float32)
    roles = [STUDENT] * len(CLASS) + [role for _, _, role in parts]
    poses = series(shown)
    poses = replace(poses, people=replace(poses.people, clothes=colours[number]))
    return poses, number, [TrackRole(n, role, 0.7, ()) for n, role in enumerate(roles)]


def _rows(number: np.ndarray, part: int) -> np.ndarray:
    return np.flatnonzero(number == len(CLASS) + part)


def _seated(number: np.ndarray) -> list[np.ndarray]:
    return [np.flatnonzero(number == n) for n in range(len(CLASS))]


def _told(
    *parts: Part, class_: Colour = UNIFORM, elsewhere: Colour | None = None
) -> list[list[PersonRole]]:
    """Role of every sighting of each of the further tracks."""
    poses, given, roles = _lesson(*parts, class_=class_)
    there = None if elsewhere is None else np.asarray(elsewhere, np.float32)
    number, after = known_by_clothes(poses, given, roles, _seated(given), there)
    seats = {after[n].role for own in _seated(given) for n in np.unique(number[own])}
    assert seats == {STUDENT}
    return [[after[n].role for n in number[_rows(given, part)]] for part in range(len(parts))]


def _all(told: list[PersonRole]) -> PersonRole:
    (role,) = set(told)
    return role


@pytest.mark.parametrize("role", [STUDENT, NOBODY])
def test_who_wears_what_the_teacher_wears_is_the_teacher(role: PersonRole) -> None:
    told = _told((range(20), COAT, TEACHER), (range(25, 50), COAT, role))
    assert [_all(each) for each in told] == [TEACHER, TEACHER]


def test_who_is_seen_beside_the_teacher_is_somebody_else() -> None:
    told = _told((range(40), COAT, TEACHER), (range(25, 50), COAT, NOBODY))
    assert _all(told[1]) is NOBODY


@pytest.mark.parametrize("elsewhere", [None, COAT])
def test_nobody_is_the_teacher_twice_in_one_picture(elsewhere: Colour | None) -> None:
    """For one sighting in twenty the same clothes are seen twice."""
    first = TEACHER if elsewhere is None else NOBODY
    poses, given, roles = _lesson((range(25), COAT, first), (range(24, 44), COAT, NOBODY))
    there = None if elsewhere is None else np.asarray(elsewhere, np.float32)
    number, after = known_by_clothes(poses, given, roles, _seated(given), there)
    teacher = np.asarray([after[n].role is TEACHER for n in number])
    assert np.bincount(poses.frame[teacher], minlength=LENGTH).tolist() == [1] * 44 + [0] * 16


def test_clothes_say_nothing_where_somebody_beside_the_teacher_wears_them() -> None:
    told = _told(
        (range(20), COAT, TEACHER), (range(25, 50), COAT, NOBODY), (range(15), COAT, STUDENT)
    )
    assert _all(told[1]) is NOBODY


def test_a_teacher_dressed_like_the_class_is_not_looked_for_among_it() -> None:
    told = _told((range(20), UNIFORM, TEACHER), (range(25, 50), UNIFORM, NOBODY))
    assert [_all(each) for each in told] == [TEACHER, NOBODY]


def test_of_a_mixed_track_the_sightings_in_the_same_clothes_are_the_teachers() -> None:
    poses, number, roles = _lesson((range(20), COAT, TEACHER), (range(25, 50), COAT, STUDENT))
    mixed = _rows(number, 1)
    poses.people.clothes[mixed[15:]] = OTHER
    after, told = known_by_clothes(poses, number, roles, _seated(number))
    assert {told[n].role for n in after[mixed[:15]]} == {TEACHER}
    assert {told[n].role for n in after[mixed[15:]]} == {STUDENT}


def test_a_track_that_slid_to_the_teacher_for_a_while_is_a_pupils_before_and_after() -> None:
    """Ten sightings in a row out of sixty; two, as when the teacher passes behind, tell nothing."""
    poses, number, roles = _lesson((range(15), COAT, TEACHER), (range(LENGTH), UNIFORM, STUDENT))
    slid = _rows(number, 1)
    poses.people.clothes[slid[[*range(20, 30), 40, 41]]] = COAT
    after, told = known_by_clothes(poses, number, roles, _seated(number))
    teacher = [told[n].role is TEACHER for n in after[slid]]
    assert np.flatnonzero(teacher).tolist() == list(range(20, 30))


def test_somebody_taken_for_the_teacher_meanwhile_was_somebody_else() -> None:
    told = _told(
        (range(20), COAT, TEACHER), (range(30, 50), COAT, NOBODY), (range(35, 38), UNKNOWN, TEACHER)
    )
    assert [_all(each) for each in told] == [TEACHER, TEACHER, NOBODY]


def test_a_pupil_in_uniform_told_as_the_teacher_is_not() -> None:
    told = _told((range(20), COAT, TEACHER), (range(30, 40), UNIFORM, TEACHER))
    assert [_all(each) for each in told] == [TEACHER, NOBODY]


def test_most_sightings_decide_what_the_teacher_wears() -> None:
    told = _told((range(5), COAT, TEACHER), (range(20, 40), UNIFORM, TEACHER))
    assert _all(told[1]) is TEACHER


def test_what_the_teacher_wears_elsewhere_tells_where_no_teacher_is_known() -> None:
    near = (COAT[0] + 10, COAT[1] - 6, COAT[2] + 3)
    parts = ((range(20), COAT, NOBODY), (range(30, 40), OTHER, NOBODY))
    assert [_all(each) for each in _told(*parts, elsewhere=near)] == [TEACHER, NOBODY]
    assert [_all(each) for each in _told(*parts)] == [NOBODY, NOBODY]


def test_clothes_from_elsewhere_say_nothing_where_somebody_wears_nearly_the_same() -> None:
    """12 and 15 of difference are the limits; by hand the colours below lie 13 and 17 away."""
    parts = (range(20), COAT, NOBODY)
    for off, role in ((13.0, NOBODY), (17.0, TEACHER)):
        nearly = (COAT[0], COAT[1] + off, COAT[2])
        (told, _) = _told(parts, (range(30, 40), nearly, STUDENT), elsewhere=COAT)
        assert _all(told) is role


@pytest.mark.parametrize("when", [range(10, 30), range(LENGTH)])
def test_clothes_from_elsewhere_name_neither_two_at_once_nor_who_keeps_a_place(when: range) -> None:
    parts: list[Part] = [(when, COAT, STUDENT)]
    if len(when) < LENGTH:
        parts.append((range(20), COAT, NOBODY))
    assert TEACHER not in {role for told in _told(*parts, elsewhere=COAT) for role in told}


def test_a_pupil_in_uniform_is_not_the_teacher_who_wears_something_else_elsewhere() -> None:
    (told,) = _told((range(20), UNIFORM, TEACHER), elsewhere=COAT)
    assert _all(told) is NOBODY
    (same,) = _told((range(20), UNIFORM, TEACHER), elsewhere=UNIFORM)
    assert _all(same) is TEACHER


def test_the_teacher_elsewhere_wins_over_somebody_in_other_clothes() -> None:
    told = _told((range(20), OTHER, TEACHER), (range(30, 45), COAT, NOBODY), elsewhere=COAT)
    assert [_all(each) for each in told] == [NOBODY, TEACHER]


def test_without_colours_nothing_changes() -> None:
    told = _told((range(20), UNKNOWN, TEACHER), (range(25, 50), UNKNOWN, STUDENT), class_=UNKNOWN)
    assert [_all(each) for each in told] == [TEACHER, STUDENT]


@pytest.mark.parametrize(
    ("second", "colour", "count"),
    [
        (range(25, 50), COAT, 1),
        (range(10, 30), COAT, 2),
        (range(19, 50), COAT, 2),
        (range(25, 50), OTHER, 2),
        (range(25, 50), UNKNOWN, 2),
    ],
)
def test_pieces_in_the_same_clothes_are_one_body(second: range, colour: Colour, count: int) -> None:
    poses, number, _ = _lesson((range(20), COAT, NOBODY), (second, colour, NOBODY))
    pieces = [_rows(number, 0), _rows(number, 1)]
    bodies = one_body(poses, pieces, _seated(number))
    assert len(bodies) == count
    assert np.sort(np.concatenate(bodies)).tolist() == np.sort(np.concatenate(pieces)).tolist()


def test_pieces_in_uniform_stay_apart() -> None:
    poses, number, _ = _lesson((range(20), UNIFORM, NOBODY), (range(25, 50), UNIFORM, NOBODY))
    assert len(one_body(poses, [_rows(number, 0), _rows(number, 1)], _seated(number))) == 2


def test_clothes_tell_where_two_of_five_sightings_agree() -> None:
    rng = np.random.default_rng(0)
    mixed = np.concatenate([np.tile(COAT, (6, 1)), rng.uniform(-100, 100, (4, 3))])
    found = telling(mixed.astype(np.float32))
    assert found is not None
    np.testing.assert_allclose(found, COAT, atol=25)
    assert telling(rng.uniform(-100, 100, (30, 3)).astype(np.float32)) is None
    assert telling(np.full((9, 3), np.nan, np.float32)) is None


def _walk(pieces: list[range]) -> tuple[PoseSeries, np.ndarray]:
    """A class that looks at the camera, and an adult who goes along the desks, seen in pieces."""
    along = [Figure(200 + 14 * k, 405, 50) for k in range(LENGTH)]
    seen = [any(k in piece for piece in pieces) for k in range(LENGTH)]
    poses = series([[*CLASS, *([along[k]] if seen[k] else [])] for k in range(LENGTH)])
    place = np.arange(len(poses.frame)) - np.searchsorted(poses.frame, poses.frame)
    colours = np.where((place < len(CLASS))[:, None], UNIFORM, COAT).astype(np.float32)
    return replace(poses, people=replace(poses.people, clothes=colours)), place


def test_who_is_seen_in_pieces_among_the_desks_is_the_teacher_of_a_view_without_one() -> None:
    pieces = [range(5, 11), range(30, 36)]
    poses, place = _walk(pieces)
    given = np.where(place < len(CLASS), place, len(CLASS) + (poses.frame > 20)).astype(np.int32)
    adult = place == len(CLASS)

    def role(poses: PoseSeries) -> set[PersonRole]:
        told = assign_roles(poses, given, StreamRole.STUDENT_CAM)
        tracks: Tracks = tell_others(poses, told, StreamRole.STUDENT_CAM, TrackConfig())
        return {tracks.roles[n].role for n in tracks.track_id[adult]}

    assert role(poses) == {TEACHER}
    unknown = np.full_like(poses.people.clothes, np.nan)
    assert TEACHER not in role(replace(poses, people=replace(poses.people, clothes=unknown)))
