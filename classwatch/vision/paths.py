"""The likeliest course of states through probabilities: each state lasts, and changing costs.

A hidden semi-Markov model with a least duration for each state, solved exactly (Viterbi) for many
bodies at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BODIES = 512
"""Solved together; more at once only take more memory."""
_LEAST = 1e-4
"""Probabilities are not taken to be smaller: one picture never forbids a state."""


@dataclass(frozen=True, slots=True)
class Course:
    """How states follow each other.

    ``least_s`` is the least duration of each of c states, ``change`` the cost of entering one, in
    nats, and ``untold`` the probability that state 0 ("nothing, or not to be told") is given where
    no other state reaches it. ``trust`` weighs a second of pictures: neighbours share most of what
    they are told from, so they count for less than independent witnesses would. ``favour``, in nats
    a second, speaks for every state but 0, where missing an act costs more than inventing one.
    """

    least_s: tuple[float, ...]
    change: float
    untold: float
    trust: float
    favour: float = 0.0


def likeliest(
    probability: NDArray[np.float32], seen: NDArray[np.bool_], every_s: float, course: Course
) -> NDArray[np.int8]:
    """State (b, k) of b bodies in k pictures ``every_s`` seconds apart.

    ``probability`` (b, k, c) of each state; a picture that does not show a body (``seen`` (b, k)
    false) speaks for no state.
    """
    parts = [
        _together(
            probability[first : first + _BODIES], seen[first : first + _BODIES], every_s, course
        )
        for first in range(0, len(seen), _BODIES)
    ]
    return np.concatenate([np.zeros((0, seen.shape[1]), np.int8), *parts])


def _together(
    probability: NDArray[np.float32], seen: NDArray[np.bool_], every_s: float, course: Course
) -> NDArray[np.int8]:
    if probability.size == 0:
        return np.zeros(seen.shape, np.int8)
    raised = probability.copy()
    raised[..., 0] = np.maximum(raised[..., 0], course.untold)
    evidence = np.log(np.maximum(raised, _LEAST)).astype(np.float64) * (course.trust * every_s)
    evidence[..., 1:] += course.favour * every_s
    evidence[~seen] = 0.0
    k = seen.shape[1]
    steps = [min(max(1, round(s / every_s)), k) for s in course.least_s]
    entered, best_of = _forward(evidence.transpose(1, 0, 2), steps, course.change)
    return _backward(entered, best_of, steps)


def _forward(
    evidence: NDArray[np.float64], steps: list[int], change: float
) -> tuple[NDArray[np.bool_], NDArray[np.int8]]:
    """Whether (k + 1, b, c) a state is best entered with a block that ends there, and the best
    state (k + 1, b) after so many pictures; ``evidence`` is (k, b, c)."""
    k, b, c = evidence.shape
    so_far = np.concatenate([np.zeros((1, b, c)), np.cumsum(evidence, axis=0, dtype=np.float64)])
    top = np.zeros((k + 1, b))
    # The first state costs nothing to enter.
    top[0] = change
    reached = np.full((b, c), -np.inf)
    entered = np.zeros((k + 1, b, c), np.bool_)
    best_of = np.zeros((k + 1, b), np.int8)
    for t in range(1, k + 1):
        reached += evidence[t - 1]
        for state, least in enumerate(steps):
            if t < least:
                continue
            block = so_far[t, :, state] - so_far[t - least, :, state]
            fresh = top[t - least] - change + block
            entered[t, :, state] = fresh > reached[:, state]
            np.maximum(reached[:, state], fresh, out=reached[:, state])
        best_of[t] = reached.argmax(axis=1)
        top[t] = reached.max(axis=1)
    return entered, best_of


def _backward(
    entered: NDArray[np.bool_], best_of: NDArray[np.int8], steps: list[int]
) -> NDArray[np.int8]:
    pictures, bodies = best_of.shape[0] - 1, np.arange(best_of.shape[1])
    least = np.asarray(steps)
    states = np.zeros((pictures, len(bodies)), np.int8)
    now = best_of[pictures].copy()
    left = np.zeros(len(bodies), np.int64)
    for t in range(pictures, 0, -1):
        begins = (left == 0) & entered[t, bodies, now]
        left = np.where(begins, least[now], left)
        states[t - 1] = now
        ends = left == 1
        left = np.maximum(left - 1, 0)
        now = np.where(ends, best_of[t - 1], now)
    return states.T
