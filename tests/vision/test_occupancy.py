"""People put back into the pictures that missed them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from classwatch.core.people import NO_TRACK
from classwatch.core.pose import Detections, PoseSeries
from classwatch.vision.occupancy import (
    on_known_seats,
    put_back,
    seated_in_each,
    seats_of_missed,
    with_missed,
)
from tests.vision.made import Figure, series

SEATS = [Figure(300, 300), Figure(500, 300), Figure(700, 300)]


def _made(shown: list[list[int]], every_s: float = 1.0) -> PoseSeries:
    return series([[SEATS[i] for i in picture] for picture in shown], every_s=every_s)


def _counts(poses: PoseSeries) -> list[int]:
    return np.bincount(poses.frame, minlength=len(poses)).tolist()


def test_one_missed_now_and_then_is_put_back_without_anything_to_be_told() -> None:
    shown = [[0, 1, 2] if k % 3 else [0, 1] for k in range(12)]
    poses = with_missed(_made([*shown, [0, 1, 2]]))
    # The first picture lies before the first sighting: nobody is made up there.
    assert _counts(poses) == [2, *([3] * 12)]
    silent = poses.people.keypoints[..., 2].max(axis=1) == 0
    assert int(silent.sum()) == 3
    middle = poses.people.boxes_px[silent][:, [0, 2]].mean(axis=1)
    np.testing.assert_allclose(middle, 700, atol=30)


def test_who_left_is_not_put_back() -> None:
    shown = [[0, 1, 2]] * 10 + [[0, 1]] * 10
    assert _counts(with_missed(_made(shown))) == [3] * 10 + [2] * 10


def test_a_long_absence_is_not_filled() -> None:
    shown = [[0, 1, 2]] * 10 + [[0, 1]] * 30 + [[0, 1, 2]] * 10
    assert _counts(with_missed(_made(shown))) == [len(s) for s in shown]


def test_a_complete_series_stays_as_it_is() -> None:
    poses = _made([[0, 1, 2]] * 6)
    after = with_missed(poses)
    np.testing.assert_array_equal(after.people.keypoints, poses.people.keypoints)
    np.testing.assert_array_equal(after.frame, poses.frame)


def test_nobody_is_put_on_a_seat_where_somebody_was_found() -> None:
    taller = SEATS[2].at(704, 296)
    shown = [[*SEATS] for _ in range(8)]
    shown[4] = [SEATS[0], SEATS[1], taller]
    assert _counts(with_missed(series(shown))) == [3] * 8


def test_who_was_missed_belongs_to_a_student_and_never_to_one_who_walks() -> None:
    shown = [[0, 1, 2] if k % 3 else [0] for k in range(12)]
    poses = with_missed(_made([*shown, [0, 1, 2]]))
    silent = put_back(poses.people)
    middle = poses.people.boxes_px[:, [0, 2]].mean(axis=1)
    # Tracks 0, 1 and 2 in their places; the one in the middle is the teacher, who has left.
    track_id = np.searchsorted([400, 600], middle).astype(np.int32)
    track_id[silent] = NO_TRACK
    found = seats_of_missed(poses, track_id, np.array([True, False, True]))
    np.testing.assert_array_equal(found[~silent], track_id[~silent])
    np.testing.assert_array_equal(found[silent], np.where(middle[silent] > 600, 2, NO_TRACK))
    assert (middle[silent] > 600).any()
    assert (middle[silent] < 600).any()


def _scored(poses: PoseSeries, scores: list[float]) -> PoseSeries:
    people = poses.people
    given = np.asarray(scores, np.float32)
    return replace(poses, people=Detections(people.boxes_px, given, people.keypoints))


def test_little_certainty_counts_on_a_seat_that_was_seen_taken_and_nowhere_else() -> None:
    elsewhere = Figure(900, 500)
    poses = series([[SEATS[0]]] * 5 + [[SEATS[0], elsewhere]] * 5)
    poses = _scored(poses, [0.8] * 5 + [0.18, 0.18] * 5)
    kept = on_known_seats(poses, 0.25)
    assert _counts(kept) == [1] * 10
    assert kept.people.boxes_px[:, 0].max() < 400


def test_of_one_body_only_the_surer_sighting_counts() -> None:
    poses = series([[SEATS[0]]] * 5 + [[SEATS[0], SEATS[0].at(306, 306)]] * 5)
    kept = on_known_seats(_scored(poses, [0.8] * 5 + [0.7, 0.2] * 5), 0.25)
    assert _counts(kept) == [1] * 10
    assert kept.people.scores.min() > 0.5


def test_what_has_no_head_is_no_person_unless_very_sure() -> None:
    bag, pupil = Figure(900, 500, seen=0.02), Figure(900, 200, seen=0.02)
    poses = series([[SEATS[0], bag, pupil]] * 6)
    kept = on_known_seats(_scored(poses, [0.4, 0.4, 0.8] * 6), 0.25)
    assert _counts(kept) == [2] * 6


def test_nothing_is_put_back_where_only_a_box_has_changed() -> None:
    # Leaning forward moves the head by more than the tracker of places bears; the body is there.
    low = SEATS[2].at(700, 330)
    shown = [[SEATS[2]] if k % 3 else [low] for k in range(15)]
    assert _counts(with_missed(series(shown))) == [1] * 15


def test_seats_are_those_of_each_setup() -> None:
    poses = series([[SEATS[0]]] * 5 + [[SEATS[0]]] * 5)
    poses = _scored(poses, [0.8] * 5 + [0.2] * 5)
    same, cut = np.zeros(10, np.int32), np.repeat([0, 1], 5).astype(np.int32)
    assert _counts(seated_in_each(poses, same, 0.25)) == [1] * 10
    assert _counts(seated_in_each(poses, cut, 0.25)) == [1] * 5 + [0] * 5
