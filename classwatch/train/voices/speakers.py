"""Thousands of speakers: espeak-ng's voices bent every way, and real voices raised and lowered.

Of every speaker a few utterances are kept as filter banks, each heard in a room, a noise and at
a place of its own, so that only the voice stays the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.core.errors import ModelError
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.simulate.sound.engine import VoiceEngine, Voicing
from classwatch.simulate.sound.signal import Samples, gain, level_speech, resample, rms
from classwatch.speech.recognisers.fbank import POVEY, filter_banks
from classwatch.train.sounds.material import Material

UTTERANCES = 5
"""Utterances of each speaker."""
LEAST_S, MOST_S = 0.8, 4.0
WARPS = 14
"""Speakers made of each real voice."""
_SHARD = 40
_RMS = 0.05
_FILTER_TAPS = 255
_UNLIKE_PEOPLE = ("obot", "robosoft", "whisper", "croak", "fast", "Demonic", "Tweaky")
_LANGUAGES = ("cmn", "cmn", "en-us", "nl", "de", "es", "it", "fr", "pl", "pt", "sv")
_HANZI = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过"
    "发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本"
    "前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很"
)
_ONSETS = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "st", "tr", "")
_VOWELS = ("a", "e", "i", "o", "u", "ai", "au", "ei")
_CODAS = ("", "", "", "n", "l", "s", "r", "t", "m")


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Utterances as filter banks: ``frames`` (k, bands) float16 one after the other, ``edges``
    (n + 1,) where each begins, ``speaker`` (n,) whose it is."""

    frames: NDArray[np.float16]
    edges: NDArray[np.int64]
    speaker: NDArray[np.int64]

    def utterance(self, at: int) -> NDArray[np.float32]:
        """Frames (k, bands) of one utterance."""
        return self.frames[self.edges[at] : self.edges[at + 1]].astype(np.float32)


def make_speakers(engine: VoiceEngine, material: Material, folder: Path, made: int) -> Heard:
    """``made`` synthetic speakers and ``WARPS`` of every real voice, from ``folder`` where they
    are there already; what an interrupted run left is taken up."""
    folder.mkdir(parents=True, exist_ok=True)
    real = sorted(material.voices)
    count = made + WARPS * len(real)
    parts = []
    for first in range(0, count, _SHARD):
        path = folder / f"speakers-{made}-{first:05d}.npz"
        if not path.is_file():
            last = min(first + _SHARD, count)
            said = {k: list(_speaker(engine, material, k, made)) for k in range(first, last)}
            _write(path, said)
            print(f"{last} of {count} speakers", flush=True)
        parts.append(_read(path))
    return _joined(parts)


def banks_of(samples: Samples) -> NDArray[np.float32]:
    """Filter banks (k, 80) as our port for 3D-Speaker's networks makes them, level kept."""
    return filter_banks(samples, 1.0, POVEY)


def _speaker(engine: VoiceEngine, material: Material, k: int, made: int) -> Iterator[Samples]:
    rng = np.random.default_rng([k, 31_337])
    dry = _made(engine, rng) if k < made else _bent(material, k - made, rng)
    for samples in dry:
        yield heard_somewhere(samples, material, rng)


def _made(engine: VoiceEngine, rng: np.random.Generator) -> Iterator[Samples]:
    """Utterances of a synthetic speaker: variant, pitch, tract and the tilt of the voice."""
    variant = str(rng.choice(people_variants()))
    language = str(rng.choice(_LANGUAGES))
    pitch, tract = int(rng.integers(10, 95)), float(rng.uniform(0.78, 1.22))
    rate = int(rng.integers(130, 260))
    own = rng.normal(0.0, 2.0, 12)
    for _ in range(UTTERANCES):
        moved = int(np.clip(pitch + rng.normal(0, 4), 0, 99))
        voicing = Voicing(language, variant, moved, round(rate * float(rng.uniform(0.9, 1.1))))
        spoken = engine.speak(_text(language, rng), voicing)
        factor = SAMPLE_RATE_HZ / spoken.rate_hz * tract
        yield _coloured(resample(spoken.samples, factor), own)


