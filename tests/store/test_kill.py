"""Processes that really die, and processes that really race."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from classwatch.store.cache import Cache
from classwatch.store.catalogue import read_lessons
from classwatch.store.lesson_folder import publish_lesson
from tests.store import made

ROOT = Path(__file__).parents[2]
KEY = "ab" * 32

WRITER = """
    import hashlib, sys, time
    from pathlib import Path
    from classwatch.store.cache import Cache

    def make(folder):
        with open(folder / "a.bin", "wb") as out:
            for part in range(20):
                out.write(bytes([number % 256]) * 10_000)
                out.flush()
        (folder / "b.txt").write_text(str(number))

    cache = Cache(Path(sys.argv[1]))
    for number in range(int(sys.argv[2]), 10**9):
        started_s = time.perf_counter()
        cache.obtain(hashlib.sha256(str(number).encode()).hexdigest(), make)
        print(time.perf_counter() - started_s, flush=True)
"""

ASKER = """
    import os, sys, time
    from pathlib import Path
    from classwatch.store.cache import Cache

    root, pause = Path(sys.argv[1]), float(sys.argv[2])

    def make(folder):
        with open(root / "log", "a") as log:
            log.write(f"{os.getpid()}\\n")
        (folder / "half").write_text("half")
        time.sleep(pause)
        (folder / "whole").write_text("whole")

    entry, hit = Cache(root / "cache").obtain("ab" * 32, make)
    print(entry.file("whole").read_text(), hit)
"""


def _start(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def _kill_at_work(child: subprocess.Popen[str], rng: random.Random) -> None:
    """Kill a child that prints how long each of its results took, up to three results later."""
    assert child.stdout is not None
    usual_s = float(child.stdout.readline())
    time.sleep(rng.uniform(0.0, 3.0) * usual_s)
    child.kill()
    child.communicate()


def _wait_for_lines(path: Path, count: int) -> list[str]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        lines = path.read_text().splitlines() if path.exists() else []
        if len(lines) >= count:
            return lines
        time.sleep(0.01)
    raise AssertionError(f"{path} never had {count} lines")


@pytest.mark.slow
def test_a_kill_at_any_instant_leaves_nothing_or_a_whole_entry(tmp_path: Path) -> None:
    rng = random.Random(7)
    interrupted = 0
    turn = 0
    while turn < 15 or interrupted == 0:
        assert turn < 60, "the kills came too early or too late to prove anything"
        turn += 1
        _kill_at_work(_start(WRITER, tmp_path, turn * 1000), rng)
        interrupted += sum(path.is_dir() for path in (tmp_path / "tmp").glob("*"))

    folders = list((tmp_path / "v1").glob("*/*"))
    assert len(folders) >= 15
    for folder in folders:
        assert {path.name for path in folder.iterdir()} == {"a.bin", "b.txt", "manifest.json"}
        number = int((folder / "b.txt").read_text())
        assert folder.name == hashlib.sha256(str(number).encode()).hexdigest()
        assert (folder / "a.bin").read_bytes() == bytes([number % 256]) * 200_000

    assert Cache(tmp_path).sweep() <= interrupted
    assert [path for path in (tmp_path / "tmp").iterdir() if path.is_dir()] == []


def test_processes_at_once_make_a_result_once(tmp_path: Path) -> None:
    askers = [_start(ASKER, tmp_path, 0.5) for _ in range(3)]
    answers = sorted(asker.communicate(timeout=60)[0].strip() for asker in askers)
    assert answers == ["whole False", "whole True", "whole True"]
    assert len((tmp_path / "log").read_text().splitlines()) == 1


def test_a_waiting_process_takes_over_when_the_maker_is_killed(tmp_path: Path) -> None:
    maker = _start(ASKER, tmp_path, 600)
    _wait_for_lines(tmp_path / "log", 1)
    waiter = _start(ASKER, tmp_path, 0)
    time.sleep(0.5)
    assert waiter.poll() is None
    assert len(_wait_for_lines(tmp_path / "log", 1)) == 1  # it waits and does not start
    maker.kill()
    maker.communicate()
    assert waiter.communicate(timeout=60)[0].strip() == "whole False"
    assert len(_wait_for_lines(tmp_path / "log", 2)) == 2


def test_sweeping_spares_what_is_being_made(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    maker = _start(ASKER, tmp_path, 600)
    try:
        _wait_for_lines(tmp_path / "log", 1)
        (busy,) = [path for path in (cache.root / "tmp").iterdir() if path.is_dir()]
        assert cache.sweep() == 0
        assert busy.is_dir()
    finally:
        maker.kill()
        maker.communicate()
    assert cache.sweep() == 1
    assert list((cache.root / "tmp").iterdir()) == []


PUBLISHER = """
    import sys, time
    from pathlib import Path
    from classwatch.store.lesson_folder import publish_lesson
    from classwatch.store.records import LessonRecord

    for number in range(int(sys.argv[2]), 10**9):
        files = {f"{part}.bin": f"{number % 7} {part}".encode() * 20_000 for part in range(6)}
        files.pop(f"{number % 5}.bin")
        started_s = time.perf_counter()
        publish_lesson(Path(sys.argv[1]), LessonRecord("a", {}, None, (), {}, {}), files)
        print(time.perf_counter() - started_s, flush=True)
        time.sleep(0.005)
"""


@pytest.mark.slow
def test_a_lesson_with_its_lesson_file_is_complete_after_any_kill(tmp_path: Path) -> None:
    rng = random.Random(11)
    complete = 0
    turn = 0
    while turn < 12 or not 0 < complete < turn:
        assert turn < 60, "the kills came too early or too late to prove anything"
        turn += 1
        _kill_at_work(_start(PUBLISHER, tmp_path, turn), rng)
        for record in read_lessons(tmp_path):
            complete += 1
            here = {p.name: p for p in (tmp_path / "a").glob("*.bin")}
            found = {
                name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in here.items()
            }
            assert found == record.files

    folder = publish_lesson(tmp_path, made.lesson_record("a"), {"0.bin": b"last"})
    assert {path.name for path in folder.iterdir()} == {"0.bin", "lesson.json"}
