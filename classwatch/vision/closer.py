"""One picture looked at whole and in crops, as one list of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import Detections
from classwatch.vision.doubles import without_doubles
from classwatch.vision.engine import PoseEngine
from classwatch.vision.tiles import Tile

_CUT_SHARE = 0.08
"""A box that ends this close to the edge of a crop, as a share of its own longer side, is taken to
be cut off: models end the boxes of cut bodies up to a tenth before the edge. On held-out rendered
classes 0.02 of each side left 6 % of all boxes to be parts of people, 0.06 to 0.1 less than 3."""


def look_closer(
    engine: PoseEngine, picture: NDArray[np.uint8], people: Detections, tiles: Sequence[Tile]
) -> Detections:
    """``people`` found in the whole picture (h, w, 3), and those whom the crops show besides.

    ``tiles`` are in pixels of ``picture``. Of a person seen twice the look with the higher score
    counts. The result does not depend on the order of ``tiles``.
    """
    if not tiles:
        return people
    height, width = picture.shape[:2]
    crops = [picture[t.top_px : t.bottom_px, t.left_px : t.right_px] for t in tiles]
    found = [people]
    for tile, part in zip(tiles, engine.detect(crops), strict=True):
        found.append(_placed(part, tile, (width, height)))
    return without_doubles(stacked(found))


def stacked(found: Sequence[Detections]) -> Detections:
    """All the people of several lists, one list after the other."""
    return Detections(
        *(
            np.concatenate([getattr(d, part.name) for d in (Detections.empty(), *found)])
            for part in fields(Detections)
        )
    )


def _placed(people: Detections, tile: Tile, size_px: tuple[int, int]) -> Detections:
    """People of a crop in pixels of the picture, without those whom its edge cuts off."""
    boxes = people.boxes_px
    slack = np.maximum(_CUT_SHARE * (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0.0), 1.0)
    width, height = tile.size_px
    whole = (boxes[:, 0] > slack) | (tile.left_px == 0)
    whole &= (boxes[:, 1] > slack) | (tile.top_px == 0)
    whole &= (boxes[:, 2] < width - slack) | (tile.right_px == size_px[0])
    whole &= (boxes[:, 3] < height - slack) | (tile.bottom_px == size_px[1])
    origin = np.array([tile.left_px, tile.top_px], np.float32)
    shown = people.take(np.flatnonzero(whole))
    keypoints = shown.keypoints.copy()
    keypoints[..., :2] += origin
    return replace(shown, boxes_px=shown.boxes_px + np.tile(origin, 2), keypoints=keypoints)
