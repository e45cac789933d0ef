"""SRT and WebVTT text to segments."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from classwatch.core.errors import InputError
from classwatch.core.labels import role_of_label
from classwatch.core.speech import Segment, SpeakerRole

_TIME = r"(?:(\d+):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_TIMES = re.compile(rf"^\s*{_TIME}[ \t]*-->[ \t]*{_TIME}(?:[ \t].*)?$")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]*)>")
_TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
_PREFIX = re.compile(
    r"^\s*[-–—>]*\s*[\[（(【<]?([^\]）)】>:：]{1,16}?)[\]）)】>]?\s*[:：]\s*(?=\S)"
)
_BRACKETED = re.compile(r"^\s*[\[（(【]([^\]）)】]{1,16})[\]）)】]\s*(?=\S)")
_NUMBERED = re.compile(
    r"(speaker|spk|spkr|说话人|发言人|讲话人|角色)[\s_-]*[0-9a-z]{1,3}", re.IGNORECASE
)


def parse_vtt(text: str, subject: str) -> list[Segment]:
    """Cues of a WebVTT file with their voices; notes, styles and regions are skipped."""
    return list(_segments(text, subject, unescape=True))


def parse_srt(text: str, subject: str) -> list[Segment]:
    """Cues of a SubRip file; formatting tags are dropped."""
    return list(_segments(text, subject, unescape=False))


def split_label(text: str) -> tuple[str, str]:
    """Speaker label and text of ``老师：请坐`` or ``[S1] yes``; label "" where there is none.

    Only labels that name a role or a numbered speaker are taken: ``注意：`` is no speaker.
    """
    for pattern in (_PREFIX, _BRACKETED):
        match = pattern.match(text)
        if match is None:
            continue
        label = match.group(1).strip()
        if role_of_label(label) is not SpeakerRole.UNKNOWN or _NUMBERED.fullmatch(label):
            return label, text[match.end() :].strip()
    return "", text


def _segments(text: str, subject: str, *, unescape: bool) -> Iterator[Segment]:
    for start_s, end_s, lines in _cues(text.split("\n")):
        raw = " ".join(line.strip() for line in lines if line.strip())
        voice = _VOICE.search(raw)
        plain = _TAG.sub("", raw)
        if unescape:
            plain = html.unescape(plain)
        speaker = html.unescape(voice.group(1)).strip() if voice else ""
        plain = " ".join(plain.split())
        if not speaker:
            speaker, plain = split_label(plain)
        if end_s < start_s:
            raise InputError(
                f"a text ends at {end_s:.3f} s, before it starts at {start_s:.3f} s",
                subject=subject,
                remedy="correct its times",
            )
        if plain:
            yield Segment(start_s, end_s, plain, speaker=speaker)


def _cues(lines: list[str]) -> Iterator[tuple[float, float, list[str]]]:
    """Times and text lines of every cue; the number line before the next cue is not text."""
    marks = [(i, m) for i, line in enumerate(lines) if (m := _TIMES.match(line)) is not None]
    for n, (at, match) in enumerate(marks):
        after = marks[n + 1][0] if n + 1 < len(marks) else len(lines)
        body = _until_blank(lines[at + 1 : after])
        yield _seconds(*match.groups()[:4]), _seconds(*match.groups()[4:]), body


def _until_blank(lines: list[str]) -> list[str]:
    """Text up to the first empty line; without one, up to the next cue's number."""
    for i, line in enumerate(lines):
        if not line.strip():
            return lines[:i]
    if lines and lines[-1].strip().isdigit() and len(lines) > 1:
        return lines[:-1]
    return lines


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> float:
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + int(fraction.ljust(3, "0")) / 1000.0
