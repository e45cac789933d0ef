"""YOLO label files: one box a line, ``class x y width height`` as shares of the picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from classwatch.config.yamlfile import read_text
from classwatch.core.errors import InputError
from classwatch.core.pose import KEYPOINTS, Detections

_BOX_FIELDS = (5, 6)
_FORM = "a line reads: class x_middle y_middle width height, as shares of the picture"


def read_yolo_boxes(
    path: Path, size_px: tuple[int, int], people_classes: tuple[int, ...] | None = None
) -> tuple[Detections, tuple[int, ...]]:
    """People's boxes in pixels of a picture of ``size_px``, and the class of each.

    ``people_classes``: which classes are people (None: every class, as in classroom data sets where
    the classes are acts). Keypoints are all absent (confidence 0), scores 1 or the sixth field.
    Raises InputError naming a line that is not of this form.
    """
    boxes: list[tuple[float, float, float, float]] = []
    scores: list[float] = []
    classes: list[int] = []
    width_px, height_px = size_px
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        fields = line.split()
        try:
            kind = int(fields[0])
            x, y, width, height, *score = (float(field) for field in fields[1:])
        except (ValueError, IndexError):
            raise _refused(path, number, line) from None
        shares_good = all(0.0 <= v <= 1.0 for v in (x, y, width, height, *score))
        if len(fields) not in _BOX_FIELDS or not shares_good:
            raise _refused(path, number, line)
        if people_classes is not None and kind not in people_classes:
            continue
        left, top = (x - width / 2) * width_px, (y - height / 2) * height_px
        boxes.append((left, top, left + width * width_px, top + height * height_px))
        scores.append(score[0] if score else 1.0)
        classes.append(kind)
    people = Detections(
        np.asarray(boxes, np.float32).reshape(-1, 4),
        np.asarray(scores, np.float32),
        np.zeros((len(boxes), len(KEYPOINTS), 3), np.float32),
    )
    return people, tuple(classes)


def _refused(path: Path, number: int, line: str) -> InputError:
    return InputError(
        f"{line.strip()[:60]!r} is no box", subject=f"{path}, line {number}", remedy=_FORM
    )
