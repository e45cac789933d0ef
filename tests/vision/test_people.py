from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from classwatch.config.schema import EventsConfig, TrackConfig
from classwatch.core.events import EventKind
from classwatch.core.media import StreamRole
from classwatch.core.people import PersonRole, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.vision.events import detect_events
from classwatch.vision.people import assign_roles, undecided
from classwatch.vision.place import teacher_path
from classwatch.vision.scene import read_scene
from classwatch.vision.track import track
from classwatch.vision.whole import front_pictures
from tests.vision.made import Figure, desks, series

BOARD = Figure(640, 130, 26, back=True, tall=True)
"""At the far wall, beyond the first row (shoulders at y = 300)."""
FACING = Figure(640, 130, 26, tall=True)


def _people(poses: PoseSeries, role: StreamRole = StreamRole.MIXED) -> Tracks:
    return assign_roles(poses, track(poses, TrackConfig()), role)


def _role_of(tracks: Tracks, poses: PoseSeries, order: int, count: int) -> list[PersonRole]:
    """Role of the ``order``-th of ``count`` figures in every picture."""
    roles = {r.track_id: r.role for r in tracks.roles}
    return [roles[int(t)] for t in tracks.track_id.reshape(-1, count)[:, order]]


def _teacher_moments(poses: PoseSeries, tracks: Tracks) -> list[tuple[EventKind, float, float]]:
    scene = read_scene(poses, tracks, StreamRole.MIXED, EventsConfig().min_keypoint)
    events = detect_events(poses, tracks, scene, stream="cam", cfg=EventsConfig())
    return [(e.kind, e.start_s, e.end_s) for e in events if e.kind.startswith("teacher")]


@pytest.fixture
def lesson() -> PoseSeries:
    """From behind: 20 s facing the class and walking, 10 s at the board, 15 s among the desks."""
    walk = [FACING.at(500 + 15 * k, 130) for k in range(20)]
    board = [BOARD.at(800, 130)] * 10
    desk = [Figure(800 - 8 * k, 250 + 22 * min(k, 9), 34, tall=True) for k in range(15)]
    return series([[*desks(), who] for who in (*walk, *board, *desk)])


def test_teacher_and_students_are_told_apart(lesson: PoseSeries) -> None:
    tracks = _people(lesson)
    assert set(_role_of(tracks, lesson, 15, 16)) == {PersonRole.TEACHER}
    for student in range(15):
        assert set(_role_of(tracks, lesson, student, 16)) == {PersonRole.STUDENT}


def test_the_evidence_is_written_down(lesson: PoseSeries) -> None:
    tracks = _people(lesson)
    assert [r.track_id for r in tracks.roles] == list(range(len(tracks.roles)))
    teacher = next(r for r in tracks.roles if r.role is PersonRole.TEACHER)
    figures = dict(teacher.evidence)
    assert figures["upright_share"] == 1.0
    assert figures["travel_heights"] > 1
    assert 0.5 <= teacher.confidence <= 1


def test_where_the_teacher_was(lesson: PoseSeries) -> None:
    moments = _teacher_moments(lesson, _people(lesson))
    assert moments[0] == (EventKind.TEACHER_FRONT, 0.0, 20.0)
    assert moments[1] == (EventKind.TEACHER_AT_BOARD, 20.0, 30.0)
    kind, start_s, end_s = moments[-1]
    assert kind is EventKind.TEACHER_AMONG_DESKS
    # The hips pass the shoulders of the first row (y = 300) on the way.
    assert start_s == pytest.approx(31, abs=2)
    assert end_s == 45.0


def test_moments_of_the_teacher_never_overlap(lesson: PoseSeries) -> None:
    moments = _teacher_moments(lesson, _people(lesson))
    for (_, _, end_s), (_, start_s, _) in pairwise(moments):
        assert start_s >= end_s


@pytest.mark.parametrize("aside", [0, -250])
def test_left_middle_and_right_are_thirds_of_the_picture(aside: int) -> None:
    """Of 1280 pixels they end at 427 and 853, wherever in the picture the class sits."""
    class_ = [f.at(f.x + aside, f.y) for f in desks()]
    line = [*range(240, 427, 17), *range(430, 853, 17), *range(855, 1040, 17)]
    poses = series([[*class_, FACING.at(x, 130)] for x in line])
    zones = dict(zip(line, teacher_path(poses, _people(poses), StreamRole.MIXED).zone, strict=True))
    assert {x: zone.removeprefix("front_") for x, zone in zones.items()} == {
        x: "left" if x < 427 else "middle" if x < 853 else "right" for x in line
    }


