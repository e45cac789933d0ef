"""Fit the models of sounds: ``python -m classwatch.train.sounds DATA [--simulated FOLDER]``.

``DATA`` holds ``speech/`` and ``noise_rir/``; ``--simulated`` a folder of lessons made by
``classwatch simulate --sound-only``, those whose name ends in 5 or 6 being held out. The same data
gives the same weights. Prints F1 of every kind on what was held out.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from classwatch.core.resources import resource_dir
from classwatch.models.shipped import SPEECH_SOUNDS
from classwatch.simulate.produce import TRUTH_FILE
from classwatch.speech.network import SmallNetwork, save_network
from classwatch.speech.sound_classes import FILE
from classwatch.train.sounds.fit import (
    KINDS,
    Example,
    example,
    example_of_simulated,
    fit,
    found_kinds,
)
from classwatch.train.sounds.material import Side, load_material
from classwatch.train.sounds.mixed import mix_lesson

TRAINED_ON = 60
SCORED_ON = 10
LENGTH_S = 180.0
_HELD_OUT = ("5", "6")


def mixed_examples(data: Path, side: Side, count: int) -> Iterator[Example]:
    """Mixed lessons 0 to ``count`` of one side."""
    material = load_material(data, side)
    for seed in range(count):
        lesson = mix_lesson(material, seed, LENGTH_S)
        yield example(f"mixed-{side}-{seed}", lesson.samples, lesson.sounds)


def scores(model: SmallNetwork, examples: Sequence[Example]) -> dict[str, float]:
    """F1 of every kind over all windows that have one."""
    table = np.zeros((len(KINDS), len(KINDS)))
    for lesson in examples:
        known = lesson.kind >= 0
        np.add.at(table, (lesson.kind[known], found_kinds(model, lesson)[known]), 1)
    both = table.sum(axis=0) + table.sum(axis=1)
    return {
        kind.value: float(2 * table[k, k] / both[k])
        for k, kind in enumerate(KINDS)
        if table[k].sum()
    }


def main() -> None:
    """Fit, write and score."""
    parser = argparse.ArgumentParser(description="Fit the model of kinds of sound.")
    parser.add_argument("data", type=Path, help="folder with speech/ and noise_rir/")
    parser.add_argument("--simulated", type=Path, help="folder of simulated lessons")
    parser.add_argument("--out", type=Path, default=resource_dir("models") / SPEECH_SOUNDS)
    options = parser.parse_args()
    made = sorted(options.simulated.glob(f"*/{TRUTH_FILE}")) if options.simulated else []
    simulated = [example_of_simulated(path.parent) for path in made]
    seen = [e for e in simulated if not e.name.endswith(_HELD_OUT)]
    model = fit([*mixed_examples(options.data, "train", TRAINED_ON), *seen])
    options.out.mkdir(parents=True, exist_ok=True)
    save_network(options.out / FILE, model)
    held = [e for e in simulated if e.name.endswith(_HELD_OUT)]
    for name, own in (
        ("mixed", list(mixed_examples(options.data, "test", SCORED_ON))),
        ("simulated", held),
    ):
        print(name, {kind: round(value, 3) for kind, value in scores(model, own).items()})


if __name__ == "__main__":
    main()
