"""A published lesson as tiers: who talks, what is said, what the pictures show, what was coded.

Names of tiers say what they are, so that a corrected file can be read back
(``exchange.corrections``): ``turns/T``, ``words/teacher``, ``events/front/hand_raised``,
``codes/fias``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from classwatch.config.data import read_table as read_names
from classwatch.core.code_rows import ATTRIBUTES, CodeRow
from classwatch.core.errors import InputError
from classwatch.core.events import Event, EventKind
from classwatch.core.speech import Segment, SpeakerRole, Transcript, Turn
from classwatch.exchange.eaf import Annotation, Tier, Vocabulary
from classwatch.exchange.tiers import Coding, in_order, rounded
from classwatch.store import convert, schemas
from classwatch.store.artifacts import table_path
from classwatch.store.documents import TRANSCRIPT, read_document
from classwatch.store.lesson_folder import LESSON_FILE
from classwatch.store.parquet import read_table
from classwatch.store.records import LESSON, LessonRecord

_T = TypeVar("_T")

TURNS = "turns"
WORDS = "words"
EVENTS = "events"
CODES = "codes"
KINDS = (TURNS, WORDS, EVENTS, CODES)
PREDICTED_TURNS = "predicted-turns.parquet"
PREDICTED_EVENTS = "predicted-events.parquet"
PREDICTED_TRANSCRIPT = "predicted-transcript.json"
PREDICTED_MEASURES = "predicted-measures.json"
PREDICTED_CODES = "predicted-codes.parquet"
ROLES = Vocabulary(
    "roles",
    (
        (SpeakerRole.TEACHER.value, "the teacher talks (教师)"),
        (SpeakerRole.STUDENT.value, "one student talks (一名学生)"),
        (SpeakerRole.CHORAL.value, "students say the same together (齐答)"),
        (SpeakerRole.STUDENTS.value, "several students talk at once (多名学生)"),
        (SpeakerRole.ADULT.value, "a second adult talks (其他成人)"),
        (SpeakerRole.PLAYBACK.value, "a recording is played (播放)"),
        (SpeakerRole.UNKNOWN.value, "nobody knows who (不明)"),
    ),
)
_BOOKS = {
    "acts": "acts",
    "purpose": "purposes",
    "bloom": "bloom",
    "sihe": "sihe",
    "fias": "fias",
    "ifias": "ifias",
    "itias": "itias",
}
"""Codebooks of the published schemes; the others have none."""
_EVENTS = Vocabulary("events", tuple((kind.value, "") for kind in EventKind))


def read_lesson_coding(
    folder: Path, kinds: Sequence[str] = KINDS, *, predicted: bool = False
) -> Coding:
    """The lesson in ``folder`` as tiers of the given ``kinds``.

    It is as people corrected it, or with ``predicted`` as the program had it. ``notes`` say what
    tiers cannot hold. Raises InputError where the folder is no complete lesson.
    """
    record = lesson_record(folder)
    tiers: list[Tier] = []
    notes: list[str] = []
    if TURNS in kinds:
        tiers += turn_tiers(published_turns(folder, predicted=predicted))
    transcript = published_transcript(folder, predicted=predicted)
    if WORDS in kinds and transcript is not None:
        tiers += word_tiers(transcript.segments)
        notes += _word_notes(transcript)
    if EVENTS in kinds:
        events = published_events(folder, predicted=predicted)
        tiers += event_tiers(events)
        if events:
            notes.append("zones, confidences and anonymous numbers of events are not kept")
    codes = code_tiers(published_codes(folder, predicted=predicted)) if CODES in kinds else []
    tiers += codes
    if codes:
        notes.append("who acts, confidences, rules and quoted words of codes are not kept")
    end_s = record.span.end_s if record.span else 0.0
    shifted = [item.file for item in record.inputs if item.offset_s]
    if shifted:
        notes.append(
            f"times are on the lesson's clock; {', '.join(shifted)} begins later on it, "
            "so shift it in the other program"
        )
    media = tuple(item.file for item in record.inputs)
    menus = (ROLES, _EVENTS, *(_menu(tier.vocabulary) for tier in codes))
    return Coding(tuple(tiers), end_s, media, menus, tuple(notes))


def lesson_record(folder: Path) -> LessonRecord:
    """``lesson.json`` of a lesson's folder; InputError where it is none."""
    if not (folder / LESSON_FILE).is_file():
        raise InputError(
            "is no folder of an analysed lesson",
            subject=str(folder),
            remedy="name the folder of one lesson in the results, which has a lesson.json",
        )
    return read_document(folder / LESSON_FILE, LESSON)


