"""Truth against times worked out by hand: no sound is made here, except for the playback."""

from __future__ import annotations

import numpy as np
import pytest

from classwatch.core.speech import Origin, SpeakerRole, Turn, Word
from classwatch.simulate.sound.playback import Played, PlayedText
from classwatch.simulate.sound.truth import (
    OtherKind,
    OtherSound,
    other_sounds,
    overlap,
    speech,
    transcript,
    turns,
)
from classwatch.simulate.timeline import Spoken, Timeline, resolve
from tests.simulate.sound.made import said, script

TEACHER, STUDENT = SpeakerRole.TEACHER, SpeakerRole.STUDENT


@pytest.fixture(scope="module")
def timeline() -> Timeline:
    """t 1-5 (a pause of 0.25 s and one of 0.5 s), s3 6-8, s1 7-9, chorus 10-12, a 13-14, t 20-."""
    lesson = script(
        utterances=[
            said("t", "好吗？", "u1", start=1.0),
            said("s3", "我会。", "u2", start=6.0),
            said("s1", "不对。", "u3", start=7.0),
            said("all_students", "六分之五。", "u4", start=10.0),
            said("a", "Very good.", "u5", start=13.0, language="en"),
            said("t", "下课。", "u6", start=20.0),
        ],
        murmurs=[{"start": 15.0, "end": 18.0}],
        playbacks=[{"start": 21.5, "end": 24.0, "text": "春天"}],
        end=24.0,
    )
    whole = {n: Spoken(d, ((0.0, d),)) for n, d in (("u2", 2.0), ("u3", 2.0), ("u4", 2.0))}
    words = (Word(0.0, 0.4, "好"), Word(0.4, 1.0, "吗"))
    paused = Spoken(4.0, ((0.0, 1.0), (1.25, 2.0), (2.5, 4.0)), words)
    spoken = {**whole, "u1": paused, "u5": Spoken(1.0, ((0.0, 1.0),))}
    return resolve(lesson, {**spoken, "u6": Spoken(1.0, ((0.0, 1.0),))})


@pytest.fixture(scope="module")
def played() -> tuple[Played, ...]:
    text = PlayedText(21.5, 23.0, "春天", "zh", (Word(21.5, 22.2, "春"),), ((21.5, 23.0),))
    return (Played(21.5, 24.0, np.zeros(10, np.float32), (text,)),)


def turn(start_s: float, end_s: float, role: SpeakerRole, name: str) -> Turn:
    return Turn(start_s, end_s, role, name, 1.0, Origin.ANNOTATED)


def test_turns_by_hand(timeline: Timeline, played: tuple[Played, ...]) -> None:
    assert turns(timeline, played) == (
        # 0.25 s of silence is joined, 0.5 s is not.
        turn(1.0, 3.0, TEACHER, "T"),
        turn(3.5, 5.0, TEACHER, "T"),
        turn(6.0, 8.0, STUDENT, "S1"),
        turn(7.0, 9.0, STUDENT, "S2"),
        turn(10.0, 12.0, SpeakerRole.CHORAL, ""),
        turn(13.0, 14.0, SpeakerRole.ADULT, "A1"),
        turn(20.0, 21.0, TEACHER, "T"),
        turn(21.5, 23.0, SpeakerRole.PLAYBACK, "P"),
    )
    assert turns(timeline) == turns(timeline, played)[:-1]


def test_names_are_anonymous(timeline: Timeline, played: tuple[Played, ...]) -> None:
    people = {p.id for p in timeline.script.people}
    assert not people & {t.speaker for t in turns(timeline, played)}
    assert not people & {s.speaker for s in transcript(timeline, played).segments}


def test_transcript_by_hand(timeline: Timeline, played: tuple[Played, ...]) -> None:
    written = transcript(timeline, played)
    assert (written.language, written.origin, written.model) == ("zh", Origin.ANNOTATED, "")
    assert [s.text for s in written.segments] == [
        "好吗？", "我会。", "不对。", "六分之五。", "Very good.", "下课。", "春天",
    ]  # fmt: skip
    first = written.segments[0]
    assert (first.start_s, first.end_s, first.role, first.speaker) == (1.0, 5.0, TEACHER, "T")
    assert first.words == (Word(1.0, 1.4, "好"), Word(1.4, 2.0, "吗"))
    assert [s.language for s in written.segments] == ["zh"] * 4 + ["en", "zh", "zh"]
    assert [s.role for s in written.segments[4:]] == [
        SpeakerRole.ADULT, TEACHER, SpeakerRole.PLAYBACK,
    ]  # fmt: skip


def test_speech_and_overlap_by_hand(timeline: Timeline, played: tuple[Played, ...]) -> None:
    expected = [[1, 2], [2.25, 3], [3.5, 5], [6, 9], [10, 12], [13, 14], [20, 21], [21.5, 23]]
    assert np.allclose(speech(timeline, played), expected)
    assert np.allclose(speech(timeline), expected[:-1])
    assert np.allclose(overlap(timeline, played), [[7.0, 8.0]])


def test_other_sounds_by_hand(timeline: Timeline) -> None:
    assert other_sounds(timeline) == (
        OtherSound(OtherKind.CHORAL, 10.0, 12.0),
        OtherSound(OtherKind.ADULT, 13.0, 14.0),
        OtherSound(OtherKind.MURMUR, 15.0, 18.0),
        OtherSound(OtherKind.PLAYBACK, 21.5, 24.0),
    )


def test_three_at_once_overlap_once() -> None:
    lesson = script(
        utterances=[said(f"s{i}", "好", f"u{i}", start=1.0 + i) for i in range(3)], end=8.0
    )
    timeline = resolve(lesson, {f"u{i}": Spoken(3.0, ((0.0, 3.0),)) for i in range(3)})
    # 1-4, 2-5, 3-6: at least two from 2 to 5.
    assert np.allclose(overlap(timeline), [[2.0, 5.0]])


def test_truth_ends_with_the_lesson() -> None:
    lesson = script(
        utterances=[said("t", "好吧", start=1.0)],
        murmurs=[{"start": 2.5, "end": 6.0}],
        end=4.0,
    )
    words = (Word(0.0, 1.5, "好"), Word(1.5, 3.0, "吧"))
    timeline = resolve(lesson, {"u1": Spoken(3.0, ((0.0, 3.0),), words)})
    assert turns(timeline) == (turn(1.0, 4.0, TEACHER, "T"),)
    assert np.allclose(speech(timeline), [[1.0, 4.0]])
    assert other_sounds(timeline) == (OtherSound(OtherKind.MURMUR, 2.5, 4.0),)
    (segment,) = transcript(timeline).segments
    assert (segment.start_s, segment.end_s, segment.text) == (1.0, 4.0, "好吧")


def test_a_silent_lesson() -> None:
    timeline = resolve(script(end=5.0), {})
    assert turns(timeline) == ()
    assert transcript(timeline).segments == ()
    assert speech(timeline).shape == overlap(timeline).shape == (0, 2)
