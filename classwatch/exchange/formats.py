"""Every format of a coding by its name: which reader, which writer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from classwatch.core.errors import InputError
from classwatch.core.labels import role_of_label
from classwatch.core.speech import Origin, Segment, SpeakerRole, Transcript, Turn
from classwatch.exchange.boris import read_boris
from classwatch.exchange.boris_write import write_boris_events, write_boris_project
from classwatch.exchange.code_sequence import STEP_S, read_code_sequence, write_code_sequence
from classwatch.exchange.coding_sheet import read_sheet, write_sheet
from classwatch.exchange.eaf import Annotation, Tier, eaf_text, read_eaf
from classwatch.exchange.intervals import Labelled, read_intervals
from classwatch.exchange.label_studio import read_label_studio, write_label_studio
from classwatch.exchange.lesson_coding import TURNS, WORDS, turn_tiers
from classwatch.exchange.rttm import read_rttm, rttm_text
from classwatch.exchange.subtitles import to_srt, to_vtt
from classwatch.exchange.textgrid import read_textgrid, write_textgrid
from classwatch.exchange.tiers import (
    Coding,
    Written,
    coding_of,
    in_order,
    overlap_notes,
    rounded,
    to_ms,
    without_overlaps,
)
from classwatch.exchange.transcripts import read_transcript

_WITHOUT_LENGTH = frozenset(
    {"boris", "boris-events", "rttm", "srt", "vtt", "intervals", "labelstudio"}
)
"""Formats in which a coding ends with its last annotation."""


@dataclass(frozen=True, slots=True)
class Options:
    """What some formats need: ``part`` names an observation, a recording or a task within a file;
    ``step_s`` is the length of a row or a code; ``fps`` the pictures in a second of a film."""

    part: str = ""
    step_s: float = STEP_S
    fps: float | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """One format; ``suffixes`` are tried in order, the first is given to new files."""

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[Path, Options], Coding]
    write: Callable[[Coding, Options], Written]


def read_coding(path: Path, format_name: str = "", options: Options | None = None) -> Coding:
    """The coding in a file, of the format that is named or that its name and content show.

    Raises InputError naming the file and what is wrong.
    """
    chosen = FORMATS[format_name] if format_name else _guessed(path)
    return chosen.read(path, options or Options())


def write_coding(coding: Coding, format_name: str, options: Options | None = None) -> Written:
    """The coding as the content of a file; losses of the format come after the coding's notes."""
    written = FORMATS[format_name].write(coding, options or Options())
    last_s = max((a.end_s for t in coding.tiers for a in t.annotations), default=0.0)
    shorter = format_name in _WITHOUT_LENGTH and to_ms(coding.end_s) > to_ms(last_s)
    length = (f"the length of {coding.end_s:g} s is not kept, give it again with --end",)
    return Written(written.content, (*coding.notes, *written.losses, *length * shorter))


def format_of(path: Path) -> str:
    """Name of the format that a new file of this name would have; InputError where none has."""
    for name, one in FORMATS.items():
        if path.suffix.casefold() in (s.casefold() for s in one.suffixes):
            return name
    raise InputError(
        "its name shows no known format",
        subject=str(path),
        remedy=f"name one with --format: {', '.join(FORMATS)}",
    )


def _guessed(path: Path) -> Format:
    name = format_of(path)
    if path.suffix.casefold() in (".csv", ".tsv", ".txt", ".json"):
        try:
            with path.open("rb") as stream:
                head = stream.read(20_000)
        except OSError:
            return FORMATS[name]  # whose reader says what is wrong
        return FORMATS[_by_content(name, head)]
    return FORMATS[name]


def _by_content(name: str, head: bytes) -> str:
    """Tables and JSON of several programs share suffixes."""
    first = head.split(b"\n")[0].lower()
    if b"behaviors_conf" in head:
        return "boris"
    if b"Behavior" in head and (b"Observation id" in head or b"Status" in head):
        return "boris-events"
    if name in ("csv", "boris-events") and (b"label" in first or b"_onset" in first):
        return "intervals"
    return "csv" if name == "boris-events" else name


