"""Lessons from files, folders and manifests, good and bad."""

from __future__ import annotations

import csv
import os
import zipfile
from pathlib import Path

import openpyxl
import pytest

from classwatch.core.errors import ClasswatchError, InputError, UsageError
from classwatch.core.media import StreamRole
from classwatch.core.resources import resource_dir
from classwatch.exchange.manifest import ConsentError, LessonSource, find_lessons
from classwatch.exchange.manifest_template import TEMPLATE_COLUMNS, write_template


def touch(path: Path, data: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def manifest(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def ids(sources: tuple[LessonSource, ...]) -> list[str]:
    return [s.lesson_id for s in sources]


# ---------------------------------------------------------------- files and folders


@pytest.mark.parametrize(
    "name",
    [
        "a b.mp4",
        "课例 一.MP4",
        "😀.mkv",
        "q'\"uote.mp4",
        "-dash.mp4",
        "=1+1.wav",
        "[b]x[/b].mp4",
        "%s.mp4",
    ],
)
def test_any_file_name_gives_a_lesson(tmp_path: Path, name: str) -> None:
    file = touch(tmp_path / name)
    (source,) = find_lessons([file])
    spec = source.require()
    assert spec.streams[0].path == file
    expected = StreamRole.AUDIO if name.endswith(".wav") else StreamRole.MIXED
    assert spec.streams[0].role is expected
    assert spec.streams[0].name == expected.value
    assert source.issues[0].code == "consent.none"
    assert source.lesson_id == spec.id


def test_a_folder_is_searched_to_the_bottom(tmp_path: Path) -> None:
    for name in ("b/二.mp4", "a/x/y/一.mov", "c.wav"):
        touch(tmp_path / name)
    for hidden in (".h.mp4", "._c.mp4", ".git/x.mp4", "@eaDir/x.mp4", "note.txt", "x.mp4.part"):
        touch(tmp_path / hidden)
    sources = find_lessons([tmp_path])
    assert sorted(s.require().streams[0].path.name for s in sources) == [
        "c.wav",
        "一.mov",
        "二.mp4",
    ]
    assert ids(find_lessons([tmp_path])) == ids(sources)


def test_links_in_a_circle_end_and_real_names_win(tmp_path: Path) -> None:
    touch(tmp_path / "real" / "x.mp4")
    (tmp_path / "a-link").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "loop").symlink_to(tmp_path)
    (source,) = find_lessons([tmp_path])
    assert source.require().streams[0].path == tmp_path / "real" / "x.mp4"


def test_a_link_to_a_folder_elsewhere_is_followed(tmp_path: Path) -> None:
    touch(tmp_path / "nas" / "x.mp4")
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "link").symlink_to(tmp_path / "nas")
    assert ids(find_lessons([tmp_path / "lessons"])) == ["x"]


def test_one_file_given_twice_is_one_lesson(tmp_path: Path) -> None:
    file = touch(tmp_path / "x.mp4")
    assert ids(find_lessons([tmp_path, file, tmp_path / "." / "x.mp4"])) == ["x"]


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no recordings: it is empty") as caught:
        find_lessons([tmp_path])
    assert "mp4" in caught.value.remedy
    assert caught.value.exit_code == 3


@pytest.mark.timeout(20)
def test_a_thousand_text_files_are_told_as_what_they_are(tmp_path: Path) -> None:
    for i in range(1000):
        (tmp_path / f"{i}.txt").touch()
    (tmp_path / "README").touch()
    with pytest.raises(InputError, match=r"1,000 \.txt, 1 without a suffix"):
        find_lessons([tmp_path])


@pytest.mark.parametrize(
    ("name", "part"),
    [("x.txt", "not a recording"), ("x.srt", "--transcript"), ("x.xls", "save it as .xlsx")],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str, part: str) -> None:
    with pytest.raises(InputError) as caught:
        find_lessons([touch(tmp_path / name)])
    assert part in str(caught.value)


def test_an_unusual_suffix_is_left_to_the_decoder(tmp_path: Path) -> None:
    assert ids(find_lessons([touch(tmp_path / "recording.dat")])) == ["recording"]


def test_one_missing_path_does_not_stop_the_others(tmp_path: Path) -> None:
    file = touch(tmp_path / "x.mp4")
    with pytest.raises(InputError, match="no such file"):
        find_lessons([tmp_path / "gone.mp4"])
    good, bad = find_lessons([tmp_path / "gone.mp4", file])
    assert good.require().id == "x"
    assert bad.spec is None
    assert "gone.mp4" in str(bad.error)
    with pytest.raises(ClasswatchError):
        bad.require()


