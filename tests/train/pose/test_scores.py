from __future__ import annotations

import math

import numpy as np
import pytest

from classwatch.core.pose import Detections
from classwatch.train.pose.pictures import UNTOLD, Truth
from classwatch.train.pose.scores import average_precision, match, rows
from tests.train.pose.made import person

BOX = (100.0, 100.0, 150.0, 200.0)


def _points() -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.column_stack([rng.uniform(100, 150, 17), rng.uniform(100, 200, 17), np.full(17, 2)])


def _told(*people: tuple[tuple[float, ...], np.ndarray, float]) -> Detections:
    return Detections(
        np.array([p[0] for p in people], np.float32).reshape(-1, 4),
        np.array([p[2] for p in people], np.float32),
        np.array([p[1] for p in people], np.float32).reshape(-1, 17, 3),
    )


def test_one_found_one_double_and_one_false() -> None:
    points, away = _points(), (400.0, 100.0, 450.0, 200.0)
    told = _told((BOX, points, 0.5), (BOX, points, 0.9), (away, points + 300, 0.4))
    found = match(person(BOX, points), told)
    assert found.scores.tolist() == pytest.approx([0.9])
    assert found.false.tolist() == [False, True, True]
    table = rows([found], 0.25)
    assert table["recall"] == "1.000"
    assert table["precision"] == "0.333"
    assert table["PCK@0.1 wrists"] == "1.000"


def test_similarity_and_right_points_by_hand() -> None:
    """On a person of 100 px: 8 px off is right and 12 px is not; the similarity is COCO's."""
    points = _points()
    near = match(person(BOX, points), _told((BOX, points + np.array([8.0, 0, 0]), 0.9)))
    far = match(person(BOX, points), _told((BOX, points + np.array([12.0, 0, 0]), 0.9)))
    assert (np.nanmean(near.right), np.nanmean(far.right)) == (1.0, 0.0)
    found = match(person(BOX, points, 2500), _told((BOX, points + np.array([4.0, 0, 0]), 0.9)))
    sigma = 2 * np.array(
        [26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89]
    ) / 1000  # fmt: skip
    expected = np.mean([math.exp(-16 / (2 * 2500 * s * s)) for s in sigma])
    assert found.similar[0] == pytest.approx(expected, rel=1e-5)


def test_who_is_too_small_is_neither_missed_nor_wrong_to_find() -> None:
    small = (100.0, 100.0, 110.0, 120.0)
    points = _points()
    found = match(person(small, points), _told((small, points, 0.9)))
    assert len(found.scores) == 0
    assert not found.false.any()


def test_average_precision_by_hand() -> None:
    """Two people: found at 0.9, a false one at 0.8, found at 0.7: 1/2 x 1 + 1/2 x 2/3."""
    points = _points()
    other = (300.0, 100.0, 350.0, 200.0)
    shift = np.array([200.0, 0, 0])
    truth = Truth(
        np.array([BOX, other], np.float32),
        np.stack([points, points + shift]).astype(np.float32),
        np.full(2, 2500, np.float32),
        np.ones(2, np.float32),
        np.ones(2, bool),
        np.full(2, UNTOLD),
    )
    told = _told(
        (BOX, points, 0.9),
        ((500.0, 100.0, 550.0, 200.0), points + 2 * shift, 0.8),
        (other, points + shift, 0.7),
    )
    assert average_precision([match(truth, told)]) == pytest.approx(0.5 + 0.5 * 2 / 3)
