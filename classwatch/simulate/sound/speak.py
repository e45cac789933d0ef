"""Every utterance of a script spoken: dry sound per speaker, and exact times of voice and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from classwatch.core.errors import InputError
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.speech import Word
from classwatch.core.time import intervals, normalise
from classwatch.simulate.script import Script, Utterance
from classwatch.simulate.sound.engine import VoiceEngine
from classwatch.simulate.sound.recordings import recorded
from classwatch.simulate.sound.signal import PAUSE_S, Samples, gain, level_speech, resample, voiced
from classwatch.simulate.sound.voices import PersonVoice, rng_of, voice_of
from classwatch.simulate.timeline import Spoken, people_of

SPEECH_RMS = 0.05
"""Level of a teacher's ordinary voice at one metre, on the scale of dry sound."""

_CHORUS_JITTER_S = 0.06
_CHORUS_LATEST_S = 0.25
_CHORUS_PACE, _CHORUS_RATE_SPREAD = 0.4, 0.02
_CHORUS_VOICE_DB = -6.0
"""In chorus each speaks lower than alone."""
_WORD_PAUSE_S = 0.04
"""Silences longer than this inside an utterance belong to no word."""


@dataclass(frozen=True, slots=True, eq=False)
class VoicePart:
    """What one person contributes: dry ``samples`` (n,) at 16 kHz from ``offset_s`` on."""

    person: str
    samples: Samples
    offset_s: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class SpokenSound:
    """An utterance as sound, one part per speaker, and its times. The first voice starts at 0."""

    parts: tuple[VoicePart, ...]
    spoken: Spoken


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """One voice's dry sound without silence at its ends, and its words on its own clock."""

    samples: Samples
    words: tuple[Word, ...]


@dataclass(slots=True)
class Speaker:
    """Speaks for everybody in a script.

    ``folder`` is where relative paths of recordings start, usually the script's. The engine is
    made when the first synthesised sentence needs it.
    """

    script: Script
    folder: Path = Path()
    engine: VoiceEngine | None = None
    voices: Mapping[str, PersonVoice] = field(init=False)

    def __post_init__(self) -> None:
        self.voices = {p.id: voice_of(p, self.script) for p in self.script.people}

    def phrase(
        self, text: str, language: str, voice: PersonVoice, rate_wpm: float | None = None
    ) -> Phrase | None:
        """``text`` synthesised in ``voice``; None where nothing can be heard.

        The engine speaks slower and lower by the tract factor and the sound is then resampled,
        which moves the formants up by its inverse and leaves rate and pitch as wanted.
        """
        raw = self._engine().speak(text, voice.voicing(language, rate_wpm))
        factor = SAMPLE_RATE_HZ / raw.rate_hz * voice.tract
        samples = resample(raw.samples, factor)
        return trimmed(samples, tuple(_scaled(w, voice.tract) for w in raw.words))

    def utterance(self, utterance: Utterance) -> SpokenSound:
        """One utterance. Raises InputError where nothing can be heard of it."""
        where = f"utterance {utterance.id}"
        people = people_of(self.script, utterance.speaker, where)
        phrases = {p: self._said(utterance, p, alone=len(people) == 1) for p in people}
        if len(people) == 1:
            return together(utterance, phrases, {people[0]: 0.0})
        rng = rng_of(self.script.seed, f"chorus:{utterance.id}")
        jitter = np.clip(rng.normal(0.0, _CHORUS_JITTER_S, len(people)), -1, _CHORUS_LATEST_S / 2)
        offsets = np.minimum(jitter - jitter.min(), _CHORUS_LATEST_S)
        return together(utterance, phrases, dict(zip(people, offsets.tolist(), strict=True)))

    def _said(self, utterance: Utterance, person: str, *, alone: bool) -> Phrase:
        voice = self.voices[person]
        language = utterance.language or self.script.language
        if voice.fixed.recordings:
            folder = self.folder / voice.fixed.recordings
            samples = recorded(folder, utterance.id, utterance.text)
            # A recorded voice is as it is, unless the script asks for another tract.
            samples = resample(samples, voice.fixed.tract or 1.0)
            phrase = trimmed(samples, ())
        else:
            rate_wpm = None if alone else self._chorus_rate(utterance, person, language)
            phrase = self.phrase(utterance.text, language, voice, rate_wpm)
        if phrase is None:
            raise InputError(
                f"utterance {utterance.id}: nothing can be heard of {utterance.text!r}",
                subject=self.script.lesson_id,
                remedy="write what is said in words",
            )
        level_db = voice.level_db + utterance.level_db + (0.0 if alone else _CHORUS_VOICE_DB)
        return Phrase(level_speech(phrase.samples, SPEECH_RMS * gain(level_db)), phrase.words)

    def _chorus_rate(self, utterance: Utterance, person: str, language: str) -> float:
        """In chorus all speak at about one pace, in the middle of the range."""
        rng = rng_of(self.script.seed, f"chorus:{utterance.id}:{person}")
        common = replace(self.voices[person], pace=_CHORUS_PACE)
        return common.rate_wpm(language) * (1.0 + _CHORUS_RATE_SPREAD * float(rng.normal()))

    def _engine(self) -> VoiceEngine:
        if self.engine is None:
            from classwatch.simulate.sound.espeak import EspeakEngine

            self.engine = EspeakEngine()
        return self.engine


