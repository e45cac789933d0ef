"""Cutting text into sentences and clauses, with the place of each in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SENTENCE_END = "。！？!?；;\n…"
_CLAUSE_END = "，,、：:"
_ASCII = ".,!?;:"
_PIECE = re.compile(rf"[^{_SENTENCE_END}{_CLAUSE_END}.]+|[{_SENTENCE_END}{_CLAUSE_END}.]")


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: ``text`` without its closing mark, characters ``[start, end)`` of the source.

    ``end`` includes the closing mark. ``sentence`` counts sentences from 0; ``marked`` tells
    whether the clause closes its sentence with a question mark; ``closes`` whether it closes it at
    all.
    """

    text: str
    start: int
    end: int
    sentence: int
    marked: bool
    closes: bool


def clauses(text: str) -> tuple[Clause, ...]:
    """Clauses of a text in order; marks inside numbers (``3.5``, ``1,000``) do not cut."""
    found: list[Clause] = []
    start = sentence = 0
    for piece in _PIECE.finditer(text):
        mark = piece.group()
        if len(mark) > 1 or mark not in _SENTENCE_END + _CLAUSE_END + ".":
            continue
        at = piece.start()
        if _inside_number(text, at):
            continue
        body = text[start:at].strip()
        closes = mark in _SENTENCE_END + "."
        if body:
            found.append(Clause(body, start, piece.end(), sentence, mark in "？?", closes))
        start = piece.end()
        sentence += closes
    body = text[start:].strip()
    if body:
        found.append(Clause(body, start, len(text), sentence, False, True))
    return tuple(found)


def _inside_number(text: str, at: int) -> bool:
    around = text[at - 1 : at] + text[at + 1 : at + 2]
    return text[at] in _ASCII and len(around) == 2 and around.isdigit()
