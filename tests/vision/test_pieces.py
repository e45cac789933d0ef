"""Tracks that changed bodies, made by hand: which sighting is of whom is said here."""

from __future__ import annotations

import numpy as np

from classwatch.config.schema import TrackConfig
from classwatch.vision.pieces import mended
from classwatch.vision.track import track
from tests.vision.made import Figure, desks, series

PUPIL = Figure(300, 400, 40)


def _mended(shown: list[list[Figure]], tracks: list[list[int]]) -> list[int]:
    """New numbers of all sightings, in order."""
    given = np.concatenate([np.asarray(t, np.int32) for t in tracks])
    return mended(series(shown), given).tolist()


def test_who_stands_before_a_pupil_gets_a_track_and_the_pupil_keeps_the_seat() -> None:
    adult = Figure(310, 430, 90, back=True, tall=True)
    shown = [[PUPIL]] * 15 + [[adult]] * 15 + [[PUPIL]] * 15
    assert _mended(shown, [[0]] * 45) == [0] * 15 + [1] * 15 + [0] * 15


def test_one_odd_box_cuts_nothing() -> None:
    shown = [[PUPIL]] * 10 + [[Figure(300, 420, 80)]] + [[PUPIL]] * 10
    assert set(_mended(shown, [[0]] * 21)) == {0}


def test_the_walker_who_was_lost_beside_a_seat_comes_out_of_it() -> None:
    # Comes from the left, is out of sight for 4 s, and goes on to the right; meanwhile the seat's
    # own track has run over to the walker.
    coming = [[Figure(100 + 30 * k, 380, 44, tall=True), PUPIL] for k in range(7)]
    hidden = [[PUPIL]] * 4
    going = [[Figure(355 + 45 * k, 380, 44, tall=True)] for k in range(8)]
    numbers = _mended([*coming, *hidden, *going], [[0, 1]] * 7 + [[1]] * 4 + [[1]] * 8)
    assert numbers == [0, 1] * 7 + [1] * 4 + [0] * 8


def test_a_pupil_who_gets_up_and_walks_off_stays_the_same_pupil() -> None:
    walking = [[Figure(300 + 40 * k, 350, 40, tall=True)] for k in range(1, 10)]
    assert set(_mended([[PUPIL]] * 12 + walking, [[0]] * 21)) == {0}


def test_standing_up_turning_and_leaning_are_no_other_body() -> None:
    sides = [PUPIL, Figure(300, 350, 40, tall=True), Figure(302, 400, 40, back=True)]
    shown = [[sides[k // 8]] for k in range(24)]
    assert set(_mended(shown, [[0]] * 24)) == {0}


def test_a_class_at_its_desks_stays_as_it_is() -> None:
    rng = np.random.default_rng(5)
    shown = [
        [f.at(f.x + rng.normal(0, 3), f.y + rng.normal(0, 3)) for f in desks()] for _ in range(30)
    ]
    poses = series(shown)
    followed = track(poses, TrackConfig())
    np.testing.assert_array_equal(mended(poses, followed), followed)


def test_nobody_at_all() -> None:
    assert mended(series([[], []]), np.zeros(0, np.int32)).tolist() == []
