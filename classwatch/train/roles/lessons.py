"""Lessons with known roles, heard as an analysis hears them: mixed from real voices, or simulated.

Nothing is written: sound is made, its voices and kinds of sound are found, and what is true of it
is kept beside. Simulated lessons also know the words and what the pictures would show.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classwatch.config.schema import SpeakersConfig, VadConfig
from classwatch.core.events import Event, EventKind
from classwatch.core.motion import Motion
from classwatch.core.progress import silent
from classwatch.core.speech import SoundSpan, Transcript, Turn
from classwatch.core.time import Interval, Intervals, complement, intervals, normalise, subtract
from classwatch.simulate.film.events import STUDENT_EVENTS
from classwatch.simulate.generate import GeneratorConfig, generate
from classwatch.simulate.generate.config import Age
from classwatch.simulate.room.plan import plan_room
from classwatch.simulate.script import (
    ActKind,
    Microphone,
    Person,
    PersonKind,
    Script,
    Utterance,
)
from classwatch.simulate.sound.mix import mix
from classwatch.simulate.sound.places import places_of
from classwatch.simulate.sound.signal import Samples
from classwatch.simulate.sound.speak import Speaker
from classwatch.simulate.sound.truth import OtherKind, other_sounds, transcript, turns
from classwatch.simulate.timeline import TimedAct, Timeline, resolve
from classwatch.speech.roles import RoleInput
from classwatch.speech.sound_classes import classify_sounds, speech_by_sound
from classwatch.speech.speakers import VoiceTurns, find_voices
from classwatch.speech.vad import detect_speech
from classwatch.speech.voiceprint import measure_cells
from classwatch.train.sounds.fit import Held
from classwatch.train.sounds.material import Material
from classwatch.train.sounds.mixed import mix_conversation, mix_lesson

STREAM = "student_cam"
_PROFILES = ("lecture", "dialogue", "practice", "mixed", "group")
_AGES: tuple[Age, ...] = ("primary", "lower", "upper")
_ADULT = "A"
_VISITED, _WORN = 0.5, 0.25
_TEACHER_ACTS = {
    ActKind.FACE: EventKind.TEACHER_FRONT,
    ActKind.GESTURE: EventKind.TEACHER_FRONT,
    ActKind.POINT: EventKind.TEACHER_FRONT,
    ActKind.PODIUM: EventKind.TEACHER_FRONT,
    ActKind.STAND: EventKind.TEACHER_FRONT,
    ActKind.SIT: EventKind.TEACHER_FRONT,
    ActKind.BOARD: EventKind.TEACHER_AT_BOARD,
    ActKind.LEAN: EventKind.TEACHER_AMONG_DESKS,
    ActKind.OUT: EventKind.TEACHER_NOT_VISIBLE,
}


@dataclass(frozen=True, slots=True, eq=False)
class HeardLesson:
    """What an analysis hears of a lesson, who really speaks, and true words and events if known.

    ``cepstra`` (n, d) are the means of the cells of ``voices``, for comparison only. ``murmurs``
    (n, 2) is when a class murmurs and nobody speaks: its truth names no speech there, and whether
    an analysis hears several students is neither right nor wrong.
    """

    name: str
    voices: VoiceTurns
    sounds: tuple[SoundSpan, ...]
    truth: tuple[Turn, ...]
    duration_s: float
    transcript: Transcript | None = None
    events: tuple[Event, ...] | None = None
    motions: tuple[Motion, ...] = ()
    cepstra: NDArray[np.float64] | None = None
    murmurs: Intervals = field(default_factory=intervals)

    @property
    def known(self) -> RoleInput:
        """What roles are decided from."""
        return RoleInput(self.voices, self.sounds, self.transcript, self.events, self.motions)

    @property
    def scored(self) -> Intervals:
        """The time (n, 2) in which truth knows who speaks: all but murmurs."""
        return complement(self.murmurs, Interval(0.0, self.duration_s))


def hear(name: str, samples: Samples, truth: tuple[Turn, ...]) -> HeardLesson:
    """Voices and kinds of sound of a recording at 16 kHz."""
    audio = Held(samples)
    activity = detect_speech(audio, VadConfig())
    sounds = classify_sounds(audio, activity)
    speech, cfg = speech_by_sound(activity, sounds), SpeakersConfig()
    voices = find_voices(audio, speech, cfg)
    cells = measure_cells(audio, speech, cfg.hop_s, silent)
    cepstra = cells.total / np.maximum(cells.count, 1.0)[:, None]
    return HeardLesson(name, voices, sounds, truth, audio.duration_s, cepstra=cepstra)


def mixed_lesson(material: Material, name: str, seed: int, length_s: float) -> HeardLesson:
    """A lesson of recorded voices; neither words nor pictures are known of it."""
    made = mix_lesson(material, seed, length_s)
    return hear(f"{name}-{seed}", made.samples, made.turns)


def conversation(material: Material, name: str, seed: int, length_s: float) -> HeardLesson:
    """Recorded voices of whom none teaches."""
    made = mix_conversation(material, seed, length_s)
    return hear(f"{name}-{seed}", made.samples, made.turns)


def simulated_lesson(seed: int, minutes: float) -> HeardLesson:
    """A lesson of synthesised voices with its words and acts; half of them have a second adult."""
    script = simulated_script(seed, minutes)
    speaker = Speaker(script, Path())
    spoken = {u.id: speaker.utterance(u) for u in script.utterances}
    timeline = resolve(script, {name: sound.spoken for name, sound in spoken.items()})
    places = places_of(timeline, (plan_room(script.room, script.seed),))
    sound = mix(timeline, spoken, places, speaker)
    track = sound.track(script.sound.microphones[0].name)
    heard = hear(script.lesson_id, track.samples, turns(timeline, sound.played))
    words = transcript(timeline, sound.played)
    murmurs = normalise(
        intervals(
            (o.start_s, o.end_s) for o in other_sounds(timeline) if o.kind is OtherKind.MURMUR
        )
    )
    talk = normalise(intervals((t.start_s, t.end_s) for t in heard.truth))
    return replace(
        heard,
        transcript=words,
        events=tuple(shown(timeline)),
        murmurs=subtract(murmurs, talk),
    )


def simulated_script(seed: int, minutes: float) -> Script:
    """A generated lesson in which room, microphone and visitors vary with the seed."""
    rng = np.random.default_rng([seed, 5_471])
    script = generate(
        GeneratorConfig(
            profile=_PROFILES[seed % len(_PROFILES)],
            language="zh" if rng.random() < 0.6 else "en",
            minutes=minutes,
            students=int(rng.integers(12, 36)),
            age=_AGES[int(rng.integers(len(_AGES)))],
            seed=seed,
            snr_db=float(rng.uniform(10.0, 28.0)),
            lesson_id=f"simulated-{seed}",
        )
    )
    sound = script.sound.model_copy(update={"rt60_s": float(rng.uniform(0.3, 0.9))})
    if rng.random() < _WORN:
        sound = sound.model_copy(update={"microphones": (Microphone(worn_by="T"),)})
    script = script.model_copy(update={"sound": sound, "cameras": ()})
    return visited(script, rng) if rng.random() < _VISITED else script


def visited(script: Script, rng: np.random.Generator) -> Script:
    """The lesson with another adult who takes over some of what the teacher says for a while."""
    count = len(script.utterances)
    first = int(rng.integers(count // 5, max(count // 2, count // 5 + 1)))
    last = first + int(count * rng.uniform(0.1, 0.35))
    taken = rng.uniform(0.3, 1.0)

    def given(number: int, said: Utterance) -> Utterance:
        if first <= number < last and said.speaker == "T" and rng.random() < taken:
            return said.model_copy(update={"speaker": _ADULT})
        return said

    adult = Person(id=_ADULT, kind=PersonKind.ADULT)
    utterances = tuple(given(n, u) for n, u in enumerate(script.utterances))
    return script.model_copy(update={"people": (*script.people, adult), "utterances": utterances})


def shown(timeline: Timeline) -> Iterable[Event]:
    """What cameras would show: hands, students who stand, and where the teacher is."""
    kinds = {person.id: person.kind for person in timeline.script.people}
    tracks = {name: number for number, name in enumerate(kinds)}
    for timed in timeline.acts:
        for who in timed.actors:
            if kinds[who] is PersonKind.STUDENT:
                for kind in STUDENT_EVENTS.get(timed.act.kind, ()):
                    if kind in (EventKind.HAND_RAISED, EventKind.STANDING):
                        yield _event(kind, timed.start_s, timed.end_s, tracks[who])
    yield from _teacher(timeline)


def _teacher(timeline: Timeline) -> Iterable[Event]:
    """Every second belongs to the teacher's last act in the script; without one, to the front."""
    step_s = 1.0
    state = [EventKind.TEACHER_FRONT] * (int(timeline.duration_s / step_s) + 1)
    for timed in timeline.acts:
        if "T" in timed.actors:
            kind = _place(timed)
            for at in range(int(timed.start_s / step_s), int(timed.end_s / step_s) + 1):
                if kind is not None and at < len(state):
                    state[at] = kind
    first = 0
    for at in range(1, len(state) + 1):
        if at == len(state) or state[at] is not state[first]:
            yield _event(state[first], first * step_s, at * step_s, -1)
            first = at


def _place(timed: TimedAct) -> EventKind | None:
    if isinstance(timed.act.place, str):
        return EventKind.TEACHER_AMONG_DESKS
    return _TEACHER_ACTS.get(timed.act.kind)


def _event(kind: EventKind, start_s: float, end_s: float, track: int) -> Event:
    return Event(kind, start_s, end_s, STREAM, track, 1.0)
