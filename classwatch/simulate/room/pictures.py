"""What hangs and lies in classrooms: posters, slogans, a flag, bulletin walls, covers, paper."""

from __future__ import annotations

import math

import numpy as np

from classwatch.simulate.room.canvas import Canvas
from classwatch.simulate.room.chance import Colour, muted, pick
from classwatch.simulate.room.textures import Texture

SLOGANS = (
    "好好学习 天天向上",
    "勤学 善思 明理 笃行",
    "团结 紧张 严肃 活泼",
    "尊师 守纪 勤奋 进取",
    "书山有路勤为径",
    "学而时习之 不亦说乎",
    "今天你读书了吗",
)
SLOGANS_EN = ("DREAM BIG  WORK HARD", "BE KIND  BE CURIOUS", "READ  THINK  SHARE", "ROOM 12")
BULLETINS = ("学习园地", "班级风采", "我们的作品", "快乐成长", "书香班级")
BULLETINS_EN = ("OUR WORK", "READING CORNER", "SCIENCE WALL", "STAR WRITERS")
NOTICES = ("班级公约", "课程表", "值日表", "光荣榜", "小学生守则")
NOTICES_EN = ("CLASS RULES", "TIMETABLE", "JOBS", "WORLD MAP", "FRACTIONS")
COVER_CELLS = 8
"""Covers and papers lie in a square of this many cells a side in one texture."""
PAPER_ROWS = 3
"""The lowest rows of cells are printed pages, the others covers."""
_RED: Colour = (0.83, 0.11, 0.12)
_YELLOW: Colour = (0.98, 0.85, 0.2)


def slogan(rng: np.random.Generator, chinese: bool) -> Texture:
    """A line of large characters for above the board, 1024 by 128."""
    ground = pick(rng, (_RED, (0.95, 0.94, 0.9), (0.2, 0.4, 0.65)), (0.4, 0.45, 0.15))
    ink = _YELLOW if sum(ground) < 1.6 else _RED
    sheet = Canvas(1024, 128, ground)
    words = pick(rng, SLOGANS if chinese else SLOGANS_EN)
    sheet.fitted(((30, 10), (994, 122)), words, ink, 2)
    return sheet.pixels()


def flag() -> Texture:
    """A red flag with five yellow stars, 256 by 128 stretched to 3 : 2."""
    sheet = Canvas(256, 128, _RED)
    for x, y, size, turn in (
        (43, 32, 26, 0),
        (85, 13, 9, 23),
        (102, 26, 9, 46),
        (102, 45, 9, 70),
        (85, 58, 9, 20),
    ):
        angles = np.radians(turn - 90 + 36 * np.arange(10))
        radii = np.where(np.arange(10) % 2 == 0, size, size * 0.382)
        points = [
            (x + float(r * math.cos(a)), y + 0.75 * float(r * math.sin(a)))
            for a, r in zip(angles, radii, strict=True)
        ]
        sheet.polygon(points, _YELLOW)
    return sheet.pixels()


def poster(rng: np.random.Generator, chinese: bool, width: int = 256, height: int = 256) -> Texture:
    """A poster: a map, a chart, a table of times, rules, or pupils' drawings."""
    makers = (_map, _rules, _table, _drawing, _portrait)
    ground = pick(rng, ((0.97, 0.97, 0.95), (0.95, 0.92, 0.82), muted(rng, 0.9), (0.8, 0.9, 0.96)))
    sheet = Canvas(width, height, ground)
    pick(rng, makers)(sheet, rng, chinese)
    if rng.random() < 0.5:
        sheet.frame((0, 0), (width - 1, height - 1), muted(rng, 0.8), 6)
    return sheet.pixels()


def _heading(sheet: Canvas, rng: np.random.Generator, chinese: bool) -> None:
    words = pick(rng, NOTICES if chinese else NOTICES_EN)
    box = ((sheet.width * 0.1, sheet.height * 0.03), (sheet.width * 0.9, sheet.height * 0.17))
    sheet.fitted(box, words, pick(rng, (_RED, (0.1, 0.2, 0.45), (0.1, 0.1, 0.1))), 1)


def _map(sheet: Canvas, rng: np.random.Generator, chinese: bool) -> None:
    width, height = sheet.width, sheet.height
    sheet.rectangle((10, height * 0.18), (width - 10, height - 10), (0.66, 0.82, 0.92))
    for _ in range(7):
        x, y = rng.uniform(0.15, 0.85) * width, rng.uniform(0.3, 0.85) * height
        angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        radii = rng.uniform(0.05, 0.17, 12) * width
        points = [
            (float(x + r * math.cos(a)), float(y + 0.7 * r * math.sin(a)))
            for a, r in zip(angles, radii, strict=True)
        ]
        sheet.polygon(points, muted(rng, 0.8))
    _heading(sheet, rng, chinese)


