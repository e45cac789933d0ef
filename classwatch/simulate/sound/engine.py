"""The port to a voice engine: text in, dry samples with the times of their words out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from classwatch.core.speech import Word
from classwatch.simulate.sound.signal import Samples


@dataclass(frozen=True, slots=True)
class Voicing:
    """How an engine is to speak: its ``variant`` (``f3``), pitch 0-99 and words a minute."""

    language: str
    variant: str
    pitch: int
    rate_wpm: int


@dataclass(frozen=True, slots=True, eq=False)
class RawSpeech:
    """What an engine returns: ``samples`` (n,) at ``rate_hz``; ``words`` on the clock of these."""

    samples: Samples
    rate_hz: int
    words: tuple[Word, ...]


class VoiceEngine(Protocol):
    """Speaks text. The same text and voicing always give the same samples."""

    def speak(self, text: str, voicing: Voicing) -> RawSpeech:
        """``text`` spoken; no samples where there is nothing to say.

        Raises ModelError where the engine is missing or does not know the voice.
        """
        ...
