"""What the pictures of one stream show of the people of its room, as plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import DataError
from classwatch.core.pose import KEYPOINTS
from classwatch.simulate.script import PersonKind
from classwatch.store.files import disk_errors, temporary_beside

SEEN, HIDDEN, OUTSIDE = 2, 1, 0
"""Third number of a keypoint, as in COCO: seen, in the picture but hidden, not in the picture."""
MIN_AREA_PX = 30.0
MIN_SHARE = 0.04
"""Less of somebody than this is not a sighting: an annotator would not mark it."""


@dataclass(frozen=True, slots=True)
class Who:
    """One of the people of a room, by the script's id."""

    person_id: str
    kind: PersonKind


@dataclass(frozen=True, slots=True, eq=False)
class Sightings:
    """What f successive pictures show of p people, in the order of the room's cast.

    ``box_px`` (f, p, 4) the largest piece seen, as x0, y0, x1, y1 in pixels, inside the picture;
    ``keypoints`` (f, p, 17, 3) x, y and ``SEEN``, ``HIDDEN`` or ``OUTSIDE``; ``share`` (f, p) of
    the body's surface that is seen, against the same body with nothing before it; ``area_px``
    (f, p) the pixels it covers; all 0 for somebody who is not there. ``place_m`` (f, p, 2) x and z
    of the hips on the floor, NaN out of the room; ``facing`` (f, p) cosine of the angle between
    the chest and the direction from the board to the back wall. ``shot`` (f,) is the number of the
    camera that the picture comes from.
    """

    box_px: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    share: NDArray[np.float32]
    area_px: NDArray[np.float32]
    place_m: NDArray[np.float32]
    facing: NDArray[np.float32]
    shot: NDArray[np.int32]

    def __post_init__(self) -> None:
        f, p = self.share.shape
        expected = {
            "box_px": (f, p, 4),
            "keypoints": (f, p, len(KEYPOINTS), 3),
            "area_px": (f, p),
            "place_m": (f, p, 2),
            "facing": (f, p),
            "shot": (f,),
        }
        for name, shape in expected.items():
            if getattr(self, name).shape != shape:
                actual = getattr(self, name).shape
                raise ValueError(f"{name}: expected shape {shape}, got {actual}")

    def __len__(self) -> int:
        return len(self.share)

    @property
    def people(self) -> int:
        """How many people there are in the room's cast."""
        return int(self.share.shape[1])

    def seen(self) -> NDArray[np.bool_]:
        """Whether (f, p) enough of somebody is seen to count as visible in the picture."""
        return (self.area_px >= MIN_AREA_PX) & (self.share >= MIN_SHARE)

    def barely(self) -> NDArray[np.bool_]:
        """Whether (f, p) something of somebody is seen, but too little to count."""
        return (self.area_px > 0) & ~self.seen()

    @staticmethod
    def blank(pictures: int, people: int, shot: int = 0) -> Sightings:
        """Pictures in which nobody is seen."""
        f, p = pictures, people
        return Sightings(
            np.zeros((f, p, 4), np.float32),
            np.zeros((f, p, len(KEYPOINTS), 3), np.float32),
            np.zeros((f, p), np.float32),
            np.zeros((f, p), np.float32),
            np.full((f, p, 2), np.nan, np.float32),
            np.zeros((f, p), np.float32),
            np.full(f, shot, np.int32),
        )


def concatenated(parts: Sequence[Sightings]) -> Sightings:
    """Sightings of successive stretches of one stream, put one after the other."""
    return Sightings(
        *(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Sightings))
    )


def save_sightings(path: Path, sightings: Sightings) -> None:
    """Write sightings whole or not at all; ``ResourceError`` where the disk does not allow it."""
    temporary = temporary_beside(path)
    with disk_errors(path):
        with temporary.open("xb") as handle:
            arrays = {f.name: getattr(sightings, f.name) for f in fields(Sightings)}
            np.savez(handle, allow_pickle=False, **arrays)
        temporary.replace(path)


def load_sightings(path: Path) -> Sightings:
    """The sightings of ``save_sightings``; ``DataError`` naming the file where it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return Sightings(*(arrays[f.name] for f in fields(Sightings)))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DataError(
            f"not a piece of a film: {error}",
            subject=str(path),
            remedy="remove the working folder and run again",
        ) from error
