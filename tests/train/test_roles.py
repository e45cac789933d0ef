"""Lessons for fitting roles: truth, spoiling, and a network from a handful of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classwatch.config.schema import SpeakersConfig
from classwatch.core.events import Event, EventKind
from classwatch.core.motion import MOVERS, Mover
from classwatch.core.speech import (
    Origin,
    Segment,
    SoundKind,
    SoundSpan,
    SpeakerRole,
    Transcript,
    Turn,
)
from classwatch.core.time import intervals
from classwatch.speech.roles import assign_roles
from classwatch.train.roles.examples import (
    ROLES,
    confused,
    examples,
    misheard,
    misseen,
    true_roles,
)
from classwatch.train.roles.fit import fit
from classwatch.train.roles.lessons import HeardLesson, simulated_lesson, simulated_script
from classwatch.train.roles.moving import moving
from classwatch.train.sounds.material import load_material
from classwatch.train.sounds.mixed import mix_conversation
from tests.speech.test_roles import LESSON, cells

T, S = SpeakerRole.TEACHER, SpeakerRole.STUDENT


def lesson(shift_s: float = 0.0) -> HeardLesson:
    blocks = [(a + shift_s, b + shift_s, v) for a, b, v in LESSON]
    truth = tuple(Turn(a, b, T if v == 0 else S, str(v), 1.0) for a, b, v in blocks)
    said = ("为什么？", "因为", "因为")
    words = tuple(Segment(a, b, said[v], speaker="x") for a, b, v in blocks)
    hands = tuple(
        Event(EventKind.HAND_RAISED, a - 3.0, a, "student_cam", v, 1.0) for a, _, v in blocks if v
    )
    transcript = Transcript(words, "zh", Origin.ANNOTATED)
    return HeardLesson("a", cells(blocks), (), truth, 120.0, transcript, hands)


def talk() -> HeardLesson:
    blocks = [(k * 10.0, k * 10.0 + 9.0, k % 2) for k in range(12)]
    truth = tuple(Turn(a, b, SpeakerRole.UNKNOWN, str(v), 1.0) for a, b, v in blocks)
    return HeardLesson("talk", cells(blocks), (), truth, 120.0)


def test_true_roles_need_one_who_speaks_for_most_of_it() -> None:
    span = np.array([[0.0, 20.0], [21.0, 24.0], [15.0, 27.0], [100.0, 110.0], [20.0, 25.0]])
    found = [ROLES[k] if k >= 0 else None for k in true_roles(lesson(), span)]
    assert found == [T, S, T, None, S]


def test_spoilt_words_carry_no_labels_and_keep_their_times() -> None:
    words = lesson().transcript
    assert words is not None
    found = misheard(words, np.random.default_rng(1))
    assert found.origin is Origin.PREDICTED
    assert {s.speaker for s in found.segments} == {""}
    assert {(s.start_s, s.end_s) for s in found.segments} <= {(a, b) for a, b, _ in LESSON}


def test_kinds_of_sound_get_less_sure_of_single_voices_only() -> None:
    shares = (0.8, 0.1, 0.1, 0.0, 0.0, 0.0)
    spans = tuple(SoundSpan(a, b, SoundKind.VOICE, 0.8, shares) for a, b, _ in LESSON)
    crowd = SoundSpan(100.0, 110.0, SoundKind.CHORUS, 0.8, (0.1, 0.8, 0.1, 0.0, 0.0, 0.0))
    made = lesson()
    truth = (*made.truth, Turn(100.0, 110.0, SpeakerRole.CHORAL, "", 1.0))
    made = replace(made, truth=truth, sounds=(*spans, crowd))
    lowest = []
    for seed in range(40):
        found = list(confused(made, np.random.default_rng(seed)))
        assert found[-1] == crowd
        assert [sum(span.shares) for span in found] == pytest.approx([1.0] * len(found))
        # A voice sounds the same wherever it speaks: turns 0, 2, 4 and 6 are the teacher's.
        assert len({span.shares for span in found[0:7:2]}) == 1
        lowest.append(found[0].share(SoundKind.VOICE))
    assert max(lowest) == pytest.approx(0.8)
    assert 0.5 * 0.8 < min(lowest) < 0.7


def test_spoilt_events_lose_about_a_third_of_the_hands_and_invent_some() -> None:
    many = tuple(Event(EventKind.HAND_RAISED, k, k + 2.0, "c", 0, 1.0) for k in range(0, 3000, 3))
    found = list(misseen(many, 3000.0, np.random.default_rng(1)))
    real = [e for e in found if e.confidence == 1.0]
    assert 0.6 * len(many) < len(real) < 0.7 * len(many)
    assert any(e.confidence < 1.0 for e in found)
    assert all(e.end_s > e.start_s >= 0.0 for e in found)


def test_a_network_from_a_few_lessons_tells_who_is_who() -> None:
    made = [lesson(float(k)) for k in range(8)]
    own = list(examples(made[0], 0))
    assert {ROLES[k] for part in own for k in part.role} == {T, S}
    network = fit([*made, *[talk()] * 3], hidden=8)
    turns = assign_roles(lesson(9.0).known, SpeakersConfig(), network).turns
    assert [t.role for t in turns] == [T, S, T, S, T, S, T]
    assert {t.role for t in assign_roles(talk().known, SpeakersConfig(), network).turns} == {
        SpeakerRole.UNKNOWN
    }
    assert [t.speaker for t in turns] == ["T", "S1", "T", "S2", "T", "S1", "T"]


def test_murmurs_are_not_scored() -> None:
    made = replace(lesson(0.0), murmurs=intervals([(2.0, 3.5)]))
    assert made.scored.tolist() == [[0.0, 2.0], [3.5, made.duration_s]]
    assert lesson(0.0).scored.tolist() == [[0.0, made.duration_s]]


def test_half_of_the_simulated_lessons_have_another_adult() -> None:
    scripts = [simulated_script(seed, 2.0) for seed in range(5000, 5008)]
    visited = [s for s in scripts if any(u.speaker == "A" for u in s.utterances)]
    assert 2 <= len(visited) <= 6
    assert simulated_script(5000, 2.0) == scripts[0]


@pytest.mark.slow
def test_a_simulated_lesson_knows_words_and_events() -> None:
    made = simulated_lesson(7100, 1.0)
    assert made.transcript is not None
    assert made.events is not None
    assert made.voices.voice_count >= 1
    assert {t.role for t in made.truth} >= {T}
    assert {e.kind for e in made.events} & {EventKind.TEACHER_FRONT}


@pytest.mark.slow
def test_nobody_teaches_in_a_conversation(shared: Path) -> None:
    material = load_material(shared / "data", "test")
    made = mix_conversation(material, 1, 30.0)
    assert {t.role for t in made.turns} == {SpeakerRole.UNKNOWN}
    assert 2 <= len({t.speaker for t in made.turns}) <= 5
    np.testing.assert_array_equal(made.samples, mix_conversation(material, 1, 30.0).samples)


def test_drawn_movement_follows_talk_only_where_it_can_be_seen() -> None:
    one = lesson()
    assert one.events is not None
    standing = tuple(replace(e, kind=EventKind.STANDING) for e in one.events)
    board = Event(EventKind.TEACHER_AT_BOARD, 0.0, 40.0, "teacher_cam", -1, 1.0)
    gone = Event(EventKind.TEACHER_NOT_VISIBLE, 40.0, 60.0, "teacher_cam", -1, 1.0)
    teacher, student = MOVERS.index(Mover.TEACHER), MOVERS.index(Mover.STUDENT)
    more = []
    for seed in range(30):
        front, of_class = moving(
            one.truth, [*standing, board, gone], 120.0, np.random.default_rng(seed)
        )
        assert np.isnan(front.mouth[front.times_s < 60.0, teacher]).all()
        away = (front.times_s >= 40.0) & (front.times_s < 60.0)
        assert np.isnan(front.arms[away, teacher]).all()
        stands = np.isfinite(of_class.arms[:, student])
        assert stands.sum() <= sum(e.end_s - e.start_s for e in standing) + len(standing)
        talks = np.array(
            [
                any(t.role is T and t.start_s < x <= t.end_s for t in one.truth)
                for x in front.times_s
            ]
        )
        arms = front.arms[:, teacher]
        seen = np.isfinite(arms)
        more.append(float(np.log(arms[seen & talks]).mean() - np.log(arms[seen & ~talks]).mean()))
    # Hands that rest and cameras that follow somebody else are among them, lively ones too.
    assert np.mean(more) > 0.2
    assert min(more) < 0.2
    assert max(more) > 0.6
