"""Every protocol over the code stream of a 45-minute lesson, and norms over many lessons.

``python -m tests.benchmarks.protocols [--lessons 1000]`` prints seconds; nothing is asserted.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from classwatch.cli.norms import _lessons
from classwatch.config import MetricsConfig
from classwatch.core.measures import Measure
from classwatch.metrics.compute import compute
from classwatch.metrics.norm_sets import build_norms
from classwatch.store.convert import measures_table
from classwatch.store.documents import document_bytes
from classwatch.store.parquet import table_bytes
from classwatch.store.records import LESSON, LessonRecord
from tests.benchmarks.small import median_s
from tests.metrics.coded import coded_lesson
from tests.metrics.long_lesson import coded_long_lesson, long_codes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lessons", type=int, default=1000)
    args = parser.parse_args()
    alone, whole = coded_lesson(long_codes()), coded_long_lesson()
    for name, facts in (("codes alone", alone), ("with turns, words and pictures", whole)):
        seconds = median_s(lambda facts=facts: compute(facts, MetricsConfig()))  # type: ignore[misc]
        began = time.process_time()
        compute(facts, MetricsConfig())
        cpu = time.process_time() - began
        print(f"every measure of 45 minutes, {name:<32} {seconds:.3f} (CPU {cpu:.3f})", flush=True)
    found = compute(whole, MetricsConfig())
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), found, args.lessons)
        began, cpu = time.perf_counter(), time.process_time()
        build_norms(_lessons([Path(folder)]))
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        print(f"norms of {args.lessons} lessons {wall:.1f} (CPU {cpu:.1f})", flush=True)


def write(out: Path, measures: tuple[Measure, ...], lessons: int) -> None:
    """Lessons that differ in their values only."""
    rng = random.Random(7)
    for at in range(lessons):
        own = tuple(
            m if m.value is None else replace(m, value=m.value * rng.random()) for m in measures
        )
        folder = out / f"l{at:05d}"
        folder.mkdir()
        record = LessonRecord(folder.name, {"subject": "maths"}, None, (), {}, {})
        (folder / "lesson.json").write_bytes(document_bytes(LESSON, record))
        (folder / "measures.parquet").write_bytes(table_bytes(measures_table(own), folder.name))


if __name__ == "__main__":
    main()
