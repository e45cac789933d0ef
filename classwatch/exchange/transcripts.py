"""Transcripts that people bring along: SRT, WebVTT, Whisper JSON and Praat TextGrid.

The kind is taken from the content; the suffix only helps where the content is ambiguous. Every
file is read as untrusted input: bounded size, no entities, no code, errors that name the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from classwatch.core.errors import InputError
from classwatch.core.speech import Origin, Segment, Transcript
from classwatch.core.text import without_tags
from classwatch.exchange.encodings import decode, read_bytes
from classwatch.exchange.transcript_cues import parse_srt, parse_vtt
from classwatch.exchange.transcript_json import looks_like_transcript, parse_json
from classwatch.exchange.transcript_textgrid import parse_textgrid

SUFFIXES = (".vtt", ".srt", ".json", ".textgrid")
"""Suffixes of sidecar files, the first found wins."""

_KINDS = "SRT, WebVTT, Whisper JSON or Praat TextGrid"
_LONGEST_S = 7 * 24 * 3600.0
_SRT_TIME = re.compile(r"\d+:\d{1,2}:\d{1,2}[,.]\d{1,3}[ \t]*-->")
_HAN = re.compile(r"[一-鿿]")
_KANA = re.compile(r"[぀-ヿ]")
_LATIN = re.compile(r"[A-Za-z]")


@dataclass(frozen=True, slots=True)
class _Parsed:
    segments: list[Segment]
    language: str


def read_transcript(path: Path) -> Transcript:
    """The transcript in ``path``, segments in order of time, ``Origin.SUPPLIED``.

    Reads the encodings of ``exchange.encodings``. Speaker labels (``<v Name>``, ``老师：``,
    ``"speaker"``, tier names) go to ``Segment.speaker``. Overlapping segments are kept, those
    without text are left out, those in the wrong order are put in order. ``InputError`` where the
    file is empty, too large, of no known kind, without any text, or with impossible times.
    """
    text = _decoded(path)
    parsed = _parse(path, text)
    untagged = (_without_tags(s) for s in parsed.segments)
    segments = sorted((s for s in untagged if s.text), key=lambda s: (s.start_s, s.end_s))
    if not segments:
        raise InputError("holds no text with times", subject=str(path), remedy=f"give {_KINDS}")
    for segment in segments:
        _check_times(path, segment)
    language = parsed.language or guess_language(" ".join(s.text for s in segments[:500]))
    segments = [s if s.language else replace(s, language=language) for s in segments]
    return Transcript(tuple(segments), language, Origin.SUPPLIED)


def _without_tags(segment: Segment) -> Segment:
    """The segment without the moods and sounds that some recognisers write into their text."""
    text = without_tags(segment.text)
    if text == segment.text:
        return segment
    words = tuple(replace(w, text=without_tags(w.text)) for w in segment.words)
    return replace(segment, text=text.strip(), words=tuple(w for w in words if w.text.strip()))


def find_sidecar(media: Path) -> Path | None:
    """A transcript of the same stem beside ``media``, or ``None``.

    Suffixes are tried in the order .vtt, .srt, .json, .TextGrid, in any case; a JSON file counts
    only when it holds a transcript, since other programs leave JSON beside media too.
    """
    try:
        beside = sorted(p for p in media.parent.iterdir() if p.stem == media.stem and p != media)
    except OSError:
        return None
    for suffix in SUFFIXES:
        for path in beside:
            if path.suffix.lower() == suffix and path.is_file() and _usable(path):
                return path
    return None


def _usable(path: Path) -> bool:
    if path.suffix.lower() != ".json":
        return True
    try:
        return looks_like_transcript(_decoded(path))
    except InputError:
        return False


def guess_language(text: str) -> str:
    """``zh``, ``ja`` or ``en`` by script, "" without letters; Latin counts as English."""
    han, kana = len(_HAN.findall(text)), len(_KANA.findall(text))
    latin_words = len(re.findall(r"[A-Za-z]+", text))
    if kana > 0.2 * (han + kana):
        return "ja"
    if han >= latin_words and han:
        return "zh"
    return "en" if _LATIN.search(text) else ""


def _parse(path: Path, text: str) -> _Parsed:
    body = text.lstrip("\ufeff").lstrip()
    suffix = path.suffix.lower()
    if body.startswith("WEBVTT"):
        return _Parsed(parse_vtt(body, str(path)), "")
    if body[:1] in ("{", "["):
        segments, language = parse_json(body, str(path))
        return _Parsed(segments, language)
    head = body[:200]
    if "ooTextFile" in head or "TextGrid" in head or suffix == ".textgrid":
        return _Parsed(parse_textgrid(body, str(path)), "")
    cues: Callable[[str, str], list[Segment]] = parse_vtt if suffix == ".vtt" else parse_srt
    if _SRT_TIME.search(body) or (suffix == ".vtt" and "-->" in body):
        return _Parsed(cues(body, str(path)), "")
    raise InputError("is no transcript of a known kind", subject=str(path), remedy=f"give {_KINDS}")


def _decoded(path: Path) -> str:
    data = read_bytes(path)
    if not data.strip(b"\0 \t\r\n"):
        raise InputError("is empty", subject=str(path), remedy=f"give {_KINDS}")
    return decode(data, str(path))[0]


def _check_times(path: Path, segment: Segment) -> None:
    # The comparisons are written so that NaN fails them.
    if not 0.0 <= segment.start_s <= segment.end_s <= _LONGEST_S:
        raise InputError(
            f'the text "{segment.text[:30]}" has impossible times: '
            f"{segment.start_s} s to {segment.end_s} s",
            subject=str(path),
            remedy="correct its times",
        )
