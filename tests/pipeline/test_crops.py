"""Small people are found by looking closer, and nobody is counted twice for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from tests.pipeline.runs import ROOT, call

pytestmark = pytest.mark.slow
CLIP = ROOT / "samples" / "clips" / "writing"
LEFT_PX, TOP_PX, SCALE = 560, 60, 0.2
SIZE_PX = (1280, 720)
BOX = ["x0", "y0", "x1", "y1"]


def _far_away(out: Path) -> Path:
    """The clip at a fifth of its size on a wall: its people are 23 to 60 px tall."""
    import av
    import cv2

    with av.open(str(CLIP / "front.mp4")) as source, av.open(str(out), "w") as target:
        rate = source.streams.video[0].average_rate
        stream = target.add_stream("libx264", rate=rate, options={"crf": "18"})
        stream.width, stream.height = SIZE_PX
        stream.pix_fmt = "yuv420p"
        for frame in source.decode(video=0):
            small = cv2.resize(
                frame.to_ndarray(format="rgb24"), None, fx=SCALE, fy=SCALE,
                interpolation=cv2.INTER_AREA,
            )  # fmt: skip
            wall = np.full((SIZE_PX[1], SIZE_PX[0], 3), 118, np.uint8)
            height, width = small.shape[:2]
            wall[TOP_PX : TOP_PX + height, LEFT_PX : LEFT_PX + width] = small
            made = av.VideoFrame.from_ndarray(wall, format="rgb24")
            made.pts, made.time_base = frame.pts, frame.time_base
            target.mux(stream.encode(made))
        target.mux(stream.encode(None))
    return out


def _found(video: Path, out: Path, tiles: str) -> pd.DataFrame:
    done = call("analyze", video, "--out", out, "--offline", "--set", "transcribe.model=none",
                "--set", f"pose.tiles={tiles}", home=out / "home")  # fmt: skip
    assert done.returncode == 0, done.stderr
    (table,) = out.glob("*/poses.parquet")
    return pd.read_parquet(table)


def _true_boxes() -> pd.DataFrame:
    truth = pd.read_parquet(CLIP / "truth" / "poses.parquet")
    truth[BOX] = truth[BOX] * SCALE + [LEFT_PX, TOP_PX, LEFT_PX, TOP_PX]
    return truth


def _overlaps(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = (
        np.maximum(a[:, None, :2], b[None, :, :2]),
        np.minimum(a[:, None, 2:], b[None, :, 2:]),
    )
    inner = np.prod(np.clip(high - low, 0, None), axis=2)
    area_a, area_b = (np.prod(x[:, 2:] - x[:, :2], axis=1) for x in (a, b))
    return np.asarray(inner / (area_a[:, None] + area_b[None] - inner))


def _recall_precision(found: pd.DataFrame, truth: pd.DataFrame) -> tuple[float, float]:
    right = there = told = 0
    true_times = truth["time_s"].unique()
    for time_s, people in found.groupby("time_s"):
        now = truth[truth["time_s"] == true_times[np.abs(true_times - time_s).argmin()]]
        overlap = _overlaps(people[BOX].to_numpy(float), now[BOX].to_numpy(float))
        rows, columns = linear_sum_assignment(-overlap)
        right += int((overlap[rows, columns] >= 0.4).sum())
        there, told = there + len(now), told + len(people)
    return right / there, right / told


def test_looking_closer_finds_more_of_the_same_people(tmp_path: Path) -> None:
    video = _far_away(tmp_path / "far.mp4")
    truth = _true_boxes()
    whole = _recall_precision(_found(video, tmp_path / "whole", "none"), truth)
    closer = _recall_precision(_found(video, tmp_path / "closer", "auto"), truth)
    assert closer[0] >= max(0.9, whole[0] + 0.3)
    assert closer[1] >= whole[1] - 0.02
