"""From a suite's lessons to lessons that the pipeline can analyse."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from classwatch.core.errors import InputError
from classwatch.core.lesson import LessonSpec, StreamSpec
from classwatch.core.media import StreamRole
from classwatch.evaluate.suite import LessonEntry, MediaEntry, SuiteFile
from classwatch.evaluate.truth import missing_files
from classwatch.exchange.manifest import LessonSource
from classwatch.exchange.media_files import is_audio
from classwatch.media.still import STILL_SUFFIXES, wrap_still
from classwatch.store.files import disk_errors

STAGED = ".media"
"""Hidden folder in the results with a link to each recording."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Lessons analysed with the same configuration: a preset and ``--set`` texts."""

    config: str | None
    sets: tuple[str, ...]
    sources: tuple[LessonSource, ...]


def absent(file: SuiteFile, lesson: LessonEntry, *, with_media: bool) -> str:
    """Why a lesson cannot be evaluated on this machine, "" where everything is here."""
    files = list(missing_files((*lesson.truth, *lesson.found), file.resolve))
    if with_media:
        named = [m.path for m in lesson.media] + [lesson.still, lesson.transcript]
        files += [path for text in named if text and not (path := file.resolve(text)).is_file()]
    if not files:
        return ""
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return f"not on this machine: {files[0]}{more}"


def batches(
    file: SuiteFile, lessons: Sequence[LessonEntry], out: Path, *, config: str | None = None
) -> tuple[Batch, ...]:
    """The lessons in groups that share a configuration, in the order of the suite.

    Each recording is reached through a link in a folder of its own, so that the analysis cannot
    pick up a transcript that lies beside it: what is evaluated is what the program hears. A still
    is wrapped as a recording of one second.
    """
    groups: dict[tuple[str | None, tuple[str, ...]], list[LessonSource]] = {}
    for lesson in lessons:
        key = (config or file.suite.config or None, file.suite.set + lesson.set)
        groups.setdefault(key, []).append(_source(file, lesson, out))
    return tuple(Batch(preset, sets, tuple(own)) for (preset, sets), own in groups.items())


def _source(file: SuiteFile, lesson: LessonEntry, out: Path) -> LessonSource:
    folder = out / STAGED / lesson.id
    try:
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            streams = tuple(_streams(file, lesson, folder))
    except InputError as error:
        return LessonSource(lesson.id, error=error)
    transcript = file.resolve(lesson.transcript) if lesson.transcript else None
    return LessonSource(lesson.id, LessonSpec(lesson.id, streams, transcript, {}))


def _streams(file: SuiteFile, lesson: LessonEntry, folder: Path) -> Iterator[StreamSpec]:
    if lesson.still:
        picture = file.resolve(lesson.still)
        if picture.suffix.lower() not in STILL_SUFFIXES:
            raise InputError("is no still", subject=str(picture), remedy="give a JPEG or PNG file")
        target = folder / f"{picture.stem}.mov"
        if not target.exists():
            wrap_still(picture, target)
        yield StreamSpec(StreamRole.MIXED.value, target, StreamRole.MIXED)
        return
    taken: set[str] = set()
    for entry in lesson.media:
        path = file.resolve(entry.path)
        role = entry.role or (StreamRole.AUDIO if is_audio(path) else StreamRole.MIXED)
        name = _name(entry, role, taken)
        yield StreamSpec(name, _linked(path, folder / name), role, entry.offset_s)


def _name(entry: MediaEntry, role: StreamRole, taken: set[str]) -> str:
    """The stream's name: as given, or its role, numbered from the second on."""
    base = entry.name or role.value
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    taken.add(name)
    return name


def _linked(path: Path, folder: Path) -> Path:
    """A link to ``path`` alone in ``folder``; a copy where the system has no links."""
    folder.mkdir(exist_ok=True)
    link = folder / path.name
    target = path.resolve()
    if link.is_symlink() and link.resolve() == target:
        return link
    with suppress(FileNotFoundError):
        link.unlink()
    try:
        link.symlink_to(target)
    except OSError:
        shutil.copyfile(target, link)
    return link
