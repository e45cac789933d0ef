"""Acts from features and the small network: invariances, windows, and what is left untold."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from classwatch.core.errors import ModelError
from classwatch.core.people import PersonRole, TrackRole, Tracks
from classwatch.core.pose import GLANCES
from classwatch.vision.acts import STUDENT_CLASSES, Acts, course_of, only_risen_stand
from classwatch.vision.acts_features import (
    WIDTH,
    Sighted,
    Spread,
    features,
    mirrored,
    risen,
    varied,
)
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
        np.zeros((n, len(GLANCES)), np.float32),
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
    middle = table[:, 4 * 57 : 4 * 57 + 39].reshape(-1, 13, 3)
    wrist_y = middle[:, 10, 1]
    assert wrist_y[-1] < wrist_y[0] - 1.0
    np.testing.assert_allclose(middle[-1, 9], middle[0, 9], atol=1e-5)


def test_the_window_looks_both_ways_and_knows_where_nothing_was_seen() -> None:
    table = features(_sighted([Figure(300, 300)] * 3))
    present = table[:, 39 : 9 * 57 : 57]
    shown = ["000011100", "000111000", "001110000"]
    np.testing.assert_array_equal(present, [[int(digit) for digit in row] for row in shown])


def test_the_mirror_swaps_arms_and_is_its_own_inverse() -> None:
    right = features(_sighted([Figure(300, 300, arm=HAND_UP)] * 3))
    turned = mirrored(right)
    np.testing.assert_allclose(mirrored(turned), right)
    points, other = (t[0, 4 * 57 : 4 * 57 + 39].reshape(13, 3) for t in (right, turned))
    np.testing.assert_allclose(other[9], points[10] * (-1, 1, 1), atol=1e-6)


def test_another_body_is_moved_alike_all_along_and_only_where_it_is_known() -> None:
    table = features(_sighted([Figure(300, 300)] * 9))
    table[:, 4 * 57 : 4 * 57 + 2] = 0.0  # the nose is not known at the moment itself
    rng = np.random.default_rng(3)
    np.testing.assert_array_equal(varied(table, Spread(0.0, 0.0, 0.0), rng), table)
    change = varied(table, Spread(0.2, 0.0, 0.0), rng) - table
    looks = change[:, : 9 * 57].reshape(-1, 9, 57)[..., :39].reshape(-1, 9, 13, 3)
    middle = looks[4]  # sees all nine moments
    assert np.abs(middle[3, 5, :2]).min() > 0
    alike = np.broadcast_to(middle[:1, 1:], (9, 12, 3))
    np.testing.assert_allclose(middle[:, 1:], alike, atol=1e-5)
    np.testing.assert_allclose(change[4, 9 * 57 : 9 * 57 + 39].reshape(13, 3), middle[0], atol=1e-5)
    assert not middle[4, 0].any()


def test_a_stored_model_says_the_same(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    model, table = _model(rng), rng.normal(size=(9, WIDTH)).astype(np.float32)
    save_acts_model(tmp_path / "m.npz", model)
    again = load_acts_model(tmp_path / "m.npz", WIDTH).probabilities(table)
    np.testing.assert_allclose(again, model.probabilities(table), atol=1e-6)
    np.testing.assert_allclose(again.sum(axis=1), 1, atol=1e-5)


def test_a_damaged_model_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "bad.npz").write_bytes(b"no model")
    with pytest.raises(ModelError, match="cannot be read"):
        load_acts_model(tmp_path / "bad.npz", WIDTH)
    save_acts_model(tmp_path / "m.npz", _model(np.random.default_rng(0)))
    with pytest.raises(ModelError, match="another version"):
        load_acts_model(tmp_path / "m.npz", WIDTH + 1)


def _rows(**likely: float) -> np.ndarray:
    row = np.zeros(len(STUDENT_CLASSES), np.float32)
    for name, value in likely.items():
        row[STUDENT_CLASSES.index(name)] = value
    return row


def test_acts_do_not_depend_on_how_many_tracks_are_solved_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(4)
    spans = [(0, 60), (3, 9), (20, 55), (30, 31), (58, 60)]
    figures = [[Figure(300 + 90 * k, 300) for k, (a, b) in enumerate(spans) if a <= t < b]
               for t in range(60)]  # fmt: skip
    number = np.asarray([k for t in range(60) for k, (a, b) in enumerate(spans) if a <= t < b])
    poses = series(figures)
    tracks = Tracks(
        number.astype(np.int32),
        tuple(TrackRole(k, PersonRole.STUDENT, 1.0, ()) for k in range(len(spans))),
    )
    told = rng.dirichlet(np.full(len(STUDENT_CLASSES), 0.3), len(number)).astype(np.float32)
    everybody = np.ones(len(number), bool)
    together = course_of(poses, tracks, everybody, told)
    monkeypatch.setattr("classwatch.vision.acts._CELLS", 1)
    alone = course_of(poses, tracks, everybody, told)
    np.testing.assert_array_equal(together.activity, alone.activity)
    np.testing.assert_array_equal(together.postures.head, alone.postures.head)
    np.testing.assert_array_equal(together.postures.raised, alone.postures.raised)
    assert len(np.unique(together.postures.head)) > 1


def _course(per_picture: list[np.ndarray]) -> Acts:
    figures = [[Figure(300, 300)] for _ in per_picture]
    poses = series(figures)
    tracks = Tracks(np.zeros(len(figures), np.int32), (TrackRole(0, PersonRole.STUDENT, 1.0, ()),))
    return course_of(poses, tracks, np.ones(len(figures), bool), np.stack(per_picture))


def test_what_is_not_likely_enough_is_not_told() -> None:
    doubtful = _rows(writing=0.4, reading=0.4, head_up=0.2)
    told = _course([doubtful] * 6)
    assert told.activity.tolist() == [0] * 6
    # Which of the two it is cannot be told; that the head is down can.
    assert told.postures.head.tolist() == [-1] * 6
    assert not told.postures.raised.any()
    nothing = _course([np.zeros(len(STUDENT_CLASSES), np.float32)] * 3)
    assert nothing.postures.head.tolist() == [0, 0, 0]
    assert not nothing.postures.judged.any()


def test_a_hand_is_up_through_one_missed_picture_and_not_for_one_alone() -> None:
    up, down = _rows(hand_raised=0.9, head_up=0.1), _rows(hand_raised=0.05, head_up=0.95)
    doubt = _rows(hand_raised=0.35, head_up=0.65)
    told = _course([down] * 5 + [up, up, doubt, up, up] + [down] * 5 + [doubt] + [down] * 5)
    assert told.postures.raised.tolist() == [False] * 5 + [True] * 5 + [False] * 11
    assert (told.postures.hand_confidence > 0).tolist() == told.postures.raised.tolist()


def test_nobody_stands_whose_shoulders_are_where_they_always_are() -> None:
    """The first is low, the second has risen, the third is low but plainly stands: all along."""
    probability = np.stack([_rows(standing=0.9, head_up=0.1)] * 3)
    glance = np.zeros((3, len(GLANCES)), np.float32)
    glance[0, GLANCES.index("stand")] = 0.7
    glance[2, GLANCES.index("stand")] = 0.9
    told = only_risen_stand(probability, np.asarray([0.05, 0.9, 0.05], np.float32), glance)
    np.testing.assert_allclose(told[0], _rows(head_up=0.1), atol=1e-6)
    np.testing.assert_allclose(told[1:], probability[1:], atol=1e-6)


def test_the_rise_of_the_shoulders_is_measured_in_bodies() -> None:
    near = [Figure(300, 300, 40.0)] * 6 + [Figure(300, 220, 40.0)]
    far = [Figure(300, 300, 20.0)] * 6 + [Figure(300, 260, 20.0)]
    one, other = (risen(features(_sighted(figures))) for figures in (near, far))
    np.testing.assert_allclose(one, other, atol=1e-4)
    assert one[-1] > 0.3
    np.testing.assert_allclose(one[:6], 0, atol=1e-6)


def test_a_glance_counts_as_half_the_logarithm_of_its_chance_against_even_ones() -> None:
    """Nine ninths of a chance are ln(9)/2, none is ln(9 x 0.003)/2, and no glance is 0."""
    sighted = _sighted([Figure(200, 200, 100)] * 3)
    glance = sighted.glance.copy()
    glance[1, GLANCES.index("read")] = 1.0
    table = features(replace(sighted, glance=glance))
    blind = features(sighted)
    added = np.sort((table - blind)[1])
    sure, never = 0.5 * np.log(9.0), 0.5 * np.log(9 * 0.003)
    now, usual = [sure, *[never] * 8], [sure / 3, *[never / 3] * 8]
    np.testing.assert_allclose(added[added != 0], np.sort(now + usual), atol=1e-4)
    np.testing.assert_array_equal(mirrored(mirrored(table)), table)


def test_strangers_are_glanced_at_with_mistakes_that_stay() -> None:
    """The same is added to all nine looks of a sighting, nothing where nobody looked."""
    sighted = _sighted([Figure(300, 300)] * 9)
    glance = sighted.glance.copy()
    glance[:, GLANCES.index("read")] = 1.0
    glance[6] = 0.0
    table = features(replace(sighted, glance=glance))
    spread = Spread(0.0, 0.0, 0.0, strange=0.4)
    change = varied(table, spread, np.random.default_rng(5)) - table
    looks = change[4, : 9 * 57].reshape(9, 57)[:, 48:]
    assert (looks[0] != 0).all()
    np.testing.assert_allclose(looks[[1, 2, 3, 4, 5, 7, 8]], np.tile(looks[0], (7, 1)), atol=1e-5)
    assert not looks[6].any()
    np.testing.assert_allclose(change[4, 9 * 57 + 39 : 9 * 57 + 48], looks[0], atol=1e-5)
