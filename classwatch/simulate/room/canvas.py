"""A sheet to draw on: text, lines and shapes, for boards, posters, covers and slides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.room.chance import Colour
from classwatch.simulate.room.lettering import font, has_han

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

Ink = tuple[int, int, int]
Xy = tuple[float, float]


class Canvas:
    """A picture ``width`` by ``height`` pixels, origin upper left; colours are sRGB from 0 to 1."""

    def __init__(self, width: int, height: int, ground: Colour = (1.0, 1.0, 1.0)) -> None:
        from PIL import Image, ImageDraw

        self.width, self.height = width, height
        self._image: Image.Image = Image.new("RGB", (width, height), _ink(ground))
        self._draw: ImageDraw.ImageDraw = ImageDraw.Draw(self._image)

    @classmethod
    def over(cls, pixels: NDArray[np.uint8]) -> Canvas:
        """A canvas that starts from a picture (h, w, 3)."""
        from PIL import Image, ImageDraw

        canvas = cls(1, 1)
        canvas.height, canvas.width = pixels.shape[:2]
        canvas._image = Image.fromarray(pixels)
        canvas._draw = ImageDraw.Draw(canvas._image)
        return canvas

    def pixels(self) -> NDArray[np.uint8]:
        """What has been drawn, (height, width, 3) uint8."""
        return np.array(self._image, np.uint8)

    def rectangle(self, low: Xy, high: Xy, fill: Colour) -> None:
        """A filled rectangle from its upper left to its lower right corner."""
        (x0, y0), (x1, y1) = low, high
        self._draw.rectangle((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), _ink(fill))

    def frame(self, low: Xy, high: Xy, line: Colour, width: int = 2) -> None:
        """The outline of a rectangle."""
        self._draw.rectangle((*low, *high), outline=_ink(line), width=width)

    def disc(self, middle: Xy, radius: float, fill: Colour) -> None:
        """A filled circle."""
        x, y = middle
        self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), _ink(fill))

    def ring(self, middle: Xy, radius: float, line: Colour, width: int = 2) -> None:
        """The outline of a circle."""
        x, y = middle
        corners = (x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse(corners, outline=_ink(line), width=width)

    def polygon(self, points: Sequence[Xy], fill: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon(list(points), _ink(fill))

    def line(self, points: Sequence[Xy], line: Colour, width: int = 2) -> None:
        """A line through ``points``."""
        self._draw.line(list(points), _ink(line), width, joint="curve")

    def text_width(self, text: str, size_px: int) -> float:
        """How wide ``text`` comes out, in pixels."""
        letters = font(size_px, has_han(text))
        return len(text) * size_px if letters is None else float(letters.getlength(text))

    def text(self, at: Xy, text: str, size_px: int, ink: Colour, weight: int = 0) -> None:
        """``text`` with its upper left corner at ``at``; ``weight`` px make its strokes thicker."""
        letters = font(size_px, has_han(text))
        if letters is None:
            self._scribble(at, text, size_px, ink)
            return
        self._draw.text(at, text, _ink(ink), letters, stroke_width=weight)

    def fitted(self, box: tuple[Xy, Xy], text: str, ink: Colour, weight: int = 0) -> None:
        """``text`` in one line, as large as ``box`` (upper left, lower right) allows, centred."""
        (x0, y0), (x1, y1) = box
        size = max(6, int((y1 - y0) * 0.8))
        wide = self.text_width(text, size)
        if wide > x1 - x0:
            size = max(6, int(size * (x1 - x0) / wide))
            wide = self.text_width(text, size)
        self.text(((x0 + x1 - wide) / 2, (y0 + y1 - 1.25 * size) / 2), text, size, ink, weight)

    def _scribble(self, at: Xy, text: str, size_px: int, ink: Colour) -> None:
        """Marks with the rhythm of characters, for machines without a font that has them."""
        x, y = at
        for character in text:
            bits = ord(character)
            for k in range(4):
                level = y + size_px * (0.15 + 0.22 * k)
                inset = 0.1 + 0.06 * ((bits >> k) & 3)
                ends = [(x + size_px * inset, level), (x + size_px * (0.95 - inset), level)]
                self.line(ends, ink, max(1, size_px // 14))
            stem = x + size_px * (0.3 + 0.1 * (bits & 3))
            self.line(
                [(stem, y + size_px * 0.1), (stem, y + size_px * 0.9)], ink, max(1, size_px // 12)
            )
            x += size_px


def _ink(colour: Colour) -> Ink:
    red, green, blue = (round(255 * min(1.0, max(0.0, c))) for c in colour)
    return red, green, blue
