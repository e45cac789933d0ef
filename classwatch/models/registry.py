"""The registry: names to verified local files.

Only files whose digest the project's ``registry.yaml`` or the user's own ledger
(``imported.json``) knows are ever handed out. Nothing here touches the network.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from classwatch.config.yamlfile import read_yaml
from classwatch.core.errors import DataError, ModelError, ResourceError, UsageError
from classwatch.core.resources import resource_dir
from classwatch.models.digest import DigestMemo, combined_sha256, write_atomically
from classwatch.models.entries import UNKNOWN, Entry, FileEntry, ModelFile
from classwatch.models.paths import home, search_folders, user_models

AUTO = "auto"
NONE = "none"


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a model found in a search folder; ``wrong`` lists what speaks against it."""

    entry: Entry
    path: Path
    digests: Mapping[str, str]
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Registry:
    """Every model that may be loaded, the order in which ``auto`` tries them, and the ledger.

    ``prefer`` maps a task to names. ``ledger`` holds what the user vouched for: by name, an
    entry whose digests are the ones recorded at import.
    """

    entries: tuple[Entry, ...]
    prefer: Mapping[str, tuple[str, ...]]
    ledger: Mapping[str, Entry]
    folders: tuple[Path, ...]
    memo: DigestMemo

    @staticmethod
    def load(path: Path | None = None) -> Registry:
        """The shipped registry (or the one at ``path``), joined with the user's ledger."""
        source = path or resource_dir("models") / "registry.yaml"
        entries, prefer = _read_registry(source, _changed_ns(source))
        ledger = read_ledger(ledger_path())
        merged = [_vouched(e, ledger.get(e.name)) for e in entries]
        names = {e.name for e in entries}
        merged += [e for name, e in sorted(ledger.items()) if name not in names]
        memo = DigestMemo(home() / "digests.json")
        return Registry(tuple(merged), prefer, ledger, search_folders(), memo)

    # ------------------------------------------------------------ names

    def entry(self, name: str) -> Entry:
        """The entry called ``name``; UsageError with the nearest name otherwise."""
        for entry in self.entries:
            if entry.name == name:
                return entry
        names = [e.name for e in self.entries]
        close = [n for n in names if name and name in n][:1]
        close = close or difflib.get_close_matches(name, names, n=1, cutoff=0.4)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise UsageError(
            f"there is no model {name!r}{hint}",
            subject="model",
            remedy="`classwatch models list` shows the names; "
            "`classwatch models import FILE` adds a model of your own",
        )

    def candidates(self, task: str) -> tuple[Entry, ...]:
        """Entries that ``auto`` tries for ``task``: models only the user has, then preferred ones.

        Whoever imported a model of their own did so to have it used.
        """
        preferred = self.prefer.get(task, ())
        own = [e for e in self.entries if e.task == task and e.name in self.ledger]
        return (
            *(e for e in own if e.name not in preferred),
            *(self.entry(name) for name in preferred),
        )

    # ------------------------------------------------------------ files

    def find(self, name: str, task: str, *, offline: bool = False) -> ModelFile | None:
        """The verified local file of model ``name`` for ``task``, or None when it is not here.

        ``auto`` takes the first of the preference order that is here; ``none`` is always None.
        ``offline`` only changes what the caller should advise; a model is never downloaded here.
        Raises UsageError for an unknown name or another task's model, and ModelError when the
        only copies found have the wrong digest.
        """
        if name == NONE:
            return None
        if name == AUTO:
            tried = (self._verified(entry) for entry in self.candidates(task))
            return next((model for model in tried if model is not None), None)
        entry = self.entry(name)
        if entry.task != task:
            raise UsageError(
                f"{name} is a model for {entry.task}, not for {task}",
                subject="model",
                remedy=f"for {task}: {', '.join(e.name for e in self.entries if e.task == task)}",
            )
        return self._verified(entry)

    def copies(self, entry: Entry, memo: DigestMemo | None = None) -> Iterator[Copy]:
        """Complete copies of ``entry`` in the search folders, verified, in search order."""
        for folder in self.folders:
            for place in _places(folder, entry):
                if all((place / f.path).is_file() for f in entry.files):
                    yield _check(entry, place, memo or self.memo)

    def _verified(self, entry: Entry) -> ModelFile | None:
        first_wrong: Copy | None = None
        for copy in self.copies(entry):
            if not copy.wrong:
                self.memo.save()
                return _model_file(copy, own=entry.name in self.ledger)
            first_wrong = first_wrong or copy
        self.memo.save()
        if first_wrong is None:
            return None
        raise ModelError(
            first_wrong.wrong[0],
            subject=str(first_wrong.path),
            remedy=f"delete the file and run `classwatch models pull {entry.name}`, or vouch for "
            f"it with `classwatch models import` under another --name",
        )


