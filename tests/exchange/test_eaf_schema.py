"""What is written keeps the rules of EAF 3.0, as ELAN's own files do and damaged ones do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings

from classwatch.exchange.eaf import Vocabulary
from classwatch.exchange.formats import write_coding
from classwatch.exchange.tiers import Coding
from tests.exchange.eaf_schema import faults
from tests.exchange.test_formats import MIXED, OVERLAPPING, POINTS, codings

CODED = replace(
    MIXED,
    tiers=tuple(
        replace(t, vocabulary="fias") if t.name == "codes/fias" else t for t in MIXED.tiers
    ),
    vocabularies=(
        *MIXED.vocabularies,
        Vocabulary("fias", (("4", "asks questions (提问)"), ("5", "lectures (讲授)"))),
    ),
)


@pytest.mark.parametrize(
    "coding", [CODED, OVERLAPPING, POINTS, Coding(())], ids=["coded", "overlaps", "points", "none"]
)
def test_what_is_written_is_valid(coding: Coding) -> None:
    assert faults(fromstring(write_coding(coding, "eaf").content)) == []


@settings(max_examples=25)
@given(coding=codings())
def test_any_coding_is_written_as_valid_eaf(coding: Coding) -> None:
    assert faults(fromstring(write_coding(coding, "eaf").content)) == []


@pytest.mark.shared
def test_files_that_elan_wrote_are_valid_and_older_ones_are_not(shared: Path) -> None:
    folder = shared / "data" / "observation"
    for name in ("elan_pympi/sample_3.0.eaf", "childproject/example.eaf", "childproject/eaf.eaf"):
        assert faults(fromstring((folder / name).read_bytes())) == [], name
    # Until EAF 2.8 vocabularies held entries of one language.
    old = faults(fromstring((folder / "elan_pympi/sample_2.7.eaf").read_bytes()))
    assert "CV_ENTRY is no element of EAF 3.0" in old


def first(root: Element, tag: str) -> Element:
    return next(root.iter(tag))


def moved(root: Element) -> None:
    header = first(root, "HEADER")
    root.remove(header)
    root.append(header)


DAMAGES: dict[str, tuple[Callable[[Element], object], str]] = {
    "order": (moved, "out of order"),
    "no time order": (lambda r: r.remove(first(r, "TIME_ORDER")), "has 0 TIME_ORDER"),
    "no author": (lambda r: r.attrib.pop("AUTHOR"), "lacks AUTHOR"),
    "no date": (lambda r: r.set("DATE", "today"), "DATE is 'today'"),
    "times": (lambda r: first(r, "TIME_SLOT").set("TIME_VALUE", "1.5"), "TIME_VALUE is '1.5'"),
    "slot": (
        lambda r: first(r, "ALIGNABLE_ANNOTATION").set("TIME_SLOT_REF1", "ts999"),
        "TIME_SLOT_REF1 'ts999' is not there",
    ),
    "type": (
        lambda r: first(r, "TIER").set("LINGUISTIC_TYPE_REF", "none"),
        "LINGUISTIC_TYPE_REF 'none' is not there",
    ),
    "vocabulary": (
        lambda r: r.remove(first(r, "CONTROLLED_VOCABULARY")),
        "CONTROLLED_VOCABULARY_REF 'roles' is not there",
    ),
    "language": (lambda r: r.remove(first(r, "LANGUAGE")), "LANG_REF 'und' is not there"),
    "twice": (
        lambda r: [e.set("TIER_ID", "a") for e in r.iter("TIER")],
        "TIER_ID 'a' is there 3 times",
    ),
    "entry": (
        lambda r: [e.set("CVE_ID", "c") for e in r.iter("CV_ENTRY_ML")],
        "have one CVE_ID",
    ),
    "attribute": (lambda r: first(r, "TIER").set("COLOUR", "red"), "TIER has COLOUR"),
    "element": (lambda r: r.append(Element("COLOUR")), "COLOUR is no element"),
    "media": (lambda r: first(r, "MEDIA_DESCRIPTOR").attrib.pop("MIME_TYPE"), "lacks MIME_TYPE"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_document_is_told(name: str) -> None:
    root = fromstring(write_coding(CODED, "eaf").content)
    damage, told = DAMAGES[name]
    damage(root)
    assert any(told in fault for fault in faults(root)), faults(root)
