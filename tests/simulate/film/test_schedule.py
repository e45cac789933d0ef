from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from classwatch.core.errors import InputError
from classwatch.simulate.film.follow import FASTEST_M_S, FREE_M, STEP_S, aim_at, follow
from classwatch.simulate.film.schedule import PIECE_S, in_room, piece_count, plan_streams
from tests.simulate.film.made import timeline


def test_pictures_are_taken_while_the_lesson_lasts() -> None:
    lesson = timeline(
        end=2.0,
        cameras=[
            {"name": "a", "kind": "front", "fps": 5},
            {"name": "b", "kind": "rear", "fps": 12.5},
            {"name": "c", "kind": "side", "fps": 0.3},
        ],
    )
    a, b, c = plan_streams(lesson)
    assert a.times_s().tolist() == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8]
    assert b.pictures == 25
    assert b.fps == Fraction(25, 2)
    assert c.times_s().tolist() == [0.0]  # the next would be at 3.3 s


@pytest.mark.parametrize("fps", [5, 29.97, 0.7, 1 / 3])
def test_pieces_hold_every_picture_once_and_by_time(fps: float) -> None:
    lesson = timeline(end=47.3, cameras=[{"name": "a", "kind": "front", "fps": fps}])
    (stream,) = plan_streams(lesson)
    pieces = [stream.pictures_in(k) for k in range(piece_count(lesson))]
    assert [n for piece in pieces for n in piece] == list(range(stream.pictures))
    for k, piece in enumerate(pieces):
        assert all(k * PIECE_S <= stream.time_s(n) < (k + 1) * PIECE_S for n in piece)


def test_a_mix_shows_another_camera_from_the_picture_of_the_cut_on() -> None:
    lesson = timeline(
        utterances=[{"id": "u1", "speaker": "t", "text": "hello", "start": 3.0}],
        cameras=[
            {"name": "a", "kind": "front"},
            {"name": "b", "kind": "rear"},
            {
                "name": "mix",
                "kind": "mix",
                "cuts": [
                    {"start": 0, "camera": "b"},
                    {"start": "u1.end+0.5", "camera": "a"},
                ],
            },
        ],
    )
    mix = plan_streams(lesson)[2]
    shots = [mix.shot_at(t) for t in mix.times_s()]
    # The utterance ends at 5 s, so the cut is at 5.5 s; pictures come every 0.2 s.
    assert shots == [1] * 28 + [0] * 32
    assert mix.time_s(28) == pytest.approx(5.6)


@pytest.mark.parametrize("to", ["nobody", "mix"])
def test_a_cut_to_no_camera_is_refused(to: str) -> None:
    cuts = [{"start": 0, "camera": to}]
    cameras = [{"name": "a", "kind": "front"}, {"name": "mix", "kind": "mix", "cuts": cuts}]
    with pytest.raises(InputError, match=to):
        plan_streams(timeline(cameras=cameras))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"name": "a", "kind": "rear"}, "two cameras"),
        ({"name": "b", "kind": "rear", "width_px": 641}, "641x720"),
    ],
)
def test_cameras_that_cannot_be_filmed_are_refused(other: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        plan_streams(timeline(cameras=[{"name": "a", "kind": "front"}, other]))


def test_the_far_room_has_its_own_people() -> None:
    people = [
        {"id": "t", "kind": "teacher"},
        {"id": "s1", "kind": "student", "seat": "r1c1"},
        {"id": "far-s1", "kind": "student", "seat": "r1c1"},
    ]
    acts = [{"who": ["s1", "far-s1"], "kind": "write", "start": 1, "end": 3}]
    lesson = timeline(people=people, acts=acts, far_room={"rows": 3, "columns": 2})
    near, far = in_room(lesson, 0), in_room(lesson, 1)
    assert [p.id for p in near.script.people] == ["t", "s1"]
    assert [p.id for p in far.script.people] == ["far-s1"]
    assert far.script.room.rows == 3
    assert [a.actors for a in far.acts] == [("far-s1",)]
    with pytest.raises(InputError, match="far_room"):
        in_room(timeline(), 1)


def test_a_tracking_camera_stands_still_for_small_steps() -> None:
    path = follow([(0.9 * FREE_M * (k % 2), 1.0) for k in range(50)])
    assert (path == path[0]).all()


def test_a_tracking_camera_arrives_and_never_jumps() -> None:
    places = [(0.0, 1.0)] * 10 + [(3.0, 2.0)] * 60 + [None] * 10
    path = follow(places)
    steps = np.hypot(*np.diff(path, axis=0).T)
    assert steps.max() <= FASTEST_M_S * STEP_S + 1e-9
    assert np.hypot(*(path[60] - (3.0, 2.0))) < 0.1
    assert (path[70:] == path[69]).all()
    assert aim_at(path, 0.0) == tuple(path[0])
    assert aim_at(path, 11 * STEP_S + STEP_S / 2) == pytest.approx(tuple(path[11:13].mean(axis=0)))
    assert aim_at(path, 1e4) == tuple(path[-1])
