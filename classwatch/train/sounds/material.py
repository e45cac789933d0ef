"""Real voices, rooms and noises that mixed lessons are made of, split so that nothing is shared.

Every recording is on one side only: what a model is fitted on is never what it is scored on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.time import (
    Interval,
    Intervals,
    complement,
    intersect,
    intervals,
    normalise,
)
from classwatch.exchange.rttm import read_rttm
from classwatch.simulate.sound.recordings import read_sound
from classwatch.simulate.sound.signal import Samples, fade, level_speech, resample, voiced

Side = Literal["train", "test"]
_SPEECH, _ROOMS = "speech", "noise_rir"
_VOICES: dict[Side, dict[str, tuple[str, ...]]] = {
    "train": {
        "michael": ("mfa/wav/acoustic_corpus.wav", "mfa/wav/cold_corpus.wav"),
        "spk1": tuple(f"speechbrain/ASR/spk1_snt{n}.wav" for n in range(1, 7)),
        "wenet-en": ("mandarin_wenet/librispeech-1995-1837-0001.wav",),
        "wenet-long": ("mandarin_wenet/long.wav",),
        "funasr": ("mandarin_funasr/asr_example.wav",),
        "sweden": tuple(f"mfa/wav/se10x016-08071999-1334_u001600{n}.wav" for n in range(1, 5)),
        "mary": ("praatio/mary.wav",),
        "vctk": ("../noise_rir/audiomentations/p286_011.wav",),
    },
    "test": {
        "spk2": tuple(f"speechbrain/ASR/spk2_snt{n}.wav" for n in range(1, 7)),
        "aishell": ("mandarin_wenet/aishell-BAC009S0724W0121.wav",),
        "wenet-mid": ("mandarin_wenet/mid.wav",),
        "example5": ("speechbrain/single-mic/example5.wav",),
        "bobby": ("praatio/bobby_16bit_16khz.wav",),
        "nasa": ("mfa/wav/61-70968-0000.flac",),
        "funasr-sample": ("mandarin_funasr/sample.wav",),
    },
}
_RTTM: dict[Side, tuple[tuple[str, str, str], ...]] = {
    # Meetings: recording, RTTM, name in it. Their own VAD and DER are scored elsewhere.
    "train": (),
    "test": (("pyannote_sample/sample.wav", "pyannote_sample/sample.rttm", "sample"),),
}
_RESPONSES: dict[Side, tuple[str, ...]] = {
    "train": (
        "speechbrain/RIRs/rir1.wav",
        "speechbrain/RIRs/rir2.wav",
        "audiomentations/ir/impulse_response_0.wav",
    ),
    "test": (
        "speechbrain/RIRs/rir3.wav",
        "speechbrain/RIRs/rir4.wav",
        "audiomentations/ir/rir48000.wav",
    ),
}
_NOISES: dict[Side, tuple[str, ...]] = {
    "train": (
        *(f"speechbrain/noise/noise{n}.wav" for n in (1, 2, 4)),
        "audiomentations/short_noises/friction0.wav",
        "audiomentations/short_noises/130921_laptopmic-dell_tap_channel0_chunk200_aug0.wav",
    ),
    "test": (
        *(f"speechbrain/noise/noise{n}.wav" for n in (3, 5)),
        "audiomentations/short_noises/friction1.wav",
        "audiomentations/short_noises/130921_laptopmic-dell_tap_channel0_chunk204_aug3.wav",
        "audiomentations/short_noises/130921_iPhone_rub_channel0_chunk83_aug2.wav",
        "audiomentations/tap.wav",
    ),
}
_MUSIC: dict[Side, tuple[str, ...]] = {
    "train": (),
    "test": ("audiomentations/acoustic_guitar_0.wav",),
}
_SHORTEST_S, _LONGEST_S = 0.8, 7.0
_PAUSE_S = 0.25
_FRAME_S, _SMOOTH = 0.01, 5
_DIGITAL_SILENCE = 1e-12
_ABOVE_NOISE_DB = 8.0
_RMS = 0.05
_DIRECT_S = 0.003
_SPREAD = 0.12


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Dry sounds at 16 kHz: phrases of each voice, room responses, noises and music.

    ``spread`` is how much a lesson may raise or lower any voice, as a share.
    """

    voices: dict[str, tuple[Samples, ...]]
    responses: tuple[Samples, ...]
    noises: tuple[Samples, ...]
    music: tuple[Samples, ...]
    spread: float = 0.0


