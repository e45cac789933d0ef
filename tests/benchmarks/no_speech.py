"""How much speech is heard where nobody speaks: ``python -m tests.benchmarks.no_speech DATA``.

Silence, noise of a room, recorded noises, music, chairs, doors, paper, a bell and applause, 60
minutes by default, none of the recordings seen in fitting. Prints the share of time that voice
activity detection alone calls speech, and what the kinds of sound leave of it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from classwatch.config.schema import VadConfig
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.time import total_s
from classwatch.simulate.script import NoiseKind
from classwatch.simulate.sound.noises import add_steady_noise, music, short_noise
from classwatch.simulate.sound.signal import Samples, gain, level_speech
from classwatch.speech.sound_classes import classify_sounds, speech_by_sound
from classwatch.speech.vad import detect_speech
from classwatch.train.sounds.fit import Held
from classwatch.train.sounds.material import Material, load_material
from classwatch.train.sounds.mixed import applause

_RMS = 0.05
_PIECE_S = 12.0


def without_speech(material: Material, minutes: float, seed: int = 5) -> Samples:
    """``minutes`` of sound in which nobody speaks; the same seed gives the same samples."""
    rng = np.random.default_rng([seed, 404])
    count = round(_PIECE_S * SAMPLE_RATE_HZ)
    pieces: list[Samples] = []
    for _ in range(round(minutes * 60 / _PIECE_S)):
        piece = _piece(material, rng)[:count]
        level = np.float32(gain(float(rng.uniform(-25.0, 0.0))))
        pieces.append(np.pad(piece * level, (0, count - len(piece))).astype(np.float32))
    track = np.concatenate(pieces)
    add_steady_noise(track, _RMS * gain(-30.0), rng)
    return track


def _piece(material: Material, rng: np.random.Generator) -> Samples:
    kind = int(rng.integers(6))
    if kind == 0:
        return np.zeros(round(_PIECE_S * SAMPLE_RATE_HZ), np.float32)
    if kind == 1:
        own = material.noises[int(rng.integers(len(material.noises)))]
        return level_speech(own, _RMS)
    if kind == 2:
        return level_speech(music(_PIECE_S, rng), _RMS)
    if kind == 3 and material.music:
        return level_speech(material.music[0], _RMS)
    if kind == 4:
        return applause(float(rng.uniform(3.0, 9.0)), rng)
    kinds = tuple(NoiseKind)
    made = [short_noise(kinds[int(rng.integers(len(kinds)))], rng, _RMS) for _ in range(8)]
    return np.concatenate(made)


def shares(samples: Samples) -> tuple[float, float]:
    """Share of time that is called speech: by detection alone, and with the kinds of sound."""
    audio = Held(samples)
    alone = detect_speech(audio, VadConfig())
    checked = speech_by_sound(alone, classify_sounds(audio, alone))
    return total_s(alone.speech) / audio.duration_s, total_s(checked.speech) / audio.duration_s


def main() -> None:
    """Print both shares."""
    parser = argparse.ArgumentParser(description="Speech heard where nobody speaks.")
    parser.add_argument("data", type=Path, help="folder with speech/ and noise_rir/")
    parser.add_argument("--minutes", type=float, default=60.0)
    options = parser.parse_args()
    samples = without_speech(load_material(options.data, "test"), options.minutes)
    alone, checked = shares(samples)
    print(f"detection alone {alone:.2%}, with kinds of sound {checked:.2%}")


if __name__ == "__main__":
    main()
