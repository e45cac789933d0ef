"""``classwatch models import``: models carried over by hand, and ``models verify``."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from classwatch.core.errors import InputError, ModelError, ResourceError, UsageError
from classwatch.models.digest import DigestMemo, file_sha256
from classwatch.models.entries import Entry, FileEntry, ModelFile
from classwatch.models.paths import user_models
from classwatch.models.registry import Copy, Registry, ledger_path, read_ledger, write_ledger

_FORMATS = {".onnx": "onnx", ".pt": "pt", ".pth": "pt", ".safetensors": "safetensors"}
_PYANNOTE = "pyannote"
_PICKLES = ("pt", _PYANNOTE)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_TASKS = ("pose", "asr", "speaker")
_FOLDER_MARK = "model.bin"
"""A folder that holds this is one CTranslate2 model."""
_ONNX_MARKS = ("tokens.txt", "tokens.json")
"""A folder that holds one of these beside an ONNX file is one recogniser."""
_PIPELINE_MARKS = ("config.yaml", "segmentation")
"""A folder that holds both is one pipeline of pyannote.audio, with folders inside."""


@dataclass(frozen=True, slots=True)
class Vouch:
    """What the user says about a model that the project does not know.

    ``pickle`` allows a `.pt`, which can run code when it is loaded.
    """

    name: str | None = None
    task: str | None = None
    licence: str = "unknown"
    pickle: bool = False


def import_models(path: Path, vouch: Vouch = Vouch()) -> tuple[ModelFile, ...]:
    """Copy the model(s) at ``path`` into the user's folder; what was imported.

    A file or a recogniser's folder that the registry knows by digest needs nothing more. One that
    it does not know is taken when ``vouch`` gives a name and a task; its digest is then recorded.
    Of any other folder, everything that the registry knows is taken.
    Raises InputError when there is nothing at ``path``, ModelError when it is not known and not
    vouched for.
    """
    if not path.exists():
        raise InputError("no such file or folder", subject=str(path))
    registry = Registry.load()
    if path.is_file() or _format_of(path):
        return (_import_one(registry, path, vouch),)
    taken = []
    for inner in sorted(path.iterdir()):
        if inner.is_file() or _format_of(inner):
            entry = _known(registry, _digests(inner))
            if entry is not None:
                taken.append(_place(entry, inner))
    if not taken:
        raise ModelError(
            "holds no model that the registry knows",
            subject=str(path),
            remedy="import a single file or folder, with --name and --task",
        )
    return tuple(taken)


def verify_models(registry: Registry) -> tuple[Copy, ...]:
    """Every copy in the search folders, with its files read again."""
    memo = DigestMemo(None)
    return tuple(c for entry in registry.entries for c in registry.copies(entry, memo))


def _import_one(registry: Registry, path: Path, vouch: Vouch) -> ModelFile:
    digests = _digests(path)
    entry = _known(registry, digests)
    if entry is not None and vouch.name in (None, entry.name):
        return _place(entry, path)
    entry = _vouched_entry(registry, path, digests, vouch)
    return _place(entry, path, record=True)


def _format_of(folder: Path) -> str:
    """Format of the model that a folder is; "" where it is none."""
    if (folder / _FOLDER_MARK).is_file():
        return "ctranslate2"
    if all((folder / name).exists() for name in _PIPELINE_MARKS):
        return _PYANNOTE
    listed = any((folder / name).is_file() for name in _ONNX_MARKS)
    return "onnx" if listed and any(folder.glob("*.onnx")) else ""


def _digests(path: Path) -> dict[str, str]:
    """Digest of each file by name: of the one file, or of those at the top of the folder, with
    those in its folders where it is a pipeline."""
    if path.is_file():
        return {path.name: file_sha256(path)}
    found = path.rglob("*") if _format_of(path) == _PYANNOTE else path.iterdir()
    names = {p.relative_to(path): p for p in sorted(found) if p.is_file()}
    return {
        name.as_posix(): file_sha256(p)
        for name, p in names.items()
        if not any(part.startswith(".") for part in name.parts)
    }


def _known(registry: Registry, digests: Mapping[str, str]) -> Entry | None:
    """The entry whose files all have a digest among those given, whatever a lone file's name."""
    for entry in registry.entries:
        if entry.is_folder:
            if all(digests.get(f.path) in f.sha256 for f in entry.files):
                return entry
        elif len(digests) == 1 and next(iter(digests.values())) in entry.files[0].sha256:
            return entry
    return None


