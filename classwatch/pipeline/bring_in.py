"""A corrected file into a lesson: kept, put in place, measured anew."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from classwatch.core.errors import InputError
from classwatch.core.events import Event
from classwatch.core.speech import Turn
from classwatch.core.time import Interval
from classwatch.exchange.correcting import (
    Change,
    LessonState,
    changes,
    only_changed,
    with_known_roles,
)
from classwatch.exchange.corrections import (
    CORRECTIONS,
    Correction,
    Corrections,
    Reading,
    known_codes,
    read_corrections,
)
from classwatch.exchange.eaf import Annotation
from classwatch.exchange.encodings import read_bytes
from classwatch.exchange.formats import Options, read_coding
from classwatch.exchange.lesson_coding import (
    lesson_record,
    published_events,
    published_transcript,
    published_turns,
)
from classwatch.pipeline.recompute import recompute
from classwatch.store.documents import read_document, write_document
from classwatch.store.files import disk_errors, replace_bytes
from classwatch.store.lesson_folder import CORRECTIONS_FILE, CORRECTIONS_FOLDER, lesson_folder
from classwatch.store.records import LessonRecord

_Lasting = TypeVar("_Lasting", Turn, Event, Annotation)


@dataclass(frozen=True, slots=True)
class BringIn:
    """What is asked for. ``kinds`` maps tiers to what they are (``Zhang`` to ``turns/T``);
    ``within`` is the time that the file is about (None: the whole lesson)."""

    format_name: str = ""
    options: Options = field(default_factory=Options)
    kinds: Mapping[str, str] = field(default_factory=dict)
    within: Interval | None = None


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """What came of it. ``kept`` is the copy of the file, None where nothing is other than before.

    ``missing`` says why measures and report are not yet anew, "" where they are.
    """

    changes: tuple[Change, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]
    kept: Path | None
    missing: str = ""


def bring_in(file: Path, folder: Path, asked: BringIn, cache_root: Path) -> BroughtIn:
    """Take the corrections in ``file`` into the lesson in ``folder``.

    The file is copied, what it says is added to the lesson's corrections, and measures and report
    are made anew from the cache. Predictions are kept beside. Raises InputError where the file
    cannot be read, or has nothing that can be taken.
    """
    folder = folder.resolve()
    record = lesson_record(folder)
    if lesson_folder(folder.parent, record.lesson_id).name != folder.name:
        raise InputError(
            f"the folder holds the lesson {record.lesson_id!r} and is called otherwise",
            subject=str(folder),
            remedy="give it its name back",
        )
    coding = read_coding(file, asked.format_name, asked.options)
    state = LessonState(
        published_turns(folder),
        published_transcript(folder),
        published_events(folder),
        known_codes(folder),
    )
    told = with_known_roles(read_corrections(coding, asked.kinds), state)
    reading = _limited(told, asked.within)
    held = reading.turns is not None or reading.segments is not None
    if not (held or reading.events or reading.codes):
        raise InputError(
            "has no tier that can be taken into a lesson",
            subject=str(file),
            remedy="say what a tier is with --map NAME=turns/teacher, or =codes/fias; "
            f"tiers here: {', '.join(coding.names) or 'none'}",
        )
    _check_streams(reading, record, file)
    changed = changes(reading, state, asked.within)
    if not changed:
        return BroughtIn((), reading.left_out, coding.notes, None)
    kept = _keep(file, folder, only_changed(reading, changed), asked.within)
    missing = ""
    try:
        recompute(folder, record, cache_root)
    except InputError as error:
        missing = str(error)
    return BroughtIn(changed, reading.left_out, coding.notes, kept, missing)


def _check_streams(reading: Reading, record: LessonRecord, file: Path) -> None:
    known = {item.stream for item in record.inputs}
    for own in reading.events:
        if own.stream not in known:
            raise InputError(
                f"speaks of events in {own.stream or 'no stream'}",
                subject=str(file),
                remedy=f"streams of the lesson: {', '.join(sorted(known))}",
            )


def _limited(reading: Reading, within: Interval | None) -> Reading:
    """What of the reading is about ``within``; cut at its edges, but for words."""
    if within is None:
        return reading
    turns, segments = reading.turns, reading.segments
    return replace(
        reading,
        turns=None if turns is None else _cut(turns, within),
        segments=None
        if segments is None
        else tuple(s for s in segments if _holds(within, (s.start_s + s.end_s) / 2)),
        events=tuple(replace(own, events=_cut(own.events, within)) for own in reading.events),
        codes=tuple(replace(own, codes=_cut(own.codes, within)) for own in reading.codes),
    )


def _cut(items: Iterable[_Lasting], span: Interval) -> tuple[_Lasting, ...]:
    return tuple(
        replace(
            item,
            start_s=max(item.start_s, span.start_s),
            end_s=min(item.end_s, span.end_s),
        )
        for item in items
        if item.start_s < span.end_s and item.end_s > span.start_s
    )


def _holds(span: Interval, time_s: float) -> bool:
    return span.start_s <= time_s < span.end_s


def _keep(file: Path, folder: Path, reading: Reading, within: Interval | None) -> Path:
    """Copy the file and add what it says to the lesson's corrections; the copy."""
    place = folder / CORRECTIONS_FOLDER
    with disk_errors(place):
        place.mkdir(exist_ok=True)
    listed = place / CORRECTIONS_FILE
    before = read_document(listed, CORRECTIONS) if listed.is_file() else Corrections()
    data = read_bytes(file)
    safe = re.sub(r"[^\w.()-]+", "_", file.name)[-80:]
    kept = place / f"{len(before.corrections) + 1:03d}-{safe}"
    replace_bytes(kept, data)
    correction = Correction(
        kept.name,
        hashlib.sha256(data).hexdigest(),
        within,
        reading.turns,
        reading.segments,
        reading.events,
        reading.codes,
    )
    write_document(listed, CORRECTIONS, Corrections((*before.corrections, correction)))
    return kept
