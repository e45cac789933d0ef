"""The likeliest course of states, against every possible course counted out by hand."""

from __future__ import annotations

from itertools import groupby, product

import numpy as np
import pytest

from classwatch.vision.paths import Course, likeliest


def _score(states: tuple[int, ...], probability: np.ndarray, course: Course) -> float:
    """What a course is worth; -inf where a state is left too early."""
    least = [min(round(s), len(states)) for s in course.least_s]
    runs = [(state, len(list(own))) for state, own in groupby(states)]
    if any(length < least[state] for state, length in runs):
        return -np.inf
    told = probability.copy()
    told[:, 0] = np.maximum(told[:, 0], course.untold)
    gain = sum(np.log(told[t, s]) for t, s in enumerate(states)) * course.trust
    return float(gain - course.change * (len(runs) - 1))


@pytest.mark.parametrize("seed", range(6))
def test_no_other_course_is_likelier(seed: int) -> None:
    rng = np.random.default_rng(seed)
    course = Course(least_s=(1.0, 2.0, 3.0), change=0.7, untold=0.4, trust=0.8)
    probability = rng.dirichlet((0.5, 0.5, 0.5), size=7)
    found = likeliest(probability[None].astype(np.float32), np.ones((1, 7), bool), 1.0, course)[0]
    every = product(range(3), repeat=7)
    best = max(_score(states, probability, course) for states in every)
    assert _score(tuple(found.tolist()), probability, course) == pytest.approx(best, abs=1e-4)


def test_bodies_side_by_side_are_told_as_if_each_were_alone() -> None:
    rng = np.random.default_rng(9)
    course = Course(least_s=(1.0, 2.0), change=1.0, untold=0.2, trust=1.0)
    probability = rng.dirichlet((0.4, 0.4), size=(5, 40)).astype(np.float32)
    seen = rng.random((5, 40)) < 0.8
    together = likeliest(probability, seen, 1.0, course)
    for body in range(5):
        alone = likeliest(probability[body : body + 1], seen[body : body + 1], 1.0, course)
        np.testing.assert_array_equal(together[body], alone[0])


def test_one_doubtful_picture_neither_ends_nor_begins_a_state() -> None:
    course = Course(least_s=(1.0, 2.0), change=1.5, untold=0.0, trust=1.0)
    up = np.asarray([0.9, 0.9, 0.9, 0.3, 0.9, 0.9, 0.1, 0.1, 0.1, 0.7, 0.1, 0.1], np.float32)
    told = likeliest(np.stack([1 - up, up], axis=1)[None], np.ones((1, 12), bool), 1.0, course)
    assert told[0].tolist() == [1] * 6 + [0] * 6


def test_what_nothing_speaks_for_is_not_told() -> None:
    course = Course(least_s=(1.0, 1.0, 1.0), change=0.5, untold=0.5, trust=1.0)
    probability = np.tile(np.asarray([0.2, 0.4, 0.4], np.float32), (1, 10, 1))
    assert not likeliest(probability, np.ones((1, 10), bool), 1.0, course).any()
    assert likeliest(np.zeros((0, 0, 2), np.float32), np.zeros((0, 0), bool), 1.0, course).size == 0
