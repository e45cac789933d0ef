from __future__ import annotations

import errno
import os
import pickle
import shutil
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from classwatch.core.errors import DataError
from classwatch.store.cache import Cache, Entry, prune, size_bytes

KEY = "0123456789abcdef" * 4
OTHER = "f" * 64


def _make(folder: Path) -> None:
    (folder / "a.bin").write_bytes(b"x" * 100_000)
    (folder / "inner").mkdir()
    (folder / "inner" / "b.txt").write_text("声音", encoding="utf-8")


def _fill(cache: Cache, key: str = KEY) -> Entry:
    entry, hit = cache.obtain(key, _make)
    assert not hit
    return entry


def _never(folder: Path) -> None:
    raise AssertionError("the result should have been there")


def test_a_result_is_made_once_and_found_again(tmp_path: Path) -> None:
    made = _fill(Cache(tmp_path))
    entry, hit = Cache(tmp_path).obtain(KEY, _never)
    assert hit
    assert entry == made
    assert entry.file("inner/b.txt").read_text(encoding="utf-8") == "声音"
    assert entry.size_bytes == 100_006
    assert Cache(tmp_path).verify(entry)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_nothing_is_there_before_and_nothing_after_a_failure(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "not" / "yet")
    assert cache.lookup(KEY) is None

    def fail(folder: Path) -> None:
        _make(folder)
        raise RuntimeError("the stage failed")

    with pytest.raises(RuntimeError, match="the stage failed"):
        cache.obtain(KEY, fail)
    assert cache.lookup(KEY) is None
    assert list((cache.root / "tmp").iterdir()) == []
    _fill(cache)


def test_asking_for_a_file_that_a_result_lacks_names_the_result(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no c\.bin"):
        _fill(Cache(tmp_path)).file("c.bin")


def _truncate(path: Path) -> None:
    os.truncate(path, 500)


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[50_000] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [_truncate, _flip, Path.unlink])
def test_a_damaged_file_makes_the_result_absent_and_it_is_made_again(
    tmp_path: Path, damage: object
) -> None:
    cache = Cache(tmp_path)
    entry = _fill(cache)
    assert callable(damage)
    damage(entry.path / "a.bin")
    assert cache.lookup(KEY) is None
    again = _fill(cache)
    assert again.file("a.bin").read_bytes() == b"x" * 100_000
    assert cache.lookup(KEY) == again
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("manifest", [b"", b"{}", b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_manifest_makes_the_result_absent(tmp_path: Path, manifest: bytes) -> None:
    cache = Cache(tmp_path)
    entry = _fill(cache)
    (entry.path / "manifest.json").write_bytes(manifest)
    assert cache.lookup(KEY) is None
    _fill(cache)


def test_a_result_under_the_wrong_key_is_not_believed(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    entry = _fill(cache)
    wrong = tmp_path / "v1" / OTHER[:2] / OTHER
    shutil.copytree(entry.path, wrong)
    assert cache.lookup(OTHER) is None


def test_a_copied_cache_is_still_good(tmp_path: Path) -> None:
    _fill(Cache(tmp_path / "one"))
    shutil.copytree(tmp_path / "one", tmp_path / "two", copy_function=shutil.copyfile)
    assert Cache(tmp_path / "two").lookup(KEY) is not None


def test_the_first_to_publish_wins(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    with cache.open_entry(KEY) as one, cache.open_entry(KEY) as two:
        (one / "a").write_text("first")
        (two / "a").write_text("second")
        first = cache.publish(one, KEY)
        second = cache.publish(two, KEY)
    assert first == second
    assert second.file("a").read_text() == "first"
    assert list((tmp_path / "tmp").iterdir()) == []


def test_threads_make_a_result_once(tmp_path: Path) -> None:
    cache, made = Cache(tmp_path), []

    def make(folder: Path) -> None:
        made.append(threading.get_ident())
        time.sleep(0.1)
        _make(folder)

    threads = [threading.Thread(target=cache.obtain, args=(KEY, make)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_a_result_may_not_hold_links_or_a_manifest_of_its_own(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for fill in (
        lambda folder: (folder / "link").symlink_to("/etc/passwd"),
        lambda folder: (folder / "manifest.json").write_text("{}"),
    ):
        with pytest.raises(ValueError, match=r"link|manifest"):
            cache.obtain(KEY, fill)
    assert cache.lookup(KEY) is None


@pytest.mark.parametrize("key", ["", "../../etc", "A" * 64, "0" * 63, "0" * 64 + "/"])
def test_a_key_is_hex_and_nothing_else(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="64 hex digits"):
        Cache(tmp_path).lookup(key)


def test_disk_trouble_of_a_stage_is_told_apart_from_its_own_errors(tmp_path: Path) -> None:
    def missing(folder: Path) -> None:
        (folder / "gone").read_bytes()

    with pytest.raises(FileNotFoundError):
        Cache(tmp_path).obtain(KEY, missing)

    def full(folder: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(folder / "a"))

    with pytest.raises(Exception, match=r"a: cannot write: the disk is full") as caught:
        Cache(tmp_path).obtain(KEY, full)
    assert getattr(caught.value, "exit_code", None) == 5


def test_pruning_takes_the_longest_unused_and_spares_the_wanted(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    keys = [f"{n:064x}" for n in range(4)]
    for age_h, key in enumerate(keys):
        entry = _fill(cache, key)
        then = time.time() - 3600 * 10 * age_h
        os.utime(entry.path / "manifest.json", (then, then))
    assert size_bytes(cache) == 400_024
    freed = prune(cache, 250_000, keep={keys[3]})
    assert freed == 200_012
    assert [entry.key for entry in cache.entries()] == [keys[0], keys[3]]
    assert prune(cache, 0) == 100_006  # the entry used just now stays: somebody may be reading it
    assert [entry.key for entry in cache.entries()] == [keys[0]]


def test_a_hit_counts_as_use(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    manifest = _fill(cache).path / "manifest.json"
    os.utime(manifest, (1.0, 1.0))
    assert cache.lookup(KEY)
    assert time.time() - manifest.stat().st_mtime < 60


def test_a_cache_can_be_handed_to_another_process(tmp_path: Path) -> None:
    cache = pickle.loads(pickle.dumps(Cache(tmp_path)))  # noqa: S301
    _fill(cache)


def test_looking_things_up_loads_nothing_heavy(tmp_path: Path) -> None:
    code = """
        import sys
        from pathlib import Path
        from classwatch.store.cache import Cache
        from classwatch.store.keys import file_digest, stage_key
        Cache(Path(sys.argv[1])).lookup(stage_key("a", 1, {}, {}, []))
        file_digest(Path(sys.executable), Path(sys.argv[1]) / "memo")
        heavy = {"numpy", "pyarrow", "pandas", "pydantic", "openpyxl"} & set(sys.modules)
        assert not heavy, heavy
    """
    arguments = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)]
    subprocess.run(arguments, check=True, cwd=Path(__file__).parents[2])
