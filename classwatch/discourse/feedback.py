"""What a teacher does with an answer, by comparing the words of the two."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from classwatch.config.data import read_table
from classwatch.discourse.features import plain_chinese, plain_english

REPEAT_SHARE = 0.7
"""The teacher says at least this share of the answer's content again …"""
REPEAT_NEW_SHARE = 0.5
"""… and at most this share of the teacher's content is new: else the idea is used."""
USE_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Overlap:
    """``kept``: share of the student's content that the teacher says; ``new``: share of the
    teacher's content that the student did not say; ``size``: content of the student."""

    kept: float
    new: float
    size: int


def overlap(student: str, teacher: str, language: str) -> Overlap:
    """Shared content: Chinese by pairs of characters, English by words without function words."""
    said, taken = _content(student, language), _content(teacher, language)
    if not said or not taken:
        return Overlap(0.0, 1.0, len(said))
    shared = len(said & taken)
    return Overlap(shared / len(said), 1.0 - shared / len(taken), len(said))


def _content(text: str, language: str) -> frozenset[str]:
    if language == "zh":
        plain = plain_chinese(text)
        for empty in _stop("zh"):
            plain = plain.replace(empty, "")
        pairs = {plain[i : i + 2] for i in range(len(plain) - 1)}
        return frozenset(pairs or ({plain} if plain else set()))
    stop = frozenset(_stop("en"))
    return frozenset(token for token in plain_english(text).split() if token not in stop)


@cache
def _stop(language: str) -> tuple[str, ...]:
    words = read_table("lexicons", "empty_words.yaml")[language]
    return tuple(sorted((str(word) for word in words), key=lambda w: (-len(w), w)))
