"""Stretches of time with a label, from CSV files of annotators and as the common value of readers.

Other programs name columns in their own ways; the known names are read, and a file without them is
refused with the names that would do.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from classwatch.config.yamlfile import read_text
from classwatch.core.errors import InputError
from classwatch.exchange.encodings import MOST_BYTES

_LONGEST_S = 7 * 24 * 3600.0
_START = ("start_s", "start (s)", "start", "onset", "begin", "tmin", "begin_s", "开始", "开始时间")
_START_MS = ("start_ms", "segment_onset", "onset_ms")
_END = ("end_s", "stop (s)", "end (s)", "end", "offset", "stop", "tmax", "结束", "结束时间")
_END_MS = ("end_ms", "segment_offset", "offset_ms")
_LENGTH = ("duration_s", "duration (s)", "duration", "时长")
_LABEL = ("label", "behavior", "behaviour", "code", "text", "value", "标签", "编码", "行为")
_WHO = ("who", "subject", "speaker", "speaker_id", "tier", "对象", "说话人")
_DELIMITERS = (",", "\t", ";")


@dataclass(frozen=True, slots=True, order=True)
class Labelled:
    """``[start_s, end_s)`` with a label; a point event has ``end_s == start_s``.

    ``who`` is the tier, subject or speaker it belongs to, "" where the file names none.
    """

    start_s: float
    end_s: float
    label: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which column holds what; ``scale`` turns the file's times into seconds."""

    start: str
    end: str
    length: str
    label: str
    who: str
    scale: float


def read_intervals(path: Path, label_column: str = "") -> tuple[Labelled, ...]:
    """Labelled intervals of a CSV or TSV file with a header, in order of time.

    Times are in seconds in columns such as ``start_s`` and ``end_s`` (or ``duration_s``), in
    milliseconds in ``start_ms``, ``end_ms``, ``segment_onset``, ``segment_offset``.
    ``label_column`` names the column of the label where it is not one of the usual; a cell in it
    that is empty or ``NA`` gives no interval. Raises InputError naming file, row and remedy.
    """
    subject = str(path)
    rows = _rows(read_text(path, MOST_BYTES), subject)
    if not rows:
        raise InputError(
            "is empty", subject=subject, remedy="give a header such as start_s,end_s,label"
        )
    names = {name.strip().casefold(): name for name in rows[0] if name}
    layout = _layout(names, label_column, subject)
    found = []
    for number, row in enumerate(rows, start=2):
        label = (row.get(layout.label) or "").strip() if layout.label else ""
        if label_column and label in ("", "NA"):
            continue
        start_s = _seconds(row, layout.start, layout.scale, f"{subject}, line {number}")
        if layout.end:
            end_s = _seconds(row, layout.end, layout.scale, f"{subject}, line {number}")
        else:
            end_s = start_s + _seconds(row, layout.length, 1.0, f"{subject}, line {number}")
        who = (row.get(layout.who) or "").strip() if layout.who else ""
        found.append(checked(Labelled(start_s, end_s, label, who), f"{subject}, line {number}"))
    return tuple(sorted(found))


def checked(interval: Labelled, place: str) -> Labelled:
    """The same interval; InputError naming ``place`` where its times are impossible."""
    # Written so that NaN fails.
    if not 0.0 <= interval.start_s <= interval.end_s <= _LONGEST_S:
        raise InputError(
            f"impossible times: {interval.start_s} s to {interval.end_s} s",
            subject=place,
            remedy="seconds from the start of the recording, the end not before the start",
        )
    return interval


def labels(found: Iterable[Labelled]) -> tuple[str, ...]:
    """The different labels, sorted."""
    return tuple(sorted({interval.label for interval in found}))


def delimited(text: str) -> str:
    """The delimiter of a table: the one of comma, tab and semicolon its first line has most of."""
    first = text.lstrip("\ufeff").split("\n", 1)[0]
    return max(_DELIMITERS, key=first.count)


def _rows(text: str, subject: str) -> list[dict[str, str | None]]:
    try:
        reader = csv.DictReader(io.StringIO(text), delimiter=delimited(text), restkey="")
        return [dict(row) for row in reader]
    except csv.Error as error:
        raise InputError(f"is no table: {error}", subject=subject, remedy="save as CSV") from None


def _layout(names: Mapping[str, str], label_column: str, subject: str) -> _Layout:
    start, start_ms = _first(names, _START), _first(names, _START_MS)
    end, end_ms = _first(names, _END), _first(names, _END_MS)
    length = _first(names, _LENGTH)
    label = _first(names, _LABEL)
    if label_column:
        label = names.get(label_column.casefold(), "")
        if not label:
            raise InputError(
                f"has no column {label_column!r}",
                subject=subject,
                remedy=f"columns here: {', '.join(names.values())}",
            )
    if start and (end or length):
        return _Layout(start, end, length, label, _first(names, _WHO), 1.0)
    if start_ms and end_ms:
        return _Layout(start_ms, end_ms, "", label, _first(names, _WHO), 1e-3)
    raise InputError(
        "has no columns for start and end",
        subject=subject,
        remedy="name them start_s and end_s (seconds) or start_ms and end_ms",
    )


def _first(names: Mapping[str, str], known: Iterable[str]) -> str:
    return next((names[name] for name in known if name in names), "")


def _seconds(row: Mapping[str, str | None], column: str, scale: float, place: str) -> float:
    text = (row.get(column) or "").strip()
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(
            f"{column} is {text!r}, expected a number", subject=place, remedy="correct the cell"
        )
    return value * scale
