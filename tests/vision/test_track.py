from __future__ import annotations

import numpy as np
import pytest

from classwatch.config.schema import TrackConfig
from classwatch.vision.track import track
from tests.vision.made import Figure, desks, series

CFG = TrackConfig()


def _followed(pictures: list[list[Figure]], who: list[list[int]], **options: float) -> list[set]:
    """Track numbers given to each person; ``who`` names the person behind every detection."""
    poses = series(pictures, **options)
    names = np.concatenate([np.asarray(w, int) for w in who])
    numbers = track(poses, CFG)
    return [set(numbers[names == name].tolist()) for name in range(names.max() + 1)]


def test_a_still_class_keeps_its_numbers_in_order_of_appearance() -> None:
    rng = np.random.default_rng(1)
    seats = desks()
    pictures = [
        [f.at(f.x + rng.normal(0, 2), f.y + rng.normal(0, 2)) for f in seats] for _ in range(30)
    ]
    tracks = _followed(pictures, [list(range(15))] * 30)
    assert tracks == [{i} for i in range(15)]


def test_order_of_detections_does_not_matter() -> None:
    seats = desks()
    rng = np.random.default_rng(2)
    orders = [rng.permutation(15) for _ in range(20)]
    tracks = _followed([[seats[i] for i in o] for o in orders], [o.tolist() for o in orders])
    assert all(len(t) == 1 for t in tracks)
    assert len(set.union(*tracks)) == 15


def test_missed_sightings_are_bridged_in_the_seat() -> None:
    seats = desks()
    rng = np.random.default_rng(3)
    seen = [[i for i in range(15) if k == 0 or rng.random() < 0.6] for k in range(40)]
    tracks = _followed([[seats[i] for i in s] for s in seen], seen)
    assert all(len(t) == 1 for t in tracks)
    assert len(set.union(*tracks)) == 15


@pytest.mark.parametrize(("gap_s", "same"), [(9.0, True), (11.0, False)])
def test_a_longer_gap_than_allowed_starts_a_new_track(gap_s: float, same: bool) -> None:
    person = Figure(400, 400)
    poses = series([[person], [person]], times_s=[0.0, gap_s])
    numbers = track(poses, CFG)
    assert (int(numbers[0]) == int(numbers[1])) is same


def test_the_gap_is_seconds_not_pictures() -> None:
    person = Figure(400, 400)
    # 100 empty pictures at 25 a second are 4 s: the same person.
    poses = series([[person], *[[]] * 100, [person]], every_s=0.04)
    assert track(poses, CFG).tolist() == [0, 0]


@pytest.mark.parametrize("every_s", [0.2, 0.5, 1.0])
def test_a_walker_passes_before_a_seated_class(every_s: float) -> None:
    seats = desks()
    # Half a body height a second (180 px body), across the picture in front of nobody's face.
    steps = int(12 / every_s)
    pictures, who = [], []
    for k in range(steps):
        walker = Figure(150 + 85 * k * every_s, 150, 38, tall=True)
        pictures.append([*seats, walker])
        who.append(list(range(16)))
    tracks = _followed(pictures, who, every_s=every_s)
    assert tracks[15] == {15}
    assert all(len(t) == 1 for t in tracks)


def test_one_leaves_and_another_far_away_appears() -> None:
    left, right = Figure(200, 300), Figure(1000, 300)
    poses = series([[left]] * 5 + [[right]] * 5)
    assert track(poses, CFG).tolist() == [0] * 5 + [1] * 5


def test_standing_up_is_not_a_new_person() -> None:
    seats = desks()
    up = [f.at(f.x, f.y - 1.0 * f.unit) if i == 7 else f for i, f in enumerate(seats)]
    tracks = _followed([seats] * 10 + [up] * 5 + [seats] * 5, [list(range(15))] * 20)
    assert all(len(t) == 1 for t in tracks)


def test_a_neighbour_is_not_taken_for_someone_out_of_sight() -> None:
    # Shoulder to shoulder: 1.1 shoulder distances from middle to middle.
    here, beside = Figure(400, 400), Figure(444, 400)
    poses = series([[here]] * 8 + [[beside]] * 3 + [[here, beside]])
    assert track(poses, CFG).tolist() == [0] * 8 + [1] * 3 + [0, 1]


def test_a_row_is_not_shifted_by_one_to_link_one_more() -> None:
    row = [Figure(300 + 55 * i, 400) for i in range(6)]
    poses = series([row[:5], row[1:]])
    assert track(poses, CFG).tolist() == [0, 1, 2, 3, 4, 1, 2, 3, 4, 5]


def test_uneven_sampling() -> None:
    seats = desks()
    times = np.cumsum([0.5, 2.0, 1.0, 4.0, 0.04, 9.0]).tolist()
    numbers = track(series([seats] * 6, times_s=times), CFG)
    assert numbers.reshape(6, 15).tolist() == [list(range(15))] * 6


def test_nobody_at_all() -> None:
    assert track(series([[], [], []]), CFG).shape == (0,)


@pytest.mark.slow
def test_a_whole_lesson_keeps_its_forty_bodies() -> None:
    seats = desks(columns=8, rows=5)
    poses = series([seats] * 2700)
    numbers = track(poses, CFG)
    assert numbers.reshape(2700, 40).tolist() == [list(range(40))] * 2700
