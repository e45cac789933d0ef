from itertools import product

import numpy as np
import pytest

from classwatch.speech.paths import likeliest_path


def test_the_path_ignores_a_blip_and_follows_a_change() -> None:
    likely, unlikely = np.log(0.9), np.log(0.1)
    kinds = [0, 0, 1, 0, 0, 1, 1, 1, 1, 1]
    table = np.array([[likely, unlikely] if k == 0 else [unlikely, likely] for k in kinds])
    assert likeliest_path(table, 3.0).tolist() == [0] * 5 + [1] * 5
    assert likeliest_path(table, 0.0).tolist() == kinds
    assert likeliest_path(np.zeros((0, 2)), 1.0).tolist() == []


@pytest.mark.parametrize("seed", range(5))
def test_no_other_path_is_better_whatever_each_change_costs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    fit, cost = rng.normal(size=(6, 3)), rng.uniform(0.0, 2.0, 6)

    def worth(path: tuple[int, ...]) -> float:
        changes = sum(float(cost[i]) for i in range(1, 6) if path[i] != path[i - 1])
        return float(sum(fit[i, one] for i, one in enumerate(path))) - changes

    best = max(product(range(3), repeat=6), key=worth)
    assert likeliest_path(fit, cost).tolist() == list(best)
