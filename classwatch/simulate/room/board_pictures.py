"""Pictures of boards and slides: textures for the room and the stream of the teacher's screen."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.room.board import BoardContent, Slide, SlideKind, slide_at
from classwatch.simulate.room.canvas import Canvas
from classwatch.simulate.room.chance import Colour, stream
from classwatch.simulate.room.look import Board, RoomLook, Screen
from classwatch.simulate.room.textures import slate
from classwatch.simulate.timeline import Timeline

BOARD_PX = (2048, 512)
SCREEN_PX = (1024, 512)
_TONES: dict[Board, Colour] = {
    Board.GREEN: (0.16, 0.31, 0.25),
    Board.BLACK: (0.17, 0.19, 0.19),
    Board.WHITE: (0.93, 0.94, 0.945),
}
_CHALKS: tuple[Colour, ...] = ((0.93, 0.94, 0.9), (0.96, 0.9, 0.55), (0.95, 0.62, 0.62))
_PENS: tuple[Colour, ...] = ((0.1, 0.13, 0.3), (0.7, 0.12, 0.12), (0.08, 0.35, 0.2))
_THEMES: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((0.97, 0.97, 0.96), (0.14, 0.33, 0.58), (0.9, 0.55, 0.15)),
    ((0.98, 0.96, 0.9), (0.55, 0.2, 0.16), (0.2, 0.45, 0.35)),
    ((0.93, 0.97, 0.95), (0.1, 0.42, 0.34), (0.85, 0.35, 0.3)),
    ((0.1, 0.16, 0.3), (0.92, 0.94, 0.98), (0.95, 0.75, 0.25)),
    ((0.95, 0.96, 0.99), (0.35, 0.22, 0.52), (0.2, 0.55, 0.7)),
)


def slide_picture(
    timeline: Timeline, time_s: float, width_px: int, height_px: int
) -> NDArray[np.uint8]:
    """What the teacher's screen shows at ``time_s``, (height_px, width_px, 3) uint8 sRGB."""
    slide = slide_at(timeline, time_s)
    return paint_slide(slide, width_px, height_px)


def screen_texture(content: BoardContent, *, lit: bool = True) -> NDArray[np.uint8]:
    """The screen in the room; dark where nothing is shown."""
    width, height = SCREEN_PX
    return paint_slide(content.slide if lit else None, width, height)


