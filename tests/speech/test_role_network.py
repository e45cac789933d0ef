"""The shipped network: files, and roles of recorded voices that it was not fitted on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classwatch.config.schema import SpeakersConfig
from classwatch.core.errors import ModelError
from classwatch.core.events import Event, EventKind
from classwatch.core.speech import SpeakerRole, Turn
from classwatch.speech.network import SmallNetwork, load_network, save_network
from classwatch.speech.role_network import judge, shipped_network
from classwatch.speech.role_units import NAMES
from classwatch.speech.roles import RoleInput, RoleResult, assign_roles, gather
from classwatch.train.roles.lessons import conversation, hear
from classwatch.train.sounds.material import load_material
from tests.speech.sounds import read_rttm, recording, sound_of_video
from tests.speech.test_roles import LESSON, cells, role_accuracy

T, S, A = SpeakerRole.TEACHER, SpeakerRole.STUDENT, SpeakerRole.ADULT


def constant(bias: dict[str, float]) -> SmallNetwork:
    """A network that says the same of every turn."""
    d = len(NAMES)
    zero = np.zeros((d, 1), np.float32)
    return SmallNetwork(
        tuple(bias),
        np.zeros(d, np.float32),
        np.ones(d, np.float32),
        zero,
        np.zeros(1, np.float32),
        np.zeros((1, len(bias)), np.float32),
        np.array(list(bias.values()), np.float32),
    )


def told_by(figure: str, yes: dict[str, float], no: dict[str, float]) -> SmallNetwork:
    """A network that says ``yes`` where a figure is 1 and ``no`` where it is 0."""
    hidden = np.zeros((len(NAMES), 1), np.float32)
    hidden[NAMES.index(figure)] = 1.0
    plain = constant(no)
    more = np.array([[yes[name] - no[name] for name in no]], np.float32)
    return replace(plain, hidden=hidden, out=more)


def test_a_network_is_the_same_after_writing_and_reading(tmp_path: Path) -> None:
    save_network(tmp_path / "a.npz", shipped_network())
    again = load_network(tmp_path / "a.npz", len(NAMES), SpeakerRole, "")
    figures = np.random.default_rng(0).normal(size=(5, len(NAMES))).astype(np.float32)
    np.testing.assert_array_equal(
        again.log_probabilities(figures), shipped_network().log_probabilities(figures)
    )
    shares = np.exp(again.log_probabilities(figures))
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)


def test_a_network_for_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    save_network(path, shipped_network())
    with pytest.raises(ModelError, match=r"a\.npz"):
        load_network(path, len(NAMES) + 1, SpeakerRole, "")
    with pytest.raises(ModelError, match="classes"):
        load_network(path, len(NAMES), ["teacher"], "")


def test_what_sounds_like_no_lesson_has_no_roles() -> None:
    names = {"teacher": 1.0, "student": 0.9, "unknown": 4.0}
    result = assign_roles(RoleInput(cells(LESSON)), SpeakersConfig(), constant(names))
    assert {t.role for t in result.turns} == {SpeakerRole.UNKNOWN}
    assert [i.code for i in result.issues] == ["roles.nobody_teaches"]


def test_one_voice_alone_and_a_crowd_alone_are_not_judged() -> None:
    names = {"teacher": 4.0, "student": 3.9}
    alone = RoleInput(cells([(0.0, 60.0, 0)]))
    result = assign_roles(alone, SpeakersConfig(), constant(names))
    assert {t.role for t in result.turns} == {SpeakerRole.UNKNOWN}
    assert [i.code for i in result.issues] == ["roles.one_voice"]
    crowd = RoleInput(cells([(0.0, 5.0, -1)], np.zeros((0, 0))))
    result = assign_roles(crowd, SpeakersConfig(), constant(names))
    assert [t.role for t in result.turns] == [SpeakerRole.STUDENTS]
    assert result.issues == ()


def test_a_turn_of_which_nothing_is_likely_stays_unknown() -> None:
    evidence = gather(RoleInput(cells(LESSON)), SpeakersConfig())
    names = {"teacher": 0.0, "student": 0.0, "adult": 0.0, "choral": 0.0}
    judged = judge(constant(names), evidence.features, evidence.units)
    assert set(judged.role) == {SpeakerRole.UNKNOWN}
    np.testing.assert_allclose(judged.probability.sum(axis=1), 1.0)


def test_what_seems_another_adult_teaches_where_nobody_else_does() -> None:
    adult = {"teacher": 0.0, "student": 0.0, "adult": 4.0}
    student = {"teacher": 0.0, "student": 4.0, "adult": 0.0}
    network = told_by("part_first", adult, student)
    turns = assign_roles(RoleInput(cells(LESSON)), SpeakersConfig(), network).turns
    assert [t.role for t in turns] == [T, S, T, S, T, S, T]
    teacher = {"teacher": 4.0, "student": 0.0, "adult": 0.0}
    network = told_by("part_first", teacher, adult)
    turns = assign_roles(RoleInput(cells(LESSON)), SpeakersConfig(), network).turns
    assert [t.role for t in turns] == [T, A, T, A, T, A, T]


def test_the_network_tells_the_teacher_where_no_voice_leads_by_the_rule() -> None:
    equals = RoleInput(cells([(k * 10.0, k * 10.0 + 9.0, k % 2) for k in range(10)]))
    yes, no = {"teacher": 4.0, "student": 0.0}, {"teacher": 0.0, "student": 4.0}
    result = assign_roles(equals, SpeakersConfig(), told_by("part_first", yes, no))
    assert [t.role for t in result.turns] == [T, S] * 5
    assert result.issues == ()
    # Without any student nobody could be told apart from the teacher.
    result = assign_roles(equals, SpeakersConfig(), constant(yes))
    assert {t.role for t in result.turns} == {SpeakerRole.UNKNOWN}
    assert [i.code for i in result.issues] == ["roles.no_clear_teacher"]
    # A class that is seen is a lesson, even where no student is heard.
    hand = Event(EventKind.HAND_RAISED, 12.0, 16.0, "class", 3, 0.9)
    result = assign_roles(replace(equals, events=(hand,)), SpeakersConfig(), constant(yes))
    assert {t.role for t in result.turns} == {T}


def test_two_people_in_one_voice_have_a_role_each_and_their_evidence() -> None:
    voices = cells(LESSON)
    # The last turn of the teacher's voice is another person's.
    part = np.where(voices.span[:, 0] >= 74.0, 3, voices.voice).astype(np.int32)
    apart = np.full((4, 4), 3.0) - 3.0 * np.eye(4)
    heard = RoleInput(replace(voices, part=part, part_distance=apart))
    yes = {"teacher": 4.0, "student": 0.0, "adult": 0.0}
    no = {"teacher": 0.0, "student": 0.0, "adult": 4.0}
    result = assign_roles(heard, SpeakersConfig(), told_by("part_first", yes, no))
    assert [t.role for t in result.turns] == [T, A, T, A, T, A, A]
    assert [t.speaker for t in result.turns] == ["T", "A1", "T", "A2", "T", "A1", "A3"]
    assert [(e.speaker, e.role) for e in result.evidence] == [
        *(("T", T), ("A3", A), ("A1", A), ("A2", A)),
    ]


def judged_turns(path: Path, *, film: bool = False) -> RoleResult:
    audio = sound_of_video(path) if film else recording(path)
    lesson = hear("a", audio.samples, ())
    return assign_roles(lesson.known, SpeakersConfig(), shipped_network())


@pytest.mark.slow
def test_the_sample_lesson(shared: Path) -> None:
    folder = shared / "samples/lesson60"
    result = judged_turns(folder / "front.mp4", film=True)
    assert role_accuracy(result.turns, read_rttm(folder / "turns.rttm"), 60.0) >= 0.92
    evidence = dict(result.evidence[0].features)
    assert {"talk_share", "score", "p_teacher"} <= evidence.keys()
    assert sum(v for k, v in evidence.items() if k.startswith("p_")) == pytest.approx(1, abs=0.01)


@pytest.mark.slow
def test_held_out_voices_in_conversation_have_no_teacher(shared: Path) -> None:
    material = load_material(shared / "data", "test")
    lesson = conversation(material, "talk", 3101, 90.0)
    result = assign_roles(lesson.known, SpeakersConfig(), shipped_network())
    assert {t.role for t in result.turns} == {SpeakerRole.UNKNOWN}
    assert len(result.issues) == 1


@pytest.mark.slow
def test_a_recorded_conversation_has_no_teacher(shared: Path) -> None:
    result = judged_turns(shared / "data/speech/pyannote_sample/sample.wav")
    spoken = _seconds(result.turns)
    assert spoken.get(T, 0.0) == 0.0
    assert len(result.issues) == 1


def _seconds(turns: tuple[Turn, ...]) -> dict[SpeakerRole, float]:
    found: dict[SpeakerRole, float] = {}
    for turn in turns:
        found[turn.role] = found.get(turn.role, 0.0) + turn.end_s - turn.start_s
    return found
