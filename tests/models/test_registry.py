"""Finding and verifying models, and taking over those carried by hand."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from classwatch.core.errors import DataError, InputError, ModelError, UsageError
from classwatch.models.adopt import Vouch, import_models, verify_models
from classwatch.models.digest import DigestMemo, combined_sha256, file_sha256
from classwatch.models.paths import home, search_folders, user_models
from classwatch.models.registry import Registry
from tests.models.conftest import MakeRegistry


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def one(
    name: str, data: bytes, *, task: str = "pose", file: str = "", **more: object
) -> dict[str, object]:
    file = file or f"{name}.onnx"
    return {
        "name": name,
        "task": task,
        "format": "onnx",
        "licence": "MIT",
        "files": [{"path": file, "sha256": [sha(data)]}],
        **more,
    }


def folder_model(name: str, files: dict[str, bytes]) -> dict[str, object]:
    return {
        "name": name,
        "task": "asr",
        "format": "ctranslate2",
        "licence": "MIT",
        "files": [{"path": p, "sha256": [sha(d)]} for p, d in files.items()],
    }


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


GATED = "pyannote-community-1"
"""Its makers ask who takes it, so that its digests are whatever the user vouches for."""
WHISPER = {"config.json": b"{}", "model.bin": b"weights", "vocabulary.txt": b"a b"}


# ---------------------------------------------------------------- finding


def test_the_shipped_registry_is_sound() -> None:
    registry = Registry.load()
    names = {e.name for e in registry.entries}
    assert {
        "yolo11n-pose",
        "yolo26n-pose",
        "yolov8n-pose",
        "faster-whisper-large-v3-turbo",
    } <= names
    for entry in registry.entries:
        for file in entry.files if entry.name != GATED else ():
            assert all(len(d) == 64 and set(d) <= set("0123456789abcdef") for d in file.sha256)
        assert all(s.base.startswith("https://") for s in entry.sources)
        assert entry.licence
    for task, preferred in registry.prefer.items():
        assert {registry.entry(n).task for n in preferred} == {task}


def test_nothing_here_is_none_and_not_an_error() -> None:
    registry = Registry.load()
    assert registry.find("auto", "asr") is None
    assert registry.find("none", "pose") is None
    assert registry.find("yolo11n-pose", "pose", offline=True) is None


def test_a_fresh_machine_has_the_pose_model_that_ships_and_prefers_any_other() -> None:
    registry = Registry.load()
    model = registry.find("auto", "pose", offline=True)
    assert model is not None
    assert (model.name, model.path.name) == ("classpose", "classpose")
    weights = sorted(file.name for file in model.path.glob("*.onnx"))
    assert weights == ["classpose-int8.onnx", "classpose.onnx"]
    assert sum((model.path / name).stat().st_size for name in weights) <= 12_000_000
    assert registry.prefer["pose"][-1] == "classpose"


def test_the_real_weights_are_found_by_digest(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLASSWATCH_MODELS", str(shared / "models"))
    model = Registry.load().find("auto", "pose")
    assert model is not None
    listed = (shared / "models" / "SHA256SUMS").read_text()
    assert f"{model.sha256}  {model.path.name}" in listed
    assert model.licence == "AGPL-3.0"
    other = Registry.load().find("yolov8n-pose", "pose")
    assert other is not None
    assert other.path.name == "yolov8n-pose.pt"


def test_auto_follows_the_preference(write_registry: MakeRegistry) -> None:
    write_registry([one("small", b"s"), one("large", b"l")], {"pose": ["large", "small"]})
    put(user_models(), "small/small.onnx", b"s")
    found = Registry.load().find("auto", "pose")
    assert found is not None
    assert found.name == "small"
    put(user_models(), "large/large.onnx", b"l")
    found = Registry.load().find("auto", "pose")
    assert found is not None
    assert found.name == "large"


def test_folders_are_searched_in_order(
    write_registry: MakeRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_registry([one("net", b"n")])
    first, second = tmp_path / "a b", tmp_path / "模型"
    monkeypatch.setenv("CLASSWATCH_MODELS", os.pathsep.join([str(first), "", str(second)]))
    assert search_folders()[:3] == (user_models(), first, second)
    expected = put(second, "net.onnx", b"n")
    found = Registry.load().find("net", "pose")
    assert found is not None
    assert found.path == expected
    expected = put(first, "net/net.onnx", b"n")
    found = Registry.load().find("net", "pose")
    assert found is not None
    assert found.path == expected


def test_a_wrong_digest_names_both_and_the_file(write_registry: MakeRegistry) -> None:
    write_registry([one("net", b"good")])
    path = put(user_models(), "net/net.onnx", b"evil")
    with pytest.raises(ModelError) as caught:
        Registry.load().find("net", "pose")
    assert caught.value.exit_code == 4
    text = str(caught.value)
    assert str(path) in text
    assert sha(b"good") in text
    assert sha(b"evil") in text
    assert caught.value.remedy


def test_a_good_copy_elsewhere_outweighs_a_wrong_one(
    write_registry: MakeRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_registry([one("net", b"good")])
    put(user_models(), "net/net.onnx", b"evil")
    good = put(tmp_path / "other", "net.onnx", b"good")
    monkeypatch.setenv("CLASSWATCH_MODELS", str(good.parent))
    found = Registry.load().find("net", "pose")
    assert found is not None
    assert found.path == good


def test_a_model_of_several_files_needs_them_all(write_registry: MakeRegistry) -> None:
    write_registry([folder_model("fw", WHISPER)])
    for name, data in list(WHISPER.items())[:-1]:
        put(user_models() / "fw", name, data)
    assert Registry.load().find("fw", "asr") is None
    put(user_models() / "fw", "vocabulary.txt", WHISPER["vocabulary.txt"])
    found = Registry.load().find("fw", "asr")
    assert found is not None
    assert found.path == user_models() / "fw"
    lines = "".join(f"{sha(WHISPER[n])}  {n}\n" for n in sorted(WHISPER))
    assert found.sha256 == sha(lines.encode())
    put(user_models() / "fw", "config.json", b"{ }")
    with pytest.raises(ModelError, match=r"config\.json has SHA-256"):
        Registry.load().find("fw", "asr")


def test_a_hugging_face_cache_is_understood(
    write_registry: MakeRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_registry([folder_model("fw", WHISPER)])
    snapshot = tmp_path / "hub" / "models--Someone--fw" / "snapshots" / "abc"
    for name, data in WHISPER.items():
        put(snapshot, name, data)
    monkeypatch.setenv("CLASSWATCH_MODELS", str(tmp_path / "hub"))
    found = Registry.load().find("fw", "asr")
    assert found is not None
    assert found.path == snapshot


def test_unknown_names_and_other_tasks_are_refused() -> None:
    registry = Registry.load()
    with pytest.raises(UsageError, match=r"did you mean yolo11.-pose"):
        registry.find("yolo11-pose", "pose")
    with pytest.raises(UsageError, match="did you mean faster-whisper-tiny"):
        registry.find("tiny", "asr")
    with pytest.raises(UsageError, match="for asr, not for pose"):
        registry.find("faster-whisper-tiny", "pose")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"files": [{"path": "../x", "sha256": ["0" * 64]}]}, "leaves the model's folder"),
        ({"files": [{"path": "/etc/x", "sha256": ["0" * 64]}]}, "leaves the model's folder"),
        ({"surprise": 1}, "surprise"),
        ({"licence": None}, "licence"),
        ({"sources": [{"kind": "ftp", "base": "ftp://x"}]}, "kind"),
    ],
)
def test_a_bad_registry_is_refused(
    write_registry: MakeRegistry, change: dict[str, object], part: str
) -> None:
    write_registry([{**one("net", b"n"), **change}])
    with pytest.raises(DataError, match=part):
        Registry.load()


# ---------------------------------------------------------------- digests


def test_the_memo_notices_a_changed_file(tmp_path: Path) -> None:
    file = put(tmp_path, "x", b"one")
    memo = DigestMemo(tmp_path / "memo.json")
    assert memo.sha256(file) == sha(b"one")
    memo.save()
    again = DigestMemo(tmp_path / "memo.json")
    assert again.sha256(file) == sha(b"one")
    file.write_bytes(b"three")
    assert again.sha256(file) == sha(b"three")
    assert file_sha256(file) == sha(b"three")


def test_a_damaged_memo_is_ignored(tmp_path: Path) -> None:
    file = put(tmp_path, "x", b"one")
    for damage in (b"", b"{", b"[]", b'{"a": 1}', b"\xff\xfe"):
        memo = put(tmp_path, "memo.json", damage)
        assert DigestMemo(memo).sha256(file) == sha(b"one")


def test_a_combined_digest_depends_on_names_and_contents() -> None:
    assert combined_sha256({"a": "1"}) == "1"
    assert combined_sha256({"a": "1", "b": "2"}) == combined_sha256({"b": "2", "a": "1"})
    assert combined_sha256({"a": "1", "b": "2"}) != combined_sha256({"a": "2", "b": "1"})


# ---------------------------------------------------------------- importing


def test_a_known_file_needs_only_its_path(write_registry: MakeRegistry, tmp_path: Path) -> None:
    write_registry([one("net", b"n")])
    carried = put(tmp_path / "usb stick", "下载 (1).onnx", b"n")
    (model,) = import_models(carried)
    assert model.path == user_models() / "net" / "net.onnx"
    assert model.path.read_bytes() == b"n"
    assert Registry.load().find("net", "pose") == model


def test_a_folder_of_models_gives_those_that_are_known(
    write_registry: MakeRegistry, tmp_path: Path
) -> None:
    write_registry([one("net", b"n"), folder_model("fw", WHISPER)])
    put(tmp_path / "usb", "net.onnx", b"n")
    put(tmp_path / "usb", "readme.txt", b"hello")
    for name, data in WHISPER.items():
        put(tmp_path / "usb" / "whatever", name, data)
    assert [m.name for m in import_models(tmp_path / "usb")] == ["net", "fw"]
    put(tmp_path / "empty", "readme.txt", b"hello")
    with pytest.raises(ModelError, match="no model that the registry knows"):
        import_models(tmp_path / "empty")


def test_an_unknown_model_must_be_vouched_for(write_registry: MakeRegistry, tmp_path: Path) -> None:
    write_registry([one("net", b"n")], {"pose": ["net"]})
    mine = put(tmp_path, "mine.onnx", b"mine")
    with pytest.raises(ModelError, match=sha(b"mine")) as caught:
        import_models(mine)
    assert "--name" in caught.value.remedy
    (model,) = import_models(mine, Vouch("my-net", "pose", "private"))
    assert model.path == user_models() / "my-net" / "mine.onnx"
    assert (model.licence, model.sha256) == ("private", sha(b"mine"))
    put(user_models(), "net/net.onnx", b"n")
    assert Registry.load().find("auto", "pose") == model
    model.path.write_bytes(b"changed")
    with pytest.raises(ModelError, match=sha(b"mine")):
        Registry.load().find("my-net", "pose")


def test_an_unknown_folder_may_be_vouched_for(write_registry: MakeRegistry, tmp_path: Path) -> None:
    write_registry([])
    for name, data in WHISPER.items():
        put(tmp_path / "ct2", name, data)
    (model,) = import_models(tmp_path / "ct2", Vouch("my-asr", "asr"))
    assert (model.path / "model.bin").read_bytes() == b"weights"
    assert model.format == "ctranslate2"


def test_a_file_that_only_has_the_name_is_told_apart(
    write_registry: MakeRegistry, tmp_path: Path
) -> None:
    write_registry([one("net", b"n")])
    with pytest.raises(ModelError, match="is called like net but has SHA-256"):
        import_models(put(tmp_path, "net.onnx", b"other"))
    with pytest.raises(UsageError, match="is a model of the registry and this is another file"):
        import_models(tmp_path / "net.onnx", Vouch("net", "pose"))


def test_a_pickle_needs_a_second_thought(write_registry: MakeRegistry, tmp_path: Path) -> None:
    write_registry([])
    mine = put(tmp_path, "mine.pt", b"mine")
    with pytest.raises(ModelError, match="pickle") as caught:
        import_models(mine, Vouch("mine", "pose"))
    assert "--allow-pickle" in caught.value.remedy
    (model,) = import_models(mine, Vouch("mine", "pose", pickle=True))
    assert model.format == "pt"


@pytest.mark.parametrize("name", ["", "Auto", "auto", "none", "a/b", "..", "-x", "x" * 65, "名"])
def test_bad_names_are_refused(write_registry: MakeRegistry, tmp_path: Path, name: str) -> None:
    write_registry([])
    mine = put(tmp_path, "mine.onnx", b"mine")
    with pytest.raises(UsageError, match="cannot be a model's name"):
        import_models(mine, Vouch(name, "pose"))


def test_what_is_not_a_model_is_refused(write_registry: MakeRegistry, tmp_path: Path) -> None:
    write_registry([])
    with pytest.raises(UsageError, match="not a kind of model file"):
        import_models(put(tmp_path, "x.zip", b"zip"), Vouch("x", "pose"))
    with pytest.raises(InputError, match="no such file"):
        import_models(tmp_path / "gone.onnx")


def test_verify_reads_the_files_again(write_registry: MakeRegistry) -> None:
    write_registry([one("net", b"good"), one("other", b"o")])
    put(user_models(), "net/net.onnx", b"good")
    put(user_models(), "other/other.onnx", b"x")
    states = {c.entry.name: bool(c.wrong) for c in verify_models(Registry.load())}
    assert states == {"net": False, "other": True}


def test_a_damaged_ledger_is_named(write_registry: MakeRegistry) -> None:
    write_registry([one("net", b"n")])
    put(user_models(), "imported.json", b"{broken")
    with pytest.raises(DataError, match="damaged"):
        Registry.load()


def test_a_ledger_cannot_lead_out_of_the_folder(
    write_registry: MakeRegistry, tmp_path: Path
) -> None:
    write_registry([])
    import_models(put(tmp_path, "mine.onnx", b"mine"), Vouch("mine", "pose"))
    ledger = user_models() / "imported.json"
    ledger.write_text(ledger.read_text().replace("mine.onnx", "../../mine.onnx"))
    with pytest.raises(DataError, match="leaves the model's folder"):
        Registry.load()


def test_home_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CLASSWATCH_HOME", str(tmp_path / "there"))
    assert home() == tmp_path / "there"
    monkeypatch.delenv("CLASSWATCH_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    if os.name == "posix" and shutil.which("uname") and os.uname().sysname == "Linux":
        assert home() == tmp_path / "xdg" / "classwatch"


PIPELINE = {
    "config.yaml": b"pipeline:",
    "segmentation/pytorch_model.bin": b"one",
    "embedding/pytorch_model.bin": b"two",
    "plda/plda.npz": b"three",
    "plda/xvec_transform.npz": b"four",
}


def test_a_pipeline_is_a_folder_with_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLASSWATCH_HOME", str(tmp_path / "home"))
    mine = tmp_path / "carried"
    for name, data in {**PIPELINE, ".cache/lock": b""}.items():
        put(mine, name, data)
    with pytest.raises(ModelError, match="pickle"):
        import_models(mine)
    (model,) = import_models(mine, Vouch(pickle=True))
    assert (model.name, model.task, model.format) == (GATED, "speaker", "pyannote")
    assert model.sha256 == combined_sha256({name: sha(data) for name, data in PIPELINE.items()})
    inside = sorted(
        p.relative_to(model.path).as_posix() for p in model.path.rglob("*.*") if p.is_file()
    )
    assert inside == sorted(PIPELINE)
    put(model.path, "segmentation/pytorch_model.bin", b"changed")
    with pytest.raises(ModelError, match="segmentation"):
        Registry.load().find(GATED, "speaker")
