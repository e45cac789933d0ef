"""Workbooks (XLSX) that people bring, read without trust."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator
from pathlib import Path

from classwatch.core.errors import InputError

_MOST_UNZIPPED = 400_000_000
_MOST_LINES = 1_048_576


def workbook_rows(path: Path, most_rows: int) -> Iterator[tuple[int, list[str]]]:
    """Rows as ``sheet_rows`` gives them, of a sheet with at most ``most_rows`` that hold anything.

    Raises InputError naming the file as ``sheet_rows`` does, and where there are more rows.
    """
    filled = 0
    for number, row in sheet_rows(path, "a sheet"):
        filled += any(row)
        if filled > most_rows + 1 or number > _MOST_LINES:
            raise InputError(f"more than {most_rows:,} rows", subject=str(path))
        yield number, row


def sheet_rows(path: Path, what: str) -> Iterator[tuple[int, list[str]]]:
    """Numbered rows of the first sheet, every cell as text; formulas by their stored value.

    The size that the sheet declares is not believed. Raises InputError naming the file where it is
    no workbook, or unpacks to more than ``what`` can hold.
    """
    import openpyxl

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(item.file_size for item in archive.infolist()) > _MOST_UNZIPPED:
                raise InputError(f"unpacks to more than {what} can hold", subject=str(path))
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                yield number, [cell_text(cell) for cell in cells]
        finally:
            book.close()
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - openpyxl raises whatever the XML leads it to
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"cannot be read as a workbook: {reason}",
            subject=str(path),
            remedy="save it again as .xlsx, or as `CSV UTF-8`",
        ) from None


def cell_text(value: object) -> str:
    """What a cell of a workbook holds, as text; whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)
