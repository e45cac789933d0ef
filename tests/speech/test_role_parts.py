"""Figures of parts of voices against counts made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from classwatch.core.speech import SoundKind, SoundSpan
from classwatch.speech.role_parts import PART, part_figures
from classwatch.speech.sound_roles import attribute
from classwatch.speech.speakers import VoiceTurns
from tests.speech.test_roles import cells

BLOCKS = [
    (0.0, 20.0, 0),
    (21.0, 24.0, 1),
    (25.0, 45.0, 0),
    # A visitor, whom clustering took for voice 0.
    (50.0, 60.0, 0),
    (61.0, 65.0, 1),
    (66.0, 76.0, 0),
    (80.0, 100.0, 0),
]
VISIT = (50.0, 76.0)
DISTANCE = np.array([[0.0, 3.0, 1.2], [3.0, 0.0, 2.5], [1.2, 2.5, 0.0]])


def lesson() -> VoiceTurns:
    voices = cells(BLOCKS)
    visit = (voices.span[:, 0] >= VISIT[0]) & (voices.span[:, 1] <= VISIT[1])
    part = np.where((voices.voice == 0) & visit, 2, voices.voice).astype(np.int32)
    level_db = np.where(part == 1, -31.0, -25.0)
    pitch_hz = np.where(part == 2, 100.0, 200.0)
    return replace(voices, part=part, part_distance=DISTANCE, level_db=level_db, pitch_hz=pitch_hz)


def figures(sounds: tuple[SoundSpan, ...] = ()) -> list[dict[str, float]]:
    voices = lesson()
    table = part_figures(attribute(voices, sounds), voices.voice == 0, sounds)
    return [dict(zip(PART, row, strict=True)) for row in table.tolist()]


def test_a_part_is_known_by_when_it_is_heard() -> None:
    teacher, student, visitor, nobody = figures()
    assert teacher["part_share"] == pytest.approx(60 / 87)
    assert visitor["part_share"] == pytest.approx(20 / 87)
    # Of the 24 s of talk from 50 to 76 s the visitor says 20; the teacher talks all the way.
    assert visitor["part_density"] == pytest.approx(20 / 24)
    assert teacher["part_density"] == pytest.approx(60 / 87)
    assert visitor["part_extent"] == pytest.approx(0.26)
    assert student["part_extent"] == pytest.approx(0.44)
    assert teacher["part_spread"] == pytest.approx(0.7)
    assert visitor["part_longest_log"] == pytest.approx(np.log(11.0))
    assert student["part_turns_log"] == pytest.approx(np.log(3.0))
    assert not any(nobody.values())


def test_a_part_is_told_against_the_largest_of_whoever_leads() -> None:
    teacher, student, visitor, _ = figures()
    assert [p["part_first"] for p in (teacher, student, visitor)] == [1, 0, 0]
    # Voice 0 leads, and the visitor was taken for it.
    assert [p["part_leads"] for p in (teacher, student, visitor)] == [1, 0, 1]
    assert [p["part_distance"] for p in (student, visitor)] == [3.0, 1.2]
    assert [p["part_nearest"] for p in (teacher, student, visitor)] == [1.2, 2.5, 1.2]
    assert student["part_level"] == pytest.approx(-0.6)
    assert [p["part_pitch"] for p in (student, visitor)] == pytest.approx([0.0, -1.0])
    # The student speaks twice, both times after and before voice 0.
    assert (student["part_beside_lead"], student["part_after_lead"]) == (1.0, 1.0)


def test_what_a_loudspeaker_says_counts_for_its_part() -> None:
    shares = (0.3, 0.0, 0.0, 0.6, 0.0, 0.1)
    played = SoundSpan(50.0, 60.0, SoundKind.PLAYBACK, 0.6, shares)
    _, student, visitor, _ = figures((played,))
    assert visitor["part_playback"] == pytest.approx(0.3)
    assert student["part_playback"] == 0.0