def test_a_manifest_in_a_folder_is_mentioned_when_it_is_not_read(tmp_path: Path) -> None:
    touch(tmp_path / "rec" / "a" / "x.mp4")
    touch(tmp_path / "y.mp4")
    manifest(tmp_path / "rec" / "manifest.csv", "file,consent\na/x.mp4,no\n")
    inside, outside = find_lessons([tmp_path / "rec", tmp_path / "y.mp4"])
    assert [i.code for i in inside.issues] == ["consent.none", "manifest.unread"]
    assert [i.code for i in outside.issues] == ["consent.none"]


# ---------------------------------------------------------------- manifests


def test_a_full_row_is_read(tmp_path: Path) -> None:
    for name in ("t.mp4", "s.mp4", "a.wav", "x.srt"):
        touch(tmp_path / "rec" / name)
    file = manifest(
        tmp_path / "m.csv",
        "lesson_id,teacher_cam,student_cam,audio,audio_offset_s,student_cam_offset_s,transcript,"
        "school,class,teacher,consent,period\n"
        "math-1,rec/t.mp4,rec/s.mp4,rec/a.wav,-1.5,2,rec/x.srt,一中,3-2,T07,yes,第2节\n",
    )
    (source,) = find_lessons([file])
    spec = source.require()
    assert spec.id == "math-1"
    found = {s.name: (s.role, s.path.name, s.offset_s) for s in spec.streams}
    assert found == {
        "teacher_cam": (StreamRole.TEACHER_CAM, "t.mp4", 0.0),
        "student_cam": (StreamRole.STUDENT_CAM, "s.mp4", 2.0),
        "audio": (StreamRole.AUDIO, "a.wav", -1.5),
    }
    assert spec.transcript == tmp_path / "rec" / "x.srt"
    assert spec.metadata == {
        "school": "一中",
        "class": "3-2",
        "teacher": "T07",
        "consent": "yes",
        "period": "第2节",
    }
    assert source.issues == ()


CHINESE = (
    "课例编号,文件,学校,班级,学科,年级,学段,教师,日期,课型,同意,备注\n"
    "课一,一.mp4,实验小学,03,数学,五,小学,T1,2024-09-01,新授,是,无\n"
)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_chinese_headers_in_every_encoding(tmp_path: Path, encoding: str, delimiter: str) -> None:
    touch(tmp_path / "一.mp4")
    file = manifest(tmp_path / "清单.csv", CHINESE.replace(",", delimiter), encoding)
    spec = find_lessons([file])[0].require()
    assert spec.id == "课一"
    assert spec.metadata == {
        "school": "实验小学",
        "class": "03",
        "subject": "数学",
        "grade": "五",
        "stage": "小学",
        "teacher": "T1",
        "date": "2024-09-01",
        "lesson_type": "新授",
        "consent": "是",
        "备注": "无",
    }


def test_what_excel_adds_to_csv_is_understood(tmp_path: Path) -> None:
    touch(tmp_path / "=x.mp4")
    file = manifest(
        tmp_path / "m.csv",
        "sep=;\r\nLesson ID;File ;注\r\n;'=x.mp4;'=1+1\r\n;;\r\n\r\n",
        "utf-8-sig",
    )
    (source,) = find_lessons([file])
    assert source.require().streams[0].path.name == "=x.mp4"
    assert source.require().metadata == {"注": "=1+1"}


def test_xlsx_cells_of_every_type(tmp_path: Path) -> None:
    import datetime

    touch(tmp_path / "x.mp4")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["lesson_id", "file", "class", "date", "consent", "room", "score", None])
    sheet.append([7, "x.mp4", 3.0, datetime.date(2024, 9, 1), True, "=1+1", 1.5, None])
    sheet.append([None] * 8)
    book.save(tmp_path / "m.xlsx")
    (source,) = find_lessons([tmp_path / "m.xlsx"])
    assert source.lesson_id == "7"
    assert source.require().metadata == {
        "class": "3",
        "date": "2024-09-01",
        "consent": "yes",
        "score": "1.5",
    }


