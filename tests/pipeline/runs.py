"""Running classwatch in these tests: as a library, and as a command that can be killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from classwatch.config import Config
from classwatch.config.load import load_config
from classwatch.exchange.manifest import find_lessons
from classwatch.pipeline.analyze import run
from classwatch.pipeline.listen import RunResult
from classwatch.pipeline.options import RunOptions

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "samples" / "zh-dialogue" / "lesson.yaml"
NO_MODELS = ("pose.model=none", "transcribe.model=none")


def analyze(*paths: Path, out: Path, sets: tuple[str, ...] = NO_MODELS) -> RunResult:
    """Analyse in this process (lessons still get processes of their own)."""
    config: Config = load_config(None, sets)
    return run(find_lessons(list(paths)), out, config, RunOptions(jobs=1))


def command(*arguments: str | Path) -> list[str]:
    """The command line, with this interpreter."""
    return [sys.executable, str(ROOT / "cli.py"), *map(str, arguments)]


def environment(home: Path, models: Path | None = None) -> dict[str, str]:
    """A clean user: no models but the given ones."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("CLASSWATCH_")}
    env["CLASSWATCH_HOME"] = str(home)
    if models is not None:
        env["CLASSWATCH_MODELS"] = str(models)
    return env


def call(
    *arguments: str | Path, home: Path, models: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        command(*arguments),
        env=environment(home, models),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
