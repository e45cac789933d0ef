"""The command from stills' mistakes to weights that the program loads, at a small size."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from classwatch.core.pose import GLANCES
from classwatch.train.acts.errors import Errors, keys_of
from classwatch.vision import acts_features, teacher_features
from classwatch.vision.acts import STUDENT_CLASSES
from classwatch.vision.acts_model import load_acts_model
from classwatch.vision.teacher_acts import TEACHER_CLASSES

pytest.importorskip("torch")


def _errors(path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    bodies = rng.normal(size=(60, 17, 2)) * 30 + 300
    Errors(
        keys_of(bodies, 0.7),
        (rng.normal(size=(60, 17, 2)) * 0.03).astype(np.float32),
        rng.uniform(0.3, 1.0, size=(60, 17)).astype(np.float32),
        (rng.normal(size=(60, 4)) * 0.05 + (-0.7, -0.9, 0.7, 1.5)).astype(np.float32),
        rng.dirichlet(np.ones(len(GLANCES)), 60).astype(np.float32),
        rng.integers(0, len(GLANCES), 60),
        rng.random(60) < 0.9,
    ).save(path)


@pytest.mark.slow
def test_fit_writes_both_networks_and_prints_their_figures(tmp_path: Path) -> None:
    for seed, name in enumerate(("one", "two", "other")):
        _errors(tmp_path / f"{name}.npz", seed)
    command = [sys.executable, "-m", "classwatch.train.acts", "fit"]
    command += ["--errors", *(str(tmp_path / f"{name}.npz") for name in ("one", "two"))]
    command += ["--held-out-errors", str(tmp_path / "other.npz")]
    command += ["--lessons", "2", "--longest", "30", "--epochs", "2", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("macro-F1") == 4
    forms = (
        ("student-acts", STUDENT_CLASSES, acts_features.WIDTH),
        ("teacher-acts", TEACHER_CLASSES, teacher_features.WIDTH),
    )
    for name, classes, width in forms:
        assert (tmp_path / name / "reliability.svg").read_text("utf-8").count("<circle") >= 1
        model = load_acts_model(tmp_path / name / "acts.npz", width)
        assert model.classes == classes
        table = np.random.default_rng(0).normal(size=(5, width)).astype(np.float32)
        told = model.probabilities(table)
        np.testing.assert_allclose(told.sum(axis=1), 1, atol=1e-5)
