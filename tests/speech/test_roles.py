"""Roles from evidence: made voices with a known teacher, labels, and the sample lesson."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classwatch.config.schema import SpeakersConfig, VadConfig
from classwatch.core.labels import role_of_label
from classwatch.core.speech import (
    STUDENT_ROLES,
    Origin,
    Segment,
    SpeakerRole,
    Transcript,
    Turn,
)
from classwatch.speech.labels import assign_transcript_roles, turns_from_labels
from classwatch.speech.roles import RoleInput, RoleResult, assign_roles
from classwatch.speech.sound_classes import classify_sounds, speech_by_sound
from classwatch.speech.speakers import VoiceTurns, find_voices
from classwatch.speech.vad import detect_speech
from tests.speech.sounds import Reference, Samples, read_rttm, recording, sound_of_video

CFG = SpeakersConfig()
T, S, MANY, UNKNOWN = (
    SpeakerRole.TEACHER,
    SpeakerRole.STUDENT,
    SpeakerRole.STUDENTS,
    SpeakerRole.UNKNOWN,
)


def cells(blocks: list[tuple[float, float, int]], distance: np.ndarray | None = None) -> VoiceTurns:
    """Cells of 1 s from blocks (start_s, end_s, voice), each block one speech interval."""
    span, run, voice = [], [], []
    for number, (start_s, end_s, who) in enumerate(blocks):
        for at_s in np.arange(start_s, end_s, 1.0):
            span.append((at_s, min(at_s + 1.0, end_s)))
            run.append(number)
            voice.append(who)
    n, k = len(span), max(voice) + 1
    apart = np.full((k, k), 4.0) - 4.0 * np.eye(k) if distance is None else distance
    return VoiceTurns(
        span=np.array(span),
        run=np.array(run, np.int32),
        voice=np.array(voice, np.int32),
        certainty=np.ones(n),
        many=np.array(voice) < 0,
        pitch_hz=np.full(n, 200.0),
        level_db=np.full(n, -25.0),
        distance=apart,
        part=np.array(voice, np.int32),
        part_distance=apart,
    )


def decide(voices: VoiceTurns, transcript: Transcript | None = None) -> RoleResult:
    return assign_roles(RoleInput(voices, (), transcript), CFG)


LESSON = [
    (0.0, 20.0, 0),
    (21.0, 24.0, 1),
    (25.0, 45.0, 0),
    (46.0, 50.0, 2),
    (51.0, 70.0, 0),
    (71.0, 73.0, 1),
    (74.0, 99.0, 0),
]


def test_who_speaks_most_and_between_all_others_is_the_teacher() -> None:
    result = decide(cells(LESSON))
    assert [t.role for t in result.turns] == [T, S, T, S, T, S, T]
    assert [t.speaker for t in result.turns] == ["T", "S1", "T", "S2", "T", "S1", "T"]
    assert result.issues == ()
    assert all(0.5 <= t.confidence <= 1.0 for t in result.turns)


def test_evidence_holds_figures_that_can_be_checked_by_hand() -> None:
    evidence = {e.speaker: dict(e.features) for e in decide(cells(LESSON)).evidence}
    assert evidence["T"]["talk_share"] == pytest.approx(84 / 93, abs=1e-3)
    assert evidence["S2"]["talk_share"] == pytest.approx(4 / 93, abs=1e-3)
    # Six changes of speaker, all from or to the teacher; S2 takes part in two.
    assert evidence["T"]["change_share"] == pytest.approx(1.0)
    assert evidence["S2"]["change_share"] == pytest.approx(2 / 6, abs=1e-3)
    assert evidence["T"]["longest_turn"] == pytest.approx(1.0)
    assert evidence["S2"]["longest_turn"] == pytest.approx(4 / 25)
    assert evidence["S1"]["turns"] == 2


def test_two_equals_have_no_teacher() -> None:
    result = decide(cells([(k * 10.0, k * 10.0 + 9.0, k % 2) for k in range(10)]))
    assert {t.role for t in result.turns} == {UNKNOWN}
    assert [i.code for i in result.issues] == ["roles.no_clear_teacher"]


def test_words_break_the_tie() -> None:
    voices = cells([(k * 10.0, k * 10.0 + 9.0, k % 2) for k in range(12)])
    segments = tuple(
        Segment(k * 10.0, k * 10.0 + 9.0, "为什么呢？" if k % 2 else "因为它们相等。")
        for k in range(12)
    )
    result = decide(voices, Transcript(segments, "zh", Origin.PREDICTED))
    assert [t.role for t in result.turns[:4]] == [S, T, S, T]
    assert dict(result.evidence[1].features)["address_share"] == 1.0


def test_suspect_text_is_no_evidence() -> None:
    voices = cells([(k * 10.0, k * 10.0 + 9.0, k % 2) for k in range(12)])
    segments = tuple(
        Segment(k * 10.0, k * 10.0 + 9.0, "为什么呢？", suspect="repetition")
        for k in range(1, 12, 2)
    )
    result = decide(voices, Transcript(segments, "zh", Origin.PREDICTED))
    assert [i.code for i in result.issues] == ["roles.no_clear_teacher"]


def test_one_voice_alone_is_not_called_the_teacher() -> None:
    result = decide(cells([(0.0, 60.0, 0)]))
    assert {t.role for t in result.turns} == {UNKNOWN}
    assert [i.code for i in result.issues] == ["roles.one_voice"]


def test_a_voice_like_the_teachers_is_the_teachers() -> None:
    apart = np.array([[0.0, 4.0, 1.5], [4.0, 0.0, 4.0], [1.5, 4.0, 0.0]])
    result = decide(cells(LESSON, apart))
    assert [t.role for t in result.turns] == [T, S, T, T, T, S, T]


def test_several_at_once_and_pauses_end_turns() -> None:
    voices = cells([(0.0, 20.0, 0), (20.0, 23.0, -1), (24.0, 44.0, 0), (45.0, 47.0, 1)])
    turns = decide(voices).turns
    assert [(t.start_s, t.end_s, t.role) for t in turns] == [
        (0.0, 20.0, T),
        (20.0, 23.0, MANY),
        (24.0, 44.0, T),
        (45.0, 47.0, S),
    ]


def test_only_several_at_once() -> None:
    turns = decide(cells([(0.0, 5.0, -1)], np.zeros((0, 0)))).turns
    assert [t.role for t in turns] == [MANY]


def test_supplied_labels_win() -> None:
    segments = (
        Segment(5.0, 6.0, "是", speaker="生2"),
        Segment(0.0, 4.0, "好吗", speaker="老师"),
        Segment(7.0, 8.0, "对", speaker="生1"),
        Segment(8.0, 9.0, "对", speaker="生2"),
        Segment(9.0, 10.0, "春眠不觉晓", speaker="齐"),
        Segment(10.0, 11.0, "嗯", speaker="校长"),
    )
    transcript = Transcript(segments, "zh", Origin.SUPPLIED)
    result = decide(cells(LESSON), transcript)
    assert [(t.role, t.speaker) for t in result.turns] == [
        (T, "T"),
        (S, "S1"),
        (S, "S2"),
        (S, "S1"),
        (SpeakerRole.CHORAL, ""),
        (UNKNOWN, ""),
    ]
    assert {t.origin for t in result.turns} == {Origin.SUPPLIED}
    assert {t.confidence for t in result.turns} == {1.0}


def test_labels_that_name_no_role_leave_the_decision_to_the_voices() -> None:
    transcript = Transcript((Segment(0.0, 9.0, "a", speaker="Anna"),), "en", Origin.SUPPLIED)
    assert decide(cells(LESSON), transcript).turns[0].origin is Origin.PREDICTED


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("T", T),
        ("teacher", T),
        ("Teacher 1", T),
        ("老师", T),
        ("王老师", T),
        ("师：", T),
        ("教师", T),
        ("S1", S),
        ("s_r2c3", S),
        ("Student", S),
        ("student B", S),
        ("生", S),
        ("生3", S),
        ("同学甲", S),
        ("学生", S),
        ("齐", SpeakerRole.CHORAL),
        ("全体", MANY),
        ("students", MANY),
        ("Choral", SpeakerRole.CHORAL),
        ("all", MANY),
        ("Sarah", UNKNOWN),
        ("Tom", UNKNOWN),
        ("SPEAKER_00", UNKNOWN),
        ("", UNKNOWN),
        ("视频", SpeakerRole.PLAYBACK),
        ("听课教师", SpeakerRole.ADULT),
        ("助教", SpeakerRole.ADULT),
    ],
)
def test_labels(label: str, role: SpeakerRole) -> None:
    assert role_of_label(label) is role


def test_turns_from_labels_skip_doubted_and_empty_segments() -> None:
    segments = (
        Segment(0.0, 1.0, "字幕志愿者", speaker="T", suspect="credits"),
        Segment(2.0, 2.0, "a", speaker="T"),
        Segment(3.0, 4.0, "b"),
    )
    assert turns_from_labels(Transcript(segments, "en", Origin.SUPPLIED)) == ()


def test_segments_take_the_role_of_most_of_their_time() -> None:
    turns = (Turn(0.0, 4.0, T, "T", 1.0), Turn(4.0, 10.0, S, "S1", 1.0))
    segments = (
        Segment(8.0, 9.0, "c"),
        Segment(2.0, 5.0, "a"),
        Segment(3.0, 7.0, "b"),
        Segment(9.5, 12.0, "d"),
        Segment(20.0, 21.0, "e"),
        Segment(0.0, 1.0, "f", speaker="学生"),
    )
    roles = assign_transcript_roles(Transcript(segments, "en", Origin.PREDICTED), turns)
    assert [s.role for s in roles.segments] == [S, T, S, UNKNOWN, UNKNOWN, S]
    assert [s.text for s in roles.segments] == ["c", "a", "b", "d", "e", "f"]


ROLE_NUMBER = {T: 1, UNKNOWN: 3} | dict.fromkeys(STUDENT_ROLES, 2)


def hear(audio: Samples) -> RoleResult:
    found = detect_speech(audio, VadConfig())
    sounds = classify_sounds(audio, found)
    voices = find_voices(audio, speech_by_sound(found, sounds), CFG)
    return assign_roles(RoleInput(voices, sounds), CFG)


def role_accuracy(turns: tuple[Turn, ...], truth: list[Reference], end_s: float) -> float:
    """Share of reference speech under some turn that has the right one of teacher and pupils."""
    times_s = np.arange(0.0, end_s, 0.01) + 0.005
    said = np.zeros(len(times_s), int)
    heard = np.zeros(len(times_s), int)
    for reference in truth:
        here = (times_s >= reference.start_s) & (times_s < reference.end_s)
        said[here] = 1 if reference.speaker == "teacher" else 2
    for turn in turns:
        here = (times_s >= turn.start_s) & (times_s < turn.end_s)
        heard[here] = ROLE_NUMBER[turn.role]
    both = (said > 0) & (heard > 0)
    assert both.mean() > 0.5
    return float((said == heard)[both].mean())


def test_sample_lesson(shared: Path) -> None:
    folder = shared / "samples/lesson60"
    audio = sound_of_video(folder / "front.mp4")
    result = hear(audio)
    assert role_accuracy(result.turns, read_rttm(folder / "turns.rttm"), 60.0) >= 0.92
    assert any(t.role in (MANY, SpeakerRole.CHORAL) for t in result.turns)
    assert result.issues == ()


def test_teacher_and_pupil_of_real_voices(shared: Path) -> None:
    folder = shared / "data/speech"
    lecture = recording(folder / "mfa/wav/acoustic_corpus.wav").samples
    pause = 1e-4 * np.random.default_rng(2).standard_normal(11_200)
    parts, truth, at_s = [], [], 0.0
    for k in range(6):
        pupil = recording(folder / f"speechbrain/ASR/spk2_snt{k + 1}.wav").samples
        for who, sound in (("teacher", lecture[k * 70_000 : (k + 1) * 70_000]), ("pupil", pupil)):
            parts += [sound, pause]
            truth.append(Reference(at_s, at_s + len(sound) / 16_000, who))
            at_s += (len(sound) + len(pause)) / 16_000
    audio = Samples(np.concatenate(parts))
    result = hear(audio)
    assert result.issues == ()
    assert role_accuracy(result.turns, truth, at_s) >= 0.92


def test_a_conversation_of_equals_has_no_teacher(shared: Path) -> None:
    audio = recording(shared / "data/speech/pyannote_sample/sample.wav")
    result = hear(audio)
    assert {t.role for t in result.turns} == {UNKNOWN}
    assert len(result.issues) == 1
