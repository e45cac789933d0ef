"""Workbooks (XLSX) that people bring, read without trust."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from classwatch.core.errors import InputError
from classwatch.exchange.manifest_table import cell_text

_MOST_UNZIPPED = 400_000_000
_MOST_LINES = 1_048_576


def workbook_rows(path: Path, most_rows: int) -> Iterator[tuple[int, list[str]]]:
    """Numbered rows of the first sheet, every cell as text; formulas by their stored value.

    The size that the sheet declares is not believed. Raises InputError naming the file where it is
    no workbook, unpacks to too much, or has more than ``most_rows`` rows that hold anything.
    """
    import openpyxl

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(item.file_size for item in archive.infolist()) > _MOST_UNZIPPED:
                raise InputError("unpacks to more than a sheet can hold", subject=str(path))
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            filled = 0
            for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                row = [cell_text(cell) for cell in cells]
                filled += any(row)
                if filled > most_rows + 1 or number > _MOST_LINES:
                    raise InputError(f"more than {most_rows:,} rows", subject=str(path))
                yield number, row
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
