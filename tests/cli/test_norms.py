from __future__ import annotations

import json
from pathlib import Path

import pytest

from classwatch.core.measures import Measure, Unit
from classwatch.store.convert import measures_table
from classwatch.store.documents import document_bytes
from classwatch.store.parquet import table_bytes
from classwatch.store.records import LESSON, LessonRecord
from tests.cli.conftest import Run


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """Twelve analysed lessons, two of them music."""
    for i in range(12):
        folder = tmp_path / "run" / f"l{i:02d}"
        folder.mkdir(parents=True)
        metadata = {"subject": "music" if i > 9 else "maths"}
        record = LessonRecord(f"l{i:02d}", metadata, None, (), {}, {})
        measures = (
            Measure("talk.silence", Unit.SHARE, "", "", value=i / 20),
            Measure("fias.share@3s-change", Unit.SHARE, "", "", value=i / 100, part="5"),
        )
        (folder / "lesson.json").write_bytes(document_bytes(LESSON, record))
        (folder / "measures.parquet").write_bytes(
            table_bytes(measures_table(measures), folder.name)
        )
    return tmp_path / "run"


def test_build_and_compare(quick: Run, run_folder: Path) -> None:
    built = quick("norms", "build", "run", "--out", "maths.json")
    assert built.returncode == 0, built.stderr
    assert "subject=maths" in built.stdout
    assert "under 10 lessons" in built.stdout
    shown = quick("norms", "compare", "run/l09", "--norms", "maths.json", "--json")
    document = json.loads(shown.stdout)
    by_name = {(m["measure"], m["part"]): m for m in document["measures"]}
    # 0, 0.05 ... 0.45: mean 0.225, sd 0.15138.
    assert by_name["talk.silence", ""]["z"] == pytest.approx(0.225 / 0.15138, abs=1e-4)
    assert by_name["fias.share@3s-change", "5"]["n"] == 10
    assert "talk.silence" in quick("norms", "compare", "run/l09", "--norms", "maths.json").stdout


def test_another_kind_of_lesson_is_refused_and_can_be_named(quick: Run, run_folder: Path) -> None:
    assert quick("norms", "build", "run", "-o", "set.json", "--by", "subject").returncode == 0
    refused = quick("norms", "compare", "run/l11", "--norms", "set.json")
    assert refused.returncode == 2
    assert "--stratum" in refused.stderr
    named = quick(
        "norms", "compare", "run/l11", "--norms", "set.json", "--stratum", "subject=maths"
    )
    assert named.returncode == 0
    wrong = quick("norms", "compare", "run/l11", "--norms", "set.json", "--stratum", "colour=red")
    assert wrong.returncode == 2
    assert "colour" in wrong.stderr


def test_a_folder_without_lessons_names_the_remedy(quick: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = quick("norms", "build", "empty", "--out", "x.json")
    assert ran.returncode == 3
    assert "empty" in ran.stderr
    assert not (tmp_path / "x.json").exists()


def test_list_hides_what_nobody_checked(quick: Run) -> None:
    shown = json.loads(quick("norms", "list", "--json").stdout)
    every = json.loads(quick("norms", "list", "--recalled", "--json").stdout)
    assert len(every) > len(shown) > 10
    assert "recalled" not in {norm["status"] for norm in shown}
