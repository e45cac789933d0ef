from __future__ import annotations

import csv
import io
import re
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classwatch.core.speech import SpeakerRole, Turn
from classwatch.store.catalogue import summary_table
from classwatch.store.convert import turns_table
from classwatch.store.records import LessonStatus, RunLesson
from classwatch.store.sheets import csv_bytes, xlsx_bytes
from classwatch.store.tables import Table
from tests.store import made

STARTS = "=+-@\t\r＝＋－＠"
ATTACKS = [start + "cmd|' /C calc'!A0" for start in STARTS]


def _table(texts: list[str]) -> Table:
    """A summary whose school column holds the texts, in this order."""
    lessons = [
        RunLesson(f"{i:03d}", LessonStatus.DONE, {"school": text}) for i, text in enumerate(texts)
    ]
    measures = {"000": [made.measure("a.b", -1 / 3), made.measure("c.d", None)]}
    return summary_table(lessons, measures)


def _csv_rows(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def test_excel_sees_the_byte_order_mark_and_chinese_survives() -> None:
    raw = csv_bytes(_table(["第一中学, “东区”\n二楼"]))
    assert raw.startswith(b"\xef\xbb\xbf")
    assert _csv_rows(raw)[0]["school"] == "第一中学, “东区”\n二楼"


def test_numbers_stay_numbers_and_absence_is_an_empty_cell() -> None:
    (row,) = _csv_rows(csv_bytes(_table([""])))
    assert row["a.b"] == "-0.333333"
    assert row["c.d"] == ""
    assert (row["measured"], row["not_measured"]) == ("1", "1")


@given(st.lists(st.sampled_from(ATTACKS) | st.text(max_size=8), min_size=1, max_size=4))
@settings(max_examples=50)
def test_no_text_cell_of_a_csv_begins_like_a_formula(texts: list[str]) -> None:
    rows = _csv_rows(csv_bytes(_table(texts)))
    for text, row in zip(texts, rows, strict=True):
        assert row["school"][:1] not in set(STARTS)
        assert row["school"] in (text, "'" + text)
        assert (row["school"] == text) == (text[:1] not in set(STARTS))


def test_a_column_named_like_a_formula_is_text_too() -> None:
    lesson = RunLesson("a", LessonStatus.DONE, {"=1+1": "x"})
    table = summary_table([lesson], {})
    assert b"'=1+1" in csv_bytes(table)
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(table))).active
    assert sheet is not None
    assert {cell.data_type for cell in sheet[1]} == {"s"}


def test_xlsx_holds_formulas_as_text() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(_table(ATTACKS)))).active
    assert sheet is not None
    header = [cell.value for cell in sheet[1]]
    column = header.index("school")
    for text, row in zip(ATTACKS, sheet.iter_rows(min_row=2), strict=True):
        cell = row[column]
        # XML reads a lone carriage return as a line feed.
        assert str(cell.value).replace("\n", "\r") == text
        assert cell.data_type == "s"
        assert cell.quotePrefix
    first = next(sheet.iter_rows(min_row=2, max_row=2, values_only=True))
    assert first[header.index("a.b")] == pytest.approx(-0.333333)
    assert first[header.index("c.d")] is None


def test_xlsx_takes_what_xml_cannot() -> None:
    raw = xlsx_bytes(_table(["a\x00b\x1fc\ufffe", "很" * 40_000]))
    sheet = openpyxl.load_workbook(io.BytesIO(raw)).active
    assert sheet is not None
    column = [cell.value for cell in sheet[1]].index("school")
    values = [row[column] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert values[0] == "a\ufffdb\ufffdc\ufffd"
    assert values[1] == "很" * 32_767


def test_xlsx_does_not_tell_when_it_was_made() -> None:
    raw = xlsx_bytes(_table(["a"]))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml")
    assert re.findall(rb"\d{4}-\d\d-\d\d", core) == [b"1980-01-01"] * 2


def test_a_published_csv_begins_with_the_lesson() -> None:
    turn = Turn(0.0, 1.5, SpeakerRole.TEACHER, "T", 0.5)
    (row,) = _csv_rows(csv_bytes(turns_table([turn]), "=bad"))
    assert list(row)[0] == "lesson_id"  # noqa: RUF015
    assert row["lesson_id"] == "'=bad"
    assert (row["start_s"], row["end_s"], row["role"]) == ("0.0", "1.5", "teacher")
