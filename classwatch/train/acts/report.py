"""Figures of a network of acts on held-out moments, as Markdown."""

from __future__ import annotations

from classwatch.train.acts.fit import Examples
from classwatch.train.acts.scores import calibration_error, class_scores, reliability
from classwatch.vision.acts_model import ActsModel


def report(model: ActsModel, held_out: Examples) -> str:
    """A table of the classes and a line on calibration; ``held_out`` are labelled moments."""
    probability = model.probabilities(held_out.table.astype("float32"))
    scores = class_scores(held_out.label, probability.argmax(axis=1), len(model.classes))
    lines = ["| act | precision | recall | F1 | moments |", "|---|---|---|---|---|"]
    for c, name in enumerate(model.classes):
        figures = (scores.precision[c], scores.recall[c], scores.f1[c])
        shown = " | ".join(f"{value:.3f}" for value in figures)
        lines.append(f"| {name} | {shown} | {(held_out.label == c).sum()} |")
    lines.append(f"\nmacro-F1 {scores.macro_f1:.3f}")
    lines.append(f"calibration error {calibration_error(probability, held_out.label):.3f}")
    lines += [
        f"  said {said:.2f}, right {right:.2f} ({n})"
        for said, right, n in reliability(probability, held_out.label)
    ]
    return "\n".join(lines)
