"""Peak memory of ``classwatch analyze`` for lessons of different length.

``python -m tests.benchmarks.memory --minutes 10 --minutes 240 [--models FOLDER]``; needs the
reference material beside the checkout.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.make_lesson import encode_minute, repeat
from tests.benchmarks.tree import measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, action="append", required=True)
    parser.add_argument("--models", type=Path)
    args = parser.parse_args()
    if args.models:
        os.environ["CLASSWATCH_MODELS"] = str(args.models)
    with tempfile.TemporaryDirectory() as folder:
        minute = Path(folder) / "minute.mp4"
        encode_minute(minute, "easy")
        for minutes in args.minutes:
            lesson = Path(folder) / f"lesson{minutes}.mp4"
            repeat(minute, lesson, minutes)
            cost = measure(
                [
                    *(sys.executable, "-m", "classwatch", "analyze", str(lesson), "--quiet"),
                    *("--out", f"{folder}/out{minutes}", "--set", "transcribe.model=none"),
                ]
            )
            figures = f"peak {cost.peak_mb:.0f} MB, wall {cost.wall_s:.0f} s"
            print(f"{minutes} min: {figures}", flush=True)
            lesson.unlink()


if __name__ == "__main__":
    main()
