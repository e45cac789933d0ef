"""Ids that are safe on every system, and unique."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classwatch.exchange.lesson_ids import MAX_BYTES, problem, safe_id, unique_ids


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("课例一", "课例一"),
        ("lesson 1 (a)", "lesson 1 (a)"),
        ("a/b\\c:d", "a_b_c_d"),
        ("..", "lesson"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("-rf", "rf"),
        (".hidden", "hidden"),
        ("=SUM(A1)", "SUM(A1)"),
        ("CON", "_CON"),
        ("com1.x", "_com1.x"),
        ("name. ", "name"),
        ("a\x00b\nc", "a_b_c"),
        ("a\u202egpj", "agpj"),
        ("cafe\u0301", "caf\u00e9"),
        ("😀 课", "😀 课"),
        ("summary.csv", "_summary.csv"),
        ("", "lesson"),
    ],
)
def test_names_become_safe(name: str, expected: str) -> None:
    assert safe_id(name) == expected


@given(st.text(max_size=200))
@example("\ud800")
@example("汉" * 200)
@example("CON")
def test_every_text_gives_a_legal_id(text: str) -> None:
    made = safe_id(text)
    assert problem(made) == ""
    assert len(made.encode()) <= MAX_BYTES
    assert unicodedata.normalize("NFC", made) == made
    assert safe_id(made) == made
    assert "/" not in made
    assert made not in (".", "..")


def test_long_names_stay_apart() -> None:
    first, second = "汉" * 60 + "1", "汉" * 60 + "2"
    assert safe_id(first) != safe_id(second)
    assert len(safe_id(first).encode()) <= MAX_BYTES


@pytest.mark.parametrize(
    "bad", ["", " ", "../x", "a/b", "a\\b", "a:b", "a*", ".x", "-x", "x.", "x ", "NUL", "nul.txt",
            "lpt9", "a\tb", "a\u200bb", "汉" * 34, "run.json", "=1", "@x", "\ud800"],
)  # fmt: skip
def test_bad_ids_are_told(bad: str) -> None:
    assert problem(bad)


def test_the_folder_tells_equal_stems_apart() -> None:
    files = [PurePosixPath(p) for p in ("x/a/one.mp4", "x/b/one.mp4", "x/b/two.mp4")]
    assert unique_ids(files) == ("a-one", "b-one", "two")


def test_suffixes_and_numbers_come_last() -> None:
    files = [PurePosixPath(p) for p in ("a/x.mp4", "a/x.mkv", "b/c/x.mp4", "d/c/x.mp4", "a/y.mp4")]
    assert unique_ids(files) == ("a-x-mp4", "a-x-mkv", "c-x-mp4", "c-x-mp4-2", "y")


def test_case_alone_does_not_tell_apart() -> None:
    ids = unique_ids([PurePosixPath("a/Lesson.mp4"), PurePosixPath("b/lesson.mp4")])
    assert len({i.casefold() for i in ids}) == 2


def test_taken_ids_are_avoided() -> None:
    assert unique_ids([PurePosixPath("m/one.mp4")], ["ONE"]) == ("m-one",)


@given(st.lists(st.text("aAbB./-", min_size=1, max_size=4), max_size=12))
def test_ids_are_always_unique_and_legal(names: list[str]) -> None:
    ids = unique_ids([PurePosixPath(n) for n in names], ["a"])
    assert len({i.casefold() for i in (*ids, "a")}) == len(names) + 1
    assert all(problem(i) == "" for i in ids)
