"""The lesson folder and the run: what stands in an output folder after work."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from classwatch.core.errors import DataError, InputError
from classwatch.core.measures import Measure, Unit
from classwatch.store import artifact_docs
from classwatch.store.catalogue import read_lessons, summary_table, write_run
from classwatch.store.lesson_folder import publish_lesson
from classwatch.store.records import LessonStatus, Run, RunLesson
from tests.store import made

ROOT = Path(__file__).parents[2]


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _times(folder: Path) -> dict[str, tuple[int, int]]:
    return {p.name: (p.stat().st_mtime_ns, p.stat().st_ino) for p in folder.iterdir()}


def test_a_lesson_is_published_from_bytes_and_files(tmp_path: Path) -> None:
    source = tmp_path / "cache.bin"
    source.write_bytes(b"poses")
    record = made.lesson_record("课例 1")
    folder = publish_lesson(tmp_path / "out", record, {"a.json": b"{}", "poses.parquet": source})
    assert folder == tmp_path / "out" / "课例 1"
    assert _names(folder) == {"lesson.json", "a.json", "poses.parquet"}
    (read,) = read_lessons(tmp_path / "out")
    assert read.files == {
        "a.json": hashlib.sha256(b"{}").hexdigest(),
        "poses.parquet": hashlib.sha256(b"poses").hexdigest(),
    }
    assert read.metadata["school"] == "第一中学"
    (folder / "poses.parquet").write_bytes(b"edited by the user")
    assert source.read_bytes() == b"poses"  # no link into the cache


def test_unchanged_files_are_not_touched(tmp_path: Path) -> None:
    record = made.lesson_record("a")
    folder = publish_lesson(tmp_path, record, {"a.json": b"1", "b.json": b"2"})
    before = _times(folder)
    publish_lesson(tmp_path, record, {"a.json": b"1", "b.json": b"2"})
    assert _times(folder) == before
    publish_lesson(tmp_path, record, {"a.json": b"1", "b.json": b"3"})
    after = _times(folder)
    assert after["a.json"] == before["a.json"]
    assert after["b.json"] != before["b.json"]
    assert after["lesson.json"] != before["lesson.json"]


def test_leftovers_of_an_earlier_analysis_go_and_files_of_the_user_stay(tmp_path: Path) -> None:
    record = made.lesson_record("a")
    folder = publish_lesson(tmp_path, record, {"t.srt": b"1", "t.vtt": b"1", "b.json": b"2"})
    (folder / "notes.txt").write_text("mine")
    (folder / "t.vtt").write_text("corrected by hand")
    (folder / ".0123456789abcdef.tmp").write_text("left by a killed run")
    publish_lesson(tmp_path, record, {"b.json": b"2"})
    assert _names(folder) == {"lesson.json", "b.json", "notes.txt", "t.vtt"}
    assert (folder / "t.vtt").read_text() == "corrected by hand"


def test_a_damaged_lesson_file_is_replaced(tmp_path: Path) -> None:
    record = made.lesson_record("a")
    folder = publish_lesson(tmp_path, record, {"b.json": b"2"})
    (folder / "lesson.json").write_text("{ half")
    publish_lesson(tmp_path, record, {"b.json": b"2"})
    assert [r.lesson_id for r in read_lessons(tmp_path)] == ["a"]


@pytest.mark.parametrize(
    "bad", ["", ".", "..", "../a", "a/b", "a\\b", "/etc", "C:x", ".hidden", "a\nb", "a\x00", " a"]
)
def test_an_id_that_is_no_folder_name_is_refused(tmp_path: Path, bad: str) -> None:
    with pytest.raises(InputError, match="cannot name a folder"):
        publish_lesson(tmp_path / "out", made.lesson_record(bad), {})
    assert _names(tmp_path) == set()


@pytest.mark.parametrize("name", ["../x", "a/b", "", "lesson.json", ".x"])
def test_a_file_name_must_be_plain(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be published"):
        publish_lesson(tmp_path, made.lesson_record("a"), {name: b""})


def test_two_processes_at_once_leave_one_consistent_folder(tmp_path: Path) -> None:
    code = """
        import sys
        from pathlib import Path
        from classwatch.store.lesson_folder import publish_lesson
        from tests.store import made
        who = sys.argv[2].encode()
        files = {f"{n}.bin": who * 1000 for n in range(20)}
        for _ in range(5):
            publish_lesson(Path(sys.argv[1]), made.lesson_record("a"), files)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    runs = [subprocess.Popen([*command, who], env=environment, cwd=ROOT) for who in "xy"]
    assert [run.wait(timeout=60) for run in runs] == [0, 0]
    contents = {path.read_bytes() for path in (tmp_path / "a").glob("*.bin")}
    assert len(contents) == 1
    (record,) = read_lessons(tmp_path)
    assert set(record.files.values()) == {hashlib.sha256(contents.pop()).hexdigest()}


