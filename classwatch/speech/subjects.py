"""What may be expected of a lesson by its subject: words to favour and a sentence to begin with.

One file each in ``configs/subjects``. A recogniser that has just read 分母 hears 分母 rather than
a word that sounds like it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from classwatch.config.data import read_table
from classwatch.config.schema import TranscribeConfig
from classwatch.core.errors import DataError, UsageError
from classwatch.core.resources import resource_dir

_FOLDER = "subjects"
_KEYS = {"aliases", "prompt", "hotwords", "longest_clip_s"}
_LATIN = re.compile(r"[a-z .&]+")


@dataclass(frozen=True, slots=True)
class Subject:
    """A school subject. ``prompt`` and ``hotwords`` by language; words separated by spaces.

    ``longest_clip_s`` is shorter than usual where a lesson goes back and forth between languages.
    """

    name: str
    aliases: tuple[str, ...]
    prompt: Mapping[str, str]
    hotwords: Mapping[str, str]
    longest_clip_s: float | None = None


@cache
def subjects() -> tuple[Subject, ...]:
    """Every subject that ships, by name. Raises ``DataError`` for a damaged file."""
    names = sorted(p.stem for p in (resource_dir("configs") / _FOLDER).glob("*.yaml"))
    return tuple(_read(name) for name in names)


def lesson_subject(cfg: TranscribeConfig, said: str) -> Subject | None:
    """The subject of a lesson: as configured, or the one that its manifest's ``subject`` means.

    ``said`` may be Chinese or English, with more around it (小学数学, Year 7 Maths); None where it
    means none of ours. Raises ``UsageError`` for a configured name that does not exist.
    """
    if cfg.subject == "none":
        return None
    if cfg.subject != "auto":
        return _named(cfg.subject)
    text = _plain(said)
    found = [
        (alias == text, len(alias), subject.name)
        for subject in subjects()
        for alias in (_plain(subject.name), *map(_plain, subject.aliases))
        if _names(alias, text)
    ]
    return _named(max(found)[2]) if found else None


def _named(name: str) -> Subject:
    for subject in subjects():
        if subject.name == name:
            return subject
    raise UsageError(
        f"there is no subject {name!r}",
        subject="transcribe.subject",
        remedy=f"subjects: auto, none, {', '.join(s.name for s in subjects())}",
    )


def _names(alias: str, text: str) -> bool:
    if not _LATIN.fullmatch(alias):
        return alias in text
    return re.search(rf"(?<![a-z]){re.escape(alias)}(?![a-z])", text) is not None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _read(name: str) -> Subject:
    table = read_table(_FOLDER, f"{name}.yaml")
    if not set(table) <= _KEYS:
        raise DataError(f"expected only {', '.join(sorted(_KEYS))}", subject=f"{name}.yaml")
    return Subject(
        name,
        tuple(str(alias) for alias in table["aliases"]),
        {k: str(v).strip() for k, v in table["prompt"].items()},
        {k: str(v).strip() for k, v in table["hotwords"].items()},
        table.get("longest_clip_s"),
    )