# ---------------------------------------------------------------- readers


def _read_eaf(path: Path, _: Options) -> Coding:
    found = read_eaf(path)
    media = [Path(url.replace("\\", "/")).name for url in found.media]
    notes = [note for tier in found.tiers for note in overlap_notes(tier)]
    return coding_of(found.tiers, str(path), end_s=found.end_s, media=media, notes=notes)


def _read_boris(path: Path, options: Options) -> Coding:
    found = read_boris(path, options.part)
    if len(found) != 1:
        raise InputError(
            f"holds {len(found)} observations",
            subject=str(path),
            remedy=f"name one with --part; observations here: {', '.join(o.name for o in found)}",
        )
    notes = []
    if found[0].unpaired:
        notes.append(f"{found[0].unpaired} states begin and never end: they were left out")
    return coding_of(_tiers_of(found[0].events), str(path), notes=notes)


def _read_intervals(path: Path, _: Options) -> Coding:
    return coding_of(_tiers_of(read_intervals(path)), str(path))


def _tiers_of(events: tuple[Labelled, ...]) -> list[Tier]:
    found: dict[str, list[Annotation]] = {}
    for event in events:
        own = found.setdefault(event.who or "codes", [])
        own.append(Annotation(event.start_s, event.end_s, event.label))
    return [Tier(name, in_order(items), name) for name, items in sorted(found.items())]


def _read_rttm(path: Path, options: Options) -> Coding:
    found = read_rttm(path)
    if options.part:
        found = {name: turns for name, turns in found.items() if name == options.part}
    if len(found) != 1:
        raise InputError(
            f"speaks of {len(found)} recordings" if found else "speaks of no such recording",
            subject=str(path),
            remedy="name one of its recordings with --part",
        )
    (turns,) = found.values()
    return coding_of(turn_tiers(turns), str(path))


def _read_transcript(path: Path, _: Options) -> Coding:
    segments = read_transcript(path).segments
    found: dict[str, list[Annotation]] = {}
    for segment in segments:
        role = role_of_label(segment.speaker)
        who = role.value if role is not SpeakerRole.UNKNOWN else segment.speaker or role.value
        own = found.setdefault(f"{WORDS}/{who}", [])
        own.append(Annotation(segment.start_s, segment.end_s, segment.text))
    tiers = [Tier(name, in_order(items)) for name, items in sorted(found.items())]
    return coding_of(tiers, str(path))


# ---------------------------------------------------------------- writers


def _write_eaf(coding: Coding, _: Options) -> Written:
    tiers, losses = without_overlaps(coding.tiers)
    points = sum(a.start_s == a.end_s for t in tiers for a in t.annotations)
    notes = list(losses)
    if points:
        notes.append(f"{points} points have no length: ELAN keeps them but cannot show them")
    text = eaf_text(tiers, coding.media, coding.vocabularies, coding.end_s)
    return Written(text.encode("utf-8"), tuple(notes))


def _write_rttm(coding: Coding, options: Options) -> Written:
    """Turns only; the speaker is the tier, and the role is lost unless its name says it."""
    turns = []
    others = []
    for tier in coding.tiers:
        kind, _, speaker = tier.name.partition("/")
        if kind != TURNS:
            others.append(tier.name)
            continue
        for item in map(rounded, tier.annotations):
            role = role_of_text(item.text, speaker)
            turns.append(Turn(item.start_s, item.end_s, role, speaker, 1.0, Origin.ANNOTATED))
    losses = [f"tiers that are no turns are not kept: {', '.join(others)}"] if others else []
    unsaid = sorted({t.speaker for t in turns if role_of_label(t.speaker) is not t.role})
    if unsaid:
        losses.append(f"the roles of {', '.join(unsaid)} are not kept")
    return Written(rttm_text(turns, options.part or "lesson").encode("utf-8"), tuple(losses))


