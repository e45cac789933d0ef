"""Documents: one typed value per JSON file, inside an envelope that names its schema.

A file reads ``{"schema": "classwatch.<name>/<version>", "data": ...}``. The version counts up
whenever an older file could no longer be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar, cast

from classwatch.core.errors import DataError, InputError
from classwatch.core.issues import Issue
from classwatch.core.measures import Gate, Measure
from classwatch.core.media import MediaInfo
from classwatch.core.people import TrackRole
from classwatch.core.slides import Slide
from classwatch.core.speech import RoleEvidence, Transcript
from classwatch.store.codec import decode, encode
from classwatch.store.files import replace_bytes
from classwatch.store.jsonio import parse_json, readable_json

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DocumentSchema(Generic[T]):
    """Name, version and Python type of one kind of document. ``hint`` is the type ``T`` itself."""

    name: str
    version: int
    hint: object
    doc: str

    @property
    def tag(self) -> str:
        """What stands in the file: ``classwatch.<name>/<version>``."""
        return f"classwatch.{self.name}/{self.version}"


TRANSCRIPT: DocumentSchema[Transcript] = DocumentSchema(
    "transcript", 1, Transcript, "The words of a lesson with times, roles and doubts."
)
MEASURES: DocumentSchema[tuple[Measure, ...]] = DocumentSchema(
    "measures",
    1,
    tuple[Measure, ...],
    "Every measure, given or absent.",
)
ISSUES: DocumentSchema[tuple[Issue, ...]] = DocumentSchema(
    "issues", 1, tuple[Issue, ...], "Findings about the recording and the analysis."
)
ROLE_EVIDENCE: DocumentSchema[tuple[RoleEvidence, ...]] = DocumentSchema(
    "role_evidence", 1, tuple[RoleEvidence, ...], "Why each voice was given its role."
)
SOUND_CHECKS: DocumentSchema[tuple[Gate, ...]] = DocumentSchema(
    "sound_checks", 1, tuple[Gate, ...], "What the sound was held against, passed or not."
)
TRACK_ROLES: DocumentSchema[tuple[TrackRole, ...]] = DocumentSchema(
    "track_roles", 1, tuple[TrackRole, ...], "Why each track was given its role."
)
SLIDES: DocumentSchema[tuple[Slide, ...]] = DocumentSchema(
    "slides", 1, tuple[Slide, ...], "The words on the screen, slide by slide."
)
MEDIA_INFO: DocumentSchema[MediaInfo] = DocumentSchema(
    "media", 1, MediaInfo, "A probed media file."
)


def document_bytes(schema: DocumentSchema[T], value: T) -> bytes:
    """The file content for ``value``; the same value always gives the same bytes.

    Raises ``ValueError`` for NaN or infinity anywhere inside.
    """
    return readable_json({"schema": schema.tag, "data": encode(value, schema.hint)})


def parse_document(schema: DocumentSchema[T], raw: bytes, *, subject: str) -> T:
    """The value in a document's content.

    Raises ``DataError`` naming ``subject``, the place inside and what was expected there.
    """
    envelope = parse_json(raw, subject=subject)
    if not isinstance(envelope, dict) or envelope.keys() != {"schema", "data"}:
        raise DataError(f"expected a {schema.tag} document", subject=subject)
    if envelope["schema"] != schema.tag:
        raise DataError(
            f"expected {schema.tag}, found {envelope['schema']}",
            subject=subject,
            remedy="it was written by another version: run the analysis again",
        )
    try:
        return cast("T", decode(envelope["data"], schema.hint))
    except DataError as error:
        raise DataError(error.message, subject=subject) from error


def write_document(path: Path, schema: DocumentSchema[T], value: T) -> None:
    """Write ``value`` whole or not at all; ``ResourceError`` where the disk does not allow it."""
    replace_bytes(path, document_bytes(schema, value), durable=False)


def read_document(path: Path, schema: DocumentSchema[T]) -> T:
    """The value in a file; ``InputError`` when unreadable, ``DataError`` when not as promised."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", subject=str(path)) from error
    return parse_document(schema, raw, subject=str(path))
