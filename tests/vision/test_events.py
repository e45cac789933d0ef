from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from classwatch.config.schema import EventsConfig, TrackConfig
from classwatch.core.events import Event, EventKind
from classwatch.core.media import StreamRole
from classwatch.core.people import Tracks
from classwatch.core.pose import PoseSeries
from classwatch.vision.events import detect_events
from classwatch.vision.heads import count_class
from classwatch.vision.people import assign_roles
from classwatch.vision.scene import Scene, read_scene
from classwatch.vision.track import track
from tests.vision.made import HAND_UP, LOOKING_DOWN, Figure, desks, series

CFG = EventsConfig()


def _tracks(poses: PoseSeries) -> Tracks:
    return assign_roles(poses, track(poses, TrackConfig()), StreamRole.MIXED)


def _scene(poses: PoseSeries, tracks: Tracks, cfg: EventsConfig = CFG) -> Scene:
    return read_scene(poses, tracks, StreamRole.MIXED, cfg.min_keypoint)


def _events(poses: PoseSeries, kind: EventKind, cfg: EventsConfig = CFG) -> list[Event]:
    tracks = _tracks(poses)
    events = detect_events(poses, tracks, _scene(poses, tracks, cfg), stream="cam", cfg=cfg)
    return [e for e in events if e.kind is kind]


def _acting(
    seconds: int, acts: dict[int, Sequence[int]], act: dict[str, object], *, back: bool = False
) -> PoseSeries:
    """A class in which person ``i`` does ``act`` at the given whole seconds."""
    return series(
        [
            [
                replace(f, **act) if k in acts.get(i, ()) else f
                for i, f in enumerate(desks(back=back))
            ]
            for k in range(seconds)
        ]
    )


@pytest.mark.parametrize("back", [True, False])
def test_hands_of_two_students(back: bool) -> None:
    poses = _acting(60, {3: range(20, 24), 8: range(21, 26)}, {"arm": HAND_UP}, back=back)
    events = _events(poses, EventKind.HAND_RAISED)
    assert [(e.track_id, e.start_s, e.end_s) for e in events] == [(3, 20, 24), (8, 21, 26)]
    assert all(e.stream == "cam" and e.confidence == pytest.approx(0.9) for e in events)


@pytest.mark.parametrize(
    ("arm", "elbow", "what"),
    [
        ((0.40, 0.25), None, "chin in the hand: wrist before the face, under the eyes"),
        ((0.2, -0.3), None, "forearm up but under the shoulder"),
        ((-1.4, 0.2), (-0.7, 0.1), "arm stretched out to the side"),
        ((-0.2, 0.5), (-0.8, 0.4), "hand behind the head"),
    ],
)
def test_these_are_no_raised_hands(
    arm: tuple[float, float], elbow: tuple[float, float] | None, what: str
) -> None:
    poses = _acting(40, {5: range(10, 20)}, {"arm": arm, "elbow": elbow})
    assert _events(poses, EventKind.HAND_RAISED) == [], what


def test_an_unseen_arm_is_not_judged() -> None:
    poses = _acting(40, {5: range(10, 20)}, {"arm": HAND_UP, "seen": 0.3})
    assert _events(poses, EventKind.HAND_RAISED) == []
    counts = count_class(poses, _scene(poses, _tracks(poses)), "cam", StreamRole.MIXED, CFG)
    assert counts.hands_judged[0] == 15
    assert counts.hands_judged[12] == 14


def test_a_hand_that_is_always_up_is_how_this_seat_looks() -> None:
    poses = _acting(60, {5: range(60)}, {"arm": HAND_UP})
    assert _events(poses, EventKind.HAND_RAISED) == []


def test_standing_is_measured_against_the_own_seat() -> None:
    seats = desks()
    up = [f.at(f.x, f.y - 1.1 * f.unit) if i == 7 else f for i, f in enumerate(seats)]
    poses = series([up if 30 <= k < 40 else seats for k in range(60)])
    (event,) = _events(poses, EventKind.STANDING)
    assert (event.track_id, event.start_s, event.end_s) == (7, 30, 40)


def test_a_raised_hand_is_not_standing() -> None:
    poses = _acting(60, {7: range(30, 40)}, {"arm": HAND_UP})
    assert _events(poses, EventKind.STANDING) == []


def test_leaning_over_is_not_standing() -> None:
    seats = desks()
    lean = [
        f.at(f.x + 0.3 * f.unit, f.y + 0.4 * f.unit) if i == 7 else f for i, f in enumerate(seats)
    ]
    poses = series([lean if 30 <= k < 40 else seats for k in range(60)])
    assert _events(poses, EventKind.STANDING) == []


