"""A manifest to fill in, written for a folder of recordings."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from classwatch.core.errors import InputError, ResourceError, UsageError
from classwatch.exchange.lesson_ids import unique_ids
from classwatch.exchange.media_files import scan_folder

TEMPLATE_COLUMNS = (
    "lesson_id",
    "file",
    "school",
    "class",
    "subject",
    "grade",
    "stage",
    "teacher",
    "date",
    "lesson_type",
    "consent",
)
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")


def write_template(folder: Path, out: Path, *, force: bool = False) -> int:
    """Write a manifest with one row for every recording below ``folder``; the number of rows.

    ``out`` ends in .csv (UTF-8 with BOM, which Excel reads as it is) or .xlsx. Paths are relative
    to the manifest's folder where they can be. The column consent is left empty on purpose.
    Raises UsageError when ``out`` exists already (unless ``force``) or has another suffix.
    """
    suffix = out.suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise UsageError(
            f"a manifest is written as .csv or .xlsx, not {suffix or 'without a suffix'}",
            subject=str(out),
        )
    if not folder.is_dir():
        raise InputError(
            "not a folder" if folder.exists() else "no such folder", subject=str(folder)
        )
    files = scan_folder(folder).media
    rows = [
        (lesson_id, _relative(file, out.parent), *[""] * (len(TEMPLATE_COLUMNS) - 2))
        for lesson_id, file in zip(unique_ids(files), files, strict=True)
    ]
    data = _csv(rows) if suffix == ".csv" else _xlsx(rows)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        # Exclusive creation: a manifest that somebody filled in is never written over by accident.
        with out.open("wb" if force else "xb") as stream:
            stream.write(data)
    except FileExistsError:
        raise UsageError(
            "is there already", subject=str(out), remedy="choose another name, or add --force"
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ResourceError(f"cannot be written: {reason}", subject=str(out)) from None
    return len(rows)


def _relative(file: Path, base: Path) -> str:
    try:
        text = Path(os.path.relpath(file.absolute(), base.absolute())).as_posix()
    except ValueError:  # another drive on Windows
        return str(file.absolute())
    return f"./{text}" if text.startswith(_FORMULA_START) else text


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([TEMPLATE_COLUMNS, *([_escape(c) for c in row] for row in rows)])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def _escape(cell: str) -> str:
    """A cell that a spreadsheet does not take for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_START) else cell


def _xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    import openpyxl
    from openpyxl.styles import Font

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "lessons"
    for number, row in enumerate([TEMPLATE_COLUMNS, *rows], start=1):
        for column, text in enumerate(row, start=1):
            cell = sheet.cell(number, column)
            cell.value = text.encode("utf-8", "replace").decode()
            cell.data_type = "s"  # text, also where it starts like a formula
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for letter, width in (("A", 28), ("B", 48)):
        sheet.column_dimensions[letter].width = width
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