def load_material(data: Path, side: Side) -> Material:
    """The material of one side; ``data`` holds the folders ``speech`` and ``noise_rir``.

    Raises InputError where a recording is not there.
    """
    speech, rooms = data / _SPEECH, data / _ROOMS
    voices = {
        name: tuple(p for path in paths for p in phrases(read_sound(speech / path)))
        for name, paths in _VOICES[side].items()
    }
    for sound, rttm, name in _RTTM[side]:
        voices |= _of_meeting(read_sound(speech / sound), speech / rttm, name)
    return Material(
        {name: own for name, own in voices.items() if own},
        tuple(_response(read_sound(rooms / path)) for path in _RESPONSES[side]),
        tuple(read_sound(rooms / path) for path in _NOISES[side]),
        tuple(read_sound(rooms / path) for path in _MUSIC[side]),
        _SPREAD if side == "train" else 0.0,
    )


def phrases(samples: Samples) -> Iterator[Samples]:
    """Phrases of 0.8 to 7 s between pauses, all equally loud.

    Pauses of a recording hold its own noise, which ``voiced`` takes for sound where a recording is
    noisy: they are silenced, or they would count as talk that nobody can hear.
    """
    spoken = _without_noise(samples)
    for first, last in voiced(samples, _PAUSE_S):
        pieces = max(1, math.ceil((last - first) / (_LONGEST_S * SAMPLE_RATE_HZ)))
        bounds = np.linspace(first, last, pieces + 1).round().astype(int)
        for a, b in pairwise(bounds.tolist()):
            if b - a >= _SHORTEST_S * SAMPLE_RATE_HZ and spoken[a:b].any():
                yield fade(level_speech(spoken[a:b], _RMS), 0.01)


def _without_noise(samples: Samples) -> Samples:
    """The same length with zeros in pauses: over 0.25 s less than 8 dB above the quietest.

    The quietest is what a twentieth of all stretches of 50 ms stay below.
    """
    frame = round(_FRAME_S * SAMPLE_RATE_HZ)
    count = len(samples) // frame
    power = np.square(samples[: count * frame], dtype=np.float64).reshape(count, frame).mean(1)
    smooth = np.convolve(power, np.full(_SMOOTH, 1.0 / _SMOOTH), mode="same")
    heard = smooth[power > _DIGITAL_SILENCE]
    if len(heard) == 0:
        return samples
    loud = np.flatnonzero(smooth >= np.percentile(heard, 5) * 10 ** (_ABOVE_NOISE_DB / 10))
    frames = intervals((at * _FRAME_S, (at + 1) * _FRAME_S) for at in loud.tolist())
    gated = np.zeros_like(samples)
    for start_s, end_s in normalise(frames, join_gap_s=_PAUSE_S).tolist():
        a, b = round(start_s * SAMPLE_RATE_HZ), round(end_s * SAMPLE_RATE_HZ)
        gated[a:b] = fade(samples[a:b], _FRAME_S)
    return gated


def raised(samples: Samples, share: float) -> Samples:
    """The voice of somebody smaller: pitch and formants ``share`` higher, and as much faster.

    The share is rounded to a ratio of small numbers, which keeps the filter short.
    """
    return resample(samples, float(Fraction(1.0 / (1.0 + share)).limit_denominator(24)))


def _of_meeting(samples: Samples, rttm: Path, name: str) -> dict[str, tuple[Samples, ...]]:
    """Phrases of each speaker of a meeting where nobody else talks."""
    own: dict[str, list[tuple[float, float]]] = {}
    for turn in read_rttm(rttm)[name]:
        own.setdefault(turn.speaker, []).append((turn.start_s, turn.end_s))
    span = Interval(0.0, len(samples) / SAMPLE_RATE_HZ)
    found: dict[str, tuple[Samples, ...]] = {}
    for speaker, pairs in sorted(own.items()):
        rest = [p for other, theirs in own.items() if other != speaker for p in theirs]
        free = complement(intervals(rest), span)
        found[speaker] = tuple(
            phrase
            for a, b in _both(normalise(intervals(pairs)), free)
            for phrase in phrases(samples[a:b])
        )
    return found


def _both(left: Intervals, right: Intervals) -> Iterator[tuple[int, int]]:
    for start_s, end_s in intersect(left, right).tolist():
        yield round(start_s * SAMPLE_RATE_HZ), round(end_s * SAMPLE_RATE_HZ)


def _response(samples: Samples) -> Samples:
    """From the direct sound on, with a direct sound of energy 1."""
    first = max(0, int(np.abs(samples).argmax()) - 8)
    cut = samples[first : first + SAMPLE_RATE_HZ]
    direct = cut[: round(_DIRECT_S * SAMPLE_RATE_HZ)]
    scaled: Samples = (cut / np.sqrt(np.square(direct, dtype=np.float64).sum())).astype(np.float32)
    return scaled
