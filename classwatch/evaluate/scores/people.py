"""People found in pictures: recall and precision by camera and by height of the box."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import PoseSeries
from classwatch.evaluate.scores.figures import mean, precision_recall
from classwatch.evaluate.scores.keys import key, named, total
from classwatch.evaluate.scores.pictures import TruePeople, picture_pairs
from classwatch.evaluate.tally import Figure, Tally

HEIGHTS_PX = (40, 60, 100, 160, 260)
BANDS = (
    f"<{HEIGHTS_PX[0]}",
    *(f"{low}-{high}" for low, high in pairwise(HEIGHTS_PX)),
    f"{HEIGHTS_PX[-1]}+",
)
"""Bands of box height in pixels, smallest first; a band holds its lower end."""


@dataclass(frozen=True, slots=True)
class People:
    """People found, one-to-one at ``min_iou``.

    Recall goes by the true box's height, precision by the found box's; a band's F1 takes hits from
    the true side. Pictures at most ``tolerance_s`` apart on the lesson clock are the same.
    """

    min_iou: float = 0.5
    tolerance_s: float = 0.05
    name = "picture.people"

    def count(self, truth: TruePeople, found: PoseSeries) -> Tally:
        """One camera of one lesson."""
        counts: dict[str, float] = {key("pictures", truth.camera): 0.0}
        for picture in picture_pairs(
            truth, found, min_iou=self.min_iou, tolerance_s=self.tolerance_s
        ):
            counts[key("pictures", truth.camera)] += 1
            true_bands = _bands(truth.series.people.boxes_px[picture.truth])
            found_bands = _bands(found.people.boxes_px[picture.found])
            sides = (
                ("truth", true_bands),
                ("found", found_bands),
                ("truth_hit", true_bands[picture.pairs[:, 0]]),
                ("found_hit", found_bands[picture.pairs[:, 1]]),
            )
            for name, bands in sides:
                for band in bands:
                    cell = key(name, truth.camera, BANDS[band])
                    counts[cell] = counts.get(cell, 0.0) + 1
            overlap = picture.affinity[picture.pairs[:, 0], picture.pairs[:, 1]].sum()
            cell = key("overlap", truth.camera)
            counts[cell] = counts.get(cell, 0.0) + float(overlap)
        return Tally(counts)

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """For all, each camera, each height, each camera and height."""
        cameras = [camera for (camera,) in named(tally.counts, "pictures")]
        cells: list[tuple[str | None, str | None]] = [(None, None)]
        cells += [(camera, None) for camera in cameras]
        cells += [(None, band) for band in BANDS]
        cells += [(camera, band) for camera in cameras for band in BANDS]
        found = [figure for camera, band in cells for figure in self._of(tally, camera, band)]
        hits = total(tally.counts, "truth_hit")
        overlap = total(tally.counts, "overlap")
        tag = f"@iou={self.min_iou:g}"
        found.append(
            mean(f"{self.name}.mean_iou{tag}", overlap, hits, unit="share", better="higher")
        )
        return tuple(found)

    def _of(self, tally: Tally, camera: str | None, band: str | None) -> tuple[Figure, ...]:
        true_hits, found_hits, truths, founds = (
            total(tally.counts, name, camera, band)
            for name in ("truth_hit", "found_hit", "truth", "found")
        )
        groups = [f"camera {camera}"] * (camera is not None) + [f"height {band} px"] * bool(band)
        group = ", ".join(groups)
        tag = f"@iou={self.min_iou:g}"
        precision = precision_recall(self.name, found_hits, truths, founds, tag=tag, group=group)
        recall = precision_recall(self.name, true_hits, truths, founds, tag=tag, group=group)
        return (precision[0], recall[1], recall[2])


def _bands(boxes_px: NDArray[np.float32]) -> NDArray[np.int64]:
    heights_px = boxes_px[:, 3] - boxes_px[:, 1]
    return np.searchsorted(np.asarray(HEIGHTS_PX, np.float32), heights_px, side="right")
