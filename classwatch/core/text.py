"""Counting and telling apart Chinese and English text."""

from __future__ import annotations

import re

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_LATIN = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*")
_DIGIT = re.compile(r"[0-9]")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")

_TAGS = re.compile(r"<\|[^|<>]*\|>|[😊😔😡😰🤢😮🎼👏😀😭🤧😷❓]")
"""SenseVoice's tags for language, mood and sound, and the signs that FunASR writes for them."""


def without_tags(text: str) -> str:
    """``text`` without what a recogniser added about moods and sounds."""
    return _TAGS.sub("", text)


def script_of(text: str) -> str:
    """``zh`` or ``en``: whichever carries more of the text; "" when it holds neither.

    A Latin word weighs as much as two Chinese characters; single letters are symbols ("Y等于X")
    and decide only where there is no Chinese at all.
    """
    han = len(_HAN.findall(text))
    latin = _LATIN.findall(text)
    words = sum(len(word) > 1 for word in latin)
    if han:
        return "zh" if han >= 2 * words or words <= 1 else "en"
    return "en" if latin else ""


def count_units(text: str, language: str) -> int:
    """Chinese: characters, digits one each, a Latin word as one. English: words and numbers.

    Punctuation counts as nothing.
    """
    words = len(_LATIN.findall(text))
    if language == "zh":
        return len(_HAN.findall(text)) + len(_DIGIT.findall(text)) + words
    return words + len(_NUMBER.findall(text))
