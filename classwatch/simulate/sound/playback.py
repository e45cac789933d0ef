"""Recordings played in class: an announcer or music, through a loudspeaker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.speech import Word
from classwatch.simulate.script import Playback, Voice
from classwatch.simulate.sound.noises import music
from classwatch.simulate.sound.signal import Samples, band, fade, gain, level_speech, voiced
from classwatch.simulate.sound.speak import SPEECH_RMS, Phrase, Speaker
from classwatch.simulate.sound.voices import VARIANTS, PersonVoice, Sex, rng_of
from classwatch.simulate.timeline import Timed, Timeline

LOUDSPEAKER_HZ = (180.0, 5500.0)
"""What a classroom loudspeaker passes on."""

_REPEAT_PAUSE_S = 1.0
_ANNOUNCER_HZ: dict[Sex, tuple[float, float]] = {
    "female": (190.0, 220.0),
    "male": (105.0, 135.0),
}


@dataclass(frozen=True, slots=True)
class PlayedText:
    """A text played once, or as much of it as there was time for; times on the lesson clock."""

    start_s: float
    end_s: float
    text: str
    language: str
    words: tuple[Word, ...]
    voiced: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """A playback as it leaves the loudspeaker: ``samples`` (n,) at 16 kHz from ``start_s`` on."""

    start_s: float
    end_s: float
    samples: Samples
    texts: tuple[PlayedText, ...]


def play_all(timeline: Timeline, speaker: Speaker) -> tuple[Played, ...]:
    """Every playback of the lesson, in order. A text is repeated until its time is over."""
    return tuple(_play(timed, i, speaker) for i, timed in enumerate(timeline.playbacks))


def through_loudspeaker(samples: Samples) -> Samples:
    """What a loudspeaker makes of a dry sound: nothing below 180 Hz and above 5.5 kHz."""
    return band(samples, *LOUDSPEAKER_HZ)


def _play(timed: Timed[Playback], index: int, speaker: Speaker) -> Played:
    playback = timed.part
    rng = rng_of(speaker.script.seed, f"playback:{index}")
    duration_s = timed.end_s - timed.start_s
    texts: tuple[PlayedText, ...] = ()
    if playback.text:
        samples, texts = _announced(timed, speaker, rng)
    else:
        samples = music(duration_s, rng)
    played = through_loudspeaker(samples)
    level = SPEECH_RMS * gain(playback.level_db)
    return Played(timed.start_s, timed.end_s, fade(level_speech(played, level), 0.01), texts)


def _announced(
    timed: Timed[Playback], speaker: Speaker, rng: np.random.Generator
) -> tuple[Samples, tuple[PlayedText, ...]]:
    language = timed.part.language or speaker.script.language
    samples = np.zeros(round((timed.end_s - timed.start_s) * SAMPLE_RATE_HZ), np.float32)
    phrase = speaker.phrase(timed.part.text, language, _announcer(rng))
    texts: list[PlayedText] = []
    first = 0
    while phrase is not None and first < len(samples):
        said = phrase.samples[: len(samples) - first]
        samples[first : first + len(said)] += said
        texts.append(_text(timed, phrase, first, len(said), language))
        first += len(said) + round(_REPEAT_PAUSE_S * SAMPLE_RATE_HZ)
    return samples, tuple(t for t in texts if t.voiced)


def _text(
    timed: Timed[Playback], phrase: Phrase, first: int, count: int, language: str
) -> PlayedText:
    """What was said of the phrase; one that was cut off has the words that were finished."""
    start_s = timed.start_s + first / SAMPLE_RATE_HZ
    end_s = start_s + count / SAMPLE_RATE_HZ
    words = tuple(
        Word(round(start_s + w.start_s, 3), round(start_s + w.end_s, 3), w.text)
        for w in phrase.words
        if start_s + w.end_s <= end_s + 0.001
    )
    whole = count == len(phrase.samples)
    joined = " " if language == "en" else ""
    text = timed.part.text if whole else joined.join(w.text for w in words)
    spans = tuple(
        (round(start_s + a / SAMPLE_RATE_HZ, 3), round(start_s + b / SAMPLE_RATE_HZ, 3))
        for a, b in voiced(phrase.samples[:count])
    )
    return PlayedText(round(start_s, 3), round(end_s, 3), text, language, words, spans)


def _announcer(rng: np.random.Generator) -> PersonVoice:
    sex: Sex = "female" if rng.uniform() < 0.5 else "male"
    f0_hz = float(rng.uniform(*_ANNOUNCER_HZ[sex]))
    return PersonVoice("", sex, str(rng.choice(VARIANTS[sex])), f0_hz, 1.0, 0.5, 0.0, Voice())