def _rules(sheet: Canvas, rng: np.random.Generator, chinese: bool) -> None:
    _heading(sheet, rng, chinese)
    words = "上课认真听讲积极发言按时完成作业爱护公物"
    for k in range(8):
        y = sheet.height * (0.22 + 0.09 * k)
        if chinese:
            start = int(rng.integers(0, 8))
            sheet.text((18, y), f"{k + 1}. {words[start : start + 9]}", 16, (0.15, 0.15, 0.2))
        else:
            end = float(rng.uniform(0.5, 0.9)) * sheet.width
            sheet.line([(18, y + 8), (end, y + 8)], (0.35, 0.35, 0.4), 3)


def _table(sheet: Canvas, rng: np.random.Generator, chinese: bool) -> None:
    _heading(sheet, rng, chinese)
    for row in range(7):
        for column in range(5):
            low = (14 + column * (sheet.width - 28) / 5, 50 + row * (sheet.height - 62) / 7)
            high = (low[0] + (sheet.width - 28) / 5 - 3, low[1] + (sheet.height - 62) / 7 - 3)
            sheet.rectangle(low, high, muted(rng, 0.5) if row else (0.3, 0.45, 0.65))


def _drawing(sheet: Canvas, rng: np.random.Generator, chinese: bool) -> None:
    for column in range(2):
        for row in range(2):
            x, y = 10 + column * sheet.width * 0.48, 10 + row * sheet.height * 0.48
            wide, high = sheet.width * 0.44, sheet.height * 0.44
            sheet.rectangle((x, y), (x + wide, y + high), (0.98, 0.98, 0.96))
            sheet.rectangle(
                (x + 4, y + high * 0.7), (x + wide - 4, y + high - 4), (0.45, 0.7, 0.35)
            )
            sheet.disc((x + wide * 0.8, y + high * 0.2), wide * 0.1, (0.98, 0.75, 0.2))
            left = x + wide * rng.uniform(0.15, 0.4)
            sheet.rectangle(
                (left, y + high * 0.4), (left + wide * 0.35, y + high * 0.75), muted(rng, 1)
            )
            roof = [(left - 6, y + high * 0.4), (left + wide * 0.4, y + high * 0.4)]
            sheet.polygon([*roof, (left + wide * 0.17, y + high * 0.2)], muted(rng, 1))


def _portrait(sheet: Canvas, rng: np.random.Generator, chinese: bool) -> None:
    """A quotation under a plain picture of mountains, as publishers of school posters sell them."""
    width, height = sheet.width, sheet.height
    sheet.rectangle((14, 14), (width - 14, height * 0.6), muted(rng, 0.5))
    peaks = [(14 + k * (width - 28) / 5, height * float(rng.uniform(0.25, 0.55))) for k in range(6)]
    sheet.polygon([(14, height * 0.6), *peaks, (width - 14, height * 0.6)], muted(rng, 0.6))
    words = pick(rng, SLOGANS if chinese else SLOGANS_EN)
    sheet.fitted(((16, height * 0.68), (width - 16, height * 0.86)), words, (0.15, 0.15, 0.2), 1)


def bulletin(
    rng: np.random.Generator, chinese: bool, width: int = 1024, height: int = 512
) -> Texture:
    """The wall at the back: a board in chalk colours, or cork with pupils' work."""
    chalk = bool(rng.random() < (0.55 if chinese else 0.1))
    cork = pick(rng, ((0.76, 0.6, 0.42), (0.3, 0.5, 0.42), (0.35, 0.48, 0.68), (0.85, 0.75, 0.5)))
    sheet = Canvas(width, height, (0.15, 0.28, 0.23) if chalk else cork)
    words = pick(rng, BULLETINS if chinese else BULLETINS_EN)
    title = ((width * 0.28, height * 0.04), (width * 0.72, height * 0.24))
    sheet.fitted(title, words, _YELLOW if chalk or sum(cork) < 1.6 else _RED, 2)
    for column in range(7):
        for row in range(2):
            if rng.random() < 0.14:
                continue
            wide, high = width * rng.uniform(0.09, 0.12), height * rng.uniform(0.24, 0.31)
            x = width * (0.03 + 0.137 * column) + rng.uniform(-5, 5)
            y = height * (0.28 + 0.35 * row) + rng.uniform(-6, 6)
            if chalk:
                _chalk_corner(sheet, rng, (x, y), (x + wide, y + high))
            else:
                _pinned(sheet, rng, (x, y), (x + wide, y + high))
    sheet.frame((0, 0), (width - 1, height - 1), (0.72, 0.7, 0.66), 8)
    return sheet.pixels()


