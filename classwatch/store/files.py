"""Bytes on disk: atomic replacement, digests, and disk trouble in words a user can act on."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from classwatch.core.errors import ResourceError

_BLOCK = 1 << 20
_TEMPORARY_SUFFIX = ".tmp"

_FULL = "free some space, or choose another folder"
_READ_ONLY = "choose a folder that can be written to"
_SPACE = {
    errno.ENOSPC: ("the disk is full", _FULL),
    errno.EDQUOT: ("the disk quota is used up", _FULL),
    errno.EFBIG: ("the file would pass the size limit of this system", _FULL),
    errno.EROFS: ("the disk is read-only", _READ_ONLY),
}
_ACCESS = {
    errno.EACCES: ("permission denied", "change its permissions, or choose another folder"),
    errno.EPERM: ("operation not permitted", "change its permissions, or choose another folder"),
    errno.ENOTDIR: ("a file stands where a folder is needed", "move it, or choose another folder"),
    errno.EEXIST: ("a file stands where a folder is needed", "move it, or choose another folder"),
    errno.EISDIR: ("a folder stands where a file is needed", "move it, or choose another folder"),
    errno.EMFILE: ("too many open files", "raise the limit (ulimit -n), or run fewer jobs"),
    errno.ENAMETOOLONG: ("the path is too long", "choose a folder with a shorter path"),
    errno.EIO: ("the disk reports an input/output error", "check the disk"),
}


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn every ``OSError`` inside into a ``ResourceError`` that names the file and the remedy.

    ``path`` is named where the error itself carries no file name.
    """
    try:
        yield
    except OSError as error:
        raise _translated(error, path, _SPACE | _ACCESS) from error


@contextmanager
def space_errors(path: Path) -> Iterator[None]:
    """Like ``disk_errors`` for foreign code inside: only a full or read-only disk is translated.

    Other ``OSError``s there may be about inputs, and pass unchanged.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _SPACE:
            raise
        raise _translated(error, path, _SPACE) from error


def _translated(error: OSError, path: Path, known: dict[int, tuple[str, str]]) -> ResourceError:
    named = Path(str(error.filename2 or error.filename or path))
    subject = str(path if named.suffix == _TEMPORARY_SUFFIX else named)
    problem, remedy = known.get(error.errno or 0, (error.strerror or str(error), _READ_ONLY))
    return ResourceError(f"cannot write: {problem}", subject=subject, remedy=remedy)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file as lower-case hex, read in blocks of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as handle:
        while block := handle.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def replace_bytes(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write ``path`` whole or not at all: a temporary neighbour, then one rename.

    ``durable`` also survives a power cut (the file is flushed to the disk before the rename).
    Raises ``ResourceError`` where the disk does not allow it; the old file is then untouched.
    """
    temporary = temporary_beside(path)
    with disk_errors(path):
        try:
            with temporary.open("xb") as handle:
                handle.write(data)
                if durable:
                    handle.flush()
                    os.fsync(handle.fileno())
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise


def temporary_beside(path: Path) -> Path:
    """A hidden name of its own beside ``path``, to write to before a rename."""
    return path.with_name(f".{secrets.token_hex(8)}{_TEMPORARY_SUFFIX}")


def flush_file(path: Path) -> None:
    """Wait until the content of a file written earlier is on the disk."""
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk; nothing where the system cannot."""
    if os.name == "nt":
        return
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
