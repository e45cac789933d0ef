"""Where to look closer: small crops of the picture at high resolution, chosen once for a camera.

A pose model finds a body by how many pixels of its input the body fills. The camera and the seats
stand still, so a few pictures looked at closely everywhere say where small bodies are; every other
picture is then seen whole at the usual size, and once more in the crops that bring the most people
into reach for the fewest pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.vision.body import upright

_HEIGHTS = np.array([20.0, 30.0, 42.0, 50.0, 57.0, 65.0, 75.0, 90.0, 120.0])
_FOUND = np.array([0.0, 0.15, 0.5, 0.66, 0.78, 0.9, 0.94, 0.975, 0.98])
"""Share of the people of a height in the model's input, in pixels, whom yolov8n-pose finds: 7,200
sightings of rendered classes at five input sizes."""
_STRIDE_PX = 32
_PLACE_HEIGHTS = 0.4
"""Sightings nearer to each other than this share of their height are one place."""
_SAME_BOX = 0.4
"""Boxes of two looks that overlap by this show the same person."""
_MARGIN = 0.3
"""What a crop shows around a box, as a share of the box height."""
_WIDTHS = (1 / 2, 5 / 8, 3 / 4, 7 / 8, 1.0, 5 / 4, 3 / 2, 7 / 4)
"""Widths of crops in model inputs: what the model sees of a crop is enlarged by the inverse."""
_MOST_TILES = 8
_ASPECTS = (0.2, 0.35, 0.5)
"""Heights of crops against their widths: few, for each shape is compiled and kept in memory."""
_INSIDE = 0.1
"""A place is in a crop with this share of its height to spare."""
_STANDING = 4.0
"""What somebody counts who stands in full view: the teacher is one of many, and half of the
measures are about the teacher."""
_LEAST_GAIN = 0.015
"""Least gain in people found for the price of one whole picture."""
SURVEY_SCALE = 1.25
"""Enlargement at which a survey looks everywhere: 60 pixels are then found nine times in ten."""
_SURVEY_OVERLAP_PX = 160


@dataclass(frozen=True, slots=True)
class Tile:
    """A crop in pixels of a picture, the lower and right edges outside it."""

    left_px: int
    top_px: int
    right_px: int
    bottom_px: int

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self.right_px - self.left_px, self.bottom_px - self.top_px


@dataclass(frozen=True, slots=True)
class TilePlan:
    """What is looked at in each picture besides the whole.

    ``size_px`` is the (width, height) of the picture that ``tiles`` are crops of. ``cost`` is in
    whole pictures at the usual size, the whole picture's own 1 included; ``places`` how many places
    of people the survey found, ``found`` the share of them, weighted as in planning, expected to be
    found with the crops, ``found_whole`` without.
    """

    size_px: tuple[int, int]
    tiles: tuple[Tile, ...]
    cost: float
    places: int
    found: float
    found_whole: float


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where people were seen, k places: boxes (k, 4), the number of sightings (k,), and in how
    many of them (k,) the whole picture alone was enough."""

    boxes_px: NDArray[np.float64]
    weight: NDArray[np.float64]
    easy: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.weight)


@dataclass(frozen=True, slots=True, eq=False)
class Surveyed:
    """Boxes (n, 4) of the people in one picture looked at everywhere, and whom of them (n,) the
    whole picture showed without."""

    boxes_px: NDArray[np.float32]
    easy: NDArray[np.bool_]

    @staticmethod
    def compare(boxes_px: NDArray[np.float32], whole_px: NDArray[np.float32]) -> Surveyed:
        """The survey that found ``boxes_px`` where the whole picture alone shows ``whole_px``."""
        overlap = _overlap(boxes_px, whole_px).max(axis=1, initial=0.0)
        return Surveyed(boxes_px, overlap >= _SAME_BOX)


