"""Evidence of turns against counts made by hand, with words and pictures or without."""

from __future__ import annotations

import numpy as np
import pytest

from classwatch.config.schema import SpeakersConfig
from classwatch.core.events import Event, EventKind
from classwatch.core.speech import (
    Origin,
    Segment,
    SoundKind,
    SoundSpan,
    SpeakerRole,
    Transcript,
)
from classwatch.speech.role_units import NAMES, PICTURE, WORDS
from classwatch.speech.roles import Evidence, RoleInput, gather
from tests.speech.test_roles import LESSON, cells


def evidence(heard: RoleInput) -> Evidence:
    return gather(heard, SpeakersConfig())


def column(found: Evidence, name: str) -> list[float]:
    return [round(float(x), 3) for x in found.features[:, NAMES.index(name)]]


def event(kind: EventKind, start_s: float, end_s: float) -> Event:
    return Event(kind, start_s, end_s, "student_cam", 0, 0.9)


def test_a_unit_is_one_voice_in_one_stretch_of_speech() -> None:
    found = evidence(RoleInput(cells(LESSON)))
    assert found.units.span.tolist() == [[a, b] for a, b, _ in LESSON]
    assert found.units.voice.tolist() == [0, 1, 0, 2, 0, 1, 0]
    assert column(found, "main") == [1, 0, 1, 0, 1, 0, 1]
    assert column(found, "after_main") == [0, 1, 0, 1, 0, 1, 0]
    assert column(found, "length_log")[1] == pytest.approx(np.log1p(3.0), abs=1e-3)
    assert column(found, "gap_before_log")[1] == pytest.approx(np.log1p(1.0), abs=1e-3)


def test_without_words_and_pictures_nothing_is_said_of_them() -> None:
    found = evidence(RoleInput(cells(LESSON)))
    for name in (*WORDS, *PICTURE):
        assert not any(column(found, name)), name


def test_hands_and_standing_are_those_of_the_moment() -> None:
    events = (
        event(EventKind.HAND_RAISED, 18.0, 22.0),
        event(EventKind.HAND_RAISED, 30.0, 34.0),
        event(EventKind.STANDING, 22.0, 25.0),
        event(EventKind.TEACHER_FRONT, 0.0, 22.5),
        event(EventKind.TEACHER_AT_BOARD, 22.5, 99.0),
    )
    found = evidence(RoleInput(cells(LESSON), events=events))
    # The student's turn lasts from 21 to 24 s: one hand is up and comes down within 2 s.
    at = 1
    assert column(found, "pictured") == [1] * 7
    assert column(found, "hand_before")[at] == 1
    assert column(found, "hands_log")[at] == pytest.approx(np.log(2.0), abs=1e-3)
    assert column(found, "hand_falls")[at] == 1
    assert column(found, "standing")[at] == pytest.approx(2 / 3, abs=1e-3)
    assert column(found, "teacher_front")[at] == pytest.approx(0.5)
    assert column(found, "teacher_board")[at] == pytest.approx(0.5)
    # Before 46 s the last hand came down 12 s earlier.
    assert column(found, "hand_before")[3] == 0


def test_words_belong_to_the_turn_in_which_they_are_said() -> None:
    segments = (
        Segment(10.0, 20.0, "为什么呢？"),
        Segment(21.0, 24.0, "老师，因为它们相等。"),
        Segment(25.0, 45.0, "很好，请坐下。"),
        Segment(46.0, 50.0, "谁能回答？", suspect="repetition"),
    )
    transcript = Transcript(segments, "zh", Origin.PREDICTED)
    found = evidence(RoleInput(cells(LESSON), (), transcript))
    assert column(found, "worded") == [1, 1, 1, 0, 0, 0, 0]
    assert column(found, "question")[:3] == [1, 0, 0]
    assert column(found, "calls_teacher")[:3] == [0, 1, 0]
    assert column(found, "answers_question")[:3] == [0, 1, 0]
    assert column(found, "address")[:3] == [1, 0, 1]


def test_what_a_crowd_says_remembers_the_voice_that_clustering_heard() -> None:
    shares = (0.1, 0.5, 0.35, 0.0, 0.0, 0.05)
    span = SoundSpan(24.5, 30.0, SoundKind.CHORUS, 0.5, shares)
    found = evidence(RoleInput(cells(LESSON), (span,)))
    at = [n for n, role in enumerate(found.units.role) if role is SpeakerRole.CHORAL]
    assert len(at) == 1
    assert found.units.voice[at[0]] == 0
    assert column(found, "sound_babble")[at[0]] == pytest.approx(0.35)
    assert column(found, "taken_choral")[at[0]] == 1
    assert span.certainty == pytest.approx(0.85)


def test_a_voice_from_a_loudspeaker_leads_less() -> None:
    played = tuple(SoundSpan(a, b, SoundKind.MUSIC, 0.4, (0.1, 0, 0, 0.35, 0.4, 0.15))
                   for a, b, v in LESSON if v == 0)  # fmt: skip
    live = evidence(RoleInput(cells(LESSON)))
    heard = evidence(RoleInput(cells(LESSON), played))
    # 0.35 lies a quarter of the way from 0.2 to 0.8.
    assert heard.table.score[0] == pytest.approx(0.75 * live.table.score[0])
    assert heard.table.score[1] == pytest.approx(live.table.score[1])
