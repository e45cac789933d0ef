"""Fit the shipped networks of students' and teachers' acts.

``python -m classwatch.train.acts errors STILLS POSE_MODEL --out errors.npz`` learns a pose model's
mistakes from a folder of ``classwatch simulate --images``, each body looked at once more as an
analysis does;
``python -m classwatch.train.acts fit --errors one.npz two.npz --held-out-errors other-one.npz
other-two.npz`` simulates lessons in which each camera makes the mistakes of one of the pose models,
fits both networks on them and prints their figures on lessons of other seeds, with the mistakes
made on other stills, model by model, and, given ``--held-out-humans``, with other characters. The
same stills, pose models and figures give the same weights.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import replace
from pathlib import Path

from classwatch.config import PoseConfig
from classwatch.core.resources import resource_dir
from classwatch.models.shipped import BODY_JOINTS, STUDENT_ACTS, TEACHER_ACTS, shipped
from classwatch.train.acts.errors import Errors, Mistaken, learn_errors
from classwatch.train.acts.examples import Lessons, examples, joined
from classwatch.train.acts.fit import STUDENTS, TEACHERS, fit
from classwatch.train.acts.report import reliability_svg, report
from classwatch.train.acts.simulated import Detector
from classwatch.vision.acts_model import save_acts_model
from classwatch.vision.engine import open_engine
from classwatch.vision.joints import PHOTOGRAPHS_UNDER_PX, CloserEngine, JointReader

TRAIN_SEED, CALIBRATION_SEED, TEST_SEED = 11, 901, 902
_INPUTS_PX = (960, 1280)
_SHARE = 0.4
_HELD_OUT = 6


def main() -> None:
    """Learn a pose model's mistakes, or fit and score the networks."""
    options = _parser().parse_args()
    if options.command == "errors":
        joints = JointReader(shipped(BODY_JOINTS).path)
        configs = [PoseConfig(input_px=p) for p in _INPUTS_PX]
        under_px = PHOTOGRAPHS_UNDER_PX if options.photographs else math.inf
        engines = [
            CloserEngine(open_engine(options.pose_model, c), joints, under_px) for c in configs
        ]
        learn_errors(options.stills, engines, options.most).save(options.out)
    else:
        _fit(options)


def _fit(options: argparse.Namespace) -> None:
    learnt = Detector(tuple(Mistaken(Errors.load(path)) for path in options.errors))
    others = [Mistaken(Errors.load(path)) for path in options.held_out_errors]
    few = min(_HELD_OUT, options.lessons)
    humans, longest_s = options.humans, options.longest
    lessons = Lessons(TRAIN_SEED, options.lessons, humans, _SHARE, longest_s, varied=True)
    fitted_on = examples(lessons, learnt)
    # What ships makes all of its mistakes: partly mistaken cameras would make it too sure.
    whole = replace(learnt, severity=1.0)
    calibration = examples(replace(lessons, seed=CALIBRATION_SEED, count=few), whole)
    held_out = Lessons(TEST_SEED, few, options.held_out_humans or humans, longest_s=longest_s)
    detectors = [Detector((other,), 1.0) for other in others] + [Detector((others[0],), 0.0)]
    tests = [examples(held_out, detector) for detector in detectors]
    titles = [path.stem for path in options.held_out_errors] + ["exact places"]
    for number, (name, form) in enumerate(((STUDENT_ACTS, STUDENTS), (TEACHER_ACTS, TEACHERS))):
        seen = fitted_on[number]
        model = fit(form, seen, calibration[number], epochs=options.epochs, seed=TRAIN_SEED)
        path = options.out / name / "acts.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        save_acts_model(path, model)
        print(f"{path}: {len(seen.told().label)} moments, {path.stat().st_size:,} bytes")
        mistaken = joined([test[number].told() for test in tests[:-1]])
        (path.parent / "reliability.svg").write_text(reliability_svg(model, mistaken), "utf-8")
        for test, title in zip(tests, titles, strict=True):
            print(f"\n{title}\n{report(model, test[number].told())}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Fit the shipped networks of acts.")
    commands = parser.add_subparsers(dest="command", required=True)
    learn = commands.add_parser("errors", help="learn a pose model's mistakes from stills")
    learn.add_argument("stills", type=Path)
    learn.add_argument("pose_model", type=Path)
    learn.add_argument(
        "--photographs",
        action="store_true",
        help="it has learnt from photographs: larger bodies keep the arms that it tells",
    )
    learn.add_argument("--most", type=int, default=1000, help="stills to use")
    learn.add_argument("--out", type=Path, required=True)
    train = commands.add_parser("fit", help="simulate lessons and fit the networks")
    train.add_argument("--errors", type=Path, nargs="+", required=True, help="one a pose model")
    train.add_argument(
        "--held-out-errors", type=Path, nargs="+", required=True, help="of other stills"
    )
    train.add_argument("--humans", type=Path, default=None, help="folder of characters")
    train.add_argument("--held-out-humans", type=Path, default=None, help="others, for the figures")
    train.add_argument("--lessons", type=int, default=40)
    train.add_argument("--longest", type=float, default=180.0, help="seconds of a lesson, at most")
    train.add_argument("--epochs", type=int, default=8)
    train.add_argument("--out", type=Path, default=resource_dir("models"))
    return parser


if __name__ == "__main__":
    main()
