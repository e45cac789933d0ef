"""Runs that are killed, doubled, or out of disk: nothing lost, the same bytes in the end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.pipeline.runs import DEMO, call, command, environment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="uses POSIX signals and mounts"),
]
SETS = ("--set", "pose.model=none", "--set", "transcribe.model=none")
COMPARED = ("measures.json", "measures.parquet", "turns.parquet", "report.html", "transcript.json")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample analysed in peace."""
    out = tmp_path_factory.mktemp("peace")
    done = call("analyze", DEMO, "--out", out, *SETS, home=out / "home")
    assert done.returncode == 0, done.stderr
    return out / "zh-dialogue"


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in COMPARED}


@pytest.mark.parametrize("after_s", [0.4, 1.0, 1.8, 2.6, 4.0])
def test_killed_at_any_moment_a_rerun_gives_the_same_bytes(
    after_s: float, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = command("analyze", DEMO, "--out", out, *SETS)
    process = subprocess.Popen(
        arguments,
        env=environment(tmp_path / "home"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(after_s)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = call("analyze", DEMO, "--out", out, *SETS, home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert contents(out / "zh-dialogue") == contents(undisturbed)


def _interruptible() -> None:
    """A test run in the background of a shell ignores SIGINT, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_ends_with_130_and_a_rerun_continues(undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = subprocess.Popen(
        command("analyze", DEMO, "--out", out, *SETS),
        env=environment(tmp_path / "home"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_interruptible,
    )
    began = time.monotonic()
    while not (out / ".cache").exists() and time.monotonic() - began < 60:
        time.sleep(0.05)
    time.sleep(1.0)
    if process.poll() is not None:
        pytest.skip("the run ended before it could be interrupted")
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130, told
    assert "Traceback" not in told
    done = call("analyze", DEMO, "--out", out, *SETS, home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert contents(out / "zh-dialogue") == contents(undisturbed)


def test_two_runs_at_once_on_one_folder_are_safe(undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    both = [
        subprocess.Popen(
            command("analyze", DEMO, "--out", out, *SETS),
            env=environment(tmp_path / "home"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    told = [process.communicate(timeout=200)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert contents(out / "zh-dialogue") == contents(undisturbed)


def mounted(path: Path, options: str) -> None:
    """A small file system at ``path``; skips where mounting is not permitted."""
    path.mkdir()
    arguments = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)]
    if shutil.which("mount") is None or subprocess.run(arguments, capture_output=True).returncode:
        pytest.skip("mounting a tmpfs is not permitted here")


def test_a_full_disk_is_named_with_a_remedy_and_leaves_nothing_broken(
    undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "disk"
    mounted(out, "size=600k")
    try:
        failed = call("analyze", DEMO, "--out", out, *SETS, home=tmp_path / "home")
        assert failed.returncode in (1, 5), failed.stdout + failed.stderr
        assert "disk is full" in failed.stdout + failed.stderr
        subprocess.run(["mount", "-o", "remount,size=100m", str(out)], check=True)
        done = call("analyze", DEMO, "--out", out, *SETS, home=tmp_path / "home")
        assert done.returncode == 0, done.stderr
        assert contents(out / "zh-dialogue") == contents(undisturbed)
    finally:
        subprocess.run(["umount", str(out)], check=True)


@pytest.mark.parametrize("option", ["--out", "--cache"])
def test_a_read_only_folder_is_refused_at_once(option: str, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    mounted(disk, "size=10m,ro")
    folders = {"--out": tmp_path / "out", "--cache": tmp_path / "cache", option: disk / "x"}
    arguments = [part for pair in folders.items() for part in pair]
    try:
        refused = call("analyze", DEMO, *arguments, *SETS, home=tmp_path / "home")
        assert refused.returncode == 5, refused.stdout + refused.stderr
        assert "Read-only" in refused.stderr
        assert option in refused.stderr
        assert "Traceback" not in refused.stderr
    finally:
        subprocess.run(["umount", str(disk)], check=True)
