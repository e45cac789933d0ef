"""ELAN files: real ones against pympi, both ways, and broken ones."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from classwatch.core.errors import InputError
from classwatch.exchange.eaf import Annotation, Tier, eaf_text, read_eaf


@pytest.mark.parametrize(
    "name",
    ["elan_pympi/sample_2.7.eaf", "childproject/example.eaf", "childproject/eaf_any_tier.eaf"],
)
def test_times_and_texts_are_those_that_pympi_reads(shared: Path, name: str) -> None:
    elan = pytest.importorskip("pympi.Elan")
    path = shared / "data/observation" / name
    theirs = elan.Eaf(str(path))
    ours = read_eaf(path)
    assert [t.name for t in ours.tiers] == list(theirs.get_tier_names())
    compared = 0
    for tier in ours.tiers:
        known = theirs.get_annotation_data_for_tier(tier.name)
        assert len(tier.annotations) == len(known)
        if theirs.tiers[tier.name][1] or any(None in row[:2] for row in known):
            continue  # pympi gives no times of its own to what hangs on other annotations
        expected = sorted((row[0], row[1], row[2] or "") for row in known)
        found = sorted(
            (round(a.start_s * 1000), round(a.end_s * 1000), a.text) for a in tier.annotations
        )
        assert found == expected
        compared += len(found)
    assert compared > 100


def test_words_under_a_sentence_share_its_time_and_follow_each_other(shared: Path) -> None:
    media = read_eaf(shared / "data/observation/elan_pympi/sample_2.7.eaf")
    sentences = media.tier("text").annotations
    words = media.tier("words-symsub").annotations
    first = sentences[0]
    own = [w for w in words if first.start_s - 1e-9 <= w.start_s and w.end_s <= first.end_s + 1e-9]
    assert own[0].start_s == first.start_s
    assert own[-1].end_s == pytest.approx(first.end_s)
    assert all(a.end_s == pytest.approx(b.start_s) for a, b in pairwise(own))


def test_tiers_come_back_as_written(tmp_path: Path) -> None:
    tiers = (
        Tier("教师", (Annotation(0.5, 2.25, '同学们好 <&> "x"'), Annotation(2.25, 3.0, "")), "T"),
        Tier("acts", (Annotation(1.001, 60.0, "write"),)),
        Tier("empty", ()),
    )
    path = tmp_path / "a.eaf"
    path.write_text(eaf_text(tiers, ["front.mp4"]), encoding="utf-8")
    found = read_eaf(path)
    assert found.tiers == tiers
    assert found.media == ("./front.mp4",)


def test_pympi_reads_what_is_written(tmp_path: Path) -> None:
    elan = pytest.importorskip("pympi.Elan")
    path = tmp_path / "a.eaf"
    tiers = [Tier("t", (Annotation(0.5, 1.0, "a"), Annotation(1.5, 2.0, "b")))]
    path.write_text(eaf_text(tiers, ["room.wav"]), encoding="utf-8")
    theirs = elan.Eaf(str(path))
    assert sorted(theirs.get_annotation_data_for_tier("t")) == [(500, 1000, "a"), (1500, 2000, "b")]
    assert theirs.get_linked_files()[0]["MIME_TYPE"] == "audio/x-wav"


def test_slots_without_a_time_lie_evenly_between_their_neighbours(tmp_path: Path) -> None:
    spans = ((1.0, 2.0, "a"), (2.0, 3.0, "b"), (3.0, 4.0, "c"))
    text = eaf_text([Tier("t", tuple(Annotation(*span) for span in spans))])
    for slot, time_ms in ((2, 2000), (3, 2000), (4, 3000), (5, 3000)):
        timed = f'TIME_SLOT_ID="ts{slot}" TIME_VALUE="{time_ms}"'
        assert timed in text
        text = text.replace(timed, f'TIME_SLOT_ID="ts{slot}"')
    path = tmp_path / "a.eaf"
    path.write_text(text, encoding="utf-8")
    # Four untimed slots between 1 s and 4 s: steps of 0.6 s.
    found = [(round(a.start_s, 6), round(a.end_s, 6)) for a in read_eaf(path).tier("t").annotations]
    assert found == [(1.0, 1.6), (2.2, 2.8), (3.4, 4.0)]


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(ValueError, match="same name"):
        eaf_text([Tier("t", ()), Tier("t", ())])
    with pytest.raises(ValueError, match="ends before it starts"):
        eaf_text([Tier("t", (Annotation(2, 1, "x"),))])


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "not well-formed"),
        ("<html/>", "expected an ANNOTATION_DOCUMENT"),
        (
            '<!DOCTYPE x [<!ENTITY a "b">]><ANNOTATION_DOCUMENT>&a;</ANNOTATION_DOCUMENT>',
            "not read",
        ),
        (
            '<ANNOTATION_DOCUMENT><TIME_ORDER/><TIER TIER_ID="t"><ANNOTATION>'
            '<ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2"/>'
            "</ANNOTATION></TIER></ANNOTATION_DOCUMENT>",
            "annotation a1 refers to a time slot",
        ),
        (
            '<ANNOTATION_DOCUMENT><TIME_ORDER/><TIER TIER_ID="t"><ANNOTATION>'
            '<REF_ANNOTATION ANNOTATION_ID="a1" ANNOTATION_REF="a2"/>'
            "</ANNOTATION></TIER></ANNOTATION_DOCUMENT>",
            "annotation a2 is referred to",
        ),
        (
            '<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="PAL-frames"/></ANNOTATION_DOCUMENT>',
            "time unit PAL-frames",
        ),
        (
            '<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="t1" TIME_VALUE="x"/>'
            "</TIME_ORDER></ANNOTATION_DOCUMENT>",
            "time slot t1: 'x' is no number",
        ),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: str, what: str) -> None:
    path = tmp_path / "bad.eaf"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=what) as caught:
        read_eaf(path)
    assert caught.value.subject == str(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_eaf(tmp_path / "absent.eaf")