def test_the_path_is_in_shares_of_the_picture(lesson: PoseSeries) -> None:
    path = teacher_path(lesson, _people(lesson), StreamRole.MIXED)
    assert len(path) == 45
    assert path.times_s.tolist() == [float(k) for k in range(45)]
    assert path.x[0] == pytest.approx(500 / 1280, abs=1e-3)
    # Hips 1.6 shoulder widths under the shoulders.
    assert path.y[0] == pytest.approx((130 + 1.6 * 26) / 720, abs=1e-3)
    # From 500 to 785 of 1280 pixels.
    assert set(path.zone[:26]) == {"front_middle"}
    assert path.zone[44].startswith("desks_")


def test_unseen_between_sightings_is_not_visible_but_a_blink_is_not() -> None:
    teacher = [FACING.at(500 + 15 * k, 130) for k in range(40)]
    gone = {10, *range(20, 28)}
    poses = series([[*desks()] + ([t] if k not in gone else []) for k, t in enumerate(teacher)])
    moments = _teacher_moments(poses, _people(poses))
    assert (EventKind.TEACHER_NOT_VISIBLE, 20.0, 28.0) in moments
    assert sum(kind is EventKind.TEACHER_NOT_VISIBLE for kind, _, _ in moments) == 1


def _lost(back: bool, there: Figure, gap: range, after: Figure | None = None) -> PoseSeries:
    """A teacher who walks in front, then stands at one place, unseen in the pictures ``gap``."""
    line = [FACING.at(500 + 15 * k, 130) for k in range(20)] if back else []
    line = line or [Figure(300 + 30 * k, 600, 95, back=True) for k in range(20)]
    later = [there if k < gap.stop or after is None else after for k in range(20, 60)]
    path = dict(enumerate([*line, *later]))
    return series(
        [[*desks(back=back), *([who] if k not in gap else [])] for k, who in path.items()]
    )


def test_a_teacher_who_is_lost_at_a_desk_and_found_there_has_stayed() -> None:
    at_desk = Figure(800, 400, 40, tall=True)
    poses = _lost(True, at_desk, range(30, 37))
    moments = _teacher_moments(poses, _people(poses))
    assert moments[-1] == (EventKind.TEACHER_AMONG_DESKS, 20.0, 60.0)


def test_who_is_lost_for_longer_or_found_elsewhere_is_not_taken_to_have_stayed() -> None:
    at_desk = Figure(800, 400, 40, tall=True)
    long = _lost(True, at_desk, range(30, 42))
    assert (EventKind.TEACHER_NOT_VISIBLE, 30.0, 42.0) in _teacher_moments(long, _people(long))
    elsewhere = _lost(True, at_desk, range(30, 37), after=Figure(560, 430, 43, tall=True))
    moments = _teacher_moments(elsewhere, _people(elsewhere))
    assert (EventKind.TEACHER_NOT_VISIBLE, 30.0, 37.0) in moments


def test_a_class_seen_from_the_board_finds_the_teacher_in_front_of_it() -> None:
    # Larger than the first row, at the lower edge, with the back to the camera.
    near = [Figure(300 + 30 * k, 600, 95, back=True) for k in range(20)]
    poses = series([[*desks(back=False), t] for t in near])
    tracks = _people(poses, StreamRole.STUDENT_CAM)
    assert set(_role_of(tracks, poses, 15, 16)) == {PersonRole.TEACHER}
    kinds = {kind for kind, _, _ in _teacher_moments(poses, tracks)}
    assert kinds == {EventKind.TEACHER_FRONT}


@pytest.mark.parametrize("role", list(StreamRole))
@pytest.mark.parametrize("back", [True, False])
def test_a_class_alone_has_no_teacher(role: StreamRole, back: bool) -> None:
    poses = series([desks(back=back)] * 120)
    tracks = _people(poses, role)
    assert not tracks.of_role(PersonRole.TEACHER).any()
    assert _teacher_moments(poses, tracks) == []


def test_four_people_at_a_table_have_no_teacher() -> None:
    table = [
        Figure(300, 300, 60),
        Figure(560, 300, 60),
        Figure(300, 520, 80, back=True),
        Figure(620, 520, 80, back=True),
    ]
    rng = np.random.default_rng(4)
    poses = series([[f.at(f.x + rng.normal(0, 4), f.y + rng.normal(0, 4)) for f in table]] * 60)
    assert not _people(poses).of_role(PersonRole.TEACHER).any()