def published_turns(folder: Path, *, predicted: bool = False) -> tuple[Turn, ...]:
    """The lesson's turns, corrected where they were unless ``predicted``."""
    path = _published(table_path(folder, schemas.TURNS), PREDICTED_TURNS, predicted=predicted)
    return convert.turns_from(read_table(path, schemas.TURNS)) if path.is_file() else ()


def published_events(folder: Path, *, predicted: bool = False) -> tuple[Event, ...]:
    """The lesson's events, corrected where they were unless ``predicted``."""
    path = _published(table_path(folder, schemas.EVENTS), PREDICTED_EVENTS, predicted=predicted)
    return convert.events_from(read_table(path, schemas.EVENTS)) if path.is_file() else ()


def published_codes(folder: Path, *, predicted: bool = False) -> tuple[CodeRow, ...]:
    """The lesson's codes, with people's unless ``predicted``; none where nothing was coded."""
    path = _published(table_path(folder, schemas.CODES), PREDICTED_CODES, predicted=predicted)
    return convert.codes_from(read_table(path, schemas.CODES)) if path.is_file() else ()


def published_transcript(folder: Path, *, predicted: bool = False) -> Transcript | None:
    """The lesson's words, corrected where they were unless ``predicted``; None without any."""
    path = _published(folder / "transcript.json", PREDICTED_TRANSCRIPT, predicted=predicted)
    return read_document(path, TRANSCRIPT) if path.is_file() else None


def _published(path: Path, earlier: str, *, predicted: bool) -> Path:
    """The file, or the one that holds what corrections took the place of, where there is one."""
    beside = path.with_name(earlier)
    return beside if predicted and beside.is_file() else path


def turn_tiers(turns: Iterable[Turn]) -> list[Tier]:
    """One tier for each voice; the text is the role."""
    return _tiers(
        turns,
        lambda t: f"{TURNS}/{t.speaker or t.role.value}",
        lambda t: Annotation(t.start_s, t.end_s, t.role.value),
        vocabulary=ROLES.name,
    )


def word_tiers(segments: Iterable[Segment]) -> list[Tier]:
    """One tier for each role; what is suspect is left out."""
    return _tiers(
        (s for s in segments if not s.suspect),
        lambda s: f"{WORDS}/{s.role.value}",
        lambda s: Annotation(s.start_s, s.end_s, s.text),
    )


def event_tiers(events: Iterable[Event]) -> list[Tier]:
    """One tier for each stream and kind; the text is the kind."""
    return _tiers(
        events,
        lambda e: f"{EVENTS}/{e.stream}/{e.kind.value}",
        lambda e: Annotation(e.start_s, e.end_s, e.kind.value),
        vocabulary=_EVENTS.name,
    )


def code_tiers(rows: Iterable[CodeRow]) -> list[Tier]:
    """One tier for each scheme; the text is the code."""
    tiers = _tiers(
        rows,
        lambda r: f"{CODES}/{r.scheme}",
        lambda r: Annotation(r.start_s, r.end_s, r.code),
    )
    return [replace(tier, vocabulary=tier.name.rpartition("/")[2]) for tier in tiers]


def _menu(scheme: str) -> Vocabulary:
    """The codes of a scheme with their names, for the menus of other programs."""
    if scheme in _BOOKS:
        codes = read_names("codebooks", f"{_BOOKS[scheme]}.yaml")["codes"]
        entries = tuple((str(c["code"]), f"{c['name_en']} ({c['name_zh']})") for c in codes)
    else:
        entries = tuple((code.value, "") for code in ATTRIBUTES[scheme])
    return Vocabulary(scheme, entries)


def _tiers(
    items: Iterable[_T],
    name: Callable[[_T], str],
    annotation: Callable[[_T], Annotation],
    vocabulary: str = "",
) -> list[Tier]:
    found: dict[str, list[Annotation]] = {}
    for item in items:
        found.setdefault(name(item), []).append(rounded(annotation(item)))
    return [
        Tier(key, in_order(own), key.rpartition("/")[2], vocabulary)
        for key, own in sorted(found.items())
    ]


def _word_notes(transcript: Transcript) -> list[str]:
    notes = []
    if any(segment.words for segment in transcript.segments):
        notes.append("times of single words are not kept, only those of segments")
    suspects = sum(bool(segment.suspect) for segment in transcript.segments)
    if suspects:
        notes.append(f"{suspects} segments of doubtful text are left out")
    return notes
