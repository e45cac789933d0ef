"""Every format against every kind of damage: read as meant with a remark, or refused by name."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import pytest

from classwatch.core.errors import InputError
from classwatch.exchange.eaf import Annotation, Tier
from classwatch.exchange.formats import FORMATS, read_coding, write_coding
from classwatch.exchange.tiers import Coding

TEXT_FORMATS = [name for name in FORMATS if name != "xlsx"]
GUESSED = {"textgrid", "textgrid-short", "csv", "labelstudio", "itias"}
"""Formats whose text may be in an old encoding; what was guessed is remarked on."""
GUESSED_SILENTLY = {"srt", "vtt"}


def coding(name: str, text: str) -> Coding:
    """One annotation that says ``text`` in a place where the format keeps it."""
    if name == "rttm":
        return Coding((Tier(f"turns/{text}", (Annotation(0.0, 3.0, "teacher"),)),), 3.0)
    kind = {"srt": "words/teacher", "vtt": "words/teacher", "itias": "codes"}.get(name, text)
    return Coding((Tier(kind, (Annotation(0.0, 3.0, text),)),), 3.0)


def written(name: str, text: str, encoding: str, folder: Path) -> Path:
    body = write_coding(coding(name, text), name).content.decode("utf-8-sig")
    path = folder / f"file{(*FORMATS[name].suffixes, '.csv')[0]}"
    path.write_bytes(body.encode(encoding))
    return path


def said(path: Path, name: str) -> set[str]:
    tiers = read_coding(path, name).tiers
    return {t.name.rpartition("/")[2] for t in tiers} | {
        a.text for t in tiers for a in t.annotations
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_unicode_of_every_kind_is_read(name: str, encoding: str, tmp_path: Path) -> None:
    path = written(name, "讲授", encoding, tmp_path)
    if (name, encoding) == ("eaf", "utf-16"):
        # The XML declares UTF-8: what its own first line says is wrong.
        with pytest.raises(InputError, match=r"file\.eaf.*encoding"):
            read_coding(path, name)
        return
    assert "讲授" in said(path, name)


@pytest.mark.parametrize(
    ("encoding", "text"), [("gbk", "讲授与提问"), ("cp1252", "Préparé")], ids=["gbk", "cp1252"]
)
@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_old_encodings_are_read_with_a_remark_or_refused_by_name(
    name: str, encoding: str, text: str, tmp_path: Path
) -> None:
    path = written(name, text, encoding, tmp_path)
    if name not in GUESSED | GUESSED_SILENTLY:
        with pytest.raises(InputError, match=r"file\.") as caught:
            read_coding(path, name)
        assert caught.value.remedy
        return
    assert text in said(path, name)
    remarks = " ".join(read_coding(path, name).notes)
    assert (encoding.upper() in remarks) == (name in GUESSED)


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'


@pytest.mark.parametrize("member", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_entities_in_a_workbook_are_refused(member: str, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xlsx", tmp_path / "bad.xlsx"
    good.write_bytes(write_coding(coding("xlsx", "x"), "xlsx").content)
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == member:
                head, mark, rest = data.partition(b"?>")
                start, rest = (head + mark, rest) if mark else (b"", data)
                data = start + BOMB.encode() + rest
            target.writestr(name, data)
    with pytest.raises(InputError, match=r"bad\.xlsx"):
        read_coding(bad)


@pytest.mark.parametrize("name", ["srt", "vtt", "textgrid", "boris", "csv", "itias", "rttm"])
def test_entities_mean_nothing_outside_of_xml(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"file{FORMATS[name].suffixes[0]}"
    path.write_text(f"<?xml version='1.0'?>{BOMB}<a>&c;</a>", encoding="utf-8")
    with pytest.raises(InputError, match=r"file\."):
        read_coding(path, name)


def million(row: str, head: str = "") -> bytes:
    return (head + row * 1_000_000).encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("csv", million("1,1,5\n", "start_s,end_s,codes\n")),
        ("itias", million("5 ")),
    ],
)
def test_a_million_rows_are_too_many_for_a_lesson(
    name: str, content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / f"file{FORMATS[name].suffixes[0]}"
    path.write_bytes(content)
    began = time.process_time()
    with pytest.raises(InputError, match=r"file\..*(more than|too many)"):
        read_coding(path, name)
    assert time.process_time() - began < 10


def test_a_row_at_the_end_of_a_sheet_is_reached_in_time(tmp_path: Path) -> None:
    good, far = tmp_path / "good.xlsx", tmp_path / "far.xlsx"
    good.write_bytes(write_coding(coding("xlsx", "x"), "xlsx").content)
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(far, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("sheet1.xml"):
                assert b'r="2"' in data
                # 900,000 empty rows lie before the only one that is filled.
                data = data.replace(b'<row r="2"', b'<row r="900000"').replace(b'2"', b'900000"')
            target.writestr(name, data)
    began = time.process_time()
    try:
        assert "x" in said(far, "xlsx")
    except InputError as error:
        assert "far.xlsx" in str(error)  # noqa: PT017 - either answer is clear
    assert time.process_time() - began < 10


def test_overlaps_where_a_format_has_none(tmp_path: Path) -> None:
    grid = tmp_path / "a.TextGrid"
    grid.write_text(
        '"ooTextFile" "TextGrid" 0 9 <exists> 1 "IntervalTier" "codes" 0 9 2 0 5 "4" 3 9 "5"',
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"a\.TextGrid.*'codes'.*at 3 s begins before .* 0 s ends"):
        read_coding(grid)
    sheet = tmp_path / "a.csv"
    sheet.write_text("start_s,end_s,codes\n0,5,4\n3,9,5\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.csv, row 3.*before the row above it ends"):
        read_coding(sheet)


def test_overlaps_of_one_elan_tier_are_remarked_on(tmp_path: Path) -> None:
    # ELAN itself never has them; programs that write its format may.
    rows = (Annotation(0.0, 5.0, "4"), Annotation(3.0, 9.0, "5"), Annotation(9.0, 10.0, "6"))
    text = write_coding(Coding((Tier("a", rows[1:]), Tier("b", rows[:1]))), "eaf").content.decode()
    both, rest = text.split("    </TIER>\n", 1)
    name = '    <TIER LINGUISTIC_TYPE_REF="default-lt" TIER_ID="b">\n'
    assert name in rest
    path = tmp_path / "a.eaf"
    path.write_text(both + rest.replace(name, ""), encoding="utf-8")
    found = read_coding(path)
    assert [a.text for a in found.tiers[0].annotations] == ["4", "5", "6"]
    assert any("a: 1 annotation" in note and "overlap" in note for note in found.notes)


def test_overlaps_are_kept_where_a_format_has_them(tmp_path: Path) -> None:
    rows = (Annotation(0.0, 5.0, "teacher"), Annotation(3.0, 9.0, "student"))
    both = Coding((Tier("turns/T", rows[:1]), Tier("turns/S1", rows[1:])), 9.0)
    for name in ("rttm", "boris", "boris-events", "labelstudio", "intervals", "eaf", "textgrid"):
        path = tmp_path / f"a{(*FORMATS[name].suffixes, '.csv')[0]}"
        path.write_bytes(write_coding(both, name).content)
        times = {(a.start_s, a.end_s) for t in read_coding(path, name).tiers for a in t.annotations}
        assert times == {(0.0, 5.0), (3.0, 9.0)}, name
