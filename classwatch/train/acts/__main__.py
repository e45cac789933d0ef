"""Fit the shipped network of students' acts.

``python -m classwatch.train.acts errors STILLS POSE_MODEL --out errors.npz`` learns a pose model's
mistakes from a folder of ``classwatch simulate --images``;
``python -m classwatch.train.acts fit errors.npz [--humans FOLDER] [--out models]`` simulates
lessons, fits the network on them and prints its figures on lessons that it has not seen. The same
stills, pose model and figures give the same weights.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from classwatch.config import PoseConfig
from classwatch.core.resources import resource_dir
from classwatch.models.shipped import STUDENT_ACTS
from classwatch.train.acts.errors import Errors, Mistaken, learn_errors
from classwatch.train.acts.fit import Examples, fit
from classwatch.train.acts.lessons import make_lesson
from classwatch.train.acts.scores import calibration_error, class_scores, reliability
from classwatch.train.acts.simulated import simulate_students
from classwatch.vision.acts import STUDENT_CLASSES
from classwatch.vision.acts_features import features
from classwatch.vision.acts_model import ActsModel, save_acts_model
from classwatch.vision.engine import open_engine

TRAIN_SEED, CALIBRATION_SEED, TEST_SEED = 11, 901, 902
_INPUTS_PX = (960, 1280)
_DURATIONS_S = (30.0, 60.0, 90.0, 120.0)
_DURATION_WEIGHTS = (0.15, 0.25, 0.3, 0.3)


def examples(seed: int, lessons: int, errors: Errors, figures: Path | None) -> Examples:
    """The students of ``lessons`` simulated lessons, seen by four cameras each."""
    mistaken = Mistaken(errors)
    parts = list(_cameras(seed, lessons, mistaken, figures))
    return Examples(
        np.concatenate([p.table for p in parts]),
        np.concatenate([p.label for p in parts]),
        np.concatenate([p.group for p in parts]),
    )


def _cameras(
    seed: int, lessons: int, mistaken: Mistaken, figures: Path | None
) -> Iterator[Examples]:
    for number in range(lessons):
        rng = np.random.default_rng([seed, number, 7])
        duration_s = float(rng.choice(_DURATIONS_S, p=_DURATION_WEIGHTS))
        timeline = make_lesson(seed, number, duration_s=duration_s)
        for camera, told in enumerate(simulate_students(timeline, figures, mistaken, number)):
            group = np.full(len(told.label), 10 * number + camera)
            yield Examples(features(told.seen).astype(np.float16), told.label, group)


def report(model: ActsModel, held_out: Examples) -> str:
    """Figures on held-out examples, as a Markdown table and a line on calibration."""
    told = held_out.told()
    probability = model.probabilities(told.table.astype(np.float32))
    scores = class_scores(told.label, probability.argmax(axis=1), len(STUDENT_CLASSES))
    lines = ["| act | precision | recall | F1 | moments |", "|---|---|---|---|---|"]
    for c, name in enumerate(STUDENT_CLASSES):
        figures = (scores.precision[c], scores.recall[c], scores.f1[c])
        shown = " | ".join(f"{value:.3f}" for value in figures)
        lines.append(f"| {name} | {shown} | {(told.label == c).sum()} |")
    lines.append(f"\nmacro-F1 {scores.macro_f1:.3f}")
    lines.append(f"calibration error {calibration_error(probability, told.label):.3f}")
    lines += [
        f"  said {s:.2f}, right {r:.2f} ({n})" for s, r, n in reliability(probability, told.label)
    ]
    return "\n".join(lines)


def main() -> None:
    """Learn a pose model's mistakes, or fit and score the network."""
    parser = argparse.ArgumentParser(description="Fit the shipped network of students' acts.")
    commands = parser.add_subparsers(dest="command", required=True)
    learn = commands.add_parser("errors", help="learn a pose model's mistakes from stills")
    learn.add_argument("stills", type=Path)
    learn.add_argument("pose_model", type=Path)
    learn.add_argument("--most", type=int, default=260, help="stills to use")
    learn.add_argument("--out", type=Path, required=True)
    train = commands.add_parser("fit", help="simulate lessons and fit the network")
    train.add_argument("errors", type=Path)
    train.add_argument("--humans", type=Path, default=None, help="folder of characters")
    train.add_argument("--lessons", type=int, default=40)
    train.add_argument("--epochs", type=int, default=8)
    train.add_argument("--out", type=Path, default=resource_dir("models"))
    options = parser.parse_args()
    if options.command == "errors":
        engines = [open_engine(options.pose_model, PoseConfig(input_px=p)) for p in _INPUTS_PX]
        learn_errors(options.stills, engines, options.most).save(options.out)
        return
    errors = Errors.load(options.errors)
    fitted_on = examples(TRAIN_SEED, options.lessons, errors, options.humans)
    calibration = examples(CALIBRATION_SEED, 3, errors, options.humans)
    model = fit(fitted_on, calibration, epochs=options.epochs, seed=TRAIN_SEED)
    path = options.out / STUDENT_ACTS / "acts.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_acts_model(path, model)
    print(f"{path}: {len(fitted_on.label)} moments, {path.stat().st_size:,} bytes")
    print(report(model, examples(TEST_SEED, 6, errors, options.humans)))


if __name__ == "__main__":
    main()