def test_a_teacher_who_stays_behind_the_podium() -> None:
    # No legs in sight, no step taken, but standing, before the class and looking at it.
    podium = Figure(640, 215, 26)
    poses = series([[*desks(), podium]] * 120)
    tracks = _people(poses)
    assert set(_role_of(tracks, poses, 15, 16)) == {PersonRole.TEACHER}
    assert {r.role for r in tracks.roles[:15]} == {PersonRole.STUDENT}


def test_a_desk_before_the_first_row_is_no_podium() -> None:
    # Before the others and in full view, but seated, and looking at the board for two minutes.
    ahead = Figure(900, 250, 26, back=True, tall=True)
    tracks = _people(series([[*desks(), ahead]] * 120))
    assert {r.role for r in tracks.roles} == {PersonRole.STUDENT}


def test_a_glimpse_of_the_teacher_belongs_to_the_teacher() -> None:
    teacher = [FACING.at(500 + 8 * k, 130) for k in range(60)]
    seen = {*range(15), 27, 28, *range(41, 60)}
    poses = series([[*desks()] + ([t] if k in seen else []) for k, t in enumerate(teacher)])
    tracks = _people(poses)
    assert tracks.of_role(PersonRole.TEACHER).sum() == len(seen)


def test_a_student_who_sits_the_other_way_round_is_no_teacher() -> None:
    turned = [f if i != 2 else Figure(f.x, f.y, f.unit) for i, f in enumerate(desks())]
    assert not _people(series([turned] * 120)).of_role(PersonRole.TEACHER).any()


def test_one_seated_person_is_nobody_in_particular() -> None:
    tracks = _people(series([[Figure(600, 300)]] * 30))
    assert [r.role for r in tracks.roles] == [PersonRole.UNKNOWN]


def test_one_person_on_the_teachers_camera_is_the_teacher() -> None:
    poses = series([[Figure(600, 300, 70, back=k > 20)] for k in range(30)])
    tracks = _people(poses, StreamRole.TEACHER_CAM)
    assert tracks.of_role(PersonRole.TEACHER).mean() > 0.6


def test_never_two_teachers_at_once() -> None:
    helper = Figure(900, 370, 44, tall=True)
    pair = [[FACING.at(400 + 10 * k, 130), helper.at(900 - 8 * k, 370)] for k in range(30)]
    poses = series([[*desks(), *p] for p in pair])
    tracks = _people(poses)
    teacher = tracks.of_role(PersonRole.TEACHER)
    assert np.bincount(poses.frame[teacher], minlength=30).max() == 1


def test_a_broken_track_is_joined_up() -> None:
    # Out of sight for 15 s: the tracker gives a new number, the role holds.
    teacher = [FACING.at(500 + 12 * k, 130) for k in range(45)]
    poses = series([[*desks()] + ([t] if not 15 <= k < 30 else []) for k, t in enumerate(teacher)])
    tracks = _people(poses)
    assert tracks.of_role(PersonRole.TEACHER).sum() == 30
    assert sum(r.role is PersonRole.TEACHER for r in tracks.roles) == 2


def test_a_screen_has_no_people() -> None:
    poses = series([[*desks(), FACING.at(400 + 10 * k, 130)] for k in range(20)])
    assert {r.role for r in _people(poses, StreamRole.SCREEN).roles} == {PersonRole.UNKNOWN}


def test_no_pictures_with_people() -> None:
    poses = series([[], []])
    tracks = _people(poses)
    assert tracks.roles == ()
    assert len(teacher_path(poses, tracks, StreamRole.MIXED)) == 0


@pytest.mark.parametrize(
    ("role", "back", "shown"),
    [
        (StreamRole.MIXED, True, True),
        (StreamRole.MIXED, False, False),
        (StreamRole.STUDENT_CAM, True, True),
        (StreamRole.TEACHER_CAM, True, True),
        (StreamRole.TEACHER_CAM, False, False),
        (StreamRole.SCREEN, False, True),
    ],
)
def test_which_pictures_show_the_board(role: StreamRole, back: bool, shown: bool) -> None:
    poses = series([desks(back=back)] * 20)
    assert front_pictures(poses, _people(poses, role), (), role).tolist() == [shown] * 20


