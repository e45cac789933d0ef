"""What bodies seem to do and wear, kept between stages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classwatch.core.errors import DataError
from classwatch.core.pose import GLANCES, Detections
from classwatch.store.motion import save_glances, with_glances


def _people(count: int) -> Detections:
    rng = np.random.default_rng(count)
    return Detections(
        np.zeros((count, 4), np.float32),
        np.zeros(count, np.float32),
        np.zeros((count, 17, 3), np.float32),
        rng.dirichlet(np.ones(len(GLANCES)), count).astype(np.float32),
        rng.uniform(-100, 100, (count, 3)).astype(np.float32),
    )


def _bare(people: Detections) -> Detections:
    return Detections(people.boxes_px, people.scores, people.keypoints)


def test_glances_and_clothes_come_back(tmp_path: Path) -> None:
    people = _people(20)
    save_glances(tmp_path, people)
    again = with_glances(tmp_path, _bare(people))
    np.testing.assert_allclose(again.glance, people.glance, atol=1e-3)
    np.testing.assert_array_equal(again.clothes, people.clothes)


def test_glances_of_other_people_are_refused(tmp_path: Path) -> None:
    save_glances(tmp_path, _people(3))
    with pytest.raises(DataError, match="glances"):
        with_glances(tmp_path, _people(4))


def test_nobody_has_none(tmp_path: Path) -> None:
    save_glances(tmp_path, Detections.empty())
    assert len(with_glances(tmp_path, Detections.empty())) == 0


def test_clothes_that_are_not_known_stay_unknown(tmp_path: Path) -> None:
    people = replace(_people(2), clothes=np.full((2, 3), np.nan, np.float32))
    save_glances(tmp_path, people)
    assert np.isnan(with_glances(tmp_path, _bare(people)).clothes).all()