def _vouched_entry(
    registry: Registry, path: Path, digests: Mapping[str, str], vouch: Vouch
) -> Entry:
    template = _waiting(registry, digests)
    name = vouch.name if vouch.name is not None or template is None else template.name
    task = vouch.task if vouch.task is not None or template is None else template.task
    if name is None or task is None:
        raise ModelError(
            _unknown_message(registry, digests),
            subject=str(path),
            remedy="if you trust it, say what it is: --name NAME --task " + "|".join(_TASKS),
        )
    _check_vouch(registry, name, task)
    kind = _format_of(path) if path.is_dir() else _FORMATS.get(path.suffix.lower(), "")
    if not kind:
        raise UsageError(
            f"not a kind of model file that is read here ({path.suffix or 'no suffix'})",
            subject=str(path),
            remedy="accepted: " + ", ".join(_FORMATS) + ", or the folder of a recogniser",
        )
    if kind in _PICKLES and not vouch.pickle:
        raise ModelError(
            "holds a pickle: loading it can run any code inside",
            subject=str(path),
            remedy="prefer an ONNX export; if you made the file yourself, or trust whoever did, "
            "add --allow-pickle",
        )
    files = tuple(FileEntry(p, (d,)) for p, d in sorted(digests.items()))
    if template is not None and name == template.name:
        return replace(template, files=files, sources=())
    return Entry(name, task, kind, vouch.licence, files, origin="imported")


def _check_vouch(registry: Registry, name: str, task: str) -> None:
    if not _NAME.fullmatch(name) or name in ("auto", "none"):
        raise UsageError(
            f"{name!r} cannot be a model's name",
            subject="--name",
            remedy="use small letters, digits, dots, dashes and underscores",
        )
    if task not in _TASKS:
        raise UsageError(
            f"{task!r} is no task", subject="--task", remedy="tasks: " + ", ".join(_TASKS)
        )
    shipped = next((e for e in registry.entries if e.name == name), None)
    if shipped is not None and name not in registry.ledger and all(f.known for f in shipped.files):
        raise UsageError(
            f"{name} is a model of the registry and this is another file",
            subject="--name",
            remedy="choose another name",
        )


def _waiting(registry: Registry, digests: Mapping[str, str]) -> Entry | None:
    """An entry of the registry without digests that the files, by their names, may be."""
    for entry in registry.entries:
        if not all(f.known for f in entry.files) and all(f.path in digests for f in entry.files):
            return entry
    return None


def _unknown_message(registry: Registry, digests: Mapping[str, str]) -> str:
    for entry in registry.entries:
        for file in entry.files:
            actual = digests.get(file.path)
            if actual is not None and file.known and not entry.is_folder:
                expected = " or ".join(file.sha256)
                return f"is called like {entry.name} but has SHA-256 {actual}, expected {expected}"
    mark = digests.get(_FOLDER_MARK) or next(iter(digests.values()), "none")
    return f"the registry does not know this model (SHA-256 {mark})"


def _place(entry: Entry, path: Path, *, record: bool = False) -> ModelFile:
    """Copy the files of ``entry`` from ``path`` into the user's folder and verify the copies."""
    folder = user_models() / entry.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in entry.files:
            source = path / file.path if path.is_dir() else path
            _copy(source, folder / file.path, file)
        if record:
            write_ledger(ledger_path(), {**read_ledger(ledger_path()), entry.name: entry})
    except OSError as error:
        raise ResourceError(
            f"cannot be written: {error.strerror or error}",
            subject=str(folder),
            remedy="free some space, or move the folder with CLASSWATCH_HOME",
        ) from None
    found = Registry.load().find(entry.name, entry.task)
    if found is None:
        raise ModelError("was copied but is not found", subject=str(folder))
    return found


def _copy(source: Path, target: Path, file: FileEntry) -> None:
    if target.exists() and source.samefile(target):
        return
    part = target.with_name(f"{target.name}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, part)
        digest = file_sha256(part)
        if digest not in file.sha256:
            raise ModelError(f"changed while it was copied (SHA-256 {digest})", subject=str(source))
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink()