def test_yaml_keeps_texts_and_takes_several_files(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4", "c.wav"):
        touch(tmp_path / name)
    file = manifest(
        tmp_path / "m.yaml",
        """
lessons:
  - lesson_id: 007
    class: 3-02
    date: 2024-09-01
    consent: yes
    teacher: null
    files:
      - {path: a.mp4, role: student_cam, offset_s: 1.25}
      - {path: b.mp4, role: student_cam}
      - c.wav
  - file: a.mp4
    consent: no
""",
    )
    first, second = find_lessons([file])
    spec = first.require()
    assert spec.id == "007"
    assert [(s.name, s.offset_s) for s in spec.streams] == [
        ("student_cam", 1.25),
        ("student_cam_2", 0.0),
        ("audio", 0.0),
    ]
    assert spec.metadata == {"class": "3-02", "date": "2024-09-01", "consent": "yes"}
    assert second.refused


def test_the_bundled_sample_is_found() -> None:
    for file in sorted(resource_dir("samples").glob("*/lesson.yaml")):
        assert all(s.spec is not None for s in find_lessons([file]))


def test_a_missing_file_fails_its_own_row_only(tmp_path: Path) -> None:
    touch(tmp_path / "x.mp4")
    file = manifest(
        tmp_path / "m.csv",
        "file,offset_s\nx.mp4,\ngone.mp4,\n,\nx.mp4,soon\nhttps://example.org/x.mp4,\nx.mp4,,extra\n.,\n",
    )
    sources = find_lessons([file])
    assert [s.spec is not None for s in sources] == [True, False, False, False, False, False][:6]
    messages = [str(s.error) for s in sources[1:]]
    for message, part in zip(
        messages,
        (
            "gone.mp4: no such file",
            "'soon' is not a number",
            "never fetched",
            "more cells",
            "folder",
        ),
        strict=True,
    ):
        assert part in message
    assert "row 3" in messages[0]
    assert "row 5" in messages[1]
    assert len({s.lesson_id for s in sources}) == len(sources)


def test_windows_separators_and_decomposed_names_are_found(tmp_path: Path) -> None:
    touch(tmp_path / "三班" / "caf\u00e9.mp4")
    file = manifest(tmp_path / "m.csv", "file\n三班\\cafe\u0301.mp4\n")
    assert find_lessons([file])[0].require().streams[0].path.exists()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("school,class\na,b\n", "no column names the recordings; the columns are: school, class"),
        ("file\n", "lists no lesson"),
        ("", "empty"),
        ("\n\n", "empty"),
        ("file,文件\na,b\n", "two columns mean file"),
        ("lesson_id,file\n../up,x.mp4\n", "row 2: the lesson_id '../up' holds /"),
        ("lesson_id,file\na,x.mp4\nb,x.mp4\nA,x.mp4\n", "row 2, row 4: the same lesson_id"),
        ("lesson_id,file\nCON,x.mp4\n", "reserved"),
        ("lesson_id,file\n.x,x.mp4\n-y,x.mp4\n", "row 3"),
        ("lesson_id,file\n" + "汉" * 40 + ",x.mp4\n", "longer than 100 bytes"),
    ],
)
def test_a_bad_manifest_names_what_is_wrong(tmp_path: Path, text: str, part: str) -> None:
    touch(tmp_path / "x.mp4")
    file = manifest(tmp_path / "m.csv", text)
    with pytest.raises(InputError) as caught:
        find_lessons([file])
    assert part in str(caught.value)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "data", "part"),
    [
        ("m.csv", b"\xd0\xcf\x11\xe0" + b"\0" * 100, "old .xls"),
        ("m.csv", b"file\n\x81\xff\xfe\x00", "is no text"),
        ("m.csv", b'file\n"' + b"x" * 200_000, "field larger"),
        ("m.xlsx", b"PK\x03\x04broken", "workbook"),
        ("m.xlsx", b"file\n", "lists no lesson"),
        ("m.yaml", b"- [a]", "not a manifest"),
        ("m.yaml", b"a: b", "not a manifest"),
        ("m.yaml", b"- file: x\n  file: y", "given twice"),
        ("m.yaml", b"- {file: !!python/name:os.system x}", "python"),
    ],
)
def test_a_broken_manifest_file_is_named(tmp_path: Path, name: str, data: bytes, part: str) -> None:
    file = touch(tmp_path / name, data)
    if part == "python":
        (source,) = find_lessons([file])  # the tag is ignored: every scalar is text
        assert "no such file" in str(source.error)
        return
    with pytest.raises(InputError) as caught:
        find_lessons([file])
    assert part in str(caught.value)


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ("{path: x.mp4, role: camera}", "no role 'camera'"),
        ("{role: audio}", "needs a `path`"),
        ("{path: x.mp4, volume: 3}", "not volume"),
    ],
)
def test_a_bad_yaml_stream_fails_its_lesson(tmp_path: Path, row: str, part: str) -> None:
    touch(tmp_path / "x.mp4")
    file = manifest(tmp_path / "m.yaml", f"- {{lesson_id: a, files: [{row}]}}\n- {{file: x.mp4}}\n")
    bad, good = find_lessons([file])
    assert part in str(bad.error)
    assert good.spec is not None


