"""Tables of labelled intervals, as annotators write them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from classwatch.core.errors import InputError
from classwatch.exchange.intervals import Labelled, labels, read_intervals


def write(folder: Path, text: str) -> Path:
    path = folder / "a.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "start_s,end_s,label\n2,3.5,b\n0.5,1,a\n",
        "start,duration,code\n2,1.5,b\n0.5,0.5,a\n",
        "segment_onset\tsegment_offset\tlabel\n2000\t3500\tb\n500\t1000\ta\n",
        "开始;结束;行为\n2;3.5;b\n0.5;1;a\n",
        "﻿Start (s),Stop (s),Behavior\n2,3.5,b\n0.5,1,a\n",
    ],
)
def test_the_usual_names_and_units_are_read(tmp_path: Path, text: str) -> None:
    found = read_intervals(write(tmp_path, text))
    assert found == (Labelled(0.5, 1.0, "a"), Labelled(2.0, 3.5, "b"))
    assert labels(found) == ("a", "b")


def test_a_named_column_is_the_label_and_empty_cells_are_left_out(tmp_path: Path) -> None:
    text = "start_s,end_s,speaker,kind\n0,1,T,x\n1,2,S,NA\n2,3,S,\n"
    assert read_intervals(write(tmp_path, text), "kind") == (Labelled(0.0, 1.0, "x", "T"),)
    with pytest.raises(InputError, match="no column 'mood_of_day'"):
        read_intervals(write(tmp_path, text), "mood_of_day")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("a,b\n1,2\n", "start and end"),
        ("start_s,end_s\n1,x\n", "line 2"),
        ("start_s,end_s\n1,\n", "line 2"),
        ("start_s,end_s\n0,1\n3,2\n", "line 3"),
        ("start_s,end_s\n-1,2\n", "impossible"),
        ("start_s,end_s\nnan,2\n", "number"),
    ],
)
def test_what_cannot_be_read_is_refused_by_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read_intervals(write(tmp_path, text))
    assert words in str(caught.value)
    assert "a.csv" in str(caught.value)


@pytest.mark.shared
def test_a_real_table_comes_back_row_by_row(shared: Path) -> None:
    path = shared / "data" / "observation" / "childproject" / "eaf.csv"
    with path.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    found = read_intervals(path, "speaker_type")
    expected = sorted(
        (int(r["segment_onset"]) / 1000, int(r["segment_offset"]) / 1000, r["speaker_type"])
        for r in rows
    )
    assert [(round(f.start_s, 3), round(f.end_s, 3), f.label) for f in found] == expected
