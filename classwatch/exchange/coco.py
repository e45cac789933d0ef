"""COCO keypoint annotations: people in pictures with boxes and 17 keypoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.config.yamlfile import read_text
from classwatch.core.errors import DataError, InputError
from classwatch.core.pose import KEYPOINTS, Detections
from classwatch.store.jsonio import parse_json

MOST_BYTES = 500 * 1024 * 1024
SEEN, HIDDEN = 1.0, 0.5
"""Confidences that stand for COCO's v: 2 (seen), 1 (labelled, hidden); 0 where v is 0."""
_CONFIDENCE = np.array([0.0, HIDDEN, SEEN], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class CocoPicture:
    """The annotated people of one picture, n of them.

    ``people`` has scores of 1 and keypoint confidences of 1 (seen), 0.5 (labelled but hidden) or
    0 (not labelled). ``area_px`` (n,) float64 is the segment's area; ``crowd`` (n,) marks regions
    in which people were not told apart. ``size_px`` is (width, height).
    """

    file: str
    size_px: tuple[int, int]
    people: Detections
    area_px: NDArray[np.float64]
    crowd: NDArray[np.bool_]


def read_coco(path: Path) -> Mapping[str, CocoPicture]:
    """Pictures by file name, in the order of the file. Annotations without keypoints count too.

    Raises InputError where the file is no COCO annotation, naming what is missing.
    """
    document: Any = parse_json(read_text(path, MOST_BYTES), subject=str(path))
    try:
        people_ids = {c["id"] for c in document["categories"] if c["name"] == "person"}
        by_picture: dict[Any, list[Any]] = {}
        for annotation in document["annotations"]:
            if annotation["category_id"] in people_ids:
                by_picture.setdefault(annotation["image_id"], []).append(annotation)
        return {
            str(image["file_name"]): _picture(image, by_picture.get(image["id"], []))
            for image in document["images"]
        }
    except DataError:
        raise
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(
            f"is no COCO annotation ({type(error).__name__}: {error})",
            subject=str(path),
            remedy="it needs images, categories with `person`, and annotations with bbox",
        ) from None


def _picture(image: Mapping[str, Any], annotations: list[Any]) -> CocoPicture:
    n = len(annotations)
    boxes_px = np.zeros((n, 4), np.float32)
    keypoints = np.zeros((n, len(KEYPOINTS), 3), np.float32)
    area_px = np.zeros(n)
    for i, annotation in enumerate(annotations):
        x, y, width, height = (float(v) for v in annotation["bbox"])
        boxes_px[i] = x, y, x + width, y + height
        area_px[i] = float(annotation.get("area", width * height))
        flat = annotation.get("keypoints")
        if flat:
            points = np.asarray(flat, np.float32).reshape(len(KEYPOINTS), 3)
            keypoints[i] = points
            keypoints[i, :, 2] = _CONFIDENCE[np.clip(points[:, 2].astype(int), 0, 2)]
    crowd = np.array([bool(a.get("iscrowd", 0)) for a in annotations], dtype=np.bool_)
    people = Detections(boxes_px, np.ones(n, np.float32), keypoints)
    size_px = (int(image["width"]), int(image["height"]))
    return CocoPicture(str(image["file_name"]), size_px, people, area_px, crowd)
