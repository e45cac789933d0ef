"""The program as a process: exit codes, streams, consoles, speed of help."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Run, environment

COMMANDS = (
    "analyze", "demo", "inspect", "doctor", "manifest", "config", "models", "export", "import",
    "agree", "metrics", "simulate", "eval", "norms", "cache",
)  # fmt: skip
GROUPS = ("cache", "config", "models", "norms")
"""Commands that have commands of their own."""
HEAVY = (
    "torch", "av", "cv2", "ultralytics", "faster_whisper", "openvino", "onnxruntime", "librosa",
    "sklearn", "scipy", "pyarrow", "openpyxl", "jinja2", "httpx", "numpy", "pydantic", "yaml",
    "rich",
)  # fmt: skip


def python(code: str, tmp_path: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run ``code`` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(tmp_path / "home", **extra),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_help_names_every_command(cli: Run) -> None:
    shown = cli("--help")
    assert shown.returncode == 0
    assert shown.stderr == ""
    for command in COMMANDS:
        assert re.search(rf"^  {command} ", shown.stdout, re.MULTILINE)


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    ran = python(
        "import sys\nfrom classwatch.cli.entry import run\nrun(['--help'])\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)",
        tmp_path,
    )
    assert ran.stderr.strip() == "[]"


def test_the_version_is_the_package_version(quick: Run) -> None:
    from classwatch import __version__

    assert quick("--version").stdout == f"classwatch {__version__}\n"


def test_without_a_command_help_goes_to_stderr(cli: Run) -> None:
    shown = cli()
    assert (shown.returncode, shown.stdout) == (2, "")
    assert "Commands:" in shown.stderr


# ---------------------------------------------------------------- exit codes


@pytest.mark.parametrize(
    ("args", "code", "part"),
    [
        (("anlyze",), 2, "anlyze"),
        (("analyze", "x.mp4"), 2, "--out"),
        (("analyze", "--out", "o", "--jobs", "0", "x.mp4"), 2, "--jobs"),
        (("analyze", "--out", "o", "--lang", "fr", "x.mp4"), 2, "--lang"),
        (("analyze", "--out", "o", "--nope", "x.mp4"), 2, "--nope"),
        (("analyze", "--out", "o", "--config", "fats", "x.mp4"), 2, "did you mean `fast`"),
        (("analyze", "--out", "o", "--set", "pose.iou=2", "x.mp4"), 2, "at most 1"),
        (("analyze", "--out", "o", "--set", "pose.model=yolo9", "x"), 2, "no model 'yolo9'"),
        (("analyze", "--out", "o", "--set", "pose.model=yolo11n-pose", "x"), 4, "models pull"),
        (("analyze", "--out", "o", "gone.mp4"), 3, "gone.mp4: no such file"),
        (("analyze", "--out", "o", "-gone.mp4"), 2, "-g"),
        (("analyze", "--out", "o", "--", "-gone.mp4"), 3, "-gone.mp4: no such file"),
        (("analyze", "--out", "o", "a 课 😀 'q\".mp4"), 3, "a 课 😀 'q\".mp4: no such file"),
        (("analyze", "--out", "o", "[bold]x[/bold].mp4"), 3, "[bold]x[/bold].mp4: no such file"),
        (("inspect", "gone"), 3, "gone: no such folder"),
        (("inspect", "."), 3, "lesson.json"),
        (("manifest", "gone"), 3, "gone: no such folder"),
        (("manifest", ".", "--out", "m.ods"), 2, "m.ods"),
        (("models", "path", "yolo11n-pose"), 4, "is not on this machine"),
        (("models", "path", "yolo12-pose"), 2, "did you mean"),
        (("models", "pull", "yolo11n-pose", "--offline"), 2, "offline"),
        (("models", "import", "gone.onnx"), 3, "gone.onnx: no such file"),
        (("config", "show", "--config", "gone.yaml"), 2, "gone.yaml: no such file"),
    ],
)  # fmt: skip
def test_failures_have_a_code_a_reason_and_no_trace(
    quick: Run, args: tuple[str, ...], code: int, part: str
) -> None:
    ran = quick(*args)
    assert ran.returncode == code
    assert ran.stdout == ""
    assert ran.stderr.startswith("error: ")
    assert part in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_process_ends_with_the_same_code(cli: Run) -> None:
    ran = cli("analyze", "--out", "o", "--", "-a 课 😀 'q\".mp4")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr == "error: -a 课 😀 'q\".mp4: no such file or folder\n"
    assert cli("analyze", "--out", "o", "--nope", "x.mp4").returncode == 2
    assert cli("models", "path", "yolo11n-pose").returncode == 4


def test_usage_errors_lead_to_the_right_help(quick: Run) -> None:
    assert "remedy: see `classwatch models pull --help`" in quick("models", "pull").stderr


def test_debug_shows_the_trace_of_a_foreseen_error(quick: Run) -> None:
    ran = quick("analyze", "gone.mp4", "--out", "o", "--debug")
    assert ran.returncode == 3
    assert "Traceback" in ran.stderr
    assert "error: gone.mp4" in ran.stderr


def test_a_folder_that_cannot_be_written_is_code_5(quick: Run, tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("a file where a folder should be")
    (tmp_path / "mine.onnx").write_bytes(b"mine")
    ran = quick(
        "models", "import", "mine.onnx", "--name", "mine", "--task", "pose",
        CLASSWATCH_HOME=str(tmp_path / "blocked"),
    )  # fmt: skip
    assert ran.returncode == 5
    assert "blocked" in ran.stderr
    assert "remedy:" in ran.stderr


BUG = (
    "import classwatch.cli.app, sys\nfrom classwatch.cli.entry import run\n"
    "def app(**_): raise {0}\n"
    "classwatch.cli.app.app = app\nsys.exit(run({1!r}))"
)


def test_a_bug_is_code_70_and_its_trace_is_kept(tmp_path: Path) -> None:
    ran = python(BUG.format("ZeroDivisionError('surprise')", ["doctor"]), tmp_path)
    assert ran.returncode == 70
    assert "Traceback" not in ran.stderr
    assert "a bug in classwatch: ZeroDivisionError: surprise" in ran.stderr
    place = Path(ran.stderr.strip().rsplit(" ", 1)[1])
    assert "ZeroDivisionError: surprise" in place.read_text(encoding="utf-8")
    assert place.is_relative_to(tmp_path / "home")
    shown = python(BUG.format("ZeroDivisionError('surprise')", ["doctor", "--debug"]), tmp_path)
    assert "Traceback" in shown.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("KeyboardInterrupt", 130),
        ("MemoryError", 5),
        ("BrokenPipeError", 141),
        ("SystemExit(7)", 7),
    ],
)
def test_other_ends_have_their_own_codes(tmp_path: Path, error: str, code: int) -> None:
    ran = python(BUG.format(error, ["doctor"]), tmp_path)
    assert ran.returncode == code
    assert "Traceback" not in ran.stderr


@pytest.mark.skipif(os.name != "posix", reason="pipes close differently elsewhere")
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    command = (
        f'"{sys.executable}" "{ROOT / "cli.py"}" config schema | true; exit ${{PIPESTATUS[0]}}'
    )
    ran = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env=environment(tmp_path / "home"),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode in (0, 141)
    assert ran.stderr == ""


# ---------------------------------------------------------------- consoles


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "latin-1", "cp437"])
def test_no_console_crashes_on_a_name(cli: Run, encoding: str) -> None:
    ran = cli(
        "analyze", "课 😀.mp4", "--out", "o", encoding=encoding,
        PYTHONIOENCODING=encoding, PYTHONUTF8="0",
    )  # fmt: skip
    assert ran.returncode == 3
    assert ".mp4: no such file" in ran.stderr
    assert ("课" in ran.stderr) == (encoding == "gbk")


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_tables_and_json_survive_narrow_encodings(cli: Run, encoding: str) -> None:
    options = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    assert "faster-whisper-tiny" in cli("models", "list", encoding=encoding, **options).stdout
    shown = cli("config", "show", "--json", encoding=encoding, **options)
    assert "以下是普通话" in json.loads(shown.stdout)["transcribe"]["prompt_zh"]


def test_a_name_cannot_steer_the_terminal(cli: Run) -> None:
    ran = cli("analyze", "\x1b[31mred\x07.mp4", "--out", "o")
    assert "\x1b" not in ran.stderr
    assert "\\x1b[31mred\\x07.mp4" in ran.stderr


@pytest.mark.parametrize(
    "args",
    [("--help",), ("analyze", "--help"), ("config", "presets"), ("models", "list"),
     ("config", "show"), ("models", "pull", "--help")],
)  # fmt: skip
def test_output_fits_80_columns(quick: Run, args: tuple[str, ...]) -> None:
    from rich.cells import cell_len

    shown = quick(*args)
    assert shown.returncode == 0
    assert [line for line in shown.stdout.splitlines() if cell_len(line) > 80] == []


# ---------------------------------------------------------------- documentation


def documented_commands() -> list[str]:
    """Lines that call the program in the code blocks of the documentation."""
    lines = []
    for page in [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").glob("*.md"))]:
        blocks = re.findall(r"```[a-z]*\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        for line in "\n".join(blocks).replace("\\\n", " ").splitlines():
            found = re.search(r"(?:^|&& |\$ )\s*(?:uv run |uvx )?(classwatch .*)", line.strip())
            if found:
                lines.append(found[1].split("#")[0])
    return lines


def test_documented_commands_and_options_exist(quick: Run) -> None:
    import shlex

    helps: dict[tuple[str, ...], str] = {}
    for line in documented_commands():
        words = shlex.split(line)[1:]
        path = tuple(words[:2] if words and words[0] in GROUPS else words[:1])
        if not path or path[0].startswith("-"):
            path = ()
        if path not in helps:
            shown = quick(*path, "--help")
            assert shown.returncode == 0, line
            helps[path] = shown.stdout
        for word in words:
            if re.fullmatch(r"--?[a-z][a-z-]*(=.*)?", word):
                option = word.partition("=")[0]
                assert re.search(rf"(^|\s|,){re.escape(option)}\b", helps[path]), line