def test_heads_seen_from_the_front() -> None:
    poses = _acting(30, {2: range(10, 20)}, {"head": LOOKING_DOWN})
    (down,) = _events(poses, EventKind.HEAD_DOWN)
    assert (down.track_id, down.start_s, down.end_s) == (2, 10, 20)
    ups = [(e.start_s, e.end_s) for e in _events(poses, EventKind.HEAD_UP) if e.track_id == 2]
    assert ups == [(0, 10), (20, 30)]
    counts = count_class(poses, _scene(poses, _tracks(poses)), "cam", StreamRole.MIXED, CFG)
    assert (counts.heads_up[5], counts.heads_down[5], counts.heads_undecided[5]) == (15, 0, 0)
    assert (counts.heads_up[15], counts.heads_down[15], counts.heads_undecided[15]) == (14, 1, 0)
    assert counts.students_seen.tolist() == [15] * 30


def test_heads_seen_from_behind_are_not_judged() -> None:
    poses = _acting(30, {2: range(10, 20)}, {"head": LOOKING_DOWN}, back=True)
    assert _events(poses, EventKind.HEAD_DOWN) == []
    assert _events(poses, EventKind.HEAD_UP) == []
    counts = count_class(poses, _scene(poses, _tracks(poses)), "cam", StreamRole.MIXED, CFG)
    assert counts.heads_undecided.tolist() == [15] * 30


def test_between_up_and_down_there_is_no_answer() -> None:
    poses = _acting(30, {2: range(30)}, {"head": (0.22, 0.25)})
    tracks = _tracks(poses)
    counts = count_class(poses, _scene(poses, tracks), "cam", StreamRole.MIXED, CFG)
    assert counts.heads_undecided.tolist() == [1] * 30


@pytest.mark.parametrize(("gap", "count"), [(2, 1), (3, 2)])
def test_short_interruptions_are_closed(gap: int, count: int) -> None:
    seconds = [*range(10, 14), *range(14 + gap, 20)]
    poses = _acting(40, {5: seconds}, {"arm": HAND_UP})
    assert len(_events(poses, EventKind.HAND_RAISED)) == count


def test_short_events_are_dropped() -> None:
    poses = _acting(40, {5: range(10, 12)}, {"arm": HAND_UP})
    assert len(_events(poses, EventKind.HAND_RAISED)) == 1
    longer = EventsConfig(min_duration_s=3.0)
    assert _events(poses, EventKind.HAND_RAISED, longer) == []


def test_a_hole_in_the_sampling_is_not_filled() -> None:
    seats = desks()
    up = [replace(f, arm=HAND_UP) if i == 5 else f for i, f in enumerate(seats)]
    times = [*range(20), *range(20, 24), *range(28, 32), *range(32, 50)]
    pictures = [up if 20 <= t < 32 else seats for t in times]
    events = _events(series(pictures, times_s=times), EventKind.HAND_RAISED)
    # The last sighting before the hole holds for one and a half steps.
    assert [(e.start_s, e.end_s) for e in events] == [(20, 24.5), (28, 32)]


def test_the_same_lesson_sampled_twice_as_often_gives_the_same_events() -> None:
    seats = desks()
    up = [replace(f, arm=HAND_UP) if i == 5 else f for i, f in enumerate(seats)]
    spans = []
    for every_s in (1.0, 0.5, 0.25):
        times = np.arange(0, 40, every_s)
        poses = series([up if 10 <= t < 20 else seats for t in times], every_s=every_s)
        (event,) = _events(poses, EventKind.HAND_RAISED)
        spans.append((event.start_s, event.end_s))
    assert spans == [(10, 20)] * 3


def test_empty_streams() -> None:
    poses = series([[], [], []])
    for kind in EventKind:
        assert _events(poses, kind) == []
    counts = count_class(poses, _scene(poses, _tracks(poses)), "cam", StreamRole.MIXED, CFG)
    assert counts.students_seen.tolist() == [0, 0, 0]
    assert counts.hands_judged.tolist() == [0, 0, 0]


def test_a_stream_without_pictures() -> None:
    person = series([[Figure(1, 1)]])
    empty = PoseSeries(
        np.zeros(0), np.zeros(0, np.int32), type(person.people).empty(), person.size_px, 1.0
    )
    tracks = _tracks(empty)
    scene = _scene(empty, tracks)
    assert detect_events(empty, tracks, scene, stream="cam", cfg=CFG) == ()


@pytest.mark.parametrize(
    ("columns", "told"),
    [(9, {"desks_left", "desks_middle", "desks_right"}), (4, {"desks_middle"}), (1, set())],
)
def test_a_zone_is_told_only_where_it_has_five_seats(columns: int, told: set[str]) -> None:
    # Three rows: of nine columns every third of the picture holds eight seats or more, of four the
    # outer ones hold one each, one column has three.
    poses = series([desks(back=False, columns=columns)] * 30)
    tracks = _tracks(poses)
    events = detect_events(poses, tracks, _scene(poses, tracks), stream="cam", cfg=CFG)
    heads = [e for e in events if e.kind is EventKind.HEAD_UP]
    assert len(heads) == 3 * columns
    assert {e.zone for e in heads} - {""} == told
