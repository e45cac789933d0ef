"""What bodies seem to do, kept between stages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classwatch.core.errors import DataError
from classwatch.core.pose import GLANCES
from classwatch.store.motion import load_glances, save_glances


def test_glances_come_back_to_a_thousandth(tmp_path: Path) -> None:
    glance = np.random.default_rng(0).dirichlet(np.ones(len(GLANCES)), 20).astype(np.float32)
    save_glances(tmp_path, glance)
    np.testing.assert_allclose(load_glances(tmp_path, 20), glance, atol=1e-3)


def test_glances_of_other_people_are_refused(tmp_path: Path) -> None:
    save_glances(tmp_path, np.zeros((3, len(GLANCES)), np.float32))
    with pytest.raises(DataError, match="glances"):
        load_glances(tmp_path, 4)
