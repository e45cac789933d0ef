"""What every recogniser is to the rest of the program.

A recogniser hears a few pieces of sound together and answers twice: which language each is in,
and, told the language, what was said. Two steps, because one sentence is too short to tell its
language for certain: what came before and after it decides too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import ClasswatchError, ModelError, ResourceError
from classwatch.core.speech import Word

Samples = NDArray[np.float32]
"""Mono sound at 16 kHz in [-1, 1]."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What may be expected in one language: a text as if said before, and words to favour."""

    prompt: str = ""
    hotwords: str = ""


@dataclass(frozen=True, slots=True)
class Decoding:
    """How to recognise. ``hints`` by language; ``batch_size`` None: as many as memory allows.

    ``precision`` is Whisper's arithmetic, ``auto`` by the device.
    ``written_numbers`` lets a recogniser that can choose write 3.5 for what was said in words.
    """

    beam_size: int = 5
    batch_size: int | None = None
    hints: Mapping[str, Hint] = field(default_factory=dict)
    precision: str = "auto"
    written_numbers: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What was said in one piece; times of words count from its beginning, in seconds.

    ``no_speech`` is the recogniser's own probability that nobody speaks.
    """

    text: str
    words: tuple[Word, ...]
    no_speech: float


NOTHING = Said("", (), 0.0)


class Hearing(Protocol):
    """Pieces that were heard."""

    def scores(self) -> tuple[Mapping[str, float], ...]:
        """Probability of each language the recogniser tells apart, for every piece."""
        ...

    def said(self, languages: Sequence[str]) -> tuple[Said, ...]:
        """What was said in each piece, given its language (a code such as ``zh``)."""
        ...


class Recogniser(Protocol):
    """A loaded model."""

    @property
    def languages(self) -> frozenset[str]:
        """Codes of the languages it can be asked for."""
        ...

    def hear(self, pieces: Sequence[Samples]) -> Hearing:
        """Listen to pieces of at most half a minute each."""
        ...


def translated(error: BaseException, subject: str, remedy: str) -> ClasswatchError:
    """A library's exception as one of ours: out of memory, no GPU, or a model that is no good."""
    text = str(error).strip() or type(error).__name__
    lower = text.lower()
    if isinstance(error, MemoryError) or "out of memory" in lower or "bad_alloc" in lower:
        return ResourceError(
            f"memory ran out: {text}",
            subject=subject,
            remedy="lower transcribe.batch_size or use a smaller model",
        )
    no_gpu = "cuda" in lower or "cudnn" in lower
    return ModelError(
        f"the recogniser cannot be used: {text}",
        subject=subject,
        remedy="run it on the processor" if no_gpu else remedy,
    )
