"""Praat TextGrids to segments: one interval tier per speaker, or word tiers of an aligner."""

from __future__ import annotations

import re
from collections.abc import Iterator

from classwatch.core.errors import InputError
from classwatch.core.speech import Segment, Word
from classwatch.exchange.textgrid import textgrid_coding

_SILENCE = frozenset(
    {"", "sil", "sp", "spn", "_", "-", "<sil>", "<eps>", "<p:>", "sounding", "silent"}
)
_PHONES = re.compile(r"(^|[\s_-])(phones?|phonemes?|syllables?|pinyin)$", re.IGNORECASE)
_WORDS = re.compile(r"[\s_-]*\bwords?$", re.IGNORECASE)
_PAUSE_S = 0.5


def parse_textgrid(text: str, subject: str) -> list[Segment]:
    """Segments of every interval tier, the tier's name as speaker.

    Tiers of phones are left out; words of a word tier are put together up to pauses of 0.5 s.
    Point tiers have no durations and are left out.
    """
    tiers = textgrid_coding(text, subject).tiers
    if not tiers:
        raise InputError(
            "is a TextGrid without tiers", subject=subject, remedy="add a tier per speaker"
        )
    segments: list[Segment] = []
    for tier in tiers:
        if _PHONES.search(tier.name):
            continue
        rows = [
            (a.start_s, a.end_s, " ".join(a.text.split()))
            for a in tier.annotations
            if a.end_s > a.start_s and a.text.strip().lower() not in _SILENCE
        ]
        if _WORDS.search(tier.name):
            segments.extend(_utterances(rows, _WORDS.sub("", tier.name)))
        else:
            segments.extend(Segment(a, b, label, speaker=tier.name) for a, b, label in rows)
    return segments


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
