"""Results of stages by content: a folder that is whole or not there.

Layout under the root::

    v1/<2 hex>/<key>/...        files of one result, and manifest.json
    tmp/<name>/, tmp/<name>.lock   a result being made, and the lock its maker holds
    locks/<key>.lock            held while somebody makes the result of that key

An entry is made in ``tmp``, its files and then the manifest are flushed to the disk, and one
rename puts it in place: a kill or a power cut at any instant leaves nothing or a whole entry.
Nothing is ever changed in place. The manifest holds size, modification time and SHA-256 of every
file; a file whose size differs, or whose time *and* digest differ, makes the entry count as
absent, and the next result replaces it.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from classwatch.core.errors import DataError
from classwatch.store.codec import decode, encode
from classwatch.store.files import disk_errors, flush_file, flush_folder, sha256_of, space_errors
from classwatch.store.jsonio import parse_json, readable_json
from classwatch.store.locks import held, held_if_free

MANIFEST = "manifest.json"
_SCHEMA = "classwatch.cache/1"
_GENERATION = "v1"
_TOUCH_S = 3600.0
_ABANDONED_LOCK_S = 86_400.0
_TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Results of classwatch that can be computed again; safe to delete while nothing runs.\n"
)


@dataclass(frozen=True, slots=True)
class EntryFile:
    """One file of an entry; ``name`` is relative with forward slashes."""

    name: str
    size_bytes: int
    modified_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A complete result: its folder ``path`` (read only, by convention) and what lies in it."""

    key: str
    path: Path
    files: tuple[EntryFile, ...]

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)

    def file(self, name: str) -> Path:
        """Path of one file; ``DataError`` where the result has no such file."""
        if not any(file.name == name for file in self.files):
            raise DataError(
                f"holds no {name}", subject=str(self.path), remedy="run again with --force"
            )
        return self.path / name


@dataclass(frozen=True, slots=True)
class _Manifest:
    schema: str
    key: str
    files: tuple[EntryFile, ...]


class Cache:
    """The cache under one folder; cheap to make, safe to share between processes and machines."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._prepared = False

    def __reduce__(self) -> tuple[type[Cache], tuple[Path]]:
        return (Cache, (self.root,))

    @property
    def memo(self) -> Path:
        """Folder for ``keys.file_digest`` to remember digests in."""
        return self.root / "digests"

    def lookup(self, key: str) -> Entry | None:
        """The entry of ``key`` when it is there and undamaged; reads the manifest and sizes only.

        A file whose modification time is not the recorded one (touched, or the cache was copied)
        is read and compared by digest.
        """
        entry = self._intact(key)
        if entry is None:
            return None
        manifest = entry.path / MANIFEST
        with suppress(OSError):
            if time.time() - manifest.stat().st_mtime > _TOUCH_S:
                os.utime(manifest)
        return entry

    @contextmanager
    def lock(self, key: str, *, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Be the only one to make ``key``; waits while another process does (until it dies)."""
        _check_key(key)
        with held(self.root / "locks" / f"{key}.lock", on_wait=on_wait):
            yield

    @contextmanager
    def open_entry(self, key: str) -> Iterator[Path]:
        """A private empty folder to make the result of ``key`` in; gone afterwards.

        Call ``publish`` inside to keep it. A full or read-only disk met by the code inside becomes
        a ``ResourceError``; its other errors pass.
        """
        _check_key(key)
        with disk_errors(self.root):
            self._prepare()
        folder = self.root / "tmp" / f"{key[:12]}-{os.getpid()}-{secrets.token_hex(6)}"
        owner = _owner_lock(folder)
        with held(owner):
            try:
                with disk_errors(folder):
                    folder.mkdir()
                with space_errors(folder):
                    yield folder
            finally:
                _remove_tree(folder)
                with suppress(OSError):
                    owner.unlink()

    def publish(self, folder: Path, key: str) -> Entry:
        """Put a folder from ``open_entry`` in place by one rename and return the entry.

        Where another process was first, its entry is kept and returned; a damaged entry in the
        way is replaced. Raises ``ResourceError`` where the disk does not allow it.
        """
        final = self._folder(key)
        with disk_errors(final):
            files = _seal(folder, key)
            final.parent.mkdir(parents=True, exist_ok=True)
            while not _renamed(folder, final):
                if winner := self.lookup(key):
                    return winner
                self._discard(final)
            flush_folder(final.parent)
        return Entry(key, final, files)

    def obtain(
        self,
        key: str,
        make: Callable[[Path], None],
        *,
        on_wait: Callable[[], None] = lambda: None,
    ) -> tuple[Entry, bool]:
        """The entry of ``key`` and whether it was there; else ``make(folder)`` fills a new one.

        However many processes ask at once, one makes it and the others wait; when the maker dies,
        one of them takes over. Nothing is kept when ``make`` raises.
        """
        if entry := self.lookup(key):
            return entry, True
        with self.lock(key, on_wait=on_wait):
            if entry := self.lookup(key):
                return entry, True
            with self.open_entry(key) as folder:
                make(folder)
                return self.publish(folder, key), False

    def verify(self, entry: Entry) -> bool:
        """Whether every file still has its digest; reads them all."""
        try:
            return all(sha256_of(entry.path / file.name) == file.sha256 for file in entry.files)
        except OSError:
            return False

    def entries(self) -> Iterator[Entry]:
        """Every undamaged entry, in order of key; does not count as using them."""
        for folder in sorted((self.root / _GENERATION).glob("*/*")):
            if _is_key(folder.name) and (entry := self._intact(folder.name)):
                yield entry

    def remove(self, key: str) -> None:
        """Forget one entry; nothing when it is not there."""
        with disk_errors(self._folder(key)):
            self._discard(self._folder(key))

    def sweep(self) -> int:
        """Remove what killed processes left half made; the number of folders removed."""
        swept = 0
        with suppress(OSError):
            for folder in sorted((self.root / "tmp").iterdir()):
                if folder.suffix == ".lock":
                    _remove_abandoned_lock(folder)
                    continue
                with held_if_free(_owner_lock(folder)) as free:
                    if free:
                        _remove_tree(folder)
                        _owner_lock(folder).unlink(missing_ok=True)
                        swept += 1
        return swept

    def _intact(self, key: str) -> Entry | None:
        folder = self._folder(key)
        entry = _read_entry(folder, key)
        if entry is None or not all(_is_intact(folder, file) for file in entry.files):
            return None
        return entry

    def _folder(self, key: str) -> Path:
        return self.root / _GENERATION / _check_key(key)[:2] / key

    def _prepare(self) -> None:
        if self._prepared:
            return
        (self.root / "tmp").mkdir(parents=True, exist_ok=True)
        tag = self.root / "CACHEDIR.TAG"
        if not tag.exists():
            tag.write_text(_TAG, encoding="utf-8")
        self.sweep()
        self._prepared = True

    def _discard(self, folder: Path) -> None:
        """Move a folder out of the way first, so that nobody sees it half removed."""
        (self.root / "tmp").mkdir(parents=True, exist_ok=True)
        grave = self.root / "tmp" / f"removed-{os.getpid()}-{secrets.token_hex(6)}"
        with suppress(FileNotFoundError):
            folder.rename(grave)
        _remove_tree(grave)


