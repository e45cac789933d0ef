"""One-to-one matches against trying all of them, boxes against painting them."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from classwatch.evaluate.scores.matching import iou, match, match_frames, match_times

affinities = arrays(
    np.float64,
    st.tuples(st.integers(0, 4), st.integers(0, 4)),
    elements=st.sampled_from([0.0, 0.0, 0.25, 0.5, 1.0]),
)


@settings(max_examples=150)
@given(affinities)
def test_most_pairs_then_the_greatest_sum(affinity: np.ndarray) -> None:
    pairs = match(affinity)
    got = affinity[pairs[:, 0], pairs[:, 1]]
    assert (got > 0).all()
    assert len(set(pairs[:, 0])) == len(set(pairs[:, 1])) == len(pairs)
    wide = affinity if affinity.shape[0] <= affinity.shape[1] else affinity.T
    best = max(
        (
            (sum(v > 0 for v in values), sum(values))
            for order in permutations(range(wide.shape[1]), wide.shape[0])
            for values in [[wide[n, at] for n, at in enumerate(order)]]
        ),
        default=(0, 0),
    )
    assert (len(got), got.sum()) == best


def test_two_weak_pairs_are_better_than_one_strong() -> None:
    affinity = np.asarray([[1.0, 0.25], [0.25, 0.0]])
    assert match(affinity).tolist() == [[0, 1], [1, 0]]


def test_affinities_must_be_sound() -> None:
    with pytest.raises(ValueError, match="finite"):
        match(np.asarray([[np.nan]]))
    with pytest.raises(ValueError, match="negative"):
        match(np.asarray([[-1.0]]))


def test_the_tolerance_itself_still_counts() -> None:
    # 0.3 - 0.1 is 0.19999999999999998 and 0.8 - 0.6 is 0.20000000000000007.
    pairs = match_times(np.asarray([0.1, 0.6]), np.asarray([0.3, 0.8]), 0.2)
    assert pairs.tolist() == [[0, 0], [1, 1]]


def test_frames_pair_with_the_nearest() -> None:
    # True every 0.2 s; found at 0.0, 0.5 (between 0.4 and 0.6: too far), 0.61 and 0.62 (both near
    # 0.6, only the nearer is kept), 2.0 (no truth there).
    truth_s = np.arange(4) * 0.2
    found_s = np.asarray([0.0, 0.5, 0.61, 0.62, 2.0])
    assert match_frames(truth_s, found_s, 0.05).tolist() == [[0, 0], [3, 2]]


@pytest.mark.parametrize(("left", "right"), [([], [1.0]), ([1.0], []), ([], [])])
def test_no_frames(left: list[float], right: list[float]) -> None:
    assert len(match_frames(np.asarray(left), np.asarray(right), 0.1)) == 0


def test_one_true_frame() -> None:
    assert match_frames(np.asarray([1.0]), np.asarray([0.0, 1.01]), 0.05).tolist() == [[0, 1]]


boxes = st.tuples(*[st.integers(0, 12)] * 4)


@given(boxes, boxes)
def test_overlap_agrees_with_painted_boxes(left: tuple, right: tuple) -> None:
    def painted(box: tuple) -> np.ndarray:
        grid = np.zeros((12, 12), bool)
        grid[box[1] : box[3], box[0] : box[2]] = True
        return grid

    one, two = painted(left), painted(right)
    either = (one | two).sum()
    expected = (one & two).sum() / either if either else 0.0
    found = iou(np.asarray([left], np.float32), np.asarray([right], np.float32))
    assert found[0, 0] == pytest.approx(expected)
