"""People found in pictures and their numbers, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from classwatch.core.pose import PoseSeries
from classwatch.evaluate.scores.head_counts import HeadCounts, paired_counts, people_per_picture
from classwatch.evaluate.scores.people import BANDS, People
from classwatch.evaluate.scores.pictures import TruePeople, seen_share, true_people
from classwatch.evaluate.tally import pool
from tests.evaluate.scores.builders import Box, figure, series, value

SCORER = People()
TAG = "@iou=0.5"
NEAR: Box = (0, 0, 100, 200)
FAR: Box = (300, 0, 330, 50)


def moved(box: Box, by_px: float) -> Box:
    return (box[0] + by_px, box[1], box[2] + by_px, box[3])


def score(truth: TruePeople, found: PoseSeries) -> tuple:
    return SCORER.figures(SCORER.count(truth, found))


def test_by_hand() -> None:
    # Picture 0: near one found 20 px aside (IoU 80/120 = 0.67), far one missed, one where nobody
    # is. Picture 1: far one found exactly. Hits 2, true 3, found 3.
    truth = true_people("front", series([[NEAR, FAR], [FAR]]))
    found = series([[moved(NEAR, 20), (600, 0, 650, 90)], [FAR]])
    figures = score(truth, found)
    assert value(figures, f"picture.people.recall{TAG}") == pytest.approx(2 / 3)
    assert value(figures, f"picture.people.precision{TAG}") == pytest.approx(2 / 3)
    assert value(figures, f"picture.people.f1{TAG}") == pytest.approx(4 / 6)
    assert value(figures, f"picture.people.recall{TAG}", "height 40-60 px") == pytest.approx(1 / 2)
    assert value(figures, f"picture.people.recall{TAG}", "height 160-260 px") == 1
    assert value(figures, f"picture.people.precision{TAG}", "height 60-100 px") == 0
    assert value(figures, f"picture.people.recall{TAG}", "height 60-100 px") is None
    assert value(figures, f"picture.people.mean_iou{TAG}") == pytest.approx((80 / 120 + 1) / 2)


def test_two_found_on_one_person_is_one_too_many() -> None:
    figures = score(true_people("front", series([[NEAR]])), series([[NEAR, moved(NEAR, 5)]]))
    assert value(figures, f"picture.people.recall{TAG}") == 1
    assert value(figures, f"picture.people.precision{TAG}") == pytest.approx(1 / 2)


def test_half_an_overlap_is_the_limit() -> None:
    # 100 wide, moved by 33: IoU 67/133 = 0.504; by 34: 66/134 = 0.493.
    truth = true_people("front", series([[NEAR], [NEAR]]))
    figures = score(truth, series([[moved(NEAR, 33)], [moved(NEAR, 34)]]))
    assert value(figures, f"picture.people.recall{TAG}") == pytest.approx(1 / 2)


def test_barely_visible_people_are_neither_hit_nor_miss() -> None:
    # The far one shows 10 % only. Whether something is found on them does not matter.
    truth = true_people("front", series([[NEAR, FAR]]), visible_share=np.asarray([0.9, 0.1]))
    for found in (series([[NEAR]]), series([[NEAR, FAR]]), series([[NEAR, FAR, FAR]])):
        figures = score(truth, found)
        assert value(figures, f"picture.people.recall{TAG}") == 1
        assert value(figures, f"picture.people.precision{TAG}") == 1


def test_a_scored_person_before_an_ignored_one_is_still_found() -> None:
    # A crowd box around everything must not swallow the hit on the near one.
    truth = true_people(
        "front", series([[NEAR, (0, 0, 1280, 720)]]), crowd=np.asarray([False, True])
    )
    figures = score(truth, series([[FAR, NEAR]]))
    assert figure(figures, f"picture.people.recall{TAG}").numerator == 1
    assert figure(figures, f"picture.people.precision{TAG}").denominator == 1


@pytest.mark.parametrize(("inside_px", "precision"), [(60, None), (40, 0)])
def test_half_of_a_found_box_must_lie_on_an_ignored_one(
    inside_px: float, precision: float | None
) -> None:
    truth = true_people("front", series([[(0, 0, 100, 500)]]), visible_share=np.asarray([0.1]))
    figures = score(truth, series([[moved(NEAR, 100 - inside_px)]]))
    assert value(figures, f"picture.people.precision{TAG}") == precision


def test_a_large_false_box_is_not_excused_by_a_small_ignored_one() -> None:
    truth = true_people("front", series([[FAR]]), visible_share=np.asarray([0.1]))
    figures = score(truth, series([[(250, 0, 450, 400)]]))
    assert value(figures, f"picture.people.precision{TAG}") == 0


def test_only_pictures_of_both_sides_count() -> None:
    # Truth every 0.5 s, found every 1 s: the empty true pictures between are no misses.
    truth = true_people("front", series([[NEAR], [NEAR], [NEAR]], every_s=0.5))
    tally = SCORER.count(truth, series([[NEAR], [NEAR]], every_s=1.0))
    assert tally.counts["pictures\tfront"] == 2
    assert value(SCORER.figures(tally), f"picture.people.recall{TAG}") == 1


def test_cameras_are_told_apart_and_pooled() -> None:
    front = SCORER.count(true_people("front", series([[NEAR]])), series([[NEAR]]))
    rear = SCORER.count(true_people("rear", series([[NEAR], [NEAR]])), series([[], []]))
    figures = SCORER.figures(pool([front, rear]))
    assert value(figures, f"picture.people.recall{TAG}", "camera front") == 1
    assert value(figures, f"picture.people.recall{TAG}", "camera rear") == 0
    assert value(figures, f"picture.people.recall{TAG}") == pytest.approx(1 / 3)
    group = "camera rear, height 160-260 px"
    assert figure(figures, f"picture.people.recall{TAG}", group).denominator == 2


def test_empty_pictures() -> None:
    figures = score(true_people("front", series([[], []])), series([[], []]))
    assert all(f.value is None and f.why for f in figures)


@pytest.mark.parametrize(
    ("height_px", "band"),
    [(39.9, "<40"), (40, "40-60"), (60, "60-100"), (159, "100-160"), (260, "260+")],
)
def test_bands_hold_their_lower_end(height_px: float, band: str) -> None:
    box = (0.0, 0.0, 30.0, height_px)
    figures = score(true_people("front", series([[box]])), series([[box]]))
    with_people = [
        b for b in BANDS if value(figures, f"picture.people.recall{TAG}", f"height {b} px")
    ]
    assert with_people == [band]


def test_bands_add_up_to_all() -> None:
    rng = np.random.default_rng(5)

    def boxes(count: int) -> list[Box]:
        corner, side = rng.uniform(0, 500, (count, 2)), rng.uniform(20, 350, (count, 2))
        return [(x, y, x + w, y + h) for (x, y), (w, h) in zip(corner, side, strict=True)]

    truth, found = series([boxes(12) for _ in range(20)]), series([boxes(12) for _ in range(20)])
    figures = score(true_people("front", truth), found)
    for metric in ("recall", "precision"):
        each = [figure(figures, f"picture.people.{metric}{TAG}", f"height {b} px") for b in BANDS]
        everything = figure(figures, f"picture.people.{metric}{TAG}")
        assert sum(f.numerator or 0 for f in each) == everything.numerator
        assert sum(f.denominator or 0 for f in each) == everything.denominator == 240
        assert everything.numerator


def test_truth_must_fit_its_series() -> None:
    with pytest.raises(ValueError, match=r"front\.ignore: expected shape \(1,\)"):
        TruePeople("front", series([[NEAR]]), np.zeros(2, bool), np.zeros(1))


def test_seen_share() -> None:
    one = series([[NEAR]])
    one.people.keypoints[0, :11, 2] = [1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0, 0, 0]
    assert seen_share(one).tolist() == pytest.approx([5 / 11])


def test_counts_by_hand() -> None:
    # True 4, 17, 3; found 4, 15, 4: errors 0, -2, +1.
    scorer = HeadCounts()
    figures = scorer.figures(
        pool(
            [
                scorer.count(np.asarray([4, 17]), np.asarray([4, 15]), "front"),
                scorer.count(np.asarray([3]), np.asarray([4]), "rear"),
            ]
        )
    )
    assert value(figures, "picture.counts.mae") == pytest.approx(1)
    assert value(figures, "picture.counts.bias") == pytest.approx(-1 / 3)
    assert value(figures, "picture.counts.rmse") == pytest.approx((5 / 3) ** 0.5)
    assert value(figures, "picture.counts.within_1") == pytest.approx(2 / 3)
    assert value(figures, "picture.counts.relative_error") == pytest.approx(3 / 24)
    assert value(figures, "picture.counts.mae", "camera rear") == 1


def test_counts_need_the_same_pictures() -> None:
    with pytest.raises(ValueError, match="equal shapes"):
        HeadCounts().count(np.asarray([1, 2]), np.asarray([1]))


def test_ignored_people_are_counted_on_neither_side() -> None:
    # Picture 0: two true of whom one barely shows, both found. Picture 1: one true, three found.
    truth = true_people(
        "front", series([[NEAR, FAR], [NEAR]]), visible_share=np.asarray([1, 0.1, 1])
    )
    counts = paired_counts(truth, series([[NEAR, FAR], [NEAR, FAR, FAR]]))
    assert [side.tolist() for side in counts] == [[1, 1], [1, 3]]


def test_people_per_picture_counts_empty_ones() -> None:
    assert people_per_picture(series([[NEAR, FAR], [], [NEAR], []])).tolist() == [2, 0, 1, 0]
