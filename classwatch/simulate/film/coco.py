"""The people of pictures in the COCO keypoints format.

https://cocodataset.org/#format-data: pixels from the upper left corner, boxes as x, y, width and
height, keypoints as x, y, v with v = 2 seen, 1 hidden, 0 outside the picture. Somebody of whom
too little is seen to count is marked ``iscrowd``, which scorers pass over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.pose import KEYPOINTS
from classwatch.simulate.film.sightings import OUTSIDE, Sightings
from classwatch.store.files import disk_errors, temporary_beside
from classwatch.store.jsonio import canonical_json

SKELETON = (
    (16, 14), (14, 12), (17, 15), (15, 13), (12, 13), (6, 12), (7, 13), (6, 7), (6, 8), (7, 9),
    (8, 10), (9, 11), (2, 3), (1, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 7),
)  # fmt: skip
"""Bones of the COCO person, by keypoint numbers from 1."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a data set: its number from 1, file name and size."""

    number: int
    file_name: str
    width_px: int
    height_px: int
    time_s: float | None = None
    """Time on the lesson clock, for pictures of a film."""


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Successive pictures and who is seen in them: one row of ``sightings`` for each picture."""

    pictures: Sequence[Picture]
    sightings: Sightings


def write_coco(path: Path, description: str, groups: Iterable[Pictures]) -> None:
    """Write one COCO file of all ``groups``, whole or not at all; the same data, the same bytes.

    Numbers of annotations count from 1 in order. Raises ``ResourceError`` where the disk does not
    allow it.
    """
    images: list[bytes] = []
    annotations: list[bytes] = []
    for group in groups:
        images += [canonical_json(_image(picture)) for picture in group.pictures]
        records = _annotations(group, before=len(annotations))
        annotations.extend(canonical_json(record) for record in records)
    head = {"description": description, "version": "1"}
    category = {
        "id": 1,
        "name": "person",
        "supercategory": "person",
        "keypoints": list(KEYPOINTS),
        "skeleton": [list(bone) for bone in SKELETON],
    }
    parts = (
        b'{"info":' + canonical_json(head),
        b',"licenses":[],"categories":[' + canonical_json(category) + b"]",
        b',"images":[\n' + b",\n".join(images) + b"\n]",
        b',"annotations":[\n' + b",\n".join(annotations) + b"\n]}\n",
    )
    temporary = temporary_beside(path)
    with disk_errors(path):
        temporary.write_bytes(b"".join(parts))
        temporary.replace(path)


def _image(picture: Picture) -> dict[str, object]:
    record: dict[str, object] = {
        "id": picture.number,
        "file_name": picture.file_name,
        "width": picture.width_px,
        "height": picture.height_px,
    }
    if picture.time_s is not None:
        record["time_s"] = round(picture.time_s, 6)
    return record


def _annotations(group: Pictures, before: int) -> Iterator[dict[str, object]]:
    sightings = group.sightings
    seen, barely = sightings.seen(), sightings.barely()
    number = before
    for row, picture in enumerate(group.pictures):
        for person in np.flatnonzero(seen[row] | barely[row]).tolist():
            number += 1
            x0, y0, x1, y1 = (float(v) for v in sightings.box_px[row, person])
            points = sightings.keypoints[row, person]
            yield {
                "id": number,
                "image_id": picture.number,
                "category_id": 1,
                "iscrowd": int(barely[row, person]),
                "area": round(float(sightings.area_px[row, person]), 1),
                "bbox": [round(v, 1) for v in (x0, y0, x1 - x0, y1 - y0)],
                "num_keypoints": int((points[:, 2] != OUTSIDE).sum()),
                "keypoints": _flat(points),
            }


def _flat(points: NDArray[np.float32]) -> list[float | int]:
    flat: list[float | int] = []
    for x, y, code in points.tolist():
        flat += [0, 0, 0] if code == OUTSIDE else [round(x, 1), round(y, 1), int(code)]
    return flat
