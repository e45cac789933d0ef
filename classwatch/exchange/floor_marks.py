"""Marked points of the floor as a manifest writes them: ``120 610 0 2; 1180 600 6 2; ...``.

Each point is four numbers: its pixel in the recording (from the left, from the top) and its place
in metres along the front wall and away from it. Points are separated by semicolons, numbers by
spaces or commas.
"""

from __future__ import annotations

import itertools
import math
import re

from classwatch.core.errors import InputError
from classwatch.core.lesson import FloorMark

MIN_POINTS = 4
_MAX_PX = 20_000.0
_MAX_M = 200.0
_FLAT = 0.02
"""A triangle flatter than this share of its longest side squared counts as a line."""
_REMEDY = (
    "four or more points as `x_px y_px x_m y_m`, separated by semicolons, such as "
    "`120 610 0 2; 1180 600 6 2; 900 300 6 8; 350 305 0 8`; no three of the four on one line"
)


def parse_marks(text: str, stream: str, place: str) -> tuple[FloorMark, ...]:
    """The points of one stream; none for an empty cell.

    Raises InputError naming ``place`` for fewer than four, for what is no number or beyond any
    room, and for points that lie on a line in the picture or on the floor.
    """
    pieces = [piece for piece in re.split("[;\n；]", text) if piece.strip()]
    if not pieces:
        return ()
    marks = tuple(_mark(piece, stream, place) for piece in pieces)
    if len(marks) < MIN_POINTS:
        raise _wrong(f"{len(marks)} marked points of the floor, and 4 are needed", place)
    for what, points in (
        ("in the picture", [(m.x_px, m.y_px) for m in marks]),
        ("on the floor", [(m.x_m, m.y_m) for m in marks]),
    ):
        if not _spans_a_plane(points):
            raise _wrong(f"the marked points of the floor lie on a line {what}", place)
    return marks


def joined_marks(value: object) -> object:
    """A YAML list of points as the text of a cell; anything else as it is."""
    if not isinstance(value, list):
        return value
    rows = [" ".join(map(str, row)) if isinstance(row, list) else str(row) for row in value]
    return "; ".join(rows)


def _mark(piece: str, stream: str, place: str) -> FloorMark:
    words = [word for word in re.split(r"[\s,，]+", piece.strip(" ()[]")) if word]
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        numbers = []
    if len(numbers) != 4:
        raise _wrong(f"the marked point {piece.strip()[:60]!r} is not four numbers", place)
    limits = (_MAX_PX, _MAX_PX, _MAX_M, _MAX_M)
    if not all(abs(n) <= limit for n, limit in zip(numbers, limits, strict=True)):
        raise _wrong(f"the marked point {piece.strip()[:60]!r} lies beyond any room", place)
    return FloorMark(stream, *numbers)


def _spans_a_plane(points: list[tuple[float, float]]) -> bool:
    """Whether four of the points make a quadrangle no three corners of which lie on a line."""
    return any(
        all(_area(*three) >= _FLAT for three in itertools.combinations(four, 3))
        for four in itertools.combinations(points[:12], 4)
    )


def _area(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    """Twice the area of a triangle over its longest side squared."""
    twice = abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]))
    longest = max(math.dist(a, b), math.dist(b, c), math.dist(a, c))
    return twice / longest**2 if longest > 0 else 0.0


def _wrong(what: str, place: str) -> InputError:
    return InputError(what, subject=place, remedy=_REMEDY)
