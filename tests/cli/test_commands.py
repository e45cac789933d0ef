"""What each command prints and writes."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

import pytest
import yaml
from rich.cells import cell_len
from typer.testing import CliRunner

from classwatch.cli.app import app
from classwatch.config.load import load_config
from classwatch.core.issues import Issue, Severity
from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.media import StreamRole
from classwatch.core.time import Interval
from classwatch.store.cache import MANIFEST, Cache
from classwatch.store.documents import MEASURES, document_bytes
from classwatch.store.records import (
    LESSON,
    RUN,
    InputRecord,
    LessonRecord,
    LessonStatus,
    RunLesson,
)
from classwatch.store.records import (
    Run as RunRecord,
)
from tests.cli.conftest import Run


def touch(path: Path, data: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


# ---------------------------------------------------------------- config


def test_config_show_reads_back(quick: Run, tmp_path: Path) -> None:
    shown = quick("config", "show", "--config", "careful", "--set", "media.audio_track=1")
    file = tmp_path / "shown.yaml"
    file.write_text(shown.stdout, encoding="utf-8")
    assert load_config(str(file)) == load_config("careful", ["media.audio_track=1"])
    assert "# Sampling step of pictures that show students" in shown.stdout


def test_config_show_json_is_the_same_configuration(quick: Run) -> None:
    assert json.loads(quick("config", "show", "--json").stdout) == load_config().model_dump(
        mode="json"
    )


def test_config_schema_is_json(quick: Run) -> None:
    assert "MediaConfig" in json.loads(quick("config", "schema").stdout)["$defs"]


def test_config_presets_lists_them(quick: Run) -> None:
    listed = json.loads(quick("config", "presets", "--json").stdout)
    assert listed[0]["name"] == "default"
    assert {"fast", "careful"} <= {p["name"] for p in listed}


def test_commands_also_run_inside_a_process() -> None:
    result = CliRunner().invoke(app, ["config", "show", "--config", "fast"])
    assert result.exit_code == 0
    assert yaml.safe_load(result.stdout)["media"]["student_every_s"] == 2.0


# ---------------------------------------------------------------- models


def test_a_model_carried_by_hand_is_listed_found_and_verified(quick: Run, tmp_path: Path) -> None:
    touch(tmp_path / "我的 模型.onnx", b"mine")
    digest = hashlib.sha256(b"mine").hexdigest()
    refused = quick("models", "import", "我的 模型.onnx")
    assert refused.returncode == 4
    assert digest in refused.stderr
    taken = quick("models", "import", "我的 模型.onnx", "--name", "mine", "--task", "pose")
    path = Path(taken.stdout.strip())
    assert path.read_bytes() == b"mine"
    assert digest in taken.stderr
    assert quick("models", "path", "mine").stdout.strip() == str(path)
    listed = {m["name"]: m for m in json.loads(quick("models", "list", "--json").stdout)}
    assert listed["mine"]["here"] == "yes"
    assert listed["yolo11n-pose"]["here"] == "no"
    assert quick("models", "verify").returncode == 0
    path.write_bytes(b"other")
    wrong = quick("models", "verify", "--json")
    assert wrong.returncode == 4
    good = {c["name"]: c["good"] for c in json.loads(wrong.stdout)}
    assert not good.pop("mine")
    assert all(good.values())  # the text models that ship
    broken = quick("models", "path", "mine")
    assert broken.returncode == 4
    assert digest in broken.stderr
    assert hashlib.sha256(b"other").hexdigest() in broken.stderr


def test_the_real_weights_are_listed(quick: Run, shared: Path) -> None:
    folder = str(shared / "models")
    listed = quick("models", "list", "--json", CLASSWATCH_MODELS=folder)
    here = {m["name"] for m in json.loads(listed.stdout) if m["here"] == "yes"}
    texts = {"discourse-en", "discourse-zh"}
    acts = {"student-acts", "teacher-acts"}
    shipped = {"body-joints", "classpose", "speech-roles", "speech-sounds"} | acts | texts
    assert here == {"yolov8n-pose", "yolov8n-pose-onnx"} | shipped
    assert quick("models", "verify", CLASSWATCH_MODELS=folder).returncode == 0


# ---------------------------------------------------------------- manifest


def test_manifest_writes_what_it_says(quick: Run, tmp_path: Path) -> None:
    touch(tmp_path / "三班 录像" / "第一课.mp4")
    ran = quick("manifest", "三班 录像")
    assert ran.returncode == 0
    written = tmp_path / ran.stdout.strip()
    assert "第一课,第一课.mp4" in written.read_text(encoding="utf-8-sig")
    again = quick("manifest", "三班 录像")
    assert again.returncode == 2
    assert "--force" in again.stderr
    assert quick("manifest", "三班 录像", "--force").returncode == 0
    assert quick("manifest", "三班 录像", "--out", "m.xlsx").returncode == 0
    assert (tmp_path / "m.xlsx").read_bytes().startswith(b"PK")


# ---------------------------------------------------------------- inspect


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    """The folder of a lesson with one measure of each kind."""
    folder = tmp_path / "课例一"
    record = LessonRecord(
        lesson_id="课例一",
        metadata={"school": "实验小学", "subject": "数学"},
        span=Interval(0.0, 2700.0),
        inputs=(InputRecord("mixed", StreamRole.MIXED, "录像.mp4", "0" * 64, 10),),
        config={},
        versions={},
        issues=(Issue("sound.noisy", Severity.WARNING, "vad", "The room is noisy."),),
    )
    measures = (
        Measure("talk.teacher", Unit.SHARE, "t / v", "exact", value=0.625, coverage=0.9,
                ci_low=0.5, ci_high=0.75),
        Measure("talk.longest", Unit.SECONDS, "max", "exact", value=81.5),
        Measure("st.mode@30s-point", Unit.CATEGORY, "", "", category="lecture"),
        Measure("wait.median", Unit.SECONDS, "", "", why=Why("no_questions")),
        Measure("place.share", Unit.SHARE, "", "", value=0.1, part="front"),
    )  # fmt: skip
    touch(folder / "lesson.json", document_bytes(LESSON, record))
    touch(folder / "measures.json", document_bytes(MEASURES, measures))
    return folder


def test_inspect_shows_findings_and_measures(quick: Run, lesson: Path) -> None:
    shown = quick("inspect", "课例一")
    assert shown.returncode == 0
    for part in ("课例一, 45:00", "实验小学", "录像.mp4", "The room is noisy.", "62.5 % [50, 75]",
                 "90 %", "81.5 s", "lecture", "not measured: no_questions"):  # fmt: skip
        assert part in shown.stdout
    assert "place.share" not in shown.stdout
    assert "place.share [front]" in quick("inspect", "课例一", "--all").stdout
    assert max(cell_len(line) for line in shown.stdout.splitlines()) <= 80


def test_inspect_json_holds_both_documents(quick: Run, lesson: Path) -> None:
    document = json.loads(quick("inspect", str(lesson), "--json").stdout)
    assert document["lesson"]["data"]["lesson_id"] == "课例一"
    assert len(document["measures"]["data"]) == 5


def test_inspect_of_a_run_lists_its_lessons(quick: Run, tmp_path: Path) -> None:
    run = RunRecord(
        {},
        {},
        (RunLesson("a", LessonStatus.DONE), RunLesson("b", LessonStatus.FAILED, reason="boom")),
    )
    touch(tmp_path / "out" / "run.json", document_bytes(RUN, run))
    shown = quick("inspect", "out").stdout
    assert "done" in shown
    assert "boom" in shown


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"schema": "other/1", "data": {}}', b"\xff"]
)
def test_inspect_of_a_damaged_folder_names_the_file(
    quick: Run, lesson: Path, damage: bytes
) -> None:
    touch(lesson / "lesson.json", damage)
    ran = quick("inspect", str(lesson))
    assert ran.returncode == 3
    assert "lesson.json" in ran.stderr


# ---------------------------------------------------------------- cache


def test_cache_shows_its_size_and_lets_the_oldest_go(quick: Run, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "out" / ".cache")
    for digit, hours_ago in (("a", 3), ("b", 2), ("c", 0)):

        def fill(folder: Path) -> None:
            (folder / "x.bin").write_bytes(b"x" * 1_000_000)

        entry, _ = cache.obtain(digit * 64, fill)
        then_s = time.time() - 3600 * hours_ago
        os.utime(entry.path / MANIFEST, (then_s, then_s))
    before = json.loads(quick("cache", "size", "out", "--json").stdout)
    assert before["results"] == 3
    assert before["bytes"] >= 3_000_000
    freed = json.loads(quick("cache", "prune", "out", "--keep-gb", "0.0021", "--json").stdout)
    assert 1_000_000 <= freed["freed_bytes"] < 1_100_000
    assert {entry.key[0] for entry in cache.entries()} == {"b", "c"}


def test_cache_of_a_folder_without_one_is_refused(quick: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    shown = quick("cache", "prune", "empty", "--keep-gb", "1")
    assert shown.returncode == 3
    assert "holds no stage results" in shown.stderr


# ---------------------------------------------------------------- doctor


@pytest.mark.slow
def test_doctor_reports_this_machine(quick: Run, shared: Path) -> None:
    shown = quick("doctor", "--json", CLASSWATCH_MODELS=str(shared / "models"))
    assert shown.returncode == 0, shown.stdout
    document = json.loads(shown.stdout)
    checks = {(c["topic"], c["name"]): c for c in document["checks"]}
    assert document["good"] is True
    assert checks["back ends", "OpenVINO"]["detail"].startswith("CPU")
    assert "CPUExecutionProvider" in checks["back ends", "ONNX Runtime"]["detail"]
    assert "h264" in checks["back ends", "FFmpeg (PyAV)"]["detail"]
    sums = (shared / "models" / "SHA256SUMS").read_text()
    assert checks["models", "pose"]["detail"].rsplit(" ", 1)[1] in sums
    assert checks["models", "asr"]["state"] == "absent"
    assert "models pull" in checks["models", "asr"]["remedy"]
    text = quick("doctor").stdout
    assert max(cell_len(line) for line in text.splitlines() if "`" not in line) <= 80
