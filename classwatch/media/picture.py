"""From a decoded picture to a small upright RGB array: turn, mirror, pixel shape and colour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av.sidedata.sidedata import SideData
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_HD_LINES = 720
_NO_MATRIX = (2, 3)
"""FFmpeg's numbers for a matrix that is unspecified or reserved."""
_SANE_ASPECT = Fraction(10)


@dataclass(frozen=True, slots=True)
class Orientation:
    """How stored pixels become upright ones: transpose first, then mirror in x, then in y."""

    transpose: bool
    mirror_x: bool
    mirror_y: bool

    @property
    def rotation_deg(self) -> int:
        """Clockwise turn (0, 90, 180, 270); a mirrored picture counts by its turned axis."""
        if self.transpose:
            return 90 if self.mirror_x else 270
        return 180 if self.mirror_y else 0

    def apply(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Upright copy or view of ``rgb`` (h, w, 3)."""
        turned = rgb.transpose(1, 0, 2) if self.transpose else rgb
        turned = turned[:, ::-1] if self.mirror_x else turned
        return turned[::-1] if self.mirror_y else turned


UPRIGHT = Orientation(False, False, False)


def orientation(frame: VideoFrame) -> Orientation:
    """Orientation from the display matrix that travels with the frame.

    The matrix maps stored x, y to shown x, y as ``x' = a x + c y``, ``y' = b x + d y``
    (ISO/IEC 14496-12, 8.2.2); angles between are taken to the nearest quarter turn.
    """
    from av.sidedata.sidedata import Type

    # Annotated as a mapping, but walks the items themselves.
    side_data = cast("Iterable[SideData]", frame.side_data)
    found = [data for data in side_data if data.type == Type.DISPLAYMATRIX]
    if not found:
        return UPRIGHT
    matrix = np.frombuffer(bytes(found[0]), dtype=np.int32)
    if len(matrix) != 9:
        return UPRIGHT
    a, b, c, d = (int(matrix[i]) for i in (0, 1, 3, 4))
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Orientation(True, c < 0, b < 0)
    return Orientation(False, a < 0, d < 0)


def square_size(stream: VideoStream, width_px: int, height_px: int) -> tuple[int, int]:
    """Stored size with square pixels; the longer-pixel side grows, so nothing is lost."""
    aspect = stream.sample_aspect_ratio or Fraction(1)
    if not 1 / _SANE_ASPECT <= aspect <= _SANE_ASPECT:
        return width_px, height_px
    if aspect >= 1:
        return round(width_px * aspect), height_px
    return width_px, round(height_px / aspect)


def upright_size(stream: VideoStream, frame: VideoFrame) -> tuple[int, int]:
    """Width and height in square pixels after rotation."""
    width, height = square_size(stream, frame.width, frame.height)
    return (height, width) if orientation(frame).transpose else (width, height)


class Shrinker:
    """Turns decoded pictures of one track into upright RGB arrays (h, w, 3) of one size.

    One scaling step straight from the stored format. The matrix and range named by the file are
    used; where it names no matrix, pictures of 720 lines or more are read as BT.709 and smaller
    ones as BT.601, as players do.
    """

    def __init__(self, size_px: tuple[int, int]) -> None:
        """``size_px`` is the upright (width, height) of the results."""
        from av.video.reformatter import VideoReformatter

        self._size_px = size_px
        self._scaler = VideoReformatter()
        # Read once: the side data of a frame refers back to it, so asking every frame would keep
        # full-size pictures alive until the garbage collector runs.
        self._turn: Orientation | None = None

    def rgb(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """The picture as a new contiguous array."""
        from av.video.reformatter import Colorspace, Interpolation

        turn = self._turn = self._turn or orientation(frame)
        width, height = self._size_px[::-1] if turn.transpose else self._size_px
        unnamed = int(frame.colorspace) in _NO_MATRIX and frame.height >= _HD_LINES
        small = self._scaler.reformat(
            frame,
            width=width,
            height=height,
            format="rgb24",
            src_colorspace=Colorspace.ITU709 if unnamed else None,
            interpolation=(
                Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
            ),
            threads=1,
        )
        pixels = np.asarray(small.to_ndarray(), dtype=np.uint8)
        return np.ascontiguousarray(turn.apply(pixels))
