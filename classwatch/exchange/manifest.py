"""From the paths on the command line to lessons: files, folders and manifests.

One lesson that cannot be found does not stop the others: every lesson comes back as a
``LessonSource``, with its description or with the reason why there is none.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from classwatch.core.errors import ClasswatchError, InputError, ResourceError
from classwatch.core.issues import Issue, Severity
from classwatch.core.lesson import FloorMark, LessonSpec, StreamSpec
from classwatch.core.media import StreamRole
from classwatch.exchange.floor_marks import parse_marks
from classwatch.exchange.lesson_ids import problem, safe_id, unique_ids
from classwatch.exchange.manifest_table import Row, StreamRow, Table, read_manifest
from classwatch.exchange.media_files import (
    MANIFEST_SUFFIXES,
    check_media_name,
    is_audio,
    scan_folder,
)

_YES = (
    "yes|y|true|1|ok|given|obtained|not needed|not required|exempt|n/a|"
    "是|有|已|已?同意|已取得|已授权|已签字?|无需|不需要|免|√|✓"
)
_NO = "no|n|false|0|none|refused|否|无|没有|未|未同意|不同意|拒绝|未取得|未授权|×|✗"
_REST = r"([\s,;:.(/（，；：。].*)?"
"""An answer may be followed by a remark: ``yes (signed 2024-09-01)``."""
_MAX_OFFSET_S = 86_400.0
_SHOWN = 8


class ConsentError(InputError):
    """The manifest does not say that those recorded agreed; the lesson is not analysed."""


@dataclass(frozen=True, slots=True)
class LessonSource:
    """One lesson to analyse, or the reason why it cannot be.

    ``lesson_id`` is unique within a run and safe as a folder name. Exactly one of ``spec`` and
    ``error`` is given. ``issues`` go into the lesson's record.
    """

    lesson_id: str
    spec: LessonSpec | None = None
    error: ClasswatchError | None = None
    issues: tuple[Issue, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether consent is what is missing."""
        return isinstance(self.error, ConsentError)

    def require(self) -> LessonSpec:
        """The description; raises the error when there is none."""
        if self.spec is None:
            raise self.error or InputError("no lesson", subject=self.lesson_id)
        return self.spec


def find_lessons(paths: Sequence[Path], *, have_consent: bool = False) -> tuple[LessonSource, ...]:
    """The lessons that ``paths`` (recordings, folders, manifests) name, those of manifests last.

    ``have_consent``: the user states that consent was obtained for all of them; this is recorded.
    Raises InputError when the only path given leads nowhere, and for a manifest with bad or
    repeated ids (naming the rows). With several paths, a path that leads nowhere becomes a
    ``LessonSource`` with its error.
    """
    found: list[LessonSource] = []
    files: list[Path] = []
    unread: list[Path] = []
    for path in paths:
        try:
            if path.suffix.lower() in MANIFEST_SUFFIXES and not path.is_dir():
                found += _from_manifest(path, have_consent)
            else:
                media, broken = _from_path(path)
                files += media
                found += broken
                unread += _manifests_in(path)
        except ClasswatchError as error:
            if len(paths) == 1:
                raise
            found.append(LessonSource(safe_id(path.stem), error=error))
    found = _separate(found)
    plain = _from_files(files, [s.lesson_id for s in found], have_consent)
    return (*(_with_hint(source, unread) for source in plain), *found)


# ---------------------------------------------------------------- files and folders


def _from_path(path: Path) -> tuple[list[Path], list[LessonSource]]:
    """Recordings at ``path``, and what in it cannot be read."""
    if path.is_dir():
        scan = scan_folder(path)
        broken = [
            LessonSource(
                safe_id(folder.name),
                error=ResourceError(f"the folder cannot be read: {reason}", subject=str(folder)),
            )
            for folder, reason in scan.unreadable
        ]
        return list(scan.media), broken
    if not path.exists():
        what = "the link leads nowhere" if path.is_symlink() else "no such file or folder"
        raise InputError(what, subject=str(path))
    if not path.is_file():
        raise InputError("not a regular file", subject=str(path))
    check_media_name(path)
    return [path], []


