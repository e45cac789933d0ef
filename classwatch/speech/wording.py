"""How a voice addresses others, from surface forms only: questions, requests, praise, calling.

This is evidence for who teaches, not a measure: the discourse part counts questions properly.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from classwatch.core.speech import Transcript
from classwatch.speech.speakers import VoiceTurns

_LEAST = 5
"""With fewer such sentences the words say nothing about who teaches."""

_ADDRESS = re.compile(
    r"[?？]|吗[。，]?$|呢[。，]?$|同学们|请|大家|谁来|谁能|为什么|怎么|什么|哪|看黑板|翻到|打开|举手|坐下|"
    r"很好|非常好|不错|正确|"
    r"\b(please|let's|look at|open your|who can|what|why|how|which|good|well done|excellent|"
    r"everyone|everybody|class)\b",
    re.IGNORECASE,
)


_QUESTION = re.compile(r"[?？]|吗[。，]?$|呢[。，]?$|为什么|怎么|什么|谁来|谁能|哪")
_TO_TEACHER = re.compile(r"老师|\b(teacher|sir|miss|madam|ma'am)\b", re.IGNORECASE)


def asks(text: str) -> bool:
    """Whether a sentence asks, by its marks and question words."""
    return _QUESTION.search(text.strip()) is not None


def calls_teacher(text: str) -> bool:
    """Whether a sentence names a teacher, as pupils do."""
    return _TO_TEACHER.search(text) is not None


def addresses_class(text: str) -> bool:
    """Whether a sentence asks, requests, praises or calls on somebody, by its surface."""
    return _ADDRESS.search(text.strip()) is not None


def address_shares(voices: VoiceTurns, transcript: Transcript) -> NDArray[np.float64] | None:
    """Share (k,) of the addressing sentences that each voice says; None with fewer than five."""
    counts = np.zeros(voices.voice_count)
    for segment in transcript.segments:
        if segment.suspect or not addresses_class(segment.text):
            continue
        shared_s = np.minimum(voices.span[:, 1], segment.end_s) - np.maximum(
            voices.span[:, 0], segment.start_s
        )
        here = (shared_s > 0) & (voices.voice >= 0)
        if here.any():
            seconds = np.bincount(voices.voice[here], shared_s[here], minlength=len(counts))
            counts[int(seconds.argmax())] += 1
    if counts.sum() < _LEAST:
        return None
    shares: NDArray[np.float64] = counts / counts.sum()
    return shares
