"""The likeliest course through things that seldom change, such as who speaks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def likeliest_path(
    fit: NDArray[np.float64], change_cost: float | NDArray[np.float64]
) -> NDArray[np.intp]:
    """Column (n,) of every row of the best path through ``fit`` (n, k) (Viterbi).

    ``fit`` are logarithms of likelihoods; a change of column costs ``change_cost``, one number or
    one for each row (n,), that of a row being paid on entering it. Staying wins where both are
    equal.
    """
    n, k = fit.shape
    if n == 0:
        return np.zeros(0, np.intp)
    cost = np.broadcast_to(change_cost, n)
    came_from = np.zeros((n, k), np.intp)
    best = fit[0].astype(np.float64)
    own = np.arange(k)
    for i in range(1, n):
        leader = int(best.argmax())
        jump = best[leader] - cost[i]
        came_from[i] = np.where(jump > best, leader, own)
        best = np.maximum(best, jump) + fit[i]
    path = np.zeros(n, np.intp)
    path[-1] = int(best.argmax())
    for i in range(n - 1, 0, -1):
        path[i - 1] = came_from[i, path[i]]
    return path
