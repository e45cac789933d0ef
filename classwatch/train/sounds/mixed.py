"""Lessons mixed from real voices in real rooms, with exact truth of who makes which sound.

``python -m classwatch.train.sounds.mixed DATA --out FOLDER`` writes recordings and RTTM of
held-out voices for ``classwatch eval``. The teacher is one voice near the microphone; pupils are
other voices raised by 15 to 35 percent, farther away and quieter; a chorus is one sentence said by
many of them almost together; a second adult and a loudspeaker have voices of their own.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from classwatch.core.media import SAMPLE_RATE_HZ
from classwatch.core.speech import Origin, SoundKind, SpeakerRole, Turn
from classwatch.core.time import Interval, intervals, normalise
from classwatch.exchange.rttm import rttm_text, uem_text
from classwatch.simulate.script import NoiseKind
from classwatch.simulate.sound.noises import add_steady_noise, music, short_noise
from classwatch.simulate.sound.signal import Samples, band, gain, level_speech, voiced
from classwatch.simulate.wav import write_wav
from classwatch.train.sounds.material import Material, Side, load_material, raised

_RMS = 0.05
_JOIN_S = 0.3
_ROLES = {
    SoundKind.CHORUS: SpeakerRole.CHORAL,
    SoundKind.BABBLE: SpeakerRole.STUDENTS,
    SoundKind.PLAYBACK: SpeakerRole.PLAYBACK,
}
_PLANS = {
    "teach": (("teach", 6), ("ask", 3), ("chorus", 1), ("pause", 1)),
    "talk": (("ask", 7), ("teach", 2), ("chorus", 2)),
    "work": (("ask", 2), ("group", 3), ("pause", 2), ("noise", 2), ("teach", 1)),
    "drill": (("chorus", 6), ("ask", 1), ("teach", 1), ("group", 1)),
    "show": (("play", 5), ("teach", 1), ("ask", 1), ("noise", 1), ("chorus", 1)),
}


@dataclass(frozen=True, slots=True)
class Sounding:
    """A stretch of one kind of sound, ``speaker`` "" where it is nobody in particular."""

    start_s: float
    end_s: float
    kind: SoundKind
    role: SpeakerRole | None = None
    speaker: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class MixedLesson:
    """A made lesson: mono sound (n,) at 16 kHz and all that sounds in it, by start."""

    samples: Samples
    sounds: tuple[Sounding, ...]

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Turns with roles: what a perfect analysis would find."""
        spans: dict[tuple[str, SpeakerRole], list[tuple[float, float]]] = {}
        for s in self.sounds:
            if s.role is not None:
                spans.setdefault((s.speaker, s.role), []).append((s.start_s, s.end_s))
        made = [
            Turn(start_s, end_s, role, speaker, 1.0, Origin.ANNOTATED)
            for (speaker, role), pairs in spans.items()
            for start_s, end_s in normalise(intervals(pairs), join_gap_s=_JOIN_S).tolist()
        ]
        return tuple(sorted(made, key=lambda t: (t.start_s, t.end_s, t.speaker)))


