"""Lessons in which everybody keeps doing something else, rendered, and a suite that scores them.

``python -m tests.benchmarks.acted --humans FOLDER --out OUT`` makes ten of 75 s, each seen from
before and behind the class, 720p and 1080p in turn; ``classwatch eval OUT/suite.yaml --run --all``
says how well people and acts are told in them. ``FOLDER`` should hold characters that nothing was
fitted on. An interrupted command goes on when it is given again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import yaml

from classwatch.simulate.film.schedule import STREAM_ROLES
from classwatch.simulate.produce import ProduceOptions, produce
from classwatch.simulate.script import CameraKind
from classwatch.train.acts.lessons import make_lesson

SIZES = ((1280, 720), (1920, 1080))
CAMERAS = (CameraKind.FRONT, CameraKind.REAR)
FPS = 2.0
"""What an analysis samples at most."""
SCORES = (
    *("picture.people", "picture.keypoints", "picture.oks_ap", "picture.tracks"),
    *("picture.roles", "picture.counts", "activity", "events", "measures"),
)


def make(seed: int, number: int, duration_s: float, options: ProduceOptions, out: Path) -> str:
    """Render one lesson into a folder of ``out``; its id."""
    width, height = SIZES[number % len(SIZES)]
    cameras = [
        {"name": kind.value, "kind": kind.value, "width_px": width, "height_px": height, "fps": FPS}
        for kind in CAMERAS
    ]
    lesson = make_lesson(seed, number, duration_s=duration_s, cameras=cameras)
    name = f"acted-{number:02d}"
    produce(lesson.script.model_copy(update={"lesson_id": name}), out / name, options)
    return name


def suite(names: list[str]) -> dict[str, object]:
    """The suite of lessons that lie beside it."""
    return {
        "name": "acted",
        "description": "Rendered lessons in which everybody keeps doing something else.",
        "licence": "CC0-1.0",
        "roots": {"here": "."},
        "lessons": [
            {
                "id": name,
                "media": [
                    {"path": f"here:{name}/{kind.value}.mp4", "role": STREAM_ROLES[kind].value}
                    for kind in CAMERAS
                ],
                "truth": [{"kind": "folder", "path": f"here:{name}/truth"}],
                "scores": list(SCORES),
            }
            for name in names
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--humans", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=930)
    parser.add_argument("--lessons", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=75.0)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    options = ProduceOptions(figures=asked.humans, jobs=asked.jobs)
    names = []
    for number in range(asked.lessons):
        names.append(make(asked.seed, number, asked.seconds, options, asked.out))
        print(names[-1], flush=True)
    written = yaml.safe_dump(suite(names), allow_unicode=True, sort_keys=False)
    (asked.out / "suite.yaml").write_text(written, "utf-8")


if __name__ == "__main__":
    main()
