"""Marks for text that a recogniser wrote without any, from pauses, particles and question words.

A rule and not a model: it closes sentences at pauses and asks only where the words themselves ask.
Segments whose marks come from here say so (``Segment.punctuation_restored``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from classwatch.core.speech import Word
from classwatch.core.text import script_of

_MARKS = re.compile(r"[。！？!?，,、；;：:…]|\.(?:\s|$)")
_SENTENCE_PAUSE_S = 0.7
_PARTICLE_PAUSE_S = 0.25
"""After a closing particle a shorter pause ends a sentence too."""
_COMMA_PAUSE_S = 0.35
_PARTICLES = tuple("吗呢吧啊呀嘛啦")

_ASKS_ZH = re.compile(
    r"(?<![什怎那这多要])吗$|(?<!什)么呢$|"
    r"(对不对|是不是|好不好|行不行|可不可以|能不能|会不会|懂不懂|明白没有|有没有|对吧|是吧|好吗)$|"
    r"(?<!没)(?<!不)(什么|为什么|怎么样|怎么办|多少|哪里|哪儿|几个)(呢|呀|啊)?$|"
    r"^(那么|那|好|请问|同学们)?(谁|为什么|怎么|哪个|哪些|哪位|什么是|什么叫)|"
    r"(谁|怎么|哪|什么|多少|几|是不是|能不能|如何|是否|干嘛|啥)[^，]{0,10}[呢呀啊]$|"
    r"(?<!不知道)(?<!不管)(?<!都)是(什么|谁|多少|哪个)$|^(那么?)?[^的是有在]{1,6}呢$"
)
_ASKS_EN = re.compile(
    r"^(?:(?:so|and|now|well|ok|okay|but|then)\s+)*"
    r"(?:(?:what|why|how|who|whom|whose|which|where)\b(?!\s+(?:a|an)\b)|when\s+(?:is|are|was|were|"
    r"do|does|did|will|can)\b|(?:is|are|was|were|do|does|did|have|has|can|could|will|would|shall|"
    r"should)\s+(?:i|you|we|they|he|she|it|there|this|that|these|those|the|anyone|anybody|everyone|"
    r"your|our)\b)|\b(?:right|okay|isn't it|aren't they|don't you|doesn't it)$",
    re.IGNORECASE,
)


def has_marks(text: str) -> bool:
    """Whether a text has any mark of punctuation."""
    return _MARKS.search(text) is not None


def restore(words: Sequence[Word]) -> tuple[Word, ...]:
    """The same words with marks at their ends: commas and ends of sentences where pauses are.

    Marks are Chinese or English by what the sentence is written in. The last word always ends a
    sentence.
    """
    restored: list[Word] = []
    sentence: list[Word] = []
    for i, word in enumerate(words):
        sentence.append(word)
        following = words[i + 1] if i + 1 < len(words) else None
        if following is None or _ends(word, following.start_s - word.end_s):
            restored += _closed(sentence)
            sentence = []
    return tuple(restored)


def asks(text: str) -> bool:
    """Whether a sentence without marks asks, by its particle, question word or order of words."""
    bare = text.strip()
    pattern = _ASKS_ZH if script_of(bare) == "zh" else _ASKS_EN
    return pattern.search(bare) is not None


def _ends(word: Word, pause_s: float) -> bool:
    if word.text.endswith(_PARTICLES) and pause_s >= _PARTICLE_PAUSE_S:
        return True
    return pause_s >= _SENTENCE_PAUSE_S


def _closed(sentence: Sequence[Word]) -> list[Word]:
    text = "".join(w.text for w in sentence)
    chinese = script_of(text) != "en"
    comma, stop, mark = ("，", "。", "？") if chinese else (",", ".", "?")
    closed = []
    for i, word in enumerate(sentence):
        last = i + 1 == len(sentence)
        if last:
            closed.append(_marked(word, mark if asks(text) else stop))
        elif sentence[i + 1].start_s - word.end_s >= _COMMA_PAUSE_S:
            closed.append(_marked(word, comma))
        else:
            closed.append(word)
    return closed


def _marked(word: Word, mark: str) -> Word:
    return replace(word, text=word.text.rstrip() + mark)