@dataclass(slots=True)
class _Desk:
    """The lesson so far: where the clock stands, what was added, and who the people are."""

    material: Material
    rng: np.random.Generator
    length_s: float
    clock_s: float = 0.5
    parts: list[tuple[int, Samples]] = field(default_factory=list)
    sounds: list[Sounding] = field(default_factory=list)
    response: Samples = field(init=False)
    teacher: str = field(init=False)
    adult: str = field(init=False)
    speaker: str = field(init=False)
    loudspeaker_hz: tuple[float, float] = field(init=False)
    tuned: dict[str, float] = field(default_factory=dict)
    """How much each voice is raised in this lesson, so that few voices make many."""
    pupils: tuple[tuple[str, float, float], ...] = field(init=False)
    """Voice, how much it is raised, and its level against the teacher in dB."""

    def __post_init__(self) -> None:
        rng = self.rng
        names = list(self.material.voices)
        plenty = [n for n in names if sum(map(len, self.material.voices[n])) > 4 * SAMPLE_RATE_HZ]
        self.teacher = str(rng.choice(plenty))
        others = [n for n in names if n != self.teacher]
        self.adult, self.speaker = (str(n) for n in rng.choice(others, 2, replace=False))
        seats = rng.integers(0, len(others), int(rng.integers(5, 12)))
        self.pupils = tuple(
            (others[int(k)], float(rng.uniform(0.15, 0.35)), float(rng.uniform(-12.0, -3.0)))
            for k in seats
        )
        spread = self.material.spread
        self.tuned = {name: float(rng.uniform(-spread, spread)) for name in names}
        self.loudspeaker_hz = (float(rng.uniform(150, 400)), float(rng.uniform(3400, 6000)))
        self.response = self.material.responses[int(rng.integers(len(self.material.responses)))]

    def phrase(self, voice: str, most_s: float = 7.0) -> Samples:
        """One phrase of a voice, cut to ``most_s``."""
        own = self.material.voices[voice]
        said = own[int(self.rng.integers(len(own)))][: round(most_s * SAMPLE_RATE_HZ)]
        return raised(said, self.tuned[voice]) if self.tuned[voice] else said

    def place(self, samples: Samples, level_db: float, reverb: float) -> float:
        """Put a dry sound where the clock stands, through the room; its level above 1 RMS."""
        from scipy.signal import fftconvolve

        direct = round(0.003 * SAMPLE_RATE_HZ)
        way = self.response.copy()
        way[direct:] *= np.float32(reverb)
        heard = fftconvolve(samples, way).astype(np.float32)
        scaled = heard * np.float32(gain(level_db))
        self.parts.append((round(self.clock_s * SAMPLE_RATE_HZ), scaled))
        return len(samples) / SAMPLE_RATE_HZ

    def say(self, samples: Samples, level_db: float, reverb: float, who: Sounding) -> None:
        """One voice says something; then the clock stands at its end."""
        start_s, length_s = self.clock_s, self.place(samples, level_db, reverb)
        for first, last in voiced(samples, 0.25):
            a, b = start_s + first / SAMPLE_RATE_HZ, start_s + last / SAMPLE_RATE_HZ
            self.sounds.append(Sounding(a, b, who.kind, who.role, who.speaker))
        self.clock_s += length_s

    def wait(self, low_s: float, high_s: float) -> None:
        """Nothing for a while."""
        self.clock_s += float(self.rng.uniform(low_s, high_s))


_T = Sounding(0, 0, SoundKind.VOICE, SpeakerRole.TEACHER, "T")
_A = Sounding(0, 0, SoundKind.VOICE, SpeakerRole.ADULT, "A1")


def mix_lesson(material: Material, seed: int, length_s: float = 240.0) -> MixedLesson:
    """A lesson of about ``length_s``; the same seed and material give the same samples."""
    rng = np.random.default_rng([seed, 20_417])
    desk = _Desk(material, rng, length_s)
    plan = _PLANS[tuple(_PLANS)[seed % len(_PLANS)]]
    names, weights = [n for n, _ in plan], np.array([float(w) for _, w in plan])
    visit_s = length_s * float(rng.uniform(0.3, 0.7)) if seed % 2 else length_s
    visited = False
    _teach(desk)
    while desk.clock_s < length_s:
        if desk.clock_s >= visit_s and not visited:
            visited = True
            _visit(desk)
        act = str(rng.choice(names, p=weights / weights.sum()))
        _ACTS[act](desk)
        desk.wait(0.2, 1.2)
    return MixedLesson(_down(desk), tuple(sorted(desk.sounds, key=lambda s: (s.start_s, s.end_s))))


def mix_conversation(material: Material, seed: int, length_s: float = 240.0) -> MixedLesson:
    """A talk among two to five grown people of whom none leads: their role is unknown."""
    rng = np.random.default_rng([seed, 20_418])
    desk = _Desk(material, rng, length_s)
    names = [str(n) for n in rng.permutation(list(material.voices))[: int(rng.integers(2, 6))]]
    far = {name: float(rng.uniform(0.3, 1.0)) for name in names}
    last = ""
    while desk.clock_s < length_s:
        last = str(rng.choice([name for name in names if name != last]))
        who = Sounding(0, 0, SoundKind.VOICE, SpeakerRole.UNKNOWN, f"V{names.index(last) + 1}")
        for _ in range(int(rng.integers(1, 5))):
            desk.say(desk.phrase(last), float(rng.normal(0.0, 2.0)), far[last], who)
            desk.wait(0.05, 0.8)
    return MixedLesson(_down(desk), tuple(sorted(desk.sounds, key=lambda s: (s.start_s, s.end_s))))


def _down(desk: _Desk) -> Samples:
    last = max(at + len(part) for at, part in desk.parts)
    track = np.zeros(last + SAMPLE_RATE_HZ, np.float32)
    for at, part in desk.parts:
        track[at : at + len(part)] += part
    level = _RMS * gain(-float(desk.rng.uniform(18.0, 32.0)))
    add_steady_noise(track, level, desk.rng)
    track = _through_microphone(track, desk.rng)
    track *= np.float32(0.7 / max(float(np.abs(track).max()), 1e-6))
    return track


