"""Things that happen: found or not within a tolerance, by kind, and AP by confidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from classwatch.evaluate.scores.boundaries import error_figures
from classwatch.evaluate.scores.confusion import macro
from classwatch.evaluate.scores.figures import NOTHING, precision_recall
from classwatch.evaluate.scores.keys import key, named
from classwatch.evaluate.scores.matching import match
from classwatch.evaluate.scores.spans import OverlapRule, Span, SpanRule, times_of
from classwatch.evaluate.tally import Figure, Tally

_SIDES = ("hit", "truth", "found")


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one kind (label) in one stream, matched one-to-one by ``rule``.

    Whose event it is, is not looked at: the numbers of tracks mean nothing across runs. AP goes
    down the found events by confidence, each taking the best true one still free, and adds up
    precision at each step of recall (no interpolation; equal confidences are one step).
    """

    rule: SpanRule = field(default_factory=OverlapRule)
    name: str = "events"

    def count(self, truth: Sequence[Span], found: Sequence[Span]) -> Tally:
        """One lesson."""
        counts: dict[str, float] = {}
        rows: dict[str, NDArray[np.float64]] = {}
        streams = sorted({span.stream for span in (*truth, *found)})
        for label in sorted({span.label for span in (*truth, *found)}):
            start_errors, ranked = [np.zeros(0)], [np.zeros((0, 2))]
            for stream in streams:
                true_here = [s for s in truth if (s.label, s.stream) == (label, stream)]
                found_here = [s for s in found if (s.label, s.stream) == (label, stream)]
                true_s, found_s = times_of(true_here), times_of(found_here)
                affinity = self.rule.affinity(true_s, found_s)
                pairs = match(affinity)
                start_errors.append(found_s[pairs[:, 1], 0] - true_s[pairs[:, 0], 0])
                ranked.append(_ranked(found_here, affinity))
                sides = (len(pairs), len(true_here), len(found_here))
                counts |= {
                    key(name, label, stream): float(count)
                    for name, count in zip(_SIDES, sides, strict=True)
                }
            rows[key("ranked", label)] = np.concatenate(ranked)
            rows[key("start_error", label)] = np.concatenate(start_errors)[:, None]
        return Tally(counts, rows)

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """Precision, recall, F1, AP, errors of starts by kind; all together; means over kinds; by
        kind and camera where there are several."""
        tag = f"@{self.rule.tag}"
        found: list[Figure] = []
        cells = list(named(tally.counts, "truth"))
        for label in sorted({label for label, _ in cells}):
            hits, truths, founds = _counted(tally, [cell for cell in cells if cell[0] == label])
            group = f"kind {label}"
            found += precision_recall(self.name, hits, truths, founds, tag=tag, group=group)
            ranked = tally.rows.get(key("ranked", label), np.zeros((0, 2)))
            found.append(_ap_figure(f"{self.name}.ap{tag}", ranked, truths, group))
            errors = tally.rows.get(key("start_error", label), np.zeros((0, 1)))[:, 0]
            found += error_figures(f"{self.name}.start", errors, tag=tag, group=group)
        hits, truths, founds = _counted(tally, cells)
        kinds = {metric: [f for f in found if f.metric == metric] for metric in _metrics(found)}
        return (
            *precision_recall(self.name, hits, truths, founds, tag=tag),
            macro(f"{self.name}.macro_f1{tag}", kinds.get(f"{self.name}.f1{tag}", [])),
            macro(f"{self.name}.map{tag}", kinds.get(f"{self.name}.ap{tag}", [])),
            *found,
            *self._by_camera(tally, cells),
        )

    def _by_camera(self, tally: Tally, cells: Sequence[tuple[str, ...]]) -> Iterator[Figure]:
        """Precision, recall and F1 of each kind in each camera that shows or tells it."""
        if len({stream for _, stream in cells}) < 2:
            return
        for label, stream in cells:
            sides = _counted(tally, [(label, stream)])
            if any(sides):
                group = f"kind {label}, camera {stream}"
                yield from precision_recall(self.name, *sides, tag=f"@{self.rule.tag}", group=group)


def _counted(tally: Tally, cells: Sequence[tuple[str, ...]]) -> list[float]:
    """Hits, true and found events of these kinds in these streams."""
    return [sum(tally.counts.get(key(side, *cell), 0.0) for cell in cells) for side in _SIDES]


def _metrics(figures: Sequence[Figure]) -> set[str]:
    return {figure.metric for figure in figures}


def _ranked(found: Sequence[Span], affinity: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2): confidence, and whether it is a hit, of every found span of one kind and stream."""
    free = np.ones(affinity.shape[0], np.bool_)
    order = sorted(range(len(found)), key=lambda n: (-found[n].confidence, found[n].start_s, n))
    rows = []
    for number in order:
        likeness = np.where(free, affinity[:, number], 0.0)
        best = int(np.argmax(likeness)) if len(likeness) else -1
        hit = best >= 0 and likeness[best] > 0
        if hit:
            free[best] = False
        rows.append((found[number].confidence, float(hit)))
    return np.asarray(rows, np.float64).reshape(-1, 2)


def average_precision(ranked: NDArray[np.float64], truths: float) -> float:
    """Sum of (recall - recall before) * precision over descending confidence.

    ``ranked`` (n, 2) holds confidence and hit (1 or 0); ``truths`` is at least 1.
    """
    ordered = ranked[np.argsort(-ranked[:, 0], kind="stable")]
    if len(ordered) == 0:
        return 0.0
    last_of_step = np.append(np.diff(ordered[:, 0]) != 0, True)
    hits = np.cumsum(ordered[:, 1])[last_of_step]
    taken = np.flatnonzero(last_of_step) + 1
    gained = np.diff(np.concatenate([[0.0], hits])) / truths
    return float((gained * hits / taken).sum())


def _ap_figure(metric: str, ranked: NDArray[np.float64], truths: float, group: str) -> Figure:
    if not truths:
        return Figure(metric, None, "share", "higher", group, why=NOTHING)
    return Figure(metric, average_precision(ranked, truths), "share", "higher", group)
