from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from classwatch.core.pose import KEYPOINTS
from classwatch.simulate.figures.channels import channel
from classwatch.simulate.figures.living import Life, Speech
from classwatch.simulate.figures.load import load_figures
from classwatch.simulate.figures.motion import Motion, MotionSpan
from classwatch.simulate.script import Act, ActKind
from tests.simulate.figures.made import floorplan, motion, says

KEY = {name: k for k, name in enumerate(KEYPOINTS)}


def spans(made: Motion, person: str) -> list[MotionSpan]:
    return [s for s in made.intervals() if s.person_id == person]


def only(made: Motion, person: str, kind: ActKind) -> MotionSpan:
    found = [s for s in spans(made, person) if s.kind is kind and not s.walking]
    assert len(found) == 1
    return found[0]


ACTS = (
    Act(who="s1", kind=ActKind.RAISE_HAND, start=10, end=14),
    Act(who="s2", kind=ActKind.STAND, start=12, end=20),
    Act(who="s3", kind=ActKind.OUT, start=30, end=40),
    Act(who="t", kind=ActKind.BOARD, start=15, end=25),
    Act(who="t", kind=ActKind.LEAN, start=35, end=45, place="beside:r2c2"),
)


@pytest.fixture(scope="module")
def lesson() -> Motion:
    return motion(*ACTS, utterances=(says("s4", 5.0),))


def test_a_moment_does_not_depend_on_what_was_asked_before() -> None:
    times = [3.0, 12.3, 12.4, 33.0, 15.2, 47.0]
    forwards, backwards = motion(*ACTS), motion(*ACTS)
    first = {t: forwards.at(t) for t in times}
    for t in reversed(times):
        for a, b in zip(first[t], backwards.at(t), strict=True):
            assert a.vertices_m.tobytes() == b.vertices_m.tobytes()
            assert a.normals.tobytes() == b.normals.tobytes()
            assert a.keypoints_m.tobytes() == b.keypoints_m.tobytes()
            assert a.present == b.present


def test_figures_are_parallel_to_the_rest_meshes(lesson: Motion) -> None:
    for member, figure in zip(lesson.members, lesson.at(1.0), strict=True):
        assert figure.vertices_m.shape == figure.normals.shape == member.mesh.vertices_m.shape
        assert figure.vertices_m.dtype == np.float32
        assert figure.keypoints_m.shape == (17, 3)


def test_keypoints_alone_are_those_of_the_figures(lesson: Motion) -> None:
    whole = np.stack([f.keypoints_m for f in lesson.at(12.2)])
    np.testing.assert_array_equal(lesson.keypoints_at(12.2), whole)


def test_students_sit_at_their_seats_facing_the_front(lesson: Motion) -> None:
    keys = lesson.keypoints_at(2.0)
    for k, seat in enumerate(floorplan().seats[:4], start=1):
        hips = keys[k, [KEY["left_hip"], KEY["right_hip"]]].mean(0)
        assert np.hypot(hips[0] - seat.x_m, hips[2] - seat.z_m) < 0.12
        assert keys[k, KEY["nose"], 2] < keys[k, KEY["left_ear"], 2]  # the nose towards z = 0
        # Facing -z, the own left is at smaller x.
        assert keys[k, KEY["left_shoulder"], 0] < keys[k, KEY["right_shoulder"], 0]


def test_a_hand_counts_as_raised_exactly_while_its_wrist_is_above_the_shoulder(
    lesson: Motion,
) -> None:
    span = only(lesson, "s1", ActKind.RAISE_HAND)
    assert 10.0 < span.start_s < 10.7
    assert 14.0 < span.end_s < 14.7
    for edge_s, above in ((span.start_s, True), (span.end_s, False)):
        for shift_s, expected in ((0.08, above), (-0.08, not above)):
            keys = lesson.keypoints_at(edge_s + shift_s)[1]
            lift_m = keys[KEY["right_wrist"], 1] - keys[KEY["right_shoulder"], 1]
            assert (lift_m > 0) == expected, (edge_s, shift_s, lift_m)


def test_standing_shows_when_half_way_up(lesson: Motion) -> None:
    span = only(lesson, "s2", ActKind.STAND)
    heights = {t: lesson.keypoints_at(t)[2][KEY["nose"], 1] for t in (11.0, 16.0)}
    at_edge = lesson.keypoints_at(span.start_s)[2][KEY["nose"], 1]
    middle = (heights[11.0] + heights[16.0]) / 2
    assert heights[16.0] > heights[11.0] + 0.1
    assert at_edge == pytest.approx(middle, abs=0.12)


