"""Every format both ways: exact to the millisecond, losses stated, bad files refused."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classwatch.core.errors import InputError
from classwatch.exchange.eaf import Annotation, Tier, Vocabulary
from classwatch.exchange.formats import FORMATS, Options, read_coding, write_coding
from classwatch.exchange.tiers import Coding, Written, in_order

MIXED = Coding(
    (
        Tier(
            "turns/T",
            (Annotation(0.0, 1.2346, "teacher"), Annotation(1.2346, 4.0, "teacher")),
            "T",
            "roles",
        ),
        Tier("turns/S 1", (Annotation(3.999, 5.001, "student"),), "S 1", "roles"),
        Tier("codes/fias", (Annotation(0.5, 2.0, "4"), Annotation(2.0, 7.125, "5")), "教师"),
    ),
    end_s=10.0,
    media=("课 1.mp4",),
    vocabularies=(Vocabulary("roles", (("teacher", "教师 & <co>"), ("student", "学生"))),),
)
OVERLAPPING = Coding(
    (Tier("hands", tuple(Annotation(k, k + 3.0, "up") for k in (1.0, 2.0, 2.5, 8.0))),), end_s=12.0
)
POINTS = Coding((Tier("q", (Annotation(1.0, 1.0, "open"), Annotation(2.5, 4.0, "talk"))),), 5.0)


def there_and_back(coding: Coding, name: str, folder: Path) -> tuple[Coding, Written]:
    written = write_coding(coding, name)
    path = folder / f"file{(*FORMATS[name].suffixes, '.csv')[0]}"
    path.write_bytes(written.content)
    return read_coding(path, name), written


def content(coding: Coding) -> dict[str, tuple[tuple[int, int, str], ...]]:
    """What a coding says, in whole milliseconds."""
    return {
        tier.name: tuple(
            (round(a.start_s * 1000), round(a.end_s * 1000), a.text) for a in tier.annotations
        )
        for tier in coding.tiers
    }


EXACT = ("eaf", "textgrid", "textgrid-short", "boris", "boris-events", "intervals", "labelstudio")


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("coding", [MIXED, OVERLAPPING], ids=["mixed", "overlapping"])
def test_times_and_texts_come_back_to_the_millisecond(
    name: str, coding: Coding, tmp_path: Path
) -> None:
    back, _ = there_and_back(coding, name, tmp_path)
    assert content(back) == content(coding)


@pytest.mark.parametrize("name", ["eaf", "boris", "boris-events", "intervals", "labelstudio"])
def test_points_stay_points(name: str, tmp_path: Path) -> None:
    back, _ = there_and_back(POINTS, name, tmp_path)
    assert content(back) == content(POINTS)


def test_points_and_intervals_of_one_tier_become_two_tiers_in_praat(tmp_path: Path) -> None:
    back, _ = there_and_back(POINTS, "textgrid", tmp_path)
    assert content(back) == {"q": ((2500, 4000, "talk"),), "q points": ((1000, 1000, "open"),)}


def test_a_behaviour_that_is_state_and_point_is_told_apart(tmp_path: Path) -> None:
    both = Coding((Tier("T", (Annotation(1.0, 1.0, "x"), Annotation(2.0, 3.0, "x"))),), 5.0)
    back, written = there_and_back(both, "boris", tmp_path)
    assert content(back) == {"T": ((1000, 1000, "x (point)"), (2000, 3000, "x"))}
    assert any("never both" in loss for loss in written.losses)


@pytest.mark.parametrize("name", ["eaf", "textgrid"])
def test_spreading_over_tiers_is_stated(name: str, tmp_path: Path) -> None:
    _, written = there_and_back(OVERLAPPING, name, tmp_path)
    # 2.0 to 5.0 and 2.5 to 5.5 overlap 1.0 to 4.0: three at once.
    assert any("3 tiers" in loss for loss in written.losses)


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Co", "Cn")),
    min_size=1,
    max_size=12,
).filter(lambda t: t.strip() == t and t != "(no text)" and t[0] != "'")
moments = st.integers(0, 40_000)


@st.composite
def codings(draw: st.DrawFn) -> Coding:
    tiers = []
    for name in ("A", "b 2", "教师"):
        rows = draw(st.lists(st.tuples(moments, st.integers(1, 5000), texts), max_size=4))
        found = [Annotation(at / 1000, (at + long) / 1000, text) for at, long, text in rows]
        tiers.append(
            Tier(name, in_order({(a.start_s, a.end_s, a.text): a for a in found}.values()))
        )
    return Coding(tuple(tiers), 50.0)


@pytest.mark.parametrize("name", ["eaf", "textgrid", "textgrid-short", "labelstudio"])
@settings(max_examples=25)
@given(coding=codings())
def test_any_coding_comes_back(
    name: str, coding: Coding, tmp_path_factory: pytest.TempPathFactory
) -> None:
    back, _ = there_and_back(coding, name, tmp_path_factory.getbasetemp())
    expected = {k: v for k, v in content(coding).items() if v}
    assert {k: v for k, v in content(back).items() if v} == expected


def test_turns_come_back_from_rttm_and_what_is_lost_is_said(tmp_path: Path) -> None:
    one = replace(MIXED, tiers=MIXED.tiers[:1], end_s=4.0)
    back, written = there_and_back(one, "rttm", tmp_path)
    assert content(back) == {"turns/T": ((0, 1235, "teacher"), (1235, 4000, "teacher"))}
    assert written.losses == ()
    _, written = there_and_back(MIXED, "rttm", tmp_path)
    assert any("codes/fias" in loss for loss in written.losses)


@pytest.mark.parametrize("name", FORMATS)
def test_the_length_comes_back_or_its_loss_is_stated(name: str, tmp_path: Path) -> None:
    kind = {"rttm": "turns/T", "srt": "words/teacher", "vtt": "words/teacher"}.get(name, "codes")
    coding = Coding((Tier(kind, (Annotation(0.0, 3.0, "teacher"),)),), end_s=9.0)
    back, written = there_and_back(coding, name, tmp_path)
    stated = any("length of 9 s" in loss for loss in written.losses)
    assert (back.end_s == 9.0) != stated


@pytest.mark.parametrize("name", ["srt", "vtt"])
def test_words_come_back_from_subtitles(name: str, tmp_path: Path) -> None:
    said = (Annotation(0.25, 1.5, "同学们好 -- <b>"), Annotation(1.5, 2.001, "a & b"))
    words = Coding((Tier("words/teacher", said),), 3.0)
    back, written = there_and_back(words, name, tmp_path)
    (tier,) = back.tiers
    assert [(a.start_s, a.end_s) for a in tier.annotations] == [(0.25, 1.5), (1.5, 2.001)]
    assert (tier.name == "words/teacher") == (name == "vtt")
    assert any("who speaks" in loss for loss in written.losses) == (name == "srt")


# ---------------------------------------------------------------- files of other programs


@pytest.mark.shared
def test_praatio_and_we_read_the_same_from_real_textgrids(shared: Path) -> None:
    from praatio import textgrid

    folder = shared / "data" / "observation" / "praat_textgrid"
    compared = 0
    for path in sorted(folder.glob("*.TextGrid")):
        theirs = textgrid.openTextgrid(
            str(path), includeEmptyIntervals=False, duplicateNamesMode="rename"
        )
        ours = read_coding(path)
        assert len(ours.tiers) == len(theirs.tiers), path.name
        for mine, other in zip(ours.tiers, theirs.tiers, strict=True):
            starts = [float(entry[0]) for entry in other.entries if str(entry[-1]).strip()]
            kept = [a.start_s for a in mine.annotations if a.text.strip()]
            assert kept == pytest.approx(starts), (path.name, mine.name)
            compared += len(kept)
    assert compared > 200


@pytest.mark.shared
@pytest.mark.parametrize("name", ["elan_pympi/sample_3.0.eaf", "elan_pympi/sample_2.7.eaf"])
def test_a_real_elan_file_survives_a_round_trip(name: str, shared: Path, tmp_path: Path) -> None:
    coding = read_coding(shared / "data" / "observation" / name)
    assert sum(len(t.annotations) for t in coding.tiers) > 5000
    back, _ = there_and_back(coding, "eaf", tmp_path)
    assert content(back) == content(coding)


@pytest.mark.shared
def test_our_elan_file_is_read_by_pympi(tmp_path: Path) -> None:
    pympi = pytest.importorskip("pympi")
    path = tmp_path / "a.eaf"
    path.write_bytes(write_coding(MIXED, "eaf").content)
    theirs = pympi.Elan.Eaf(str(path))
    assert sorted(theirs.get_tier_names()) == ["codes/fias", "turns/S 1", "turns/T"]
    assert theirs.get_annotation_data_for_tier("codes/fias") == [
        (500, 2000, "4"),
        (2000, 7125, "5"),
    ]
    assert list(theirs.get_controlled_vocabulary_names()) == ["roles"]
    assert theirs.get_linked_files()[0]["RELATIVE_MEDIA_URL"] == "./课 1.mp4"


@pytest.mark.shared
def test_our_elan_file_is_built_as_elans_own(shared: Path, tmp_path: Path) -> None:
    """Elements, their order and their attributes are those of files that ELAN wrote."""
    from defusedxml.ElementTree import fromstring

    folder = shared / "data" / "observation"
    theirs = fromstring((folder / "elan_pympi" / "sample_3.0.eaf").read_bytes())
    another = fromstring((folder / "childproject" / "example.eaf").read_bytes())
    ours = fromstring(write_coding(MIXED, "eaf").content)
    assert ours.attrib.keys() == theirs.attrib.keys()
    for own in ours.iter():
        same = [set(e.attrib) for file in (theirs, another) for e in file.iter(own.tag)]
        assert same, own.tag
        optional = {"PARTICIPANT", "CONTROLLED_VOCABULARY_REF", "MIME_TYPE", "DESCRIPTION"}
        assert set.intersection(*same) - optional <= set(own.attrib), own.tag
        assert set(own.attrib) <= set.union(*same), own.tag
    order = list(dict.fromkeys(e.tag for e in theirs))
    places = [order.index(e.tag) for e in ours]
    assert places == sorted(places)
    slots = [int(e.attrib["TIME_VALUE"]) for e in ours.iter("TIME_SLOT")]
    assert slots == sorted(slots)


# ---------------------------------------------------------------- Label Studio


def studio(folder: Path, *results: list[dict[str, object]], **task: object) -> Path:
    path = folder / "task.json"
    annotations = [{"id": n, "result": result} for n, result in enumerate(results)]
    document = [{"id": 7, "data": {"video": "/data/upload/a.mp4"}, "annotations": annotations}]
    document[0].update(task)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


LABELS: dict[str, object] = {
    "type": "labels",
    "from_name": "who",
    "value": {"start": 1.5, "end": 2.25, "labels": ["T"]},
}
FRAMES: dict[str, object] = {
    "type": "timelinelabels",
    "from_name": "board",
    "value": {"ranges": [{"start": 26, "end": 50}], "timelinelabels": ["writes"]},
}


def test_annotations_of_label_studio_go_before_predictions(tmp_path: Path) -> None:
    predictions = [{"result": [{**LABELS, "from_name": "machine"}]}]
    found = read_coding(studio(tmp_path, [LABELS], predictions=predictions))
    assert content(found) == {"who": ((1500, 2250, "T"),)}
    assert found.media == ("a.mp4",)
    found = read_coding(studio(tmp_path, predictions=predictions))
    assert content(found) == {"machine": ((1500, 2250, "T"),)}
    assert any("predictions" in note for note in found.notes)


def test_frames_need_a_rate(tmp_path: Path) -> None:
    path = studio(tmp_path, [LABELS, FRAMES])
    with pytest.raises(InputError, match="fps"):
        read_coding(path)
    # Frames 26 to 50 of 25 in a second, counted from 1: the second second.
    found = read_coding(path, "", Options(fps=25.0))
    assert content(found)["board"] == ((1000, 2000, "writes"),)
    assert any("one frame" in note for note in found.notes)


def test_one_of_several_tasks_is_named(tmp_path: Path) -> None:
    path = studio(tmp_path, [LABELS])
    tasks = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps([*tasks, {**tasks[0], "id": 8}]), encoding="utf-8")
    with pytest.raises(InputError, match="7, 8"):
        read_coding(path)
    assert content(read_coding(path, "", Options("8"))) == {"who": ((1500, 2250, "T"),)}


# ---------------------------------------------------------------- bad files

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;">]><ANNOTATION_DOCUMENT>&c;</ANNOTATION_DOCUMENT>'
)
BAD = {
    "bomb.eaf": BOMB.encode(),
    "file.eaf": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "cut.eaf": b"<ANNOTATION_DOCUMENT><TIER",
    "html.eaf": b"<html></html>",
    "empty.TextGrid": b"",
    "cut.TextGrid": b'"ooTextFile" "TextGrid"\n0 1 <exists> 1 "Interval',
    "count.TextGrid": b'"ooTextFile" "TextGrid" 0 1 <exists> 1 "IntervalTier" "a" 0 1 900000000 0',
    "back.TextGrid": b'"ooTextFile" "TextGrid" 0 1 <exists> 1 "IntervalTier" "a" 0 1 1 1 0.5 "x"',
    "nan.TextGrid": b'"ooTextFile" "TextGrid" 0 1e999 <absent>',
    "list.boris": b"[]",
    "half.boris": b'{"observations": {"a": {"events": [[1]]}}, "behaviors_conf": {}}',
    "none.json": b"[]",
    "task.json": b'[{"annotations": [{"result": [{"type": "labels", "value": 3}]}]}]',
    "deep.json": b"[" * 100_000,
    "text.csv": b"hello",
    "names.csv": b"start_s,end_s,code,code\n0,3,1,1\n",
    "words.csv": b"start_s,end_s,code\n0,three,1\n",
    "order.csv": b"start_s,end_s,code\n3,6,1\n0,3,1\n",
    "nothing.xlsx": b"PK\x03\x04 no workbook",
    "words.txt": "13 6 6 ‘四’".encode(),
    "blank.txt": b"  \n",
    "short.rttm": b"SPEAKER a 1 0.0\n",
    "binary.txt": bytes(range(32)) * 20,
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_by_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(BAD[name])
    with pytest.raises(InputError, match=name.replace(".", r"\.")):
        read_coding(path)


def test_a_sheet_that_declares_a_million_rows_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "big.xlsx"
    path.write_bytes(write_coding(MIXED, "xlsx").content)
    declared = tmp_path / "declared.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(declared, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("sheet1.xml"):
                data = data.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
                assert b"XFD1048576" in data
            target.writestr(name, data)
    assert content(read_coding(declared)) == content(read_coding(path))


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        block = b"0" * 30_000_000
        for number in range(15):
            target.writestr(f"xl/{number}.xml", block)
    with pytest.raises(InputError, match="unpacks"):
        read_coding(path)


SHEET = "开始,结束,教师,élève\r\n0:00,0:03,讲授,\r\n0:03,0:06,讲授,x\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_sheets_are_read_without_a_remark(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(SHEET.encode(encoding))
    coding = read_coding(path)
    assert content(coding) == {"教师": ((0, 6000, "讲授"),), "élève": ((3000, 6000, "x"),)}
    assert coding.notes == ()


@pytest.mark.parametrize(
    ("text", "encoding", "word"),
    [
        ("开始,结束,教师\n0,3,讲授\n3,6,提问\n", "gbk", "GBK"),
        ("start_s,end_s,élève\n0,3,Préparé à côté\n3,6,Übung\n", "cp1252", "CP1252"),
    ],
)
def test_other_encodings_are_told_apart_and_remarked_on(
    text: str, encoding: str, word: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    coding = read_coding(path)
    assert coding.tiers[0].name == text.split("\n")[0].split(",")[2]
    assert coding.tiers[0].annotations[0].text == text.split("\n")[1].split(",")[2]
    assert word in coding.notes[0]


# ---------------------------------------------------------------- grids


def test_a_sheet_samples_at_the_middle_of_its_rows(tmp_path: Path) -> None:
    coding = Coding((Tier("c", (Annotation(0.0, 4.4, "a"), Annotation(4.4, 9.0, "b"))),), 9.0)
    for name in ("csv", "xlsx"):
        back, written = there_and_back(coding, name, tmp_path)
        # 4.4 lies before the middle of the second row, 4.5: the row is b.
        assert content(back) == {"c": ((0, 3000, "a"), (3000, 9000, "b"))}
        assert any("2 of 2" in loss for loss in written.losses)


def test_codes_on_the_grid_come_back_exactly(tmp_path: Path) -> None:
    sequence = "13 6 6 4 9 9 2 - 10 13"
    path = tmp_path / "a.txt"
    path.write_text(sequence, encoding="utf-8")
    coding = read_coding(path)
    assert coding.end_s == 30.0
    assert write_coding(coding, "itias").content.decode().split() == sequence.split()
    for name in ("csv", "xlsx", "eaf", "textgrid", "boris"):
        back, written = there_and_back(coding, name, tmp_path)
        assert content(back) == content(coding)
        assert not any("grid" in loss for loss in written.losses)
        again = write_coding(replace(back, end_s=30.0), "itias")
        assert again.content.decode().split() == sequence.split()


def test_a_sequence_of_two_tiers_asks_which(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="codes/fias"):
        write_coding(MIXED, "itias", Options())


def test_formulas_stay_text_in_sheets(tmp_path: Path) -> None:
    evil = Coding((Tier("=cmd|'/c calc'!A1", (Annotation(0.0, 3.0, "=1+1"),)),), 3.0)
    for name in ("csv", "xlsx"):
        back, _ = there_and_back(evil, name, tmp_path)
        assert content(back) == content(evil)
    assert b"\n=" not in write_coding(evil, "csv").content


def test_a_column_with_a_vocabulary_has_a_menu(tmp_path: Path) -> None:
    import openpyxl

    path = tmp_path / "a.xlsx"
    path.write_bytes(write_coding(MIXED, "xlsx").content)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    menus = {str(m.sqref): m.formula1 for m in sheet.data_validations.dataValidation}
    assert menus["D2:D1048576"] == '"teacher,student"'
    assert write_coding(MIXED, "xlsx").content == path.read_bytes()
