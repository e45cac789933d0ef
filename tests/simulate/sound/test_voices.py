from __future__ import annotations

import numpy as np
import pytest

from classwatch.simulate.script import Script, Voice
from classwatch.simulate.sound.speak import Speaker
from classwatch.simulate.sound.voices import PersonVoice, voice_of
from tests.simulate.sound.made import PEOPLE, median_f0_hz, script, spectrum_db

SENTENCE = {
    "zh": "同学们好，今天我们学习分数的加法。",
    "en": "My favourite season is spring because the flowers are out.",
}


def voices(lesson: Script) -> dict[str, PersonVoice]:
    return {p.id: voice_of(p, lesson) for p in lesson.people}


def heard(speaker: Speaker, person: str, language: str) -> float:
    phrase = speaker.phrase(SENTENCE[language], language, speaker.voices[person])
    assert phrase is not None
    return median_f0_hz(phrase.samples)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_measured_pitch_is_the_pitch_aimed_at(language: str) -> None:
    speaker = Speaker(script(language=language))
    for person, voice in speaker.voices.items():
        assert heard(speaker, person, language) == pytest.approx(voice.f0_hz, rel=0.08), person


def test_young_children_are_higher_than_every_adult() -> None:
    speaker = Speaker(script())
    f0_hz = {p: heard(speaker, p, "zh") for p in speaker.voices}
    children = [f for p, f in f0_hz.items() if p.startswith("s")]
    assert min(children) > max(f0_hz["t"], f0_hz["a"]) + 10


def test_a_short_tract_moves_the_formants_up() -> None:
    lesson = script()
    speaker = Speaker(lesson)
    # Constant pitch, so that only the envelope differs.
    adult = PersonVoice("x", "female", "f1", 180.0, 1.0, 0.5, 0.0, Voice())
    child = PersonVoice("x", "female", "f1", 180.0, 0.8, 0.5, 0.0, Voice())
    envelopes = []
    for voice in (adult, child):
        phrase = speaker.phrase(SENTENCE["zh"], "zh", voice)
        assert phrase is not None
        cepstrum = np.fft.irfft(spectrum_db(phrase.samples))
        # 2.5 ms of quefrency lie below the pitch period: what is left is the envelope.
        cepstrum[40:-40] = 0
        envelopes.append(np.fft.rfft(cepstrum).real)
    hz = np.fft.rfftfreq(1024, 1 / 16000)
    grid = np.geomspace(400, 4500, 400)
    shifts = np.linspace(0.9, 1.5, 121)
    fit = [
        np.corrcoef(np.interp(grid / k, hz, envelopes[0]), np.interp(grid, hz, envelopes[1]))[0, 1]
        for k in shifts
    ]
    assert shifts[int(np.argmax(fit))] == pytest.approx(1 / 0.8, rel=0.06)


def test_students_differ_from_each_other() -> None:
    drawn = voices(script())
    students = [v for p, v in drawn.items() if p.startswith("s")]
    assert len({(round(v.f0_hz, 1), round(v.tract, 3)) for v in students}) == len(students)


def test_a_voice_depends_on_seed_and_id_only() -> None:
    full = voices(script())
    fewer = voices(script(people=[p for p in PEOPLE if p["id"] in ("t", "s3")]))
    assert fewer["s3"] == full["s3"]
    assert voices(script(seed=6))["s3"] != full["s3"]


def test_what_the_script_says_holds() -> None:
    voice = {"variant": "m5", "pitch": 30, "rate_wpm": 150, "tract": 0.9, "level_db": 4.0}
    lesson = script(people=[{"id": "t", "kind": "teacher", "voice": voice}])
    drawn = voices(lesson)["t"]
    told = drawn.voicing("zh")
    assert (told.variant, told.pitch, told.rate_wpm) == ("m5", 30, 135)
    assert (drawn.tract, drawn.level_db, drawn.sex) == (0.9, 4.0, "male")


def test_older_students_have_longer_tracts() -> None:
    def mean_tract(age: str) -> float:
        drawn = voices(script(room={"age": age}))
        return float(np.mean([v.tract for p, v in drawn.items() if p.startswith("s")]))

    assert mean_tract("primary") < mean_tract("lower") < mean_tract("upper")
