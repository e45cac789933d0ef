"""The shipped network: files, and roles of recorded voices that it was not fitted on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classwatch.config.schema import SpeakersConfig
from classwatch.core.errors import ModelError
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
    names = {"teacher": 0.0, "student": 0.0, "adult": 0.0, "choral": 1.0}
    judged = judge(constant(names), evidence.features, evidence.units)
    assert set(judged.role) == {SpeakerRole.UNKNOWN}
    np.testing.assert_allclose(judged.probability.sum(axis=1), 1.0)


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