def _from_files(
    files: Sequence[Path], taken: Sequence[str], have_consent: bool
) -> list[LessonSource]:
    unique = list({_same(f): f for f in files}.values())
    sources = []
    for path, lesson_id in zip(unique, unique_ids(unique, taken), strict=True):
        stream = _stream(path, "", 0.0, ())
        spec = LessonSpec(lesson_id, (stream,), None, {})
        sources.append(LessonSource(lesson_id, spec, None, (_no_consent(have_consent),)))
    return sources


def _manifests_in(folder: Path) -> list[Path]:
    """Manifests at the top of a folder whose recordings are taken as they are."""
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.glob("manifest.*") if p.suffix.lower() in MANIFEST_SUFFIXES)


def _with_hint(source: LessonSource, unread: Sequence[Path]) -> LessonSource:
    """Say that a manifest lay beside a recording and was not read: consent may be in it."""
    path = source.require().streams[0].path
    beside = next((m for m in unread if m.parent in path.parents), None)
    if beside is None:
        return source
    hint = Issue(
        "manifest.unread",
        Severity.WARNING,
        "input",
        f"{beside.name} lies in the folder and was not read.",
        "Give the manifest itself instead of its folder.",
        {"file": beside.name},
    )
    return replace(source, issues=(*source.issues, hint))


def _same(path: Path) -> str:
    """Equal for two spellings of one file."""
    try:
        return str(path.resolve())
    except OSError:
        return str(path.absolute())


def _separate(sources: Sequence[LessonSource]) -> list[LessonSource]:
    """The same sources, with ids that no two share (two manifests may use the same one)."""
    seen: dict[str, LessonSource] = {}
    result: list[LessonSource] = []
    for source in sources:
        key = source.lesson_id.casefold()
        if key in seen:
            renamed = unique_ids([Path(source.lesson_id + ".x")], list(seen))[0]
            error = source.error or InputError(
                "the same lesson_id is used in another manifest of this run",
                subject=source.lesson_id,
                remedy="give every lesson its own lesson_id",
            )
            source = LessonSource(renamed, error=error)
        seen[source.lesson_id.casefold()] = source
        result.append(source)
    return result


# ---------------------------------------------------------------- manifests


def _from_manifest(path: Path, have_consent: bool) -> list[LessonSource]:
    table = read_manifest(path)
    ids = _row_ids(table, path)
    return [
        _from_row(path, row, lesson_id, "consent" in table.columns, have_consent)
        for row, lesson_id in zip(table.rows, ids, strict=True)
    ]


def _row_ids(table: Table, path: Path) -> tuple[str, ...]:
    """Lesson id of each row; given ones are checked, missing ones come from the file's name."""
    given = [unicodedata.normalize("NFC", r.cells.get("lesson_id", "")) for r in table.rows]
    complaints = [
        f"{row.place}: the lesson_id {text!r} {reason}"
        for row, text in zip(table.rows, given, strict=True)
        if text and (reason := problem(text))
    ]
    places: dict[str, list[str]] = {}
    for row, text in zip(table.rows, given, strict=True):
        if text:
            places.setdefault(text.casefold(), []).append(row.place)
    complaints += [
        f"{', '.join(where)}: the same lesson_id {text!r}"
        for text, where in places.items()
        if len(where) > 1
    ]
    if complaints:
        more = f"; and {len(complaints) - _SHOWN} more" if len(complaints) > _SHOWN else ""
        raise InputError(
            "; ".join(complaints[:_SHOWN]) + more,
            subject=str(path),
            remedy="a lesson_id names a folder: unique, without / \\ : .. and control characters",
        )
    nameless = [i for i, text in enumerate(given) if not text]
    derived = unique_ids(
        [_named_by(path, table.rows[i]) for i in nameless], [t for t in given if t]
    )
    for index, lesson_id in zip(nameless, derived, strict=True):
        given[index] = lesson_id
    return tuple(given)


def _named_by(manifest: Path, row: Row) -> Path:
    if not row.streams:
        return manifest.parent / f"{row.place}.x"
    return manifest.parent / row.streams[0].path.replace("\\", "/")


