"""Whether a recording can carry conclusions about who talks: each rule, its value and its limit.

Gates look at what the microphone heard and never change it. One that fails becomes an ``Issue``
whose detail holds the value and the limit, which the report shows in a sentence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classwatch.core.issues import Issue, Severity
from classwatch.core.measures import Gate
from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.speech import STUDENT_ROLES, SpeechActivity, Turn
from classwatch.core.time import Intervals, contains, intervals
from classwatch.speech.sound import Sound

STAGE = "roles"
MIN_SNR_DB = 10.0
"""Below it voices are told apart badly; below ``metrics.min_snr_db`` talk is not measured."""
MAX_CLIPPED = 0.001
MIN_STUDENT_DB = 6.0
MAX_DECAY_S = 1.2
MAX_ECHO = 0.15
MAX_COMB = 0.45
_SEGMENT_S = 2.0
_MOST_SEGMENTS = 120
_COMB_S = (0.0015, 0.03)
_ECHO_S = (0.03, 0.35)
_DECAY_FRAME_S = 0.01
_MOST_ENDS = 200
_FALL_S = 0.5
_LEAST_FALL_DB = 4.0


@dataclass(frozen=True, slots=True)
class _Finding:
    """How a failed gate is told: English message with ``{value}`` and ``{limit}``, and remedy."""

    code: str
    message: str
    remedy: str


_FINDINGS = {
    "snr": _Finding(
        "roles.noisy",
        "speech is only {value:.1f} dB above the noise of the room (rule: at least {limit:g} dB); "
        "voices may be confused",
        "place the microphone nearer to the speakers, or away from fans",
    ),
    "clipping": _Finding(
        "roles.clipped",
        "{value:.2%} of the samples are at full scale (rule: at most {limit:.1%}); the sound is "
        "distorted",
        "lower the recording level",
    ),
    "students": _Finding(
        "roles.students_faint",
        "students are only {value:.1f} dB above the noise (rule: at least {limit:g} dB); more of "
        "them may have spoken than was heard",
        "place a microphone nearer to the students",
    ),
    "decay": _Finding(
        "roles.reverberant",
        "the room rings for about {value:.1f} s (rule: at most {limit:g} s); ends of talk and "
        "pauses are blurred",
        "record nearer to the speakers, or in a furnished room",
    ),
    "echo": _Finding(
        "roles.echo",
        "the sound holds a delayed copy of itself (strength {value:.2f}, rule: at most {limit:g})",
        "mute the loudspeaker of a video call, or record one microphone only",
    ),
    "microphones": _Finding(
        "roles.several_microphones",
        "the sound is like a mono mix of several microphones (strength {value:.2f}, rule: at most "
        "{limit:g}); distance and timbre tell less about who talks",
        "record the microphones as separate channels",
    ),
}


def sound_gates(audio: Sound, activity: SpeechActivity) -> tuple[Gate, ...]:
    """Every gate on the recording; a value of None could not be measured and passes."""
    comb, echo = copies(audio, activity.speech)
    gap_db = _finite(float(activity.speech_db) - float(activity.noise_db))
    return (
        _least("snr", gap_db, MIN_SNR_DB, "speech against the noise of the room, dB"),
        _most("clipping", activity.clipped_share, MAX_CLIPPED, "share of samples at full scale"),
        _most("decay", decay_s(audio, activity), MAX_DECAY_S, "time to fall by 60 dB, s"),
        _most("echo", echo, MAX_ECHO, "strength of a copy 30 to 350 ms late"),
        _most("microphones", comb, MAX_COMB, "strength of a copy 1.5 to 30 ms late"),
    )


def turn_gate(activity: SpeechActivity, turns: tuple[Turn, ...]) -> Gate:
    """Whether students are loud enough to be counted; passes where none is heard."""
    return _least("students", student_level(activity, turns), MIN_STUDENT_DB, "students, dB")


def gate_issues(gates: tuple[Gate, ...]) -> tuple[Issue, ...]:
    """A warning for every gate that failed, with its value and limit."""
    found = []
    for gate in gates:
        if gate.passed or gate.value is None:
            continue
        told = _FINDINGS[gate.id]
        found.append(
            Issue(
                code=told.code,
                severity=Severity.WARNING,
                stage=STAGE,
                message=told.message.format(value=gate.value, limit=gate.limit),
                remedy=told.remedy,
                detail={"value": round(gate.value, 4), "limit": gate.limit},
            )
        )
    return tuple(found)


def student_level(activity: SpeechActivity, turns: tuple[Turn, ...]) -> float | None:
    """Median level of students' turns above the noise in dB; None without such turns or floor."""
    step_s = activity.level_step_s
    own = intervals((t.start_s, t.end_s) for t in turns if t.role in STUDENT_ROLES)
    middle_s = (np.arange(len(activity.level_db), dtype=np.float64) + 0.5) * step_s
    heard = activity.level_db[contains(own, middle_s) & contains(activity.speech, middle_s)]
    if not len(heard):
        return None
    return _finite(float(np.median(heard)) - float(activity.noise_db))