@pytest.mark.timeout(20)
def test_a_workbook_that_claims_a_million_rows_is_read_quickly(tmp_path: Path) -> None:
    touch(tmp_path / "x.mp4")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["file"])
    sheet.append(["x.mp4"])
    book.save(tmp_path / "m.xlsx")
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(tmp_path / "m.xlsx") as old, zipfile.ZipFile(bomb, "w") as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename == "xl/worksheets/sheet1.xml":
                data = data.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"')
                assert b"XFD1048576" in data
            new.writestr(item, data)
    assert ids(find_lessons([bomb])) == ["x"]


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as entry,
    ):
        for _ in range(450):
            entry.write(bytes(1_000_000))
    assert bomb.stat().st_size < 2_000_000
    with pytest.raises(InputError, match="unpacks to more"):
        find_lessons([bomb])


def test_two_manifests_may_not_share_an_id(tmp_path: Path) -> None:
    touch(tmp_path / "x.mp4")
    one = manifest(tmp_path / "1.csv", "lesson_id,file\na,x.mp4\n")
    two = manifest(tmp_path / "2.csv", "lesson_id,file\nA,x.mp4\n")
    first, second = find_lessons([one, two])
    assert first.spec is not None
    assert "another manifest" in str(second.error)
    assert first.lesson_id.casefold() != second.lesson_id.casefold()


# ---------------------------------------------------------------- consent


@pytest.mark.parametrize(
    "answer",
    [
        "yes",
        "是",
        "Y",
        "已同意",
        "1",
        "√",
        "yes (signed 2024)",
        "是，已签字",
        "not needed (invented)",
        "无需",
    ],
)
def test_consent_that_was_given(tmp_path: Path, answer: str) -> None:
    touch(tmp_path / "x.mp4")
    file = tmp_path / "m.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["file", "consent"], ["x.mp4", answer]])
    assert find_lessons([file])[0].spec is not None


@pytest.mark.parametrize(
    "answer", ["no", "否", "N", "未同意", "无", "", "maybe", "不同意，家长拒绝", "nobody asked"]
)
def test_consent_that_was_not_given(tmp_path: Path, answer: str) -> None:
    touch(tmp_path / "x.mp4")
    file = tmp_path / "m.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["file", "consent"], ["x.mp4", answer]])
    (source,) = find_lessons([file])
    assert source.refused
    assert isinstance(source.error, ConsentError)
    (stated,) = find_lessons([file], have_consent=True)
    assert stated.spec is not None
    assert [i.code for i in stated.issues] == ["consent.stated"]


# ---------------------------------------------------------------- templates


@pytest.mark.parametrize("name", ["m.csv", "sub folder/清单.xlsx"])
def test_a_template_leads_back_to_the_same_lessons(tmp_path: Path, name: str) -> None:
    for file in (
        "a/一.mp4",
        "b/一.mp4",
        "=1+1.mp4",
        "-x.mp4",
        "@y.wav",
        "q'\"uo,te.mp4",
        "+z\n.mp4",
    ):
        touch(tmp_path / "rec" / file)
    out = tmp_path / name
    assert write_template(tmp_path / "rec", out) == 7
    read = {
        s.lesson_id: s.require().streams[0].path.resolve()
        for s in find_lessons([out], have_consent=True)
    }
    plain = {
        s.lesson_id: s.require().streams[0].path.resolve() for s in find_lessons([tmp_path / "rec"])
    }
    assert read == plain
    assert all(s.refused for s in find_lessons([out]))


