"""Fit the network of roles: ``python -m classwatch.train.roles DATA [--out FOLDER]``.

``DATA`` holds ``speech/`` and ``noise_rir/``; simulated lessons are made on the way, about four
processor seconds each. The same data gives the same weights. How right the roles are on lessons
that were not fitted on is told by ``python -m tests.benchmarks.roles DATA``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from classwatch.core.resources import resource_dir
from classwatch.models.shipped import SPEECH_ROLES
from classwatch.speech.network import save_network
from classwatch.speech.role_network import FILE
from classwatch.train.roles.fit import fit
from classwatch.train.roles.lessons import HeardLesson, conversation, mixed_lesson, simulated_lesson
from classwatch.train.sounds.material import load_material

SIMULATED_FROM, MIXED_FROM, TALKS_FROM = 5000, 1000, 3000
"""First seeds of the lessons fitted on; 7000 and up, and the voices of side ``test``, are not."""
MINUTES = 3.0


def lessons(data: Path, simulated: int, mixed: int, talks: int) -> Iterator[HeardLesson]:
    """What the network is fitted on: lessons, and talks in which nobody teaches.

    Mixed lessons and talks count twice: their voices are real.
    """
    for seed in range(SIMULATED_FROM, SIMULATED_FROM + simulated):
        yield simulated_lesson(seed, MINUTES)
    material = load_material(data, "train")
    for seed in range(MIXED_FROM, MIXED_FROM + mixed):
        lesson = mixed_lesson(material, "train", seed, 60.0 * MINUTES)
        yield from (lesson, lesson)
    for seed in range(TALKS_FROM, TALKS_FROM + talks):
        talk = conversation(material, "talk", seed, 60.0 * MINUTES)
        yield from (talk, talk)


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description="Fit the network of roles.")
    parser.add_argument("data", type=Path, help="folder with speech/ and noise_rir/")
    parser.add_argument("--simulated", type=int, default=120)
    parser.add_argument("--mixed", type=int, default=120)
    parser.add_argument("--talks", type=int, default=24)
    parser.add_argument("--out", type=Path, default=resource_dir("models") / SPEECH_ROLES)
    options = parser.parse_args()
    network = fit(list(lessons(options.data, options.simulated, options.mixed, options.talks)))
    options.out.mkdir(parents=True, exist_ok=True)
    save_network(options.out / FILE, network)
    print(f"{options.out / FILE}: {(options.out / FILE).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