def _through_microphone(track: Samples, rng: np.random.Generator) -> Samples:
    """The track with the gently uneven response of some microphone."""
    from scipy.signal import fftconvolve, firwin2

    hz = (0.0, 150.0, 400.0, 1000.0, 2500.0, 5000.0, 8000.0)
    gains = [gain(float(g)) for g in rng.normal(0.0, 2.5, len(hz))]
    taps = firwin2(255, hz, gains, fs=SAMPLE_RATE_HZ)
    heard: Samples = fftconvolve(track, taps, mode="same").astype(np.float32)
    return heard


def _teach(desk: _Desk, least: int = 2, most: int = 6) -> None:
    for _ in range(int(desk.rng.integers(least, most))):
        desk.say(desk.phrase(desk.teacher), float(desk.rng.normal(0, 1.5)), 0.3, _T)
        desk.wait(0.1, 0.8)


def _answer(desk: _Desk) -> None:
    at = int(desk.rng.integers(len(desk.pupils)))
    voice, share, level_db = desk.pupils[at]
    said = raised(desk.phrase(voice, 5.0), share)
    who = Sounding(0, 0, SoundKind.VOICE, SpeakerRole.STUDENT, f"S{at + 1}")
    desk.say(said, level_db, 1.0, who)


def _ask(desk: _Desk) -> None:
    desk.say(desk.phrase(desk.teacher, 3.0), 0.0, 0.3, _T)
    desk.wait(0.3, 2.0)
    _answer(desk)
    desk.wait(0.1, 1.0)
    desk.say(desk.phrase(desk.teacher, 2.5), 0.0, 0.3, _T)


def _chorus(desk: _Desk) -> None:
    """One sentence, by many: each copy raised, timed and placed in its own way."""
    rng = desk.rng
    voice = desk.pupils[int(rng.integers(len(desk.pupils)))][0]
    said = desk.phrase(voice, 4.0)
    copies = [
        (raised(said, float(rng.uniform(0.1, 0.4))), float(abs(rng.normal(0.0, 0.07))))
        for _ in range(int(rng.integers(8, 24)))
    ]
    length_s = max(len(c) / SAMPLE_RATE_HZ + late_s for c, late_s in copies)
    together = np.zeros(round(length_s * SAMPLE_RATE_HZ) + 1, np.float32)
    for copy, late_s in copies:
        at = round(late_s * SAMPLE_RATE_HZ)
        together[at : at + len(copy)] += copy * np.float32(gain(float(rng.uniform(-6, 0))))
    level_db = float(rng.uniform(-6.0, 3.0))
    who = Sounding(0, 0, SoundKind.CHORUS, _ROLES[SoundKind.CHORUS])
    desk.say(level_speech(together, _RMS), level_db, 1.0, who)


