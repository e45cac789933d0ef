"""Disks that are full, read-only or not ours."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from classwatch.core.errors import ResourceError
from classwatch.store import artifacts
from classwatch.store.cache import Cache
from classwatch.store.catalogue import write_run
from classwatch.store.files import replace_bytes
from classwatch.store.lesson_folder import publish_lesson
from classwatch.store.records import Run
from tests.store import made

KEY = "cd" * 32


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    mount = tmp_path / "disk"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(mount)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("mounting a small tmpfs is not permitted here")
    try:
        yield mount
    finally:
        subprocess.run(["umount", str(mount)], check=True)


def _read_only(disk: Path) -> None:
    if subprocess.run(["mount", "-o", "remount,ro", str(disk)], capture_output=True).returncode:
        pytest.skip("mounting a read-only tmpfs is not permitted here")


@contextmanager
def _file_size_limit(limit: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def _as_somebody_else() -> Iterator[None]:
    """Root may write everywhere; nobody may not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def _big(folder: Path) -> None:
    (folder / "big.bin").write_bytes(bytes(4_000_000))


def _small(folder: Path) -> None:
    (folder / "small.bin").write_bytes(bytes(1000))


def test_a_full_disk_while_a_stage_writes(small_disk: Path) -> None:
    cache = Cache(small_disk)
    with pytest.raises(ResourceError, match="the disk is full") as caught:
        cache.obtain(KEY, _big)
    assert str(small_disk) in str(caught.value)
    assert "free some space" in caught.value.remedy
    assert cache.lookup(KEY) is None
    cache.obtain(KEY, _small)  # what was written is gone, so there is space again


def test_a_full_disk_while_a_lesson_is_published(small_disk: Path) -> None:
    record = made.lesson_record("lesson")
    publish_lesson(small_disk, record, {"turns.parquet": b"old"})
    noise = np.random.default_rng(1).bytes(2_000_000)
    with pytest.raises(ResourceError, match="the disk is full") as caught:
        publish_lesson(small_disk, record, {"turns.parquet": b"new", "z.parquet": noise})
    assert caught.value.subject.endswith("z.parquet")
    names = {path.name for path in (small_disk / "lesson").iterdir()}
    assert names == {"turns.parquet"}  # no lesson.json: whoever looks sees that it is not complete
    folder = publish_lesson(small_disk, record, {"turns.parquet": b"new"})
    assert {path.name for path in folder.iterdir()} == {"turns.parquet", "lesson.json"}


def test_a_full_disk_while_a_table_is_written(small_disk: Path) -> None:
    series = made.random_poses(1, 600, 30)
    with pytest.raises(ResourceError, match="the disk is full") as caught:
        artifacts.save_poses(small_disk, "front", series)
    assert caught.value.subject == str(small_disk / "poses.parquet")
    assert {path.name for path in small_disk.iterdir()} == {"pose_series.json", "frames.parquet"}


def test_a_file_that_may_not_grow_is_a_resource_error(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with _file_size_limit(100_000), pytest.raises(ResourceError, match="size limit"):
        replace_bytes(path, bytes(200_000))
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]
    with _file_size_limit(100_000), pytest.raises(ResourceError, match="size limit"):
        Cache(tmp_path / "cache").obtain(KEY, _big)


def test_a_read_only_disk(small_disk: Path) -> None:
    cache = Cache(small_disk / "cache")
    entry, _ = cache.obtain(KEY, _small)
    _read_only(small_disk)
    assert cache.lookup(KEY) == entry
    assert cache.obtain(KEY, _big) == (entry, True)
    with pytest.raises(ResourceError, match="read-only") as caught:
        cache.obtain("ef" * 32, _small)
    assert str(small_disk) in caught.value.subject
    with pytest.raises(ResourceError, match="read-only"):
        publish_lesson(small_disk / "out", made.lesson_record("a"), {})
    with pytest.raises(ResourceError, match="read-only"):
        write_run(small_disk / "out", Run({}, {}, ()), {})


def test_a_folder_of_somebody_else() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        with _as_somebody_else():
            with pytest.raises(ResourceError, match="permission denied") as caught:
                Cache(folder).obtain(KEY, _small)
            assert str(folder) in caught.value.subject
            with pytest.raises(ResourceError, match="permission denied"):
                publish_lesson(folder / "out", made.lesson_record("a"), {})
        folder.chmod(0o755)


@pytest.mark.parametrize("name", ["cache", "cache/inner"])
def test_a_file_where_the_cache_should_be(tmp_path: Path, name: str) -> None:
    (tmp_path / "cache").write_text("a file stands here")
    with pytest.raises(ResourceError, match="a file stands where a folder is needed"):
        Cache(tmp_path / name).obtain(KEY, _small)
