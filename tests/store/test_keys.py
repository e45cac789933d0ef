from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from classwatch.core.errors import InputError
from classwatch.store.keys import file_digest, stage_key


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of files old enough for their digests to be remembered.

    Their time of change cannot be set back, so the module waits for it once.
    """
    folder = tmp_path_factory.mktemp("settled")
    for name in ("reread.bin", "edited.bin", "blocked.bin"):
        (folder / name).write_bytes(b"one")
    time.sleep(2.1)
    return folder


def test_a_key_is_the_digest_of_the_canonical_text() -> None:
    text = (
        '{"config":{"a":1,"z":0.5},"inputs":["in"],"models":{"pose":"m"},'
        '"stage":"pose","version":3}'
    )
    expected = hashlib.sha256(text.encode()).hexdigest()
    assert stage_key("pose", 3, {"z": 0.5, "a": 1}, {"pose": "m"}, ["in"]) == expected


def test_everything_that_can_change_a_result_changes_the_key() -> None:
    keys = {
        stage_key("pose", 1, {"a": 1}, {"pose": "m"}, ["x", "y"]),
        stage_key("track", 1, {"a": 1}, {"pose": "m"}, ["x", "y"]),
        stage_key("pose", 2, {"a": 1}, {"pose": "m"}, ["x", "y"]),
        stage_key("pose", 1, {"a": 2}, {"pose": "m"}, ["x", "y"]),
        stage_key("pose", 1, {"a": None}, {"pose": "m"}, ["x", "y"]),
        stage_key("pose", 1, {"a": 1}, {"pose": "n"}, ["x", "y"]),
        stage_key("pose", 1, {"a": 1}, {}, ["x", "y"]),
        stage_key("pose", 1, {"a": 1}, {"pose": "m"}, ["y", "x"]),
        stage_key("pose", 1, {"a": 1}, {"pose": "m"}, ["xy"]),
    }
    assert len(keys) == 9


def test_paths_and_nan_cannot_slip_into_a_key() -> None:
    with pytest.raises(TypeError):
        stage_key("pose", 1, {"file": Path("/tmp")}, {}, [])
    with pytest.raises(ValueError, match="JSON"):
        stage_key("pose", 1, {"a": float("nan")}, {}, [])


def test_a_digest_is_sha256_of_the_content(tmp_path: Path) -> None:
    content = bytes(range(256)) * 20_000
    path = tmp_path / "课 🎬.bin"
    path.write_bytes(content)
    assert file_digest(path) == hashlib.sha256(content).hexdigest()
    assert file_digest(path, tmp_path / "memo") == hashlib.sha256(content).hexdigest()


def test_an_unchanged_file_is_not_read_again(settled: Path, tmp_path: Path) -> None:
    path = settled / "reread.bin"
    memo = tmp_path / "memo"
    first = file_digest(path, memo)
    (record,) = memo.rglob("*.json")
    record.write_text(record.read_text().replace(first, "f" * 64))
    assert file_digest(path, memo) == "f" * 64  # answered from memory, not from the file
    record.write_text("{ damaged")
    assert file_digest(path, memo) == first
    path.write_bytes(b"two")
    assert file_digest(path, memo) == hashlib.sha256(b"two").hexdigest()


def test_an_edit_that_restores_size_and_time_is_noticed(settled: Path, tmp_path: Path) -> None:
    path = settled / "edited.bin"
    memo = tmp_path / "memo"
    file_digest(path, memo)
    assert list(memo.rglob("*.json"))
    before = path.stat()
    path.write_bytes(b"eno")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file_digest(path, memo) == hashlib.sha256(b"eno").hexdigest()


def test_a_fresh_file_is_not_remembered(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"one")
    memo = tmp_path / "memo"
    file_digest(path, memo)
    assert not list(memo.rglob("*.json"))


def test_a_memo_that_cannot_be_written_only_costs_time(settled: Path, tmp_path: Path) -> None:
    path = settled / "blocked.bin"
    blocked = tmp_path / "memo"
    blocked.write_text("a file stands here")
    assert file_digest(path, blocked) == hashlib.sha256(b"one").hexdigest()


@pytest.mark.parametrize("name", ["gone.mp4", "."])
def test_what_cannot_be_read_is_an_input_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be read") as caught:
        file_digest(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