def _group(desk: _Desk) -> None:
    """Many at once, each something else, for 8 to 20 s; the teacher may speak into it."""
    rng = desk.rng
    start_s, length_s = desk.clock_s, float(rng.uniform(8.0, 20.0))
    crowd = np.zeros(round(length_s * SAMPLE_RATE_HZ), np.float32)
    for _ in range(int(rng.integers(8, 20))):
        voice, share, _level = desk.pupils[int(rng.integers(len(desk.pupils)))]
        at = int(rng.integers(0, SAMPLE_RATE_HZ))
        loud = np.float32(gain(float(rng.uniform(-9, 0))))
        while at < len(crowd):
            said = raised(desk.phrase(voice), share + float(rng.uniform(-0.05, 0.05)))
            said = said[: len(crowd) - at]
            crowd[at : at + len(said)] += said * loud
            at += len(said) + int(rng.integers(0, SAMPLE_RATE_HZ // 2))
    desk.place(level_speech(crowd, _RMS), float(rng.uniform(-12.0, -4.0)), 1.0)
    kind = SoundKind.BABBLE
    desk.sounds.append(Sounding(start_s, start_s + length_s, kind, _ROLES[kind]))
    desk.clock_s = start_s + length_s


def _play(desk: _Desk) -> None:
    rng = desk.rng
    start_s, length_s = desk.clock_s, float(rng.uniform(6.0, 14.0))
    level_db, reverb = float(rng.uniform(-5.0, 2.0)), float(rng.uniform(0.4, 1.0))
    passed_hz = desk.loudspeaker_hz
    if rng.random() < 0.35:
        own = desk.material.music
        tune = own[int(rng.integers(len(own)))] if own else music(length_s, rng)
        tune = tune[: round(length_s * SAMPLE_RATE_HZ)]
        heard_s = desk.place(level_speech(band(tune, *passed_hz), _RMS), level_db, reverb)
        desk.sounds.append(Sounding(start_s, start_s + heard_s, SoundKind.MUSIC))
        desk.clock_s = start_s + heard_s
        return
    who = Sounding(0, 0, SoundKind.PLAYBACK, _ROLES[SoundKind.PLAYBACK], "P")
    while desk.clock_s < start_s + length_s:
        said = level_speech(band(desk.phrase(desk.speaker), *passed_hz), _RMS)
        desk.say(said, level_db, reverb, who)
        desk.wait(0.1, 0.5)


def _noise(desk: _Desk) -> None:
    """A recorded noise, applause, or a few of the noises of a room."""
    rng = desk.rng
    start_s = desk.clock_s
    kind = rng.random()
    if kind < 0.4:
        own = desk.material.noises[int(rng.integers(len(desk.material.noises)))]
        sound = level_speech(own[: 8 * SAMPLE_RATE_HZ], _RMS)
    elif kind < 0.65:
        sound = applause(float(rng.uniform(2.0, 6.0)), rng)
    else:
        kinds = tuple(NoiseKind)
        made = [short_noise(kinds[int(rng.integers(len(kinds)))], rng, _RMS) for _ in range(4)]
        sound = np.concatenate(made)
    length_s = desk.place(sound, float(rng.uniform(-12.0, 0.0)), 1.0)
    desk.sounds.append(Sounding(start_s, start_s + length_s, SoundKind.NOISE))
    desk.clock_s = start_s + length_s


def applause(length_s: float, rng: np.random.Generator) -> Samples:
    """Many hands: short bursts of band noise at random times, slowly fading."""
    count = round(length_s * SAMPLE_RATE_HZ)
    track = np.zeros(count, np.float32)
    burst = round(0.012 * SAMPLE_RATE_HZ)
    decay = np.exp(-np.arange(burst) / (0.003 * SAMPLE_RATE_HZ))
    for _ in range(int(rng.integers(10, 30))):
        period = float(rng.uniform(0.2, 0.35))
        at_s = float(rng.uniform(0.0, period))
        while at_s < length_s:
            at = round(at_s * SAMPLE_RATE_HZ)
            clap = (rng.normal(size=burst) * decay).astype(np.float32)[: count - at]
            track[at : at + len(clap)] += clap
            at_s += period * float(rng.normal(1.0, 0.08))
    return level_speech(track * np.linspace(1.0, 0.4, count, dtype=np.float32), _RMS)


def _pause(desk: _Desk) -> None:
    start_s = desk.clock_s
    desk.wait(3.0, 10.0)
    desk.sounds.append(Sounding(start_s + 1.0, desk.clock_s, SoundKind.NOISE))


def _visit(desk: _Desk) -> None:
    """A second adult talks, for a while, to the class or with the teacher."""
    for _ in range(int(desk.rng.integers(3, 7))):
        desk.say(desk.phrase(desk.adult), float(desk.rng.normal(-3.0, 1.5)), 0.5, _A)
        desk.wait(0.1, 0.8)
        if desk.rng.random() < 0.3:
            _answer(desk)
            desk.wait(0.2, 0.8)


_ACTS = {
    "teach": _teach,
    "ask": _ask,
    "chorus": _chorus,
    "group": _group,
    "play": _play,
    "noise": _noise,
    "pause": _pause,
}


def write_lessons(data: Path, out: Path, side: Side, seeds: range) -> None:
    """One recording with RTTM and UEM for each seed, named ``mixed-<side>-<seed>``."""
    material = load_material(data, side)
    out.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        lesson, name = mix_lesson(material, seed), f"mixed-{side}-{seed}"
        write_wav(out / f"{name}.wav", lesson.samples)
        (out / f"{name}.rttm").write_text(rttm_text(lesson.turns, name), encoding="utf-8")
        span = Interval(0.0, len(lesson.samples) / SAMPLE_RATE_HZ)
        (out / f"{name}.uem").write_text(uem_text([span], name), encoding="utf-8")


def main() -> None:
    """Write mixed lessons of held-out voices."""
    parser = argparse.ArgumentParser(description="Mix lessons from recorded voices.")
    parser.add_argument("data", type=Path, help="folder with speech/ and noise_rir/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--side", choices=("train", "test"), default="test")
    parser.add_argument("--count", type=int, default=8)
    options = parser.parse_args()
    write_lessons(options.data, options.out, options.side, range(options.count))


if __name__ == "__main__":
    main()
