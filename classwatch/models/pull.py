"""Downloads of models: mirrors in order, resumed where possible, verified before they count.

This is the only module of classwatch that opens a network connection.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from classwatch.core.errors import ModelError, ResourceError, UsageError
from classwatch.models.digest import file_sha256
from classwatch.models.entries import Entry, FileEntry, ModelFile, SourceKind
from classwatch.models.paths import user_models
from classwatch.models.registry import Registry, ledger_path, read_ledger, write_ledger

if TYPE_CHECKING:
    import httpx

_MAX_UNKNOWN_BYTES = 20_000_000_000
_IMPORT = "carry the files over by hand and run `classwatch models import PATH`"


class PullProgress(Protocol):
    """Told how far the download of one file is; ``total`` is None where the server is silent."""

    def __call__(self, file: str, done_bytes: int, total_bytes: int | None, /) -> None: ...


def quiet(file: str, done_bytes: int, total_bytes: int | None, /) -> None:
    """A listener that ignores everything."""


@dataclass(frozen=True, slots=True)
class PullOptions:
    """How to download. ``source`` limits it to one kind of place.

    ``trust_first_use`` accepts a file whose digest the project does not know and records the
    digest, so that any later change is noticed. ``attempts`` are per address, each going on where
    the last one broke off.
    """

    source: SourceKind | None = None
    trust_first_use: bool = False
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 30.0
    attempts: int = 3


class _FetchError(Exception):
    """One address did not give the file; the message is the reason."""

    def __init__(self, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.again = again


def pull(
    name: str, options: PullOptions = PullOptions(), progress: PullProgress = quiet
) -> ModelFile:
    """Download model ``name`` into the user's folder, unless a good copy is there already.

    Raises UsageError for an unknown name or source, ModelError when no place gave a file with the
    right digest (naming every place and its reason), ResourceError when the disk is full or
    another download of the same model is under way.
    """
    entry = Registry.load().entry(name)
    here = _already_here(entry)
    if here is not None:
        return here
    sources = [s for s in entry.sources if options.source in (None, s.kind)]
    if not sources:
        kinds = sorted({s.kind for s in entry.sources})
        raise UsageError(
            f"{name} is not offered by {options.source or 'any place known to the project'}",
            subject="model",
            remedy=f"sources: {', '.join(kinds)}" if kinds else _IMPORT,
        )
    unknown = [f.path for f in entry.files if not f.known]
    if unknown and not options.trust_first_use:
        raise ModelError(
            f"the project knows no digest for {', '.join(unknown)}, so a download cannot be "
            "verified",
            subject=name,
            remedy="--trust-first-use accepts what arrives and records its digest, so that later "
            "changes are noticed; compare it with a source you trust",
        )
    folder = user_models() / name
    with _writing(folder), _lock(folder):
        for file in entry.files:
            urls = [s.url(file.path) for s in sources]
            digest = _fetch(urls, folder / file.path, file, options, progress)
            if not file.known:
                _record(entry, file, digest)
    found = Registry.load().find(name, entry.task)
    if found is None:
        raise ModelError("was downloaded but is not found", subject=str(folder))
    return found


def _already_here(entry: Entry) -> ModelFile | None:
    with suppress(ModelError):
        return Registry.load().find(entry.name, entry.task)
    return None  # a wrong copy is there: a good one takes precedence over it


def _fetch(
    urls: Sequence[str],
    target: Path,
    file: FileEntry,
    options: PullOptions,
    progress: PullProgress,
) -> str:
    """Bring ``file`` to ``target`` from the first address that gives it; its digest."""
    if target.is_file() and file.known and file_sha256(target) in file.sha256:
        return file_sha256(target)
    part = target.with_name(f"{target.name}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    if not file.known:
        part.unlink(missing_ok=True)  # only a digest can tell that two halves belong together
    failures: list[str] = []
    for url in urls:
        try:
            _download(url, part, file, options, progress)
            digest = file_sha256(part)
            part.replace(target)
            return digest
        except _FetchError as failure:
            failures.append(f"{url}: {failure}")
    tried = "\n".join(f"  {line}" for line in failures)
    raise ModelError(
        f"none of {len(urls)} places gave {file.path}\n{tried}",
        subject=f"model {target.parent.name}",
        remedy=_IMPORT,
    )


def _download(
    url: str, part: Path, file: FileEntry, options: PullOptions, progress: PullProgress
) -> None:
    """Fill ``part`` from ``url``; it is verified on return. Raises _FetchError."""
    attempt = 0
    while True:
        attempt += 1
        resumed_bytes = part.stat().st_size if part.exists() else 0
        try:
            _stream(url, part, file, options, progress)
            _verify(part, file, resumed=resumed_bytes > 0)
            return
        except _FetchError as failure:
            grew = part.exists() and part.stat().st_size > resumed_bytes
            if not failure.again or (attempt >= options.attempts and not grew) or attempt > 50:
                raise


def _verify(part: Path, file: FileEntry, *, resumed: bool) -> None:
    if not file.known:
        return
    digest = file_sha256(part)
    if digest not in file.sha256:
        part.unlink()
        expected = " or ".join(file.sha256)
        # A part left by another mirror or an older edition may be to blame: once more, from zero.
        raise _FetchError(f"wrong digest: SHA-256 {digest}, expected {expected}", again=resumed)


def _stream(
    url: str, part: Path, file: FileEntry, options: PullOptions, progress: PullProgress
) -> None:
    """One request: append to ``part`` what is missing, or start over if the server prefers."""
    import httpx

    done = part.stat().st_size if part.exists() else 0
    limit = file.size_bytes or _MAX_UNKNOWN_BYTES
    if file.size_bytes and done >= file.size_bytes:
        return
    headers = {"User-Agent": "classwatch", "Accept-Encoding": "identity"}
    if done:
        headers["Range"] = f"bytes={done}-"
    timeout = httpx.Timeout(options.read_timeout_s, connect=options.connect_timeout_s)
    try:
        with httpx.stream(
            "GET", url, headers=headers, timeout=timeout, follow_redirects=True
        ) as reply:
            done = _start(reply, part, done)
            length = reply.headers.get("Content-Length", "")
            total = file.size_bytes or (done + int(length) if length.isdigit() else None)
            with part.open("ab") as stream:
                for chunk in reply.iter_raw():
                    stream.write(chunk)
                    done += len(chunk)
                    if done > limit:
                        raise _FetchError(f"larger than the {limit} bytes it should have")
                    progress(file.path, done, total)
    except httpx.TimeoutException as error:
        raise _FetchError(f"no answer in time ({type(error).__name__})", again=True) from None
    except httpx.HTTPError as error:
        raise _FetchError(f"{str(error) or type(error).__name__}", again=True) from None
    if file.size_bytes and done != file.size_bytes:
        raise _FetchError(f"ended after {done} of {file.size_bytes} bytes", again=True)


def _start(reply: httpx.Response, part: Path, done: int) -> int:
    """Bytes of ``part`` that the reply goes on from; ``part`` is cut when it starts from zero."""
    if reply.status_code == 206 and reply.headers.get("Content-Range", "").startswith(
        f"bytes {done}-"
    ):
        return done
    if reply.status_code in (200, 206, 416) and done:
        part.unlink(missing_ok=True)
        if reply.status_code != 200:
            raise _FetchError("could not go on from where the download broke off", again=True)
        return 0
    if reply.status_code != 200:
        raise _FetchError(f"HTTP {reply.status_code} {reply.reason_phrase}".strip())
    return 0


def _record(entry: Entry, file: FileEntry, digest: str) -> None:
    """Note in the ledger that the user accepted ``digest`` on first use."""
    ledger = read_ledger(ledger_path())
    own = ledger.get(entry.name, replace(entry, files=(), sources=()))
    others = tuple(f for f in own.files if f.path != file.path)
    accepted = FileEntry(file.path, (digest,))
    write_ledger(ledger_path(), {**ledger, entry.name: replace(own, files=(*others, accepted))})


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Translate what can go wrong with the disk."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        full = error.errno == errno.ENOSPC
        raise ResourceError(
            "the disk is full" if full else f"cannot be written: {error.strerror or error}",
            subject=str(folder),
            remedy="free some space; the download goes on where it stopped"
            if full
            else "CLASSWATCH_HOME moves the folder",
        ) from None


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(folder / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise ResourceError(
            "another download of this model is under way",
            subject=folder.name,
            remedy="wait for it",
        ) from None
    try:
        yield
    finally:
        lock.release()
