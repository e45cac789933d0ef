"""Edges of turns: how many are found, and how far off they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.speech import Turn
from classwatch.core.time import Intervals, normalise
from classwatch.evaluate.scores.figures import NOTHING, mean, precision_recall
from classwatch.evaluate.scores.keys import key
from classwatch.evaluate.scores.matching import match_times
from classwatch.evaluate.tally import Figure, Tally

_EDGES = ("start", "end")


@dataclass(frozen=True, slots=True)
class TurnBoundaries:
    """Starts and ends of turns within a tolerance, each matched at most once.

    Who talks is not looked at. Errors (found minus true) are those of the pairs within the widest
    tolerance.
    """

    tolerances_s: tuple[float, ...] = (0.25, 0.5)
    name = "speech.boundaries"

    def count(self, truth: Sequence[Turn], found: Sequence[Turn], scored: Intervals) -> Tally:
        """Edges strictly inside ``scored`` (n, 2): the edge of a recording is no edge of talk."""
        counts: dict[str, float] = {}
        rows: dict[str, NDArray[np.float64]] = {}
        for edge in _EDGES:
            true_s, found_s = _edges(truth, edge, scored), _edges(found, edge, scored)
            counts[key("truth", edge)] = float(len(true_s))
            counts[key("found", edge)] = float(len(found_s))
            for tolerance_s in sorted(self.tolerances_s):
                pairs = match_times(true_s, found_s, tolerance_s)
                counts[key("hit", edge, f"{tolerance_s:g}")] = float(len(pairs))
                rows[key("error", edge)] = (found_s[pairs[:, 1]] - true_s[pairs[:, 0]])[:, None]
        return Tally(counts, rows)

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """Precision, recall and F1 for each tolerance, then the errors, for all, starts, ends."""
        found: list[Figure] = []
        for group, edges in (("", _EDGES), ("start", ("start",)), ("end", ("end",))):
            for tolerance_s in sorted(self.tolerances_s):
                hits, truths, founds = (
                    sum(tally.counts.get(key(name, edge, *more), 0.0) for edge in edges)
                    for name, more in (
                        ("hit", (f"{tolerance_s:g}",)),
                        ("truth", ()),
                        ("found", ()),
                    )
                )
                tag = f"@{tolerance_s:g}s"
                found += precision_recall(self.name, hits, truths, founds, tag=tag, group=group)
            found += self._errors(tally, edges, group)
        return tuple(found)

    def _errors(self, tally: Tally, edges: tuple[str, ...], group: str) -> tuple[Figure, ...]:
        blocks = [tally.rows[k] for k in (key("error", e) for e in edges) if k in tally.rows]
        errors_s = np.concatenate([np.zeros((0, 1)), *blocks])[:, 0]
        return error_figures(self.name, errors_s, tag=f"@{max(self.tolerances_s):g}s", group=group)


def error_figures(
    name: str, errors_s: NDArray[np.float64], *, tag: str = "", group: str = ""
) -> tuple[Figure, ...]:
    """Mean absolute error, median absolute error and bias of matched times, in seconds."""
    count = len(errors_s)
    off_s = np.abs(errors_s)
    median = float(np.median(off_s)) if count else None
    why = "" if count else NOTHING
    return (
        mean(f"{name}.mae{tag}", float(off_s.sum()), count, unit="s", better="lower", group=group),
        Figure(f"{name}.median_error{tag}", median, "s", "lower", group, why=why),
        mean(
            f"{name}.bias{tag}", float(errors_s.sum()), count, unit="s", better="zero", group=group
        ),
    )


def _edges(turns: Sequence[Turn], edge: str, scored: Intervals) -> NDArray[np.float64]:
    times_s = np.asarray(
        [turn.start_s if edge == "start" else turn.end_s for turn in turns], dtype=np.float64
    )
    inside = np.zeros(len(times_s), np.bool_)
    for start_s, end_s in normalise(scored):
        inside |= (times_s > start_s) & (times_s < end_s)
    return np.sort(times_s[inside])
