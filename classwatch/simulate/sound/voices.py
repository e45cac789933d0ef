"""Whose voice is whose: pitch, vocal tract, pace and loudness from kind, age and seed.

Fundamental frequencies and vocal tract lengths are rounded from the literature on speech of
children (Lee, Potamianos & Narayanan 1999, doi 10.1121/1.426686; Fitch & Giedd 1999, doi
10.1121/1.427148). Up to about eleven boys and girls hardly differ.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

from classwatch.simulate.script import Person, PersonKind, Script, Voice
from classwatch.simulate.sound.engine import Voicing

Sex = Literal["female", "male"]
Range = tuple[float, float]

VARIANTS: dict[Sex, tuple[str, ...]] = {
    "female": ("f1", "f2", "f3", "f4", "f5"),
    "male": ("m1", "m2", "m3", "m5", "m6", "m7"),
}
_BASE_F0_HZ = {
    "f1": 167.0, "f2": 177.0, "f3": 186.0, "f4": 167.0, "f5": 192.0,
    "m1": 87.0, "m2": 96.0, "m3": 96.0, "m5": 93.0, "m6": 94.0, "m7": 96.0,
}  # fmt: skip
"""Median F0 of espeak-ng's variants at pitch 50, measured by autocorrelation, zh and en."""
_LANGUAGE_F0 = {"zh": 0.975, "en": 1.07}
"""How much higher than that the median lies in a language, by its melody."""
_PITCH_STEP = math.log(1.0108)
"""One step of espeak-ng's pitch, likewise measured."""
_RATES_WPM: dict[str, Range] = {"zh": (178.0, 208.0), "en": (130.0, 160.0)}
_STUDENT_DB = -2.0
_ADULT_DB = -1.0
_SPREAD_DB = 1.5


@dataclass(frozen=True, slots=True)
class _Kind:
    """Ranges that a group of people's voices are drawn from; ``tract`` against the variant's."""

    f0_hz: Range
    tract: Range


_ADULTS: dict[Sex, _Kind] = {
    "female": _Kind((185.0, 230.0), (0.97, 1.03)),
    "male": _Kind((100.0, 140.0), (0.97, 1.04)),
}
_STUDENTS: dict[str, dict[Sex, _Kind]] = {
    "primary": {
        "female": _Kind((255.0, 320.0), (0.76, 0.86)),
        "male": _Kind((250.0, 310.0), (0.76, 0.86)),
    },
    "lower": {
        "female": _Kind((225.0, 275.0), (0.84, 0.93)),
        "male": _Kind((160.0, 260.0), (0.84, 0.95)),
    },
    "upper": {
        "female": _Kind((200.0, 245.0), (0.92, 0.99)),
        "male": _Kind((115.0, 160.0), (0.93, 1.02)),
    },
}
_BOY_FEMALE_HZ = 190.0
"""A boy whose voice has not broken speaks with a female variant."""


@dataclass(frozen=True, slots=True)
class PersonVoice:
    """How somebody sounds.

    ``variant`` of the engine; ``f0_hz`` the aim for the median pitch; ``tract`` the length of the
    vocal tract against the variant's; ``rate_wpm`` by language as the script or the draw has it;
    ``level_db`` against a teacher's ordinary voice.
    """

    person: str
    sex: Sex
    variant: str
    f0_hz: float
    tract: float
    pace: float
    """Place in the range of rates, 0 slow to 1 fast."""
    level_db: float
    fixed: Voice

    def rate_wpm(self, language: str) -> float:
        """Words a minute in ``language``, as heard."""
        if self.fixed.rate_wpm is not None:
            return float(self.fixed.rate_wpm)
        low, high = _RATES_WPM.get(language, _RATES_WPM["en"])
        return low + self.pace * (high - low)

    def voicing(self, language: str, rate_wpm: float | None = None) -> Voicing:
        """What to tell the engine so that, once the tract is scaled, pitch and rate are right."""
        rate = (rate_wpm or self.rate_wpm(language)) * self.tract
        if self.fixed.pitch is not None:
            pitch = self.fixed.pitch
        else:
            wanted_hz = self.f0_hz * self.tract
            base_hz = _BASE_F0_HZ.get(self.variant, 180.0) * _LANGUAGE_F0.get(language, 1.0)
            pitch = round(50 + math.log(wanted_hz / base_hz) / _PITCH_STEP)
        return Voicing(language, self.variant, min(99, max(0, pitch)), min(450, round(rate)))


def rng_of(seed: int, name: str) -> np.random.Generator:
    """The generator that belongs to ``name`` in a script with ``seed``."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def voice_of(person: Person, script: Script) -> PersonVoice:
    """The voice of ``person``: what the script leaves open is drawn from seed and id alone."""
    rng = rng_of(script.seed, f"voice:{person.id}")
    sex = _sex(person, rng)
    kind = _kind(person, script, sex)
    f0_hz = float(rng.uniform(*kind.f0_hz))
    tract = float(rng.uniform(*kind.tract))
    pace = float(rng.uniform())
    offset_db = float(rng.normal(0.0, _SPREAD_DB))
    timbre: Sex = "female" if f0_hz > _BOY_FEMALE_HZ else sex
    drawn = str(rng.choice(VARIANTS[timbre]))
    role_db = {PersonKind.STUDENT: _STUDENT_DB, PersonKind.ADULT: _ADULT_DB}.get(person.kind)
    # The teacher is the reference of all levels: nothing is drawn for them.
    level_db = 0.0 if role_db is None else role_db + float(np.clip(offset_db, -3.0, 3.0))
    return PersonVoice(
        person=person.id,
        sex=sex,
        variant=person.voice.variant or drawn,
        f0_hz=f0_hz,
        tract=tract if person.voice.tract is None else person.voice.tract,
        pace=pace,
        level_db=level_db + person.voice.level_db,
        fixed=person.voice,
    )


def _sex(person: Person, rng: np.random.Generator) -> Sex:
    drawn: Sex = "female" if rng.uniform() < 0.5 else "male"
    if person.kind is PersonKind.STUDENT or not person.voice.variant:
        return drawn
    return "male" if person.voice.variant.startswith("m") else "female"


def _kind(person: Person, script: Script, sex: Sex) -> _Kind:
    if person.kind is not PersonKind.STUDENT:
        return _ADULTS[sex]
    far = person.id.startswith("far-") and script.far_room is not None
    room = script.far_room if far and script.far_room is not None else script.room
    return _STUDENTS[room.age][sex]
