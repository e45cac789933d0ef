"""Whether a lesson's folder already holds what a run would put there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from classwatch.core.errors import InputError
from classwatch.pipeline.prepare import Prepared
from classwatch.pipeline.stage import Stage
from classwatch.store.documents import read_document
from classwatch.store.files import sha256_of
from classwatch.store.lesson_folder import LESSON_FILE
from classwatch.store.records import LESSON


def is_published(folder: Path, prepared: Prepared, stages: Sequence[Stage]) -> bool:
    """Whether the folder holds exactly the results of these stages, undamaged."""
    try:
        record = read_document(folder / LESSON_FILE, LESSON)
        if [s.key for s in record.stages] != [s.key for s in stages]:
            return False
        if [i.file for i in record.inputs] != [s.path.name for s in prepared.lesson.streams]:
            return False
        return all(sha256_of(folder / name) == digest for name, digest in record.files.items())
    except (InputError, OSError):
        return False
