"""A manifest to fill in, written for a folder of recordings."""

from __future__ import annotations

import os
from pathlib import Path

from classwatch.core.errors import InputError, ResourceError, UsageError
from classwatch.core.lesson import METADATA_FIELDS
from classwatch.exchange.lesson_ids import unique_ids
from classwatch.exchange.media_files import scan_folder
from classwatch.store.sheets import csv_of_rows, xlsx_of_rows

TEMPLATE_COLUMNS = ("lesson_id", "file", *METADATA_FIELDS, "floor")
_FORMULA_START = ("=", "+", "-", "@")


def write_template(folder: Path, out: Path, *, force: bool = False) -> int:
    """Write a manifest with one row for every recording below ``folder``; the number of rows.

    ``out`` ends in .csv (UTF-8 with BOM, which Excel reads as it is) or .xlsx. Paths are relative
    to the manifest's folder where they can be. The column consent is left empty on purpose; floor
    is for marked points of the floor (``floor_marks``), for who has measured any.
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
    sheet = [TEMPLATE_COLUMNS, *rows]
    wide = {"A": 28.0, "B": 48.0}
    data = csv_of_rows(sheet) if suffix == ".csv" else xlsx_of_rows("lessons", sheet, wide)
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
