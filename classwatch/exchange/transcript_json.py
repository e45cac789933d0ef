"""JSON that recognisers write, to segments.

Known shapes: openai-whisper and faster-whisper (``segments``), whisperX (the same with ``score``
and ``speaker``), whisper.cpp (``transcription`` with ``offsets`` in ms), FunASR
(``sentence_info`` in ms), or a bare list of segments.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

from classwatch.core.errors import InputError
from classwatch.core.speech import Segment, Word
from classwatch.exchange.transcript_cues import split_label

_REMEDY = "give JSON as written by whisper, faster-whisper, whisperX, whisper.cpp or FunASR"


def looks_like_transcript(text: str) -> bool:
    """Whether a JSON text has one of the known shapes."""
    try:
        return _rows(json.loads(text)) is not None
    except (ValueError, RecursionError):
        return False


def parse_json(text: str, subject: str) -> tuple[list[Segment], str]:
    """Segments and language code ("" where the file does not say)."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"is not JSON: {error}", subject=subject, remedy=_REMEDY) from error
    rows = _rows(data)
    if rows is None:
        raise InputError("is JSON without a transcript", subject=subject, remedy=_REMEDY)
    per_s = 1000.0 if rows.in_ms else 1.0
    try:
        segments = [_segment(row, per_s) for row in rows.rows]
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as error:
        raise InputError(
            f"a segment cannot be understood: {error!r}", subject=subject, remedy=_REMEDY
        ) from error
    return [s for s in segments if s.text], _language(data)


@dataclass(frozen=True, slots=True)
class _Rows:
    rows: list[Any]
    in_ms: bool


def _rows(data: Any) -> _Rows | None:
    if isinstance(data, list):
        if len(data) == 1 and isinstance(data[0], dict) and "sentence_info" in data[0]:
            return _rows(data[0])
        timed = all(isinstance(r, dict) and "text" in r and "start" in r for r in data)
        return _Rows(data, in_ms=False) if timed and data else None
    if not isinstance(data, dict):
        return None
    for key in ("segments", "transcription", "sentence_info"):
        rows = data.get(key)
        if isinstance(rows, list) and all(isinstance(r, dict) and "text" in r for r in rows):
            return _Rows(rows, in_ms=key == "sentence_info")
    return None


def _language(data: Any) -> str:
    if not isinstance(data, dict):
        return ""
    inner = data.get("result")
    language = data.get("language") or (inner.get("language") if isinstance(inner, dict) else "")
    if not isinstance(language, str):
        return ""
    named = {"chinese": "zh", "english": "en", "mandarin": "zh"}
    return named.get(language.lower(), language.lower().split("-")[0])


def _segment(row: dict[str, Any], per_s: float) -> Segment:
    start_s, end_s = _span(row, per_s)
    words = tuple(w for w in map(_word, row.get("words") or ()) if w is not None)
    text = " ".join(str(row["text"]).split())
    speaker = _speaker(row)
    if not speaker:
        speaker, text = split_label(text)
    return Segment(start_s, end_s, text, words=words, speaker=speaker)


def _span(row: dict[str, Any], per_s: float) -> tuple[float, float]:
    if "offsets" in row:
        return _number(row["offsets"]["from"]) / 1000.0, _number(row["offsets"]["to"]) / 1000.0
    return _number(row["start"]) / per_s, _number(row["end"]) / per_s


def _word(row: Any) -> Word | None:
    """A word with times; whisperX leaves them out for digits, such words are only in the text."""
    if not isinstance(row, dict) or row.get("start") is None or row.get("end") is None:
        return None
    start_s, end_s = _number(row["start"]), _number(row["end"])
    score = row.get("probability", row.get("score"))
    probability = _number(score) if score is not None else None
    text = str(row.get("word", row.get("text", "")))
    return Word(start_s, max(start_s, end_s), text, probability)


def _speaker(row: dict[str, Any]) -> str:
    for key in ("speaker", "spk"):
        if row.get(key) not in (None, ""):
            label = str(row[key]).strip()
            return f"speaker {label}" if label.isdigit() else label
    said = [w.get("speaker") for w in row.get("words") or () if isinstance(w, dict)]
    names = Counter(str(s) for s in said if s)
    return min(names, key=lambda n: (-names[n], n)) if names else ""


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(f"expected a number, got {type(value).__name__}")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"expected a finite number, got {value}")
    return number