def _overlap(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union (n, m)."""
    low = np.maximum(left[:, None, :2], right[None, :, :2])
    high = np.minimum(left[:, None, 2:], right[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    area = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (left, right)]
    total = area[0][:, None] + area[1][None, :] - shared
    return np.asarray(shared / np.maximum(total, 1e-6), np.float32)


def places_of(surveys: Sequence[Surveyed]) -> Places:
    """Places of the people found in several pictures: boxes that nearly coincide are one place."""
    stacked = np.concatenate([np.zeros((0, 4)), *(s.boxes_px for s in surveys)]).astype(np.float64)
    easy = np.concatenate([np.zeros(0), *(s.easy for s in surveys)]).astype(np.float64)
    heights = stacked[:, 3] - stacked[:, 1]
    middle = (stacked[:, :2] + stacked[:, 2:]) / 2
    left = np.argsort(-heights, kind="stable")
    boxes: list[NDArray[np.float64]] = []
    weight: list[float] = []
    easily: list[float] = []
    while len(left):
        first = left[0]
        away = np.linalg.norm(middle[left] - middle[first], axis=1)
        same = away <= _PLACE_HEIGHTS * heights[first]
        boxes.append(np.median(stacked[left[same]], axis=0))
        weight.append(float(same.sum()))
        easily.append(float(easy[left[same]].sum()))
        left = left[~same]
    return Places(np.asarray(boxes).reshape(-1, 4), np.asarray(weight), np.asarray(easily))


def survey_tiles(size_px: tuple[int, int], input_px: int) -> tuple[Tile, ...]:
    """Overlapping crops that show the whole picture enlarged by ``SURVEY_SCALE``."""
    width, height = size_px
    side = min(round(input_px / SURVEY_SCALE), max(width, height))
    if side >= max(width, height):
        return ()
    rows = _starts(height, min(side, height))
    return tuple(
        Tile(x, y, x + min(side, width), y + min(side, height))
        for y in rows
        for x in _starts(width, min(side, width))
    )


def survey_price(size_px: tuple[int, int], input_px: int) -> float:
    """What looking everywhere costs besides the whole picture, in whole pictures.

    A square crop of a wide picture costs more than the picture itself: more of the model's input
    is filled.
    """
    everywhere = sum(_input_area(t.size_px, input_px) for t in survey_tiles(size_px, input_px))
    return everywhere / _input_area(size_px, input_px)


def _starts(whole_px: int, part_px: int) -> list[int]:
    if part_px >= whole_px:
        return [0]
    count = -(-(whole_px - _SURVEY_OVERLAP_PX) // max(part_px - _SURVEY_OVERLAP_PX, 1))
    return [round(s) for s in np.linspace(0, whole_px - part_px, max(count, 2)).tolist()]


def plan_tiles(
    places: Places, size_px: tuple[int, int], input_px: int, most_cost: float
) -> TilePlan:
    """The crops that raise the expected number of people found most for each pixel, whoever stands
    counting more.

    Greedy: the crop with the best gain for its price is taken, as long as everything together
    costs at most ``most_cost`` whole pictures and the gain is worth it. ``size_px`` is (width,
    height) of the picture that ``places`` are in, ``input_px`` the longer side of the model's
    input.
    """
    whole_px = _input_area(size_px, input_px)
    widths, heights = (places.boxes_px[:, 2:] - places.boxes_px[:, :2]).T
    weight = places.weight * np.where(upright(widths, heights), _STANDING, 1.0)
    weight /= max(float(weight.sum()), 1.0)
    # What is known of a height counts as one look, beside the looks at this very place.
    expected = _found(heights * input_px / max(size_px))
    found = (expected + places.easy) / (1.0 + places.weight)
    before = float(weight @ found)
    crops = _crops(places, np.flatnonzero(found < _FOUND[-2]), size_px, input_px)
    price = np.array([_input_area(t.size_px, input_px) / whole_px for t in crops])
    reach = np.stack([_reach(t, places, input_px) for t in crops]) if crops else None
    tiles: list[Tile] = []
    cost = 1.0
    while reach is not None and len(tiles) < _MOST_TILES:
        gain = (np.maximum(reach - found, 0.0) @ weight) / price
        gain[cost + price > most_cost + 1e-9] = 0.0
        best = int(np.argmax(gain))
        if gain[best] < _LEAST_GAIN:
            break
        tiles.append(crops[best])
        cost += float(price[best])
        found = np.maximum(found, reach[best])
    tiles.sort(key=lambda t: (t.top_px, t.left_px))
    return TilePlan(
        size_px,
        tuple(tiles),
        round(cost, 3),
        len(places),
        round(float(weight @ found), 3),
        round(before, 3),
    )


def _found(model_heights_px: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.interp(model_heights_px, _HEIGHTS, _FOUND)
    return found


def _input_area(size_px: tuple[int, int], input_px: int) -> int:
    """Pixels of the model's input for a picture whose longer side becomes ``input_px``."""
    longer = max(size_px)
    sides = (-(-round(side * input_px / longer) // _STRIDE_PX) * _STRIDE_PX for side in size_px)
    first, second = sides
    return first * second


def _crops(
    places: Places, needy: NDArray[np.intp], size_px: tuple[int, int], input_px: int
) -> list[Tile]:
    """Crops whose left edge is that of one place and whose upper edge is that of another."""
    boxes = places.boxes_px[needy]
    margin = _MARGIN * (boxes[:, 3] - boxes[:, 1])
    lefts = np.unique(np.maximum(boxes[:, 0] - margin, 0).astype(int))
    tops = np.unique(np.maximum(boxes[:, 1] - margin, 0).astype(int))
    crops: dict[Tile, None] = {}
    for share in _WIDTHS:
        width = round(share * input_px)
        if width >= max(size_px):
            continue
        for part in _ASPECTS:
            height = min(round(part * width), size_px[1])
            for left in lefts.tolist():
                x = min(left, size_px[0] - width)
                for top in tops.tolist():
                    y = min(top, size_px[1] - height)
                    crops[Tile(x, y, x + width, y + height)] = None
    return list(crops)


def _reach(tile: Tile, places: Places, input_px: int) -> NDArray[np.float64]:
    """Share (k,) of the people at each place whom a look at the crop finds; 0 outside it."""
    boxes = places.boxes_px
    heights = boxes[:, 3] - boxes[:, 1]
    spare = _INSIDE * heights
    inside = (boxes[:, 0] - spare >= tile.left_px) | (tile.left_px == 0)
    inside &= boxes[:, 2] + spare <= tile.right_px
    inside &= (boxes[:, 1] - spare >= tile.top_px) | (tile.top_px == 0)
    inside &= boxes[:, 3] + spare <= tile.bottom_px
    scale = input_px / max(tile.size_px)
    return np.where(inside, _found(heights * scale), 0.0)


def model_scale(
    boxes_px: NDArray[np.float32], size_px: tuple[int, int], plan: TilePlan | None, input_px: int
) -> NDArray[np.float32]:
    """Pixels of the model's input for each pixel of the recording (n,), in each box's closest look.

    ``boxes_px`` (n, 4) in pixels of the full-size picture of ``size_px``.
    """
    # A recording without a picture has no size.
    scale = np.full(len(boxes_px), input_px / max(*size_px, 1), np.float32)
    if plan is None:
        return scale
    share = max(plan.size_px) / max(size_px)
    middle = (boxes_px[:, :2] + boxes_px[:, 2:]) / 2 * share
    for tile in plan.tiles:
        inside = (middle >= (tile.left_px, tile.top_px)).all(axis=1)
        inside &= (middle < (tile.right_px, tile.bottom_px)).all(axis=1)
        closer = np.float32(share * input_px / max(tile.size_px))
        scale[inside] = np.maximum(scale[inside], closer)
    return scale
