"""classwatch against the straightforward script and against the floor, in one run on one file.

``python -m tests.benchmarks.compare VIDEO --models FOLDER [--baseline-minutes 0]``. The model is
``FOLDER/yolov8n-pose.onnx`` for classwatch and ``yolov8n-pose.pt``, the file that people
load, for the script (``--baseline-model`` for another). ``--baseline-minutes N``
runs the straightforward script on the first N minutes only and scales its picture time by length
(every frame costs the same); 0 runs it on the whole file. All three look at whole pictures only;
``--tiles auto`` lets classwatch look at its crops of small bodies too, which the floor leaves out.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.tree import Cost, measure


def figure(text: str, name: str) -> float:
    """The number printed as ``name=...``."""
    found = re.search(rf"{name}=([0-9.]+)", text)
    if found is None:
        raise SystemExit(f"no {name} in:\n{text}")
    return float(found.group(1))


def line(name: str, cost: Cost, extra: str = "") -> None:
    print(
        f"{name:<16} wall {cost.wall_s:8.1f} s  cpu {cost.cpu_s:8.1f} s  "
        f"peak {cost.peak_mb:6.0f} MB  exit {cost.exit_code}  {extra}",
        flush=True,
    )


def main() -> None:
    import av

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("video", type=Path)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--baseline-model", default="yolov8n-pose.pt")
    parser.add_argument("--baseline-minutes", type=float, default=0.0)
    parser.add_argument("--tiles", choices=("none", "auto"), default="none")
    args = parser.parse_args()
    os.environ["CLASSWATCH_MODELS"] = str(args.models)
    with av.open(str(args.video)) as source:
        length_s = float(source.duration or 0) / 1e6
        fps = float(source.streams.video[0].average_rate or 25)
    with tempfile.TemporaryDirectory() as out:
        ours = measure(
            [
                *(sys.executable, "-m", "classwatch", "analyze", str(args.video)),
                *("--out", out, "--quiet", "--set", "transcribe.model=none"),
                *("--set", f"pose.tiles={args.tiles}"),
            ]
        )
    line("classwatch", ours, ours.output.strip()[-200:])
    floor = measure(
        [
            *(sys.executable, "-m", "tests.benchmarks.floor", str(args.video)),
            *(str(args.models / "yolov8n-pose.onnx"), "--pictures", str(int(length_s))),
        ]
    )
    floor_s = figure(floor.output, "floor_s")
    line("floor", floor, floor.output.strip().splitlines()[-1])
    script = [sys.executable, "-m", "tests.benchmarks.straightforward", str(args.video)]
    script.append(str(args.models / args.baseline_model))
    frames = int(args.baseline_minutes * 60 * fps)
    plain = measure(script + (["--max-frames", str(frames)] if frames else []))
    picture_s = figure(plain.output, "picture_s")
    if frames:
        picture_s *= length_s * fps / figure(plain.output, "frames")
    plain_s = picture_s + figure(plain.output, "sound_s")
    line("straightforward", plain, f"whole file: {plain_s:.0f} s")
    print(f"ratio to the straightforward script: {plain_s / ours.wall_s:.1f}")
    print(f"ratio to the floor: {ours.wall_s / floor_s:.2f}")


if __name__ == "__main__":
    main()
