from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classwatch.core.errors import DataError, InputError
from classwatch.core.issues import Issue, Severity
from classwatch.core.measures import Measure
from classwatch.core.speech import Transcript
from classwatch.store.documents import (
    ISSUES,
    MEASURES,
    TRANSCRIPT,
    DocumentSchema,
    document_bytes,
    parse_document,
    read_document,
    write_document,
)
from classwatch.store.jsonio import canonical_json, parse_json
from classwatch.store.records import LESSON
from tests.store import made

EMPTY = b'{"schema": "classwatch.transcript/1", "data": %s}'


@given(made.transcripts)
@settings(max_examples=60)
def test_a_transcript_comes_back_as_it_was(transcript: Transcript) -> None:
    raw = document_bytes(TRANSCRIPT, transcript)
    again = parse_document(TRANSCRIPT, raw, subject="x")
    assert again == transcript
    assert document_bytes(TRANSCRIPT, again) == raw


@given(st.lists(made.measures, max_size=4).map(tuple))
@settings(max_examples=60)
def test_measures_come_back_as_they_were(measures: tuple[Measure, ...]) -> None:
    raw = document_bytes(MEASURES, measures)
    assert parse_document(MEASURES, raw, subject="x") == measures


def test_a_lesson_record_comes_back_with_every_nested_value(tmp_path: Path) -> None:
    record = made.lesson_record("课例 1")
    write_document(tmp_path / "lesson.json", LESSON, record)
    assert read_document(tmp_path / "lesson.json", LESSON) == record
    assert [p.name for p in tmp_path.iterdir()] == ["lesson.json"]


def test_documents_are_plain_utf8_json_with_sorted_keys() -> None:
    issue = Issue("a.b", Severity.INFO, "media", "声音", detail={"z": 1, "a": 0.1})
    raw = document_bytes(ISSUES, (issue,))
    assert raw.endswith(b"}\n")
    assert "声音".encode() in raw
    assert json.loads(raw)["data"][0]["detail"] == {"a": 0.1, "z": 1}
    assert raw.index(b'"a": 0.1') < raw.index(b'"z": 1')


def test_whole_numbers_and_fractions_in_a_detail_keep_their_kind() -> None:
    issue = Issue("a", Severity.INFO, "s", "m", detail={"n": 3, "x": 3.0, "t": "3"})
    (again,) = parse_document(ISSUES, document_bytes(ISSUES, (issue,)), subject="x")
    assert {k: type(v) for k, v in again.detail.items()} == {"n": int, "x": float, "t": str}


def test_numbers_of_numpy_are_stored_as_plain_numbers() -> None:
    detail = {"n": np.int64(3), "x": np.float32(0.5)}
    issue = Issue("a", Severity.INFO, "s", "m", detail=detail)  # type: ignore[arg-type]
    (again,) = parse_document(ISSUES, document_bytes(ISSUES, (issue,)), subject="x")
    assert again.detail == {"n": 3, "x": 0.5}


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_nan_is_never_written(bad: float) -> None:
    issue = Issue("a", Severity.INFO, "s", "m", detail={"x": bad})
    with pytest.raises(ValueError, match="NaN"):
        document_bytes(ISSUES, (issue,))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"language": "zh", "origin": "predicted"}', r"segments.*missing"),
        (b'{"segments": [], "language": 5, "origin": "predicted"}', r"\$\.language.*text"),
        (b'{"segments": {}, "language": "", "origin": "predicted"}', r"\$\.segments.*list"),
        (b'{"segments": [], "language": "", "origin": "invented"}', r"\$\.origin.*invented"),
        (b'{"segments": [], "language": "", "origin": "predicted", "x": 1}', "unknown field 'x'"),
        (
            b'{"segments": [{"start_s": 1, "end_s": "2", "text": ""}], "language": "",'
            b' "origin": "predicted"}',
            r"\$\.segments\[0\]\.end_s.*number",
        ),
        (b"[1, 2", "not valid JSON"),
        (b'{"segments": [], "language": "", "origin": "predicted", "model": NaN}', "NaN"),
    ],
)
def test_a_wrong_document_is_refused_with_file_and_place(data: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        parse_document(TRANSCRIPT, EMPTY % data, subject="lesson/transcript.json")
    assert caught.value.subject == "lesson/transcript.json"


def test_another_version_is_refused_by_name() -> None:
    raw = document_bytes(TRANSCRIPT, Transcript((), "zh", made.Origin.PREDICTED))
    newer = raw.replace(b"transcript/1", b"transcript/2")
    with pytest.raises(DataError, match=r"expected classwatch\.transcript/1, found .*/2"):
        parse_document(TRANSCRIPT, newer, subject="x")


def test_values_that_break_a_rule_of_their_class_are_refused() -> None:
    raw = document_bytes(MEASURES, (made.measure("a", 0.5),))
    raw = raw.replace(b'"value": 0.5', b'"value": null')
    with pytest.raises(DataError, match=r"\$\[0\].*value or a reason"):
        parse_document(MEASURES, raw, subject="x")


def test_a_missing_file_is_an_input_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.json"):
        read_document(tmp_path / "gone.json", TRANSCRIPT)


def test_deep_nesting_and_repeated_keys_are_refused() -> None:
    for raw in (b"[" * 200_000, b'{"a": 1, "a": 2}'):
        with pytest.raises(DataError):
            parse_json(raw, subject="x")


def test_names_that_are_not_utf8_survive() -> None:
    odd = b"le\xe7on".decode("utf-8", errors="surrogateescape")
    assert parse_json(canonical_json([odd]), subject="x") == [odd]


@dataclass(frozen=True, slots=True)
class _Pair:
    box: tuple[float, int]
    name: str | None = None


def test_fixed_tuples_check_their_length() -> None:
    schema: DocumentSchema[_Pair] = DocumentSchema("pair", 1, _Pair, "")
    raw = document_bytes(schema, _Pair((1, 2)))
    assert json.loads(raw)["data"] == {"box": [1.0, 2], "name": None}
    assert parse_document(schema, raw, subject="x") == _Pair((1.0, 2))
    with pytest.raises(DataError, match="expected 2 items, found 1"):
        parse_document(schema, raw.replace(b"  1.0,\n", b""), subject="x")
