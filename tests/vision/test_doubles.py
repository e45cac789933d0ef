from __future__ import annotations

import numpy as np

from classwatch.core.pose import Detections
from classwatch.vision.doubles import without_doubles
from tests.vision.made import Figure, box, detections, keypoints


def test_upper_body_and_whole_body_of_one_person_become_one() -> None:
    person = Figure(300, 300)
    whole = box(Figure(300, 300, tall=True))
    twice = Detections(
        np.stack([box(person), whole]),
        np.asarray([0.6, 0.7], np.float32),
        np.stack([keypoints(person), keypoints(person) + np.float32([2, -2, 0])]),
    )
    once = without_doubles(twice)
    assert once.scores.tolist() == [np.float32(0.7)]
    assert once.boxes_px[0].tolist() == whole.tolist()


def test_neighbours_at_one_desk_stay_two() -> None:
    # Elbow to elbow: shoulders 1.3 shoulder widths apart from middle to middle.
    assert len(without_doubles(detections([Figure(300, 300), Figure(352, 300)]))) == 2


def test_a_person_hidden_to_the_head_by_the_one_in_front_stays() -> None:
    assert len(without_doubles(detections([Figure(300, 300), Figure(304, 270, 36)]))) == 2


def test_nobody() -> None:
    assert len(without_doubles(Detections.empty())) == 0