def test_intervals_cover_the_lesson_of_everybody_without_gap(lesson: Motion) -> None:
    for member in lesson.members:
        found = spans(lesson, member.person_id)
        assert found[0].start_s == 0.0
        assert found[-1].end_s == 60.0
        assert all(a.end_s == b.start_s for a, b in pairwise(found))
        assert all(s.end_s > s.start_s for s in found)
        assert all(
            (a.kind, a.side, a.walking) != (b.kind, b.side, b.walking) for a, b in pairwise(found)
        )


def test_acts_at_agrees_with_the_intervals(lesson: Motion) -> None:
    assert [a.kind for a in lesson.acts_at(12.6)[:3]] == [
        ActKind.FACE,
        ActKind.RAISE_HAND,
        ActKind.STAND,
    ]
    assert [a.person_id for a in lesson.acts_at(60.5)] == ["t", "s1", "s2", "s3", "s4"]


def test_who_is_out_is_not_present(lesson: Motion) -> None:
    presence = [lesson.at(t)[3].present for t in (29.9, 30.1, 39.9, 40.1)]
    assert presence == [True, False, False, True]
    span = only(lesson, "s3", ActKind.OUT)
    assert (span.start_s, span.end_s) == (30.0, 40.0)


def test_the_teacher_arrives_in_time_and_walks_at_a_walking_pace(lesson: Motion) -> None:
    board = lesson.place_at("t", 15.8)
    assert board.z_m < 0.6
    assert math.cos(board.yaw) < -0.95
    assert board.y_m == 0.15
    desk = lesson.place_at("t", 36.5)
    seat = floorplan().seat("r2c2")
    assert math.hypot(desk.x_m - seat.x_m, desk.z_m - seat.z_m) < 0.8
    assert desk.y_m == 0.0
    walks = [s for s in spans(lesson, "t") if s.walking]
    assert len(walks) >= 3
    for walk in walks:
        times = np.arange(walk.start_s + 0.3, walk.end_s - 0.6, 0.1)
        places = [lesson.place_at("t", float(t)) for t in times]
        steps = [math.hypot(b.x_m - a.x_m, b.z_m - a.z_m) for a, b in pairwise(places)]
        if steps:
            # A chord across a corner is shorter than the way.
            assert 0.08 - 1e-6 <= np.median(steps) / 1.0 <= 0.11 + 1e-6


def test_nobody_jumps(lesson: Motion) -> None:
    times = np.arange(9.0, 50.0, 0.12)
    keys = np.stack([lesson.keypoints_at(float(t)) for t in times])
    speed_m_s = np.linalg.norm(np.diff(keys, axis=0), axis=-1) / 0.12
    speed_m_s[:, 3] = 0.0  # goes out and comes back
    # A hand that goes up in 0.7 s moves at 1 m in 0.7 s, twice that in the middle.
    assert speed_m_s.max() < 4.0
    assert speed_m_s[:, :, KEY["left_hip"]].max() < 2.5


def test_feet_stay_above_the_floor(lesson: Motion) -> None:
    for time_s in np.arange(0.5, 60, 4.7):
        for member, figure in zip(lesson.members, lesson.at(float(time_s)), strict=True):
            if figure.present:
                assert figure.vertices_m[:, 1].min() > -0.06, (member.person_id, time_s)


def test_a_mouth_opens_only_while_the_voice_is_heard() -> None:
    silent, talking = motion(), motion(utterances=(says("s2", 4.0),))

    def face_moved(time_s: float) -> float:
        """How far the jaw turned, by the bone's own channel."""
        return talking.mouth_at("s2", time_s) - silent.mouth_at("s2", time_s)

    # The voice is heard from 4.5 to 5.5 s; made figures have no lips to see it by.
    heard = [face_moved(t) for t in np.arange(4.55, 5.45, 0.05)]
    quiet = [
        face_moved(t) for t in np.concatenate([np.arange(0, 4.5, 0.1), np.arange(5.5, 9, 0.1)])
    ]
    assert max(heard) > 0.08
    assert min(heard) > 0.0
    assert max(np.abs(quiet)) == 0.0


def test_a_chorus_moves_every_mouth() -> None:
    made = motion(utterances=(says("all_students", 4.0),))
    assert [made.mouth_at(p, 5.0) > 0 for p in ("t", "s1", "s2", "s3", "s4")] == [
        False,
        *[True] * 4,
    ]


def test_listeners_turn_their_heads_to_the_teacher() -> None:
    yaws = []
    for x_m in (-2.0, 1.2):
        made = motion(Act(who="t", kind=ActKind.FACE, start=1, end=59, place=(x_m, 1.0)))
        keys = np.mean([made.keypoints_at(float(t))[1] for t in np.arange(20, 40, 1.0)], axis=0)
        yaws.append(keys[KEY["nose"], 0] - keys[[KEY["left_ear"], KEY["right_ear"]], 0].mean())
    assert yaws[1] > yaws[0] + 0.02