def role_of_text(text: str, speaker: str) -> SpeakerRole:
    """The role that a turn's text says, else the one that the name of its voice says."""
    said = role_of_label(text)
    if text.strip() in set(SpeakerRole) and said is SpeakerRole.UNKNOWN:
        return SpeakerRole(text.strip())
    return said if said is not SpeakerRole.UNKNOWN else role_of_label(speaker)


def _subtitles(render: Callable[[Transcript], str]) -> Callable[[Coding, Options], Written]:
    def write(coding: Coding, _: Options) -> Written:
        segments: list[Segment] = []
        others: list[str] = []
        for tier in coding.tiers:
            kind, _slash, who = tier.name.partition("/")
            if kind != WORDS:
                others.append(tier.name)
                continue
            role = role_of_label(who)
            segments += [
                Segment(a.start_s, a.end_s, a.text, role=role)
                for a in map(rounded, tier.annotations)
            ]
        transcript = Transcript(tuple(segments), "", Origin.SUPPLIED)
        losses = [f"tiers that are no words are not kept: {', '.join(others)}"] if others else []
        losses += ["line breaks within a text become spaces"] if _broken(segments) else []
        if render is to_srt and segments:
            losses.append("who speaks is not kept")
        return Written(render(transcript).encode("utf-8", "replace"), tuple(losses))

    return write


def _broken(segments: list[Segment]) -> bool:
    return any(" ".join(s.text.split()) != s.text for s in segments)


def _write_intervals(coding: Coding, _: Options) -> Written:
    from classwatch.store.sheets import csv_of_rows

    rows: list[list[object]] = [["start_s", "end_s", "label", "tier"]]
    for tier in coding.tiers:
        rows += [[a.start_s, a.end_s, a.text, tier.name] for a in map(rounded, tier.annotations)]
    return Written(csv_of_rows(rows), ("participants and media are not kept",))


def _observation(options: Options) -> str:
    return options.part or "lesson"


FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        Format("eaf", (".eaf",), _read_eaf, _write_eaf),
        Format(
            "textgrid",
            (".TextGrid",),
            lambda path, _: read_textgrid(path),
            lambda coding, _: write_textgrid(coding),
        ),
        Format(
            "textgrid-short",
            (),
            lambda path, _: read_textgrid(path),
            lambda coding, _: write_textgrid(coding, short=True),
        ),
        Format(
            "boris",
            (".boris",),
            _read_boris,
            lambda coding, options: write_boris_project(coding, _observation(options)),
        ),
        Format(
            "boris-events",
            (".tsv",),
            _read_boris,
            lambda coding, options: write_boris_events(coding, _observation(options)),
        ),
        Format("rttm", (".rttm",), _read_rttm, _write_rttm),
        Format("srt", (".srt",), _read_transcript, _subtitles(to_srt)),
        Format("vtt", (".vtt",), _read_transcript, _subtitles(to_vtt)),
        Format(
            "csv",
            (".csv",),
            lambda path, options: read_sheet(path, options.step_s),
            lambda coding, options: write_sheet(coding, step_s=options.step_s, xlsx=False),
        ),
        Format(
            "xlsx",
            (".xlsx",),
            lambda path, options: read_sheet(path, options.step_s),
            lambda coding, options: write_sheet(coding, step_s=options.step_s, xlsx=True),
        ),
        Format("intervals", (), _read_intervals, _write_intervals),
        Format(
            "labelstudio",
            (".json",),
            lambda path, options: read_label_studio(
                path, int(options.part) if options.part.isdigit() else None, options.fps
            ),
            lambda coding, _: write_label_studio(coding),
        ),
        Format(
            "itias",
            (".txt", ".itias"),
            lambda path, options: read_code_sequence(path, options.step_s),
            lambda coding, options: write_code_sequence(coding, options.step_s),
        ),
    )
}
"""All formats by name."""