def speak_all(
    script: Script, *, folder: Path = Path(), engine: VoiceEngine | None = None
) -> dict[str, SpokenSound]:
    """Every utterance of ``script`` spoken, by utterance id, in the script's order.

    ``resolve(script, {id: s.spoken ...})`` then gives the timeline. Raises InputError naming the
    utterance or the recording, ModelError where no voice engine is installed.
    """
    speaker = Speaker(script, folder, engine)
    return {u.id: speaker.utterance(u) for u in script.utterances}


def trimmed(samples: Samples, words: tuple[Word, ...]) -> Phrase | None:
    """Sound from the first to the last voiced frame, its words cut to where there is sound."""
    stretches = voiced(samples, _WORD_PAUSE_S)
    if not stretches:
        return None
    first, last = stretches[0][0], stretches[-1][1]
    edges = [((a - first) / SAMPLE_RATE_HZ, (b - first) / SAMPLE_RATE_HZ) for a, b in stretches]
    start_s = first / SAMPLE_RATE_HZ
    moved = [Word(w.start_s - start_s, w.end_s - start_s, w.text) for w in words]
    cut = tuple(c for w in moved if (c := _heard(w, edges)) is not None)
    return Phrase(samples[first:last], cut)


def together(
    utterance: Utterance, phrases: Mapping[str, Phrase], offsets_s: Mapping[str, float]
) -> SpokenSound:
    """The voices of one utterance, each from its own offset; ``voiced`` is their union."""
    parts, spans = [], []
    for person, phrase in phrases.items():
        offset_s = round(offsets_s[person], 3)
        parts.append(VoicePart(person, phrase.samples, offset_s))
        for first, last in voiced(phrase.samples):
            spans.append((offset_s + first / SAMPLE_RATE_HZ, offset_s + last / SAMPLE_RATE_HZ))
    joined = normalise(intervals(spans), join_gap_s=PAUSE_S)
    stretches = tuple((round(a, 3), round(b, 3)) for a, b in joined.tolist())
    duration_s = max(p.offset_s + len(p.samples) / SAMPLE_RATE_HZ for p in parts)
    words = _mean_words([_moved(phrases[p.person].words, p.offset_s) for p in parts])
    return SpokenSound(tuple(parts), Spoken(round(duration_s, 3), stretches, words))


def _scaled(word: Word, factor: float) -> Word:
    return Word(word.start_s * factor, word.end_s * factor, word.text)


def _moved(words: tuple[Word, ...], by_s: float) -> tuple[Word, ...]:
    return tuple(Word(w.start_s + by_s, w.end_s + by_s, w.text) for w in words)


def _heard(word: Word, stretches: list[tuple[float, float]]) -> Word | None:
    """The word without silence before and after it; None where nothing of it is heard.

    The engine counts a pause behind a word to the word.
    """
    inside = [
        (max(a, word.start_s), min(b, word.end_s))
        for a, b in stretches
        if min(b, word.end_s) - max(a, word.start_s) > 0.01
    ]
    return Word(inside[0][0], inside[-1][1], word.text) if inside else None


def _mean_words(voices: list[tuple[Word, ...]]) -> tuple[Word, ...]:
    """Each word at the mean of its times over the voices; none where they disagree on the words."""
    texts = [w.text for w in voices[0]]
    if any([w.text for w in words] != texts for words in voices):
        return ()
    means = []
    for same in zip(*voices, strict=True):
        start_s = round(float(np.mean([w.start_s for w in same])), 3)
        end_s = round(float(np.mean([w.end_s for w in same])), 3)
        means.append(Word(start_s, max(start_s, end_s), same[0].text))
    return tuple(means)
