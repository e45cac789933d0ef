from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from classwatch.core.codes import ActCode, Bloom, QuestionPurpose, Sihe
from classwatch.core.errors import DataError, InputError
from classwatch.discourse.codebook import codebook_names, load_codebook


@pytest.mark.parametrize("name", codebook_names())
def test_every_shipped_codebook_is_complete(name: str) -> None:
    book = load_codebook(name)
    assert book.id == name
    assert all(entry.positive for entry in book.codes)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("acts", [code.value for code in ActCode]),
        ("bloom", [level.value for level in Bloom]),
        ("sihe", [kind.value for kind in Sihe]),
        ("purposes", [purpose.value for purpose in QuestionPurpose]),
        ("fias", [str(n) for n in range(1, 11)]),
        ("itias", [str(n) for n in range(1, 19)]),
        (
            "ifias",
            [
                "1",
                "2",
                "3",
                "4.1",
                "4.2",
                "5",
                "6",
                "7",
                "8",
                "9.1",
                "9.2",
                "10",
                "11",
                "12",
                "13",
                "14",
            ],
        ),
    ],
)
def test_the_books_hold_the_published_codes(name: str, codes: list[str]) -> None:
    assert sorted(e.code for e in load_codebook(name).codes) == sorted(codes)


def own_book() -> dict[str, Any]:
    code = {
        "code": 1,
        "name_zh": "问",
        "name_en": "asks",
        "definition_zh": "提问",
        "definition_en": "a question",
        "positive": ["为什么？"],
    }
    return {
        "id": "mine",
        "name_zh": "我的",
        "name_en": "Mine",
        "source": "me",
        "status": "own",
        "codes": [code],
    }


def written(tmp_path: Path, table: dict[str, Any]) -> Path:
    path = tmp_path / "我的.yaml"
    path.write_text(yaml.safe_dump(table, allow_unicode=True), encoding="utf-8")
    return path


def test_a_users_own_book(tmp_path: Path) -> None:
    book = load_codebook(written(tmp_path, own_book()))
    assert book.entry("1").positive == ("为什么？",)
    with pytest.raises(KeyError):
        book.entry("2")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"source": ""}, "`source`"),
        ({"status": "famous"}, "status"),
        ({"colour": "red"}, "colour"),
        ({"codes": []}, "`codes`"),
        ({"codes": ["1"]}, "code 1"),
        ({"codes": [{**own_book()["codes"][0], "positive": "为什么？"}]}, "`positive`"),
        ({"codes": [{**own_book()["codes"][0], "negative": ["为什么？"]}]}, "for and against"),
        ({"codes": own_book()["codes"] * 2}, "twice"),
    ],
)
def test_a_faulty_book_is_refused_with_its_place(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    path = written(tmp_path, own_book() | change)
    with pytest.raises(DataError) as caught:
        load_codebook(path)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)


def test_an_unknown_name_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no codebook"):
        load_codebook("flanders")
    with pytest.raises(InputError):
        load_codebook(tmp_path / "none.yaml")
