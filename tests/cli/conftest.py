"""Running the program as a user does: in a process of its own, or (quicker) in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from classwatch.cli.entry import run as run_here

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(home: Path, **extra: str) -> dict[str, str]:
    """The tests' environment with a user folder that is nobody's and UTF-8 streams."""
    base = {k: v for k, v in os.environ.items() if not k.startswith("CLASSWATCH")}
    own = {"CLASSWATCH_HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return {**base, **own, "COLUMNS": "80", **extra}


@pytest.fixture
def cli(tmp_path: Path) -> Run:
    """Run ``classwatch ARGS`` in ``tmp_path``; keywords are environment variables."""

    def run(*args: str, encoding: str = "utf-8", **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), *args],
            cwd=tmp_path,
            env=environment(tmp_path / "home", **extra),
            capture_output=True,
            encoding=encoding,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture
def quick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """The same in this process, for what does not depend on having one of its own."""

    def run(*args: str, **extra: str) -> subprocess.CompletedProcess[str]:
        for name in [k for k in os.environ if k.startswith("CLASSWATCH")]:
            monkeypatch.delenv(name)
        for name, value in environment(tmp_path / "home", **extra).items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        code = run_here(args)
        captured = capsys.readouterr()
        return subprocess.CompletedProcess(args, code, captured.out, captured.err)

    return run