def _from_row(
    manifest: Path, row: Row, lesson_id: str, asks_consent: bool, have_consent: bool
) -> LessonSource:
    place = f"{manifest}, {row.place}"
    try:
        if row.problem:
            raise InputError(row.problem, subject=place)
        issues = _consent(row.cells, place, asks_consent, have_consent)
        if not row.streams:
            raise InputError("names no recording", subject=place)
        streams: list[StreamSpec] = []
        floor: list[FloorMark] = []
        for stream in row.streams:
            file = _resolve(manifest.parent, stream.path, place)
            offset_s = _offset_s(stream, place)
            placed = _stream(file, stream.role, offset_s or 0.0, streams)
            streams.append(replace(placed, offset_given=offset_s is not None))
            floor += parse_marks(stream.floor, placed.name, place)
        transcript = row.cells.get("transcript")
        spec = LessonSpec(
            lesson_id,
            tuple(streams),
            _resolve(manifest.parent, transcript, place) if transcript else None,
            {k: v for k, v in row.cells.items() if k not in ("lesson_id", "transcript") and v},
            floor=tuple(floor),
        )
    except ClasswatchError as error:
        return LessonSource(lesson_id, error=error)
    return LessonSource(lesson_id, spec, None, issues)


def _stream(path: Path, role: str, offset_s: float, others: Sequence[StreamSpec]) -> StreamSpec:
    chosen = StreamRole(role) if role else StreamRole.AUDIO if is_audio(path) else StreamRole.MIXED
    same = sum(s.role is chosen for s in others)
    name = chosen.value if not same else f"{chosen.value}_{same + 1}"
    return StreamSpec(name, path, chosen, offset_s)


def _offset_s(stream: StreamRow, place: str) -> float | None:
    """The offset in seconds; ``None`` where the manifest does not tell."""
    text = stream.offset.strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= _MAX_OFFSET_S:
        raise InputError(
            f"the offset {text!r} is not a number of seconds within a day",
            subject=place,
            remedy="seconds from the start of the lesson to the start of the file, such as 2.5",
        )
    return value


def _resolve(folder: Path, text: str, place: str) -> Path:
    """The file that ``text`` names, relative to the manifest's folder."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text):
        raise InputError(
            f"{text[:120]!r} is an address; recordings are never fetched",
            subject=place,
            remedy="copy the recording to this machine and name the file",
        )
    if "\x00" in text:
        raise InputError("a file name holds a NUL character", subject=place)
    for spelling in _spellings(text):
        path = folder / spelling
        try:
            if path.is_file():
                return path
        except OSError:
            continue
    what = "is a folder" if (folder / text).is_dir() else "no such file"
    raise InputError(
        f"{what} ({place})",
        subject=str(folder / text),
        remedy="paths are read relative to the manifest's folder",
    )


def _spellings(text: str) -> Iterator[str]:
    """The name as written, with Windows separators, and in both Unicode forms (macOS)."""
    for base in dict.fromkeys((text, text.replace("\\", "/"))):
        yield from dict.fromkeys(
            (base, unicodedata.normalize("NFC", base), unicodedata.normalize("NFD", base))
        )


# ---------------------------------------------------------------- consent


def _consent(
    cells: Mapping[str, str], place: str, asks_consent: bool, have_consent: bool
) -> tuple[Issue, ...]:
    """Issues about consent; ConsentError when the manifest asks and the answer is not yes."""
    if not asks_consent:
        return (_no_consent(have_consent),)
    answer = cells.get("consent", "").strip()
    folded = answer.casefold()
    if re.fullmatch(f"({_YES}){_REST}", folded, re.DOTALL):
        return ()
    if have_consent:
        return (_no_consent(True),)
    if answer and not re.fullmatch(f"({_NO}){_REST}", folded, re.DOTALL):
        raise ConsentError(
            f"the consent {answer[:60]!r} is neither yes nor no",
            subject=place,
            remedy="write yes (是) or no (否)",
        )
    raise ConsentError(
        "consent was not given" if answer else "the column consent is empty",
        subject=place,
        remedy="write yes (是) once teacher and guardians agreed; "
        "--i-have-consent overrides this and is recorded",
    )


def _no_consent(stated: bool) -> Issue:
    if stated:
        return Issue(
            "consent.stated",
            Severity.INFO,
            "input",
            "Consent is not recorded with the lesson; it was stated on the command line.",
            "Record it in the column consent of a manifest.",
        )
    return Issue(
        "consent.none",
        Severity.INFO,
        "input",
        "No consent of those recorded is on record.",
        "Use a manifest with the column consent, or state it with --i-have-consent.",
    )
