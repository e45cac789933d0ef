"""People counted in pictures: how far off the number is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import PoseSeries
from classwatch.evaluate.scores.figures import mean, root_mean
from classwatch.evaluate.scores.keys import key, named, total
from classwatch.evaluate.scores.pictures import TruePeople, picture_pairs
from classwatch.evaluate.tally import Figure, Tally, share


@dataclass(frozen=True, slots=True)
class HeadCounts:
    """Error of a number of people per picture, found minus true."""

    name: str = "picture.counts"

    def count(self, truth: NDArray[np.int64], found: NDArray[np.int64], camera: str = "") -> Tally:
        """Numbers (k,) of the same k pictures of one camera."""
        if truth.shape != found.shape or truth.ndim != 1:
            raise ValueError(f"expected two equal shapes (k,), got {truth.shape}, {found.shape}")
        error = (found - truth).astype(np.float64)
        figures = {
            "pictures": float(len(error)),
            "truth": float(truth.sum()),
            "error": float(error.sum()),
            "off": float(np.abs(error).sum()),
            "squares": float((error**2).sum()),
            "within_1": float((np.abs(error) <= 1).sum()),
        }
        return Tally({key(name, camera): value for name, value in figures.items()})

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """For all, then by camera where cameras have names."""
        found = list(self._of(tally, None))
        for (camera,) in named(tally.counts, "pictures"):
            if camera:
                found += self._of(tally, camera)
        return tuple(found)

    def _of(self, tally: Tally, camera: str | None) -> tuple[Figure, ...]:
        pictures, truth, error, off, squares, within = (
            total(tally.counts, name, camera)
            for name in ("pictures", "truth", "error", "off", "squares", "within_1")
        )
        group = "" if camera is None else f"camera {camera}"
        unit = "people"
        return (
            mean(f"{self.name}.mae", off, pictures, unit=unit, better="lower", group=group),
            mean(f"{self.name}.bias", error, pictures, unit=unit, better="zero", group=group),
            root_mean(f"{self.name}.rmse", squares, pictures, unit=unit, group=group),
            share(f"{self.name}.within_1", within, pictures, better="higher", group=group),
            share(f"{self.name}.relative_error", off, truth, better="lower", group=group),
        )


def paired_counts(
    truth: TruePeople, found: PoseSeries, *, min_iou: float = 0.5, tolerance_s: float = 0.05
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """True and found numbers (k,) of people in the pictures that both sides looked at.

    People to be ignored, and what is found on them, count on neither side.
    """
    pictures = list(picture_pairs(truth, found, min_iou=min_iou, tolerance_s=tolerance_s))
    return (
        np.asarray([len(picture.truth) for picture in pictures], np.int64),
        np.asarray([len(picture.found) for picture in pictures], np.int64),
    )


def people_per_picture(series: PoseSeries) -> NDArray[np.int64]:
    """How many people each sampled picture (f,) holds."""
    return np.bincount(series.frame, minlength=len(series)).astype(np.int64)
