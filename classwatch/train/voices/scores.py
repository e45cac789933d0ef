"""How well a network tells voices apart that it never heard, beside the method without one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classwatch.config.schema import SpeakersConfig
from classwatch.core.speech import SpeakerRole, SpeechActivity, Turn
from classwatch.core.time import intervals, normalise
from classwatch.evaluate.scores.diarisation import Diarisation
from classwatch.speech.overlap import voice_intervals
from classwatch.speech.speakers import VoiceTeller, find_voices
from classwatch.train.sounds.fit import Held, floor_of
from classwatch.train.sounds.material import load_material
from classwatch.train.sounds.mixed import mix_lesson

_LENGTH_S = 120.0
_NOBODY = (SpeakerRole.STUDENTS, SpeakerRole.CHORAL, SpeakerRole.PLAYBACK)


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """Sound and who talks when in it, those left out of whom nobody in particular is known."""

    sound: Held
    turns: tuple[Turn, ...]


def held_out(data: Path, count: int) -> tuple[Lesson, ...]:
    """Lessons mixed from real voices, rooms and noises that no network was fitted on."""
    material = load_material(data, "test")
    mixed = (mix_lesson(material, seed, _LENGTH_S) for seed in range(count))
    return tuple(
        Lesson(Held(m.samples), tuple(t for t in m.turns if t.role not in _NOBODY)) for m in mixed
    )


def error_rate(lessons: Sequence[Lesson], teller: VoiceTeller | None, similarity: float) -> float:
    """Diarisation error rate over all lessons, 0.25 s collar, where speech is known exactly.

    ``teller`` None is the method that ships. What is left is voices taken for others, two at once
    being one of them at most.
    """
    scorer, wrong, total = Diarisation(), 0.0, 0.0
    cfg = SpeakersConfig(min_similarity=similarity)
    for lesson in lessons:
        found = _turns(lesson, teller, cfg)
        span = intervals([(0.0, lesson.sound.duration_s)])
        counts = scorer.count(lesson.turns, found, span).counts
        wrong += counts["missed"] + counts["false"] + counts["confused"]
        total += counts["total"]
    return wrong / total


def _turns(lesson: Lesson, teller: VoiceTeller | None, cfg: SpeakersConfig) -> list[Turn]:
    spoken = normalise(intervals((t.start_s, t.end_s) for t in lesson.turns))
    tenths = round(lesson.sound.duration_s * 10)
    floor_db = floor_of(lesson.sound.samples)
    level_db = np.full(tenths, floor_db, np.float32)
    activity = SpeechActivity(spoken, level_db, 0.1, floor_db, -20.0, 0.0)
    voices = find_voices(lesson.sound, activity, cfg, teller=teller)
    return [
        Turn(start_s, end_s, SpeakerRole.UNKNOWN, f"V{k}", 1.0)
        for k, own in enumerate(voice_intervals(voices.span, voices.voice, voices.second))
        for start_s, end_s in own.tolist()
    ]
