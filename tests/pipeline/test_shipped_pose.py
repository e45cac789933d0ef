"""A fresh machine, without any model of the user's: pictures all the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from classwatch.store.documents import read_document
from classwatch.store.records import LESSON
from tests.pipeline.runs import ROOT, call

pytestmark = pytest.mark.slow
CLIP = ROOT / "samples" / "clips" / "writing"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    done = call("analyze", CLIP / "lesson.yaml", "--out", out, "--offline",
                "--set", "transcribe.model=none", home=out / "home")  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out / "clip-writing"


def test_nearly_everybody_is_counted(folder: Path) -> None:
    told = pd.read_parquet(folder / "frames.parquet").set_index("time_s")["people"]
    true = pd.read_parquet(CLIP / "truth" / "frames.parquet").set_index("time_s")["people"]
    nearest = true.index.to_numpy()[
        np.abs(true.index.to_numpy()[:, None] - told.index.to_numpy()).argmin(axis=0)
    ]
    error = told.to_numpy() - true.loc[nearest].to_numpy()
    assert len(error) >= 10
    assert (np.abs(error) <= 2).mean() >= 0.8


def test_the_reader_is_told_that_the_model_is_a_small_one(folder: Path) -> None:
    issues = read_document(folder / "lesson.json", LESSON).issues
    (told,) = [i for i in issues if i.code == "pose.small_model"]
    assert told.severity == "info"
    assert "classwatch models" in told.remedy