def board_texture(content: BoardContent, look: RoomLook, seed: int) -> NDArray[np.uint8]:
    """The board with what is written on it, as far apart as the screen before it allows."""
    width, height = BOARD_PX
    rng = stream(seed, "slate")
    sheet = Canvas.over(slate(rng, _TONES[look.board], width, height))
    inks = _PENS if look.board is Board.WHITE else _CHALKS
    for number, (line, (x, y, room_px)) in enumerate(
        zip(content.lines, _places(look.screen, width, height), strict=False)
    ):
        _write(sheet, line, (x, y), room_px, inks[0 if number % 4 else number // 4 % 3])
    return sheet.pixels()


def _places(screen: Screen, width: int, height: int) -> list[tuple[float, float, float]]:
    """Upper left corner and width in pixels of each line: the title first, then by columns."""
    if screen in (Screen.PANEL, Screen.PULLED):
        left, right, wide = 0.025, 0.8, 0.175
    elif screen is Screen.SIDE:
        left, right, wide = 0.04, 0.36, 0.29
    else:
        left, right, wide = 0.08, 0.54, 0.38
    tops = (0.1, 0.33, 0.54, 0.75)
    spots = [(left, t) for t in tops] + [(right, t) for t in tops]
    return [(x * width, y * height, wide * width) for x, y in spots]


def _write(sheet: Canvas, line: str, at: tuple[float, float], room_px: float, ink: Colour) -> None:
    """One line by hand: each stroke of letters a little off the straight."""
    rng = stream(len(line), line)
    size = min(78, int(room_px / max(1.0, sheet.text_width(line, 100)) * 100))
    x, y = at
    slope = float(rng.normal(0, 0.02))
    for character in line:
        wide = sheet.text_width(character, size)
        lift = float(rng.normal(0, size * 0.03))
        big = max(8, int(size * rng.uniform(0.9, 1.08)))
        sheet.text((x, y + lift), character, big, ink, 1)
        x += wide * 1.02
        y += slope * wide


def paint_slide(slide: Slide | None, width: int, height: int) -> NDArray[np.uint8]:
    """A slide at any size; None is a screen that is off."""
    if slide is None:
        return Canvas(width, height, (0.03, 0.03, 0.035)).pixels()
    if slide.kind is SlideKind.FILM:
        return _film(slide, width, height)
    ground, main, accent = _THEMES[slide.style % len(_THEMES)]
    sheet = Canvas(width, height, ground)
    if slide.kind is SlideKind.TITLE:
        _title_slide(sheet, slide, main, accent)
        return sheet.pixels()
    sheet.rectangle((0, 0), (width, height * 0.14), main)
    light = ground if sum(main) < 1.6 else (0.1, 0.14, 0.25)
    box = ((width * 0.04, height * 0.015), (width * 0.7, height * 0.125))
    sheet.fitted(box, slide.title, light)
    right = 0.58 if slide.kind is SlideKind.PICTURE else 0.94
    _points(sheet, slide, (main, accent), right)
    if slide.kind is SlideKind.PICTURE:
        _figure(sheet, slide, main, accent)
    if slide.kind is SlideKind.TASK:
        sheet.disc((width * 0.9, height * 0.82), height * 0.1, accent)
        sheet.fitted(
            ((width * 0.86, height * 0.75), (width * 0.94, height * 0.89)),
            f"{3 + slide.number % 5}'",
            ground,
        )
    return sheet.pixels()


def _title_slide(sheet: Canvas, slide: Slide, main: Colour, accent: Colour) -> None:
    width, height = sheet.width, sheet.height
    sheet.rectangle((0, height * 0.62), (width, height), main)
    sheet.rectangle((0, height * 0.62), (width, height * 0.64), accent)
    sheet.fitted(((width * 0.1, height * 0.24), (width * 0.9, height * 0.52)), slide.title, main)
    sheet.disc((width * 0.86, height * 0.16), height * 0.07, accent)
    for k, point in enumerate(slide.points[:2]):
        top = height * (0.7 + 0.11 * k)
        sheet.fitted(((width * 0.3, top), (width * 0.7, top + height * 0.1)), point, (1, 1, 1))


def _points(sheet: Canvas, slide: Slide, inks: tuple[Colour, Colour], right: float) -> None:
    main, accent = inks
    width, height = sheet.width, sheet.height
    size, weight = int(height * 0.075), max(1, height // 360)
    for k, point in enumerate(slide.points):
        y = height * (0.22 + 0.14 * k)
        sheet.disc((width * 0.06, y + size * 0.65), size * 0.22, accent)
        fit = (right - 0.1) * width / max(1.0, sheet.text_width(point, size))
        sheet.text((width * 0.09, y), point, max(6, int(size * min(1.0, fit))), main, weight)


def _figure(sheet: Canvas, slide: Slide, main: Colour, accent: Colour) -> None:
    """A diagram, a landscape or a chart in the right half."""
    width, height = sheet.width, sheet.height
    x0, y0, x1, y1 = 0.62 * width, 0.22 * height, 0.96 * width, 0.9 * height
    rng = stream(slide.style, f"figure {slide.number}")
    choice = int(rng.integers(3))
    if choice == 0:
        sheet.rectangle((x0, y0), (x1, y1), (0.62, 0.8, 0.92))
        sheet.disc(
            (x1 - 0.2 * (x1 - x0), y0 + 0.2 * (y1 - y0)), 0.09 * (y1 - y0), (0.98, 0.85, 0.4)
        )
        low = y0 + 0.7 * (y1 - y0)
        peaks = np.linspace(x0, x1, 6)
        tops = [(float(x), low - float(rng.uniform(0, 0.4)) * (y1 - y0)) for x in peaks]
        sheet.polygon([(x0, y1), *tops, (x1, y1)], (0.3, 0.52, 0.32))
        sheet.rectangle((x0, low + 0.1 * (y1 - y0)), (x1, y1), (0.45, 0.62, 0.38))
    elif choice == 1:
        for k in range(5):
            left = x0 + (k + 0.15) * (x1 - x0) / 5
            top = y1 - float(rng.uniform(0.2, 0.95)) * (y1 - y0)
            tone = accent if k % 2 else main
            sheet.rectangle((left, top), (left + 0.7 * (x1 - x0) / 5, y1), tone)
        sheet.line([(x0, y0), (x0, y1), (x1, y1)], main, max(2, width // 300))
    else:
        corners = [(x0, y1), (x1, y1), (x0 + float(rng.uniform(0.1, 0.8)) * (x1 - x0), y0)]
        sheet.polygon(corners, tuple_mix(accent, (1, 1, 1), 0.7))
        sheet.line([*corners, corners[0]], main, max(2, width // 250))
        radius = (y1 - y0) * 0.16
        sheet.ring(((x0 + x1) / 2, y1 - radius * 1.4), radius, main, max(2, width // 300))


def tuple_mix(first: Colour, second: Colour, share: float) -> Colour:
    """``share`` of ``second`` in ``first``."""
    red, green, blue = (a * (1 - share) + b * share for a, b in zip(first, second, strict=True))
    return red, green, blue


def _film(slide: Slide, width: int, height: int) -> NDArray[np.uint8]:
    """A landscape with a sun, clouds and a train that move with the film's time."""
    rng = stream(slide.style, "film")
    day = 0.5 + 0.5 * math.sin(0.05 * slide.film_s + float(rng.uniform(0, 6)))
    sky = tuple_mix((0.12, 0.16, 0.35), (0.55, 0.76, 0.95), day)
    sheet = Canvas(width, height, sky)
    pan = slide.film_s * 0.03
    sheet.disc(
        (width * (0.2 + 0.6 * day), height * (0.5 - 0.35 * day)), height * 0.07, (1, 0.9, 0.6)
    )
    for layer, tone in enumerate(((0.45, 0.55, 0.62), (0.32, 0.46, 0.36), (0.24, 0.38, 0.2))):
        base, swing = 0.55 + 0.14 * layer, 0.12 - 0.03 * layer
        phase = float(rng.uniform(0, 6))
        xs = np.linspace(0, 1, 40)
        shift = pan * (1 + 2 * layer) + phase
        ys = base + swing * (np.sin(7 * xs + shift) + 0.5 * np.sin(17 * xs + 2 * shift)) / 1.5
        line = [(float(x) * width, float(y) * height) for x, y in zip(xs, ys, strict=True)]
        lit = tuple_mix(tone, (0.02, 0.03, 0.06), 0.6 * (1 - day))
        sheet.polygon([(0, height), *line, (width, height)], lit)
    head = (slide.film_s * 0.09 % 1.6 - 0.3) * width
    for car in range(4):
        left = head - car * 0.09 * width
        tone = (0.8, 0.2, 0.15) if car == 0 else (0.85, 0.83, 0.75)
        sheet.rectangle((left, height * 0.78), (left + 0.085 * width, height * 0.85), tone)
        for wheel in (0.02, 0.065):
            sheet.disc((left + wheel * width, height * 0.86), height * 0.012, (0.1, 0.1, 0.1))
    for k, point in enumerate(slide.points[:1]):
        box = ((width * 0.1, height * (0.9 + 0.05 * k)), (width * 0.9, height * 0.985))
        sheet.fitted(box, point[:40], (1, 1, 1), 1)
    return sheet.pixels()
