"""Text as hashed binary features, the same for training and for use.

A text becomes a few *blocks* of features; within a block every feature weighs 1/sqrt(size of the
block), so that long and short texts have the same length. Features are strings hashed with CRC-32,
which no machine, version or seed changes.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from classwatch.config.data import read_table

Block = frozenset[str]

_NO_WORD = re.compile(r"[\W_]+")
_EN_NOISE = re.compile(r"[^a-z0-9' ]+")
_ENDING = 6
"""Characters at the end of a Chinese sentence that mostly decide whether it asks."""


def plain_chinese(text: str) -> str:
    """Lower case, without punctuation and spaces: what a recogniser gives."""
    return _NO_WORD.sub("", text.lower())


def plain_english(text: str) -> str:
    """Lower case, apostrophes kept, without other punctuation."""
    return " ".join(_EN_NOISE.sub(" ", text.lower().replace("’", "'")).split())


def _grams(text: str, sizes: range) -> Iterator[str]:
    for size in sizes:
        for at in range(len(text) - size + 1):
            yield text[at : at + size]


def _zh_chars(text: str) -> tuple[Block, ...]:
    return (frozenset(_grams(f"^{plain_chinese(text)}$", range(1, 5))),)


def _zh_question(text: str) -> tuple[Block, ...]:
    plain = plain_chinese(text)
    ending = frozenset("e:" + g for g in _grams(plain[-_ENDING:] + "$", range(1, 5)))
    return (*_zh_chars(text), ending)


def _en_question(text: str) -> tuple[Block, ...]:
    from classwatch.discourse.questions import question_form

    plain = plain_english(text)
    tokens = plain.split()
    framed = ["^", *tokens, "$"]
    found = {
        "w:" + " ".join(framed[i : i + n]) for n in (1, 2, 3) for i in range(len(framed) - n + 1)
    }
    found |= {"s:" + " ".join(tokens[:n]) for n in range(1, 5)}
    found |= {"e:" + " ".join(tokens[-n:]) for n in range(1, 5)}
    found.add(f"n:{min(8, len(tokens))}")
    form = question_form(plain, "en")
    shown = {"r:no"} if form is None else {"r:yes", "r:" + form.rule}
    return (frozenset(found), frozenset(shown))


def _en_task(text: str) -> tuple[Block, ...]:
    tokens = plain_english(text).split()
    pairs = [" ".join(pair) for pair in itertools.pairwise(tokens)]
    head = [f"1:{t}" for t in tokens[:1]] + [f"2:{' '.join(tokens[:2])}"]
    head += [f"h:{t}" for t in tokens[:3]]
    parts = {f"c:{g}" for token in tokens for g in _grams(f" {token} ", range(2, 6))}
    verbs = task_verbs("en")
    levels = [verbs[t] for t in tokens if t in verbs]
    known = [f"v1:{level}" for level in levels[:1]] + [f"v:{level}" for level in levels]
    return (
        frozenset([*tokens, *pairs]),
        frozenset(head),
        frozenset(parts),
        frozenset(known or ["v:none"]),
    )


@cache
def task_verbs(language: str) -> dict[str, str]:
    """Verbs of a language and the Bloom level that each one names (``lexicons/bloom.yaml``)."""
    table = read_table("lexicons", "bloom.yaml")[language]["verbs"]
    return {str(verb): level for level, verbs in table.items() for verb in verbs}


_SETS: dict[str, Callable[[str], tuple[Block, ...]]] = {
    "zh_chars": _zh_chars,
    "zh_question": _zh_question,
    "en_question": _en_question,
    "en_task": _en_task,
}


def feature_sets() -> tuple[str, ...]:
    """Names of the feature sets that a model may ask for."""
    return tuple(sorted(_SETS))


def hashed(feature_set: str, text: str, buckets: int) -> tuple[NDArray[np.int64], ...]:
    """One ascending array of bucket numbers in [0, buckets) per block; may be empty.

    Errors: ``KeyError`` for an unknown set.
    """
    return tuple(_numbers(block, buckets) for block in _SETS[feature_set](text))


def _numbers(block: Iterable[str], buckets: int) -> NDArray[np.int64]:
    # Two features in one bucket count once, like one feature that occurs twice.
    numbers = {zlib.crc32(feature.encode()) % buckets for feature in block}
    return np.array(sorted(numbers), dtype=np.int64)
