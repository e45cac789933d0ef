"""``classwatch eval`` as a user runs it: outputs and exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from tests.cli.conftest import Run
from tests.evaluate.made import tiny_suite

METRIC = "speech.roles.accuracy"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """The tiny suite: 12 of 20 seconds have the right role."""
    return tiny_suite(tmp_path)


def gate(folder: Path, limits: str) -> str:
    path = folder / "gates.yaml"
    path.write_text(f"gates:\n  - {{suite: tiny, metric: {METRIC}, {limits}}}\n", "utf-8")
    return str(path)


def test_without_gates_the_table_is_shown(quick: Run, suite: Path) -> None:
    done = quick("eval", str(suite), "--runs", "runs")
    assert done.returncode == 0, done.stderr
    line = next(x for x in done.stdout.splitlines() if x.split()[:1] == ["accuracy"])
    assert "60.0 %" in line
    assert "2 scored, 0 skipped, 0 failed" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_gates_decide_the_exit_code(quick: Run, suite: Path, tmp_path: Path) -> None:
    assert (
        quick(
            "eval", str(suite), "--runs", "runs", "--gates", gate(tmp_path, "min: 0.6")
        ).returncode
        == 0
    )
    failed = quick("eval", str(suite), "--runs", "runs", "--gates", gate(tmp_path, "min: 0.61"))
    assert failed.returncode == 1
    assert "0.6 is below 0.61" in failed.stdout


def test_a_lesson_that_cannot_be_scored_fails_the_run(
    quick: Run, suite: Path, tmp_path: Path
) -> None:
    (tmp_path / "runs" / "b" / "turns.parquet").write_bytes(b"damaged")
    done = quick("eval", str(suite), "--runs", "runs")
    assert done.returncode == 1
    assert "1 scored, 0 skipped, 1 failed" in done.stdout
    assert "turns.parquet" in "".join(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none.yaml",), "none.yaml"),
        (("nonesuch",), "suites that ship: codes, real-observation"),
        (("suite.yaml",), "--run"),
        (("suite.yaml", "--runs", "runs", "--update-baseline"), "--baseline"),
        (("suite.yaml", "--runs", "runs", "--baseline", "none.json"), "none.json"),
        (("suite.yaml", "--runs", "runs", "--gates", "none.yaml"), "none.yaml"),
        (("suite.yaml", "--runs", "runs", "--models", "none"), "no such folder"),
    ],
)
def test_wrong_usage_is_2_with_a_remedy(
    quick: Run, suite: Path, arguments: tuple[str, ...], words: str
) -> None:
    done = quick("eval", *arguments)
    assert done.returncode == 2
    assert words in done.stderr


def test_a_baseline_is_written_on_request_only_and_shows_its_diff(
    quick: Run, suite: Path, tmp_path: Path
) -> None:
    base = tmp_path / "base.json"
    first = quick(
        "eval", str(suite), "--runs", "runs", "--baseline", "base.json", "--update-baseline"
    )
    assert first.returncode == 0, first.stderr
    assert f"{METRIC}: – -> 0.600" in first.stderr
    written = base.read_bytes()
    again = quick("eval", str(suite), "--runs", "runs", "--baseline", "base.json")
    assert " = " in again.stdout
    assert base.read_bytes() == written
    worse = json.loads(written)
    for figure in worse["data"]["figures"]:
        if figure["metric"] == METRIC:
            figure["value"] = 0.7
    base.write_text(json.dumps(worse), encoding="utf-8")
    dropped = quick(
        "eval",
        str(suite),
        "--runs",
        "runs",
        "--baseline",
        "base.json",
        "--gates",
        gate(tmp_path, "max_drop: 0.05"),
    )
    assert dropped.returncode == 1
    assert "-10.0" in dropped.stdout
    update = quick(
        "eval", str(suite), "--runs", "runs", "--baseline", "base.json", "--update-baseline"
    )
    assert f"{METRIC}: 0.700 -> 0.600" in update.stderr
    assert base.read_bytes() == written


def test_every_other_output_is_written(quick: Run, suite: Path, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    done = quick(
        "eval",
        str(suite),
        "--runs",
        "runs",
        "--json",
        "--junit",
        "out/junit.xml",
        "--html",
        "out/page.html",
        "--gates",
        gate(tmp_path, "min: 0.5"),
        GITHUB_STEP_SUMMARY=str(summary),
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["gates"][0]["state"] == "passed"
    assert len(Xml.parse(tmp_path / "out" / "junit.xml").findall(".//testcase")) == 3
    assert (tmp_path / "out" / "page.html").read_text("utf-8").startswith("<!doctype html>")
    assert "| speech.roles.accuracy | 60.0 % |" in summary.read_text("utf-8")
    markdown = quick("eval", str(suite), "--runs", "runs", "--markdown")
    assert "| speech.roles.accuracy | 60.0 % |" in markdown.stdout


@pytest.mark.slow
def test_run_analyses_first_and_reuses_what_is_there(quick: Run, tmp_path: Path) -> None:
    import numpy as np
    import soundfile

    rng = np.random.default_rng(1)
    soundfile.write(str(tmp_path / "a.wav"), 0.001 * rng.standard_normal(32_000), 16_000)
    (tmp_path / "suite.yaml").write_text(
        "name: made\nscores: [speech.vad]\nconfig: sound-only\n"
        "set: [transcribe.model=none, pose.model=none]\n"
        "lessons:\n  - id: a\n    media: [{path: a.wav}]\n"
        "    truth: [{kind: speech, speech: []}]\n"
        "  - id: gone\n    media: [{path: b.wav}]\n    truth: [{kind: speech, speech: []}]\n",
        encoding="utf-8",
    )
    done = quick("eval", "suite.yaml", "--run", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    outcomes = {lesson["lesson_id"]: lesson["outcome"] for lesson in document["lessons"]}
    assert outcomes == {"a": "scored", "gone": "skipped"}
    values = {f["metric"]: f["value"] for f in document["figures"]}
    assert values["speech.vad.error@collar=0"] == 0.0
    assert (tmp_path / "classwatch-eval" / "made" / "a" / "lesson.json").is_file()
    again = quick("eval", "suite.yaml", "--runs", "classwatch-eval/made", "--json")
    assert json.loads(again.stdout) == document
