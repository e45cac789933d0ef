"""Small costs that add up: help, an unchanged lesson, measures, tracking, the report.

``python -m tests.benchmarks.small`` prints the median of five runs of each, in seconds.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from classwatch.config import MetricsConfig, TrackConfig
from classwatch.metrics.compute import compute
from classwatch.report.html import render
from classwatch.vision.track import track
from tests.metrics.long_lesson import coded_long_lesson
from tests.pipeline.runs import DEMO
from tests.report.sample import sample
from tests.vision.made import desks, series


def median_s(call: Callable[[], object]) -> float:
    """Median wall seconds of five calls after one that is not counted."""
    call()
    times: list[float] = []
    for _ in range(5):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def main() -> None:
    facts, report, seats = coded_long_lesson(), sample(turns=1500), desks(columns=8, rows=5)
    poses = series([seats] * 2700)
    program = [sys.executable, "-m", "classwatch"]
    with tempfile.TemporaryDirectory() as out:
        again = [*program, "analyze", str(DEMO), "--out", out, "--quiet"]
        rows: dict[str, Callable[[], object]] = {
            "classwatch --help": lambda: subprocess.run([*program, "--help"], capture_output=True),
            "analyze, nothing to do": lambda: subprocess.run(again, capture_output=True),
            "measures of 45 minutes, every protocol": lambda: compute(facts, MetricsConfig()),
            "tracking 45 minutes, 40 people": lambda: track(poses, TrackConfig()),
            "report of 1,500 turns": lambda: render(report, "zh-CN"),
        }
        for name, call in rows.items():
            print(f"{name:<38} {median_s(call):.2f}", flush=True)


if __name__ == "__main__":
    main()