def test_a_camera_for_the_teacher_looks_at_the_front_where_heads_do_not_tell() -> None:
    # Side-on heads: shoulders too close together to say which way anybody looks.
    class_ = [replace(f, seen=0.2) for f in desks()]
    poses = series([[*class_, FACING.at(500 + 8 * k, 130)] for k in range(30)])
    scenes = {
        role: read_scene(poses, _people(poses, role), role)
        for role in (StreamRole.TEACHER_CAM, StreamRole.MIXED)
    }
    assert scenes[StreamRole.TEACHER_CAM].view.class_facing == -1
    assert scenes[StreamRole.MIXED].view.class_facing == 0


def test_of_two_adults_the_one_at_the_front_is_the_teacher() -> None:
    # The assistant walks more and looks against the class as much, but among the desks.
    frames = []
    for k in range(60):
        front = FACING.at(600 + 2 * (k % 10), 130)
        helper = Figure(300 + 10 * k, 380, 44, tall=True)
        frames.append([*desks(), front, helper])
    poses = series(frames)
    tracks = _people(poses)
    assert set(_role_of(tracks, poses, 15, 17)) == {PersonRole.TEACHER}
    assert PersonRole.TEACHER not in _role_of(tracks, poses, 16, 17)
    helper = tracks.roles[int(tracks.track_id.reshape(-1, 17)[0, 16])]
    assert dict(helper.evidence)["rival_share"] == 1.0


def test_two_who_stand_before_the_class_alike_make_no_teacher() -> None:
    left = [Figure(420 + 6 * k, 130, 26, tall=True) for k in range(40)]
    right = [Figure(840 - 6 * k, 132, 26, tall=True) for k in range(40)]
    poses = series([[*desks(), *both] for both in zip(left, right, strict=True)])
    apart = np.repeat([np.arange(17)], 40, axis=0).ravel().astype(np.int32)
    tracks = assign_roles(poses, apart, StreamRole.TEACHER_CAM)
    assert undecided(tracks)
    assert set(_role_of(tracks, poses, 15, 17)) == {PersonRole.UNKNOWN}
    assert set(_role_of(tracks, poses, 16, 17)) == {PersonRole.UNKNOWN}
    assert set(_role_of(tracks, poses, 4, 17)) == {PersonRole.STUDENT}


def test_who_is_before_the_class_leads_over_who_goes_among_the_desks() -> None:
    before = [Figure(420 + 6 * k, 130, 26, tall=True) for k in range(40)]
    among = [Figure(420 + 10 * k, 370, 44, tall=True) for k in range(40)]
    poses = series([[*desks(), *both] for both in zip(before, among, strict=True)])
    apart = np.repeat([np.arange(17)], 40, axis=0).ravel().astype(np.int32)
    tracks = assign_roles(poses, apart, StreamRole.TEACHER_CAM)
    assert not undecided(tracks)
    assert set(_role_of(tracks, poses, 15, 17)) == {PersonRole.TEACHER}


def test_a_passing_visitor_leaves_no_doubt() -> None:
    # Eight seconds beside the teacher, who is there for forty.
    before = [Figure(420 + 6 * k, 130, 26, tall=True) for k in range(40)]
    visitor = [Figure(840 - 20 * k, 132, 26, tall=True) for k in range(8)]
    pictures = [[*desks(), t] for t in before]
    for k, guest in enumerate(visitor):
        pictures[10 + k].append(guest)
    poses = series(pictures)
    number = np.concatenate([np.arange(len(p)) for p in pictures]).astype(np.int32)
    tracks = assign_roles(poses, number, StreamRole.TEACHER_CAM)
    assert not undecided(tracks)
    assert {r.role for r in tracks.roles if r.track_id == 15} == {PersonRole.TEACHER}


def test_a_pupil_next_to_the_camera_is_large_and_no_teacher() -> None:
    # Seated shoulders of 30, 36 and 42 pixels at a height of 130, 190 and 250: those of
    # one who sits next to the camera, 74 wide, lie at 570. This one lies on the desk, restless.
    class_ = [
        Figure(200 + 160 * c, 250.0 + 60 * r, 30.0 + 6 * r) for r in range(3) for c in range(5)
    ]
    near = [Figure(500 + 60 * (k % 3), 690 + 30 * (k % 2), 74) for k in range(60)]
    poses = series([[*class_, who] for who in near])
    tracks = _people(poses, StreamRole.STUDENT_CAM)
    assert not tracks.of_role(PersonRole.TEACHER).any()