def test_people_alike_but_for_their_id_do_not_move_alike(lesson: Motion) -> None:
    keys = np.stack([lesson.keypoints_at(float(t)) for t in np.arange(20, 24, 0.5)])
    moves = keys[:, :, KEY["nose"]] - keys[:1, :, KEY["nose"]]
    assert np.abs(moves[:, 1] - moves[:, 4]).max() > 0.002


def test_an_act_shorter_than_getting_into_it_is_not_shown() -> None:
    made = motion(Act(who="s1", kind=ActKind.WRITE, start=10, end=10.2))
    assert [s.kind for s in spans(made, "s1")] == [ActKind.LISTEN]


def test_acts_that_follow_each_other_quickly_stay_smooth() -> None:
    acts = tuple(
        Act(who="s1", kind=kind, start=10 + 0.4 * k, end=10.4 + 0.4 * k)
        for k, kind in enumerate((ActKind.RAISE_HAND, ActKind.STAND, ActKind.SLEEP, ActKind.READ))
    )
    made = motion(*acts)
    keys = np.stack([made.keypoints_at(float(t))[1] for t in np.arange(9.5, 13, 0.02)])
    assert (np.linalg.norm(np.diff(keys, axis=0), axis=-1) / 0.02).max() < 6.0


def test_a_lesson_without_people_is_empty() -> None:
    from classwatch.simulate.figures.cast import Cast
    from tests.simulate.figures.made import script, timeline

    made = Motion(Cast((), 0), timeline(script()), floorplan())
    assert made.at(1.0) == ()
    assert made.intervals() == ()


@pytest.mark.shared
def test_real_figures_raise_stand_and_sit_too(shared) -> None:
    library = load_figures(shared / "humans")
    made = motion(*ACTS, library=library)
    span = only(made, "s1", ActKind.RAISE_HAND)
    keys = made.keypoints_at((span.start_s + span.end_s) / 2)[1]
    assert keys[KEY["right_wrist"], 1] > keys[KEY["right_shoulder"], 1]
    for figure, member in zip(made.at(13.0), made.members, strict=True):
        nose = figure.keypoints_m[KEY["nose"]]
        assert np.linalg.norm(figure.vertices_m - nose, axis=1).min() < 0.03, member.character
        assert figure.vertices_m[:, 1].min() > -0.03


def test_nobody_runs_to_an_act_that_is_over_before_they_could_be_there() -> None:
    acts = (
        Act(who="t", kind=ActKind.LEAN, start=10, end=20, place="beside:r2c2"),
        Act(who="t", kind=ActKind.BOARD, start=20.2, end=21.2),
        Act(who="t", kind=ActKind.LEAN, start=21.4, end=30, place="beside:r2c2"),
    )
    made = motion(*acts)
    assert all(s.kind is not ActKind.BOARD for s in spans(made, "t"))
    places = [made.place_at("t", float(t)) for t in np.arange(0, 60, 0.1)]
    steps_m = [math.hypot(b.x_m - a.x_m, b.z_m - a.z_m) for a, b in pairwise(places)]
    assert max(steps_m) < 0.115
    before, then = made.place_at("t", 19.0), made.place_at("t", 20.9)
    assert (then.x_m, then.z_m) == (before.x_m, before.z_m)


def test_acts_that_go_on_after_the_lesson_end_with_it() -> None:
    made = motion(Act(who="s1", kind=ActKind.STAND, start=59.8, end=70), end=60.0)
    assert spans(made, "s1")[-1].end_s == 60.0
    assert [s.kind for s in spans(made, "s1")] == [ActKind.LISTEN]


def test_hands_go_along_with_talk_of_most_people_and_rest_in_silence() -> None:
    """Lives that differ by nothing but their seed, talking from 10 to 20 s on their feet."""
    spread_m = []
    for seed in range(40):
        life = Life((seed,), Speech.of([(10.0, 20.0)]))
        rows = {
            name: np.stack([life.beating(ActKind.FACE, "R", float(t)) for t in times])
            for name, times in (("quiet", np.arange(0, 9, 0.5)), ("talk", np.arange(10, 20, 0.5)))
        }
        assert not rows["quiet"].any()
        spread_m.append(float(np.ptp(channel(rows["talk"], "wrist.R"), axis=0).max()))
        assert not life.beating(ActKind.BOARD, "R", 15.0).any()
    still = sum(spread == 0.0 for spread in spread_m)
    # One in five by the binomial: 8 of 40, 1 to 17 all but never missed.
    assert 1 <= still <= 17
    assert 0.1 < max(spread_m) < 0.4
