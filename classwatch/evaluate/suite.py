"""The suite file: which lessons, what is known about them, and what is scored.

Every path is relative to the suite file, or to one of its ``roots`` when written ``root:path``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from classwatch.config.yamlfile import read_yaml
from classwatch.core.errors import InputError, UsageError
from classwatch.core.media import StreamRole
from classwatch.evaluate.truth_items import TruthItem

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_]\w*)(:-(?P<default>[^}]*))?\}")
_ROOTED = re.compile(r"(?P<root>[A-Za-z][\w-]+):(?P<path>[^\\].*)")
"""At least two letters before the colon, so that ``C:/lessons`` stays a path."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class MediaEntry(_Part):
    """One recording of a lesson."""

    path: Annotated[str, Field(min_length=1)]
    role: StreamRole | None = None
    """Empty: ``audio`` for a sound file, else ``mixed``."""
    name: Annotated[str, Field(pattern=r"^[a-z0-9_]*$")] = ""
    """Name of the stream in the results; empty: its role."""
    offset_s: Annotated[float, Field(ge=-86_400, le=86_400, allow_inf_nan=False)] = 0.0
    """Lesson time at which the file begins."""


class LessonEntry(_Part):
    """One lesson, clip or picture with its truth."""

    id: Annotated[str, Field(pattern=r"^[\w][\w .-]{0,99}$")]
    media: tuple[MediaEntry, ...] = ()
    still: str = ""
    """A single picture instead of recordings: analysed as a recording of one second."""
    transcript: str = ""
    """A transcript given to the analysis, as ``classwatch analyze --transcript`` does."""
    truth: Annotated[tuple[TruthItem, ...], Field(min_length=1)]
    found: tuple[TruthItem, ...] = ()
    """What is scored, where it is no analysis: the same kinds of file, such as a second coder's."""
    scores: tuple[str, ...] | None = None
    """Empty: the suite's."""
    set: tuple[str, ...] = ()
    """Values of the configuration for this lesson, after the suite's own."""
    note: str = ""


class Suite(_Part):
    """A set of lessons with truth."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    description: str = ""
    licence: str = ""
    roots: Mapping[Annotated[str, Field(pattern=r"^[A-Za-z][\w-]+$")], str] = {}
    """Folders by name; ``${NAME:-default}`` stands for an environment variable."""
    config: str = ""
    """Preset or configuration file of the analyses; empty: the default."""
    set: tuple[str, ...] = ()
    """Values of the configuration, as ``--set`` takes them."""
    scores: tuple[str, ...] = ()
    options: Mapping[str, Mapping[str, Any]] = {}
    """Options by score, such as ``speech.der: {collar_s: 0.25}``."""
    lessons: Annotated[tuple[LessonEntry, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class SuiteFile:
    """A suite and where it lies; resolves the paths it names."""

    path: Path
    suite: Suite

    def resolve(self, text: str) -> Path:
        """The file or folder that a path of the suite means. Raises UsageError on a root that
        is not declared."""
        match = _ROOTED.fullmatch(text)
        folder = self.path.parent
        if match is None:
            return folder / text
        root = self.suite.roots.get(match["root"])
        if root is None:
            known = ", ".join(self.suite.roots) or "none"
            raise UsageError(
                f"there is no root {match['root']!r}",
                subject=f"{self.path}: {text}",
                remedy=f"declare it under `roots:` (declared: {known})",
            )
        return folder / _expanded(root) / match["path"]

    def scores_of(self, lesson: LessonEntry) -> tuple[str, ...]:
        """What is scored in ``lesson``."""
        return self.suite.scores if lesson.scores is None else lesson.scores


def read_suite(path: Path) -> SuiteFile:
    """Read and check a suite.

    Raises UsageError naming the file, the place inside and what is expected there: a suite is part
    of the command, like its options.
    """
    try:
        document = read_yaml(path)
    except InputError as error:
        raise UsageError(error.message, subject=error.subject, remedy=error.remedy) from None
    if not isinstance(document, dict):
        raise UsageError(
            "is no suite", subject=str(path), remedy="it needs `name`, `scores` and `lessons`"
        )
    try:
        suite = Suite.model_validate(document)
    except ValidationError as error:
        raise _refused(error, path, document) from None
    _check(suite, path)
    return SuiteFile(path, suite)


def _check(suite: Suite, path: Path) -> None:
    seen: set[str] = set()
    for lesson in suite.lessons:
        place = f"{path}, lesson {lesson.id}"
        if lesson.id.casefold() in seen:
            raise UsageError("the id is used twice", subject=place, remedy="give each its own id")
        seen.add(lesson.id.casefold())
        if bool(lesson.media) and bool(lesson.still):
            raise UsageError(
                "has both `media` and `still`", subject=place, remedy="give one of the two"
            )
        if bool(lesson.found) and bool(lesson.media or lesson.still):
            raise UsageError(
                "has both recordings and `found`", subject=place, remedy="give one of the two"
            )
        names = [m.name for m in lesson.media if m.name]
        if len(set(names)) < len(names):
            raise UsageError("two streams have one name", subject=place, remedy="rename one")
        if not (suite.scores if lesson.scores is None else lesson.scores):
            raise UsageError(
                "nothing is scored", subject=place, remedy="list `scores` here or for the suite"
            )


def _expanded(text: str) -> str:
    """``text`` with environment variables filled in; an unset one without default stays empty."""
    return _VARIABLE.sub(lambda m: os.environ.get(m["name"]) or m["default"] or "", text)


def _refused(error: ValidationError, path: Path, document: Mapping[str, Any]) -> UsageError:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return UsageError(
        f"`{place}`: {first['msg']}{more}",
        subject=f"{path}{_lesson_place(first['loc'], document)}",
        remedy="docs/evaluating.md describes a suite",
    )


def _lesson_place(location: Sequence[Any], document: Mapping[str, Any]) -> str:
    """Name the lesson, since nobody counts to ``lessons.17``."""
    if len(location) < 2 or location[0] != "lessons" or not isinstance(location[1], int):
        return ""
    lesson = document["lessons"][location[1]]
    return f", lesson {lesson['id']}" if isinstance(lesson, dict) and "id" in lesson else ""
