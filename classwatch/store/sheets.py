"""Tables for spreadsheets: CSV that Excel opens with Chinese intact, and XLSX.

Text that a spreadsheet would run as a formula is written so that it stays text.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from classwatch.store.tables import Table

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_DECIMALS = 6
_CELL_LIMIT = 32_767
_MENU_LIMIT = 255
_LAST_ROW = 1_048_576
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_XLSX_TIME = b"1980-01-01T00:00:00Z"


def csv_bytes(table: Table, lesson_id: str = "") -> bytes:
    """The table as CSV, as ``csv_of_rows`` writes it; empty cells for ``None``."""
    return csv_of_rows(_rows(table, lesson_id))


def xlsx_bytes(table: Table, lesson_id: str = "") -> bytes:
    """The table as a workbook, as ``xlsx_of_rows`` writes it."""
    return xlsx_of_rows(table.schema.name, _rows(table, lesson_id))


def csv_of_rows(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows, the first a header, as CSV: UTF-8 with byte order mark, CRLF.

    Numbers have at most six decimals. Text that begins like a formula gets an apostrophe first.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([_csv_cell(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def xlsx_of_rows(
    title: str,
    rows: Iterable[Sequence[Any]],
    widths: Mapping[str, float] | None = None,
    menus: Mapping[str, Sequence[str]] | None = None,
) -> bytes:
    """Rows, the first a header, as a one-sheet workbook; the same rows give the same bytes.

    Text stays text whatever it begins with, also when its cell is edited. It is cut at Excel's
    limit of 32,767 characters; characters that XLSX cannot hold become the replacement character.
    ``widths`` maps column letters to widths in characters. ``menus`` maps column letters to the
    entries that each cell below the header offers; other entries are allowed. Excel holds at most
    255 characters of entries without commas: a longer menu is left out.
    """
    import openpyxl
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    for letter, width in (widths or {}).items():
        sheet.column_dimensions[letter].width = width
    for number, row in enumerate(rows):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=None)
            if isinstance(value, str):
                cell.value = _xlsx_text(value)
                cell.data_type = "s"
                cell.quotePrefix = value.startswith(_FORMULA_STARTS)
            elif value is not None:
                cell.value = _rounded(value)
            if number == 0:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
    for letter, entries in sorted((menus or {}).items()):
        _add_menu(sheet, letter, entries)
    raw = io.BytesIO()
    book.save(raw)
    return _timeless(raw.getvalue())


def _add_menu(sheet: Any, letter: str, entries: Sequence[str]) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    listed = ",".join(entries)
    if not entries or len(listed) > _MENU_LIMIT or any(set(e) & {",", '"'} for e in entries):
        return
    menu = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
    menu.showErrorMessage = False
    menu.add(f"{letter}2:{letter}{_LAST_ROW}")
    sheet.data_validations.append(menu)


def _rows(table: Table, lesson_id: str) -> list[list[Any]]:
    names = [column.name for column in table.columns]
    columns = [table.cells(name) for name in names]
    body = [list(row) for row in zip(*columns, strict=True)]
    if lesson_id:
        names.insert(0, "lesson_id")
        for row in body:
            row.insert(0, lesson_id)
    return [list(names), *body]


def _csv_cell(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return "'" + cell if cell.startswith(_FORMULA_STARTS) else cell
    return str(_rounded(cell))


def _rounded(number: Any) -> Any:
    if isinstance(number, float):
        return round(number, _DECIMALS) + 0.0
    return number


def _xlsx_text(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)[:_CELL_LIMIT]


def _timeless(raw: bytes) -> bytes:
    """The same workbook without the moment of its making."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(raw)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", _XLSX_TIME, content)
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return out.getvalue()
