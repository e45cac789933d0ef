"""SHA-256 of files, remembered between runs so that large models are not read every time."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from classwatch.core.errors import ResourceError


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of the file's bytes. Raises ResourceError when it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ResourceError(
            f"cannot be read: {error.strerror or error}", subject=str(path)
        ) from None


def combined_sha256(digests: Mapping[str, str]) -> str:
    """One digest for a model of several files, from ``path -> digest``; of one file, its own."""
    if len(digests) == 1:
        return next(iter(digests.values()))
    lines = "".join(f"{digests[path]}  {path}\n" for path in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()


class DigestMemo:
    """Digests by path, size, modification time and inode, kept in one JSON file.

    The memo only saves time: a missing, damaged or unwritable file means that digests are
    computed again. ``classwatch models verify`` does not use it.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._known: dict[str, list[object]] = {}
        self._changed = False
        if file is not None:
            with suppress(OSError, ValueError):
                loaded = json.loads(file.read_text(encoding="utf-8"))
                if isinstance(loaded, dict):
                    self._known = {k: v for k, v in loaded.items() if isinstance(v, list)}

    def sha256(self, path: Path) -> str:
        """Digest of ``path``, from memory when the file looks untouched."""
        try:
            stat = path.stat()
        except OSError as error:
            raise ResourceError(
                f"cannot be read: {error.strerror or error}", subject=str(path)
            ) from None
        key = str(path.resolve())
        mark: list[object] = [stat.st_size, stat.st_mtime_ns, stat.st_ino]
        found = self._known.get(key)
        if found is not None and found[:3] == mark and len(found) == 4:
            return str(found[3])
        digest = file_sha256(path)
        self._known[key] = [*mark, digest]
        self._changed = True
        return digest

    def save(self) -> None:
        """Write the memo if anything was added; failure is of no consequence."""
        if self._changed and self._file is not None:
            with suppress(OSError):
                write_atomically(self._file, json.dumps(self._known, sort_keys=True, indent=0))
            self._changed = False


def write_atomically(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 so that a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
