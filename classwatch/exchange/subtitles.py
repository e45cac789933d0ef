"""Transcripts to subtitle files; suspect text is left out, it stays in the JSON."""

from __future__ import annotations

from collections.abc import Iterator

from classwatch.core.speech import Segment, SpeakerRole, Transcript

_LEAST_S = 0.001


def to_srt(transcript: Transcript) -> str:
    """SubRip text (UTF-8, ``\\n``), cues numbered from 1 in order of time."""
    cues = []
    for number, segment in enumerate(_shown(transcript), start=1):
        start, end = _times(segment, ",")
        # SubRip knows no escapes: an arrow in the text would read as a time line.
        cues.append(f"{number}\n{start} --> {end}\n{_one_line(segment.text).replace('-->', '→')}\n")
    return "\n".join(cues)


def to_vtt(transcript: Transcript) -> str:
    """WebVTT text; the role of a known speaker is the cue's voice, ``<v teacher>``."""
    cues = ["WEBVTT\n"]
    for segment in _shown(transcript):
        start, end = _times(segment, ".")
        voice = "" if segment.role is SpeakerRole.UNKNOWN else f"<v {segment.role.value}>"
        cues.append(f"{start} --> {end}\n{voice}{_escaped(_one_line(segment.text))}\n")
    return "\n".join(cues)


def _shown(transcript: Transcript) -> Iterator[Segment]:
    for segment in sorted(transcript.segments, key=lambda s: (s.start_s, s.end_s)):
        if not segment.suspect and segment.text.strip():
            yield segment


def _times(segment: Segment, point: str) -> tuple[str, str]:
    end_s = max(segment.end_s, segment.start_s + _LEAST_S)
    return _stamp(segment.start_s, point), _stamp(end_s, point)


def _stamp(seconds: float, point: str) -> str:
    total_ms = round(seconds * 1000)
    hours, rest = divmod(total_ms, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    whole, thousandths = divmod(rest, 1000)
    return f"{hours:02d}:{minutes:02d}:{whole:02d}{point}{thousandths:03d}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
