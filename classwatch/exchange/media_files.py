"""Which files are recordings, and finding them in a folder tree."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from classwatch.core.errors import InputError, ResourceError


def _suffixes(words: str) -> frozenset[str]:
    return frozenset(f".{word}" for word in words.split())


VIDEO_SUFFIXES = _suffixes(
    "3g2 3gp asf avi dav dv f4v flv m2t m2ts m4v mkv mov mp4 mpe mpeg mpg mts mxf ogv rm rmvb ts "
    "vob webm wmv"
)
AUDIO_SUFFIXES = _suffixes(
    "aac ac3 aif aiff amr ape caf flac m4a m4b mka mp2 mp3 oga ogg opus wav wma"
)
MEDIA_SUFFIXES = VIDEO_SUFFIXES | AUDIO_SUFFIXES
MANIFEST_SUFFIXES = frozenset((".csv", ".tsv", ".xlsx", ".xlsm", ".yaml", ".yml"))
_NOT_MEDIA = _suffixes(
    "7z doc docx htm html json key lrc md numbers ods pdf ppt pptx py rar srt txt vtt xls xml zip"
)
_SYSTEM_FOLDERS = frozenset(
    ("@eadir", "#recycle", "$recycle.bin", "system volume information", "__macosx")
)
_MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Scan:
    """What a folder tree holds: recordings in order of path, and folders that cannot be read."""

    media: tuple[Path, ...]
    unreadable: tuple[tuple[Path, str], ...]


def accepted() -> str:
    """The accepted suffixes, for messages."""
    return " ".join(s.lstrip(".") for s in sorted(MEDIA_SUFFIXES))


def is_audio(path: Path) -> bool:
    """Whether the suffix says that the file holds sound only."""
    return path.suffix.lower() in AUDIO_SUFFIXES


def scan_folder(folder: Path) -> Scan:
    """Recordings below ``folder``, by suffix; links are followed once, hidden files left out.

    Raises InputError when there is none, saying what is there instead.
    """
    others: Counter[str] = Counter()
    unreadable: list[tuple[Path, str]] = []
    media: list[Path] = []
    for path in _walk(folder, unreadable):
        suffix = path.suffix.lower()
        if suffix in MEDIA_SUFFIXES:
            media.append(path)
        else:
            others[suffix or "without a suffix"] += 1
    if not media and unreadable:
        path, reason = unreadable[0]
        raise ResourceError(f"cannot be read: {reason}", subject=str(path))
    if not media:
        raise InputError(
            f"the folder holds no recordings: {_what(others)}",
            subject=str(folder),
            remedy=f"accepted: {accepted()}; or give a manifest (csv, xlsx, yaml)",
        )
    return Scan(tuple(sorted(media, key=_order)), tuple(unreadable))


def check_media_name(path: Path) -> None:
    """Refuse a file that is plainly something else; any other is for the decoder to judge."""
    suffix = path.suffix.lower()
    if suffix not in _NOT_MEDIA:
        return
    if suffix in (".srt", ".vtt", ".lrc"):
        raise InputError(
            "these are subtitles, not a recording",
            subject=str(path),
            remedy="name the recording, and give the subtitles with --transcript",
        )
    if suffix in (".xls", ".ods", ".numbers"):
        raise InputError(
            f"manifests are not read from {suffix}",
            subject=str(path),
            remedy="save it as .xlsx or .csv",
        )
    raise InputError(
        f"not a recording ({suffix})", subject=str(path), remedy=f"accepted: {accepted()}"
    )


def _walk(folder: Path, unreadable: list[tuple[Path, str]]) -> Iterator[Path]:
    """Files below ``folder``. A folder reached twice is entered once, by its own name if it has
    one here: links wait until every real folder has been entered."""
    seen: set[tuple[int, int]] = set()
    pending = [(folder, 0)]
    links: list[tuple[Path, int]] = []
    while pending or links:
        here, depth = pending.pop() if pending else links.pop()
        try:
            stat = here.stat()
            if (stat.st_dev, stat.st_ino) in seen or depth > _MAX_DEPTH:
                continue
            seen.add((stat.st_dev, stat.st_ino))
            with os.scandir(here) as entries:
                inside = sorted(entries, key=lambda e: e.name)
        except OSError as error:
            unreadable.append((here, error.strerror or str(error)))
            continue
        for entry in inside:
            if entry.name.startswith(".") or entry.name.casefold() in _SYSTEM_FOLDERS:
                continue
            if _is_dir(entry):
                queue = links if entry.is_symlink() else pending
                queue.append((here / entry.name, depth + 1))
            elif _is_file(entry):
                yield here / entry.name


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Regular files, and links to them; a broken link to a recording is still worth naming."""
    try:
        return entry.is_file() or entry.is_symlink()
    except OSError:
        return False


def _order(path: Path) -> tuple[str, ...]:
    return path.parts


def _what(others: Counter[str]) -> str:
    if not others:
        return "it is empty"
    most = sorted(others.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{count:,} {suffix}" for suffix, count in most[:4])
    rest = sum(count for _, count in most[4:])
    return f"{shown}{f' and {rest:,} others' if rest else ''}"
