"""Figures of a network of acts on held-out moments, as Markdown."""

from __future__ import annotations

from classwatch.train.acts.fit import Examples
from classwatch.train.acts.scores import calibration_error, class_scores, reliability
from classwatch.vision.acts_model import ActsModel

_EDGE, _SIDE = 30, 260
"""Where the axes of the diagram begin and end, in its units."""


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


def reliability_svg(model: ActsModel, held_out: Examples) -> str:
    """Reliability diagram: how often the likeliest class is right against how sure it is.

    A dot's area is the number of its moments; on the dashed line both are the same.
    """
    rows = reliability(model.probabilities(held_out.table.astype("float32")), held_out.label)
    most = max(n for *_, n in rows)
    ticks = "".join(
        f'<text x="{_at(v):.0f}" y="{_SIDE + 14}" text-anchor="middle">{v:g}</text>'
        f'<text x="{_EDGE - 6}" y="{_SIDE - _at(v) + _EDGE + 4:.0f}" text-anchor="end">{v:g}</text>'
        for v in (0.0, 0.5, 1.0)
    )
    dots = "".join(
        f'<circle cx="{_at(said):.1f}" cy="{_SIDE - _at(right) + _EDGE:.1f}"'
        f' r="{2 + 6 * (n / most) ** 0.5:.1f}"/>'
        for said, right, n in rows
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIDE + 30} {_SIDE + 36}"'
        ' font-family="sans-serif" font-size="11">'
        f'<rect width="100%" height="100%" fill="#fff"/>'
        f'<rect x="{_EDGE}" y="{_EDGE}" width="{_SIDE - _EDGE}" height="{_SIDE - _EDGE}"'
        ' fill="none" stroke="#999"/>'
        f'<path d="M{_EDGE} {_SIDE}L{_SIDE} {_EDGE}" stroke="#999" stroke-dasharray="4 3"/>'
        f'{ticks}<g fill="#1f6f8b">{dots}</g>'
        f'<text x="{_SIDE // 2}" y="{_SIDE + 30}" text-anchor="middle">said (dots: right)</text>'
        "</svg>\n"
    )


def _at(share: float) -> float:
    return _EDGE + share * (_SIDE - _EDGE)
