"""What the project must not have, and what it must have everywhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from classwatch.config.load import config_schema
from classwatch.core.events import EventKind
from classwatch.metrics.compute import definitions
from classwatch.store import schemas

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "classwatch"
FORBIDDEN = re.compile(
    r"emotion|mood|smile|engagement|attentive|attention_|_attention|face_id|face_embed|"
    r"recognise_face|recognize_face|ranking|rank_|composite_score|情绪|专注度|人脸",
    re.IGNORECASE,
)
SOURCES = sorted(PACKAGE.rglob("*.py"))


def names_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_code_names_emotion_identity_engagement_or_ranking(path: Path) -> None:
    found = {n for n in names_in(ast.parse(path.read_text("utf-8"))) if FORBIDDEN.search(n)}
    assert found == set()


def test_no_event_measure_column_or_setting_does_either() -> None:
    columns = [f"{t.name}.{c.name}" for t in schemas.PUBLISHED for c in t.columns]
    named = [k.value for k in EventKind] + [d.id for d in definitions()] + columns
    named += list(_keys(config_schema()))
    assert [n for n in named if FORBIDDEN.search(n)] == []


def _keys(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            yield str(key)
            yield from _keys(value)


def test_no_published_table_holds_a_picture_of_a_person_or_an_embedding() -> None:
    for table in schemas.PUBLISHED:
        for column in table.columns:
            assert not re.search(r"embed|vector|feature|crop|image|face", column.name), column.name


def test_no_measure_is_about_one_pupil() -> None:
    parts = {
        d.id for d in definitions() if re.search(r"pupil_|per_pupil|per_student|seat_id", d.id)
    }
    assert parts == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_stay_under_400_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) < 400


HEAVY = {
    "av", "cv2", "ctranslate2", "faster_whisper", "httpx", "jinja2", "librosa", "onnxruntime",
    "openpyxl", "openvino", "pyarrow", "scipy", "sklearn", "soundfile", "torch", "torchvision",
    "ultralytics",
}  # fmt: skip


NETWORKS = tuple(PACKAGE / "train" / name for name in ("joints", "pose", "voices"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_heavy_libraries_are_imported_inside_functions(path: Path) -> None:
    for node in ast.parse(path.read_text("utf-8")).body:
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        # Networks are classes of torch: only those who train import these modules.
        allowed = {"torch"} if path.parent in NETWORKS else set()
        heavy = {n.partition(".")[0] for n in names} & HEAVY
        assert heavy <= allowed, ast.unparse(node)


@pytest.mark.parametrize("library", ["ultralytics", "faster_whisper.transcribe", "openvino"])
def test_a_heavy_back_end_lives_in_one_module(library: str) -> None:
    top = library.partition(".")[0]
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Import) and any(a.name.split(".")[0] == top for a in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == top)
    }
    allowed = {"faster_whisper": 2}.get(top, 1)  # its VAD weights and its recogniser
    assert 1 <= len(users) <= allowed, users


def test_readmes_have_the_same_commands() -> None:
    english, chinese = (
        re.findall(r"```bash\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL)
        for name in ("README.md", "README.zh-CN.md")
    )
    strip = re.compile(r"\s*#.*")
    assert [strip.sub("", block) for block in english] == [strip.sub("", b) for b in chinese]
