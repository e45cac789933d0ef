"""The folder of one lesson in the output: complete whenever ``lesson.json`` is there."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from classwatch.core.errors import InputError
from classwatch.store.documents import document_bytes, read_document
from classwatch.store.files import disk_errors, replace_bytes, sha256_of, temporary_beside
from classwatch.store.locks import held
from classwatch.store.records import LESSON, LessonRecord

LESSON_FILE = "lesson.json"
STATE_FOLDER = ".classwatch"
"""Hidden folder in the output for locks; holds nothing that matters between runs."""

_TEMPORARY = re.compile(r"\.[0-9a-f]{16}\.tmp")


def lesson_folder(out: Path, lesson_id: str) -> Path:
    """Where a lesson's files go.

    Raises ``InputError`` for an id that is not a plain folder name (empty, hidden, with a
    separator or control character).
    """
    bad = not lesson_id or lesson_id.startswith(".") or lesson_id != lesson_id.strip()
    if bad or any(c in "/\\:" or ord(c) < 32 or ord(c) == 127 for c in lesson_id):
        raise InputError(
            "this lesson id cannot name a folder",
            subject=repr(lesson_id),
            remedy="use letters, digits, spaces inside, - and _",
        )
    return out / lesson_id


def publish_lesson(out: Path, record: LessonRecord, files: Mapping[str, bytes | Path]) -> Path:
    """Put a lesson's files in place and return its folder.

    ``files`` maps plain names to contents, or to files to copy. Each file appears whole or not at
    all. Unchanged files are not touched. Files that an earlier analysis left and this one does not
    have are removed, unless somebody changed them since. While anything changes there is no
    ``lesson.json``; it is written last, with the digest of every file. Two runs take turns.
    Raises ``ResourceError`` where the disk does not allow it.
    """
    folder = lesson_folder(out, record.lesson_id)
    _check_names(files)
    wanted = {name: _digest(content) for name, content in files.items()}
    last = document_bytes(LESSON, replace(record, files=wanted))
    lock = out / STATE_FOLDER / f"{_lock_name(record.lesson_id)}.lock"
    with held(lock), disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        stale = [name for name in _earlier_files(folder) if name not in wanted]
        changed = [name for name in sorted(wanted) if not _is_same(folder / name, wanted[name])]
        lesson = folder / LESSON_FILE
        if stale or changed:
            for name in stale:
                (folder / name).unlink(missing_ok=True)
            lesson.unlink(missing_ok=True)
        for name in changed:
            _place(files[name], folder / name)
        if not lesson.exists() or lesson.read_bytes() != last:
            replace_bytes(lesson, last)
    return folder


def _check_names(files: Mapping[str, bytes | Path]) -> None:
    for name in files:
        if not name or Path(name).name != name or name.startswith(".") or name == LESSON_FILE:
            raise ValueError(f"{name!r} cannot be published: not a plain file name of its own")


def _lock_name(lesson_id: str) -> str:
    return hashlib.sha256(lesson_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _digest(content: bytes | Path) -> str:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    try:
        return sha256_of(content)
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror or error}",
            subject=str(content),
            remedy="run the analysis again",
        ) from error


def _is_same(path: Path, digest: str) -> bool:
    return path.is_file() and not path.is_symlink() and sha256_of(path) == digest


def _earlier_files(folder: Path) -> list[str]:
    """Names the last analysis published here and nobody changed since."""
    try:
        files = read_document(folder / LESSON_FILE, LESSON).files
    except InputError:
        return []
    plain = {name: digest for name, digest in files.items() if Path(name).name == name}
    return sorted(name for name, digest in plain.items() if _is_same(folder / name, digest))


def _sweep(folder: Path) -> None:
    """Remove what a killed run left half written; nobody else writes while the lock is held."""
    for path in folder.iterdir():
        if _TEMPORARY.fullmatch(path.name):
            path.unlink(missing_ok=True)


def _place(content: bytes | Path, target: Path) -> None:
    if isinstance(content, bytes):
        replace_bytes(target, content, durable=False)
        return
    # A copy, not a link: whoever edits the published file must not edit the cache.
    temporary = temporary_beside(target)
    with disk_errors(target):
        try:
            shutil.copyfile(content, temporary)
            temporary.replace(target)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
