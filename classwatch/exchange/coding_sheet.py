"""Coding sheets: rows of equal length in time (3 s), one column for each tier, for Excel.

A teacher-researcher fills the columns; menus offer the codes. CSV and XLSX, both ways. Rows may
be of any length when read, and may leave time out.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from classwatch.core.errors import InputError
from classwatch.exchange.code_sequence import (
    STEP_S,
    joined_runs,
    sampling_losses,
    steps,
)
from classwatch.exchange.eaf import Annotation, Tier
from classwatch.exchange.encodings import decode, note_of, read_bytes
from classwatch.exchange.intervals import delimited
from classwatch.exchange.tiers import Coding, Written, coding_of, in_order, to_ms
from classwatch.exchange.workbook import workbook_rows
from classwatch.store.sheets import csv_of_rows, xlsx_of_rows

MOST_ROWS = 250_000
MOST_COLUMNS = 200
_FIXED = ("start_s", "end_s", "time")
_START = ("start_s", "start", "开始", "开始秒", "开始时间")
_END = ("end_s", "end", "结束", "结束秒", "结束时间")
_STEP = ("step_s", "step")
_PASSED_OVER = ("time", "clock", "时间", "row", "序号", "note", "备注")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d{1,6})?)")
_REMEDY = "a header with start_s, end_s and a column for each tier; `classwatch export` writes one"


@dataclass(frozen=True, slots=True)
class _Header:
    start: int
    end: int
    columns: tuple[tuple[int, str], ...]


def read_sheet(path: Path, step_s: float = STEP_S) -> Coding:
    """Tiers of a coding sheet; equal texts of rows that touch are one annotation.

    Times are seconds or ``m:ss``. Without a column of ends, a row lasts until the next one (the
    last row ``step_s``). Text that begins like a formula is text. Raises InputError naming file
    and row.
    """
    subject = str(path)
    data = read_bytes(path)
    notes: tuple[str, ...] = ()
    if data.startswith(b"PK\x03\x04"):
        rows = workbook_rows(path, MOST_ROWS)
    else:
        text, encoding = decode(data, subject)
        rows = _csv_rows(text, subject)
        notes = note_of(encoding)
    return _coding(rows, subject, step_s, notes)


def _csv_rows(text: str, subject: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimited(text))
    try:
        for cells in reader:
            yield reader.line_num, [_unescaped(cell) for cell in cells]
    except csv.Error as error:
        raise InputError(f"line {reader.line_num}: {error}", subject=subject) from None


def _unescaped(cell: str) -> str:
    """Undo the apostrophe that keeps a spreadsheet from reading a cell as a formula."""
    return cell[1:] if re.match(r"'[=+\-@\t\r＝＋－＠]", cell) else cell


def _coding(
    rows: Iterator[tuple[int, list[str]]], subject: str, step_s: float, notes: tuple[str, ...]
) -> Coding:
    filled = ((number, cells) for number, cells in rows if any(c.strip() for c in cells))
    first = next(filled, None)
    if first is None:
        raise InputError("is empty", subject=subject, remedy=_REMEDY)
    header = _header(first[1], subject)
    times: list[tuple[float, float]] = []
    texts: list[list[str]] = []
    for number, cells in filled:
        if len(times) >= MOST_ROWS:
            raise InputError(f"more than {MOST_ROWS:,} rows", subject=subject)
        place = f"{subject}, row {number}"
        start_s = _time(_cell(cells, header.start), place)
        end_s = math.nan if header.end < 0 else _time(_cell(cells, header.end), place)
        if times and start_s < times[-1][0]:
            raise InputError("begins before the row above it", subject=place, remedy="sort by time")
        if times and to_ms(start_s) < to_ms(times[-1][1]):
            raise InputError(
                "begins before the row above it ends",
                subject=place,
                remedy="rows follow each other; what happens at once goes into another column",
            )
        times.append((start_s, end_s))
        texts.append([_cell(cells, at).strip() for at, _ in header.columns])
    if header.end < 0:
        times = _ends(times, step_s)
    tiers = []
    for place_of, (_, name) in enumerate(header.columns):
        found = [
            Annotation(start_s, end_s, row[place_of])
            for (start_s, end_s), row in zip(times, texts, strict=True)
            if row[place_of]
        ]
        tiers.append(Tier(name, tuple(joined_runs(in_order(found)))))
    end_s = max((end for _, end in times), default=0.0)
    return coding_of(tiers, subject, end_s=end_s, notes=notes)


def _ends(times: Sequence[tuple[float, float]], step_s: float) -> list[tuple[float, float]]:
    if not times:
        return []
    found = [(start, following) for (start, _), (following, _) in pairwise(times)]
    return [*found, (times[-1][0], times[-1][0] + step_s)]


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at] if at < len(cells) else ""


def _header(cells: Sequence[str], subject: str) -> _Header:
    if len(cells) > MOST_COLUMNS:
        raise InputError(f"more than {MOST_COLUMNS} columns", subject=subject)
    names = [cell.strip() for cell in cells]
    folded = [name.casefold() for name in names]
    start = next((folded.index(n) for n in _START if n in folded), -1)
    end = next((folded.index(n) for n in _END if n in folded), -1)
    passed_over = {*_PASSED_OVER, *_STEP}
    columns = tuple(
        (at, name)
        for at, name in enumerate(names)
        if name and at not in (start, end) and folded[at] not in passed_over
    )
    if start < 0 or not columns:
        raise InputError("is no coding sheet", subject=subject, remedy=_REMEDY)
    twice = sorted({name for _, name in columns if [n for _, n in columns].count(name) > 1})
    if twice:
        raise InputError(f"two columns are called {', '.join(twice)}", subject=subject)
    return _Header(start, end, columns)


def _time(text: str, place: str) -> float:
    """Seconds of ``12.5``, ``12,5``, ``1:02``, ``1:02.5`` or ``0:01:02``."""
    clock = _CLOCK.fullmatch(text.strip())
    if clock:
        hours, minutes, seconds = clock.groups()
        return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(
            f"{text[:30]!r} is no time", subject=place, remedy="seconds, or minutes as m:ss"
        )
    return value


# ---------------------------------------------------------------- writing


def write_sheet(coding: Coding, *, step_s: float = STEP_S, xlsx: bool) -> Written:
    """The coding as a sheet: what each tier says at the middle of each row of ``step_s``.

    A workbook gets a menu in the columns of tiers that have a vocabulary. Lost: times between the
    grid, all but one of annotations of one tier at one moment, participants, media.
    """
    columns = [steps(t.annotations, coding.end_s, step_s) for t in coding.tiers]
    count = int(coding.end_s / step_s + 0.5 + 1e-9)
    if count > MOST_ROWS:
        raise InputError(f"{count:,} rows are too many for a sheet", remedy="choose longer rows")
    rows: list[list[object]] = [[*_FIXED, *coding.names]]
    for number in range(count):
        start_ms, end_ms = to_ms(number * step_s), to_ms((number + 1) * step_s)
        row: list[object] = [start_ms / 1000, end_ms / 1000, _clock(start_ms)]
        rows.append([*row, *(column[number] or None for column in columns)])
    losses = [
        loss
        for tier, column in zip(coding.tiers, columns, strict=True)
        for loss in sampling_losses(tier, column, step_s, coding.end_s)
    ]
    losses.append("participants of tiers and the names of the media are not kept")
    if not xlsx:
        return Written(csv_of_rows(rows), tuple(losses))
    return Written(xlsx_of_rows("coding", rows, menus=_menus(coding)), tuple(losses))


def _menus(coding: Coding) -> dict[str, tuple[str, ...]]:
    """Entries by letter of the column."""
    from openpyxl.utils import get_column_letter

    by_name = {v.name: v for v in coding.vocabularies}
    return {
        get_column_letter(at): tuple(text for text, _ in by_name[tier.vocabulary].entries)
        for at, tier in enumerate(coding.tiers, start=len(_FIXED) + 1)
        if tier.vocabulary in by_name
    }


def _clock(ms: int) -> str:
    minutes, rest_ms = divmod(ms, 60_000)
    seconds, thousandths = divmod(rest_ms, 1000)
    return f"{minutes}:{seconds:02d}" + (f".{thousandths:03d}" if thousandths else "")