def prune(cache: Cache, max_bytes: int, *, keep: Collection[str] = ()) -> int:
    """Remove the entries longest unused until the rest fits; returns the bytes freed.

    Keys in ``keep``, and entries used within the last hour (another run may be reading them),
    stay.
    """
    entries = sorted(cache.entries(), key=_last_used)
    excess = sum(entry.size_bytes for entry in entries) - max_bytes
    freed = 0
    for entry in entries:
        if freed >= excess:
            break
        if entry.key not in keep and time.time() - _last_used(entry) > _TOUCH_S:
            cache.remove(entry.key)
            freed += entry.size_bytes
    return freed


def size_bytes(cache: Cache) -> int:
    """Bytes that all undamaged entries hold."""
    return sum(entry.size_bytes for entry in cache.entries())


def _last_used(entry: Entry) -> float:
    try:
        return (entry.path / MANIFEST).stat().st_mtime
    except OSError:
        return 0.0


def _is_key(key: str) -> bool:
    return len(key) == 64 and set(key) <= set("0123456789abcdef")


def _check_key(key: str) -> str:
    if not _is_key(key):
        raise ValueError(f"a cache key is 64 hex digits, got {key!r}")
    return key


def _remove_tree(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):
        path.unlink()


def _owner_lock(folder: Path) -> Path:
    return folder.with_name(folder.name + ".lock")


def _remove_abandoned_lock(lock: Path) -> None:
    # A fresh lock may belong to a process that is about to make its folder: leave it a day.
    folder = lock.with_suffix("")
    if not folder.exists() and time.time() - lock.stat().st_mtime > _ABANDONED_LOCK_S:
        lock.unlink(missing_ok=True)


def _seal(folder: Path, key: str) -> tuple[EntryFile, ...]:
    files: list[EntryFile] = []
    if (folder / MANIFEST).exists():
        raise ValueError(f"{MANIFEST} is the cache's own: choose another name")
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise ValueError(f"{path.name}: a result holds plain files and folders only")
        if path.is_file():
            flush_file(path)
            status = path.stat()
            name = path.relative_to(folder).as_posix()
            files.append(EntryFile(name, status.st_size, status.st_mtime_ns, sha256_of(path)))
    manifest = folder / MANIFEST
    record = encode(_Manifest(_SCHEMA, key, tuple(files)), _Manifest)
    manifest.write_bytes(readable_json(record))
    flush_file(manifest)
    for inner in {path.parent for path in folder.rglob("*")}:
        flush_folder(inner)
    return tuple(files)


def _read_entry(folder: Path, key: str) -> Entry | None:
    try:
        raw = (folder / MANIFEST).read_bytes()
        record: _Manifest = decode(parse_json(raw, subject=str(folder)), _Manifest)
    except (OSError, DataError):
        return None
    if (record.schema, record.key) != (_SCHEMA, key):
        return None
    return Entry(key, folder, record.files)


def _is_intact(folder: Path, file: EntryFile) -> bool:
    path = folder / file.name
    try:
        status = path.stat()
        if status.st_size != file.size_bytes:
            return False
        return status.st_mtime_ns == file.modified_ns or sha256_of(path) == file.sha256
    except OSError:
        return False


def _renamed(folder: Path, final: Path) -> bool:
    try:
        folder.rename(final)
    except OSError as error:
        taken = error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)
        if taken or (os.name == "nt" and final.exists()):
            return False
        raise
    return True
