"""What people do, picture by picture: F1 of each activity over all sightings of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.events import Event, EventKind
from classwatch.core.people import NO_TRACK, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.evaluate.scores.confusion import macro
from classwatch.evaluate.scores.figures import precision_recall
from classwatch.evaluate.scores.keys import key
from classwatch.evaluate.scores.pictures import TruePeople, picture_pairs
from classwatch.evaluate.tally import Figure, Tally

STUDENT_KINDS = (
    EventKind.HAND_RAISED,
    EventKind.STANDING,
    EventKind.HEAD_DOWN,
    EventKind.HEAD_UP,
    EventKind.WRITING,
    EventKind.READING,
    EventKind.TURNED,
    EventKind.LYING,
    EventKind.DEVICE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Doing:
    """Which of the scored activities each sighting (n, c) shows, on both sides.

    A true person who was not found has found False throughout, and the other way round.
    """

    truth: NDArray[np.bool_]
    found: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Activities:
    """F1 of each activity over sightings; several may go on at once."""

    kinds: tuple[EventKind, ...] = STUDENT_KINDS
    min_iou: float = 0.5
    tolerance_s: float = 0.05
    name = "activity"

    def count(
        self,
        truth: TruePeople,
        true_doing: NDArray[np.bool_],
        found: PoseSeries,
        doing: NDArray[np.bool_],
    ) -> Tally:
        """One camera of one lesson; what everybody does comes from ``doing_of``."""
        blocks = []
        for picture in picture_pairs(
            truth, found, min_iou=self.min_iou, tolerance_s=self.tolerance_s
        ):
            left, right = true_doing[picture.truth], doing[picture.found]
            here, there = picture.pairs[:, 0], picture.pairs[:, 1]
            missed, extra = np.delete(left, here, axis=0), np.delete(right, there, axis=0)
            blocks.append(
                Doing(
                    np.concatenate([left[here], missed, np.zeros_like(extra)]),
                    np.concatenate([right[there], np.zeros_like(missed), extra]),
                )
            )
        return self.count_sightings(blocks)

    def count_sightings(self, blocks: Sequence[Doing]) -> Tally:
        """The same from sightings that are matched already."""
        counts: dict[str, float] = {}
        for number, kind in enumerate(self.kinds):
            sides = {
                "truth": [block.truth[:, number] for block in blocks],
                "found": [block.found[:, number] for block in blocks],
                "hit": [block.truth[:, number] & block.found[:, number] for block in blocks],
            }
            for side, masks in sides.items():
                counts[key(side, str(kind))] = float(sum(mask.sum() for mask in masks))
        return Tally(counts)

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """Mean F1 over activities, then precision, recall and F1 of each."""
        each: list[Figure] = []
        for kind in self.kinds:
            hits, truths, founds = (
                tally.counts.get(key(side, str(kind)), 0.0) for side in ("hit", "truth", "found")
            )
            each += precision_recall(self.name, hits, truths, founds, group=f"kind {kind}")
        scores = [figure for figure in each if figure.metric == f"{self.name}.f1"]
        return (macro(f"{self.name}.macro_f1", scores), *each)


def doing_of(
    series: PoseSeries, tracks: Tracks, events: Sequence[Event], kinds: Sequence[EventKind]
) -> NDArray[np.bool_]:
    """Which of ``kinds`` (c) each person of ``series`` (n) shows at that moment: (n, c).

    ``events`` are those of the series' own stream.
    """
    times_s = series.times_s
    doing = np.zeros((len(times_s), len(kinds)), np.bool_)
    for event in events:
        if event.track_id == NO_TRACK or event.kind not in kinds:
            continue
        during = (times_s >= event.start_s) & (times_s < event.end_s)
        doing[during & (tracks.track_id == event.track_id), kinds.index(event.kind)] = True
    return doing
