"""Praat TextGrids to segments: one interval tier per speaker, or word tiers of an aligner."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from classwatch.core.errors import InputError
from classwatch.core.speech import Segment, Word

_SILENCE = frozenset(
    {"", "sil", "sp", "spn", "_", "-", "<sil>", "<eps>", "<p:>", "sounding", "silent"}
)
_PHONES = re.compile(r"(^|[\s_-])(phones?|phonemes?|syllables?|pinyin)$", re.IGNORECASE)
_WORDS = re.compile(r"[\s_-]*\bwords?$", re.IGNORECASE)
_PAUSE_S = 0.5
_TIERS = re.compile(r"(IntervalTier|TextTier)")


def parse_textgrid(text: str, subject: str) -> list[Segment]:
    """Segments of every interval tier, the tier's name as speaker.

    Tiers of phones are left out; words of a word tier are put together up to pauses of 0.5 s.
    Point tiers have no durations and are left out.
    """
    if _TIERS.search(text) is None:
        raise InputError(
            "is a TextGrid without tiers", subject=subject, remedy="add a tier per speaker"
        )
    segments: list[Segment] = []
    for tier in _tiers(text, subject):
        name = str(tier.name).strip()
        if _PHONES.search(name):
            continue
        rows = [
            (float(e.start), float(e.end), " ".join(str(e.label).replace('""', '"').split()))
            for e in tier.entries
            if str(e.label).strip().lower() not in _SILENCE
        ]
        if _WORDS.search(name):
            segments.extend(_utterances(rows, _WORDS.sub("", name)))
        else:
            segments.extend(Segment(a, b, label, speaker=name) for a, b, label in rows)
    return segments


def _tiers(text: str, subject: str) -> Iterator[Any]:
    from praatio import textgrid
    from praatio.utilities import constants

    # praatio reads files only, and guesses encodings: it gets a copy in UTF-8.
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.TextGrid"
        copy.write_text(text, encoding="utf-8")
        try:
            grid = textgrid.openTextgrid(
                str(copy), includeEmptyIntervals=False, duplicateNamesMode="rename"
            )
        except Exception as error:
            raise InputError(
                f"is not a TextGrid that can be read: {error}",
                subject=subject,
                remedy="open it in Praat and save it as text",
            ) from error
    for tier in grid.tiers:
        if tier.tierType == constants.INTERVAL_TIER:
            yield tier


def _utterances(rows: list[tuple[float, float, str]], speaker: str) -> Iterator[Segment]:
    words: list[Word] = []
    for start_s, end_s, label in rows:
        if words and start_s - words[-1].end_s > _PAUSE_S:
            yield _spoken(words, speaker)
            words = []
        words.append(Word(start_s, end_s, label))
    if words:
        yield _spoken(words, speaker)


def _spoken(words: list[Word], speaker: str) -> Segment:
    joint = "" if all(re.search(r"[一-鿿]", w.text) for w in words) else " "
    text = joint.join(w.text for w in words)
    return Segment(words[0].start_s, words[-1].end_s, text, words=tuple(words), speaker=speaker)
