"""Hands, heads and place: everything that comes from the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from classwatch.config.schema import MetricsConfig
from classwatch.core.events import Event, EventKind
from classwatch.core.measures import Measure
from classwatch.core.media import StreamRole
from classwatch.core.reasons import Reason
from classwatch.metrics.compute import compute
from classwatch.metrics.facts import LessonFacts, TeacherTrace
from classwatch.metrics.pictures import picture_spans
from classwatch.metrics.place import path_length
from tests.metrics.builders import EASY, cells, lesson, picture, value

TALK = [(0.0, 5.0, "T"), (5.0, 10.0, "S1")]


def event(kind: EventKind, start_s: float, end_s: float, track: int = 0, stream: str = "rear"):
    return Event(kind, start_s, end_s, stream, track, 0.9)


def seen(count: int, frames: int = 10) -> dict[str, list[int]]:
    return {"students_seen": [count] * frames}


def test_episodes_are_merged_over_pupils_and_short_pauses() -> None:
    events = (
        event(EventKind.HAND_RAISED, 1.0, 4.0, track=1),
        event(EventKind.HAND_RAISED, 3.0, 6.0, track=2),
        event(EventKind.HAND_RAISED, 7.5, 8.5, track=1),  # 1.5 s later: same episode
        event(EventKind.HAND_RAISED, 20.0, 21.0, track=3),
    )
    facts = lesson(60.0, events=events, pictures=(picture(seen(20, 60)),))
    assert value(facts, "hands.episodes@gap2s") == 2
    assert value(facts, "hands.per_minute@gap2s") == pytest.approx(2.0)
    assert value(facts, "hands.median_s@gap2s") == pytest.approx((7.5 + 1.0) / 2)


def hands_rate(facts: LessonFacts) -> Measure:
    return next(m for m in compute(facts, EASY) if m.id.startswith("hands.per_minute"))


def test_two_cameras_that_show_the_class_one_after_the_other_add_up() -> None:
    left = {"students_seen": [20] * 60 + [0] * 60}
    right = {"students_seen": [0] * 60 + [15] * 60}
    shown = (picture(left, stream="a"), picture(right, stream="b"))
    events = (
        event(EventKind.HAND_RAISED, 10, 12, stream="a"),
        event(EventKind.HAND_RAISED, 11, 14, track=3, stream="b"),
        event(EventKind.HAND_RAISED, 100, 104, stream="b"),
    )
    rate = hands_rate(lesson(120.0, events=events, pictures=shown))
    assert (rate.numerator, rate.denominator) == (2.0, 2.0)
    assert rate.coverage == pytest.approx(1.0)


def test_cameras_of_different_length_are_one_observation() -> None:
    # One camera for the first minute, another for the second: two minutes, not the better of them.
    first = picture({"students_seen": [20] * 60}, stream="a")
    times = 60.0 + np.arange(60)
    later = replace(first.shown, stream="b", frame_times_s=times)
    shown = (first, replace(first, shown=later))
    events = (event(EventKind.HAND_RAISED, 10, 12, stream="a"),)
    rate = hands_rate(lesson(120.0, events=events, pictures=shown))
    assert rate.value == pytest.approx(0.5)
    assert rate.coverage == pytest.approx(1.0)


def test_no_hand_is_zero_episodes_but_no_median() -> None:
    table = cells(lesson(60.0, pictures=(picture(seen(20, 60)),)))
    assert table["hands.episodes@gap2s", ""].value == 0
    assert table["hands.median_s@gap2s", ""].why is not None


def test_largest_share_over_pictures_with_a_class_in_them() -> None:
    counts = {
        "students_seen": [20, 20, 10, 4, 20],
        "hands_raised": [0, 5, 4, 4, 1],
    }
    facts = lesson(5.0, pictures=(picture(counts),))
    cell = cells(facts)["hands.largest_share", ""]
    # 4 of 10, and never the 4 of 4.
    assert cell.value == pytest.approx(0.4)
    assert (cell.numerator, cell.denominator) == (4.0, 10.0)
    assert cell.evidence[0].start_s == 2.0
    assert cell.coverage == pytest.approx(0.8)


def test_hands_are_shared_among_those_whose_arms_are_seen() -> None:
    counts = {"students_seen": [20, 20], "hands_raised": [4, 3], "hands_judged": [4, 8]}
    shown = picture(counts)
    cell = cells(lesson(2.0, pictures=(shown,)))["hands.largest_share", ""]
    # All four judged hands of the first picture are too small a group.
    assert (cell.numerator, cell.denominator) == (3.0, 8.0)


@pytest.mark.parametrize("measure_id", ["hands.episodes@gap2s", "heads.up_in_teacher_talk"])
def test_four_students_are_never_reported(measure_id: str) -> None:
    counts = {**seen(4), "hands_raised": [4] * 10, "heads_up": [4] * 10}
    cell = cells(lesson(10.0, TALK, pictures=(picture(counts),)))[measure_id, ""]
    assert cell.value is None
    assert cell.why is not None
    assert cell.why.code == Reason.TOO_FEW_SEEN


def test_few_pictures_with_a_class_abstain() -> None:
    counts = {"students_seen": [20, 20, 20, 20, 2, 2, 2, 2, 2, 2]}
    cell = cells(lesson(10.0, TALK, pictures=(picture(counts),)), MetricsConfig())[
        "hands.episodes@gap2s", ""
    ]
    assert cell.why is not None
    assert cell.why.code == Reason.TOO_FEW_SEEN
    assert cell.gates[0].value == pytest.approx(0.4)


def test_standing_answers_overlap_turns_of_one_student() -> None:
    talk = [(0.0, 5.0, "T"), (5.0, 10.0, "S1"), (20.0, 25.0, "S2"), (30.0, 35.0, "A")]
    events = (
        event(EventKind.STANDING, 4.0, 8.0),
        event(EventKind.STANDING, 24.8, 40.0),  # 0.2 s of the second answer: not enough
    )
    facts = lesson(60.0, talk, events=events, pictures=(picture(seen(20, 60)),))
    cell = cells(facts)["hands.standing_answers", ""]
    assert (cell.value, cell.denominator) == (1.0, 2.0)


def test_a_teacher_camera_says_nothing_about_the_class() -> None:
    shown = picture(seen(20), role=StreamRole.TEACHER_CAM)
    cell = cells(lesson(10.0, TALK, pictures=(shown,)))["hands.episodes@gap2s", ""]
    assert cell.why is not None
    assert cell.why.code == Reason.NO_STUDENT_PICTURE


def test_heads_are_counted_inside_teacher_turns_only() -> None:
    counts = {
        **seen(10),
        # Teacher talks in pictures 0 to 4.
        "heads_up": [6, 6, 6, 6, 6, 0, 0, 0, 0, 0],
        "heads_down": [2, 2, 2, 2, 2, 9, 9, 9, 9, 9],
        "heads_undecided": [2, 2, 2, 2, 2, 1, 1, 1, 1, 1],
    }
    cell = cells(lesson(10.0, TALK, pictures=(picture(counts),)))["heads.up_in_teacher_talk", ""]
    assert (cell.value, cell.numerator, cell.denominator) == (0.75, 30.0, 40.0)
    assert cell.coverage == pytest.approx(0.8)


def test_mostly_undecided_heads_abstain() -> None:
    counts = {**seen(10), "heads_up": [4] * 10, "heads_undecided": [6] * 10}
    facts = lesson(10.0, TALK, pictures=(picture(counts),))
    cell = cells(facts, MetricsConfig(min_voiced_s=0))["heads.up_in_teacher_talk", ""]
    assert cell.why is not None
    assert cell.why.code == Reason.HEADS_UNDECIDED


def test_no_picture_during_teacher_talk_abstains() -> None:
    talk = [(0.2, 0.8, "T"), (5.0, 10.0, "S1")]
    counts = {**seen(10), "heads_up": [9] * 10}
    cell = cells(lesson(10.0, talk, pictures=(picture(counts),)))["heads.up_in_teacher_talk", ""]
    assert cell.why is not None
    assert cell.why.code == Reason.NO_OVERLAP


def test_zone_shares_by_hand_add_up_to_one() -> None:
    events = (
        event(EventKind.TEACHER_FRONT, 0.0, 30.0),
        event(EventKind.TEACHER_AT_BOARD, 20.0, 40.0),  # wins where both are given
        event(EventKind.TEACHER_AMONG_DESKS, 40.0, 50.0),
        event(EventKind.TEACHER_NOT_VISIBLE, 50.0, 60.0),
    )
    facts = lesson(100.0, events=events, pictures=(picture(seen(20, 60)),))
    assert value(facts, "place.share", "front") == pytest.approx(20 / 50)
    assert value(facts, "place.share", "at_board") == pytest.approx(20 / 50)
    assert value(facts, "place.share", "among_desks") == pytest.approx(10 / 50)
    assert value(facts, "place.not_visible") == pytest.approx(10 / 60)
    assert cells(facts)["place.share", "front"].coverage == pytest.approx(0.5)


def test_the_teacher_camera_is_preferred() -> None:
    events = (
        event(EventKind.TEACHER_FRONT, 0.0, 30.0, stream="front_cam"),
        event(EventKind.TEACHER_AMONG_DESKS, 0.0, 30.0, stream="rear"),
    )
    shown = (
        picture(seen(20)),
        picture(seen(0), stream="front_cam", role=StreamRole.TEACHER_CAM),
    )
    cell = cells(lesson(60.0, events=events, pictures=shown))["place.share", "front"]
    assert (cell.value, cell.stream) == (1.0, "front_cam")


def test_a_teacher_never_seen_abstains_instead_of_being_away() -> None:
    events = (event(EventKind.TEACHER_NOT_VISIBLE, 0.0, 60.0),)
    table = cells(lesson(60.0, events=events, pictures=(picture(seen(20, 60)),)))
    for name, part in (("place.not_visible", ""), ("place.share", "front")):
        why = table[name, part].why
        assert why is not None
        assert why.code == Reason.NO_TEACHER_SEEN


def test_another_adult_is_a_share_of_what_the_cameras_show() -> None:
    events = (
        event(EventKind.TEACHER_FRONT, 0.0, 60.0, track=-1),
        event(EventKind.OTHER_ADULT, 10.0, 25.0, track=-1),
        event(EventKind.OTHER_ADULT, 50.0, 70.0, track=-1),  # the pictures end at 60
    )
    cell = cells(lesson(120.0, events=events, pictures=(picture(seen(20, 60)),)))[
        "place.other_adult", ""
    ]
    assert (cell.numerator, cell.denominator) == (25.0, 60.0)
    assert cell.coverage == pytest.approx(0.5)
    assert [(m.start_s, m.end_s) for m in cell.evidence] == [(10, 25), (50, 60)]
    alone = cells(lesson(120.0, events=events[1:], pictures=(picture(seen(20, 60)),)))
    why = alone["place.other_adult", ""].why
    assert why is not None
    assert why.code == Reason.NO_TEACHER_SEEN


def trace(x: list[float], *, every_s: float = 1.0, height: float = 0.5, aspect: float = 2.0):
    n = len(x)
    return TeacherTrace(
        every_s * np.arange(n),
        np.array(x),
        np.full(n, 0.5),
        np.full(n, height),
        aspect,
        np.zeros(n, int),
    )


def test_path_in_own_heights_by_hand() -> None:
    # A tenth of the width is 0.2 of the height at aspect 2, so 0.4 body heights of 0.5.
    length, seconds = path_length(trace([0.1, 0.2, 0.3, 0.3]))
    assert length == pytest.approx(0.8)
    assert seconds == pytest.approx(3.0)


def test_jitter_is_no_movement_but_slow_walking_is() -> None:
    jitter, _ = path_length(trace([0.50, 0.51] * 300))
    assert jitter == 0.0
    slow, _ = path_length(trace(list(np.linspace(0.1, 0.9, 101))))
    # 0.8 of the width at aspect 2 over heights of 0.5 is 3.2; the last piece may stay under a step.
    assert slow == pytest.approx(3.2, abs=0.26)


def test_nothing_is_assumed_across_a_long_gap() -> None:
    length, seconds = path_length(trace([0.1, 0.9], every_s=6.0))
    assert (length, seconds) == (0.0, 0.0)


def test_a_picture_stands_for_at_most_one_and_a_half_steps() -> None:
    spans = picture_spans(np.array([0.0, 1.0, 5.0]), 1.0)
    assert spans.tolist() == [[0.0, 1.0], [1.0, 2.5], [5.0, 6.0]]


@pytest.mark.parametrize(
    ("height_px", "closer", "given"),
    [
        (129.9, False, False),
        (130.0, False, True),
        (59.9, True, False),
        (60.0, True, True),
        (None, False, True),
    ],
)
def test_hands_abstain_where_students_are_too_small_for_their_arms(
    height_px: float | None, closer: bool, given: bool
) -> None:
    counts = {"students_seen": [20] * 10, "heads_up": [20] * 10}
    shown = picture(counts, student_px=height_px, closer=closer)
    found = cells(lesson(10.0, [(0.0, 10.0, "T")], pictures=(shown,)))
    episodes = found["hands.episodes@gap2s", ""]
    assert (episodes.value == 0) is given
    if not given:
        assert episodes.why is not None
        assert episodes.why.code == "students_small"
        assert episodes.why.detail["value"] == height_px
    assert found["heads.up_in_teacher_talk", ""].value == 1.0


def test_a_pose_model_that_knows_no_raised_arms_gives_no_figures_about_hands() -> None:
    counts = {"students_seen": [20] * 10, "heads_up": [20] * 10, "hands_raised": [5] * 10}
    shown = picture(counts, student_px=300.0, gestures=False)
    found = cells(lesson(10.0, [(0.0, 10.0, "T")], pictures=(shown,)))
    for name in ("hands.episodes@gap2s", "hands.largest_share"):
        cell = found[name, ""]
        assert cell.value is None
        assert cell.why is not None
        assert cell.why.code == "points_coarse"
    assert found["heads.up_in_teacher_talk", ""].value == 1.0
