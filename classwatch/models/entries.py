"""What the registry says about a model; plain values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

SourceKind = Literal["hf", "hf-mirror", "modelscope", "github"]
UNKNOWN = "unknown"
"""In place of a digest: the project does not know it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A place that serves a model; the address of a file is ``base/path``."""

    kind: SourceKind
    base: str

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    def url(self, path: str) -> str:
        """Address of the file at ``path`` within the model."""
        from urllib.parse import quote

        return f"{self.base.rstrip('/')}/{quote(path)}"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a model: path within it, the SHA-256 digests it may have, and its size.

    ``sha256`` is ("unknown",) where the project knows none; ``size_bytes`` None where several
    editions differ or it is not known.
    """

    path: str
    sha256: tuple[str, ...]
    size_bytes: int | None = None

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    @property
    def known(self) -> bool:
        return self.sha256 != (UNKNOWN,)


@dataclass(frozen=True, slots=True)
class Entry:
    """One model. A model of one file is loaded by its file, one of several by its folder."""

    name: str
    task: str
    format: str
    licence: str
    files: tuple[FileEntry, ...]
    sources: tuple[Source, ...] = ()
    origin: str = ""
    input_px: int | None = None
    notes: str = ""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    @property
    def is_folder(self) -> bool:
        return len(self.files) > 1

    @property
    def size_bytes(self) -> int | None:
        """Bytes of all files, None when one of them is not known."""
        sizes = [f.size_bytes for f in self.files]
        return None if None in sizes else sum(s for s in sizes if s is not None)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model that is on this machine and verified.

    ``path`` is a file, or a folder for a model of several files; ``sha256`` is the digest of the
    file, or of the list of its files' digests. ``origin`` says where the bytes came from.
    """

    name: str
    path: Path
    sha256: str
    licence: str
    origin: str
    task: str
    format: str
    input_px: int | None = None