def test_a_folder_that_was_renamed_is_noticed(tmp_path: Path) -> None:
    publish_lesson(tmp_path, made.lesson_record("a"), {}).rename(tmp_path / "b")
    with pytest.raises(DataError, match="describes lesson 'a'"):
        read_lessons(tmp_path)


def _run() -> tuple[Run, dict[str, list[Measure]]]:
    mode = Measure(
        id="st.mode@30s-point", unit=Unit.CATEGORY, formula="f", sampling="", category="练习"
    )
    lessons = (
        RunLesson("b", LessonStatus.DONE, {"zoo": "1", "school": "S", "Status": "odd"}, issues=2),
        RunLesson(
            "a", LessonStatus.FAILED, {"school": "S"}, 0, 3, "a.mp4: holds no frames", "copy again"
        ),
    )
    measures = {
        "b": [
            made.measure("talk.share", 0.0),
            made.measure("st.rt", None),
            made.measure("zone", 0.4, part="front"),
            made.measure("heads", 0.7, stream="rear"),
            mode,
        ]
    }
    return Run({"classwatch": "0.1.0"}, {"vad": {"threshold": 0.5}}, lessons), measures


def test_the_summary_has_one_row_a_lesson_and_tells_zero_from_absent(tmp_path: Path) -> None:
    write_run(tmp_path, *_run())
    rows = pd.read_parquet(tmp_path / "summary.parquet").set_index("lesson_id")
    assert list(rows.index) == ["a", "b"]
    assert list(rows.columns) == [
        *("status", "reason", "issues", "measured", "not_measured"),
        *("school", "Status_2", "zoo"),
        *("heads:rear", "st.mode@30s-point", "st.rt", "talk.share"),
    ]
    assert rows.loc["b", "talk.share"] == 0.0
    assert pd.isna(rows.loc["b", "st.rt"])
    assert pd.isna(rows.loc["a", "talk.share"])
    assert rows.loc["b", "st.mode@30s-point"] == "练习"
    assert rows.loc["a", "reason"] == "a.mp4: holds no frames (copy again)"
    assert (rows.loc["b", "measured"], rows.loc["b", "not_measured"]) == (4, 1)
    (found,) = duckdb.sql(
        f"SELECT \"Status_2\" FROM '{tmp_path}/summary.parquet' WHERE status = 'done'"
    ).fetchall()
    assert found == ("odd",)
    run = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["data"]
    assert [(x["lesson_id"], x["status"], x["exit_code"]) for x in run["lessons"]] == [
        ("b", "done", 0),
        ("a", "failed", 3),
    ]


def test_the_order_of_lessons_does_not_change_the_summary() -> None:
    run, measures = _run()
    one = summary_table(run.lessons, measures)
    two = summary_table(run.lessons[::-1], measures)
    assert one.columns == two.columns
    assert all(one.cells(c.name) == two.cells(c.name) for c in one.columns)


def test_a_run_without_lessons_has_an_empty_summary(tmp_path: Path) -> None:
    write_run(tmp_path, Run({}, {}, ()), {})
    assert len(pd.read_parquet(tmp_path / "summary.parquet")) == 0


def test_an_unchanged_run_writes_nothing_and_loads_nothing_heavy(tmp_path: Path) -> None:
    write_run(tmp_path, *_run())
    before = _times(tmp_path)
    code = """
        import sys
        from pathlib import Path
        from classwatch.store.catalogue import write_run
        from tests.store.test_output import _run
        for name in ("pyarrow.parquet", "openpyxl"):
            sys.modules[name] = None  # importing it now fails
        write_run(Path(sys.argv[1]), *_run())
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)]
    subprocess.run(command, check=True, env=environment, cwd=ROOT)
    assert _times(tmp_path) == before
    (tmp_path / "summary.csv").write_text("damaged")
    write_run(tmp_path, *_run())
    assert "练习" in (tmp_path / "summary.csv").read_text(encoding="utf-8-sig")


def test_the_page_about_files_is_current() -> None:
    page = (ROOT / "docs" / "artifacts.md").read_text(encoding="utf-8")
    assert page == artifact_docs.artifacts_markdown(), (
        "run: python -m classwatch.store.artifact_docs docs/artifacts.md"
    )
