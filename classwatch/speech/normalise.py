"""Traditional characters as simplified ones, so that words are counted as the same words.

Recognisers write Mandarin in either script, sometimes both within a lesson. The table is OpenCC's
(``configs/lexicons/simplified.yaml``); phrases go before characters, the longest first. Every
entry keeps its length, so times of words stay right. Nothing else about a text is changed:
numbers and formulas stay as the recogniser wrote them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from classwatch.config.data import read_table
from classwatch.core.errors import DataError
from classwatch.core.speech import Word


@dataclass(frozen=True, slots=True)
class _Table:
    characters: dict[int, str]
    phrases: dict[str, str]
    pattern: re.Pattern[str]


def to_simplified(text: str) -> str:
    """``text`` in simplified characters, of the same length; other scripts stay as they are."""
    table = _table()
    parts = []
    end = 0
    for found in table.pattern.finditer(text):
        parts += [text[end : found.start()].translate(table.characters)]
        parts += [table.phrases[found.group()]]
        end = found.end()
    return "".join([*parts, text[end:].translate(table.characters)])


def simplified_words(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The same words in simplified characters; phrases are seen across them."""
    whole = to_simplified("".join(w.text for w in words))
    at = 0
    converted = []
    for word in words:
        converted.append(replace(word, text=whole[at : at + len(word.text)]))
        at += len(word.text)
    return tuple(converted)


@cache
def _table() -> _Table:
    raw = read_table("lexicons", "simplified.yaml")
    pairs = str(raw["characters"]).split()
    phrases = {str(a): str(b) for a, b in raw["phrases"].items()}
    if any(len(p) != 2 for p in pairs) or any(len(a) != len(b) for a, b in phrases.items()):
        raise DataError("an entry changes its length", subject="simplified.yaml")
    longest_first = sorted(phrases, key=lambda p: (-len(p), p))
    return _Table(
        {ord(p[0]): p[1] for p in pairs},
        phrases,
        re.compile("|".join(map(re.escape, longest_first))),
    )