def copies(audio: Sound, speech: Intervals) -> tuple[float | None, float | None]:
    """Strength of a copy of the sound within itself, after 1.5 to 30 ms and after 30 to 350 ms.

    A copy ``a`` times as strong and ``t`` later puts ripples on the logarithm of the spectrum,
    always in the same place, and so a peak of height ``a`` at ``t`` into the cepstrum of its mean
    (Bogert, Healy and Tukey 1963); pitch moves and averages out. None with under 10 s of speech.
    """
    size = round(_SEGMENT_S * SAMPLE_RATE_HZ)
    total, count = np.zeros(size + 1), 0
    for start_s in _segments(speech):
        samples = audio.read(start_s, start_s + _SEGMENT_S)
        if len(samples) < size:
            continue
        power = np.square(np.abs(np.fft.rfft(samples * np.hanning(size), 2 * size)))
        total += np.log(power + 1e-9 * power.mean() + 1e-20)
        count += 1
    if count < 10:
        return None, None
    cepstrum = np.fft.irfft(total / count)
    return _peak(cepstrum, *_COMB_S), _peak(cepstrum, *_ECHO_S)


def _segments(speech: Intervals) -> list[float]:
    """Starts of at most ``_MOST_SEGMENTS`` stretches that begin in speech, spread over all."""
    starts = [float(s) for start_s, end_s in speech for s in np.arange(start_s, end_s, _SEGMENT_S)]
    every = max(1, len(starts) // _MOST_SEGMENTS)
    return starts[::every][:_MOST_SEGMENTS]


def _peak(cepstrum: NDArray[np.float64], low_s: float, high_s: float) -> float:
    """Highest single peak over what surrounds it: a pitch leaves a hill, a copy leaves a needle."""
    first, last = round(low_s * SAMPLE_RATE_HZ), round(high_s * SAMPLE_RATE_HZ)
    part = cepstrum[first - 16 : last + 16]
    around = np.lib.stride_tricks.sliding_window_view(part, 33)
    return float((part[16:-16] - np.median(around, axis=1)).max())


def decay_s(audio: Sound, activity: SpeechActivity) -> float | None:
    """Time in which sound falls by 60 dB, from how it falls after speech ends.

    The median over ends of speech that half a second of silence follows of the slope from 5 dB
    below the last peak to 20 dB below it, or as far as the noise lets it be seen. Voices fade by
    themselves, so this is an upper estimate; None with fewer than five such ends.
    """
    found = [
        slope
        for end_s in _ends(activity.speech)
        if (slope := _fall(audio, end_s, float(activity.noise_db))) is not None
    ]
    return float(60.0 / np.median(found)) if len(found) >= 5 else None


def _ends(speech: Intervals) -> list[float]:
    last = [float(a[1]) for a, b in pairwise(speech) if b[0] - a[1] >= _FALL_S]
    return last[:: max(1, len(last) // _MOST_ENDS)]


def _fall(audio: Sound, end_s: float, noise_db: float) -> float | None:
    """Slope in dB per second of the fall after a stretch of speech; None where noise hides it."""
    samples = audio.read(max(0.0, end_s - 0.2), end_s + _FALL_S).astype(np.float64)
    hop = round(_DECAY_FRAME_S * SAMPLE_RATE_HZ)
    frames = np.square(samples[: len(samples) // hop * hop].reshape(-1, hop)).mean(axis=1)
    if len(frames) < 20:
        return None
    level = 10 * np.log10(frames + 1e-12)
    level = level[int(level[:30].argmax()) :]
    floor_db = noise_db if math.isfinite(noise_db) else -90.0
    below = np.flatnonzero(level < level[0] - 5)
    low = np.flatnonzero(level < max(level[0] - 20, floor_db + 3))
    first = int(below[0]) if len(below) else len(level)
    last = int(low[0]) if len(low) else len(level) - 1
    drop_db = level[first] - level[last] if last > first else 0.0
    return float(drop_db / ((last - first) * _DECAY_FRAME_S)) if drop_db >= _LEAST_FALL_DB else None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _least(gate: str, value: float | None, limit: float, what: str) -> Gate:
    return Gate(gate, value, limit, value is None or value >= limit, f"{what}: at least {limit:g}")


def _most(gate: str, value: float | None, limit: float, what: str) -> Gate:
    return Gate(gate, value, limit, value is None or value <= limit, f"{what}: at most {limit:g}")
