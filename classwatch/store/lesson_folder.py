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
from classwatch.store.codec import decode
from classwatch.store.documents import document_bytes, read_document
from classwatch.store.files import disk_errors, replace_bytes, sha256_of, temporary_beside
from classwatch.store.jsonio import canonical_json, parse_json
from classwatch.store.locks import held
from classwatch.store.records import LESSON, LessonRecord

LESSON_FILE = "lesson.json"
CORRECTIONS_FOLDER = "corrections"
CORRECTIONS_FILE = "corrections.json"
STATE_FOLDER = ".classwatch"
"""Hidden folder in the output for locks, and for the journal of a publication under way."""

_Pairs = tuple[tuple[str, str], ...]
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
    state = out / STATE_FOLDER / _state_name(record.lesson_id)
    journal = state.with_suffix(".json")
    with held(state.with_suffix(".lock")), disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        ours = _earlier_files(folder, journal)
        left = {name for name, digest in ours if _is_same(folder / name, digest)}
        stale = sorted(left - wanted.keys())
        changed = [name for name in sorted(wanted) if not _is_same(folder / name, wanted[name])]
        lesson = folder / LESSON_FILE
        if stale or changed:
            replace_bytes(journal, canonical_json(sorted(ours | set(wanted.items()))))
            lesson.unlink(missing_ok=True)
        for name in stale:
            (folder / name).unlink(missing_ok=True)
        for name in changed:
            _place(files[name], folder / name)
        if not lesson.exists() or lesson.read_bytes() != last:
            replace_bytes(lesson, last)
        journal.unlink(missing_ok=True)
    return folder


def _check_names(files: Mapping[str, bytes | Path]) -> None:
    for name in files:
        if not name or Path(name).name != name or name.startswith(".") or name == LESSON_FILE:
            raise ValueError(f"{name!r} cannot be published: not a plain file name of its own")


def _state_name(lesson_id: str) -> str:
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


def _earlier_files(folder: Path, journal: Path) -> set[tuple[str, str]]:
    """Names and digests of what was published here, also by a run that was killed meanwhile."""
    found: set[tuple[str, str]] = set()
    with suppress(InputError):
        found |= set(read_document(folder / LESSON_FILE, LESSON).files.items())
    with suppress(OSError, InputError):
        pairs: _Pairs = decode(parse_json(journal.read_bytes(), subject=str(journal)), _Pairs)
        found |= set(pairs)
    return {(name, digest) for name, digest in found if Path(name).name == name}


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
