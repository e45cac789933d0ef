from __future__ import annotations

from pathlib import Path

import pytest

from classwatch.core.measures import Unit
from classwatch.metrics.compute import MEASURES, definitions
from classwatch.metrics.crosswalk_page import page
from classwatch.metrics.definition import parse_entry
from classwatch.metrics.glossary import glossary

PAGE = Path(__file__).resolve().parents[2] / "docs" / "measures.md"

TEXT = """Summary.

name-zh: 名
name-en: Name
unit: share
formula: a / b
source: own
sampling-zh: 取样
sampling-en: how
gates: voiced snr
zh: 第一行
    第二行 end
    of it
en: one
    two
reading-zh: 读
reading-en: read
"""


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == glossary(), (
        "run: python -m classwatch.metrics.glossary > docs/measures.md"
    )


def test_ids_are_unique_and_grouped() -> None:
    ids = [d.id for d in definitions()]
    assert len(ids) == len(set(ids))
    groups = [d.group for d in definitions()]
    # A group's measures stand together, so that the page has one heading for each.
    assert len({*groups}) == sum(a != b for a, b in zip(groups, ["", *groups], strict=False))


def test_no_measure_speaks_of_minds_or_scores() -> None:
    banned = ("emotion", "engagement", "score", "rank", "情绪", "投入度", "得分", "排名")
    for measured in MEASURES:
        d = measured.entry.definition
        text = " ".join([d.id, d.name_zh, d.name_en, d.text_zh, d.text_en]).lower()
        assert [word for word in banned if word in text] == []


def test_docstrings_are_parsed_with_continued_lines() -> None:
    entry = parse_entry("demo.x", TEXT)
    assert entry.definition.group == "demo"
    assert entry.definition.unit is Unit.SHARE
    assert entry.definition.text_zh == "第一行第二行 end of it"
    assert entry.definition.text_en == "one two"
    assert entry.gates == ("voiced", "snr")


def test_an_incomplete_docstring_is_refused() -> None:
    with pytest.raises(ValueError, match="reading-en"):
        parse_entry("demo.x", TEXT.replace("reading-en: read", ""))
    with pytest.raises(ValueError, match="extra"):
        parse_entry("demo.x", TEXT + "extra: x\n")


def test_the_page_of_the_crosswalk_is_current() -> None:
    path = PAGE.with_name("crosswalk.md")
    assert path.read_text(encoding="utf-8") == page(), (
        "run: python -m classwatch.metrics.crosswalk_page > docs/crosswalk.md"
    )
