"""``classwatch analyze`` from the outside: what it prints, writes and returns."""

from __future__ import annotations

import json
import math
import struct
import wave
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.cli.conftest import Run

QUICK = ("--set", "transcribe.model=none", "--set", "pose.model=none")


def tone(path: Path, seconds: float = 3.0) -> Path:
    """A recording: a tone that comes and goes, 16 kHz mono."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = [
        int(8000 * math.sin(i * 0.17) * (math.sin(i * 0.0008) > 0))
        for i in range(int(16000 * seconds))
    ]
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16000)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return path


@pytest.mark.slow
def test_a_lesson_is_analysed_once_and_then_reused(cli: Run, tmp_path: Path) -> None:
    tone(tmp_path / "课 😀 'q\".wav")
    planned = cli("analyze", "课 😀 'q\".wav", "--out", "结果 1", "--plan", "--json", *QUICK)
    assert planned.returncode == 0, planned.stderr
    stages = json.loads(planned.stdout)["stages"]
    assert stages
    assert not any(s["hit"] for s in stages)
    assert not (tmp_path / "结果 1").exists()

    first = cli("analyze", "课 😀 'q\".wav", "--out", "结果 1", *QUICK)
    assert first.returncode == 0, first.stderr
    assert "1 lesson done, 0 not" in first.stdout
    report = Path(first.stdout.splitlines()[0].removeprefix("report: "))
    assert (tmp_path / report).is_file()
    assert "[1/1]" in first.stderr

    second = cli("analyze", "课 😀 'q\".wav", "--out", "结果 1", "--json", *QUICK)
    document = json.loads(second.stdout)
    assert second.stderr == ""
    (lesson,) = document["lessons"]
    assert (lesson["status"], lesson["stages_run"], lesson["error"]) == ("done", 0, None)
    assert lesson["stages_reused"] == len(stages)
    again = json.loads(
        cli("analyze", "课 😀 'q\".wav", "--out", "结果 1", "--plan", "--json", *QUICK).stdout
    )
    assert all(s["hit"] for s in again["stages"])
    assert cli("inspect", "结果 1/" + lesson["lesson_id"]).returncode == 0


@pytest.mark.slow
def test_the_trace_of_an_earlier_failure_goes_when_the_lesson_is_done(
    cli: Run, tmp_path: Path
) -> None:
    tone(tmp_path / "one.wav")
    (tmp_path / "out").mkdir()
    own, other = (tmp_path / "out" / f"{name}.trace.txt" for name in ("one", "two"))
    for trace in (own, other):
        trace.write_text("Traceback")
    done = cli("analyze", "one.wav", "--out", "out", *QUICK)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "one").is_dir()
    assert (own.exists(), other.exists()) == (False, True)


@pytest.mark.slow
def test_one_bad_lesson_leaves_the_others_alone(cli: Run, tmp_path: Path) -> None:
    tone(tmp_path / "rec" / "good.wav")
    (tmp_path / "rec" / "empty.wav").write_bytes(b"")
    (tmp_path / "rec" / "text.wav").write_text("not sound at all")
    (tmp_path / "m.csv").write_text(
        "lesson_id,file,consent\n好,rec/good.wav,是\n空,rec/empty.wav,是\n字,rec/text.wav,是\n"
        "无,rec/gone.wav,是\n拒,rec/good.wav,否\n",
        encoding="gbk",
    )
    ran = cli("analyze", "m.csv", "--out", "out", *QUICK)
    assert ran.returncode == 1, ran.stderr
    assert "1 lesson done, 4 not" in ran.stdout
    table = ran.stdout
    for part in ("空", "字", "无", "拒", "refused", "empty", "gone.wav", "row 6"):
        assert part in table
    assert max(cell_len(line) for line in table.splitlines()) <= 80
    states = {
        r["lesson_id"]: r
        for r in json.loads(cli("analyze", "m.csv", "--out", "out", "--json", *QUICK).stdout)[
            "lessons"
        ]
    }
    assert {k: v["status"] for k, v in states.items()} == {
        "好": "done", "空": "failed", "字": "failed", "无": "failed", "拒": "refused",
    }  # fmt: skip
    assert states["空"]["error"]["exit_code"] == 3
    assert states["拒"]["error"]["remedy"]
    quiet = cli("analyze", "m.csv", "--out", "out", "--quiet", *QUICK)
    assert quiet.stdout == ""
    assert quiet.stderr.count("error: ") == 4


def test_a_transcript_belongs_to_one_lesson(quick: Run, tmp_path: Path) -> None:
    tone(tmp_path / "a.wav", 0.1)
    tone(tmp_path / "b.wav", 0.1)
    (tmp_path / "t.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nhello\n")
    both = quick("analyze", "a.wav", "b.wav", "--out", "o", "--transcript", "t.srt")
    assert both.returncode == 2
    assert "one lesson" in both.stderr
    gone = quick("analyze", "a.wav", "--out", "o", "--transcript", "gone.srt")
    assert gone.returncode == 2
    assert "gone.srt" in gone.stderr


@pytest.mark.slow
def test_the_demo_runs_with_what_ships(cli: Run, tmp_path: Path) -> None:
    ran = cli("demo", "--out", "demo out")
    assert ran.returncode == 0, ran.stderr
    report = Path(ran.stdout.splitlines()[0].removeprefix("report: "))
    assert (tmp_path / report).is_file()
    lesson = json.loads((tmp_path / report.parent / "lesson.json").read_text(encoding="utf-8"))
    assert [m["name"] for m in lesson["data"]["models"]] == ["classpose"]
