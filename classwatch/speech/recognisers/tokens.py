"""Tokens of FunASR's models: reading their lists, dropping tags, and joining them into words.

SenseVoice tells moods and sounds in tags (``<|HAPPY|>``, ``<|BGM|>``) among its tokens. Nothing
between angle brackets ever becomes text: here is where it ends.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classwatch.core.errors import ModelError
from classwatch.core.speech import Word

_REMEDY = "import the model's whole folder: model, tokens.txt, am.mvn where it has one"
_SPECIAL = re.compile(r"<.*>")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ0-9'’]+")
_START, _GOES_ON = "▁", "@@"
"""A piece that begins a word (SentencePiece), and one that its word does not end with (BPE)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A recognised token with its times in seconds and the model's probability."""

    token: str
    start_s: float
    end_s: float
    probability: float


def read_tokens(folder: Path) -> tuple[str, ...]:
    """Tokens by number from ``tokens.txt`` (``token number`` in each line) or ``tokens.json``."""
    path = next((folder / n for n in ("tokens.txt", "tokens.json") if (folder / n).is_file()), None)
    if path is None:
        raise ModelError(
            "tokens.txt is missing",
            subject=str(folder),
            remedy=_REMEDY,
        )
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            return tuple(str(token) for token in json.loads(text))
        return tuple(_from_lines(text))
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(
            f"is no list of tokens: {error}", subject=str(path), remedy=_REMEDY
        ) from error


def _from_lines(text: str) -> list[str]:
    tokens = []
    for i, line in enumerate(line for line in text.splitlines() if line.strip()):
        token, _, number = line.rstrip().rpartition(" ")
        if not number.isdigit() or int(number) != i:
            # A list without numbers holds one token a line.
            token = line.strip()
        tokens.append(token)
    return tokens


def is_special(token: str) -> bool:
    """Whether a token is a tag or a mark of the model and not something said."""
    return _SPECIAL.fullmatch(token) is not None


def join(pieces: Sequence[Piece]) -> tuple[Word, ...]:
    """Words: every Chinese character or mark one, Latin letters joined, a space between words.

    Specials are left out. The probability of a word is the mean of its pieces'.
    """
    groups: list[list[Piece]] = []
    goes_on = apart = False
    for piece in pieces:
        if is_special(piece.token) or not _bare(piece.token):
            apart = apart or piece.token == _START
            continue
        latin = _is_latin(piece.token)
        joined = bool(groups) and latin and _is_latin(groups[-1][-1].token)
        # SentencePiece marks the beginning of a word, BPE that it goes on.
        inside = _sentencepiece(pieces) and piece.token[0] != _START and not apart
        if joined and (goes_on or inside):
            groups[-1].append(piece)
        else:
            groups.append([piece])
        goes_on, apart = piece.token.endswith(_GOES_ON), False
    words: list[Word] = []
    for group in groups:
        text = "".join(_bare(p.token) for p in group)
        spaced = words and _LATIN.match(text) and _LATIN.search(words[-1].text[-1])
        probability = sum(p.probability for p in group) / len(group)
        words.append(
            Word(
                group[0].start_s,
                group[-1].end_s,
                f" {text}" if spaced else text,
                round(probability, 4),
            )
        )
    return tuple(words)


def _bare(token: str) -> str:
    return token.removesuffix(_GOES_ON).replace(_START, " ").strip()


def _is_latin(token: str) -> bool:
    return _LATIN.fullmatch(_bare(token)) is not None


def _sentencepiece(pieces: Sequence[Piece]) -> bool:
    return any(p.token.startswith(_START) for p in pieces)
