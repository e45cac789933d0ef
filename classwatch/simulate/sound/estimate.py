"""How long sentences take where no voice speaks them: for schematic lessons without an engine."""

from __future__ import annotations

import re

from classwatch.core.speech import Word
from classwatch.simulate.script import Script
from classwatch.simulate.timeline import Spoken

ZH_CHARACTERS_PER_S = 4.2
EN_WORDS_PER_S = 2.6
"""Ordinary classroom rates; a word in a Chinese sentence takes as long as in an English one."""

_PAUSE_S = 0.3
"""At a punctuation mark inside a sentence."""
_TOKEN = re.compile(r"[A-Za-z0-9]+(?:['’.-][A-Za-z0-9]+)*|[^\W_]|[,，、;；:：.。!！?？…]")
_MARK = re.compile(r"[^\w]")


def estimate_all(script: Script) -> dict[str, Spoken]:
    """``Spoken`` of every utterance by its text alone; the same script gives the same times."""
    return {u.id: estimate(u.text) for u in script.utterances}


def estimate(text: str) -> Spoken:
    """Duration, voiced stretches and words of ``text``, evenly paced, marks being pauses.

    A text without any word lasts as long as one word.
    """
    words: list[Word] = []
    starts: list[float] = [0.0]
    ends: list[float] = []
    now_s = 0.0
    for token in _TOKEN.findall(text):
        if _MARK.fullmatch(token):
            if words and now_s == words[-1].end_s:
                ends.append(now_s)
                now_s = round(now_s + _PAUSE_S, 3)
                starts.append(now_s)
            continue
        rate = EN_WORDS_PER_S if token.isascii() else ZH_CHARACTERS_PER_S
        end_s = round(now_s + 1.0 / rate, 3)
        words.append(Word(now_s, end_s, token))
        now_s = end_s
    last_s = words[-1].end_s if words else round(1.0 / EN_WORDS_PER_S, 3)
    spans = list(zip(starts, [*ends, last_s], strict=False))
    voiced = tuple((a, b) for a, b in spans if a < b <= last_s)
    return Spoken(last_s, voiced, tuple(words))