def _bent(material: Material, k: int, rng: np.random.Generator) -> Iterator[Samples]:
    """Phrases of a real voice made higher or lower: the k-th of all."""
    names = sorted(material.voices)
    own = material.voices[names[k // WARPS]]
    steps = np.linspace(0.78, 1.25, WARPS)
    colour = rng.normal(0.0, 1.5, 12)
    order = rng.permutation(len(own))[: 2 * UTTERANCES]
    for at in order.tolist():
        yield _coloured(resample(own[at], float(np.round(steps[k % WARPS], 2))), colour)


def people_variants() -> tuple[str, ...]:
    """Variants of espeak-ng's voices that sound like somebody.

    Raises ``ModelError`` without the package that carries them.
    """
    try:
        import espeakng_loader
    except ImportError as error:
        raise ModelError(
            "the voice engine is not installed",
            subject="espeak-ng",
            remedy='pip install "classwatch[sim]"',
        ) from error
    names = sorted(p.name for p in (Path(espeakng_loader.get_data_path()) / "voices/!v").iterdir())
    return tuple(n for n in names if not any(odd in n for odd in _UNLIKE_PEOPLE))


def _text(language: str, rng: np.random.Generator) -> str:
    if language == "cmn":
        return "".join(str(c) for c in rng.choice(list(_HANZI), int(rng.integers(6, 14))))
    words = []
    for _ in range(int(rng.integers(4, 9))):
        syllables = range(int(rng.integers(1, 4)))
        words.append("".join(_syllable(rng) for _ in syllables))
    return " ".join(words)


def _syllable(rng: np.random.Generator) -> str:
    return "".join(str(rng.choice(part)) for part in (_ONSETS, _VOWELS, _CODAS))


def _coloured(samples: Samples, levels_db: NDArray[np.float64]) -> Samples:
    """Through a filter with these levels at points even on the mel scale."""
    from scipy.signal import fftconvolve, firwin2

    mel = np.linspace(0.0, 2595.0 * np.log10(1.0 + 8000.0 / 700.0), len(levels_db))
    hz = 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
    hz[-1] = SAMPLE_RATE_HZ / 2
    taps = firwin2(_FILTER_TAPS, hz, [gain(float(v)) for v in levels_db], fs=SAMPLE_RATE_HZ)
    passed: Samples = fftconvolve(samples, taps, mode="same").astype(np.float32)
    return passed


def heard_somewhere(dry: Samples, material: Material, rng: np.random.Generator) -> Samples:
    """A dry utterance in some room, over some noise; at most ``MOST_S``."""
    from scipy.signal import fftconvolve

    if len(dry) < LEAST_S * SAMPLE_RATE_HZ:
        dry = np.resize(dry, round(LEAST_S * SAMPLE_RATE_HZ)) if len(dry) else _silence()
    dry = dry[: round(MOST_S * SAMPLE_RATE_HZ)]
    wet = fftconvolve(level_speech(dry, _RMS), _response(material, rng)).astype(np.float32)
    wet = wet[: len(dry)]
    noise = material.noises[int(rng.integers(len(material.noises)))]
    if rng.uniform() < 0.5:
        noise = rng.standard_normal(len(wet)).astype(np.float32)
        noise = _coloured(noise, np.linspace(0.0, -float(rng.uniform(0, 30)), 12))
    start = int(rng.integers(max(1, len(noise) - len(wet))))
    under = np.resize(noise[start:], len(wet))
    level = rms(wet) * gain(-float(rng.uniform(8.0, 38.0))) / max(rms(under), 1e-9)
    mixed: Samples = (wet + under * np.float32(level)).astype(np.float32)
    return mixed


def _silence() -> Samples:
    return np.zeros(round(LEAST_S * SAMPLE_RATE_HZ), np.float32)


def _response(material: Material, rng: np.random.Generator) -> Samples:
    """A measured room response, or noise that dies away; the speaker more or less near."""
    if rng.uniform() < 0.5:
        way = material.responses[int(rng.integers(len(material.responses)))].copy()
    else:
        length_s = float(rng.uniform(0.15, 0.8))
        time_s = np.arange(round(length_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
        tail = rng.standard_normal(len(time_s)) * np.exp(-6.9 * time_s / length_s)
        way = (tail / np.sqrt(np.square(tail).sum())).astype(np.float32)
        way[0] = 1.0
    way[round(0.003 * SAMPLE_RATE_HZ) :] *= np.float32(gain(float(rng.uniform(-15.0, 2.0))))
    return way


def _write(path: Path, said: dict[int, list[Samples]]) -> None:
    pieces = [(k, banks_of(samples)) for k, own in said.items() for samples in own]
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez(
            file,
            frames=np.concatenate([banks for _, banks in pieces]).astype(np.float16),
            edges=np.cumsum([0, *(len(banks) for _, banks in pieces)]),
            speaker=np.array([k for k, _ in pieces]),
        )
    part.replace(path)


def _read(path: Path) -> Heard:
    with np.load(path) as held:
        return Heard(held["frames"], held["edges"], held["speaker"])


def _joined(parts: list[Heard]) -> Heard:
    starts = np.cumsum([0, *(len(p.frames) for p in parts)])
    edges = [p.edges[:-1] + start for p, start in zip(parts, starts[:-1], strict=True)]
    return Heard(
        np.concatenate([p.frames for p in parts]),
        np.concatenate([*edges, starts[-1:]]),
        np.concatenate([p.speaker for p in parts]),
    )
