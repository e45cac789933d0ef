"""Rows of a manifest, whatever file they are kept in: CSV, XLSX or YAML.

Every cell arrives as text, so that class 007 stays 007 and ``no`` stays ``no``.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from classwatch.config.yamlfile import read_yaml
from classwatch.core.errors import InputError
from classwatch.core.media import StreamRole
from classwatch.exchange.encodings import decode, read_bytes
from classwatch.exchange.floor_marks import joined_marks
from classwatch.exchange.workbook import sheet_rows

MAX_ROWS = 100_000
_MAX_COLUMNS = 500
_MAX_BYTES = 50_000_000
_ROLES = tuple(role.value for role in StreamRole)
FILE = "file"

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "lesson_id": ("id", "课例编号", "课例号", "课例id", "编号", "课堂编号"),
    FILE: ("path", "video", "文件", "文件名", "文件路径", "视频", "视频文件", "录像"),
    "teacher_cam": ("教师机位", "教师画面", "教师镜头", "教师视频", "教师全景"),
    "student_cam": ("学生机位", "学生画面", "学生镜头", "学生视频", "学生全景"),
    "screen": ("屏幕", "课件画面", "电脑画面", "屏幕录制"),
    "audio": ("音频", "录音", "声音", "音频文件"),
    "mixed": ("混合", "混合画面", "电影模式", "全景"),
    "transcript": ("字幕", "字幕文件", "文字稿", "转写", "转写文件"),
    "offset_s": ("偏移", "偏移秒", "file_offset_s"),
    "floor": ("地面标定点", "标定点", "file_floor"),
    "school": ("学校",),
    "class": ("班级",),
    "subject": ("学科", "科目"),
    "grade": ("年级",),
    "stage": ("学段",),
    "teacher": ("教师", "教师代号", "老师"),
    "date": ("日期", "上课日期"),
    "lesson_type": ("课型",),
    "consent": ("同意", "知情同意", "是否同意", "授权", "已同意"),
}
"""Columns that mean something, and other headers under which they are found."""

_CANONICAL = {name: name for name in COLUMNS} | {
    other: name for name, others in COLUMNS.items() for other in others
}
_OF_STREAM = ("offset_s", "floor")
"""Columns about one recording; with several they are named ``<role>_offset_s`` and so on."""
_OF_ROLE = frozenset(f"{role}_{name}" for role in _ROLES for name in _OF_STREAM)


@dataclass(frozen=True, slots=True)
class StreamRow:
    """A recording as the manifest names it; ``role`` "" means: by what the file is.

    ``floor`` are its marked points of the floor as written (``floor_marks.parse_marks``).
    """

    path: str
    role: str
    offset: str
    floor: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One lesson: ``place`` names it in messages (``row 3``); ``cells`` holds the other columns.

    ``problem`` says why the row cannot be read, "" when it can.
    """

    place: str
    cells: Mapping[str, str]
    streams: tuple[StreamRow, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a manifest and the columns that it has."""

    columns: frozenset[str]
    rows: tuple[Row, ...]


def read_manifest(path: Path) -> Table:
    """Read the manifest at ``path``. Raises InputError naming the file and what is wrong."""
    if path.suffix.lower() in (".yaml", ".yml"):
        table = _yaml_table(path)
    else:
        data = read_bytes(path, _MAX_BYTES)
        excel = data.startswith(b"PK\x03\x04")
        table = _table(_xlsx_rows(path) if excel else _csv_rows(path, data), path)
    if not table.rows:
        raise InputError("the manifest lists no lesson", subject=str(path))
    return table


# ---------------------------------------------------------------- CSV


def _csv_rows(path: Path, data: bytes) -> Iterator[tuple[int, list[str]]]:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(
            "an old .xls file, or a workbook with a password",
            subject=str(path),
            remedy="save it as .xlsx or .csv without a password",
        )
    text, _ = decode(data, str(path))
    if text[:4].lower() == "sep=":
        first, _, text = text.partition("\n")
        delimiter = first.strip()[4:5] or ","
    else:
        delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, [_unescape(c) for c in cells]
    except csv.Error as error:
        raise InputError(f"line {reader.line_num}: {error}", subject=str(path)) from None


def _delimiter(text: str) -> str:
    """The separator under which the first line holds most of the known headers."""
    header = next((line for line in text.splitlines() if line.strip()), "")

    def known(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([header], delimiter=delimiter), [])
        return sum(_header(c) in _CANONICAL for c in cells), len(cells)

    return max(",;\t", key=known)


def _unescape(cell: str) -> str:
    """Undo the apostrophe that keeps a spreadsheet from reading a cell as a formula."""
    return cell[1:] if re.match(r"'[=+\-@\t\r]", cell) else cell


# ---------------------------------------------------------------- XLSX


def _xlsx_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows of the first sheet. The size that the sheet declares is not believed."""
    return sheet_rows(path, "a manifest")


# ---------------------------------------------------------------- tables


def _table(lines: Iterator[tuple[int, list[str]]], path: Path) -> Table:
    filled = ((n, cells) for n, cells in lines if any(c.strip() for c in cells))
    first = next(filled, None)
    if first is None:
        raise InputError("the manifest is empty", subject=str(path))
    names = _header_names(first[1], path)
    rows: list[Row] = []
    for number, cells in filled:
        if len(rows) >= MAX_ROWS:
            raise InputError(f"more than {MAX_ROWS:,} lessons", subject=str(path))
        rows.append(_row(number, names, cells))
    return Table(frozenset(n for n in names if n), tuple(rows))


def _header_names(cells: Sequence[str], path: Path) -> tuple[str, ...]:
    """Canonical name of each column, the header itself for unknown ones, "" for nameless ones."""
    if len(cells) > _MAX_COLUMNS:
        raise InputError(f"more than {_MAX_COLUMNS} columns", subject=str(path))
    names = tuple(_CANONICAL.get(_header(c), _named(c)) for c in cells)
    twice = sorted({n for n in names if n and names.count(n) > 1})
    if twice:
        raise InputError(f"two columns mean {', '.join(twice)}", subject=str(path))
    if not {FILE, *_ROLES} & set(names):
        found = ", ".join(n for n in names if n)[:200]
        raise InputError(
            f"no column names the recordings; the columns are: {found}",
            subject=str(path),
            remedy=f"add a column `file` (文件), or one of {', '.join(_ROLES)}; "
            "`classwatch manifest FOLDER` writes a template",
        )
    return names


def _header(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text).strip().lower()
    return re.sub(r"[\s\-]+", "_", normal)


def _named(text: str) -> str:
    header = _header(text)
    return header if header in _OF_ROLE else unicodedata.normalize("NFC", text).strip()


def _row(number: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    place = f"row {number}"
    if any(c.strip() for c in cells[len(names) :]):
        return Row(place, {}, (), "has more cells than there are columns")
    values = {n: c.strip() for n, c in zip(names, cells, strict=False) if n}
    streams = [
        StreamRow(values[name], "" if name == FILE else name, *_about(values, name))
        for name in (FILE, *_ROLES)
        if values.get(name)
    ]
    return Row(place, _metadata(values), tuple(streams))


def _about(values: Mapping[str, str], name: str) -> tuple[str, ...]:
    """What the row says about one recording, in the order of ``_OF_STREAM``."""
    return tuple(values.get(of if name == FILE else f"{name}_{of}", "") for of in _OF_STREAM)


def _metadata(values: Mapping[str, str]) -> dict[str, str]:
    spent = {FILE, *_OF_STREAM, *_ROLES, *_OF_ROLE}
    return {name: value for name, value in values.items() if name not in spent}


# ---------------------------------------------------------------- YAML


def _yaml_table(path: Path) -> Table:
    document = read_yaml(path, texts_only=True, max_bytes=_MAX_BYTES)
    lessons = document.get("lessons") if isinstance(document, Mapping) else document
    if not isinstance(lessons, list) or not all(isinstance(x, Mapping) for x in lessons):
        raise InputError(
            "not a manifest: expected a list of lessons, or `lessons:` with one",
            subject=str(path),
            remedy="- lesson_id: math-1\n    file: math-1.mp4",
        )
    if len(lessons) > MAX_ROWS:
        raise InputError(f"more than {MAX_ROWS:,} lessons", subject=str(path))
    columns: set[str] = set()
    rows = []
    for number, lesson in enumerate(lessons, start=1):
        row, names = _yaml_row(number, lesson)
        columns |= names
        rows.append(row)
    return Table(frozenset(columns), tuple(rows))


def _yaml_row(number: int, lesson: Mapping[object, object]) -> tuple[Row, set[str]]:
    place = f"lesson {number}"
    names: dict[str, object] = {}
    for key, value in lesson.items():
        header = _CANONICAL.get(_header(str(key)), _named(str(key)))
        if header in names:
            return Row(place, {}, (), f"two keys mean {header}"), set(names)
        names[header] = value
    listed = names.pop("files", [])
    for key in {"floor", *_OF_ROLE} & set(names):
        names[key] = joined_marks(names[key])
    nested = sorted(k for k, v in names.items() if not isinstance(v, str))
    if nested:
        return Row(place, {}, (), f"{', '.join(nested)} must be plain text"), set(names)
    texts = {k: _plain(str(v)) for k, v in names.items()}
    row = _row_of_texts(place, texts)
    extra, problem = _yaml_streams(listed)
    return Row(place, row.cells, (*row.streams, *extra), problem), set(names)


def _row_of_texts(place: str, texts: Mapping[str, str]) -> Row:
    row = _row(0, tuple(texts), tuple(texts.values()))
    return Row(place, row.cells, row.streams)


def _yaml_streams(listed: object) -> tuple[tuple[StreamRow, ...], str]:
    if not isinstance(listed, list):
        return (), "`files` must be a list of {path, role, offset_s, floor}"
    streams = []
    for item in listed:
        if isinstance(item, str):
            item = {"path": item}
        if isinstance(item, Mapping) and "floor" in item:
            item = {**item, "floor": joined_marks(item["floor"])}
        if not isinstance(item, Mapping) or not item.get("path"):
            return (), "each of `files` needs a `path`"
        unknown = sorted(str(k) for k in item if k not in ("path", "role", *_OF_STREAM))
        if unknown or not all(isinstance(v, str) for v in item.values()):
            what = ", ".join(unknown) or "values that are not plain text"
            return (), f"`files` takes path, role, offset_s and floor, not {what}"
        role = str(item.get("role", ""))
        if role and role not in _ROLES:
            return (), f"there is no role {role!r}; roles: {', '.join(_ROLES)}"
        about = (str(item.get(of, "")) for of in _OF_STREAM)
        streams.append(StreamRow(str(item["path"]), role, *about))
    return tuple(streams), ""


def _plain(text: str) -> str:
    """YAML's ways of saying nothing."""
    return "" if text.strip().lower() in ("~", "null") else text