def _places(folder: Path, entry: Entry) -> Iterator[Path]:
    """Folders under ``folder`` that may hold the files of ``entry``."""
    yield folder / entry.name
    if not entry.is_folder or folder.name == entry.name:
        yield folder
    if entry.is_folder:
        # A Hugging Face cache carried over as it is.
        yield from sorted(folder.glob(f"models--*--{entry.name}/snapshots/*"))


def _check(entry: Entry, place: Path, memo: DigestMemo) -> Copy:
    digests: dict[str, str] = {}
    wrong: list[str] = []
    for file in entry.files:
        path = place / file.path
        actual = digests[file.path] = memo.sha256(path)
        if not file.known:
            wrong.append(
                f"{file.path} has SHA-256 {actual}, and the project knows no digest for it; "
                f"`classwatch models import {path}` vouches for it"
            )
        elif actual not in file.sha256:
            expected = " or ".join(file.sha256)
            wrong.append(f"{file.path} has SHA-256 {actual}, expected {expected}")
    shown = place if entry.is_folder else place / entry.files[0].path
    return Copy(entry, shown, digests, tuple(wrong))


def _model_file(copy: Copy, *, own: bool) -> ModelFile:
    entry = copy.entry
    origin = f"{entry.origin} (vouched for by the user)" if own else entry.origin
    return ModelFile(
        entry.name,
        copy.path,
        combined_sha256(copy.digests),
        entry.licence,
        origin.strip(),
        entry.task,
        entry.format,
        entry.input_px,
    )


# ---------------------------------------------------------------- registry.yaml


def _changed_ns(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


@cache
def _read_registry(
    path: Path, changed_ns: int
) -> tuple[tuple[Entry, ...], Mapping[str, tuple[str, ...]]]:
    """What the file says; read once for every time ``changed_ns`` that it was changed."""
    from pydantic import TypeAdapter, ValidationError

    document = read_yaml(path)
    if not isinstance(document, dict) or not set(document) <= {"prefer", "models"}:
        raise DataError("not a model registry: expected `prefer` and `models`", subject=str(path))
    try:
        entries = TypeAdapter(tuple[Entry, ...]).validate_python(document.get("models", ()))
        prefer = TypeAdapter(dict[str, tuple[str, ...]]).validate_python(document.get("prefer", {}))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DataError(f"models.{where}: {first['msg']}", subject=str(path)) from None
    _check_registry(entries, prefer, path)
    return entries, prefer


def _check_registry(
    entries: Sequence[Entry], prefer: Mapping[str, Sequence[str]], path: Path
) -> None:
    names = [e.name for e in entries]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise DataError(f"models named twice: {', '.join(twice)}", subject=str(path))
    missing = sorted({n for listed in prefer.values() for n in listed} - set(names))
    if missing:
        raise DataError(f"`prefer` names no model: {', '.join(missing)}", subject=str(path))
    for entry in entries:
        for file in entry.files:
            check_inside(file.path, str(path))


def check_inside(relative: str, subject: str) -> None:
    """Refuse a file path that would leave its model's folder."""
    parts = relative.replace("\\", "/").split("/")
    if not relative or ".." in parts or "" in parts or ":" in relative:
        raise DataError(f"the path {relative!r} leaves the model's folder", subject=subject)


# ---------------------------------------------------------------- the user's ledger


def ledger_path() -> Path:
    """File that records the models the user vouched for."""
    return user_models() / "imported.json"


def read_ledger(path: Path) -> dict[str, Entry]:
    """Entries by name from ``imported.json``; empty when there is none."""
    from pydantic import TypeAdapter, ValidationError

    try:
        text = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        reason = error.strerror or str(error)
        raise ResourceError(f"cannot be read: {reason}", subject=str(path)) from None
    try:
        ledger = TypeAdapter(dict[str, Entry]).validate_json(text)
    except ValidationError:
        raise DataError(
            "the list of imported models is damaged",
            subject=str(path),
            remedy="delete it and import the models again",
        ) from None
    for entry in ledger.values():
        for file in entry.files:
            check_inside(file.path, str(path))
    return ledger


def write_ledger(path: Path, ledger: Mapping[str, Entry]) -> None:
    """Record the vouched-for models."""
    from pydantic import TypeAdapter

    document = json.loads(TypeAdapter(dict[str, Entry]).dump_json(dict(ledger)))
    write_atomically(path, json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True))


def _vouched(entry: Entry, own: Entry | None) -> Entry:
    """``entry`` with the digests that the user recorded for the same name added."""
    if own is None:
        return entry
    recorded = {f.path: f.sha256 for f in own.files}

    def joined(file: FileEntry) -> FileEntry:
        extra = recorded.get(file.path, ())
        digests = tuple(dict.fromkeys([*(d for d in file.sha256 if d != UNKNOWN), *extra]))
        return replace(file, sha256=digests or (UNKNOWN,))

    return replace(entry, files=tuple(joined(f) for f in entry.files))
