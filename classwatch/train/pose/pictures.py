"""Labelled stills as ``classwatch simulate --images`` writes them: found again as they grow."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import DataError, InputError
from classwatch.core.pose import GLANCES
from classwatch.simulate.film.stills import acts_file

UNTOLD = -1
SEEN, HIDDEN, OUTSIDE = 2, 1, 0
"""Third number of a keypoint, as in COCO."""
_TURNED = ("turn_left", "turn_right", "turn_back")
_GLANCE = {name: place for place, name in enumerate(GLANCES)} | dict.fromkeys(
    _TURNED, GLANCES.index("turn")
)
"""Place in ``GLANCES`` of each act of a script that students do."""
_MIN_AREA_PX = 30.0
_MIN_SHARE = 0.04
"""Less of somebody than this is nobody to be found; nor is it wrong to find them."""


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Who is seen in one picture, g people, in its pixels.

    ``boxes_px`` (g, 4) float32 x0, y0, x1, y1; ``keypoints`` (g, 17, 3) float32 x, y and ``SEEN``,
    ``HIDDEN`` or ``OUTSIDE``; ``area_px`` (g,) what they cover, ``share`` (g,) of them that is
    seen; ``counts`` (g,) bool, whether they are to be found; ``act`` (g,) int64 what they do, as a
    place in ``GLANCES``, or ``UNTOLD``.
    """

    boxes_px: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    area_px: NDArray[np.float32]
    share: NDArray[np.float32]
    counts: NDArray[np.bool_]
    act: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """One labelled picture on disk."""

    path: Path
    truth: Truth


def read_stills(folder: Path, known: dict[Path, tuple[Still, ...]]) -> tuple[Still, ...]:
    """All stills of the complete scenes in ``folder``, in order of scene.

    ``known`` remembers by label file what was read, for a folder that grows while it is used.
    Raises InputError where ``folder`` holds no stills, DataError naming a damaged label file.
    """
    labels = sorted((folder / "labels").glob("*.npz"))
    if not labels:
        raise InputError(
            "holds no labelled stills",
            subject=str(folder),
            remedy="make some with `classwatch simulate --images N --out FOLDER`",
        )
    for path in labels:
        if path not in known:
            known[path] = tuple(_scene(folder / "images", path))
    return tuple(still for path in labels for still in known[path])


def _scene(images: Path, path: Path) -> list[Still]:
    scene = path.stem.rpartition("-")[0]
    try:
        with np.load(path, allow_pickle=False) as arrays:
            box, points = arrays["box_px"], arrays["keypoints"]
            share, area = arrays["share"], arrays["area_px"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DataError(f"no labels of stills: {error}", subject=str(path)) from error
    acts = acts_of_labels(acts_file(path), box.shape[:2])
    stills = []
    for number in range(len(share)):
        some = area[number] > 0
        counts = (area[number] >= _MIN_AREA_PX) & (share[number] >= _MIN_SHARE)
        truth = Truth(
            box[number][some],
            points[number][some],
            area[number][some],
            share[number][some],
            counts[some],
            acts[number][some],
        )
        stills.append(Still(images / f"{scene}-{number}.jpg", truth))
    return stills


def acts_of_labels(path: Path, shape: tuple[int, int]) -> NDArray[np.int64]:
    """What everybody (stills, people) does; all ``UNTOLD`` where older labels do not say."""
    try:
        told = json.loads(path.read_bytes())
    except FileNotFoundError:
        return np.full(shape, UNTOLD)
    except (OSError, ValueError) as error:
        raise DataError(f"no acts of stills: {error}", subject=str(path)) from error
    acts = np.asarray([glances_of(still) for still in told], np.int64)
    if acts.shape != shape:
        raise DataError("the acts are not those of the labels", subject=str(path))
    return acts


def glances_of(kinds: Sequence[str]) -> NDArray[np.int64]:
    """Places (n,) in ``GLANCES`` of what is done; ``UNTOLD`` of what only adults do."""
    return np.asarray([_GLANCE.get(str(kind), UNTOLD) for kind in kinds], np.int64)
