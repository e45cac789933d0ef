"""Identity over time by hand, and against figures of another program."""

from __future__ import annotations

import numpy as np
import pytest

from classwatch.evaluate.scores.pictures import true_people
from classwatch.evaluate.scores.tracks import Moment, TrackIdentity
from classwatch.evaluate.tally import Tally, pool
from tests.evaluate.scores.builders import Box, series, tracks, value

SCORER = TrackIdentity()
LEFT: Box = (0, 0, 100, 200)
RIGHT: Box = (300, 0, 400, 200)
IDF1, SWITCHES, MOTA = (f"picture.tracks.{name}@iou=0.5" for name in ("idf1", "switches", "mota"))


def test_two_people_who_swap_numbers() -> None:
    # Four pictures, both found each time; after two pictures the numbers 7 and 8 are swapped.
    # Best match of tracks: 2 of 4 sightings each: IDTP 4, of 8 true and 8 found: IDF1 = 8/16.
    # Switches: 2. MOTA = (8 - 0 - 0 - 2) / 8.
    # HOTA: all boxes right at every overlap, so DetA 1; each hit's track has 2 hits with its true
    # one, 4 true and 4 found sightings: 2 / (4 + 4 - 2) = 1/3, so AssA 1/3 and HOTA sqrt(1/3).
    pictures = series([[LEFT, RIGHT]] * 4)
    truth = true_people("front", pictures)
    numbers = tracks([7, 8, 7, 8, 8, 7, 8, 7])
    figures = SCORER.figures(SCORER.count(truth, tracks([0, 1] * 4), pictures, numbers))
    assert value(figures, IDF1) == pytest.approx(1 / 2)
    assert value(figures, SWITCHES) == pytest.approx(2 / 8 * 100)
    assert value(figures, MOTA) == pytest.approx(6 / 8)
    assert value(figures, "picture.tracks.deta") == pytest.approx(1)
    assert value(figures, "picture.tracks.assa") == pytest.approx(1 / 3)
    assert value(figures, "picture.tracks.hota") == pytest.approx((1 / 3) ** 0.5)


def test_one_person_lost_for_half_the_time() -> None:
    # True 4 sightings, found 2 with one number: IDTP 2: IDF1 = 4 / (4 + 2). No switch.
    # HOTA: DetA = 2/4; AssA: each hit 2 / (4 + 2 - 2) = 1/2. HOTA = sqrt(1/4) = 1/2.
    truth = true_people("front", series([[LEFT]] * 4))
    found = series([[LEFT], [LEFT], [], []])
    figures = SCORER.figures(SCORER.count(truth, tracks([0] * 4), found, tracks([3, 3])))
    assert value(figures, IDF1) == pytest.approx(4 / 6)
    assert value(figures, SWITCHES) == 0
    assert value(figures, MOTA) == pytest.approx(1 / 2)
    assert value(figures, "picture.tracks.hota") == pytest.approx(1 / 2)


def test_bodies_without_a_track_are_not_tracked() -> None:
    pictures = series([[LEFT]] * 2)
    figures = SCORER.figures(
        SCORER.count(true_people("front", pictures), tracks([0, 0]), pictures, tracks([-1, -1]))
    )
    assert value(figures, IDF1) == 0
    assert value(figures, "picture.tracks.idp@iou=0.5") is None


def test_ignored_people_do_not_matter() -> None:
    pictures = series([[LEFT, RIGHT]] * 2)
    truth = true_people("front", pictures, visible_share=np.asarray([1, 0.1] * 2))
    numbers = tracks([5, 6, 5, 9])
    figures = SCORER.figures(SCORER.count(truth, tracks([0, 1] * 2), pictures, numbers))
    assert value(figures, IDF1) == 1
    assert value(figures, "picture.tracks.hota") == pytest.approx(1)


def test_nobody() -> None:
    nothing = SCORER.figures(SCORER.count_moments([]))
    assert all(f.value is None and f.why for f in nothing)


def test_only_extras_have_no_hota() -> None:
    empty = Moment(np.zeros(0, int), np.asarray([1]), np.zeros((0, 1)))
    figures = SCORER.figures(SCORER.count_moments([empty]))
    assert value(figures, "picture.tracks.hota") is None
    assert value(figures, IDF1) == 0


def random_moments(seed: int) -> list[Moment]:
    """A tracker that is right now and then, with gaps on both sides."""
    rng = np.random.default_rng(seed)
    truths, founds = rng.integers(2, 6), rng.integers(2, 8)
    moments = []
    for _ in range(int(rng.integers(5, 40))):
        true_ids = rng.permutation(truths)[: rng.integers(0, truths + 1)]
        found_ids = rng.permutation(founds)[: rng.integers(0, founds + 1)]
        shape = (len(true_ids), len(found_ids))
        overlap = rng.random(shape) * (rng.random(shape) < 0.6)
        for i, true_id in enumerate(true_ids):
            for j, found_id in enumerate(found_ids):
                if true_id == found_id:
                    overlap[i, j] = 0.5 + 0.5 * rng.random()
        moments.append(Moment(true_ids, found_ids, overlap))
    return moments


TRACKEVAL = {
    (0,): (0.267289, 0.306267, 0.235423, 0.539130, 18, -0.408163),
    (1,): (0.269085, 0.244393, 0.297792, 0.448276, 11, -0.479167),
    (2,): (0.200315, 0.191613, 0.211518, 0.352941, 1, 0.125),
    tuple(range(40)): (0.241606, 0.245162, 0.239574, 0.395839, 312, -0.361740),
}
"""HOTA, DetA, AssA, IDF1, switches, MOTA of trackeval 1.3.0, for the seeds pooled.

It is not a dependency because it brings a second OpenCV. Made once in an environment of its own,
``pip install trackeval``, with ``numpy.float = float; numpy.int = int`` (aliases it still uses):
``HOTA()``, ``Identity()`` and ``CLEAR()`` with ``eval_sequence`` on each of ``random_moments(0)``
... ``random_moments(39)`` (ids counted from 0, ``similarity_scores`` the overlaps), then
``combine_sequences``; means over the 19 overlaps. All 40 sequences agreed to 1e-15.
"""


@pytest.mark.parametrize("seeds", TRACKEVAL, ids=lambda seeds: f"{len(seeds)}-from-{seeds[0]}")
def test_agrees_with_trackeval(seeds: tuple[int, ...]) -> None:
    pooled: Tally = pool(SCORER.count_moments(random_moments(seed)) for seed in seeds)
    figures = SCORER.figures(pooled)
    names = ("hota", "deta", "assa", "idf1@iou=0.5")
    ours = [value(figures, f"picture.tracks.{name}") for name in names]
    ours += [pooled.counts["switches"], value(figures, MOTA)]
    assert ours == pytest.approx(TRACKEVAL[seeds], abs=1e-6)