def test_no_cell_of_a_template_is_a_formula(tmp_path: Path) -> None:
    for file in ("=cmd|x.mp4", "+a.mp4", "-b.mp4", "@c.mp4"):
        touch(tmp_path / "rec" / file)
    write_template(tmp_path / "rec", tmp_path / "rec" / "m.csv")
    data = (tmp_path / "rec" / "m.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(data.decode("utf-8-sig").splitlines()))
    assert tuple(rows[0]) == TEMPLATE_COLUMNS
    assert not [c for row in rows for c in row if c[:1] in "=+-@" and c]
    write_template(tmp_path / "rec", tmp_path / "rec" / "m.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "rec" / "m.xlsx").active
    assert sheet is not None
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}


def test_a_template_is_never_written_over(tmp_path: Path) -> None:
    touch(tmp_path / "x.mp4")
    out = manifest(tmp_path / "m.csv", "mine")
    with pytest.raises(UsageError, match="is there already"):
        write_template(tmp_path, out)
    assert out.read_text() == "mine"
    assert write_template(tmp_path, out, force=True) == 1


def test_a_template_needs_a_folder_and_a_known_suffix(tmp_path: Path) -> None:
    touch(tmp_path / "x.mp4")
    with pytest.raises(UsageError, match=r"not \.ods"):
        write_template(tmp_path, tmp_path / "m.ods")
    with pytest.raises(InputError, match="no such folder"):
        write_template(tmp_path / "gone", tmp_path / "m.csv")


def test_names_that_are_not_unicode_are_survived(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    try:
        with open(folder + b"/caf\xe9.mp4", "wb") as stream:  # noqa: PTH123 - a name of bytes
            stream.write(b"x")
    except OSError:
        pytest.skip("this file system stores Unicode names only")
    (source,) = find_lessons([tmp_path])
    assert source.lesson_id.encode().decode() == source.lesson_id
    assert source.require().streams[0].path.exists()
    assert write_template(tmp_path, tmp_path / "out" / "m.csv") == 1


# ---------------------------------------------------------------- marked points of the floor

POINTS = "120 610 0 2; 1180 600 6 2; 900 300 6 8; 350 305 0 8"


def test_marked_points_in_a_cell_and_in_yaml(tmp_path: Path) -> None:
    for name in ("front.mp4", "rear.mp4"):
        touch(tmp_path / name)
    rows = f"student_cam,teacher_cam,teacher_cam_floor\nfront.mp4,rear.mp4,{POINTS}\n"
    listed = """
- files:
  - {path: front.mp4, role: student_cam}
  - path: rear.mp4
    role: teacher_cam
    floor: [[120, 610, 0, 2], [1180, 600, 6, 2], [900, 300, 6, 8], [350, 305, 0, 8]]
"""
    (cell,) = find_lessons([manifest(tmp_path / "a.csv", rows)])
    (yaml,) = find_lessons([manifest(tmp_path / "a.yaml", listed)])
    floor = cell.require().floor
    assert floor == yaml.require().floor
    assert [(m.stream, m.x_px, m.y_px, m.x_m, m.y_m) for m in floor[:2]] == [
        ("teacher_cam", 120.0, 610.0, 0.0, 2.0),
        ("teacher_cam", 1180.0, 600.0, 6.0, 2.0),
    ]
    assert cell.require().metadata == {}


def test_chinese_heading_and_punctuation_of_marked_points(tmp_path: Path) -> None:
    touch(tmp_path / "x.mp4")
    text = (
        '文件,地面标定点\nx.mp4,"120，610，0，2；1180，600，6，2；900，300，6，8；350，305，0，8"\n'
    )
    (source,) = find_lessons([manifest(tmp_path / "a.csv", text)])
    assert [m.x_m for m in source.require().floor] == [0.0, 6.0, 6.0, 0.0]


@pytest.mark.parametrize(
    ("points", "complaint"),
    [
        ("1 2 3 4; 5 6 7 8; 9 1 2 3", "3 marked points"),
        ("120 610 0 2; 1180 600 6; 900 300 6 8; 350 305 0 8", "not four numbers"),
        ("120 610 0 2; 1180 600 6 x; 900 300 6 8; 350 305 0 8", "not four numbers"),
        ("120 610 0 2; 1180 600 6 2; 900 300 6 nan; 350 305 0 8", "beyond any room"),
        ("100 600 0 2; 200 600 1 2; 300 600 2 2; 400 300 0 8", "on a line in the picture"),
        ("120 610 0 2; 1180 600 0 4; 900 300 0 6; 350 305 0 8", "on a line on the floor"),
    ],
)
def test_marked_points_that_cannot_be_used_are_refused(
    tmp_path: Path, points: str, complaint: str
) -> None:
    touch(tmp_path / "x.mp4")
    (source,) = find_lessons([manifest(tmp_path / "a.csv", f"file,floor\nx.mp4,{points}\n")])
    assert source.error is not None
    assert complaint in source.error.message
    assert "row 2" in (source.error.subject or "")