def _pinned(
    sheet: Canvas, rng: np.random.Generator, low: tuple[float, float], high: tuple[float, float]
) -> None:
    (x0, y0), (x1, y1) = low, high
    paper = pick(rng, ((0.97, 0.97, 0.95), (0.98, 0.93, 0.75), (0.85, 0.93, 0.97), muted(rng, 0.9)))
    sheet.rectangle((x0 - 4, y0 - 4), (x1 + 4, y1 + 4), muted(rng, 0.9))
    sheet.rectangle(low, high, paper)
    if rng.random() < 0.5:
        sheet.rectangle((x0 + 8, y0 + 8), (x1 - 8, y0 + (y1 - y0) * 0.55), muted(rng, 0.9))
    rows = int(rng.integers(3, 8))
    for k in range(rows):
        y = y1 - 10 - k * 9
        sheet.line([(x0 + 8, y), (x0 + (x1 - x0) * rng.uniform(0.5, 0.92), y)], (0.4, 0.4, 0.45), 2)


def _chalk_corner(
    sheet: Canvas, rng: np.random.Generator, low: tuple[float, float], high: tuple[float, float]
) -> None:
    (x0, y0), (x1, y1) = low, high
    ink = pick(rng, ((0.9, 0.9, 0.86), (0.95, 0.8, 0.4), (0.9, 0.55, 0.6), (0.5, 0.8, 0.9)))
    if rng.random() < 0.35:
        radius = (x1 - x0) * 0.2
        middle = ((x0 + x1) / 2, (y0 + y1) / 2)
        for k in range(6):
            angle = k * math.pi / 3
            petal = (middle[0] + radius * math.cos(angle), middle[1] + radius * math.sin(angle))
            sheet.disc(petal, radius * 0.55, ink)
        sheet.disc(middle, radius * 0.5, _YELLOW)
        return
    sheet.frame(low, high, ink, 3)
    for k in range(int((y1 - y0 - 16) // 13)):
        y = y0 + 14 + 13 * k
        sheet.line([(x0 + 8, y), (x0 + (x1 - x0) * rng.uniform(0.6, 0.93), y)], ink, 2)


def covers(rng: np.random.Generator, chinese: bool, size: int = 512) -> Texture:
    """Covers of books and exercise books and printed pages in COVER_CELLS x COVER_CELLS cells."""
    sheet = Canvas(size, size, (0.9, 0.9, 0.88))
    cell = size / COVER_CELLS
    titles = (
        ("语文", "数学", "英语", "科学", "作业", "历史")
        if chinese
        else ("Maths", "English", "Science")
    )
    for row in range(COVER_CELLS):
        for column in range(COVER_CELLS):
            low = (column * cell, row * cell)
            high = (low[0] + cell - 1, low[1] + cell - 1)
            if row >= COVER_CELLS - PAPER_ROWS:
                _page(sheet, rng, low, high)
            else:
                sheet.rectangle(low, high, muted(rng, 0.9))
                band = low[1] + cell * rng.uniform(0.3, 0.8)
                sheet.rectangle((low[0], band), (high[0], band + cell * 0.2), muted(rng, 0.9))
                box = ((low[0] + 6, low[1] + 4), (high[0] - 6, low[1] + cell * 0.36))
                sheet.fitted(box, pick(rng, titles), (0.97, 0.97, 0.94))
    return sheet.pixels()


def _page(
    sheet: Canvas, rng: np.random.Generator, low: tuple[float, float], high: tuple[float, float]
) -> None:
    (x0, y0), (x1, y1) = low, high
    sheet.rectangle(low, high, (0.96, 0.96, 0.94) if rng.random() < 0.7 else (0.95, 0.92, 0.84))
    top = y0 + 6
    if rng.random() < 0.5:
        sheet.rectangle((x0 + 6, y0 + 6), (x1 - 6, y0 + 22), muted(rng, 0.7))
        top = y0 + 27
    for y in np.arange(top, y1 - 4, 5):
        end = x0 + (x1 - x0) * rng.uniform(0.55, 0.93)
        sheet.line([(x0 + 6, float(y)), (float(end), float(y))], (0.5, 0.5, 0.54), 1)
