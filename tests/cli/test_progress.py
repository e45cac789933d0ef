"""What a run shows while it goes on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from classwatch.cli.progress import LineListener
from classwatch.core.errors import InputError
from classwatch.pipeline.listen import LessonOutcome
from classwatch.store.records import LessonStatus as Status
from tests.cli.conftest import environment

NAME = "第一课 [bold]" + "很长的名字" * 3
DRIVE = """
import sys, time
from classwatch.cli.progress import LiveListener
from classwatch.core.errors import InputError
from classwatch.pipeline.listen import LessonOutcome
from classwatch.store.records import LessonStatus
name = sys.argv[1]
with LiveListener(2) as live:
    live.lesson_started(name, ("sound", "pose:mixed"))
    live.stage_started(name, "pose:mixed")
    for i in range(5):
        live.stage_progress(name, "pose:mixed", i / 4)
        time.sleep(0.12)
    live.stage_finished(name, "pose:mixed", False, 1.0)
    error = InputError("is empty", subject="二.mp4")
    live.lesson_finished(LessonOutcome("two", LessonStatus.FAILED, None, error, 0, 0, 1.0))
"""


def outcome(status: Status, error: InputError | None = None) -> LessonOutcome:
    return LessonOutcome("课一", status, None, error, 0, 3, 1.25)


def test_lines_name_the_lesson_and_the_reason() -> None:
    lines: list[str] = []
    listener = LineListener(2, lines.append)
    listener.lesson_started("课一", ("a",))
    listener.stage_progress("课一", "a", 0.5)
    listener.lesson_finished(outcome(Status.DONE))
    listener.lesson_finished(
        outcome(Status.REFUSED, InputError("no consent", subject="m.csv, row 2"))
    )
    assert lines == [
        "[1/2] 课一: done in 1.2 s",
        "[2/2] 课一: refused: m.csv, row 2: no consent",
    ]


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo terminal")
def test_a_terminal_sees_lesson_stage_and_share(tmp_path: Path) -> None:
    import pty

    leader, follower = pty.openpty()
    env = environment(tmp_path, TERM="xterm", COLUMNS="80", LINES="24")
    process = subprocess.Popen([sys.executable, "-c", DRIVE, NAME], stderr=follower, env=env)
    os.close(follower)
    seen = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    os.close(leader)
    assert process.wait() == 0, seen.decode()
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode())
    assert "第一课 [bold]" in text
    assert "pose:mixed" in text
    assert "0 of 2 lessons" in text
    assert "failed: two: 二.mp4: is empty" in text
    from rich.cells import cell_len

    assert max(cell_len(part) for part in re.split(r"[\r\n]+", text)) <= 80
