"""Reading the words on a screen with RapidOCR (Apache-2.0; its models come with it)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import ModelError

REMEDY = 'pip install "classwatch[ocr]", or leave slides.text at off'


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text and how sure the reader is of it, in [0, 1]."""

    text: str
    confidence: float


def read_lines(rgb: NDArray[np.uint8]) -> tuple[TextLine, ...]:
    """Lines of a picture (h, w, 3), from top to bottom and from left to right.

    Raises ``ModelError`` where RapidOCR is not installed or does not work.
    """
    try:
        found, _ = _reader()(np.ascontiguousarray(rgb[:, :, ::-1]))
    except (RuntimeError, ValueError) as error:
        raise ModelError(
            f"text on the screen cannot be read: {error}", subject="RapidOCR", remedy=REMEDY
        ) from error
    rows = [(_top_left(box), TextLine(str(text), float(sure))) for box, text, sure in found or ()]
    return tuple(line for _, line in sorted(rows, key=lambda row: row[0]))


def _top_left(box: Any) -> tuple[int, float]:
    """Order of reading: rows of some 16 pixels, then across."""
    x, y = (float(v) for v in np.asarray(box, np.float64).min(axis=0))
    return round(y / 16), x


@cache
def _reader() -> Any:
    try:
        reader = import_module("rapidocr_onnxruntime").RapidOCR
    except ImportError as error:
        raise ModelError(
            "reading text on a screen needs RapidOCR, which is not installed",
            subject="slides.text",
            remedy=REMEDY,
        ) from error
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return reader(intra_op_num_threads=1, inter_op_num_threads=1)
