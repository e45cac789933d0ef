"""Acts from features and the small network: invariances, windows, and what is left untold."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from classwatch.core.errors import ModelError
from classwatch.vision.acts import STUDENT_CLASSES, Acts
from classwatch.vision.acts_features import WIDTH, Sighted, features, mirrored
from classwatch.vision.acts_model import ActsModel, load_acts_model, save_acts_model
from tests.vision.made import HAND_UP, Figure, series


def _sighted(figures: list[Figure], *, seat: int = 0) -> Sighted:
    points = series([[f] for f in figures]).people.keypoints
    n = len(figures)
    return Sighted(
        points,
        np.arange(n, dtype=np.float64),
        np.zeros(n, np.int32),
        np.full(n, seat, np.int32),
        np.ones(n, np.float32),
    )


def _model(rng: np.random.Generator) -> ActsModel:
    sizes = (WIDTH, 16, len(STUDENT_CLASSES))
    return ActsModel(
        STUDENT_CLASSES,
        tuple(
            (rng.normal(size=pair) / 8).astype(np.float16).astype(np.float32)
            for pair in pairwise(sizes)
        ),
        tuple(rng.normal(size=size).astype(np.float32) for size in sizes[1:]),
        1.3,
    )


def test_place_and_distance_in_the_picture_do_not_matter_but_the_pixels_seen_do() -> None:
    near = [Figure(300, 300, 40.0)] * 4 + [Figure(300, 300, 40.0, arm=HAND_UP)]
    far = [Figure(900, 200, 20.0)] * 4 + [Figure(900, 200, 20.0, arm=HAND_UP)]
    one, other = features(_sighted(near)), features(_sighted(far))
    differs = np.flatnonzero(np.abs(one - other).max(axis=0) > 1e-4)
    assert differs.tolist() == [WIDTH - 2]


def test_a_raised_hand_differs_from_the_seats_own_rest() -> None:
    table = features(_sighted([Figure(300, 300)] * 6 + [Figure(300, 300, arm=HAND_UP)]))
    middle = table[:, 4 * 40 : 5 * 40 - 1].reshape(-1, 13, 3)
    wrist_y = middle[:, 10, 1]
    assert wrist_y[-1] < wrist_y[0] - 1.0
    np.testing.assert_allclose(middle[-1, 9], middle[0, 9], atol=1e-5)


def test_the_window_looks_both_ways_and_knows_where_nothing_was_seen() -> None:
    table = features(_sighted([Figure(300, 300)] * 3))
    present = table[:, 39 : 9 * 40 : 40]
    shown = ["000011100", "000111000", "001110000"]
    np.testing.assert_array_equal(present, [[int(digit) for digit in row] for row in shown])


def test_the_mirror_swaps_arms_and_is_its_own_inverse() -> None:
    right = features(_sighted([Figure(300, 300, arm=HAND_UP)] * 3))
    turned = mirrored(right)
    np.testing.assert_allclose(mirrored(turned), right)
    points, other = (t[0, 4 * 40 : 5 * 40 - 1].reshape(13, 3) for t in (right, turned))
    np.testing.assert_allclose(other[9], points[10] * (-1, 1, 1), atol=1e-6)


def test_a_stored_model_says_the_same(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    model, table = _model(rng), rng.normal(size=(9, WIDTH)).astype(np.float32)
    save_acts_model(tmp_path / "m.npz", model)
    again = load_acts_model(tmp_path / "m.npz").probabilities(table)
    np.testing.assert_allclose(again, model.probabilities(table), atol=1e-6)
    np.testing.assert_allclose(again.sum(axis=1), 1, atol=1e-5)


def test_a_damaged_model_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "bad.npz").write_bytes(b"no model")
    with pytest.raises(ModelError, match="cannot be read"):
        load_acts_model(tmp_path / "bad.npz")


def test_what_is_not_likely_enough_is_not_told() -> None:
    order = {name: i for i, name in enumerate(STUDENT_CLASSES)}
    table = np.zeros((4, len(STUDENT_CLASSES)), np.float32)
    table[0, order["hand_raised"]] = 0.9
    table[0, order["head_up"]] = 0.1
    table[1, order["writing"]], table[1, order["reading"]] = 0.45, 0.45
    table[1, order["head_up"]] = 0.1
    table[2] = 1 / len(STUDENT_CLASSES)
    # The fourth was put back into the picture: nothing is known of it.
    acts = Acts(table)
    told = acts.postures()
    assert told.raised.tolist() == [True, False, False, False]
    assert told.judged.tolist() == [True, True, True, False]
    assert told.head.tolist() == [1, -1, 0, 0]
    assert acts.activity()[0].tolist() == [0, 0, 0, 0]
