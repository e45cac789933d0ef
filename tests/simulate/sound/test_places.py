from __future__ import annotations

import pytest

from classwatch.simulate.scene import Floorplan, Seat
from classwatch.simulate.script import Microphone, Room
from classwatch.simulate.sound.estimate import estimate_all
from classwatch.simulate.sound.places import Places, hall_of_room, places_of
from classwatch.simulate.timeline import resolve
from tests.simulate.sound.made import PEOPLE, said, script


def places(**parts: object) -> Places:
    lesson = script(**parts)
    return places_of(resolve(lesson, estimate_all(lesson)))


def test_seats_count_from_the_front_and_from_the_left_of_somebody_facing_it() -> None:
    hall = hall_of_room(Room(rows=5, columns=6))
    # Facing the front means looking towards small z, with the left hand at small x.
    assert hall.seats["r1c1"][0] < hall.seats["r1c6"][0]
    assert hall.seats["r1c1"][1] < hall.seats["r5c1"][1]
    assert hall.seats["r1c1"][0] == pytest.approx(-hall.seats["r1c6"][0])
    for x, z in hall.seats.values():
        assert abs(x) < hall.width_m / 2
        assert 0 < z < hall.depth_m


def test_acts_move_people_and_make_them_stand() -> None:
    lesson = places(
        utterances=[said("t", "大家先自己读一读，然后我们一起讨论，再写下来。")],
        acts=[
            {"who": "t", "kind": "face", "start": 1, "end": 3, "place": "beside:r2c1"},
            {"who": "t", "kind": "face", "start": 3, "end": 4, "place": [1.0, 5.0]},
            {"who": "s0", "kind": "stand", "start": 1, "end": 3},
        ],
    )
    seat_x, seat_z = lesson.halls[0].seats["r2c1"]
    x, _, z = lesson.mouth("t", 2.0)
    assert abs(x - seat_x) < 1.0
    assert abs(z - seat_z) < 0.2
    assert lesson.mouth("t", 3.5)[::2] == (1.0, 5.0)
    assert lesson.mouth("t", 0.5)[2] < 2.0
    assert lesson.mouth("s0", 2.0)[1] > lesson.mouth("s0", 0.5)[1] + 0.1


def test_a_walk_goes_before_the_script() -> None:
    lesson = script(utterances=[said("t", "好")])
    timeline = resolve(lesson, estimate_all(lesson))
    walked = places_of(timeline, walk=lambda who, t: (2.0, 3.0 + t) if who == "t" else None)
    assert walked.mouth("t", 1.0)[::2] == (2.0, 4.0)
    assert walked.mouth("s0", 1.0)[::2] == walked.halls[0].seats["r1c1"]


def test_places_outside_are_moved_into_the_room() -> None:
    lesson = places()
    hall = lesson.halls[0]
    x, y, z = lesson.microphone(Microphone(place=(50.0, -3.0), height_m=6.0), 0.0)
    assert 0 < x < hall.width_m / 2
    assert 0 < y < hall.height_m
    assert 0 < z < hall.depth_m


def test_a_worn_microphone_is_near_the_mouth_and_moves_with_it() -> None:
    acts = [{"who": "t", "kind": "face", "start": 1, "end": 3, "place": [1.0, 5.0]}]
    lesson = places(acts=acts)
    worn = Microphone(name="clip", worn_by="t", place=(0.0, 0.4))
    for time_s in (0.0, 2.0):
        mouth, clip = lesson.mouth("t", time_s), lesson.microphone(worn, time_s)
        distance_m = sum((a - b) ** 2 for a, b in zip(mouth, clip, strict=True)) ** 0.5
        assert 0.1 < distance_m < 0.3
    assert lesson.microphone(worn, 0.0) != lesson.microphone(worn, 2.0)


def test_a_plan_gives_sizes_seats_and_the_platform() -> None:
    seat = Seat("r1c1", 1, 1, -1.5, 3.5, 3.14, 0.4, 0.7, 0.3)
    plan = Floorplan(7.0, 9.0, 3.0, 0.2, 1.8, 2.0, -2.0, 1.0, 2.2, 0.0, 1.0, 1.0, 1, (seat,))
    lesson = script()
    timeline = resolve(lesson, {})
    planned = places_of(timeline, (plan,))
    assert planned.mouth("s0", 0.0)[::2] == (-1.5, 3.5)
    unplanned = places_of(timeline)
    raised_m = planned.mouth("t", 0.0)[1] - unplanned.mouth("t", 0.0)[1]
    assert raised_m == pytest.approx(0.2)


def test_people_of_the_far_room_are_in_the_second_hall() -> None:
    far = {"id": "far-s", "kind": "student", "seat": "r1c1"}
    lesson = places(people=[*PEOPLE, far], far_room={"rows": 2, "columns": 2})
    assert lesson.hall_of("far-s") == 1
    assert lesson.hall_of("s0") == 0
    assert lesson.microphone_hall(Microphone(name="far-room")) == 1
    assert lesson.halls[1].width_m < lesson.halls[0].width_m
