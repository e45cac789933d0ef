"""``classwatch simulate`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from classwatch.simulate.read import read_script
from tests.cli.conftest import Run

SHORT = ("--profile", "lecture", "--minutes", "0.5", "--students", "4", "--seed", "3")


def test_a_script_is_written_and_nothing_else(quick: Run, tmp_path: Path) -> None:
    done = quick("simulate", *SHORT, "--lang", "en", "--write-script-only", "lesson.yaml")
    assert (done.returncode, done.stdout) == (0, "")
    script = read_script(tmp_path / "lesson.yaml")
    assert (script.language, script.seed, script.profile) == ("en", 3, "lecture")
    assert [p.name for p in tmp_path.iterdir() if p.name != "home"] == ["lesson.yaml"]
    shown = quick("simulate", *SHORT, "--lang", "en", "--write-script-only", "-")
    assert shown.stdout == (tmp_path / "lesson.yaml").read_text(encoding="utf-8")


def test_options_of_the_cameras_reach_the_script(quick: Run, tmp_path: Path) -> None:
    options = ("--cameras", "front,rear,mix", "--size", "640x360", "--fps", "2", "--snr", "12")
    assert quick("simulate", *SHORT, *options, "--write-script-only", "a.yaml").returncode == 0
    script = read_script(tmp_path / "a.yaml")
    assert [(c.name, c.width_px, c.height_px, c.fps) for c in script.cameras] == [
        ("front", 640, 360, 2.0),
        ("rear", 640, 360, 2.0),
        ("mix", 640, 360, 2.0),
    ]
    assert script.cameras[2].cuts
    assert script.sound.snr_db == 12


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "neither a script nor a profile"),
        (("--profile", "party", "--out", "x"), 2, "no profile 'party'"),
        ((*SHORT, "--sound-only"), 2, "--out"),
        ((*SHORT, "--out", "x"), 2, "--schematic"),
        ((*SHORT, "--out", "x", "--humans", "absent"), 3, "no such folder"),
        ((*SHORT, "--out", "x", "--schematic", "--sound-only"), 2, "exclude each other"),
        ((*SHORT, "--out", "x", "--size", "big"), 2, "no picture size"),
        ((*SHORT, "--out", "x", "--cameras", "above"), 2, "no camera 'above'"),
        ((*SHORT, "--out", "x", "--cameras", "mix"), 2, "other cameras"),
        ((*SHORT, "--out", "x", "--fps", "0"), 2, "--fps"),
        (("absent.yaml", "--out", "x", "--sound-only"), 3, "no such file"),
        (("--images", "2", "--fps", "3", "--out", "x", "--schematic"), 2, "no meaning"),
        (("--images", "2", "--out", "x"), 2, "--schematic"),
        (("--varied", "--out", "x", "--schematic"), 2, "--images"),
        (("--images", "0", "--out", "x", "--schematic"), 2, "--images"),
        (("absent.yaml", "--seed", "3", "--out", "x", "--sound-only"), 2, "--seed cannot change"),
    ],
)
def test_what_cannot_be_done_is_said_with_a_remedy(
    quick: Run, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = quick("simulate", *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stdout == ""


def test_a_missing_folder_of_characters_says_what_it_must_hold(quick: Run) -> None:
    done = quick("simulate", *SHORT, "--out", "x")
    assert ".npz" in done.stderr
    assert "docs/figure-folders.md" in done.stderr
    assert "--sound-only" in done.stderr


@pytest.mark.slow
def test_two_processes_make_the_same_bytes(cli: Run, tmp_path: Path) -> None:
    pytest.importorskip("espeakng_loader")
    pytest.importorskip("pyroomacoustics")
    documents = []
    for name in ("one", "two"):
        done = cli("simulate", *SHORT, "--sound-only", "--out", name, "--json")
        assert done.returncode == 0, done.stderr
        documents.append(json.loads(done.stdout))
        assert not documents[-1]["reused"]
    assert documents[0]["schema"] == "classwatch.simulate/1"
    assert documents[0]["files"] == documents[1]["files"]
    again = cli("simulate", *SHORT, "--sound-only", "--out", "one")
    assert "there already" in again.stdout
    assert (tmp_path / "one" / "truth" / "turns.parquet").is_file()
