"""Names by content: the key of a stage's result, and digests of files.

A key depends on what can change a result and on nothing else: not on paths, devices, worker
counts or the time.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from classwatch.core.errors import ClasswatchError, InputError
from classwatch.store.files import replace_bytes, sha256_of
from classwatch.store.jsonio import canonical_json, parse_json

_RACY_NS = 2_000_000_000
"""Coarsest time stamp in use (FAT: 2 s): a file changed within it may change again unseen."""


def stage_key(
    stage: str,
    version: int,
    config: Mapping[str, object],
    models: Mapping[str, str],
    inputs: Sequence[str],
) -> str:
    """SHA-256 (hex) that names the result of one stage.

    ``config`` is the stage's resolved section as plain JSON values (``model_dump(mode="json")``);
    ``models`` maps what a model is used for to its digest; ``inputs`` are keys of earlier stages
    and digests of files, in an order that is part of the key. Raises ``ValueError`` for NaN and
    ``TypeError`` for anything that is not JSON.
    """
    parts = {
        "stage": stage,
        "version": version,
        "config": dict(config),
        "models": dict(models),
        "inputs": list(inputs),
    }
    return hashlib.sha256(canonical_json(parts)).hexdigest()


def file_digest(path: Path, memo: Path | None = None) -> str:
    """SHA-256 (hex) of a file, remembered in the folder ``memo`` so that a rerun need not read it.

    The memory holds for one resolved path with the same size, inode and times of modification
    and change; it is never trusted for files touched in the last two seconds. Trouble with the
    memo itself (damaged, unwritable) only costs reading the file again.
    Raises ``InputError`` where the file cannot be read or changes while being read.
    """
    try:
        resolved = path.resolve(strict=True)
        before = _fingerprint(resolved)
        if memo is not None and (known := _recall(memo, resolved, before)):
            return known
        started_ns = time.time_ns()
        digest = sha256_of(resolved)
        after = _fingerprint(resolved)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"cannot be read: {reason}", subject=str(path), remedy="check the path and permissions"
        ) from error
    if before != after:
        raise InputError(
            "the file changed while it was being read",
            subject=str(path),
            remedy="wait until recording or copying has finished",
        )
    settled = max(before[2], before[3]) < started_ns - _RACY_NS
    # A look at what would run leaves no trace: only a cache that is there already remembers.
    if memo is not None and settled and memo.parent.is_dir():
        _remember(memo, resolved, before, digest)
    return digest


def _fingerprint(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns]


def _memo_file(memo: Path, resolved: Path) -> Path:
    name = hashlib.sha256(os.fsencode(resolved)).hexdigest()
    return memo / name[:2] / f"{name}.json"


def _recall(memo: Path, resolved: Path, fingerprint: list[int]) -> str:
    try:
        record = parse_json(_memo_file(memo, resolved).read_bytes(), subject="memo")
    except (OSError, ClasswatchError):
        return ""
    if not isinstance(record, dict) or record.get("file") != fingerprint:
        return ""
    digest = record.get("sha256")
    return digest if isinstance(digest, str) and len(digest) == 64 else ""


def _remember(memo: Path, resolved: Path, fingerprint: list[int], digest: str) -> None:
    target = _memo_file(memo, resolved)
    record = canonical_json({"file": fingerprint, "sha256": digest})
    with suppress(OSError, ClasswatchError):
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_bytes(target, record, durable=False)
